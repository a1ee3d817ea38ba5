/* share_test.c  Long packets: of any length, both ways at once, among short ones and capabilities; without memory for them;
 * and from a peer that lies. */
#include "pair.h"

#include <os/binding_share.h>
#include <os/err.h>

#define MOST 1048000u           /* of blob and mirror */

static uint64_t r;

static uint64_t any(void)
{
    return test_random(&r);
}

#define EACH_KIND(kind_) for (const struct channel_kind *kind_ = channel_kinds; kind_->name; kind_++)

static uint8_t *blob_new(uint64_t n, size_t bytes)
{
    uint8_t *const data = malloc(bytes + 1);

    blob_of(n, data, bytes);
    return data;
}

/* --- calls --- */

static void run_call(struct rpc_future *f)
{
    for (unsigned i = 0; i < 1000000 && !rpc_future_done(f); i++) {
        pair_step();
    }
    EXPECT(rpc_future_done(f), "%s: an answer has come", pair.kind->name);
}

/* @p wait: in binding_call_finish(), while there is an answer for it; else the answer has come before. */
static void mirror(size_t bytes, bool wait)
{
    uint8_t *const data = blob_new(bytes, bytes), *copy = NULL;
    struct rpc_future f;
    size_t copied = 0;

    EXPECT(err_ok(talk_rpc_mirror_start(pair.client, &f, data, bytes)), "start");
    memset(data, 0, bytes);                             /* it was copied */
    if (wait) {
        for (unsigned i = 0; i < 1000 && (event_dispatch_non_block(&pair.server_ws).trail == 0 ||
                                           (pair.kind->events && pair.kind->events())); i++) {
        }
    } else {
        run_call(&f);
    }
    const err_t err = talk_rpc_mirror_finish(&f, events_now() + 1000000000, &copy, &copied);
    EXPECT(err_ok(err), "%s: %zu bytes: %#" PRIx64, pair.kind->name, bytes, err.trail);
    EXPECT(copied == bytes && blob_is(bytes, copy, bytes), "%s: %zu bytes came back changed", pair.kind->name, bytes);
    heap_free(copy);
    free(data);
}

TEST(share, calls_of_any_length)
{
    static const size_t lengths[] = { 0, 1, 175, 176, 177, 183, 184, 185, 191, 192, 193, 200, 201, 1000, 4096, 16352, 16353,
                                      16384, 16385, 65536, 70000, 40, 200000, MOST - 1, MOST, 10 };

    r = test_seed() * 3 + 1;
    EACH_KIND (kind) {
        EXPECT(pair_open(kind, &checking_rx, &checking_ops), "%s", kind->name);
        for (unsigned i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
            if (lengths[i] <= 70000 || kind->make != ump_pair_make) {
                mirror(lengths[i], false);
            }
        }
        for (unsigned i = 0; i < 60; i++) {
            mirror(any() % 400, i % 2 && kind->make != ump_pair_make);
            mirror(any() % (i % 8 ? 5000 : 100000), i % 2 && kind->make != ump_pair_make);
        }
        pair_close();
    }
}

/* --- messages, both ways at once --- */

static uint64_t sent[2], got[2];        /* by the client; by the server */
static unsigned parcels;

static unsigned whose(const struct talk_binding *b)
{
    return b == pair.server ? 0 : 1;    /* the server gets what the client sent */
}

static void in_order(struct talk_binding *b, uint64_t number)
{
    EXPECT_EQ(number, ++got[whose(b)], "in order");
}

static void on_say(struct talk_binding *b, uint64_t number, talk_voice_t how)
{
    in_order(b, number);
    EXPECT_EQ(how, number % 3, "how");
}

static void on_blob(struct talk_binding *b, uint64_t number, uint8_t *data, size_t bytes)
{
    in_order(b, number);
    EXPECT(blob_is(number, data, bytes), "a blob of %zu", bytes);
    heap_free(data);
}

static void on_parcel(struct talk_binding *b, uint64_t number, uint8_t *data, size_t bytes, cptr_t what, cptr_t *also,
                      size_t count)
{
    in_order(b, number);
    EXPECT(blob_is(number, data, bytes), "a parcel of %zu", bytes);
    EXPECT_EQ(count, number % 5, "capabilities");
    EXPECT(what == CPTR_NULL || host_cap_what(what) == number, "what");
    if (what != CPTR_NULL) {
        rpc_drop_cap(what);
    }
    for (size_t i = 0; i < count; i++) {
        EXPECT_EQ(host_cap_what(also[i]), number + i, "also");
        rpc_drop_cap(also[i]);
    }
    heap_free(also);
    heap_free(data);
    parcels++;
}

static const struct talk_rx_vtbl both_rx = { .say = on_say, .blob = on_blob, .parcel = on_parcel };

static void drop_copies(void *arg)
{
    cptr_t *const also = arg;

    for (unsigned i = 0; i < 4; i++) {
        if (also[i] != CPTR_NULL) {
            rpc_drop_cap(also[i]);
            also[i] = CPTR_NULL;
        }
    }
}

static err_t send_parcel(struct talk_binding *b, uint64_t n, size_t bytes, cptr_t also[4])
{
    uint8_t *const data = blob_new(n, bytes % 4000);
    const cptr_t what = any() % 2 ? host_cap((unsigned)n) : CPTR_NULL;

    for (unsigned i = 0; i < n % 5; i++) {
        also[i] = host_cap((unsigned)(n + i));
    }
    const err_t err = talk_parcel__tx(b, MKCONT(drop_copies, also), n, data, bytes % 4000, what, also, n % 5);
    if (!err_ok(err)) {
        drop_copies(also);
        if (what != CPTR_NULL) {
            rpc_drop_cap(what);
        }
    }
    free(data);
    return err;
}

static void send_any(struct talk_binding *b, uint64_t *number, cptr_t also[4])
{
    const size_t bytes = any() % 3 == 0 ? any() % 400 : any() % 20 == 0 ? any() % 300000 : any() % 6000;
    const uint64_t n = *number + 1;
    err_t err;

    if (!talk_can_send(b)) {
        return;
    }
    switch (any() % 3) {
    case 0:
        err = talk_say__tx(b, NOP_CONT, n, (talk_voice_t)(n % 3));
        break;
    case 1:
        if (b->common.transport->ops->caps) {
            err = send_parcel(b, n, bytes, also);
            break;
        }
        /* fall through */
    default: {
        uint8_t *const data = blob_new(n, bytes);
        err = talk_blob__tx(b, NOP_CONT, n, data, bytes);
        free(data);
    }
    }
    EXPECT(err_ok(err), "%s: sent: %#" PRIx64, pair.kind->name, err.trail);
    *number = n;
}

static void both_ways(unsigned count)
{
    cptr_t also[2][4] = { { CPTR_NULL } };

    sent[0] = sent[1] = got[0] = got[1] = 0;
    pair.client->rx_vtbl = both_rx;
    for (unsigned i = 0; i < count; i++) {
        send_any(pair.client, &sent[0], also[0]);
        send_any(pair.server, &sent[1], also[1]);
        for (uint64_t steps = any() % 6; steps > 0; steps--) {
            pair_step();
        }
    }
    pair_run();
    EXPECT(got[0] == sent[0] && got[1] == sent[1], "%s: all have come", pair.kind->name);
}

TEST(share, both_ways_among_others)
{
    r = test_seed() * 5 + 2;
    EACH_KIND (kind) {
        EXPECT(pair_open(kind, &both_rx, &checking_ops), "%s", kind->name);
        both_ways(400);
        pair_close();
    }
    EXPECT(parcels > 100, "%u parcels", parcels);
}

/* A handler that sends as much as the channel takes, and something long, before it answers: with other memory of its own. */
static err_t op_busy_mirror(struct talk_binding *b, const uint8_t *data, size_t bytes, uint8_t **copy, size_t *copied)
{
    for (uint64_t i = any() % 9; i > 0 && talk_can_send(b); i--) {
        EXPECT(err_ok(talk_say__tx(b, NOP_CONT, sent[1] + 1, (talk_voice_t)((sent[1] + 1) % 3))), "say");
        sent[1]++;
    }
    if (talk_can_send(b)) {
        uint8_t *const blob = blob_new(sent[1] + 1, bytes);
        EXPECT(err_ok(talk_blob__tx(b, NOP_CONT, ++sent[1], blob, bytes)), "blob");
        free(blob);
    }
    return checking_ops.mirror(b, data, bytes, copy, copied);
}

TEST(share, answers_behind_messages)
{
    static const struct talk_ops busy_ops = { .mirror = op_busy_mirror };

    r = test_seed() * 13 + 5;
    EACH_KIND (kind) {
        EXPECT(pair_open(kind, &both_rx, &busy_ops), "%s", kind->name);
        pair.client->rx_vtbl = both_rx;
        got[1] = sent[1] = 0;
        for (unsigned i = 0; i < 200; i++) {
            mirror(any() % 1000, false);
        }
        pair_run();
        EXPECT_EQ(got[1], sent[1], "%s: all messages", kind->name);
        pair_close();
    }
}

/* Calls that are not waited for, and messages that come meanwhile and are parked. */
TEST(share, answers_wait_among_messages)
{
    r = test_seed() * 7 + 3;
    EACH_KIND (kind) {
        EXPECT(pair_open(kind, &both_rx, &checking_ops), "%s", kind->name);
        pair.client->rx_vtbl = both_rx;
        got[0] = got[1] = sent[1] = 0;
        for (unsigned round = 0; round < 40; round++) {
            struct rpc_future f[3];
            cptr_t also[4] = { CPTR_NULL };
            uint8_t *copy;
            size_t copied;
            unsigned started = 0;
            const size_t bytes = any() % 3000;
            uint8_t *const data = blob_new(7, bytes);
            while (started < 3 && err_ok(talk_rpc_mirror_start(pair.client, &f[started], data, bytes))) {
                started++;
                pair_run();
            }
            EXPECT_EQ(started, 3, "calls");
            for (unsigned i = started; i-- > 0;) {
                send_any(pair.server, &sent[1], also);
                EXPECT(err_ok(talk_rpc_mirror_finish(&f[i], events_now() + 1000000000, &copy, &copied)), "answer %u", i);
                EXPECT(copied == bytes && blob_is(7, copy, bytes), "%zu bytes", copied);
                heap_free(copy);
            }
            free(data);
            pair_run();
            drop_copies(also);
        }
        EXPECT_EQ(got[1], sent[1], "%s: all messages", kind->name);
        pair_close();
    }
}

/* --- no memory to share --- */

TEST(share, without_memory)
{
    for (long allowed = 0; allowed < 6; allowed++) {
        EXPECT(pair_open(&channel_kinds[2], &both_rx, &checking_ops), "LMP");
        host_share_fail_after(allowed);
        for (size_t bytes = 100; bytes < 200000; bytes *= 3) {
            mirror(bytes, false);
        }
        r = (uint64_t)allowed + 9;
        both_ways(30);
        host_share_fail_after(-1);
        both_ways(30);                  /* in frames as long as there was none; now through memory again */
        EXPECT(host_shares() > 0, "there is memory now");
        pair_close();
    }
}

/* --- a hostile peer --- */

static struct waitset ws;
static struct talk_binding *victim;
static unsigned malformed, gone, handled;
static bool peer_open;

static void end(struct talk_binding *b, err_t err)
{
    malformed += err_root(err) == E_BINDING_MALFORMED;
    gone += peer_open && err_root(err) == E_RPC_CLOSED;         /* the memory, and not the peer */
    victim = NULL;
    EXPECT(err_ok(talk_control(b, IDC_CONTROL_TEARDOWN)), "teardown");
}

static void good_note(struct talk_binding *b, uint64_t number, char *text, uint8_t *data, size_t bytes)
{
    uint8_t sum = 0;

    (void)b, (void)number;
    EXPECT(strlen(text) <= 200 && bytes <= 3000 && (bytes == 0) == (data == NULL), "bounds");
    for (size_t i = 0; i < bytes; i++) {
        sum = (uint8_t)(sum + data[i]);
    }
    handled += sum <= 255;
    heap_free(text);
    heap_free(data);
}

static void good_hand(struct talk_binding *b, uint64_t number, cptr_t what, cptr_t *also, size_t count)
{
    (void)b, (void)number;
    EXPECT(count <= 8, "count");
    for (size_t i = 0; i < count; i++) {
        if (also[i]) {
            rpc_drop_cap(also[i]);
        }
    }
    if (what) {
        rpc_drop_cap(what);
    }
    heap_free(also);
    handled++;
}

static void good_blob(struct talk_binding *b, uint64_t number, uint8_t *data, size_t bytes)
{
    (void)b, (void)number;
    EXPECT(bytes <= MOST, "bounds");
    heap_free(data);
    handled++;
}

static err_t connected(void *st, struct talk_binding *b)
{
    (void)st;
    victim = b;
    b->error_handler = end;
    b->rx_vtbl = (struct talk_rx_vtbl){ .note = good_note, .hand = good_hand, .blob = good_blob };
    b->ops = &checking_ops;
    return OK;
}

static void exported(void *st, err_t err, iref_t iref)
{
    EXPECT(err_ok(err), "export");
    *(iref_t *)st = iref;
}

/* Our end; and the memory that we have offered, as we write to it. */
static struct transport *peer;
static struct {
    cptr_t frame;                       /* CPTR_NULL: none */
    uint64_t *at, bytes;
} offered;

static void run_victim(void)
{
    struct frame f;
    bool more;

    do {
        more = fake_lmp_events();
        more |= err_ok(event_dispatch_non_block(&ws));
        while (err_ok(peer->ops->receive(peer, &f))) {
            if (f.cap) {
                rpc_drop_cap(f.cap);
            }
        }
    } while (more);
}

static void raw_send(const struct frame *f)
{
    if (!err_ok(peer->ops->send(peer, f)) && f->cap) {
        rpc_drop_cap(f->cap);
    }
    run_victim();
}

static void take_back(void)
{
    if (offered.frame != CPTR_NULL) {
        host_frame_end(offered.frame, offered.at);
        rpc_drop_cap(offered.frame);
        offered.frame = CPTR_NULL;
    }
}

static void offer(uint64_t bytes)
{
    struct frame f = { .head = FRAME_OFFER, .give = true };

    take_back();
    offered.frame = host_frame(bytes);
    offered.at = host_frame_map(offered.frame);
    offered.bytes = bytes;
    f.cap = host_cap(host_cap_what(offered.frame));
    raw_send(&f);
}

static uint64_t any_word(void)
{
    switch (any() % 5) {
    case 0:
        return any();
    case 1:
        return any() % 3000;
    default:
        return any() % 40;
    }
}

/* What is written between two looks of the victim. */
static void scribble(void)
{
    for (unsigned i = 0; i < 4 && offered.frame != CPTR_NULL; i++) {
        offered.at[any() % (offered.bytes / 8 < 200 ? offered.bytes / 8 : 200)] = any_word();
    }
    if (offered.frame != CPTR_NULL && any() % 100 == 0) {
        take_back();
    }
}

static void fill(uint64_t words)
{
    for (uint64_t i = 0; offered.frame != CPTR_NULL && i < words && i < offered.bytes / 8; i++) {
        offered.at[i] = any_word();
    }
}

/* A note as it should be: text and bytes fill the packet. */
static uint64_t fill_honestly(void)
{
    const uint64_t text = any() % 200, bytes = 200 + any() % 2000;
    uint64_t at = 2;

    offered.at[1] = any();
    offered.at[at++] = text;
    memset(&offered.at[at], 'x', text);
    at += (text + 7) / 8;
    offered.at[at++] = bytes;
    return at + (bytes + 7) / 8;
}

static void announce(void)
{
    struct frame f = { .head = FRAME_SHARED, .words = 2 };
    uint64_t words = 26 + any() % 400;

    if (any() % 3) {
        f.word[0] = 2;
        words = offered.frame != CPTR_NULL ? fill_honestly() : words;
    } else {
        f.word[0] = any() % 13 | (any() % 8 ? 0 : any() << 14);
        fill(words);
    }
    f.word[1] = words - 1 + any() % 12 / 11 * any_word();
    if (any() % 10 == 0 && offered.frame != CPTR_NULL) {        /* a blob that just fits, or does not */
        words = offered.bytes / 8 + any() % 3 - 1;
        f.word[0] = 8;
        f.word[1] = words - 1;
        offered.at[2] = (words - 3) * 8;
    }
    if (any() % 8 == 0) {
        f.word[1] |= (any() % 4) << 32;
        f.cap = any() % 2 ? host_cap(5) : CPTR_NULL;
        f.give = true;
    }
    f.words = any() % 30 ? 2 : (uint8_t)(any() % 9);
    raw_send(&f);
}

static void bad_offer(void)
{
    struct frame f = { .head = FRAME_OFFER, .give = true, .words = any() % 2 ? 0 : 1 };

    f.cap = any() % 2 ? host_cap(7) : CPTR_NULL;
    raw_send(&f);
}

static void attack(void)
{
    static const uint64_t sizes[] = { 4096, 4096, 8192, 65536, BINDING_SHARE_MAX };
    struct frame f = { .head = 1, .words = 2, .word = { 1, 1 } };

    switch (any() % 12) {
    case 0:
        offer(sizes[any() % 5]);
        break;
    case 1:
        if (any() % 4 == 0) {
            bad_offer();
        }
        break;
    case 2:
        if (any() % 8 == 0) {
            offer(2 * BINDING_SHARE_MAX);
        }
        break;
    case 3:                                             /* in the middle of a packet of frames */
        if (any() % 4 == 0) {
            f = (struct frame){ .head = 2, .words = 8, .word = { 30 } };
            raw_send(&f);
        }
        break;
    case 4:
        if (any() % 8 == 0) {
            take_back();
        }
        break;
    default:
        announce();
    }
}

TEST(share, hostile_peer)
{
    const struct frame hello = { .head = 0x4001u, .words = 1, .word = { talk_interface.fingerprint } };
    iref_t iref = 0;

    r = test_seed() * 11 + 4;
    waitset_init(&ws);
    EXPECT(err_ok(talk_export(&iref, exported, connected, &ws)) && err_ok(event_dispatch(&ws)), "export");
    for (unsigned round = 0; round < 3000; round++) {
        struct transport *t[2];
        EXPECT(fake_lmp_make(t) && err_ok(binding_accept(iref, t[1])), "a client");
        peer = t[0];
        peer_open = true;
        raw_send(&hello);
        EXPECT(victim, "accepted");
        if (round % 8) {
            offer(4096u << round % 3);
        }
        host_share_hook(round % 2 ? scribble : NULL);
        for (uint64_t i = 1 + any() % 10; i > 0 && victim; i--) {
            attack();
            EXPECT(host_blocks() < 20 && host_shares() <= 3, "%ld blocks, %ld mappings", host_blocks(), host_shares());
        }
        host_share_hook(NULL);
        peer_open = false;
        peer->ops->close(peer);
        while (fake_lmp_events() || err_ok(event_dispatch_non_block(&ws))) {
        }
        EXPECT(!victim, "it has ended");
        take_back();
    }
    EXPECT(handled > 300 && malformed > 300, "%u messages were good, %u were not", handled, malformed);
    EXPECT(gone > 20, "%u found their memory gone", gone);
    EXPECT(err_ok(binding_unexport(iref)), "unexport");
    EXPECT_EQ(host_blocks(), 0, "blocks");
    EXPECT_EQ(host_caps(), 0, "capabilities");
    EXPECT_EQ(host_shares(), 0, "mappings");
}
