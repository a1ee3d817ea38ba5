/** @file shell_terminal.c  Contract in shell_terminal.h. */
#include "shell_terminal.h"

#include <stdbool.h>
#include <string.h>

static void line_feed(struct terminal *t)
{
    t->rows_left++;
    t->column = 0;                              /* the serial server sends CR LF */
    if (++t->row == TERMINAL_ROWS) {
        memmove(t->cell[0], t->cell[1], sizeof(t->cell[0]) * (TERMINAL_ROWS - 1));
        memset(t->cell[--t->row], 0, sizeof(t->cell[0]));
    }
}

static void show(struct terminal *t, uint32_t code)
{
    if (t->column + 1 >= TERMINAL_COLUMNS) {
        t->broken = "a character in the last column";
        return;
    }
    t->cell[t->row][t->column++] = code;
}

static void sequence(struct terminal *t, char final)
{
    const unsigned n = t->number ? t->number : 1;

    if (final == 'C' && t->column + n < TERMINAL_COLUMNS) {
        t->column += n;
    } else if (final == 'D' && t->column >= n) {
        t->column -= n;
    } else if (final == 'K' && t->number == 0) {
        memset(&t->cell[t->row][t->column], 0, sizeof(uint32_t) * (TERMINAL_COLUMNS - t->column));
    } else if (final == 'H' && t->number == 0) {
        t->row = t->column = 0;
    } else if (final == 'J' && t->number == 2) {
        memset(t->cell, 0, sizeof(t->cell));
    } else {
        t->broken = "an unknown sequence, or a movement beyond the edge";
    }
}

static void control(struct terminal *t, unsigned char byte)
{
    switch (byte) {
    case '\a': t->beeps++; break;
    case '\n': line_feed(t); break;
    case 27: t->state = 1; break;
    case '\b':
        if (t->column == 0) {
            t->broken = "a backspace in the first column";
        } else {
            t->column--;
        }
        break;
    default: t->broken = "an unknown control character";
    }
}

static void put(struct terminal *t, unsigned char byte)
{
    if (t->state == 1) {
        t->state = byte == '[' ? 2 : 0;
        t->number = 0;
        if (byte != '[') {
            t->broken = "an unknown escape sequence";
        }
    } else if (t->state == 2) {
        if (byte >= '0' && byte <= '9') {
            t->number = t->number * 10 + byte - '0';
        } else {
            t->state = 0;
            sequence(t, (char)byte);
        }
    } else if (t->more > 0) {
        t->code = t->code << 6 | (byte & 0x3f);
        if ((byte & 0xc0) != 0x80) {
            t->broken = "a character that is cut off";
        }
        if (--t->more == 0) {
            show(t, t->code);
        }
    } else if (byte < ' ') {
        control(t, byte);
    } else if (byte < 0x80) {
        show(t, byte);
    } else {
        t->more = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : 1;
        t->code = byte & (0x3fu >> t->more);
    }
}

void terminal_write(void *terminal, const char *bytes, size_t count)
{
    struct terminal *t = terminal;

    for (size_t i = 0; i < count; i++) {
        put(t, (unsigned char)bytes[i]);
    }
    t->bytes += count;
}

/* May a cell look like this for a code point?  Those of no column, or two, are question marks. */
static bool looks(uint32_t cell, uint32_t code)
{
    return cell == code || (code >= 0x80 && cell == '?');
}

/* Does the row show the line from character @p first on? */
static bool shows(const struct terminal *t, unsigned start, const uint32_t *code, unsigned count, unsigned first,
                  unsigned cursor)
{
    const unsigned cells = TERMINAL_COLUMNS - 1 - start;
    const uint32_t *row = t->cell[t->row] + start;

    if (cursor < first || t->column != start + cursor - first) {
        return false;
    }
    const bool cut_left = first > 0, cut_right = count - first > cells;
    const unsigned at = cursor - first;
    if ((cut_left && at == 0) || (cut_right && at + 1 >= cells)) {
        return false;                           /* the cursor would be on a mark */
    }
    for (unsigned i = 0; i < cells; i++) {
        uint32_t want = first + i < count ? code[first + i] : 0;
        want = cut_left && i == 0 ? '<' : cut_right && i == cells - 1 ? '>' : want;
        if (!looks(row[i], want)) {
            return false;
        }
    }
    return row[cells] == 0;
}

const char *terminal_check(const struct terminal *t, const char *prompt, const char *line, size_t length,
                           size_t cursor)
{
    static uint32_t code[8192];
    const unsigned start = (unsigned)strlen(prompt);
    unsigned count = 0, at = 0;

    if (t->broken) {
        return t->broken;
    }
    if (t->more > 0 || t->state != 0) {
        return "the output ends inside a character or a sequence";
    }
    for (size_t i = 0; i < length; i++) {
        const unsigned char byte = (unsigned char)line[i];
        at = i == cursor ? count : at;
        if ((byte & 0xc0) == 0x80) {
            code[count - 1] = code[count - 1] << 6 | (byte & 0x3f);
        } else {
            code[count++] = byte < 0x80 ? byte : byte >= 0xf0 ? byte & 7 : byte >= 0xe0 ? byte & 15 : byte & 31;
        }
    }
    at = cursor == length ? count : at;
    for (unsigned i = 0; i < start; i++) {
        if (t->cell[t->row][i] != (uint32_t)prompt[i]) {
            return "the prompt is not there";
        }
    }
    for (unsigned first = 0; first <= count; first++) {
        if (shows(t, start, code, count, first, at)) {
            const bool fits = count <= TERMINAL_COLUMNS - 1 - start;
            return fits && first > 0 ? "a line that fits is scrolled" : NULL;
        }
    }
    return "the row does not show the line and its cursor";
}

const char *terminal_row(const struct terminal *t, unsigned row)
{
    static char text[TERMINAL_COLUMNS + 1];
    unsigned end = 0;

    for (unsigned i = 0; i < TERMINAL_COLUMNS; i++) {
        text[i] = t->cell[row][i] ? (char)t->cell[row][i] : ' ';
        end = text[i] != ' ' ? i + 1 : end;
    }
    text[end] = '\0';
    return text;
}
