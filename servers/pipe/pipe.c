/** @file pipe.c  Contracts in pipe.h. */
#include "pipe.h"
#include <os/string.h>

void pipe_join(struct pipe *p, struct waiter *w, enum pipe_end end)
{
    *w = (struct waiter){ .pipe = p, .next = p->waiters, .end = end };
    p->waiters = w;
}

void pipe_leave(struct waiter *w)
{
    if (!w->pipe) {
        return;
    }
    struct waiter **link = &w->pipe->waiters;
    while (*link != w) {
        link = &(*link)->next;
    }
    *link = w->next;
    *w = (struct waiter){ .pipe = NULL };
}

/* Who waits longest at @p end. */
static struct waiter *first(const struct pipe *p, enum pipe_end end)
{
    struct waiter *best = NULL;

    for (struct waiter *w = p->waiters; w; w = w->next) {
        if (w->end == end && w->ticket && (!best || w->ticket < best->ticket)) {
            best = w;
        }
    }
    return best;
}

static bool may_read(const struct pipe *p)
{
    return p->used > 0 || !p->held[PIPE_WRITE];
}

static bool may_write(const struct pipe *p, uint32_t bytes)
{
    return bytes <= PIPE_BYTES - p->used || !p->held[PIPE_READ];
}

static enum pipe_result wait(struct waiter *w)
{
    if (!w->ticket) {
        w->ticket = ++w->pipe->tickets;
    }
    return PIPE_LATER;
}

/* Is it somebody else's turn? */
static bool behind(const struct waiter *w)
{
    const struct waiter *const other = first(w->pipe, w->end);

    return other && other != w;
}

enum pipe_result pipe_read(struct waiter *w, char *to, uint32_t most, uint32_t *count)
{
    struct pipe *const p = w->pipe;

    if (w->end != PIPE_READ) {
        return PIPE_WRONG_END;
    }
    if (behind(w) || !may_read(p)) {
        return wait(w);
    }
    w->ticket = 0;
    *count = most < p->used ? most : p->used;
    for (uint32_t left = *count; left > 0;) {
        const uint32_t at = p->first % PIPE_PAGE, rest = PIPE_PAGE - at, part = left < rest ? left : rest;
        memcpy(to, p->page[p->first / PIPE_PAGE] + at, part);
        to += part;
        left -= part;
        p->first = (p->first + part) % PIPE_BYTES;
    }
    p->used -= *count;
    return PIPE_DONE;
}

enum pipe_result pipe_write(struct waiter *w, const char *from, uint32_t bytes)
{
    struct pipe *const p = w->pipe;

    if (w->end != PIPE_WRITE) {
        return PIPE_WRONG_END;
    }
    if (!p->held[PIPE_READ]) {
        w->ticket = 0;
        return PIPE_NO_READER;
    }
    w->room = bytes;
    if (behind(w) || !may_write(p, bytes)) {
        return wait(w);
    }
    w->ticket = 0;
    for (uint32_t to = (p->first + p->used) % PIPE_BYTES, left = bytes; left > 0;) {
        const uint32_t at = to % PIPE_PAGE, rest = PIPE_PAGE - at, part = left < rest ? left : rest;
        memcpy(p->page[to / PIPE_PAGE] + at, from, part);
        from += part;
        left -= part;
        to = (to + part) % PIPE_BYTES;
    }
    p->used += bytes;
    return PIPE_DONE;
}

struct waiter *pipe_next(const struct pipe *p)
{
    struct waiter *const reader = first(p, PIPE_READ), *const writer = first(p, PIPE_WRITE);

    if (reader && may_read(p)) {
        return reader;
    }
    return writer && may_write(p, writer->room) ? writer : NULL;
}
