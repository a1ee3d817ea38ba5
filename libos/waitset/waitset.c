/** @file waitset.c  States of channels, and waiting for events. */
#include <os/waitset.h>

/* --- lists --- */

static void append(struct waitset_list *list, struct waitset_chan *chan)
{
    chan->next = NULL;
    chan->previous = list->last;
    *(list->last ? &list->last->next : &list->first) = chan;
    list->last = chan;
}

static void take_out(struct waitset_list *list, struct waitset_chan *chan)
{
    *(chan->previous ? &chan->previous->next : &list->first) = chan->next;
    *(chan->next ? &chan->next->previous : &list->last) = chan->previous;
    chan->next = chan->previous = NULL;
}

static void move_to(struct waitset_chan *chan, enum waitset_state state)
{
    struct waitset *const ws = chan->waitset;

    if (chan->state != WAITSET_UNREGISTERED) {
        take_out(&ws->list[chan->state], chan);
    }
    chan->state = state;
    if (state == WAITSET_UNREGISTERED) {
        chan->waitset = NULL;
    } else {
        append(&ws->list[state], chan);
    }
}

/* --- channels --- */

err_t waitset_chan_register_entered(struct waitset *ws, struct waitset_chan *chan, struct event_closure closure)
{
    REQUIRE(chan->state == WAITSET_UNREGISTERED, E_WAITSET_STATE);
    REQUIRE(!ws->destroyed, E_WAITSET_DESTROYED);
    chan->waitset = ws;
    chan->closure = closure;
    chan->delivered = false;
    move_to(chan, chan->poll ? WAITSET_POLLED : WAITSET_IDLE);
    if (chan->poll && !ws->polling) {
        events_wake(&ws->threads, false);         /* one of those that sleep has to poll */
    }
    return OK;
}

err_t waitset_chan_deregister_entered(struct waitset_chan *chan)
{
    REQUIRE(chan->state != WAITSET_UNREGISTERED, E_WAITSET_STATE);
    move_to(chan, WAITSET_UNREGISTERED);
    return OK;
}

void waitset_chan_trigger_entered(struct waitset_chan *chan)
{
    if (chan->state != WAITSET_IDLE && chan->state != WAITSET_POLLED) {
        return;
    }
    move_to(chan, WAITSET_PENDING);
    events_wake(&chan->waitset->threads, false);
}

err_t waitset_chan_register(struct waitset *ws, struct waitset_chan *chan, struct event_closure closure)
{
    events_enter();
    const err_t err = waitset_chan_register_entered(ws, chan, closure);
    events_leave();
    return err;
}

err_t waitset_chan_deregister(struct waitset_chan *chan)
{
    events_enter();
    const err_t err = waitset_chan_deregister_entered(chan);
    events_leave();
    return err;
}

void waitset_chan_trigger(struct waitset_chan *chan)
{
    events_enter();
    waitset_chan_trigger_entered(chan);
    events_leave();
}

/* --- waiting --- */

static bool is_pending(const struct waitset *ws)
{
    return ws->list[WAITSET_PENDING].first != NULL;
}

static void poll_once(struct waitset *ws)
{
    for (struct waitset_chan *c = ws->list[WAITSET_POLLED].first, *next; c; c = next) {
        next = c->next;
        if (c->poll->poll(c)) {
            move_to(c, WAITSET_PENDING);
        }
    }
}

/* Nobody can sleep while a channel must be polled: ask all to be told instead. */
static void arm_all(struct waitset *ws)
{
    struct waitset_chan *c;

    while ((c = ws->list[WAITSET_POLLED].first) != NULL) {
        move_to(c, c->poll->arm(c) ? WAITSET_PENDING : WAITSET_IDLE);
    }
}

/* Poll for a while.  The lock is left between two looks, so that others get on. */
static void poll(struct waitset *ws)
{
    ws->polling = true;
    for (unsigned i = 0; i < WAITSET_POLLS && ws->list[WAITSET_POLLED].first && !is_pending(ws); i++) {
        poll_once(ws);
        events_leave();
        events_enter();
    }
    if (!is_pending(ws) && !ws->destroyed) {
        arm_all(ws);
    }
    ws->polling = false;
}

static struct event_closure deliver(struct waitset *ws)
{
    struct waitset_chan *const c = ws->list[WAITSET_PENDING].first;
    const struct event_closure closure = c->closure;

    move_to(c, WAITSET_UNREGISTERED);
    c->delivered = true;
    /* Wakes may have gone to a thread that found its event taken, and a poller may have stopped for this event. */
    if (is_pending(ws) || (ws->list[WAITSET_POLLED].first && !ws->polling)) {
        events_wake(&ws->threads, false);
    }
    return closure;
}

enum waiting { WAIT_FOR_EVENT, WAIT_ONCE };

/* With the events lock held. */
static err_t next_event(struct waitset *ws, struct event_closure *closure, uint64_t deadline, enum waiting waiting)
{
    for (;;) {
        REQUIRE(!ws->destroyed, E_WAITSET_DESTROYED);
        const uint64_t timer = waitset_expire(ws);
        if (deadline == 0 && !is_pending(ws)) {
            poll_once(ws);
        }
        if (is_pending(ws)) {
            *closure = deliver(ws);
            return OK;
        }
        REQUIRE(deadline != 0, E_WAITSET_EMPTY);
        REQUIRE(deadline == EVENTS_FOREVER || events_now() < deadline, E_TIMEOUT);
        if (ws->list[WAITSET_POLLED].first && !ws->polling) {
            poll(ws);
        } else {
            events_wait(&ws->threads, timer < deadline ? timer : deadline);
            if (waiting == WAIT_ONCE) {
                *closure = NOP_CONT;
                return OK;
            }
        }
    }
}

static err_t take_event(struct waitset *ws, struct event_closure *closure, uint64_t deadline, enum waiting waiting)
{
    events_enter();
    ws->waiting++;
    const err_t err = next_event(ws, closure, deadline, waiting);
    ws->waiting--;
    if (ws->destroyed) {
        events_wake(&ws->threads, true);          /* waitset_destroy() waits for the last */
    }
    events_leave();
    return err;
}

err_t get_next_event_until(struct waitset *ws, struct event_closure *closure, uint64_t deadline)
{
    return take_event(ws, closure, deadline, WAIT_FOR_EVENT);
}

err_t waitset_event_or_wake(struct waitset *ws, struct event_closure *closure)
{
    return take_event(ws, closure, EVENTS_FOREVER, WAIT_ONCE);
}

err_t get_next_event(struct waitset *ws, struct event_closure *closure)
{
    return get_next_event_until(ws, closure, EVENTS_FOREVER);
}

err_t check_for_event(struct waitset *ws, struct event_closure *closure)
{
    return get_next_event_until(ws, closure, 0);
}

err_t event_dispatch_until(struct waitset *ws, uint64_t deadline)
{
    struct event_closure event;

    TRY(get_next_event_until(ws, &event, deadline));
    if (event.handler) {
        event.handler(event.arg);
    }
    return OK;
}

err_t event_dispatch(struct waitset *ws)
{
    return event_dispatch_until(ws, EVENTS_FOREVER);
}

err_t event_dispatch_non_block(struct waitset *ws)
{
    return event_dispatch_until(ws, 0);
}

/* --- waitsets --- */

void waitset_init(struct waitset *ws)
{
    *ws = (struct waitset){ .timers = NULL };
}

err_t waitset_destroy(struct waitset *ws)
{
    events_enter();
    if (ws->destroyed) {
        events_leave();
        return ERR(E_WAITSET_DESTROYED);
    }
    ws->destroyed = 1;
    while (ws->timers) {
        waitset_forget_timer(ws->timers);
    }
    for (unsigned state = WAITSET_IDLE; state <= WAITSET_PENDING; state++) {
        while (ws->list[state].first) {
            move_to(ws->list[state].first, WAITSET_UNREGISTERED);
        }
    }
    events_wake(&ws->threads, true);
    while (ws->waiting) {
        events_wait(&ws->threads, EVENTS_FOREVER);
    }
    events_leave();
    return OK;
}

struct waitset *get_default_waitset(void)
{
    static struct waitset the_default;

    return &the_default;
}
