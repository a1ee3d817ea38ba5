/**
 * @file serial_screen.h  One line of a screen, as a terminal shows what a server echoes.
 */
#ifndef SERIAL_SCREEN_H
#define SERIAL_SCREEN_H

#include <stdbool.h>
#include <string.h>

#define SCREEN_COLUMNS 9000u

struct screen {
    char cell[SCREEN_COLUMNS];      /* the first byte of the character in each column */
    unsigned cursor, beeps;
    bool ended, wrong;              /* a new line was begun; the cursor left the line, or something is unknown */
};

static inline void screen_show(struct screen *s, const char *text, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        const unsigned char c = (unsigned char)text[i];
        if (c == '\b') {
            s->wrong |= s->cursor == 0;
            s->cursor -= s->cursor > 0;
        } else if (c == '\n') {
            s->ended = true;
        } else if (c == 7) {
            s->beeps++;
        } else if ((c & 0xc0) == 0x80) {
            continue;               /* belongs to the character before */
        } else {
            s->wrong |= c < ' ' || s->cursor == SCREEN_COLUMNS;
            s->cell[s->cursor++] = (char)c;
        }
    }
}

/* What stands left of the cursor; right of it must be blank. */
static inline bool screen_shows(const struct screen *s, const char *text, unsigned columns)
{
    for (unsigned i = s->cursor; i < SCREEN_COLUMNS; i++) {
        if (s->cell[i] != ' ' && s->cell[i] != 0) {
            return false;
        }
    }
    return !s->wrong && s->cursor == columns && memcmp(s->cell, text, columns) == 0;
}

#endif
