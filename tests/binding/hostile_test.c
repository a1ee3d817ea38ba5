/* hostile_test.c  A peer that sends random frames, honest ones that were changed, and half of a conversation. */
#include "pair.h"

#include <os/loopback.h>

#define HELLO   0x4001u
#define WELCOME 0x4002u

static uint64_t r;
static unsigned handled;

static uint64_t any(void)
{
    return test_random(&r);
}

/* --- handlers that check that all they get is within the interface --- */

static void good_say(struct talk_binding *b, uint64_t number, talk_voice_t how)
{
    (void)b;
    (void)number;
    EXPECT(how <= TALK_VOICE_LOUD, "how");
    handled++;
}

static void good_note(struct talk_binding *b, uint64_t number, char *text, uint8_t *data, size_t bytes)
{
    (void)b;
    (void)number;
    EXPECT(strlen(text) <= 200 && bytes <= 3000 && (bytes == 0) == (data == NULL), "bounds");
    uint8_t sum = 0;
    for (size_t i = 0; i < bytes; i++) {
        sum = (uint8_t)(sum + data[i]);         /* all of it is there, says the sanitizer */
    }
    heap_free(text);
    heap_free(data);
    handled += sum <= 255;
}

static void good_hand(struct talk_binding *b, uint64_t number, cptr_t what, cptr_t *also, size_t count)
{
    (void)b;
    (void)number;
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

static void good_later(struct talk_binding *b, uint64_t a)
{
    (void)b;
    (void)a;
    handled++;
}

static const struct talk_rx_vtbl good = {
    .say = good_say, .note = good_note, .hand = good_hand, .later_call = good_later
};

/* --- frames --- */

static uint64_t any_word(void)
{
    switch (any() % 6) {
    case 0:
        return any();
    case 1:
        return any() % 3;
    case 2:
        return (any() % 4) << 32 | any() % 40;
    case 3:
        return any() % 4000;
    default:
        return any() % 10;
    }
}

static struct frame random_frame(void)
{
    struct frame f = { .head = (uint32_t)(any() % 9), .words = (uint8_t)(any() % 3 ? 8 : any() % 9) };

    if (any() % 4 == 0) {
        f.head = (uint32_t)any();
    } else if (any() % 4 == 0) {
        f.head |= (uint32_t)(any() % 3) << 14 | (uint32_t)(any() % 64) << 16;
    } else if (any() % 3 == 0) {
        f.head = 0;
    }
    for (unsigned i = 0; i < 8; i++) {
        f.word[i] = any_word();
    }
    if (any() % 6 == 0) {
        f.cap = host_cap(1);
        f.give = true;
    }
    return f;
}

/* A note or a hand that begins honestly: length and capabilities fit, what is inside may not. */
static unsigned honest_frames(struct frame f[4])
{
    const uint64_t words = 3 + any() % 20, number = 2 + any() % 2;
    unsigned count = 0;

    for (uint64_t at = 0; at < words; at += 8, count++) {
        f[count] = (struct frame){ .words = (uint8_t)(words - at < 8 ? words - at : 8) };
        for (unsigned i = 0; i < 8; i++) {
            f[count].word[i] = any() % 3 ? any() % 10 : any_word();
        }
    }
    f[0].head = (uint32_t)number;
    f[0].word[0] = words - 1;
    if (number == 3 && any() % 2) {
        f[0].word[0] |= 1ull << 32;
        f[0].cap = host_cap(2);
        f[0].give = true;
    }
    return count;
}

static bool raw_send(struct transport *t, const struct frame *f)
{
    const err_t err = t->ops->send(t, f);

    if (!err_ok(err) && f->cap) {
        rpc_drop_cap(f->cap);
    }
    return err_ok(err);
}

static void drain(struct transport *t)
{
    struct frame f;

    while (err_ok(t->ops->receive(t, &f))) {
        if (f.cap) {
            rpc_drop_cap(f.cap);
        }
    }
}

/* What a good client sends. */
static unsigned good_frames(struct frame f[4])
{
    uint64_t word[32] = { 0 }, words = 1;

    if (any() % 3 == 0) {
        f[0] = (struct frame){ .head = 1, .words = 2, .word = { any(), any() % 3 } };
        return 1;
    }
    const uint64_t text = any() % 60, bytes = any() % 80;
    word[words++] = any();
    word[words++] = text;
    memset(&word[words], 'x', text);
    words += (text + 7) / 8;
    word[words++] = bytes;
    words += (bytes + 7) / 8;
    word[0] = words - 1;
    for (uint64_t at = 0; at < words; at += 8) {
        f[at / 8] = (struct frame){ .head = at ? 0 : 2, .words = (uint8_t)(words - at < 8 ? words - at : 8) };
        memcpy(f[at / 8].word, &word[at], f[at / 8].words * 8ull);
    }
    return (unsigned)(words + 7) / 8;
}

/* --- the victims --- */

static struct waitset ws;
static struct talk_binding *victim;
static unsigned ended, malformed;

static void end(struct talk_binding *b, err_t err)
{
    ended++;
    malformed += err_root(err) == E_BINDING_MALFORMED;
    victim = NULL;
    EXPECT(err_ok(talk_control(b, IDC_CONTROL_TEARDOWN)), "teardown");
}

static err_t connected(void *st, struct talk_binding *b)
{
    (void)st;
    victim = b;
    b->error_handler = end;
    b->rx_vtbl = good;
    b->ops = &checking_ops;
    return OK;
}

static void exported(void *st, err_t err, iref_t iref)
{
    EXPECT(err_ok(err), "export");
    *(iref_t *)st = iref;
}

static void bound(void *st, err_t err, struct talk_binding *b)
{
    (void)st;
    if (err_ok(err)) {
        EXPECT(err_ok(connected(NULL, b)), "connected");
    }
}

static void run_victim(void)
{
    while (err_ok(event_dispatch_non_block(&ws))) {
        EXPECT(host_blocks() < 60, "%ld blocks", host_blocks());
    }
}

static void attack(struct transport *t, unsigned frames)
{
    for (unsigned i = 0; i < frames; i++) {
        struct frame f[4] = { random_frame() };
        unsigned count = 1;
        if (any() % 2) {
            if (f[0].cap) {
                rpc_drop_cap(f[0].cap);
            }
            count = any() % 4 ? good_frames(f) : honest_frames(f);
        }
        for (unsigned k = 0; k < count; k++) {
            if (any() % 60 == 0) {
                f[k].words = (uint8_t)(any() % 9);
            }
            if (!raw_send(t, &f[k])) {
                for (k++; k < count; k++) {
                    if (f[k].cap) {
                        rpc_drop_cap(f[k].cap);
                    }
                }
                return;
            }
            run_victim();
            drain(t);
        }
    }
}

static void finish(struct transport *t)
{
    drain(t);
    t->ops->close(t);
    run_victim();
    EXPECT(!victim, "it has ended");
}

TEST(hostile, client)
{
    iref_t iref = 0;

    r = test_seed() * 77 + 3;
    waitset_init(&ws);
    EXPECT(err_ok(talk_export(&iref, exported, connected, &ws)) && err_ok(event_dispatch(&ws)), "export");
    for (unsigned round = 0; round < 4000; round++) {
        struct transport *t[2];
        const struct frame hello = { .head = HELLO, .words = 1, .word = { talk_interface.fingerprint } };
        EXPECT(err_ok(loopback_pair(t)) && err_ok(binding_accept(iref, t[1])), "a client");
        if (any() % 8) {
            EXPECT(raw_send(t[0], &hello), "hello");
            run_victim();
            EXPECT(victim, "accepted");
        }
        attack(t[0], 1 + (unsigned)(any() % 12));
        finish(t[0]);
    }
    EXPECT(handled > 500, "%u messages were good", handled);
    EXPECT(malformed > 500, "%u were not", malformed);
    EXPECT(err_ok(binding_unexport(iref)), "unexport");
    EXPECT_EQ(host_blocks(), 0, "blocks");
    EXPECT_EQ(host_caps(), 0, "capabilities");
}

TEST(hostile, server)
{
    r = test_seed() * 91 + 4;
    waitset_init(&ws);
    malformed = 0;
    for (unsigned round = 0; round < 3000; round++) {
        struct transport *t[2];
        struct rpc_future f[3];
        unsigned calls = 0;
        uint64_t x;
        const struct frame welcome = { .head = WELCOME, .words = 1 };
        EXPECT(err_ok(loopback_pair(t)), "pair");
        EXPECT(err_ok(binding_bind(&talk_interface, t[0], &ws, (void (*)(void))bound, NULL)), "bind");
        if (any() % 8) {
            EXPECT(raw_send(t[1], &welcome), "welcome");
            run_victim();
            drain(t[1]);
        }
        struct binding *const b = victim ? &victim->common : NULL;
        while (b && calls < 3 && err_ok(talk_rpc_later_start(victim, &f[calls], calls))) {
            calls++;
        }
        if (b) {                                /* it must stay as long as the futures do */
            binding_set_timeout(b, 1);
            victim->error_handler = NULL;
        }
        struct talk_binding *const keep = victim;
        for (unsigned i = 0; i < calls; i++) {
            const struct frame answer = { .head = 7 | 0x8000u | (uint32_t)(0x10 + any() % 4) << 16,
                                          .words = (uint8_t)(any() % 8 ? 1 : any() % 9) };
            if (!raw_send(t[1], &answer)) {
                break;
            }
            run_victim();
        }
        attack(t[1], (unsigned)(any() % 8));
        for (unsigned i = 0; i < calls; i++) {
            const err_t err = talk_rpc_later_finish(&f[i], 1, &x);
            malformed += err_root(err) == E_BINDING_MALFORMED;
        }
        if (keep) {
            EXPECT(err_ok(talk_control(keep, IDC_CONTROL_TEARDOWN)), "teardown");
            victim = NULL;
        }
        finish(t[1]);
    }
    EXPECT(malformed > 300, "%u answers were refused", malformed);
    EXPECT_EQ(host_blocks(), 0, "blocks");
    EXPECT_EQ(host_caps(), 0, "capabilities");
}

/* A client that asks and asks and never reads: the server neither waits nor keeps more than a little. */
TEST(hostile, client_that_does_not_read)
{
    struct transport *t[2];
    iref_t iref = 0;
    const struct frame hello = { .head = HELLO, .words = 1, .word = { talk_interface.fingerprint } };
    long most = 0;
    uint64_t sent = 0;

    r = 5;
    waitset_init(&ws);
    EXPECT(err_ok(talk_export(&iref, exported, connected, &ws)) && err_ok(event_dispatch(&ws)), "export");
    EXPECT(err_ok(loopback_pair(t)) && err_ok(binding_accept(iref, t[1])), "a client");
    const long before = host_blocks();
    EXPECT(raw_send(t[0], &hello), "hello");
    for (unsigned i = 0; i < 10000; i++) {
        const struct frame add = { .head = 4 | (uint32_t)(i | 1) << 16, .words = 2, .word = { i, i } };
        sent += err_ok(t[0]->ops->send(t[0], &add));
        while (err_ok(event_dispatch_non_block(&ws))) {
        }
        most = host_blocks() - before > most ? host_blocks() - before : most;
    }
    EXPECT(sent < 40, "%" PRIu64 " calls were taken", sent);
    EXPECT(most < 10, "%ld blocks", most);
    EXPECT(victim, "it is still there");
    finish(t[0]);
    EXPECT(err_ok(binding_unexport(iref)), "unexport");
    EXPECT_EQ(host_blocks(), 0, "blocks");
}
