/* ump_ring_test.c  Two threads, a ring each way, and every way to sleep: under ThreadSanitizer. */
#include "host.h"

#include <os/ump.h>

#include <pthread.h>
#include <time.h>

/* --- to be woken --- */

struct bell {
    pthread_mutex_t lock;
    pthread_cond_t rung;
    unsigned count;
};

static void ring_bell(void *arg)
{
    struct bell *const b = arg;

    pthread_mutex_lock(&b->lock);
    b->count++;
    pthread_cond_signal(&b->rung);
    pthread_mutex_unlock(&b->lock);
}

/* @return false: nobody rang for 20 s, so a wake-up was lost */
static bool wait_bell(struct bell *b)
{
    struct timespec end;
    bool in_time = true;

    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += 20;
    pthread_mutex_lock(&b->lock);
    while (b->count == 0 && in_time) {
        in_time = pthread_cond_timedwait(&b->rung, &b->lock, &end) == 0;
    }
    b->count = 0;
    pthread_mutex_unlock(&b->lock);
    return in_time;
}

/* --- one side --- */

struct side {
    struct ump_ring ring;
    struct bell bell;
    uint64_t random, to_send, sent, to_receive, received, slept;
    const char *wrong;
};

static bool send_some(struct side *s)
{
    bool any = false;

    while (s->sent < s->to_send && test_random(&s->random) % 8) {
        uint64_t word[UMP_WORDS];
        const unsigned words = (unsigned)(s->sent % (UMP_WORDS + 1));
        for (unsigned i = 0; i < words; i++) {
            word[i] = s->sent * 31 + i;
        }
        const err_t err = ump_ring_send(&s->ring, (uint32_t)s->sent, word, words);
        if (!err_ok(err)) {
            s->wrong = err_root(err) == E_TX_BUSY ? s->wrong : "send";
            break;
        }
        s->sent++;
        any = true;
    }
    return any;
}

static bool receive_some(struct side *s)
{
    bool any = false;

    while (s->received < s->to_receive && test_random(&s->random) % 8) {
        uint64_t word[UMP_WORDS];
        uint32_t head;
        unsigned words;
        const err_t err = ump_ring_receive(&s->ring, &head, word, &words);
        if (!err_ok(err)) {
            s->wrong = err_root(err) == E_CHANNEL_EMPTY ? s->wrong : "receive";
            break;
        }
        bool good = head == (uint32_t)s->received && words == s->received % (UMP_WORDS + 1);
        for (unsigned i = 0; i < words; i++) {
            good = good && word[i] == s->received * 31 + i;
        }
        s->wrong = good ? s->wrong : "contents";
        s->received++;
        any = true;
    }
    return any;
}

static void *run(void *arg)
{
    struct side *const s = arg;

    while (!s->wrong && (s->sent < s->to_send || s->received < s->to_receive)) {
        const bool sent = send_some(s), received = receive_some(s);
        if (sent || received || test_random(&s->random) % 2) {
            continue;
        }
        /* Only who has nothing to send, or no credit, sleeps. */
        if ((s->sent < s->to_send && !s->ring.starved) || ump_ring_arm(&s->ring, true)) {
            continue;
        }
        s->slept++;
        if (!wait_bell(&s->bell)) {
            s->wrong = "nobody rang";
        }
        ump_ring_disarm(&s->ring);
    }
    return NULL;
}

static void converse(uint32_t slots, uint64_t there, uint64_t back)
{
    struct ump_line *const frame = aligned_alloc(UMP_LINE_BYTES, ump_frame_bytes(slots));
    static struct side side[2];
    pthread_t thread;

    memset((void *)frame, 0, ump_frame_bytes(slots));
    memset((void *)side, 0, sizeof(side));
    for (unsigned i = 0; i < 2; i++) {
        pthread_mutex_init(&side[i].bell.lock, NULL);
        pthread_cond_init(&side[i].bell.rung, NULL);
        ump_ring_init(&side[i].ring, frame, i, slots, ring_bell, &side[!i].bell);
        side[i].random = test_seed() * 2 + i + 1;
        side[i].to_send = side[!i].to_receive = i ? back : there;
    }
    pthread_create(&thread, NULL, run, &side[1]);
    run(&side[0]);
    pthread_join(thread, NULL);
    for (unsigned i = 0; i < 2; i++) {
        EXPECT(!side[i].wrong, "side %u: %s, slept %" PRIu64 " times", i, side[i].wrong ? side[i].wrong : "",
               side[i].slept);
        EXPECT_EQ(side[i].sent, side[i].to_send, "all was sent");
        EXPECT_EQ(side[i].received, side[i].to_receive, "all was received");
    }
    free(frame);
}

TEST(ump_ring, one_way)
{
    converse(4, 30000, 0);
    converse(16, 30000, 0);
}

TEST(ump_ring, both_ways)
{
    converse(4, 20000, 20000);
    converse(64, 20000, 5000);
}

/* --- one thread: what a peer may write --- */

TEST(ump_ring, credit_and_end)
{
    struct ump_line *const frame = aligned_alloc(UMP_LINE_BYTES, ump_frame_bytes(4));
    struct ump_ring a, b;
    uint64_t word[UMP_WORDS] = { 1, 2, 3 };
    uint32_t head;
    unsigned words;
    struct bell bell = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0 };

    memset((void *)frame, 0, ump_frame_bytes(4));
    ump_ring_init(&a, frame, 0, 4, ring_bell, &bell);
    ump_ring_init(&b, frame, 1, 4, ring_bell, &bell);
    EXPECT_EQ(ump_ring_receive(&b, &head, word, &words).trail, E_CHANNEL_EMPTY, "nothing yet");
    for (unsigned i = 0; i < 4; i++) {
        EXPECT(err_ok(ump_ring_send(&a, i, word, 3)), "credit %u", i);
    }
    EXPECT_EQ(ump_ring_send(&a, 4, word, 3).trail, E_TX_BUSY, "no credit");
    EXPECT_EQ(bell.count, 0, "nobody is armed");
    EXPECT(!ump_ring_arm(&a, true), "sleeps for credit");
    EXPECT(err_ok(ump_ring_receive(&b, &head, word, &words)) && head == 0 && words == 3, "first");
    EXPECT_EQ(bell.count, 0, "not worth a signal");
    EXPECT(err_ok(ump_ring_receive(&b, &head, word, &words)) && head == 1, "second");
    EXPECT_EQ(bell.count, 1, "half the ring is free");
    EXPECT(ump_ring_ready(&a, false), "credit");
    EXPECT(err_ok(ump_ring_send(&a, 4, word, 0)), "again");
    ump_ring_close(&a);
    for (unsigned i = 2; i < 5; i++) {
        EXPECT(err_ok(ump_ring_receive(&b, &head, word, &words)) && head == i, "sent before the end");
    }
    EXPECT_EQ(ump_ring_receive(&b, &head, word, &words).trail, E_RPC_CLOSED, "the end");
    EXPECT(ump_ring_arm(&b, false), "who sleeps after the end sleeps for ever");
    free(frame);
}

/* The peer's lines are filled at random: whatever it says, nothing but its own messages goes wrong. */
TEST(ump_ring, a_peer_that_lies)
{
    struct ump_line *const frame = aligned_alloc(UMP_LINE_BYTES, ump_frame_bytes(8));
    struct bell bell = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0 };
    uint64_t r = test_seed() + 99, broken = 0;

    for (unsigned round = 0; round < 2000; round++) {
        struct ump_ring a;
        uint64_t word[UMP_WORDS] = { 0 };
        uint32_t head;
        unsigned words = 0;
        memset((void *)frame, 0, ump_frame_bytes(8));
        ump_ring_init(&a, frame, 0, 8, ring_bell, &bell);
        for (unsigned step = 0; step < 40; step++) {
            const unsigned line = (unsigned)(test_random(&r) % 9);      /* its control line, its ring */
            frame[line ? 9 + line : 1].word[test_random(&r) % 8] = test_random(&r) % 3 ? test_random(&r) : 1;
            const err_t sent = ump_ring_send(&a, 1, word, (unsigned)(test_random(&r) % 8));
            const err_t got = ump_ring_receive(&a, &head, word, &words);
            EXPECT(words <= UMP_WORDS, "%u words", words);
            EXPECT(a.credit.sent - a.credit.acked <= 8, "the window");
            broken += err_root(sent) == E_BINDING_MALFORMED || err_root(got) == E_BINDING_MALFORMED;
            if (ump_ring_arm(&a, true)) {
                EXPECT(!ump_ring_armed(&a), "awake");
            }
        }
    }
    EXPECT(broken > 100, "lies were found");
    free(frame);
}
