/* rpc_ump_client_test.c  A client with one thread: what ends its call, and what becomes of late answers.  Whenever
 * it would sleep the test's hook runs: the server for a few steps, or somebody who cancels. */
#include "rpc_ump_host.h"
#include "test.h"
#include <os/err.h>

#define EVENT  8u
#define CANCEL 9u
#define SLOTS  16u
#define WINDOW (SLOTS / 2)

enum { OP_ADD = 1, OP_WAIT, OP_GIVE, OP_TAKE };
enum { SLOT_THERE = 0x118, SLOT_CAME, SLOT_WANTED };

static struct {
    struct machine client_machine, server_machine;
    struct rpc_client client;
    struct ump_client ump;
    struct rpc_session *table[HOST_EVENTS];
    struct rpc_server server;
    struct rpc_pending pending;
    struct rpc_session session;
    struct ump_session session_ump;
    struct ump_seat seat[2];
    void *frame;
    void (*hook)(void);                 /* when the client was woken, or cannot sleep */
    unsigned wakes, served, closed, sent, fetched;
    bool may_answer;
    err_t cap_error;
    struct ring_control other;          /* cancel_closed */
} t;

static void serve(struct rpc_session *session, struct rpc_message *m)
{
    (void)session;
    t.served++;
    if (m->number == OP_WAIT && !t.may_answer) {
        rpc_later(m, m->cap);
        return;
    }
    const bool give = m->number == OP_GIVE;
    rpc_drop_received(m);
    rpc_reply(m, m->length);
    m->cap = give ? SLOT_THERE : CPTR_NULL;
    m->word[0]++;
}

static void closed(struct rpc_session *session)
{
    (void)session;
    t.closed++;
}

static err_t cap_send(struct ump_end *end, cptr_t cap, bool give)
{
    (void)cap, (void)give;
    t.sent++;
    if (end == &t.ump.end) {
        ump_cap_arrived(&t.session_ump.end, SLOT_CAME, OK);
    }
    return OK;
}

static void cap_fetch(struct ump_end *end)
{
    t.fetched++;
    ump_cap_arrived(end, err_ok(t.cap_error) ? SLOT_CAME : CPTR_NULL, t.cap_error);
}

static const struct ump_cap_ops cap_ops = { .send = cap_send, .fetch = cap_fetch };

static void woken(struct ump_end *end)
{
    EXPECT(end == &t.ump.end, "whose");
    EXPECT(t.wakes++ < 100, "the client sleeps for ever");
    t.hook();
}

static void server_runs(void)
{
    machine_be(&t.server_machine);
    for (unsigned i = 0; i < 6; i++) {
        rpc_server_step(&t.server, &t.pending);
    }
    machine_be(&t.client_machine);
}

static void start(void)
{
    free(t.frame);
    memset((void *)&t, 0, sizeof(t));
    machine_init(&t.client_machine);
    machine_init(&t.server_machine);
    t.client_machine.may_not_sleep = t.server_machine.may_not_sleep = true;
    t.frame = connect_machines(&t.client_machine, EVENT, &t.server_machine, EVENT, SLOTS, 0, t.seat);
    t.seat[0].caps = t.seat[1].caps = &cap_ops;
    t.seat[0].woken = woken;
    t.server = (struct rpc_server){ .session = t.table, .events = HOST_EVENTS };
    t.session = (struct rpc_session){ .serve = serve, .closed = closed };
    rpc_session_init_ump(&t.server, &t.session, &t.session_ump, &t.seat[1]);
    rpc_client_init_ump(&t.client, &t.ump, &t.seat[0]);
    t.hook = server_runs;
    machine_be(&t.client_machine);
}

static err_t call(unsigned number, uint64_t word, enum rpc_cap cap)
{
    struct rpc_message m = { .number = (uint16_t)number, .length = 1, .word = { word },
                             .cap = number == OP_TAKE ? SLOT_WANTED : CPTR_NULL };

    t.wakes = 0;
    TRY(rpc_call_alone(&t.client, &m));
    TRY(rpc_result(&m, number, 1, cap));
    EXPECT_EQ(m.word[0], word + 1, "the reply to this call");
    EXPECT_EQ(m.cap, cap == RPC_CAP ? SLOT_WANTED : CPTR_NULL, "where the capability is wanted");
    return OK;
}

static void expect_call(unsigned number, uint64_t word, enum err_code want)
{
    const err_t err = call(number, word, number == OP_GIVE ? RPC_CAP : RPC_NO_CAP);

    EXPECT_EQ(err_root(err), want, "call %u with %u", number, (unsigned)word);
}

TEST(rpc_ump_client, calls)
{
    start();
    for (unsigned i = 0; i < 100; i++) {
        expect_call(OP_ADD, i, E_OK);
    }
    EXPECT_EQ(t.served, 100, "each once");
    EXPECT_EQ(t.ump.end.under_way, 0, "all answered");
}

static void cancel_hook(void)
{
    if (t.wakes == 1) {                                 /* once for each call */
        machine_post(&t.client_machine, CANCEL);
    }
}

TEST(rpc_ump_client, cancelled_by_its_event)
{
    start();
    t.client.cancel = CANCEL;
    machine_post(&t.client_machine, CANCEL);
    disable(frame_self());
    enable(frame_self());
    expect_call(OP_ADD, 1, E_RPC_CANCELLED);
    server_runs();
    EXPECT_EQ(t.served, 0, "before it was sent");
    t.hook = cancel_hook;
    expect_call(OP_ADD, 2, E_RPC_CANCELLED);
    t.hook = server_runs;
    expect_call(OP_ADD, 3, E_OK);                       /* the late answer to the one before is dropped */
    EXPECT_EQ(t.ump.end.under_way, 0, "all answered");
}

TEST(rpc_ump_client, cancelled_by_another_end)
{
    struct lmp_end other = { .ring = &t.other };

    start();
    t.client.cancel = CANCEL;
    t.client.cancel_closed = &other;
    expect_call(OP_ADD, 1, E_OK);
    t.other.closed = 1;
    expect_call(OP_ADD, 2, E_RPC_CANCELLED);
}

/* U1: those that are not answered count, whoever waits for them; and a kept one is answered when the next comes. */
TEST(rpc_ump_client, more_cancelled_calls_than_the_window)
{
    start();
    t.client.cancel = CANCEL;
    t.hook = cancel_hook;
    for (unsigned i = 0; i < WINDOW; i++) {
        expect_call(i % 2 ? OP_WAIT : OP_ADD, i, E_RPC_CANCELLED);
    }
    EXPECT_EQ(t.ump.end.under_way, WINDOW, "none is answered");
    expect_call(OP_ADD, 1, E_RPC_CANCELLED);
    EXPECT_EQ(t.ump.end.under_way, WINDOW, "and so no more were sent");
    t.hook = server_runs;
    expect_call(OP_ADD, 2, E_OK);
    EXPECT_EQ(t.served, WINDOW + 1, "the server has seen all");
    EXPECT_EQ(t.ump.end.under_way, 0, "and answered all");
    EXPECT_EQ(t.closed, 0, "nobody broke a rule");
}

static void leave_hook(void)
{
    machine_be(&t.server_machine);
    if (t.table[EVENT]) {
        rpc_session_leave(&t.server, &t.session);
    }
    machine_be(&t.client_machine);
}

static void death_hook(void)
{
    ump_end_died(&t.ump.end);
}

static void lying_hook(void)
{
    const struct rpc_message m = { .number = OP_ADD };

    EXPECT(err_ok(ump_send(&t.session_ump.end, 1, &m)), "a request, where a reply should be");
}

TEST(rpc_ump_client, the_end_of_the_server)
{
    static void (*const hook[])(void) = { leave_hook, death_hook, lying_hook };

    for (unsigned i = 0; i < 3; i++) {
        start();
        expect_call(OP_ADD, 1, E_OK);
        t.hook = hook[i];
        expect_call(OP_ADD, 2, E_RPC_CLOSED);
        t.hook = server_runs;
        expect_call(OP_ADD, 3, E_RPC_CLOSED);
    }
}

TEST(rpc_ump_client, the_end_of_the_client)
{
    start();
    expect_call(OP_ADD, 1, E_OK);
    rpc_client_close_ump(&t.client);
    server_runs();
    EXPECT_EQ(t.closed, 1, "the server is told");
    expect_call(OP_ADD, 2, E_RPC_CLOSED);
}

TEST(rpc_ump_client, capabilities)
{
    const unsigned dropped = host_dropped(SLOT_CAME);

    start();
    t.client.cap_slot = SLOT_WANTED;
    expect_call(OP_GIVE, 1, E_OK);
    EXPECT(t.sent == 1 && t.fetched == 1, "sent %u, fetched %u", t.sent, t.fetched);
    expect_call(OP_TAKE, 2, E_OK);
    EXPECT_EQ(t.sent, 2, "one in the other direction");
    EXPECT_EQ(host_dropped(SLOT_CAME), dropped + 1, "which the server did not take");
    t.cap_error = ERR(E_CAP_TYPE);
    expect_call(OP_GIVE, 3, E_CAP_TYPE);
    t.cap_error = OK;
    t.client.cancel = CANCEL;
    t.hook = cancel_hook;
    expect_call(OP_GIVE, 4, E_RPC_CANCELLED);
    t.hook = server_runs;
    expect_call(OP_ADD, 5, E_OK);
    EXPECT_EQ(host_dropped(SLOT_CAME), dropped + 2, "what a late answer brings");
    EXPECT_EQ(t.ump.end.caps_received, 3, "all were joined");
}
