/** @file threads.c  Contract in threads.h; the server. */
#include "threads.h"
#include "tests/children.h"
#include <os/lmp.h>
#include <os/rpc.h>

#define EVENT_SERVER 8u
#define RING_LOG2    1u

/* enum call of apps/threadtest/calls.h */
enum { CALL_ADD = 1, CALL_HOLD = 2, CALL_STALE = 3, CALL_SLOW = 4, CALL_LEAVE = 5 };

/* A reply that goes out with the next park, so that it comes in registers; dest CPTR_NULL: none. */
struct owed {
    struct xfer x;
};

/* A reply too many finds the ring full until the client has run. */
static void send(volatile struct shared *page, const struct xfer *what)
{
    struct xfer x;
    err_t err;

    do {
        x = *what;
        x.accept = (uint64_t)XFER_NO_PARK;
        err = sys_xfer(&x);
        if (err_root(err) == E_FULL) {
            sys_yield();
        }
    } while (err_root(err) == E_FULL);
    page->result[THREADS_REFUSED] += !err_ok(err);
}

static void next_message(volatile struct shared *page, struct lmp_end *end, struct owed *owed, struct ring_message *m)
{
    struct dispatcher_frame *const frame = frame_self();

    for (;;) {
        const struct xfer answer = owed->x;
        struct xfer x = answer;                     /* what does not go out is overwritten all the same */
        owed->x.dest = CPTR_NULL;
        disable(frame);
        if (lmp_take(end, m)) {
            enable(frame);
            if (x.dest != CPTR_NULL) {
                send(page, &answer);
            }
            return;
        }
        x.accept = end->event;
        const err_t err = sys_xfer(&x);
        if (err_ok(err)) {
            enable(frame);
            m->tag = x.tag;
            for (unsigned i = 0; i < XFER_WORDS; i++) {
                m->word[i] = x.word[i];
            }
            return;
        }
        if (err_root(err) != E_WOKEN) {             /* nothing was sent, nor waited for */
            enable(frame);
            send(page, &answer);
        }
    }
}

static struct xfer reply(const struct lmp_end *end, const struct ring_message *m, int64_t token)
{
    struct xfer x = { .dest = end->send };

    x.tag = (m->tag | (uint64_t)RPC_REPLY << 8) + ((uint64_t)token << 24);
    for (unsigned i = 0; i < XFER_WORDS; i++) {
        x.word[i] = m->word[i] + 1;
    }
    return x;
}

static void serve(volatile struct shared *page, struct lmp_end *end, const struct ring_message *m, struct owed *owed)
{
    const unsigned number = m->tag >> 8 & 0xffff;

    if (number == CALL_STALE) {
        struct xfer x = reply(end, m, -1000000);
        send(page, &x);
    } else if (number == CALL_SLOW) {
        for (const uint64_t until = time_now() + m->word[0]; time_now() < until;) {
        }
    }
    if (owed->x.dest != CPTR_NULL) {
        send(page, &owed->x);
    }
    owed->x = reply(end, m, 0);
}

static void child_serves(volatile struct shared *page)
{
    struct lmp_end end = { .send = page->arg[0], .ring = (void *)page->arg[1], .mask = (1u << RING_LOG2) - 1,
                           .event = EVENT_SERVER };
    struct ring_message m, held = { 0 };
    struct owed owed = { 0 };

    for (;;) {
        next_message(page, &end, &owed, &m);
        const unsigned number = m.tag >> 8 & 0xffff;
        if (number == CALL_HOLD && !held.tag) {
            held = m;
            continue;
        }
        if (number == CALL_LEAVE) {
            page->result[THREADS_REFUSED] += !err_ok(cap_delete(CPTR_NULL, end.send));
            event_wait(EVENT_NONE + 9, (uint64_t)XFER_NO_DEADLINE);
        }
        serve(page, &end, &m, &owed);
        if (number == CALL_HOLD) {
            serve(page, &end, &held, &owed);
            held.tag = 0;
        }
    }
}

bool threads_start(struct test *t, struct threads *w, const char *name)
{
    return threads_start_with(t, w, name, child_serves, 0);
}

bool threads_start_with(struct test *t, struct threads *w, const char *name, child_fn server, uint64_t bits)
{
    const char *const argv[] = { "threadtest", name, NULL };

    if (!proc_make(t, &w->server, server) || !proc_endpoint(&w->server, &w->in, EVENT_SERVER, RING_LOG2) ||
        !program_build(t, &w->program, "threadtest", argv, 2, mint_send(t, w->in.recv, RIGHT_WRITE, 1))) {
        return false;
    }
    w->server.page->arg[0] =
        proc_give_minted(&w->server, spawn_slot(&w->program.spawn, PSLOT_PROC_RECV), RIGHT_WRITE, 1);
    w->server.page->arg[1] = w->in.ring_va;
    w->server.page->arg[2] = bits;
    const err_t err = dispatcher_start(w->server.disp);
    EXPECT_OK(t, err);
    return err_ok(err) && program_start(&w->program);
}
