/** @file screen.c  Contract in screen.h. */
#include "screen.h"

#include <os/print.h>
#include <os/string.h>
#include <stdbool.h>
#include <stdint.h>

void sink_flush(struct sink *s)
{
    if (s->used > 0) {
        s->write(s->state, s->text, s->used);
        s->used = 0;
    }
}

void sink_put(struct sink *s, const char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (s->used == sizeof(s->text)) {
            sink_flush(s);
        }
        s->text[s->used++] = bytes[i];
    }
}

void sink_text(struct sink *s, const char *text)
{
    sink_put(s, text, strlen(text));
}

/* Blocks all of whose characters take one column everywhere, and go from left to right: Latin, Greek, Cyrillic,
 * Armenian, Georgian, punctuation, superscripts, currency, letterlike symbols, arrows, mathematics, box drawing.
 * Source: Unicode 15, EastAsianWidth.txt and the general categories Mn, Me, Cf. */
static const struct {
    uint32_t first, last;
} narrow[] = {
    { 0x20, 0x7e }, { 0xa0, 0xac }, { 0xae, 0x2ff }, { 0x370, 0x482 }, { 0x48a, 0x52f }, { 0x531, 0x58f },
    { 0x10a0, 0x10ff }, { 0x1e00, 0x1fff }, { 0x2010, 0x2027 }, { 0x2030, 0x205e }, { 0x2070, 0x20cf },
    { 0x2100, 0x22ff }, { 0x2500, 0x25fc },
};

static bool is_narrow(const char *text, size_t bytes)
{
    uint32_t code = (unsigned char)text[0];

    if (bytes > 1) {
        code &= 0x7fu >> bytes;
        for (size_t i = 1; i < bytes; i++) {
            code = code << 6 | ((unsigned char)text[i] & 0x3f);
        }
    }
    for (size_t i = 0; i < sizeof(narrow) / sizeof(narrow[0]); i++) {
        if (code >= narrow[i].first && code <= narrow[i].last) {
            return true;
        }
    }
    return false;
}

void row_add(struct row *row, const char *text, size_t bytes)
{
    if (row->cells == ROW_CELLS) {
        return;
    }
    struct cell *cell = &row->cell[row->cells++];
    if (bytes <= sizeof(cell->text) && is_narrow(text, bytes)) {
        memcpy(cell->text, text, bytes);
        cell->bytes = (unsigned char)bytes;
    } else {
        cell->text[0] = '?';
        cell->bytes = 1;
    }
}

static bool same(const struct cell *a, const struct cell *b)
{
    return a->bytes == b->bytes && memcmp(a->text, b->text, a->bytes) == 0;
}

static void move(struct row *shown, unsigned column, struct sink *s)
{
    const bool left = column < shown->cursor;
    const unsigned cells = left ? shown->cursor - column : column - shown->cursor;
    char sequence[16];

    if (left && cells <= 3) {
        sink_put(s, "\b\b\b", cells);
    } else if (cells > 0) {
        (void)format_text(sequence, sizeof(sequence), "\033[%u%c", cells, left ? 'D' : 'C');
        sink_text(s, sequence);
    }
    shown->cursor = column;
}

void row_draw(struct row *shown, const struct row *wanted, struct sink *s)
{
    const unsigned both = shown->cells < wanted->cells ? shown->cells : wanted->cells;
    unsigned first = 0, end = wanted->cells;

    while (first < both && same(&shown->cell[first], &wanted->cell[first])) {
        first++;
    }
    while (end > first && end <= shown->cells && same(&shown->cell[end - 1], &wanted->cell[end - 1])) {
        end--;
    }
    if (first < end) {
        move(shown, first, s);
        for (unsigned i = first; i < end; i++) {
            sink_put(s, wanted->cell[i].text, wanted->cell[i].bytes);
        }
        shown->cursor = end;
    }
    if (shown->cells > wanted->cells) {
        move(shown, wanted->cells, s);
        sink_text(s, "\033[K");
    }
    move(shown, wanted->cursor, s);
    *shown = *wanted;
}
