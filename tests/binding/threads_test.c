/* threads_test.c  Several threads of one client, and many clients of one server: also under ThreadSanitizer. */
#include "pair.h"

#include <pthread.h>
#include <stdatomic.h>

#define CLIENTS  200u
#define CALLERS  6u
#define CALLS    150u

static struct waitset server_ws;
static iref_t iref;
static atomic_uint answered, accepted, ended;
static struct talk_binding *_Atomic last_accepted;

static err_t op_add(struct talk_binding *b, uint64_t x, uint64_t y, uint64_t *sum)
{
    (void)b;
    *sum = x + y;
    answered++;
    return OK;
}

static void op_echo(struct talk_binding *b, const char *text, const uint8_t *data, size_t bytes, char **back,
                    uint8_t **copy, size_t *copied)
{
    checking_ops.echo(b, text, data, bytes, back, copy, copied);
    answered++;
}

static err_t op_mirror(struct talk_binding *b, const uint8_t *data, size_t bytes, uint8_t **copy, size_t *copied)
{
    const err_t err = checking_ops.mirror(b, data, bytes, copy, copied);
    answered++;
    return err;
}

static const struct talk_ops ops = { .add = op_add, .echo = op_echo, .mirror = op_mirror };

static void server_end(struct talk_binding *b, err_t err)
{
    (void)err;
    ended++;
    if (!err_ok(talk_control(b, IDC_CONTROL_TEARDOWN))) {
        abort();
    }
}

static err_t connected(void *st, struct talk_binding *b)
{
    (void)st;
    b->ops = &ops;
    b->error_handler = server_end;
    last_accepted = b;
    accepted++;
    return OK;
}

static void exported(void *st, err_t err, iref_t made)
{
    EXPECT(err_ok(err), "export");
    *(iref_t *)st = made;
}

static void *serve(void *arg)
{
    while (err_ok(event_dispatch(&server_ws))) {
    }
    return arg;
}

static void start_server(pthread_t *thread, unsigned threads)
{
    waitset_init(&server_ws);
    answered = accepted = ended = 0;
    EXPECT(err_ok(talk_export(&iref, exported, connected, &server_ws)) && err_ok(event_dispatch(&server_ws)), "export");
    for (unsigned i = 0; i < threads; i++) {
        pthread_create(&thread[i], NULL, serve, NULL);
    }
}

static void stop_server(pthread_t *thread, unsigned threads)
{
    for (unsigned wait = 0; ended < accepted && wait < 10000; wait++) {
        nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    }
    EXPECT_EQ(ended, accepted, "all clients have gone");
    EXPECT(err_ok(binding_unexport(iref)), "unexport");
    EXPECT(err_ok(waitset_destroy(&server_ws)), "destroy");
    for (unsigned i = 0; i < threads; i++) {
        pthread_join(thread[i], NULL);
    }
    EXPECT_EQ(host_blocks(), 0, "blocks");
}

/* --- */

static atomic_uint wrong;

/* Of any length: some go through shared memory, there and back. */
static bool long_call(struct talk_binding *b, uint64_t x)
{
    const size_t bytes = x * 7919 % 5000;
    uint8_t data[5000], *copy;
    struct rpc_future f;
    size_t copied;

    blob_of(x, data, bytes);
    if (!err_ok(talk_rpc_mirror_start(b, &f, data, bytes))) {
        return false;
    }
    const uint64_t end = x % 3 ? EVENTS_FOREVER : events_now() + x * 104729 % 150000;
    const err_t err = talk_rpc_mirror_finish(&f, end, &copy, &copied);
    if (!err_ok(err)) {
        return err_root(err) == E_TIMEOUT;          /* its answer is dropped, or came in the last moment */
    }
    const bool right = copied == bytes && blob_is(x, copy, bytes);
    heap_free(copy);
    return right;
}

static void *call(void *arg)
{
    struct talk_binding *const b = arg;
    static atomic_uint next;
    uint64_t x = ++next * 1000;
    uint8_t data[900], *copy;
    char *back;
    size_t copied;

    for (unsigned i = 0; i < CALLS; i++, x++) {
        uint64_t sum = 0;
        if (i % 8 == 4) {
            wrong += !long_call(b, x);
            continue;
        }
        if (i % 8) {
            const err_t err = talk_rpc_add(b, x, 1, &sum);
            wrong += !err_ok(err) || sum != x + 1;
            continue;
        }
        memset(data, (int)x, sizeof(data));
        const err_t err = talk_rpc_echo(b, "text", data, sizeof(data), &back, &copy, &copied);
        if (!err_ok(err)) {
            wrong++;
            continue;
        }
        wrong += strcmp(back, "text") != 0 || copied != sizeof(data) || memcmp(copy, data, copied) != 0;
        heap_free(back);
        heap_free(copy);
    }
    return NULL;
}

/* @p watch: a thread of the client serves the binding's waitset at the same time. */
static struct waitset client_ws;

static void *watch(void *arg)
{
    while (err_ok(event_dispatch(&client_ws))) {
    }
    return arg;
}

static void many_callers(bool (*make)(struct transport *end[2]), unsigned server_threads, bool watched)
{
    pthread_t server[2], caller[CALLERS], watcher;
    struct transport *end[2];
    struct binding *b = NULL;

    wrong = 0;
    waitset_init(&client_ws);
    start_server(server, server_threads);
    EXPECT(make(end) && err_ok(binding_accept(iref, end[1])), "channel");
    EXPECT(err_ok(binding_connect(&talk_interface, end[0], &client_ws, 0, &b)), "connect");
    if (watched) {
        pthread_create(&watcher, NULL, watch, NULL);
    }
    for (unsigned i = 0; i < CALLERS; i++) {
        pthread_create(&caller[i], NULL, call, b);
    }
    for (unsigned i = 0; i < CALLERS; i++) {
        pthread_join(caller[i], NULL);
    }
    EXPECT_EQ(wrong, 0, "answers");
    EXPECT_EQ(answered, CALLERS * CALLS, "each call once");
    EXPECT(err_ok(binding_control(b, IDC_CONTROL_TEARDOWN)), "teardown");
    EXPECT(err_ok(waitset_destroy(&client_ws)), "destroy");
    if (watched) {
        pthread_join(watcher, NULL);
    }
    stop_server(server, server_threads);
}

static bool make_loopback(struct transport *end[2])
{
    return channel_kinds[0].make(end);
}

TEST(threads, callers_of_one_client)
{
    many_callers(make_loopback, 1, false);
    many_callers(make_loopback, 2, true);
}

TEST(threads, callers_over_ump)
{
    many_callers(ump_pair_make, 1, false);
    many_callers(ump_pair_make, 2, true);
}

TEST(threads, two_hundred_clients)
{
    pthread_t server[2];
    static struct talk_binding *client[CLIENTS];
    static struct rpc_future f[CLIENTS];
    uint64_t sum;

    waitset_init(&client_ws);
    start_server(server, 2);
    for (unsigned i = 0; i < CLIENTS; i++) {
        EXPECT(err_ok(talk_connect(iref, &client_ws, &client[i])), "client %u", i);
    }
    EXPECT_EQ(accepted, CLIENTS, "all");
    for (unsigned round = 0; round < 5; round++) {
        for (unsigned i = 0; i < CLIENTS; i++) {
            EXPECT(err_ok(talk_rpc_add_start(client[i], &f[i], i, round)), "start");
        }
        for (unsigned i = 0; i < CLIENTS; i++) {
            EXPECT(err_ok(talk_rpc_add_finish(&f[i], EVENTS_FOREVER, &sum)) && sum == i + round, "sum");
        }
    }
    for (unsigned i = 0; i < CLIENTS; i++) {
        EXPECT(err_ok(talk_control(client[i], IDC_CONTROL_TEARDOWN)), "teardown");
    }
    EXPECT(err_ok(waitset_destroy(&client_ws)), "destroy");
    stop_server(server, 2);
}

/* Calls in flight from several threads end when the server does. */
static void *call_until_closed(void *arg)
{
    uint64_t sum;

    while (err_ok(talk_rpc_add(arg, 1, 2, &sum))) {
    }
    return NULL;
}

TEST(threads, server_goes_while_clients_call)
{
    for (unsigned round = 0; round < 30; round++) {
        pthread_t server[1], caller[3];
        struct transport *end[2];
        struct binding *b = NULL;
        waitset_init(&client_ws);
        start_server(server, 1);
        EXPECT((round % 2 ? ump_pair_make : make_loopback)(end) && err_ok(binding_accept(iref, end[1])), "channel");
        EXPECT(err_ok(binding_connect(&talk_interface, end[0], &client_ws, 0, &b)), "connect");
        for (unsigned i = 0; i < 3; i++) {
            pthread_create(&caller[i], NULL, call_until_closed, b);
        }
        nanosleep(&(struct timespec){ .tv_nsec = 300000 * (long)(round % 5) }, NULL);
        if (round % 3) {
            EXPECT(err_ok(talk_control(last_accepted, IDC_CONTROL_TEARDOWN)), "the server ends it");
        } else {                            /* or a mistake does: a message that nobody handles */
            err_t err = talk_say__tx((struct talk_binding *)b, NOP_CONT, 1, TALK_VOICE_LOUD);
            while (err_root(err) == E_TX_BUSY) {
                err = talk_say__tx((struct talk_binding *)b, NOP_CONT, 1, TALK_VOICE_LOUD);
            }
        }
        for (unsigned i = 0; i < 3; i++) {
            pthread_join(caller[i], NULL);
        }
        EXPECT(err_ok(binding_control(b, IDC_CONTROL_TEARDOWN)), "teardown");
        EXPECT(err_ok(waitset_destroy(&client_ws)), "destroy");
        stop_server(server, 1);
    }
}
