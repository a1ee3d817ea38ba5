/* random_main.c  Send each message of a random interface with random values over each channel, and compare what
 * comes. */
#include "channels.h"
#include "host.h"

#include <os/heap.h>
#include <os/msgbuf.h>
#include <stubs/rnd.h>

#define BINDING rnd_binding

static cptr_t new_cap(unsigned what)
{
    return host_cap(what);
}

static unsigned cap_what(cptr_t cap)
{
    return host_cap_what(cap);
}

#include "random_values.h"

/* --- the conversation --- */

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
        binding_drop_cap(kept[--kept_count]);
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
    static uint64_t turn;               /* each of them, from each side that may send it */
    const struct half *const h = &halves[turn % HALVES];
    struct rnd_binding *const from = h->both && turn / HALVES % 2 ? server : client;
    const uint64_t before = received, sent_before = sent;

    turn++;
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
    static uint64_t turn;
    const unsigned which = (unsigned)(turn++ % RPCS);

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
        converse(kind, 500);
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
