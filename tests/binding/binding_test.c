/* binding_test.c  Rules of bindings, each over every kind of channel: continuations, busy, ends, deadlines, no heap. */
#include "pair.h"

#define EACH_KIND(k_) for (const struct channel_kind *k_ = channel_kinds; k_->name; k_++)

static unsigned continued;

static void count(void *arg)
{
    (void)arg;
    continued++;
}

/* --- continuations --- */

TEST(binding, busy_until_the_continuation_ran)
{
    EACH_KIND (kind) {
        continued = 0;
        EXPECT(pair_open(kind, &checking_rx, &checking_ops), "%s", kind->name);
        EXPECT(talk_can_send(pair.client), "at first");
        EXPECT(err_ok(talk_say__tx(pair.client, MKCONT(count, NULL), 1, 1)), "first");
        EXPECT(!talk_can_send(pair.client), "its continuation has not run");
        EXPECT_EQ(talk_say__tx(pair.client, NOP_CONT, 2, 2).trail, E_TX_BUSY, "busy");
        EXPECT(err_ok(talk_register_send(pair.client, &pair.server_ws, MKCONT(count, NULL))), "register");
        EXPECT_EQ(talk_register_send(pair.client, &pair.server_ws, NOP_CONT).trail, E_TX_BUSY, "only one");
        EXPECT_EQ(continued, 0, "neither has run");
        EXPECT(err_ok(event_dispatch_non_block(&pair.client_ws)), "the continuation");
        EXPECT_EQ(continued, 1, "the continuation alone");
        EXPECT(talk_can_send(pair.client), "free again");
        pair_run();
        EXPECT_EQ(continued, 2, "and then whoever waited for that");
        EXPECT_EQ(got_number, 1, "one came");
        pair_close();
    }
}

TEST(binding, busy_while_the_peer_does_not_read)
{
    EACH_KIND (kind) {
        static char text[201];
        static uint8_t data[3000];
        uint64_t sent = 0;
        size_t bytes;
        err_t err = OK;
        continued = 0;
        EXPECT(pair_open(kind, &checking_rx, &checking_ops), "%s", kind->name);
        while (err_ok(err) && sent < 1000) {
            note_of(sent + 1, text, data, &bytes);
            err = talk_note__tx(pair.client, NOP_CONT, sent + 1, text, data, bytes);
            sent += err_ok(err);
        }
        EXPECT_EQ(err.trail, E_TX_BUSY, "%s: what nobody reads has a bound", kind->name);
        EXPECT(sent >= 1 && sent < 40, "%s: %" PRIu64 " sent", kind->name, sent);
        memset(data, 0xee, sizeof(data));       /* it was copied */
        EXPECT(err_ok(talk_register_send(pair.client, &pair.client_ws, MKCONT(count, NULL))), "register");
        pair_run();
        EXPECT_EQ(continued, 1, "told");
        EXPECT_EQ(got_number, sent, "all came");
        EXPECT(talk_can_send(pair.client), "free again");
        pair_close();
    }
}

/* A continuation that sends the next one, as the note recommends. */
static uint64_t chain_number;

static void send_next(void *arg)
{
    static char text[201];
    static uint8_t data[3000];
    size_t bytes;

    (void)arg;
    if (++chain_number <= 60) {
        note_of(chain_number, text, data, &bytes);
        EXPECT(err_ok(talk_note__tx(pair.client, MKCONT(send_next, NULL), chain_number, text, data, bytes)),
               "number %" PRIu64, chain_number);
    }
}

TEST(binding, a_chain_of_continuations)
{
    EACH_KIND (kind) {
        EXPECT(pair_open(kind, &checking_rx, &checking_ops), "%s", kind->name);
        chain_number = 0;
        send_next(NULL);
        pair_run();
        EXPECT_EQ(chain_number, 61, "%s: all were sent", kind->name);
        EXPECT_EQ(got_number, 60, "%s: all came", kind->name);
        pair_close();
    }
}

TEST(binding, bounds_of_the_sender)
{
    static char text[202];
    static uint8_t data[3001];

    memset(text, 'x', 201);
    EXPECT(pair_open(channel_kinds, &checking_rx, &checking_ops), "open");
    EXPECT_EQ(talk_note__tx(pair.client, NOP_CONT, 1, text, data, 1).trail, E_TOO_LONG, "string");
    EXPECT_EQ(talk_note__tx(pair.client, NOP_CONT, 1, "", data, 3001).trail, E_TOO_LONG, "array");
    EXPECT(talk_can_send(pair.client), "nothing happened");
    EXPECT_EQ(talk_add_response__tx(pair.server, NOP_CONT, OK, 1).trail, E_BINDING_CALL, "nobody has asked");
    pair_close();
}

/* --- waitsets --- */

TEST(binding, change_of_waitset)
{
    EACH_KIND (kind) {
        struct waitset other;
        waitset_init(&other);
        EXPECT(pair_open(kind, &checking_rx, &checking_ops), "%s", kind->name);
        EXPECT(err_ok(talk_say__tx(pair.client, MKCONT(count, NULL), 1, 1)), "sent");
        EXPECT_EQ(talk_change_waitset(pair.client, &other).trail, E_BINDING_BUSY, "a continuation waits");
        pair_run();
        EXPECT(err_ok(talk_change_waitset(pair.server, &other)), "change");
        EXPECT(err_ok(talk_say__tx(pair.client, NOP_CONT, 2, 2)), "sent");
        pair_run();
        EXPECT_EQ(got_number, 1, "%s: the old one does not serve it", kind->name);
        while (err_ok(event_dispatch_non_block(&other)) || pair_step()) {
        }
        EXPECT_EQ(got_number, 2, "%s: the new one does", kind->name);
        EXPECT(err_ok(talk_change_waitset(pair.server, &pair.server_ws)), "back");
        pair_close();
        EXPECT(err_ok(waitset_destroy(&other)), "destroy");
    }
}

/* --- calls --- */

static uint64_t ticks(uint64_t ms)
{
    return ms * 1000000;
}

static void run_call(struct rpc_future *f)
{
    for (unsigned i = 0; i < 100000 && !rpc_future_done(f); i++) {
        pair_step();
    }
}

static void add(uint64_t a, uint64_t b)
{
    struct rpc_future f;
    uint64_t sum = 0;

    EXPECT(err_ok(talk_rpc_add_start(pair.client, &f, a, b)), "start");
    run_call(&f);
    const err_t err = talk_rpc_add_finish(&f, EVENTS_FOREVER, &sum);
    EXPECT(a == 13 ? err.trail == E_ARG && sum == 0 : err_ok(err) && sum == a + b, "%#" PRIx64, err.trail);
}

static struct rpc_future noticed;

static void notice(void *arg)
{
    uint64_t sum;

    EXPECT(rpc_future_done(&noticed) && err_ok(talk_rpc_add_finish(&noticed, 0, &sum)) && sum == 5, "the answer");
    ++*(unsigned *)arg;
}

TEST(binding, calls)
{
    EACH_KIND (kind) {
        static char text[2001], *back;
        static uint8_t data[20000], *copy;
        struct rpc_future f;
        size_t copied;
        unsigned told = 0;
        EXPECT(pair_open(kind, &checking_rx, &checking_ops), "%s", kind->name);
        add(2, 3);
        add(13, 3);
        memset(text, 't', 2000);
        memset(data, 'd', 20000);
        EXPECT(err_ok(talk_rpc_echo_start(pair.client, &f, text, data, 20000)), "start");
        run_call(&f);
        EXPECT(err_ok(talk_rpc_echo_finish(&f, EVENTS_FOREVER, &back, &copy, &copied)), "%s: large", kind->name);
        EXPECT(strcmp(back, text) == 0 && copied == 20000 && memcmp(copy, data, copied) == 0, "echo");
        heap_free(back);
        heap_free(copy);
        EXPECT(err_ok(talk_rpc_add_start(pair.client, &noticed, 2, 3)), "start");
        EXPECT(err_ok(rpc_future_notify(&noticed, &pair.client_ws, MKCONT(notice, &told))), "notify");
        pair_run();
        EXPECT_EQ(told, 1, "told once");
        pair_close();
    }
}

/* Answers that come when the server likes, and not in the order of the calls. */
TEST(binding, answers_in_another_order)
{
    EACH_KIND (kind) {
        struct rpc_future later[3], add_future;
        uint64_t b, sum;
        struct talk_rx_vtbl rx = checking_rx;
        extern void keep_later(struct talk_binding * b, uint64_t a);
        rx.later_call = keep_later;
        EXPECT(pair_open(kind, &rx, &checking_ops), "%s", kind->name);
        for (unsigned i = 0; i < 3; i++) {
            EXPECT(err_ok(talk_rpc_later_start(pair.client, &later[i], i)), "start");
        }
        EXPECT(err_ok(talk_rpc_add_start(pair.client, &add_future, 1, 1)), "start");
        pair_run();
        EXPECT(rpc_future_done(&add_future), "%s: the last call is answered first", kind->name);
        EXPECT(err_ok(talk_rpc_add_finish(&add_future, EVENTS_FOREVER, &sum)) && sum == 2, "sum");
        for (unsigned i = 0; i < 3; i++) {
            EXPECT(!rpc_future_done(&later[i]), "not yet");
            EXPECT(err_ok(talk_later_response__tx(pair.server, NOP_CONT, 100 + i)), "answer");
            pair_run();
            EXPECT(err_ok(talk_rpc_later_finish(&later[i], EVENTS_FOREVER, &b)) && b == 100 + i, "in order");
        }
        EXPECT_EQ(talk_later_response__tx(pair.server, NOP_CONT, 1).trail, E_BINDING_CALL, "one too many");
        pair_close();
    }
}

void keep_later(struct talk_binding *b, uint64_t a)
{
    (void)b;
    (void)a;
}

TEST(binding, deadlines_and_late_answers)
{
    EACH_KIND (kind) {
        struct rpc_future f;
        uint64_t b, sum;
        struct talk_rx_vtbl rx = checking_rx;
        rx.later_call = keep_later;
        EXPECT(pair_open(kind, &rx, &checking_ops), "%s", kind->name);
        for (unsigned i = 0; i < BINDING_CALLS_MAX; i++) {
            EXPECT(err_ok(talk_rpc_later_start(pair.client, &f, i)), "start");
            EXPECT_EQ(talk_rpc_later_finish(&f, events_now() + ticks(1), &b).trail, E_TIMEOUT, "deadline");
            pair_run();
        }
        binding_set_timeout(&pair.client->common, ticks(1));
        EXPECT_EQ(talk_rpc_add(pair.client, 1, 1, &sum).trail, E_TIMEOUT, "%s: tokens of late answers are taken",
                  kind->name);
        EXPECT(err_ok(talk_later_response__tx(pair.server, NOP_CONT, 1)), "a late answer");
        pair_run();
        add(4, 5);
        for (unsigned i = 1; i < BINDING_CALLS_MAX; i++) {
            EXPECT(err_ok(talk_later_response__tx(pair.server, NOP_CONT, i)), "late answers");
            pair_run();
        }
        EXPECT(err_ok(talk_rpc_later_start(pair.client, &f, 1)), "start");
        rpc_future_cancel(&f);
        pair_run();
        EXPECT(err_ok(talk_later_response__tx(pair.server, NOP_CONT, 1)), "to a call that was cancelled");
        pair_run();
        add(6, 7);
        EXPECT_EQ(pair.client_ended + pair.server_ended, 0, "nothing of that is an error");
        pair_close();
    }
}

TEST(binding, messages_come_while_a_call_waits)
{
    EACH_KIND (kind) {
        struct rpc_future f;
        uint64_t b;
        struct talk_rx_vtbl rx = checking_rx;
        rx.later_call = keep_later;
        EXPECT(pair_open(kind, &rx, &checking_ops), "%s", kind->name);
        pair.client->rx_vtbl = checking_rx;
        EXPECT(err_ok(talk_rpc_later_start(pair.client, &f, 1)), "start");
        pair_run();
        for (uint64_t i = 1; i <= 3; i++) {
            EXPECT(err_ok(talk_say__tx(pair.server, NOP_CONT, i, i % 3)), "say");
        }
        while (kind->events && kind->events()) {
        }
        EXPECT_EQ(talk_rpc_later_finish(&f, events_now() + ticks(1), &b).trail, E_TIMEOUT, "deadline");
        EXPECT_EQ(got_number, 0, "%s: no handler runs on the stack of a call", kind->name);
        pair_run();
        EXPECT_EQ(got_number, 3, "%s: but afterwards", kind->name);
        pair_close();
    }
}

/* --- ends --- */

TEST(binding, no_handler_ends_this_binding_only)
{
    EACH_KIND (kind) {
        static const struct talk_rx_vtbl none;
        EXPECT(pair_open(kind, &none, NULL), "%s", kind->name);
        EXPECT(err_ok(talk_say__tx(pair.client, NOP_CONT, 1, 1)), "sent");
        pair_run();
        EXPECT(pair.server_ended == 1 && pair.server_why.trail == E_BINDING_HANDLER, "the server's side");
        EXPECT(pair.client_ended == 1 && pair.client_why.trail == E_RPC_CLOSED, "the client's side");
        EXPECT_EQ(talk_say__tx(pair.client, NOP_CONT, 2, 2).trail, E_RPC_CLOSED, "from here on");
        pair_close();
        EXPECT_EQ(pair.client_ended, 1, "heard once");
    }
}

static bool refuse;

static err_t maybe(void *st, struct talk_binding *b)
{
    (void)st;
    (void)b;
    return refuse ? ERR(E_ARG) : OK;
}

static void ignore_export(void *st, err_t err, iref_t iref)
{
    (void)err;
    *(iref_t *)st = iref;
}

TEST(binding, refusals)
{
    static struct waitset ws;
    struct binding_interface newer = talk_interface;
    struct talk_binding *b = NULL;
    struct binding *common;
    struct transport *t;
    iref_t iref = 0;

    waitset_init(&ws);
    newer.fingerprint++;
    refuse = true;
    EXPECT(err_ok(talk_export(&iref, ignore_export, maybe, &ws)) && err_ok(event_dispatch(&ws)), "export");
    EXPECT(err_ok(binding_reach(iref, &t)), "reach");
    EXPECT(err_ok(binding_bind(&talk_interface, t, &ws, (void (*)(void))NULL, NULL)), "bind");
    while (err_ok(event_dispatch_non_block(&ws))) {
    }
    EXPECT_EQ(talk_connect(iref + 1, &ws, &b).trail, E_BINDING_EXPORT, "nobody");
    refuse = false;
    EXPECT(err_ok(binding_reach(iref, &t)), "reach");
    (void)common;
    EXPECT(err_ok(binding_bind(&newer, t, &ws, (void (*)(void))NULL, NULL)), "bind");
    while (err_ok(event_dispatch_non_block(&ws))) {
    }
    EXPECT(err_ok(binding_unexport(iref)), "unexport");
    EXPECT_EQ(binding_unexport(iref).trail, E_BINDING_EXPORT, "twice");
    EXPECT_EQ(host_blocks(), 0, "both have gone");
    EXPECT(err_ok(waitset_destroy(&ws)), "destroy");
}

/* A conversation that is ended after any number of steps, by either side. */
static void converse(unsigned steps, bool by_client)
{
    static char text[201], *back;
    static uint8_t data[3000], *copy;
    struct rpc_future f[3];
    cptr_t also[4], what = CPTR_NULL;
    size_t bytes, copied;
    uint64_t b;
    const bool caps = pair.client->common.transport->ops->caps;

    note_of(1, text, data, &bytes);
    EXPECT(err_ok(talk_note__tx(pair.client, MKCONT(count, NULL), 1, text, data, bytes)), "note");
    bool echo = err_ok(talk_rpc_echo_start(pair.client, &f[0], text, data, bytes));
    bool later = err_ok(talk_rpc_later_start(pair.client, &f[1], 1));
    pair_step();
    pair_step();
    for (unsigned i = 0; i < 2; i++) {
        also[i] = host_cap(2 + i);
    }
    bool handed = false;
    if (caps && pair.client && talk_can_send(pair.client)) {
        what = host_cap(2);
        handed = err_ok(talk_hand__tx(pair.client, NOP_CONT, 2, what, also, 2));
    }
    while (steps > 0 && pair_step()) {
        steps--;
    }
    if (by_client && echo) {                    /* of a binding that is gone no call can be finished */
        rpc_future_cancel(&f[0]);
        echo = false;
    }
    if (by_client && later) {
        rpc_future_cancel(&f[1]);
        later = false;
    }
    struct talk_binding *const ends = by_client ? pair.client : pair.server;
    EXPECT(ends && err_ok(talk_control(ends, IDC_CONTROL_TEARDOWN)), "teardown");
    pair.client = by_client ? NULL : pair.client;
    pair_run();
    if (echo && err_ok(talk_rpc_echo_finish(&f[0], 0, &back, &copy, &copied))) {
        heap_free(back);
        heap_free(copy);
    }
    if (later) {
        EXPECT_EQ(err_root(talk_rpc_later_finish(&f[1], 0, &b)), E_RPC_CLOSED, "it was never answered");
    }
    rpc_drop_cap(also[0]);
    rpc_drop_cap(also[1]);
    /* Given away or not: whoever ends a binding with a message half sent does not know. */
    if (what && host_caps() == 1 && handed) {
        rpc_drop_cap(what);
    }
}

TEST(binding, teardown_at_every_point)
{
    EACH_KIND (kind) {
        for (unsigned steps = 0; steps < 60; steps++) {
            for (unsigned by_client = 0; by_client < 2; by_client++) {
                struct talk_rx_vtbl rx = checking_rx;
                rx.later_call = keep_later;
                EXPECT(pair_open(kind, &rx, &checking_ops), "%s", kind->name);
                converse(steps, by_client);
                EXPECT_EQ(pair.client_ended, 1, "%s: the client heard once", kind->name);
                EXPECT_EQ(pair.server_ended, 1, "%s: the server heard once", kind->name);
                pair_close();
            }
        }
    }
}

/* --- no room in the heap, at any allocation --- */

TEST(binding, heap_fails_at_every_point)
{
    EACH_KIND (kind) {
        for (long allowed = 0; allowed < 60; allowed++) {
            static char text[201];
            static uint8_t data[3000];
            size_t bytes;
            struct rpc_future f;
            char *back;
            uint8_t *copy;
            size_t copied;
            host_fail_after(allowed);
            const bool open = pair_open(kind, &checking_rx, &checking_ops);
            note_of(1, text, data, &bytes);
            if (open) {
                err_t err = talk_note__tx(pair.client, NOP_CONT, 1, text, data, bytes);
                pair_run();
                err = pair.client_ended ? err : talk_rpc_echo_start(pair.client, &f, "text", data, bytes);
                if (err_ok(err) && !pair.client_ended) {
                    run_call(&f);
                    err = talk_rpc_echo_finish(&f, 0, &back, &copy, &copied);
                    if (err_ok(err)) {
                        heap_free(back);
                        heap_free(copy);
                    }
                }
            }
            host_fail_after(-1);
            pair_close();
        }
    }
}

/* Messages give the processor away if that is wanted and the channel can; calls and answers do not. */
TEST(binding, synchronous_messages)
{
    char too_long[202];

    memset(too_long, 'x', sizeof(too_long));
    too_long[201] = '\0';
    EACH_KIND(kind) {
        const bool can = strcmp(kind->name, "lmp") == 0;
        uint64_t sum;
        EXPECT(pair_open(kind, &checking_rx, &checking_ops), "%s: open", kind->name);
        const unsigned before = fake_yields;
        EXPECT(err_ok(talk_say__tx(pair.client, NOP_CONT, 1, 1)), "not at first");
        EXPECT_EQ(fake_yields, before, "%s: clear", kind->name);
        EXPECT(err_ok(talk_control(pair.client, IDC_CONTROL_SET_SYNC)), "set");
        pair_run();
        EXPECT(err_ok(talk_say__tx(pair.client, NOP_CONT, 2, 2)), "say");
        EXPECT_EQ(fake_yields, before + can, "%s: set", kind->name);
        EXPECT_EQ(err_root(talk_note__tx(pair.client, NOP_CONT, 3, too_long, NULL, 0)), E_TOO_LONG, "refused");
        EXPECT_EQ(fake_yields, before + can, "%s: nothing was sent", kind->name);
        pair_run();
        struct rpc_future f;
        EXPECT(err_ok(talk_rpc_add_start(pair.client, &f, 1, 2)), "call");
        while (!rpc_future_done(&f) && pair_step()) {
        }
        EXPECT(err_ok(talk_rpc_add_finish(&f, EVENTS_FOREVER, &sum)) && sum == 3, "answer");
        EXPECT_EQ(fake_yields, before + can, "%s: a call", kind->name);
        EXPECT(err_ok(talk_control(pair.client, IDC_CONTROL_CLEAR_SYNC)), "clear");
        EXPECT(err_ok(talk_say__tx(pair.client, NOP_CONT, 3, 0)), "say");
        EXPECT_EQ(fake_yields, before + can, "%s: clear again", kind->name);
        pair_close();
    }
}
