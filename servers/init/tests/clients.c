/** @file clients.c  Calls of several clients, and of one, while other things happen: over rings and registers as it comes. */
#include "children.h"

#define SEND ((uint64_t)XFER_NO_PARK)

/* Many children, one server of theirs: each gets its own answer. */
static void child_client(volatile struct shared *page)
{
    uint64_t good = 0;

    for (uint64_t i = 0; i < page->arg[2]; i++) {
        struct xfer x = { .dest = page->arg[0], .accept = page->arg[1], .tag = 2, .word = { page->arg[3], i } };
        struct ring ring = ring_at((void *)page->arg[4], 2);
        struct ring_message m;
        err_t err = park(&x);
        uint64_t id = x.word[0], count = x.word[1];
        while (err_root(err) == E_WOKEN) {
            if (ring_take(&ring, &m)) {
                id = m.word[0], count = m.word[1];
                err = OK;
                break;
            }
            (void)event_wait(page->arg[1], (uint64_t)XFER_NO_DEADLINE);
        }
        good += err_ok(err) && id == page->arg[3] && count == i + 1000;
    }
    page->result[0] = good;
    child_exit();
}

/* Waits in every way for words { client, n }, answers { client, n + 1000 } at arg[8 + client]. */
static void child_echo(volatile struct shared *page)
{
    struct ring ring = ring_at((void *)page->arg[0], 4);
    struct xfer x = { .accept = (uint64_t)XFER_ANY };

    for (uint64_t served = 0; served < page->arg[1];) {
        struct ring_message m;
        err_t err = OK;
        disable(frame_self());      /* before the look: what comes while enabled has its upcall, and does not wake again */
        const bool taken = ring_take(&ring, &m);
        if (taken) {
            x.word[0] = m.word[0], x.word[1] = m.word[1];
            enable(frame_self());
        } else {
            x = (struct xfer){ .accept = (uint64_t)XFER_ANY };
            err = park(&x);
        }
        if (!err_ok(err)) {
            continue;
        }
        struct xfer reply = { .dest = page->arg[8 + (x.word[0] & 7)], .accept = SEND, .tag = 2,
                              .word = { x.word[0], x.word[1] + 1000 } };
        page->result[1] |= sys_xfer(&reply).trail;
        page->result[0] = ++served;
    }
    child_exit();
}

/* An event that came while the caller was disabled: the message goes out, but the caller does not sleep on top of the
 * event.  Nobody ever answers: if it slept, it would until the deadline. */
static void child_swallows(volatile struct shared *page)
{
    const struct ring ring = ring_at((void *)page->arg[0], 2);
    struct ring_message m;

    for (;;) {
        struct xfer x = { .accept = (uint64_t)XFER_ANY };
        page->result[0] += err_ok(park(&x)) || ring_take(&ring, &m);
    }
}

static void call_with_event_pending(struct test *t)
{
    static struct proc server;
    struct proc_endpoint in, back;
    struct dispatcher_frame *self = frame_self();
    const cptr_t n = test_make(t, CAP_NOTIFY, 0, 1);

    if (!own_endpoint(t, &back, EVENT_TEST, 3) || !proc_make(t, &server, child_swallows) ||
        !proc_endpoint(&server, &in, 7, 2)) {
        return;
    }
    server.page->arg[0] = in.ring_va;
    MUST(t, dispatcher_start(server.disp));
    sys_yield();                        /* it parks */
    EXPECT_OK(t, notify_bind(n, TASK_DISPATCHER, EVENT_TEST + 1));
    struct xfer x = { .dest = mint_send(t, in.recv, RIGHT_WRITE, 1), .accept = EVENT_TEST, .tag = 2,
                      .deadline = hang_deadline() };
    const uint64_t deadline = x.deadline;
    disable(self);
    const err_t signalled = notify_signal(n);
    const err_t err = sys_xfer(&x);
    if (err_root(err) != E_WOKEN) {
        enable(self);
    }
    EXPECT_OK(t, signalled);
    EXPECT_ERR(t, err, E_WOKEN);
    CHECK(t, time_now() < deadline, "it slept");
    CHECK(t, event_take(self, EVENT_TEST + 1), "the event is lost");
    for (unsigned i = 0; i < 3; i++) {
        sys_yield();
    }
    CHECK_EQ(t, server.page->result[0], 1);
}

static void many_clients(struct test *t)
{
    enum { CLIENTS = 6, CALLS = 50 };
    static struct proc server, client[CLIENTS];
    struct proc_endpoint in;

    if (!proc_make(t, &server, child_echo) || !proc_endpoint(&server, &in, 7, 4)) {
        return;
    }
    server.page->arg[0] = in.ring_va;
    server.page->arg[1] = CLIENTS * CALLS;
    for (unsigned i = 0; i < CLIENTS; i++) {
        struct proc_endpoint back;
        if (!proc_make(t, &client[i], child_client) || !proc_endpoint(&client[i], &back, 9, 2)) {
            return;
        }
        client[i].page->arg[0] = proc_give_minted(&client[i], in.recv, RIGHT_WRITE, i + 1);
        client[i].page->arg[1] = 9;
        client[i].page->arg[2] = CALLS;
        client[i].page->arg[3] = i;
        client[i].page->arg[4] = back.ring_va;
        server.page->arg[8 + i] = proc_give_minted(&server, back.recv, RIGHT_WRITE, 1);
    }
    MUST(t, dispatcher_start(server.disp));
    for (unsigned i = 0; i < CLIENTS; i++) {
        MUST(t, dispatcher_start(client[i].disp));
    }
    for (unsigned i = 0; i < CLIENTS; i++) {
        if (proc_finish(&client[i])) {
            CHECK_EQ(t, client[i].page->result[0], CALLS);
        }
    }
    (void)proc_finish(&server);
    CHECK_EQ(t, server.page->result[0], CLIENTS * CALLS);
    CHECK_EQ(t, server.page->result[1], 0);
}

TEST_GROUP(clients, CASE(call_with_event_pending), CASE(many_clients));
