/** @file rpc.c  RPC over LMP (os/rpc_lmp.h) between init, the client, and a child that serves. */
#include "children.h"
#include <os/rpc_lmp.h>

#define PAGE SHOAL_PAGE_SIZE

/* Calls of the child. */
enum {
    CALL_ADD = 1,       /* each word + 1 */
    CALL_TYPE = 2,      /* a capability comes: what it is, and its rights; it is dropped */
    CALL_GIVE = 3,      /* a capability goes: word 0 says which slot, word 1 whether it is given away */
    CALL_STALE = 4,     /* as CALL_ADD, after word 0 replies to the call before, with a capability if word 1 says so */
    CALL_RING = 5,      /* as CALL_ADD, after the client has been woken by another event: the reply is in its ring */
    CALL_LEAVE = 6,     /* no reply: the server deletes its only capability to the client */
    CALL_STOP = 7,      /* as CALL_ADD, and it is the last */
};

/* Arguments of child_server_rpc; for session i: ring, own send capability, receive slot. */
enum { ARG_SESSIONS, ARG_NOTIFY, ARG_FRAME, ARG_RING, ARG_SEND = ARG_RING + 2, ARG_RECEIVE = ARG_SEND + 2 };
enum { RESULT_CLOSED, RESULT_REQUESTS, RESULT_BAD };
#define EVENT_SERVER 8u         /* of session 0 */
#define SERVER_EVENTS 64u

struct served {
    struct rpc_session session;
    struct rpc_server *server;
    volatile struct shared *page;
    uint32_t token;             /* of the latest call: counted here, as the client does */
    bool stop;
};

static void stale_replies(struct served *s, const struct rpc_message *m)
{
    for (uint64_t i = 0; i < m->word[0]; i++) {
        struct xfer x = { .dest = s->session.end.send, .accept = (uint64_t)XFER_NO_PARK };
        x.tag = (uint64_t)(CALL_STALE | RPC_REPLY) << 8 | (uint64_t)(s->token - 1) << 24 |
                (m->word[1] ? TAG_CAP : 0);
        x.cap = s->page->arg[ARG_FRAME];
        s->page->result[RESULT_BAD] += !err_ok(sys_xfer(&x));
        sys_yield();                            /* the client takes it, and waits on */
    }
}

static void serve_call(struct rpc_session *session, struct rpc_message *m)
{
    struct served *const s = session->state;
    struct cap_info info = { 0 };
    const unsigned number = m->number, length = m->length;

    s->token++;
    s->page->result[RESULT_REQUESTS]++;
    if (number == CALL_STALE) {
        stale_replies(s, m);
    } else if (number == CALL_RING) {
        s->page->result[RESULT_BAD] += !err_ok(notify_signal(s->page->arg[ARG_NOTIFY]));
    } else if (number == CALL_LEAVE) {
        s->page->result[RESULT_BAD] += !err_ok(cap_delete(CPTR_NULL, session->end.send));
    } else if (number == CALL_TYPE && m->cap != CPTR_NULL) {
        s->page->result[RESULT_BAD] += !err_ok(cap_identify(CPTR_NULL, m->cap, &info));
        rpc_drop_received(m);
        rpc_reply(m, 2);
        m->word[0] = (uint64_t)info.type;
        m->word[1] = info.rights;
        return;
    } else if (number == CALL_GIVE) {
        rpc_reply(m, 1);
        m->cap = m->word[0];
        m->give = m->word[1];
        return;
    } else if (number != CALL_ADD && number != CALL_STOP) {
        rpc_fail(m, ERR(E_RPC_NUMBER));
        return;
    }
    rpc_drop_received(m);
    rpc_reply(m, length);
    for (unsigned i = 0; i < length && i < RPC_WORDS; i++) {
        m->word[i]++;
    }
    s->stop = number == CALL_STOP;
}

static void session_closed(struct rpc_session *session)
{
    struct served *const s = session->state;

    s->page->result[RESULT_CLOSED]++;
}

static void child_server_rpc(volatile struct shared *page)
{
    struct served served[2];
    struct rpc_session *table[SERVER_EVENTS] = { 0 };
    struct rpc_server server = { .session = table, .events = SERVER_EVENTS };
    struct rpc_pending pending = { 0 };

    for (unsigned i = 0; i < page->arg[ARG_SESSIONS]; i++) {
        served[i] = (struct served){
            .session = {
                .end = { .send = page->arg[ARG_SEND + i], .ring = (void *)page->arg[ARG_RING + i], .mask = 1,
                         .event = EVENT_SERVER + i, .receive = page->arg[ARG_RECEIVE + i] },
                .serve = serve_call, .closed = session_closed, .state = &served[i],
            },
            .server = &server, .page = page,
        };
        table[EVENT_SERVER + i] = &served[i].session;
    }
    while (!served[0].stop && table[EVENT_SERVER]) {
        rpc_server_step(&server, &pending);
    }
    if (pending.to) {                           /* what is owed goes out with the next step */
        table[EVENT_SERVER] = NULL;
        struct xfer x = { .dest = pending.to->end.send, .accept = (uint64_t)XFER_NO_PARK, .tag = pending.reply.length };
        x.tag |= (uint64_t)pending.reply.number << 8 | pending.tag >> 24 << 24;
        for (unsigned i = 0; i < RPC_WORDS; i++) {
            x.word[i] = pending.reply.word[i];
        }
        page->result[RESULT_BAD] += !err_ok(sys_xfer(&x));
    }
    child_exit();
}

/* init and a server that is not started yet; `more` sessions are for a child. */
struct world {
    struct proc server;
    struct proc_endpoint in[2], back;
    struct rpc_client client;
    cptr_t notify;
};

static bool world_make(struct test *t, struct world *w, unsigned sessions)
{
    if (!own_endpoint(t, &w->back, EVENT_TEST, 1) || !proc_make(t, &w->server, child_server_rpc) ||
        !proc_endpoint(&w->server, &w->in[0], EVENT_SERVER, 1) ||
        !proc_endpoint(&w->server, &w->in[1], EVENT_SERVER + 1, 1)) {
        return false;
    }
    w->notify = test_make(t, CAP_NOTIFY, 0, 1);
    const cptr_t receive = test_slot(t), frame = test_make(t, CAP_FRAME, PAGE, 1);
    volatile uint64_t *arg = w->server.page->arg;
    arg[ARG_SESSIONS] = sessions;
    arg[ARG_NOTIFY] = proc_give(&w->server, w->notify, RIGHTS_ALL);
    arg[ARG_FRAME] = proc_give(&w->server, frame, RIGHTS_ALL);
    for (unsigned i = 0; i < 2; i++) {
        arg[ARG_RING + i] = w->in[i].ring_va;
        arg[ARG_RECEIVE + i] = CPTR(0, w->server.next_slot++);
        EXPECT_OK(t, endpoint_set_recv_slot(w->in[i].recv, arg[ARG_RECEIVE + i]));
    }
    arg[ARG_SEND] = proc_give_minted(&w->server, w->back.recv, RIGHT_WRITE | RIGHT_GRANT, 1);
    EXPECT_OK(t, endpoint_set_recv_slot(w->back.recv, receive));
    EXPECT_OK(t, notify_bind(w->notify, TASK_DISPATCHER, EVENT_TEST + 1));
    w->client = (struct rpc_client){
        .end = { .send = mint_send(t, w->in[0].recv, RIGHT_WRITE | RIGHT_GRANT, 1), .ring = w->back.ring.control,
                 .mask = w->back.ring.mask, .event = EVENT_TEST, .receive = receive },
    };
    return t->wrong == 0;
}

/* CALL_ADD and its kin, with words 100 k. */
static err_t add(struct test *t, struct world *w, unsigned number, unsigned length)
{
    struct rpc_message m = { .number = (uint16_t)number, .length = (uint8_t)length };

    for (unsigned i = 0; i < length; i++) {
        m.word[i] = 100 * i;
    }
    TRY(rpc_call(&w->client, &m));
    TRY(rpc_result(&m, number, length, RPC_NO_CAP));
    for (unsigned i = 0; i < length; i++) {
        CHECK_EQ(t, m.word[i], 100 * i + 1);
    }
    return OK;
}

static void stop(struct test *t, struct world *w)
{
    EXPECT_OK(t, add(t, w, CALL_STOP, 1));
    (void)proc_finish(&w->server);
    CHECK_EQ(t, w->server.page->result[RESULT_BAD], 0);
}

/* In registers; the first request through the ring, as the server does not run yet. */
static void calls(struct test *t)
{
    static struct world w;

    if (!world_make(t, &w, 1)) {
        return;
    }
    MUST(t, dispatcher_start(w.server.disp));
    for (unsigned i = 0; i <= 90; i++) {
        EXPECT_OK(t, add(t, &w, CALL_ADD, i % 9));
    }
    EXPECT_ERR(t, add(t, &w, 77, 2), E_RPC_NUMBER);
    EXPECT_ERR(t, add(t, &w, 0x3fff, 0), E_RPC_NUMBER);
    stop(t, &w);
    CHECK_EQ(t, w.server.page->result[RESULT_REQUESTS], 94);
}

static void reply_in_ring(struct test *t)
{
    static struct world w;

    if (!world_make(t, &w, 1) || !proc_priority(&w.server, init.priority + 1)) {
        return;
    }
    MUST(t, dispatcher_start(w.server.disp));
    for (unsigned i = 0; i < 20; i++) {
        const uint64_t produced = w.back.ring.control->produced;
        EXPECT_OK(t, add(t, &w, CALL_RING, i % 9));
        CHECK(t, w.back.ring.control->produced == produced + 1, "the reply did not come through the ring");
        CHECK(t, event_take(frame_self(), EVENT_TEST + 1), "the other event is lost");
    }
    stop(t, &w);
}

static void capabilities(struct test *t)
{
    static struct world w;
    const cptr_t notify = test_make(t, CAP_NOTIFY, 0, 1), slot = test_slot(t);
    struct cap_info info;

    if (!world_make(t, &w, 1)) {
        return;
    }
    MUST(t, dispatcher_start(w.server.disp));
    const cptr_t frame = w.server.page->arg[ARG_FRAME];
    for (unsigned give = 0; give < 2; give++) {
        struct rpc_message m = { .number = CALL_TYPE, .cap = notify, .give = give };
        MUST(t, rpc_call(&w.client, &m));
        EXPECT_OK(t, rpc_result(&m, CALL_TYPE, 2, RPC_NO_CAP));
        CHECK_EQ(t, m.word[0], CAP_NOTIFY);
        CHECK_EQ(t, m.word[1] & RIGHT_OWN, give ? RIGHT_OWN : 0);
        CHECK_EQ(t, slot_type(CPTR_NULL, notify), give ? CAP_NULL : CAP_NOTIFY);
    }
    for (unsigned i = 0; i < 4; i++) {
        struct rpc_message m = { .number = CALL_GIVE, .length = 2, .word = { frame, i == 3 } };
        w.client.cap_slot = i & 1 ? slot : CPTR_NULL;
        MUST(t, rpc_call(&w.client, &m));
        EXPECT_OK(t, rpc_result(&m, CALL_GIVE, 1, RPC_CAP));
        CHECK_EQ(t, m.cap, i & 1 ? slot : w.client.end.receive);
        EXPECT_OK(t, cap_identify(CPTR_NULL, m.cap, &info));
        CHECK_EQ(t, info.type, CAP_FRAME);
        CHECK_EQ(t, info.rights & RIGHT_OWN, i == 3 ? RIGHT_OWN : 0);
        rpc_drop_received(&m);
        CHECK_EQ(t, slot_type(CPTR_NULL, slot), CAP_NULL);
    }
    /* a capability that nobody asked for does not stay; one that was asked for and is in the way neither */
    struct rpc_message m = { .number = CALL_ADD, .length = 1, .cap = w.notify };
    w.client.cap_slot = CPTR_NULL;
    MUST(t, rpc_call(&w.client, &m));
    EXPECT_OK(t, rpc_result(&m, CALL_ADD, 1, RPC_NO_CAP));
    stop(t, &w);
    CHECK_EQ(t, slot_type(w.server.l1, w.server.page->arg[ARG_RECEIVE]), CAP_NULL);
}

static void late_replies(struct test *t)
{
    static struct world w;

    if (!world_make(t, &w, 1)) {
        return;
    }
    MUST(t, dispatcher_start(w.server.disp));
    EXPECT_OK(t, add(t, &w, CALL_ADD, 1));
    for (uint64_t with_cap = 0; with_cap < 2; with_cap++) {
        struct rpc_message m = { .number = CALL_STALE, .length = 2, .word = { 3, with_cap } };
        MUST(t, rpc_call(&w.client, &m));
        EXPECT_OK(t, rpc_result(&m, CALL_STALE, 2, RPC_NO_CAP));
        CHECK_EQ(t, m.word[0], 4);
        CHECK_EQ(t, slot_type(CPTR_NULL, w.client.end.receive), CAP_NULL);
    }
    stop(t, &w);
}

/* The server lets go of its client in the middle of a call; later calls end at once. */
static void server_leaves(struct test *t)
{
    static struct world w;

    if (!world_make(t, &w, 1)) {
        return;
    }
    MUST(t, dispatcher_start(w.server.disp));
    EXPECT_OK(t, add(t, &w, CALL_ADD, 3));
    EXPECT_ERR(t, add(t, &w, CALL_LEAVE, 1), E_RPC_CLOSED);
    EXPECT_ERR(t, add(t, &w, CALL_ADD, 1), E_RPC_CLOSED);
    (void)proc_finish(&w.server);
    CHECK_EQ(t, w.server.page->result[RESULT_CLOSED], 1);   /* its reply could not be sent */
}

/* The server's endpoint is destroyed while nobody waits. */
static void server_destroyed(struct test *t)
{
    static struct world w;

    if (!world_make(t, &w, 1)) {
        return;
    }
    MUST(t, dispatcher_start(w.server.disp));
    EXPECT_OK(t, add(t, &w, CALL_ADD, 3));
    MUST(t, dispatcher_stop(w.server.disp));
    MUST(t, cap_delete(CPTR_NULL, w.in[0].recv));
    EXPECT_ERR(t, add(t, &w, CALL_ADD, 3), E_RPC_CLOSED);
}

/* One client sends nonsense and takes no replies: it is closed, and the other one is served as ever. */
static void garbage(struct test *t)
{
    static struct world w;
    static struct proc bad;
    struct proc_endpoint bad_back;

    if (!world_make(t, &w, 2) || !proc_make(t, &bad, child_garbage) || !proc_endpoint(&bad, &bad_back, 9, 1)) {
        return;
    }
    w.server.page->arg[ARG_SEND + 1] = proc_give_minted(&w.server, bad_back.recv, RIGHT_WRITE | RIGHT_GRANT, 1);
    bad.page->arg[0] = proc_give_minted(&bad, w.in[1].recv, RIGHT_WRITE | RIGHT_GRANT, 1);
    bad.page->arg[1] = 20260 + t->next_badge;
    bad.page->arg[2] = proc_give(&bad, test_make(t, CAP_NOTIFY, 0, 1), RIGHTS_ALL);
    bad.page->arg[3] = 3000;
    MUST(t, dispatcher_start(w.server.disp));
    MUST(t, dispatcher_start(bad.disp));
    for (unsigned i = 0; i < 500; i++) {
        EXPECT_OK(t, add(t, &w, CALL_ADD, i % 9));
        if (i % 16 == 0) {
            sys_yield();
        }
    }
    (void)proc_finish(&bad);
    CHECK(t, bad.page->result[0] >= 2, "%lu messages got through", bad.page->result[0]);
    EXPECT_OK(t, add(t, &w, CALL_ADD, 8));
    CHECK_EQ(t, w.server.page->result[RESULT_CLOSED], 1);
    stop(t, &w);
}

TEST_GROUP(rpc, CASE(calls), CASE(reply_in_ring), CASE(capabilities), CASE(late_replies), CASE(server_leaves),
           CASE(server_destroyed), CASE(garbage));
