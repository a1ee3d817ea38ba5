/** @file clients.c  One server and many clients at once, over rings and registers as it comes. */
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
        if (ring_take(&ring, &m)) {
            x.word[0] = m.word[0], x.word[1] = m.word[1];
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

TEST_GROUP(clients, CASE(many_clients));
