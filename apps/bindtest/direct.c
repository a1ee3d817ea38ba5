/** @file direct.c  Calls that stay in registers (os/direct.h), and each reason for one not to: the result is the same. */
#include "bindtest.h"

#define CALLS 200u

/* --- was it one? --- */

/* A call by frames takes a slot and counts its generation on; and so does one that was settled. */
static uint64_t generations(const struct talk_binding *b)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < BINDING_CALLS_MAX; i++) {
        sum = sum * 31 + b->common.call[i].generation;
    }
    return sum;
}

/* One call that must be right.  @return whether it stayed in registers */
static bool add(struct test *t, struct talk_binding *b, uint64_t x, uint64_t y)
{
    const uint64_t before = generations(b);
    uint64_t sum = 0;

    EXPECT_OK(t, talk_rpc_add(b, x, y, &sum));
    CHECK_EQ(t, sum, x + y);
    return generations(b) == before;
}

/* @return how many of CALLS did */
static unsigned add_many(struct test *t, struct talk_binding *b)
{
    unsigned direct = 0;

    for (uint64_t i = 0; i < CALLS && t->wrong == 0; i++) {
        direct += add(t, b, 1000 + i, i << 40);
    }
    return direct;
}

/* Nearly all: somebody else of the machine may have something to do now and then. */
static void mostly_direct(struct test *t, struct talk_binding *b)
{
    const unsigned direct = add_many(t, b);

    CHECK(t, direct > CALLS * 9 / 10, "only %u of %u calls stayed in registers", direct, CALLS);
}

static void none_direct(struct test *t, struct talk_binding *b)
{
    CHECK_EQ(t, add_many(t, b), 0);
}

/* --- a server, and a client whose calls have no time limit --- */

static bool open(struct test *t, const struct server *s, struct seen *seen, struct talk_binding **b)
{
    if (!client_open(t, s, seen, b)) {
        return false;
    }
    binding_set_timeout(&(*b)->common, 0);
    return true;
}

static void with_server(struct test *t, enum server_kind kind, void (*body)(struct test *t, struct talk_binding *b))
{
    struct talk_binding *b;
    struct server s;
    struct seen seen;

    if (!server_start_kind(t, &s, kind)) {
        return;
    }
    if (open(t, &s, &seen, &b)) {
        body(t, b);
        client_close(t, b, &seen);
    }
    server_stop(t, &s);
}

/* --- the path itself --- */

static void taken(struct test *t, struct talk_binding *b)
{
    uint64_t sum = 0;

    mostly_direct(t, b);
    EXPECT_ERR(t, talk_rpc_add(b, ADD_FAIL, 1, &sum), E_ARG);
    mostly_direct(t, b);
    binding_set_timeout(&b->common, in_ms(5000));       /* with a time limit calls go by frames */
    none_direct(t, b);
    binding_set_timeout(&b->common, 0);
    mostly_direct(t, b);
}

static void taken_round(struct test *t)
{
    with_server(t, SERVER_USUAL, taken);
}

void direct_taken(struct test *t)
{
    test_same_memory(t, taken_round);
}

/* A server that does not say that it will go on answers by frames. */
static void dispatch_round(struct test *t)
{
    with_server(t, SERVER_DISPATCH, none_direct);
}

void direct_dispatch(struct test *t)
{
    test_same_memory(t, dispatch_round);
}

/* --- what handlers do meanwhile --- */

static struct seen *seen_by(struct talk_binding *b)
{
    return b->st;
}

static void handlers(struct test *t, struct talk_binding *b)
{
    struct seen *const seen = seen_by(b);
    struct rpc_future f;
    uint64_t sum, twice = 0;

    for (uint64_t i = 0; i < 20 && t->wrong == 0; i++) {
        seen->said = 0;
        (void)add(t, b, ADD_SAY, 500 + i);              /* a message before the answer */
        (void)add(t, b, 1, 2);                          /* it lies in the ring, or is kept */
        serve_until(t, seen, &seen->said);
        CHECK_EQ(t, seen->number, 500 + i);
        (void)add(t, b, 3, 4);
    }
    mostly_direct(t, b);
    (void)add(t, b, ADD_HANDLER, 1);                    /* handlers that answer by a message */
    none_direct(t, b);
    (void)add(t, b, ADD_HANDLER, 1);
    mostly_direct(t, b);
    EXPECT_OK(t, talk_rpc_later_start(b, &f, LATER_HELD));      /* a call that the server keeps */
    none_direct(t, b);
    EXPECT_OK(t, talk_say__tx(b, NOP_CONT, ORDER_ANSWER_LATER, TALK_VOICE_QUIET));
    EXPECT_OK(t, talk_rpc_later_finish(&f, events_now() + in_ms(5000), &twice));
    CHECK_EQ(t, twice, 2 * LATER_HELD);
    EXPECT_OK(t, talk_rpc_later_start(b, &f, LATER_HELD));      /* and one whose answer nobody wants any more */
    rpc_future_cancel(&f);
    EXPECT_OK(t, talk_rpc_add(b, 5, 6, &sum));
    EXPECT_OK(t, talk_say__tx(b, NOP_CONT, ORDER_ANSWER_LATER, TALK_VOICE_QUIET));
    EXPECT_OK(t, talk_rpc_add(b, 5, 6, &sum));
    mostly_direct(t, b);
}

static void handlers_round(struct test *t)
{
    with_server(t, SERVER_USUAL, handlers);
}

void direct_handlers(struct test *t)
{
    test_same_memory(t, handlers_round);
}

/* --- threads of the client --- */

#define STACK 16384u
_Alignas(16) static char stack[2][STACK];

static struct thread *start(struct test *t, unsigned i, thread_fn fn, void *arg)
{
    const struct thread_options options = { .stack = stack[i], .stack_bytes = STACK };
    struct thread *thread = NULL;

    EXPECT_OK(t, thread_create(&thread, fn, arg, &options));
    return thread;
}

struct caller {
    struct talk_binding *b;
    uint64_t x, wrong;
    bool stop;
};

static uint64_t call_slowly(void *arg)
{
    struct caller *const c = arg;
    uint64_t sum;

    for (uint64_t i = 0; i < 20; i++) {
        c->wrong += !err_ok(talk_rpc_add(c->b, c->x, i, &sum)) || sum != c->x + i;
    }
    return 0;
}

static uint64_t yield_often(void *arg)
{
    const struct caller *const c = arg;

    while (!__atomic_load_n(&c->stop, __ATOMIC_RELAXED)) {
        thread_yield();
    }
    return 0;
}

static void threads(struct test *t, struct talk_binding *b)
{
    struct caller caller[2] = { { .b = b, .x = ADD_SLEEP }, { .b = b, .x = 70 } };
    struct thread *thread[2];

    thread[1] = start(t, 1, yield_often, &caller[1]);   /* somebody else can run */
    none_direct(t, b);
    __atomic_store_n(&caller[1].stop, true, __ATOMIC_RELAXED);
    EXPECT_OK(t, thread_join(thread[1], NULL));
    mostly_direct(t, b);
    for (unsigned i = 0; i < 2; i++) {                  /* calls of three threads on one binding */
        thread[i] = start(t, i, call_slowly, &caller[i]);
    }
    for (unsigned i = 0; i < 20; i++) {
        (void)add(t, b, ADD_SLEEP, i);
    }
    for (unsigned i = 0; i < 2; i++) {
        EXPECT_OK(t, thread_join(thread[i], NULL));
        CHECK_EQ(t, caller[i].wrong, 0);
    }
    mostly_direct(t, b);
}

static void threads_round(struct test *t)
{
    with_server(t, SERVER_USUAL, threads);
}

void direct_threads(struct test *t)
{
    test_same_memory(t, threads_round);
}

/* --- woken while parked: by a timer of another thread, which does not touch the binding, or does --- */

static uint64_t sleep_often(void *arg)
{
    const struct caller *const c = arg;

    while (!__atomic_load_n(&c->stop, __ATOMIC_RELAXED)) {
        run_sleep(1000);
    }
    return 0;
}

static uint64_t sleep_and_call(void *arg)
{
    struct caller *const c = arg;
    uint64_t sum;

    while (!__atomic_load_n(&c->stop, __ATOMIC_RELAXED)) {
        run_sleep(1000);
        c->wrong += !err_ok(talk_rpc_add(c->b, 8, 9, &sum)) || sum != 17;
        c->x++;
    }
    return 0;
}

static void woken_by(struct test *t, struct talk_binding *b, thread_fn fn)
{
    struct caller caller = { .b = b };
    struct thread *const thread = start(t, 0, fn, &caller);

    for (unsigned i = 0; i < 10; i++) {
        CHECK(t, !add(t, b, ADD_SLEEP, i), "a call of 5 ms stayed in registers, with timers of 1 ms");
    }
    (void)add_many(t, b);
    __atomic_store_n(&caller.stop, true, __ATOMIC_RELAXED);
    EXPECT_OK(t, thread_join(thread, NULL));
    CHECK_EQ(t, caller.wrong, 0);
    CHECK(t, fn != sleep_and_call || caller.x >= 10, "the other thread made only %lu calls", caller.x);
    mostly_direct(t, b);
}

static void woken(struct test *t, struct talk_binding *b)
{
    woken_by(t, b, sleep_often);
    woken_by(t, b, sleep_and_call);
}

static void woken_round(struct test *t)
{
    with_server(t, SERVER_USUAL, woken);
}

void direct_woken(struct test *t)
{
    test_same_memory(t, woken_round);
}

/* --- ends --- */

static uint64_t kill_soon(void *arg)
{
    run_sleep(2000);
    return !err_ok(process_kill(*(const uint64_t *)arg));
}

static uint64_t tear_down_soon(void *arg)
{
    run_sleep(2000);
    return !err_ok(talk_control(arg, IDC_CONTROL_TEARDOWN));
}

/* How the server ends it. */
static void end_of_server(struct test *t, struct server *s, enum add how)
{
    struct talk_binding *b;
    struct thread *thread = NULL;
    struct seen seen;
    uint64_t sum;

    if (!open(t, s, &seen, &b)) {
        return;
    }
    mostly_direct(t, b);
    if (how == ADD_SLEEP) {                             /* it is killed in the middle of the call */
        thread = start(t, 0, kill_soon, &s->pid);
    }
    EXPECT_ERR(t, talk_rpc_add(b, how, 0, &sum), E_RPC_CLOSED);
    serve_until(t, &seen, &seen.ended);
    EXPECT_ERR(t, seen.why, E_RPC_CLOSED);
    EXPECT_ERR(t, talk_rpc_add(b, 1, 2, &sum), E_RPC_CLOSED);
    if (thread) {
        EXPECT_OK(t, thread_join(thread, NULL));
    }
    client_close(t, b, &seen);
}

/* Another thread of the client ends the binding of a call that is under way. */
static void end_of_client(struct test *t, const struct server *s)
{
    struct talk_binding *b;
    struct seen seen;
    uint64_t sum;

    if (!open(t, s, &seen, &b)) {
        return;
    }
    mostly_direct(t, b);
    struct thread *const thread = start(t, 0, tear_down_soon, b);
    EXPECT_ERR(t, talk_rpc_add(b, ADD_SLEEP, 0, &sum), E_RPC_CLOSED);
    EXPECT_OK(t, thread_join(thread, NULL));
    CHECK_EQ(t, seen.ended, 1);
    EXPECT_OK(t, waitset_destroy(&seen.ws));
}

static void ends(struct test *t)
{
    struct server s;

    if (!server_start(t, &s)) {
        return;
    }
    for (unsigned i = 0; i < 5 && t->wrong == 0; i++) {
        end_of_server(t, &s, ADD_TEARDOWN);
        end_of_client(t, &s);
    }
    end_of_server(t, &s, ADD_SLEEP);
    run_ends(t, s.pid, STATUS_KILLED);
    if (server_start(t, &s)) {
        end_of_server(t, &s, ADD_EXIT);
        run_ends(t, s.pid, EXIT_STATUS);
    }
}

void direct_ends(struct test *t)
{
    test_same_memory(t, ends);
}

/* --- several clients, several servers --- */

static void two_clients(struct test *t)
{
    struct talk_binding *b[2];
    struct seen seen[2];
    struct server s;
    unsigned direct = 0;

    if (!server_start(t, &s)) {
        return;
    }
    if (open(t, &s, &seen[0], &b[0]) && open(t, &s, &seen[1], &b[1])) {
        for (uint64_t i = 0; i < CALLS && t->wrong == 0; i++) {
            direct += add(t, b[i % 2], 1000 + i, i);
        }
        CHECK(t, direct > CALLS * 9 / 10, "only %u of %u calls stayed in registers", direct, CALLS);
        client_close(t, b[0], &seen[0]);
        mostly_direct(t, b[1]);
        client_close(t, b[1], &seen[1]);
    }
    server_stop(t, &s);
}

void direct_two_clients(struct test *t)
{
    test_same_memory(t, two_clients);
}

static void two_servers(struct test *t, struct talk_binding *b)
{
    mostly_direct(t, b);
    threads(t, b);
    handlers(t, b);
}

static void two_servers_round(struct test *t)
{
    with_server(t, SERVER_TWO, two_servers);
}

void direct_two_servers(struct test *t)
{
    test_same_memory(t, two_servers_round);
}

/* Timers of the waitset, and answers to calls of another thread, come while the server waits for any message. */
static void busy_server(struct test *t, struct talk_binding *b)
{
    const uint64_t end = events_now() + in_ms(5000);
    uint64_t ticks = 0, lookups = 0, direct = 0, calls = 0;

    while ((ticks < 20 || lookups < 50) && events_now() < end && t->wrong == 0) {
        for (unsigned i = 0; i < 100; i++) {
            direct += add(t, b, 1000 + calls, calls);
            calls++;
        }
        EXPECT_OK(t, talk_rpc_add(b, ADD_TICKS, 0, &ticks));
        EXPECT_OK(t, talk_rpc_add(b, ADD_LOOKUPS, 0, &lookups));
    }
    CHECK(t, ticks >= 20 && lookups >= 50, "only %lu ticks of 2 ms and %lu calls of 0.5 ms in five seconds", ticks,
          lookups);
    CHECK(t, direct > calls / 2, "only %lu of %lu calls stayed in registers", direct, calls);
}

static void busy_round(struct test *t)
{
    with_server(t, SERVER_BUSY, busy_server);
}

void direct_busy_server(struct test *t)
{
    test_same_memory(t, busy_round);
}

/* --- credits and tokens, over many calls between messages of all kinds --- */

static void mixed(struct test *t, struct talk_binding *b)
{
    static uint8_t data[500];
    struct seen *const seen = seen_by(b);
    uint64_t said = 0, direct = 0;
    uint8_t *copy;
    size_t copied;
    char *back;

    for (uint64_t i = 0; i < 100000 && t->wrong == 0; i++) {
        direct += add(t, b, 1000 + i, i);
        if (i % 300 == 7) {
            seen->said = 0;
            EXPECT_OK(t, talk_say__tx(b, NOP_CONT, 600 + i, TALK_VOICE_LOUD));
            if (i % 600 == 7) {
                (void)add(t, b, 5, i);                  /* before what was said comes back, or behind it */
            }
            serve_until(t, seen, &seen->said);
            CHECK_EQ(t, seen->number, 600 + i);
            said++;
        } else if (i % 1000 == 11) {
            EXPECT_OK(t, talk_rpc_echo(b, "text", data, i % sizeof(data), &back, &copy, &copied));
            CHECK_EQ(t, copied, i % sizeof(data));
            heap_free(back);
            heap_free(copy);
        }
    }
    CHECK(t, direct > 98000, "only %lu of 100000 calls stayed in registers", direct);
    CHECK_EQ(t, said, 334);
}

static void mixed_round(struct test *t)
{
    with_server(t, SERVER_USUAL, mixed);
}

void direct_mixed(struct test *t)
{
    mixed_round(t);
}

/* --- the waitset goes --- */

static uint64_t serve_it(void *ws)
{
    return err_root(event_serve(ws));
}

void direct_destroyed(struct test *t)
{
    for (unsigned i = 0; i < 3; i++) {
        struct waitset ws;
        uint64_t end = 0;
        waitset_init(&ws);
        struct thread *const thread = start(t, 0, serve_it, &ws);
        run_sleep(1000 * i);
        EXPECT_OK(t, waitset_destroy(&ws));
        EXPECT_OK(t, thread_join(thread, &end));
        CHECK_EQ(t, end, E_WAITSET_DESTROYED);
    }
}
