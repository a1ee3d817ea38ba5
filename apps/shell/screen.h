/**
 * @file screen.h  One row of a terminal: what it should show is compared with what it shows, the difference is sent.
 *
 * Only relative movements are used, so the row need not begin in the terminal's first column.  Of ECMA-48 it uses CUF,
 * CUB and EL.
 */
#ifndef SHELL_SCREEN_H
#define SHELL_SCREEN_H

#include <stddef.h>

#define SCREEN_COLUMNS 80u
#define ROW_CELLS      (SCREEN_COLUMNS - 1)     /* the last column stays empty: terminals differ in what follows it */

/** Where bytes for the terminal are collected. */
struct sink {
    void (*write)(void *state, const char *bytes, size_t count);
    void *state;
    size_t used;
    char text[256];
};

void sink_put(struct sink *s, const char *bytes, size_t count);
void sink_text(struct sink *s, const char *text);
void sink_flush(struct sink *s);

struct cell {
    unsigned char bytes;
    char text[4];
};

struct row {
    unsigned cells;             /**< in use; those behind them are empty                                              */
    unsigned cursor;            /**< 0 to ROW_CELLS                                                                   */
    struct cell cell[ROW_CELLS];
};

/** Append a character of UTF-8.  One that may take no column or two of some terminal becomes a question mark.
 *  A row that is full stays as it is. */
void row_add(struct row *row, const char *text, size_t bytes);

/** Make the terminal, which shows @p shown, show @p wanted; *shown is *wanted then. */
void row_draw(struct row *shown, const struct row *wanted, struct sink *s);

#endif
