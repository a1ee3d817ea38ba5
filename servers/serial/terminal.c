/** @file terminal.c  Contracts in terminal.h. */
#include "terminal.h"
#include <os/string.h>

#define ECHO_ROOM (2 * LINE_ECHO + 2)   /* every byte a newline, and one to begin with; its clients write before that */

void terminal_init(struct terminal *t)
{
    memset(t, 0, offsetof(struct terminal, in_byte));
    t->in = (struct bytes){ .byte = t->in_byte, .size = TERMINAL_IN };
    t->out = (struct bytes){ .byte = t->out_byte, .size = TERMINAL_OUT };
    t->output.wire = &t->out;
}

/* --- pages --- */

void terminal_add_page(struct terminal *t, char *page)
{
    memcpy(page, &t->pages, sizeof(t->pages));
    t->pages = page;
}

static char *take_page(struct terminal *t)
{
    char *const page = t->pages;

    if (page) {
        memcpy(&t->pages, page, sizeof(t->pages));
    }
    return page;
}

/* --- output --- */

bool terminal_room(const struct terminal *t)
{
    return bytes_room(&t->out) >= OUTPUT_ROOM + ECHO_ROOM;
}

bool terminal_write(struct terminal *t, struct client *c, const char *text, unsigned count)
{
    if (!terminal_room(t)) {
        return false;
    }
    if (count == 0) {
        output_flush(&t->output, &c->line);
    } else {
        output_write(&t->output, &c->line, text, count);
    }
    return true;
}

/* --- queue of readers --- */

static void join(struct terminal *t, struct client *c)
{
    if (c->reading) {
        return;
    }
    c->reading = true;
    c->interrupted = false;
    c->next = NULL;
    if (t->first) {
        t->last->next = c;
    } else {
        t->first = c;
    }
    t->last = c;
}

void terminal_leave(struct terminal *t, struct client *c)
{
    struct client *before = NULL;

    if (!c->reading) {
        return;
    }
    for (struct client *at = t->first; at != c; at = at->next) {
        before = at;
    }
    if (before) {
        before->next = c->next;
    } else {
        t->first = c->next;
    }
    if (t->last == c) {
        t->last = before;
    }
    c->reading = c->interrupted = false;
}

/* --- input --- */

void terminal_typed(struct terminal *t, char c)
{
    bytes_put(&t->in, (unsigned char)c);
}

/* Type for the reader @p c until its line is done.  @return false: no more input, or no room for the echo */
static bool edit(struct terminal *t, struct client *c)
{
    while (!t->line.done) {
        char echo[LINE_ECHO];
        unsigned count;

        if (bytes_room(&t->out) < ECHO_ROOM) {
            return false;
        }
        if (t->line.erasing) {
            count = line_erase(&t->line, echo);
        } else if (t->in.used == 0) {
            return false;
        } else {
            count = line_type(&t->line, (char)bytes_get(&t->in), echo);
        }
        output_now(&t->output, &c->line, echo, count);
    }
    return true;
}

static bool has_input(struct terminal *t, struct client *c)
{
    char unseen[LINE_ECHO];

    if (c->mode == SERIAL_LINES) {
        return edit(t, c);
    }
    while (t->line.erasing) {           /* its reader left before the screen had room */
        (void)line_erase(&t->line, unseen);
    }
    return t->line.done || t->line.length > 0 || t->in.used > 0;
}

struct client *terminal_next(struct terminal *t)
{
    for (struct client *c = t->first; c; c = c->next) {
        if (c->interrupted) {
            return c;
        }
    }
    if (t->holder) {
        return t->holder->reading ? t->holder : NULL;
    }
    return t->first && has_input(t, t->first) ? t->first : NULL;
}

/* What the client did not take of the line goes with it, if there is a page; else the line stays, and it the holder. */
static void keep_rest(struct terminal *t, struct client *c)
{
    if (line_left(&t->line) > 0) {
        c->rest = take_page(t);
        if (!c->rest) {
            t->holder = c;
            return;
        }
        c->rest_at = 0;
        c->rest_end = line_take(&t->line, c->rest, TERMINAL_PAGE);
    }
    t->holder = NULL;
    line_reset(&t->line);
}

static unsigned take_line(struct terminal *t, struct client *c, char *to, unsigned most)
{
    const unsigned count = line_take(&t->line, to, most);

    keep_rest(t, c);
    return count;
}

/* A line that another reader began comes first, as plain characters. */
static unsigned take_raw(struct terminal *t, char *to, unsigned most)
{
    unsigned count = line_take(&t->line, to, most);

    while (count < most && t->in.used > 0) {
        to[count++] = (char)bytes_get(&t->in);
    }
    return count;
}

static unsigned take_rest(struct terminal *t, struct client *c, char *to, unsigned most)
{
    const unsigned left = c->rest_end - c->rest_at, count = left < most ? left : most;

    memcpy(to, c->rest + c->rest_at, count);
    c->rest_at += count;
    if (c->rest_at == c->rest_end) {
        terminal_add_page(t, c->rest);
        c->rest = NULL;
    }
    return count;
}

enum terminal_read terminal_read(struct terminal *t, struct client *c, char *to, unsigned most, unsigned *count)
{
    if (c->interrupted) {
        terminal_leave(t, c);
        return TERMINAL_INTERRUPTED;
    }
    if (c->rest) {
        *count = take_rest(t, c, to, most);
        return TERMINAL_READ;
    }
    if (c->line.used > 0 && t->holder != c) {       /* who has the rest of a line at hand may still be writing one */
        if (!terminal_room(t)) {
            return TERMINAL_NO_ROOM;
        }
        output_flush(&t->output, &c->line);
    }
    join(t, c);
    if (terminal_next(t) != c) {
        return TERMINAL_LATER;
    }
    terminal_leave(t, c);
    *count = t->line.done ? take_line(t, c, to, most) : take_raw(t, to, most);
    return TERMINAL_READ;
}

bool terminal_close(struct terminal *t, struct client *c)
{
    terminal_leave(t, c);
    if (c->rest) {
        terminal_add_page(t, c->rest);
        c->rest = NULL;
    }
    if (t->holder == c) {
        t->holder = NULL;
        line_reset(&t->line);
    }
    if (c->line.used > 0 && !terminal_room(t)) {
        return false;
    }
    output_flush(&t->output, &c->line);
    output_forget(&t->output, &c->line);
    return true;
}

/* Shown where the typing was; without a reader, on the line that is there. */
static void show_interrupt(struct terminal *t)
{
    static const char mark[] = { '^', 'C' };

    if (bytes_room(&t->out) < ECHO_ROOM) {
        return;
    }
    if (t->first) {
        output_now(&t->output, &t->first->line, mark, sizeof(mark));
    } else {
        output_mark(&t->output, mark, sizeof(mark));
    }
}

void terminal_interrupt(struct terminal *t)
{
    show_interrupt(t);
    bytes_clear(&t->in);
    if (!t->holder) {
        line_reset(&t->line);
    }
    for (struct client *c = t->first; c; c = c->next) {
        c->interrupted = true;
    }
}
