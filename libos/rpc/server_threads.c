/**
 * @file server_threads.c  A server's step in a program with threads (os/rpc_lmp.h).
 *
 * There the run upcall takes the events, and calls their handlers: each session's says that it has something, and wakes the
 * server's thread if that waits here.
 */
#include <os/event.h>

#include "server_internal.h"

static struct {
    uint64_t posts;                 /* of any session's event; written disabled, or in the upcall */
    struct thread *waiting;         /* the server's thread, while it waits here and nowhere else */
} server_state;

const char os_rpc_server_threads_here = 1;

static void on_event(struct event_handler *handler)
{
    struct rpc_session *const s = (struct rpc_session *)((char *)handler - offsetof(struct rpc_session, handler));
    struct thread *const waiting = server_state.waiting;

    s->posted = true;
    server_state.posts++;
    if (waiting) {
        server_state.waiting = NULL;
        (void)thread_wake(waiting);
    }
}

/* If it cannot be registered, for want of memory, it is looked at in each step, as before. */
static void need_handler(struct rpc_session *s)
{
    if (!s->handler.fire) {
        s->handler = (struct event_handler){ .fire = on_event, .end = s->end.ring ? &s->end : NULL };
        s->posted = true;
        if (!err_ok(event_register(s->end.event, &s->handler))) {
            s->handler.fire = NULL;
        }
    }
}

static bool serve_posted(struct rpc_server *server)
{
    bool any = false;

    for (uint64_t event = 0; event < server->events; event++) {
        struct rpc_session *const s = server->session[event];
        if (!s) {
            continue;
        }
        need_handler(s);
        if (s->posted) {
            s->posted = false;      /* what comes from here on says so anew */
            rpc_server_drain(server, event);
            any = true;
        }
    }
    return any;
}

static void step(struct rpc_server *server, struct rpc_pending *pending)
{
    const uint64_t seen = *(const volatile uint64_t *)&server_state.posts;

    if (pending->to) {
        rpc_server_answer(server, pending);
    }
    if (serve_posted(server)) {
        return;
    }
    if (server->active) {           /* sessions of other links want to be looked at, so nobody sleeps */
        server->active->ops->round(server);
        return;
    }
    thread_disable();
    if (server_state.posts != seen) {
        thread_enable();
        return;
    }
    server_state.waiting = thread_self();
    (void)thread_block(BLOCKED_EVENT, NULL, server->deadline ? server->deadline : THREAD_NO_DEADLINE);
    server_state.waiting = NULL;
}

static bool step_threads(struct rpc_server *server, struct rpc_pending *pending)
{
    if (os_rpc_threads_started) {
        step(server, pending);
    }
    return os_rpc_threads_started;
}

bool (*const os_rpc_server_threads)(struct rpc_server *server, struct rpc_pending *pending) = step_threads;
