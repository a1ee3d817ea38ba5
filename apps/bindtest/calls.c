/** @file calls.c  Conversations with a server that keeps the rules. */
#include "bindtest.h"

void call_works(struct test *t, struct talk_binding *b)
{
    uint64_t sum = 0;

    if (EXPECT_OK(t, talk_rpc_add(b, 20, 22, &sum))) {
        CHECK_EQ(t, sum, 42);
    }
}

/* --- calls --- */

static void echo(struct test *t, struct talk_binding *b, size_t letters, size_t bytes)
{
    static char text[2001];
    static uint8_t data[20000];
    uint8_t *copy = NULL;
    char *back = NULL;
    size_t copied = 0;

    memset(text, 'x', letters);
    text[letters] = '\0';
    for (size_t i = 0; i < bytes; i++) {
        data[i] = (uint8_t)(i * 7 + letters);
    }
    if (!EXPECT_OK(t, talk_rpc_echo(b, text, data, bytes, &back, &copy, &copied))) {
        return;
    }
    CHECK(t, back && strcmp(back, text) == 0, "a string of %lu came back changed", letters);
    CHECK(t, copied == bytes && (bytes == 0 || memcmp(copy, data, bytes) == 0), "%lu bytes came back changed", bytes);
    heap_free(back);
    heap_free(copy);
}

static void every_kind(struct test *t)
{
    struct talk_binding *b;
    struct server s;
    struct seen seen;
    uint64_t twice = 0, sum;

    if (!server_start(t, &s)) {
        return;
    }
    if (client_open(t, &s, &seen, &b)) {
        call_works(t, b);
        EXPECT_ERR(t, talk_rpc_add(b, 13, 0, &sum), E_ARG);
        EXPECT_OK(t, talk_rpc_later(b, 4, &twice));
        CHECK_EQ(t, twice, 8);
        echo(t, b, 0, 0);
        echo(t, b, 1, 8);
        echo(t, b, 200, 3000);
        echo(t, b, 2000, 20000);
        call_works(t, b);
        client_close(t, b, &seen);
    }
    server_stop(t, &s);
}

void calls_every_kind(struct test *t)
{
    test_same_memory(t, every_kind);
}

/* --- capabilities --- */

static void swap(struct test *t, struct talk_binding *b, cptr_t frame)
{
    cptr_t got = CPTR_NULL;

    for (unsigned i = 0; i < 20; i++) {
        if (!EXPECT_OK(t, talk_rpc_swap(b, frame, &got))) {
            return;
        }
        CHECK(t, got != CPTR_NULL && got != frame && frame_same(got, frame), "another capability came back");
        binding_drop_cap(got);
    }
}

static void no_copy(void *arg)
{
    (void)arg;
}

static void hand(struct test *t, struct talk_binding *b, struct seen *seen, cptr_t frame)
{
    cptr_t gift, also[3] = { frame, frame, frame };

    MUST(t, binding_copy_cap(frame, &gift));
    seen->handed = 0;
    MUST(t, talk_hand__tx(b, MKCONT(no_copy, NULL), 77, gift, also, 3));
    serve_until(t, seen, &seen->handed);
    if (!seen->handed) {
        return;
    }
    CHECK_EQ(t, seen->bytes, 3);
    CHECK(t, frame_same(seen->what, frame), "the gift is another");
    binding_drop_cap(seen->what);
    for (unsigned i = 0; i < 3; i++) {
        CHECK(t, frame_same(seen->also[i], frame), "copy %u is another", i);
        binding_drop_cap(seen->also[i]);
    }
}

static void capabilities(struct test *t)
{
    struct talk_binding *b;
    struct server s;
    struct seen seen;
    cptr_t frame, ram;

    if (!server_start(t, &s)) {
        return;
    }
    const uint64_t slots = os_stock()->slots.used;
    MUST(t, frame_new(&frame, &ram));
    if (client_open(t, &s, &seen, &b)) {
        swap(t, b, frame);
        hand(t, b, &seen, frame);
        hand(t, b, &seen, frame);
        call_works(t, b);
        client_close(t, b, &seen);
    }
    binding_drop_cap(frame);
    binding_drop_cap(ram);
    if (t->wrong == 0) {
        static bool again;          /* seats keep three slots; the heap may have given some back meanwhile */
        CHECK(t, !again || os_stock()->slots.used <= slots, "%lu slots were in use, now %lu", slots,
              os_stock()->slots.used);
        again = true;
    }
    server_stop(t, &s);
}

void calls_capabilities(struct test *t)
{
    capabilities(t);
    capabilities(t);
}

/* --- messages --- */

static void messages(struct test *t)
{
    static uint8_t data[3000];
    struct talk_binding *b;
    struct server s;
    struct seen seen;
    unsigned sent = 0;

    if (!server_start(t, &s)) {
        return;
    }
    if (client_open(t, &s, &seen, &b)) {
        EXPECT_OK(t, talk_say__tx(b, NOP_CONT, 10, TALK_VOICE_LOUD));
        serve_until(t, &seen, &seen.said);
        CHECK_EQ(t, seen.number, 10);
        for (size_t i = 0; i < sizeof(data); i++) {
            data[i] = (uint8_t)i;
        }
        EXPECT_OK(t, talk_note__tx(b, MKCONT(no_copy, &sent), 99, "a note", data, sizeof(data)));
        EXPECT_ERR(t, talk_note__tx(b, NOP_CONT, 100, "too early", data, 1), E_TX_BUSY);
        serve_until(t, &seen, &seen.noted);
        CHECK_EQ(t, seen.number, 99);
        CHECK_EQ(t, seen.bytes, sizeof(data));
        CHECK(t, seen.same, "the note came back changed");
        client_close(t, b, &seen);
    }
    server_stop(t, &s);
}

void calls_messages(struct test *t)
{
    test_same_memory(t, messages);
}

/* How many of 40 messages the server had answered when the function that sent them returned. */
static unsigned answered_at_once(struct test *t, struct talk_binding *b, struct seen *seen)
{
    unsigned at_once = 0;

    for (uint64_t i = 1; i <= 40 && t->wrong == 0; i++) {
        seen->said = 0;
        EXPECT_OK(t, talk_say__tx(b, NOP_CONT, i, TALK_VOICE_NORMAL));
        err_ignore(event_dispatch_non_block(&seen->ws));
        at_once += seen->said;
        serve_until(t, seen, &seen->said);
    }
    return at_once;
}

static void synchronous(struct test *t)
{
    struct talk_binding *b;
    struct server s;
    struct seen seen;

    if (!server_start(t, &s)) {
        return;
    }
    if (client_open(t, &s, &seen, &b)) {
        const unsigned before = answered_at_once(t, b, &seen);
        EXPECT_OK(t, talk_control(b, IDC_CONTROL_SET_SYNC));
        const unsigned set = answered_at_once(t, b, &seen);
        EXPECT_OK(t, talk_control(b, IDC_CONTROL_CLEAR_SYNC));
        const unsigned cleared = answered_at_once(t, b, &seen);
        CHECK(t, before < 10 && set > 30 && cleared < 10, "answered at once: %u, %u when set, %u when cleared", before, set,
              cleared);
        client_close(t, b, &seen);
    }
    server_stop(t, &s);
}

void calls_synchronous(struct test *t)
{
    test_same_memory(t, synchronous);
}

/* --- threads --- */

#define THREADS 4u
#define STACK   16384u

_Alignas(16) static char stack[THREADS][STACK];
#define ROUNDS  100u

struct caller {
    struct talk_binding *b;
    uint64_t number, wrong;
};

static uint64_t call_often(void *arg)
{
    struct caller *const c = arg;
    uint64_t sum = 0, twice = 0;

    for (uint64_t i = 0; i < ROUNDS; i++) {
        const uint64_t x = c->number * 1000 + i;
        c->wrong += !err_ok(talk_rpc_add(c->b, x, 1, &sum)) || sum != x + 1;
        c->wrong += !err_ok(talk_rpc_later(c->b, x + LATER_HELD, &twice)) || twice != 2 * (x + LATER_HELD);
    }
    return 0;
}

static void of_threads(struct test *t)
{
    struct caller caller[THREADS];
    struct thread *thread[THREADS];
    struct talk_binding *b;
    struct server s;
    struct seen seen;

    if (!server_start(t, &s)) {
        return;
    }
    if (client_open(t, &s, &seen, &b)) {
        for (unsigned i = 0; i < THREADS; i++) {
            const struct thread_options options = { .stack = stack[i], .stack_bytes = STACK };
            caller[i] = (struct caller){ b, i + 1, 0 };
            MUST(t, thread_create(&thread[i], call_often, &caller[i], &options));
        }
        for (unsigned i = 0; i < THREADS; i++) {
            EXPECT_OK(t, thread_join(thread[i], NULL));
            CHECK_EQ(t, caller[i].wrong, 0);
        }
        client_close(t, b, &seen);
    }
    server_stop(t, &s);
}

void calls_of_threads(struct test *t)
{
    test_same_memory(t, of_threads);
}

/* --- deadlines --- */

static void deadline(struct test *t)
{
    struct talk_binding *b;
    struct rpc_future f;
    struct server s;
    struct seen seen;
    uint64_t twice;

    if (!server_start(t, &s)) {
        return;
    }
    if (client_open(t, &s, &seen, &b)) {
        const uint64_t begin = events_now();
        EXPECT_OK(t, talk_rpc_later_start(b, &f, LATER_HELD));
        EXPECT_ERR(t, talk_rpc_later_finish(&f, begin + in_ms(20), &twice), E_TIMEOUT);
        CHECK(t, events_now() - begin >= in_ms(20) && events_now() - begin < in_ms(2000), "it took %lu ticks",
              events_now() - begin);
        call_works(t, b);
        EXPECT_OK(t, talk_say__tx(b, NOP_CONT, ORDER_ANSWER_LATER, TALK_VOICE_QUIET));     /* too late */
        call_works(t, b);
        EXPECT_OK(t, talk_rpc_later(b, 1, &twice));
        CHECK_EQ(t, twice, 2);
        binding_set_timeout(&b->common, in_ms(10));
        EXPECT_ERR(t, talk_rpc_later(b, LATER_HELD, &twice), E_TIMEOUT);
        binding_set_timeout(&b->common, in_ms(5000));
        call_works(t, b);
        client_close(t, b, &seen);
    }
    server_stop(t, &s);
}

void calls_deadline(struct test *t)
{
    test_same_memory(t, deadline);
}

/* --- what is refused --- */

static void refused(struct test *t)
{
    struct binding_interface other = talk_interface;
    struct transport *transport;
    struct binding *b;
    struct server s;

    if (!server_start(t, &s)) {
        return;
    }
    other.fingerprint++;
    if (EXPECT_OK(t, binding_reach(s.iref, &transport))) {
        EXPECT_ERR(t, binding_connect(&other, transport, NULL, in_ms(5000), &b), E_BINDING_VERSION);
    }
    EXPECT_ERR(t, binding_reach(s.iref + 1000, &transport), E_MONITOR_SERVICE);
    server_stop(t, &s);
    EXPECT_ERR(t, binding_reach(s.iref, &transport), E_MONITOR_SERVICE);
}

void calls_refused(struct test *t)
{
    test_same_memory(t, refused);
}

/* --- loopback: a server in this process, whose waitset another thread serves --- */

static err_t own_add(struct talk_binding *b, uint64_t x, uint64_t y, uint64_t *sum)
{
    (void)b;
    *sum = x + y;
    return OK;
}

static uint64_t serve_own(void *arg)
{
    while (err_ok(event_dispatch(arg))) {
    }
    return 0;
}

static void loopback(struct test *t)
{
    static const struct talk_ops ops = { .add = own_add };
    const struct thread_options options = { .stack = stack[0], .stack_bytes = STACK };
    struct waitset ws;
    struct talk_binding *b;
    struct thread *thread;
    iref_t iref;

    waitset_init(&ws);
    MUST(t, talk_serve(&ops, NULL, &ws, &iref));
    MUST(t, thread_create(&thread, serve_own, &ws, &options));
    if (EXPECT_OK(t, talk_connect(iref, NULL, &b))) {
        call_works(t, b);
        EXPECT_OK(t, talk_control(b, IDC_CONTROL_TEARDOWN));
    }
    thread_sleep_until(events_now() + in_ms(10));           /* the other end hears of it */
    EXPECT_OK(t, binding_unexport(iref));
    EXPECT_OK(t, waitset_destroy(&ws));
    EXPECT_OK(t, thread_join(thread, NULL));
}

void calls_loopback(struct test *t)
{
    test_same_memory(t, loopback);
}

/* --- many --- */

#define MANY 200u

static void many(struct test *t)
{
    static struct talk_binding *b[MANY];
    struct waitset ws;
    struct server s;
    uint64_t sum;

    if (!server_start(t, &s)) {
        return;
    }
    waitset_init(&ws);
    for (unsigned i = 0; i < MANY && t->wrong == 0; i++) {
        EXPECT_OK(t, talk_connect(s.iref, &ws, &b[i]));
    }
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < MANY && t->wrong == 0; i++) {
            EXPECT_OK(t, talk_rpc_add(b[i], 100 + i, round, &sum));
            CHECK_EQ(t, sum, 100 + i + round);
        }
    }
    for (unsigned i = 0; i < MANY && t->wrong == 0; i++) {
        EXPECT_OK(t, talk_control(b[i], IDC_CONTROL_TEARDOWN));
    }
    EXPECT_OK(t, waitset_destroy(&ws));
    server_stop(t, &s);
}

void many_bindings(struct test *t)
{
    test_same_memory(t, many);
}
