/**
 * @file shell_terminal.h  A terminal of 80 columns and 24 rows, as much of one as the shell's line editor uses, and
 * what it must show.
 */
#ifndef SHELL_TERMINAL_H
#define SHELL_TERMINAL_H

#include <stddef.h>
#include <stdint.h>

#define TERMINAL_COLUMNS 80u
#define TERMINAL_ROWS    24u

struct terminal {
    uint32_t cell[TERMINAL_ROWS][TERMINAL_COLUMNS];     /* code points; 0: empty */
    unsigned row, column;
    unsigned beeps, rows_left;          /* counted */
    uint64_t bytes;
    const char *broken;                 /* what came that it does not know, or that terminals differ in */
    unsigned state, number;
    uint32_t code;
    unsigned more;                      /* bytes of the character that are still to come */
};

void terminal_write(void *terminal, const char *bytes, size_t count);

/** Does the cursor's row show @p prompt, the part of the line around its cursor, and nothing else?
 * @return NULL, or what is wrong */
const char *terminal_check(const struct terminal *t, const char *prompt, const char *line, size_t length,
                           size_t cursor);

/** The text of a row, ASCII only, without blanks at its end.  Overwritten by the next call. */
const char *terminal_row(const struct terminal *t, unsigned row);

#endif
