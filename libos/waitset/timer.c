/** @file timer.c  Deferred closures: the timers of a waitset are a pairing heap, so a waiting thread sees the
 *  earliest. */
#include <os/waitset.h>

static void put_at(struct deferred_event **link, struct deferred_event *e)
{
    *link = e;
    if (e) {
        e->link = link;
    }
}

/* Two heaps become one.  Neither has siblings. */
static struct deferred_event *meld(struct deferred_event *a, struct deferred_event *b)
{
    if (!a || !b) {
        return a ? a : b;
    }
    if (b->when < a->when) {
        struct deferred_event *const first = b;
        b = a;
        a = first;
    }
    put_at(&b->sibling, a->child);
    put_at(&a->child, b);
    return a;
}

/* Children of a node that goes: meld in pairs from the first to the last, then all of them from the last to the
 * first. */
static struct deferred_event *meld_all(struct deferred_event *first)
{
    struct deferred_event *pairs = NULL, *all = NULL;

    while (first) {
        struct deferred_event *const a = first, *const b = a->sibling;
        first = b ? b->sibling : NULL;
        a->sibling = NULL;
        if (b) {
            b->sibling = NULL;
        }
        struct deferred_event *const pair = meld(a, b);
        pair->sibling = pairs;
        pairs = pair;
    }
    while (pairs) {
        struct deferred_event *const pair = pairs;
        pairs = pair->sibling;
        pair->sibling = NULL;
        all = meld(all, pair);
    }
    return all;
}

static void insert(struct deferred_event **root, struct deferred_event *e)
{
    put_at(root, meld(*root, e));
}

void waitset_forget_timer(struct deferred_event *e)
{
    if (!e->link) {
        return;
    }
    struct deferred_event **const place = e->link;
    struct deferred_event *const sibling = e->sibling, *rest = meld_all(e->child);

    /* The children are all later than the place's parent, so they may stand there. */
    put_at(place, rest ? rest : sibling);
    if (rest) {
        put_at(&rest->sibling, sibling);
    }
    e->link = NULL;
    e->child = e->sibling = NULL;
}

uint64_t waitset_expire(struct waitset *ws)
{
    if (!ws->timers) {
        return EVENTS_FOREVER;
    }
    for (const uint64_t now = events_now(); ws->timers && ws->timers->when <= now;) {
        struct deferred_event *const due = ws->timers;
        waitset_forget_timer(due);
        waitset_chan_trigger_entered(&due->chan);
    }
    return ws->timers ? ws->timers->when : EVENTS_FOREVER;
}

err_t deferred_event_set(struct deferred_event *event, struct waitset *ws, uint64_t when, struct event_closure closure)
{
    events_enter();
    const err_t err = waitset_chan_register_entered(ws, &event->chan, closure);
    if (err_ok(err)) {
        event->when = when;
        event->child = event->sibling = NULL;
        insert(&ws->timers, event);
        if (ws->timers == event) {
            events_wake(&ws->threads, true);      /* those that sleep do so until a later one */
        }
    }
    events_leave();
    return err;
}

err_t deferred_event_cancel(struct deferred_event *event)
{
    events_enter();
    waitset_forget_timer(event);
    const err_t err = waitset_chan_deregister_entered(&event->chan);
    events_leave();
    return err;
}
