/* random_main.c  Send each message of a random interface with random values over each channel, and compare what
 * comes. */
#include "channels.h"
#include "host.h"

#include <os/heap.h>
#include <os/msgbuf.h>
#include <stubs/rnd.h>

/* --- values --- */

enum how { ALL, SENT, ONLY_CAPS };     /* what is freed: all; what a sender has left; capabilities only */

static uint64_t any(uint64_t *r)
{
    return test_random(r);
}

static size_t any_count(uint64_t *r, size_t bound)
{
    const size_t few = any(r) % 4;

    return bound && (few > bound || any(r) % 4 == 0) ? bound : few;
}

/* Small numbers, large ones, and those at the ends. */
static uint64_t any_word(uint64_t *r)
{
    const uint64_t x = any(r);

    switch (any(r) % 4) {
    case 0:
        return x % 256;
    case 1:
        return 0 - x % 3;
    default:
        return x;
    }
}

#define SCALAR(name_, c_)                                                                                              \
    __attribute__((unused)) static void make_##name_(uint64_t *r, c_ *v)                                               \
    {                                                                                                                  \
        const uint64_t x = any_word(r);                                                                                \
        memcpy(v, &x, sizeof(*v));                                                                                     \
    }                                                                                                                  \
    __attribute__((unused)) static bool same_##name_(c_ *v, c_ *w)                                                     \
    {                                                                                                                  \
        return memcmp(v, w, sizeof(*v)) == 0;                                                                          \
    }                                                                                                                  \
    __attribute__((unused)) static void free_##name_(c_ *v, enum how how)                                              \
    {                                                                                                                  \
        (void)v, (void)how;                                                                                            \
    }

SCALAR(char, char)
SCALAR(int, int)
SCALAR(int8, int8_t)
SCALAR(int16, int16_t)
SCALAR(int32, int32_t)
SCALAR(int64, int64_t)
SCALAR(uint8, uint8_t)
SCALAR(uint16, uint16_t)
SCALAR(uint32, uint32_t)
SCALAR(uint64, uint64_t)
SCALAR(intptr, intptr_t)
SCALAR(uintptr, uintptr_t)
SCALAR(size, size_t)
SCALAR(iref, iref_t)

#define UNUSED __attribute__((unused))

UNUSED static void make_bool(uint64_t *r, bool *v)
{
    *v = any(r) & 1;
}

UNUSED static bool same_bool(bool *v, bool *w)
{
    return *v == *w;
}

UNUSED static void free_bool(bool *v, enum how how)
{
    (void)v, (void)how;
}

UNUSED static void make_errval(uint64_t *r, err_t *v)
{
    *v = any(r) & 1 ? OK : (err_t){ any_word(r) };
}

UNUSED static bool same_errval(err_t *v, err_t *w)
{
    return v->trail == w->trail;
}

UNUSED static void free_errval(err_t *v, enum how how)
{
    (void)v, (void)how;
}

UNUSED static void make_bounded(uint64_t *r, char **v, size_t bound)
{
    const size_t bytes = any(r) % 3 == 0 && bound ? bound : bound ? any(r) % (bound + 1) : any(r) % 60;

    *v = heap_alloc(bytes + 1);
    for (size_t i = 0; i < bytes; i++) {
        (*v)[i] = (char)(any(r) % 255 + 1);
    }
}

UNUSED static void make_string(uint64_t *r, char **v)
{
    make_bounded(r, v, 0);
}

UNUSED static bool same_string(char **v, char **w)
{
    return strcmp(*v, *w) == 0;
}

UNUSED static void free_string(char **v, enum how how)
{
    if (how != ONLY_CAPS) {
        heap_free(*v);
    }
}

UNUSED static void make_cap(uint64_t *r, cptr_t *v)
{
    *v = any(r) % 8 == 0 ? CPTR_NULL : host_cap((unsigned)any(r));
}

UNUSED static bool same_cap(cptr_t *v, cptr_t *w)
{
    return host_cap_what(*v) == host_cap_what(*w) && (*v == CPTR_NULL) == (*w == CPTR_NULL);
}

UNUSED static void free_cap(cptr_t *v, enum how how)
{
    (void)how;
    if (*v != CPTR_NULL) {
        rpc_drop_cap(*v);
    }
}

#define make_give_away_cap make_cap
#define same_give_away_cap same_cap

UNUSED static void free_give_away_cap(cptr_t *v, enum how how)
{
    if (how != SENT) {
        free_cap(v, how);
    }
}

/* --- the conversation --- */

struct half {
    const char *name;
    err_t (*send)(struct rnd_binding *b, uint64_t seed);
    void (*done)(void);                 /* it is sent: free what a sender keeps */
    bool both;                          /* servers may send it, too */
    err_t (*answer)(struct rnd_binding *b, uint64_t seed);
    void (*answer_done)(void);
};

static uint64_t expected_seed, received, sent;
static struct rnd_binding *client, *server;
static struct waitset client_ws, server_ws;
static cptr_t kept[256];
static unsigned kept_count;

static void count_sent(void *arg)
{
    (void)arg;
    sent++;
}

UNUSED static void keep(cptr_t cap)
{
    if (cap != CPTR_NULL) {
        kept[kept_count++] = cap;
    }
}

UNUSED static void drop_kept(void)
{
    while (kept_count) {
        rpc_drop_cap(kept[--kept_count]);
    }
}

UNUSED static bool closed(err_t err)
{
    EXPECT(err_ok(err) || err_root(err) != E_RPC_CLOSED, "the channel is open");
    return err_root(err) == E_RPC_CLOSED;
}

/* Messages with capabilities do not go over all channels. */
static bool refused(err_t err)
{
    EXPECT(err_ok(err) || err_root(err) == E_BINDING_CAP, "sent: %#lx", err.trail);
    return !err_ok(err);
}

static const struct channel_kind *channel;

static bool step(void)
{
    const bool events = channel && channel->events && channel->events();
    const bool c = err_ok(event_dispatch_non_block(&client_ws)), s = err_ok(event_dispatch_non_block(&server_ws));

    return c || s || events;
}

UNUSED static void run_server(struct rpc_future *future)
{
    for (unsigned i = 0; i < 100000 && !rpc_future_done(future); i++) {
        step();
    }
    EXPECT(rpc_future_done(future), "%s: an answer has come", channel->name);
}

#include "driver.c"

static void gone(struct rnd_binding *b, err_t err)
{
    EXPECT_EQ(err_root(err), E_RPC_CLOSED, "why it ended");
    server = NULL;
    EXPECT(err_ok(rnd_control(b, IDC_CONTROL_TEARDOWN)), "the last of it");
}

static err_t connected(void *st, struct rnd_binding *b)
{
    (void)st;
    server = b;
    b->error_handler = gone;
    b->rx_vtbl = handlers;
    return OK;
}

static void run_until(const uint64_t *counter, uint64_t value)
{
    for (unsigned i = 0; i < 100000 && *counter < value; i++) {
        step();
    }
    EXPECT_EQ(*counter, value, "it has happened");
}

static void send_one(uint64_t *r)
{
    const struct half *const h = &halves[any(r) % HALVES];
    struct rnd_binding *const from = h->both && any(r) % 2 ? server : client;
    const uint64_t before = received, sent_before = sent;

    expected_seed = any(r) | 1;
    if (refused(h->send(from, expected_seed))) {
        return;
    }
    run_until(&received, before + 1);
    run_until(&sent, sent_before + 1);
    h->done();
    if (h->answer) {
        expected_seed = any(r) | 1;
        if (!refused(h->answer(server, expected_seed))) {
            run_until(&received, before + 2);
            run_until(&sent, sent_before + 2);
            h->answer_done();
            return;
        }
        server->common.owed_count = 0;          /* it will stay unanswered */
    }
}

static void call_one(uint64_t *r)
{
#if RPCS
    const unsigned which = (unsigned)(any(r) % RPCS);

    if (with_caps[which] && !client->common.transport->ops->caps) {
        return;
    }
    server->rx_vtbl = without_calls;
    server->ops = &ops;
    expected_seed = any(r) | 1;
    calls[which](client, expected_seed);
    server->rx_vtbl = handlers;
#else
    (void)r;
#endif
}

static void exported(void *st, err_t err, iref_t iref)
{
    EXPECT(err_ok(err), "exported");
    *(iref_t *)st = iref;
}

static void bound(void *st, err_t err, struct rnd_binding *b)
{
    (void)st;
    EXPECT(err_ok(err), "bound: %#lx", err.trail);
    client = b;
    if (b) {
        b->rx_vtbl = handlers;
    }
}

static void converse(const struct channel_kind *kind, unsigned count)
{
    struct transport *end[2];
    iref_t iref = 0;
    uint64_t r = test_seed() * 7919 + 1;

    channel = kind;
    waitset_init(&client_ws);
    waitset_init(&server_ws);
    client = server = NULL;
    EXPECT(err_ok(rnd_export(&iref, exported, connected, &server_ws)), "export");
    EXPECT(err_ok(event_dispatch_non_block(&server_ws)) && iref, "the export's event");
    EXPECT(kind->make(end), "a channel");
    EXPECT(err_ok(binding_accept(iref, end[1])), "accept");
    EXPECT(err_ok(binding_bind(&rnd_interface, end[0], &client_ws, (void (*)(void))bound, NULL)), "bind");
    for (unsigned i = 0; i < 1000 && !client; i++) {
        step();
    }
    EXPECT(client && server, "both sides are there");
    for (unsigned i = 0; i < count && client && server; i++) {
        if (any(&r) % 2) {
            send_one(&r);
        } else {
            call_one(&r);
        }
    }
    EXPECT(err_ok(rnd_control(client, IDC_CONTROL_TEARDOWN)), "teardown");
    while (step()) {
    }
    EXPECT(err_ok(binding_unexport(iref)), "unexport");
    EXPECT(err_ok(waitset_destroy(&client_ws)) && err_ok(waitset_destroy(&server_ws)), "waitsets");
    EXPECT_EQ(host_caps(), 0, "capabilities left over");
}

TEST(random, all_channels)
{
    for (const struct channel_kind *kind = channel_kinds; kind->name; kind++) {
        const uint64_t before = received;
        converse(kind, 300);
        EXPECT(received > before + 20 || HALVES == 0, "%s: something was received", kind->name);
    }
}

/* --- to bytes and back --- */

#define WRITTEN 200u

static void write_all(struct msgbuf *m, uint64_t *seeds, uint64_t *r, unsigned *written)
{
    struct transport *t;

    client = NULL;
    EXPECT(err_ok(msgbuf_writer(m, &t)), "writer");
    EXPECT(err_ok(binding_bind(&rnd_interface, t, &client_ws, (void (*)(void))bound, NULL)), "bind");
    EXPECT(err_ok(event_dispatch_non_block(&client_ws)) && client, "bound");
    for (unsigned i = 0; i < WRITTEN; i++) {
        const struct half *const h = &halves[any(r) % HALVES];
        seeds[*written] = any(r) | 1;
        const uint64_t before = sent;
        const err_t err = h->send(client, seeds[*written]);
        EXPECT(err_ok(err) || err_root(err) == E_BINDING_CAP, "written: %#lx", err.trail);
        if (err_ok(err)) {
            run_until(&sent, before + 1);
            h->done();
            ++*written;
        }
    }
    EXPECT(err_ok(rnd_control(client, IDC_CONTROL_TEARDOWN)), "teardown");
}

static void read_all(const struct msgbuf *m, const uint64_t *seeds, unsigned written)
{
    struct transport *t;
    iref_t iref = 0;

    server = NULL;
    EXPECT(err_ok(rnd_export(&iref, exported, connected, &server_ws)), "export");
    EXPECT(err_ok(event_dispatch_non_block(&server_ws)), "the export's event");
    EXPECT(err_ok(msgbuf_reader(m->bytes, m->used, &t)), "reader");
    EXPECT(err_ok(binding_accept(iref, t)), "accept");
    received = 0;
    do {
        expected_seed = received < written ? seeds[received] : 1;
        if (server) {
            server->common.owed_count = 0;      /* nobody waits for answers */
        }
    } while (step());
    EXPECT_EQ(received, written, "all were read");
    EXPECT(err_ok(binding_unexport(iref)), "unexport");
}

TEST(random, message_buffer)
{
    struct msgbuf m = { .bytes = NULL };
    uint64_t seeds[WRITTEN], r = test_seed() * 31 + 7;
    unsigned written = 0;

    waitset_init(&client_ws);
    waitset_init(&server_ws);
    write_all(&m, seeds, &r, &written);
    read_all(&m, seeds, written);
    heap_free(m.bytes);
    EXPECT_EQ(host_caps(), 0, "capabilities left over");
}
