/**
 * @file editor.h  A line editor: bytes of a terminal in, a line and what the terminal shows out.  No system calls.
 * A newline that is sent goes to the next row's beginning, as the serial server sees to.
 *
 * E1  The line is UTF-8 of printable characters, never longer than EDITOR_LINE_BYTES; cursor and first lie between
 *     characters, first <= cursor.
 * E2  After each byte the terminal's row shows the prompt, then the line from `first` on, as far as it fits; `<` and
 *     `>` stand for what does not.  The cursor is where the next character goes.
 *
 * Output of others in between moves the row away from under the editor; Ctrl-L shows it anew.
 */
#ifndef SHELL_EDITOR_H
#define SHELL_EDITOR_H

#include "complete.h"
#include "history.h"
#include "keys.h"
#include "screen.h"

#define EDITOR_LINE_BYTES  4096u
#define EDITOR_PROMPT_MAX  32u      /* columns, so that enough are left for the line */

enum editor_result {
    EDITOR_MORE,
    EDITOR_LINE,                    /**< editor.line, of editor.length bytes, is complete; the cursor is on a new row */
    EDITOR_END,                     /**< Ctrl-D on an empty line; the same                                            */
};

struct editor {
    const char *prompt;             /**< ASCII                                                                        */
    const struct history *history;  /**< the latest line is the first one that KEY_UP shows                           */
    candidate_fn candidate;
    void *candidate_state;
    struct sink out;

    struct key_reader keys;
    unsigned tabs;                  /**< pressed one after another without effect                                     */
    unsigned back;                  /**< 0: the line is new; else history_line(back - 1) was its beginning            */
    struct row shown;
    size_t length, cursor, first, kept_length;
    char line[EDITOR_LINE_BYTES];
    char kept[EDITOR_LINE_BYTES];   /**< the new line while older ones are shown                                      */
};

/** All is borrowed; the rest of *e is zero.  @p prompt: at most EDITOR_PROMPT_MAX characters. */
void editor_init(struct editor *e, const char *prompt, const struct history *history, candidate_fn candidate,
                 void *candidate_state, void (*write)(void *state, const char *bytes, size_t count), void *write_state);

/** Show the prompt where the terminal's cursor is, and begin a line. */
void editor_begin(struct editor *e);

/** Take one byte.  After EDITOR_LINE or EDITOR_END the next call is editor_begin().
 *  Cost: O(columns), and that of moving the rest of the line; a completion's: O(candidates^2) */
enum editor_result editor_take(struct editor *e, unsigned char byte);

/** Ctrl-C was pressed, and did not come as a byte: whoever told us has shown ^C where the cursor was.  The line is
 *  abandoned; a new one has begun. */
void editor_interrupt(struct editor *e);

#endif
