/**
 * @file complete.h  Which word of a line is to be completed, and what with.
 */
#ifndef SHELL_COMPLETE_H
#define SHELL_COMPLETE_H

#include <stdbool.h>
#include <stddef.h>

/** Number @p index of the words that may stand where a command stands (@p command), or behind one; NULL: there are no
 *  more.  In any order, a word may come twice; it stays valid. */
typedef const char *(*candidate_fn)(void *state, bool command, unsigned index);

/** A question: all that begins with @p prefix. */
struct completion {
    candidate_fn candidate;
    void *state;
    bool command;
    const char *prefix;
    size_t bytes;
};

/** The word that ends at @p cursor: set prefix, bytes and command.  @return false: it has quotes or a backslash */
bool complete_word(struct completion *c, const char *line, size_t cursor);

#define COMPLETE_MOST 64u       /**< bytes of the longest word: one fits a row of the list */

/** In the order of bytes the first one behind @p after (NULL: of all); NULL: none.  Those that the command line would
 *  read as something else than one word, and too long ones, are left out.  Cost: O(candidates) */
const char *complete_next(const struct completion *c, const char *after);

/** How many bytes all of them have in common; 0 if there are none.  @p count: how many there are. */
size_t complete_common(const struct completion *c, unsigned *count);

#endif
