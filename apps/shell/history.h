/**
 * @file history.h  The lines that were typed, the latest ones that fit into 64 KiB.
 */
#ifndef SHELL_HISTORY_H
#define SHELL_HISTORY_H

#include <stddef.h>

#define HISTORY_BYTES 65536u

struct history {
    unsigned count;             /**< lines in text                                                                    */
    unsigned dropped;           /**< older ones that are gone                                                         */
    size_t used;
    char text[HISTORY_BYTES];   /**< oldest first, each with its terminator                                           */
};

/** Keep @p line, of @p bytes bytes without a zero, as the latest; the oldest ones make room.  Lines of blanks, one that
 *  repeats the latest, and one of more than HISTORY_BYTES - 1 bytes are not kept.  Cost: O(HISTORY_BYTES) */
void history_add(struct history *h, const char *line, size_t bytes);

/** The line @p back before the latest (0: the latest), terminated.  @return NULL: there is none.
 *  Cost: O(bytes from there to the end) */
const char *history_line(const struct history *h, unsigned back, size_t *bytes);

#endif
