/** @file rpc_ump.c  RPC over UMP (os/rpc_ump.h) between processes of one core, each with a Notify of the other's:
 *  init calls a child. */
#include "children.h"
#include <os/rpc_ump.h>
#include <os/string.h>

#define PAGE SHOAL_PAGE_SIZE

enum {
    CALL_ADD = 1,       /* each word + 1 */
    CALL_LATER = 2,     /* as CALL_ADD, when it is asked for the third time */
    CALL_LEAVE = 3,     /* no reply: the server leaves */
    CALL_STOP = 4,      /* as CALL_ADD, and the last */
};

/* Arguments of child_serves_ump; for session i: its frame, and the Notify of its client. */
enum { ARG_SESSIONS, ARG_FRAME, ARG_WAKE = ARG_FRAME + 2, ARG_END = ARG_WAKE + 2 };
enum { RESULT_CLOSED, RESULT_REQUESTS };
#define EVENT_SERVER  8u        /* of session 0 */
#define SERVER_EVENTS 64u

struct served {
    struct rpc_session rpc;
    struct ump_session ump;
    struct rpc_server *server;
    volatile struct shared *page;
    unsigned asked;
    bool stop;
};

static void serve_call(struct rpc_session *session, struct rpc_message *m)
{
    struct served *const s = session->state;
    const unsigned number = m->number, length = m->length;

    s->page->result[RESULT_REQUESTS]++;
    if (number == CALL_LATER && s->asked++ % 3 != 2) {
        rpc_later(m, CPTR_NULL);
        return;
    }
    if (number == CALL_LEAVE) {
        rpc_session_leave(s->server, session);
        return;
    }
    rpc_drop_received(m);
    rpc_reply(m, length);
    for (unsigned i = 0; i < length; i++) {
        m->word[i]++;
    }
    s->stop = number == CALL_STOP;
}

static void session_closed(struct rpc_session *session)
{
    struct served *const s = session->state;

    s->page->result[RESULT_CLOSED]++;
}

static struct ump_seat seat_of(void *frame, unsigned side, uint64_t event, cptr_t wake)
{
    return (struct ump_seat){ .frame = frame, .side = side, .slots = UMP_RPC_SLOTS, .event = event, .wake = wake };
}

static void child_serves_ump(volatile struct shared *page)
{
    struct served served[2];
    struct rpc_session *table[SERVER_EVENTS] = { 0 };
    struct rpc_server server = { .session = table, .events = SERVER_EVENTS };
    struct rpc_pending pending = { 0 };

    for (unsigned i = 0; i < page->arg[ARG_SESSIONS]; i++) {
        const struct ump_seat seat =
            seat_of((void *)page->arg[ARG_FRAME + i], 1, EVENT_SERVER + i, page->arg[ARG_WAKE + i]);
        served[i] = (struct served){
            .rpc = { .serve = serve_call, .closed = session_closed, .state = &served[i] },
            .server = &server,
            .page = page,
        };
        rpc_session_init_ump(&server, &served[i].rpc, &served[i].ump, &seat);
    }
    while (!served[0].stop && table[EVENT_SERVER]) {
        rpc_server_step(&server, &pending);
        if (rpc_waits(&served[0].rpc)) {
            rpc_retry(&server, &served[0].rpc);
            rpc_retry(&server, &served[0].rpc);
        }
    }
    child_exit();
}

/* init and a server that is not started yet; session 1 is for a child. */
struct world {
    struct proc server;
    struct rpc_client client;
    struct ump_client ump;
    void *frame[2];
    cptr_t shared[2], to_server[2], to_client[2];
};

static bool world_make(struct test *t, struct world *w, unsigned sessions)
{
    *w = (struct world){ 0 };
    if (!proc_make(t, &w->server, child_serves_ump)) {
        return false;
    }
    w->server.page->arg[ARG_SESSIONS] = sessions;
    for (unsigned i = 0; i < sessions; i++) {
        w->shared[i] = test_make(t, CAP_FRAME, PAGE, 1);
        w->frame[i] = test_map(t, w->shared[i], 0, PAGE, MAP_READ | MAP_WRITE, NULL);
        w->to_server[i] = test_make(t, CAP_NOTIFY, 0, 1);
        w->to_client[i] = test_make(t, CAP_NOTIFY, 0, 1);
        if (!w->frame[i]) {
            return false;
        }
        memset(w->frame[i], 0, PAGE);
        EXPECT_OK(t, notify_bind(w->to_server[i], w->server.disp, EVENT_SERVER + i));
        w->server.page->arg[ARG_FRAME + i] = proc_map(&w->server, w->shared[i], 0, PAGE, MAP_READ | MAP_WRITE);
        w->server.page->arg[ARG_WAKE + i] = proc_give(&w->server, w->to_client[i], RIGHT_WRITE);
    }
    EXPECT_OK(t, notify_bind(w->to_client[0], TASK_DISPATCHER, EVENT_TEST));
    const struct ump_seat seat = seat_of(w->frame[0], 0, EVENT_TEST, w->to_server[0]);
    rpc_client_init_ump(&w->client, &w->ump, &seat);
    return t->wrong == 0;
}

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
}

static void calls(struct test *t)
{
    static struct world w;

    if (!world_make(t, &w, 1)) {
        return;
    }
    MUST(t, dispatcher_start(w.server.disp));
    for (unsigned i = 0; i < 500; i++) {
        EXPECT_OK(t, add(t, &w, i % 11 == 5 ? CALL_LATER : CALL_ADD, i % 9));
    }
    stop(t, &w);
    CHECK_EQ(t, w.server.page->result[RESULT_REQUESTS], 501 + 2 * 45);
    CHECK_EQ(t, w.ump.end.under_way, 0);
}

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
    CHECK_EQ(t, w.server.page->result[RESULT_CLOSED], 0);
}

static void client_leaves(struct test *t)
{
    static struct world w;

    if (!world_make(t, &w, 1)) {
        return;
    }
    MUST(t, dispatcher_start(w.server.disp));
    EXPECT_OK(t, add(t, &w, CALL_ADD, 8));
    rpc_client_close_ump(&w.client);
    (void)proc_finish(&w.server);
    CHECK_EQ(t, w.server.page->result[RESULT_CLOSED], 1);
}

/* The event ends a call that the server never answers; the next is answered. */
static void cancelled(struct test *t)
{
    static struct world w;
    const cptr_t notify = test_make(t, CAP_NOTIFY, 0, 1);

    if (!world_make(t, &w, 1)) {
        return;
    }
    EXPECT_OK(t, notify_bind(notify, TASK_DISPATCHER, EVENT_TEST + 1));
    w.client.cancel = EVENT_TEST + 1;
    EXPECT_OK(t, notify_signal(notify));
    EXPECT_ERR(t, add(t, &w, CALL_ADD, 1), E_RPC_CANCELLED);
    MUST(t, dispatcher_start(w.server.disp));
    EXPECT_OK(t, add(t, &w, CALL_ADD, 2));
    stop(t, &w);
}

/* Writes random words anywhere in frame arg[ARG_FRAME], and signals arg[ARG_WAKE], arg[ARG_END] times. */
static void child_scribbles(volatile struct shared *page)
{
    volatile uint64_t *const word = (volatile uint64_t *)page->arg[ARG_FRAME];
    uint64_t random = 88172645463325252u;

    for (uint64_t i = 0; i < page->arg[ARG_END]; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        word[random % (PAGE / 8)] = i % 2 ? random : random & ~0x00ffffff00000000u;
        if (random >> 60 == 0) {
            page->result[0] += !err_ok(notify_signal(page->arg[ARG_WAKE]));
            sys_yield();
        }
    }
    child_exit();
}

/* One client writes over its ring, the server's part of it, too: its session ends, and the other client is served as
 * ever. */
static void garbage(struct test *t)
{
    static struct world w;
    static struct proc bad;

    if (!world_make(t, &w, 2) || !proc_make(t, &bad, child_scribbles)) {
        return;
    }
    bad.page->arg[ARG_FRAME] = proc_map(&bad, w.shared[1], 0, PAGE, MAP_READ | MAP_WRITE);
    bad.page->arg[ARG_WAKE] = proc_give(&bad, w.to_server[1], RIGHT_WRITE);
    bad.page->arg[ARG_END] = 20000;
    MUST(t, dispatcher_start(w.server.disp));
    MUST(t, dispatcher_start(bad.disp));
    for (unsigned i = 0; i < 500; i++) {
        EXPECT_OK(t, add(t, &w, CALL_ADD, i % 9));
    }
    (void)proc_finish(&bad);
    CHECK_EQ(t, bad.page->result[0], 0);
    EXPECT_OK(t, add(t, &w, CALL_ADD, 8));
    CHECK_EQ(t, w.server.page->result[RESULT_CLOSED], 1);
    stop(t, &w);
}

TEST_GROUP(rpc_ump, CASE(calls), CASE(server_leaves), CASE(client_leaves), CASE(cancelled), CASE(garbage));
