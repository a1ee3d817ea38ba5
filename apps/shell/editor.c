/** @file editor.c  Contract in editor.h. */
#include "editor.h"

#include <os/string.h>

static void beep(struct editor *e)
{
    sink_text(&e->out, "\a");
}

/* --- the line --- */

static bool inside_character(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

static size_t after(const struct editor *e, size_t at)
{
    for (at += at < e->length; at < e->length && inside_character(e->line[at]); at++) {
    }
    return at;
}

static size_t before(const struct editor *e, size_t at)
{
    for (at -= at > 0; at > 0 && inside_character(e->line[at]); at--) {
    }
    return at;
}

/* Characters of [from, to), at most @p most. */
static unsigned characters(const struct editor *e, size_t from, size_t to, unsigned most)
{
    unsigned n = 0;

    for (; from < to && n < most; from = after(e, from)) {
        n++;
    }
    return n;
}

static void insert(struct editor *e, const char *text, size_t bytes)
{
    if (bytes > EDITOR_LINE_BYTES - e->length) {
        beep(e);
        return;
    }
    memmove(e->line + e->cursor + bytes, e->line + e->cursor, e->length - e->cursor);
    memcpy(e->line + e->cursor, text, bytes);
    e->length += bytes;
    e->cursor += bytes;
}

/* Remove [from, to), which the cursor is at one end of; beep if there is nothing. */
static void erase(struct editor *e, size_t from, size_t to)
{
    if (from == to) {
        beep(e);
    }
    memmove(e->line + from, e->line + to, e->length - to);
    e->length -= to - from;
    e->cursor = from;
}

static size_t word_start(const struct editor *e)
{
    size_t at = e->cursor;

    while (at > 0 && e->line[at - 1] == ' ') {
        at--;
    }
    while (at > 0 && e->line[at - 1] != ' ') {
        at--;
    }
    return at;
}

static void set_line(struct editor *e, const char *line, size_t bytes)
{
    e->length = bytes < EDITOR_LINE_BYTES ? bytes : EDITOR_LINE_BYTES;
    memcpy(e->line, line, e->length);
    e->cursor = e->length;
    e->first = 0;
}

static void older(struct editor *e)
{
    size_t bytes;
    const char *line = history_line(e->history, e->back, &bytes);

    if (!line) {
        beep(e);
        return;
    }
    if (e->back++ == 0) {
        memcpy(e->kept, e->line, e->length);
        e->kept_length = e->length;
    }
    set_line(e, line, bytes);
}

static void newer(struct editor *e)
{
    if (e->back == 0) {
        beep(e);
    } else if (--e->back == 0) {
        set_line(e, e->kept, e->kept_length);
    } else {
        size_t bytes;
        const char *line = history_line(e->history, e->back - 1, &bytes);
        set_line(e, line, bytes);
    }
}

/* --- what the terminal shows --- */

static unsigned room(const struct editor *e)
{
    return ROW_CELLS - (unsigned)strlen(e->prompt);
}

/* Choose `first` (E2): it stays while the cursor is on a cell that shows the line; else the cursor goes to the middle,
 * so that a line that is typed or pasted is not sent anew with each character. */
static void scroll(struct editor *e)
{
    const unsigned cells = room(e);

    if (characters(e, 0, e->length, cells + 1) <= cells) {
        e->first = 0;
        return;
    }
    if (e->first <= e->cursor) {
        const unsigned left = characters(e, e->first, e->cursor, cells + 1);
        const unsigned all = characters(e, e->first, e->length, cells + 1);
        if ((e->first == 0 || left > 0) && (all > cells ? left + 2 <= cells : e->first == 0 || all >= cells / 2)) {
            return;
        }
    }
    e->first = e->cursor;
    for (unsigned i = 0; i < cells / 2; i++) {
        e->first = before(e, e->first);
    }
}

static void draw(struct editor *e)
{
    struct row row = { .cells = 0 };

    scroll(e);
    for (const char *p = e->prompt; *p; p++) {
        row_add(&row, p, 1);
    }
    const unsigned start = row.cells;
    size_t at = e->first;
    for (; at < e->length && row.cells < ROW_CELLS; at = after(e, at)) {
        row_add(&row, e->line + at, after(e, at) - at);
    }
    if (at < e->length) {
        row.cell[ROW_CELLS - 1] = (struct cell){ .bytes = 1, .text = ">" };
    }
    if (e->first > 0) {
        row.cell[start] = (struct cell){ .bytes = 1, .text = "<" };
    }
    row.cursor = start + characters(e, e->first, e->cursor, ROW_CELLS);
    row_draw(&e->shown, &row, &e->out);
}

/* --- completion --- */

static void list(struct editor *e, const struct completion *c)
{
    size_t width = 0, column = 0;

    for (const char *word = complete_next(c, NULL); word; word = complete_next(c, word)) {
        const size_t length = strlen(word);
        width = length > width ? length : width;
    }
    for (const char *word = complete_next(c, NULL); word; word = complete_next(c, word)) {
        if (column == 0 || column + width > ROW_CELLS) {
            sink_text(&e->out, "\n");
            column = 0;
        }
        sink_text(&e->out, word);
        for (size_t i = strlen(word); i < width + 2; i++) {
            sink_text(&e->out, " ");
        }
        column += width + 2;
    }
    sink_text(&e->out, "\n");
    e->shown = (struct row){ .cells = 0 };
}

static void complete(struct editor *e)
{
    struct completion c = { .candidate = e->candidate, .state = e->candidate_state };
    unsigned count = 0;
    const size_t common = complete_word(&c, e->line, e->cursor) ? complete_common(&c, &count) : 0;

    if (count == 0) {
        beep(e);
        return;
    }
    const size_t length = e->length;
    insert(e, complete_next(&c, NULL) + c.bytes, common - c.bytes);
    if (count == 1) {
        insert(e, " ", 1);
    }
    if (e->length > length) {
        e->tabs = 0;
    } else if (e->tabs++ == 0) {
        beep(e);
    } else {
        list(e, &c);
    }
}

/* --- keys --- */

void editor_init(struct editor *e, const char *prompt, const struct history *history, candidate_fn candidate,
                 void *candidate_state, void (*write)(void *state, const char *bytes, size_t count), void *write_state)
{
    e->prompt = prompt;
    e->history = history;
    e->candidate = candidate;
    e->candidate_state = candidate_state;
    e->out.write = write;
    e->out.state = write_state;
}

void editor_begin(struct editor *e)
{
    e->length = e->cursor = e->first = 0;
    e->back = e->tabs = 0;
    e->shown = (struct row){ .cells = 0 };
    draw(e);
    sink_flush(&e->out);
}

/* Leave the row: what is typed next, or what a program prints, comes below it. */
static void leave(struct editor *e)
{
    e->cursor = e->length;
    draw(e);
    sink_text(&e->out, "\n");
}

static void abandon(struct editor *e)
{
    e->cursor = e->length;
    draw(e);
    struct row row = e->shown;
    row.cells = row.cells < ROW_CELLS - 2 ? row.cells : ROW_CELLS - 2;
    row_add(&row, "^", 1);
    row_add(&row, "C", 1);
    row.cursor = row.cells;
    row_draw(&e->shown, &row, &e->out);
    sink_text(&e->out, "\n");
    editor_begin(e);
}

static void clear(struct editor *e)
{
    sink_text(&e->out, "\033[H\033[2J");
    e->shown = (struct row){ .cells = 0 };
}

static void edit(struct editor *e, enum key key)
{
    switch (key) {
    case KEY_TEXT:       insert(e, e->keys.text, e->keys.bytes); break;
    case KEY_LEFT:       e->cursor = before(e, e->cursor); break;
    case KEY_RIGHT:      e->cursor = after(e, e->cursor); break;
    case KEY_HOME:       e->cursor = 0; break;
    case KEY_END:        e->cursor = e->length; break;
    case KEY_UP:         older(e); break;
    case KEY_DOWN:       newer(e); break;
    case KEY_CLOSE:
    case KEY_DELETE:     erase(e, e->cursor, after(e, e->cursor)); break;
    case KEY_BACKSPACE:  erase(e, before(e, e->cursor), e->cursor); break;
    case KEY_KILL_RIGHT: erase(e, e->cursor, e->length); break;
    case KEY_KILL_LEFT:  erase(e, 0, e->cursor); break;
    case KEY_KILL_WORD:  erase(e, word_start(e), e->cursor); break;
    case KEY_CLEAR:      clear(e); break;
    case KEY_COMPLETE:   complete(e); break;
    case KEY_INTERRUPT:  abandon(e); break;
    default: break;
    }
}

static enum editor_result take(struct editor *e, enum key key)
{
    if (key == KEY_ENTER || (key == KEY_CLOSE && e->length == 0)) {
        leave(e);
        return key == KEY_ENTER ? EDITOR_LINE : EDITOR_END;
    }
    if (key != KEY_COMPLETE && key != KEY_NONE) {
        e->tabs = 0;
    }
    edit(e, key);
    draw(e);
    return EDITOR_MORE;
}

void editor_interrupt(struct editor *e)
{
    e->keys = (struct key_reader){ .state = KEYS_PLAIN };
    sink_text(&e->out, "\n");
    editor_begin(e);
}

enum editor_result editor_take(struct editor *e, unsigned char byte)
{
    const enum editor_result result = take(e, key_take(&e->keys, byte));

    sink_flush(&e->out);
    return result;
}
