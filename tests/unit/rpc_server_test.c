/* The server's loop against a kernel of the test's: what is answered, to whom, and where capabilities stay. */
#include "rpc_tag.h"
#include "test.h"
#include <os/err.h>
#include <os/rpc_lmp.h>

#define CLIENTS  3u
#define SLOTS    2u                     /* of a ring */
#define SENT_MAX 32u

enum { OP_ECHO = 1, OP_WAIT, OP_LEAVE, OP_LEAVE_REOPEN, OP_WAKE, OP_CAP };

/* What the fake kernel knows of a client. */
struct client {
    struct rpc_session rpc;
    struct {
        struct ring_control control;
        struct ring_message message[SLOTS];
    } ring;
    bool received;                      /* a capability lies in the receive slot */
    unsigned closed, leaves;
    bool can_answer;                    /* a kept request is answered when it is asked again */
    unsigned wake;                      /* whom OP_WAKE asks again */
    cptr_t answer_cap;                  /* what OP_CAP takes along */
};

static uint64_t own[512];               /* dispatcher frame */

static struct {
    struct rpc_session *table[CLIENTS];
    struct rpc_server server;
    struct rpc_pending pending;
    struct client client[CLIENTS];
    struct xfer sent[SENT_MAX];
    unsigned sends;
    err_t fail[SENT_MAX];               /* of the sends that come */
    unsigned tries;
    struct xfer direct;                 /* what the next park is handed */
    bool has_direct;
    unsigned dropped[CLIENTS];
} t;

struct dispatcher_frame *frame_self(void)
{
    return (struct dispatcher_frame *)own;
}

struct sys_result sys_invoke(cptr_t cap, uint64_t op, struct sys_args args)
{
    (void)cap, (void)op, (void)args;
    return (struct sys_result){ .err = ERR(E_OP) };
}

static cptr_t receive_slot(unsigned i)
{
    return 0x100 + i;
}

static cptr_t send_slot(unsigned i)
{
    return 0x200 + i;
}

err_t sys_xfer(struct xfer *x)
{
    if (x->dest) {
        const err_t err = t.fail[t.tries++];
        if (!err_ok(err)) {
            return err;
        }
        EXPECT(t.sends < SENT_MAX, "more sends than the test has room for");
        t.sent[t.sends++] = *x;
    }
    if (x->accept == (uint64_t)XFER_NO_PARK) {
        return OK;
    }
    EXPECT(frame_self()->disabled, "a park while enabled");
    if (!t.has_direct) {
        frame_self()->disabled = 0;
        return ERR(E_WOKEN);
    }
    *x = t.direct;
    t.has_direct = false;
    return OK;
}

void rpc_drop_cap(cptr_t cap)
{
    const unsigned i = (unsigned)(cap - receive_slot(0));

    if (i < CLIENTS) {
        t.dropped[i]++;
        t.client[i].received = false;
    }
}

/* --- the server that is tested with --- */

static void serve(struct rpc_session *session, struct rpc_message *m)
{
    struct client *const c = session->state;
    const cptr_t cap = m->cap;

    switch (m->number) {
    case OP_WAIT:
        if (!c->can_answer) {
            rpc_later(m, cap);
            return;
        }
        break;
    case OP_LEAVE_REOPEN:
    case OP_LEAVE:
        rpc_session_leave(&t.server, session);
        c->leaves++;
        if (m->number == OP_LEAVE_REOPEN) {         /* its place is another's at once, who has asked something */
            t.table[session->end.event] = session;
            c->ring.control.consumed = c->ring.control.produced = c->ring.control.closed = 0;
        }
        break;
    case OP_WAKE:
        rpc_retry(&t.server, &t.client[c->wake].rpc);
        break;
    case OP_CAP:
        rpc_reply(m, 0);
        m->cap = c->answer_cap;
        m->give = true;
        return;
    }
    rpc_drop_received(m);
    rpc_reply(m, 1);
}

static void closed(struct rpc_session *session)
{
    struct client *const c = session->state;

    EXPECT(t.table[session->end.event] != session, "a closed session is out of the table");
    c->closed++;
    if (c->received) {
        rpc_drop_cap(session->end.receive);
    }
}

static void start(void)
{
    memset(&t, 0, sizeof(t));
    memset(own, 0, sizeof(own));
    t.server = (struct rpc_server){ .session = t.table, .events = CLIENTS };
    for (unsigned i = 0; i < CLIENTS; i++) {
        struct client *const c = &t.client[i];
        c->rpc = (struct rpc_session){
            .end = { .send = send_slot(i), .ring = &c->ring.control, .mask = SLOTS - 1, .event = i,
                     .receive = receive_slot(i) },
            .serve = serve, .closed = closed, .state = c,
        };
        t.table[i] = &c->rpc;
    }
}

static uint64_t request(unsigned i, unsigned number, unsigned token, bool cap)
{
    const struct rpc_message m = { .number = (uint16_t)number, .cap = cap ? 1 : CPTR_NULL };

    EXPECT(!cap || !t.client[i].received, "the kernel would have refused the capability");
    t.client[i].received |= cap;
    return rpc_tag(&m, token);
}

static void post(uint64_t event)
{
    frame_self()->events[0] |= 1ull << event;
    frame_self()->summary[0] |= 1;
}

/* By the ring. */
static void ask(unsigned i, unsigned number, unsigned token, bool cap)
{
    struct ring_control *const r = &t.client[i].ring.control;

    t.client[i].ring.message[r->produced++ % SLOTS] = (struct ring_message){ .tag = request(i, number, token, cap) };
    post(i);
}

/* In registers. */
static void ask_directly(unsigned i, unsigned number, unsigned token, bool cap)
{
    t.direct = (struct xfer){ .event = i, .tag = request(i, number, token, cap) };
    t.has_direct = true;
}

/* Until the server would sleep with nothing owed. */
static void run(void)
{
    for (unsigned i = 0; i < 4; i++) {
        rpc_server_step(&t.server, &t.pending);
    }
    EXPECT(!t.pending.to, "something is still owed");
}

static void expect_answer(unsigned at, unsigned i, unsigned number, unsigned token)
{
    EXPECT(at < t.sends, "answer %u of %u", at, t.sends);
    EXPECT_EQ(t.sent[at].dest, send_slot(i), "answer %u", at);
    EXPECT_EQ(rpc_token(t.sent[at].tag), token, "answer %u", at);
    EXPECT_EQ(t.sent[at].tag >> RPC_NUMBER_SHIFT & 0xffff, number, "answer %u", at);
}

TEST(rpc_server, answers_by_registers_and_by_ring)
{
    start();
    ask_directly(0, OP_ECHO, 5, false);
    run();
    ask(1, OP_ECHO, 6, true);
    ask(2, OP_ECHO, 7, false);
    run();
    EXPECT_EQ(t.sends, 3, "answers");
    expect_answer(0, 0, OP_ECHO | RPC_REPLY, 5);
    expect_answer(1, 1, OP_ECHO | RPC_REPLY, 6);
    expect_answer(2, 2, OP_ECHO | RPC_REPLY, 7);
    EXPECT_EQ(t.dropped[1], 1, "what nobody took");
}

/* A process that kills itself: its session is closed by its own request. */
static void leave(bool direct, unsigned number)
{
    start();
    if (direct) {
        ask_directly(0, number, 1, false);
    } else {
        ask(0, number, 1, false);
    }
    t.fail[0] = ERR(E_CAP_EMPTY);                   /* there is nobody to send to any more */
    run();
    EXPECT_EQ(t.client[0].leaves, 1, "it was served");
    EXPECT_EQ(t.tries, 0, "nothing is sent for a session that is closed");
    EXPECT_EQ(t.client[0].closed, 0, "who closed it is not told so");
}

TEST(rpc_server, request_that_closes_its_session)
{
    leave(true, OP_LEAVE);
    leave(false, OP_LEAVE);
    EXPECT(!t.table[0], "gone");
}

TEST(rpc_server, answer_never_reaches_the_next_client)
{
    leave(true, OP_LEAVE_REOPEN);
    leave(false, OP_LEAVE_REOPEN);
    EXPECT(t.table[0] == &t.client[0].rpc, "the next client's session stays");
}

/* CLOSED was of the one before. */
TEST(rpc_server, closed_is_not_the_next_clients)
{
    start();
    t.client[0].ring.control.closed = 1;
    ask(0, OP_LEAVE_REOPEN, 1, false);
    run();
    EXPECT_EQ(t.client[0].closed, 0, "the next client is not closed");
    EXPECT(t.table[0] == &t.client[0].rpc, "the next client's session stays");
}

TEST(rpc_server, kept_request_is_answered_later)
{
    start();
    ask_directly(0, OP_WAIT, 9, true);
    run();
    EXPECT_EQ(t.sends, 0, "not yet");
    EXPECT(rpc_waits(&t.client[0].rpc) && t.client[0].received, "kept, with its capability");
    t.client[0].can_answer = true;
    ask(1, OP_WAKE, 2, false);
    run();
    EXPECT_EQ(t.sends, 2, "both");
    expect_answer(0, 0, OP_WAIT | RPC_REPLY, 9);
    expect_answer(1, 1, OP_WAKE | RPC_REPLY, 2);
    EXPECT_EQ(t.dropped[0], 1, "its capability, once");
}

TEST(rpc_server, next_request_cancels_and_drops)
{
    start();
    ask(0, OP_WAIT, 1, true);
    ask(0, OP_ECHO, 2, false);
    run();
    EXPECT_EQ(t.sends, 1, "answers");
    expect_answer(0, 0, OP_ECHO | RPC_REPLY, 2);
    EXPECT_EQ(t.dropped[0], 1, "what came with the cancelled one");
    EXPECT(!rpc_waits(&t.client[0].rpc), "cancelled");
}

/* The handler gave the first capability away (a bind does), so the next one came into the same slot. */
TEST(rpc_server, cancelling_spares_the_next_capability)
{
    start();
    ask(0, OP_WAIT, 1, true);
    run();
    t.client[0].received = false;
    ask(0, OP_WAIT, 2, true);
    run();
    EXPECT_EQ(t.dropped[0], 0, "the second one's capability is still there");
    EXPECT(t.client[0].received && rpc_waits(&t.client[0].rpc), "it waits with it");
}

TEST(rpc_server, full_ring_closes)
{
    start();
    ask_directly(0, OP_ECHO, 1, false);
    t.fail[0] = ERR(E_FULL);
    run();
    EXPECT_EQ(t.client[0].closed, 1, "by registers");
    ask(1, OP_ECHO, 1, false);
    t.fail[1] = ERR(E_DEAD);
    run();
    EXPECT_EQ(t.client[1].closed, 1, "by the ring");
    ask(2, OP_CAP, 1, false);
    t.client[2].answer_cap = 7;
    t.fail[2] = ERR(E_RECV_SLOT);
    run();
    EXPECT_EQ(t.client[2].closed, 1, "it has no room for its capability");
    EXPECT_EQ(t.sends, 0, "answers");
}

/* What was to go along has been revoked by a third: no fault of the client's. */
TEST(rpc_server, vanished_capability_is_an_error_not_the_end)
{
    for (unsigned direct = 0; direct < 2; direct++) {
        start();
        t.client[0].answer_cap = 7;
        t.fail[0] = ERR(E_CAP_EMPTY);
        if (direct) {
            ask_directly(0, OP_CAP, 3, false);
        } else {
            ask(0, OP_CAP, 3, false);
        }
        run();
        EXPECT_EQ(t.client[0].closed, 0, "direct %u", direct);
        EXPECT_EQ(t.sends, 1, "direct %u", direct);
        expect_answer(0, 0, OP_CAP | RPC_REPLY | RPC_ERROR, 3);
        EXPECT_EQ(t.sent[0].word[0], E_CAP_EMPTY, "which error");
        EXPECT(!(t.sent[0].tag & TAG_CAP), "nothing goes along");
    }
    t.fail[t.tries] = t.fail[t.tries + 1] = ERR(E_CAP_EMPTY);       /* the client's endpoint is what is gone */
    ask(0, OP_CAP, 4, false);
    run();
    EXPECT_EQ(t.client[0].closed, 1, "closed, if the error does not arrive either");
}

TEST(rpc_server, kept_request_of_a_client_that_went)
{
    start();
    ask(0, OP_WAIT, 1, true);
    run();
    t.client[0].ring.control.closed = 1;
    post(0);
    run();
    EXPECT_EQ(t.client[0].closed, 1, "closed");
    EXPECT_EQ(t.dropped[0], 1, "its capability");
    ask(1, OP_WAKE, 1, false);
    t.client[0].can_answer = true;
    run();
    EXPECT_EQ(t.sends, 1, "only who asked is answered");
    expect_answer(0, 1, OP_WAKE | RPC_REPLY, 1);
}

/* A number that looks like a kept request on the wire is no such thing. */
TEST(rpc_server, forged_flags)
{
    start();
    ask(0, OP_ECHO | RPC_KEPT, 1, false);
    ask(1, OP_ECHO | RPC_REPLY, 1, false);
    run();
    EXPECT_EQ(t.sends, 2, "both are answered");
    EXPECT(!rpc_waits(&t.client[0].rpc) && !rpc_waits(&t.client[1].rpc), "nothing is kept");
}
