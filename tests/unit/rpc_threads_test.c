/**
 * @file rpc_threads_test.c  Calls of many threads on one binding: the machine is thread_machine.c's, the server a queue of
 * requests that it answers in any order, in registers or through the ring, now and then with a reply that nobody wants.
 */
#include "test.h"
#include "thread_machine.h"
#include <os/event.h>
#include <os/rpc_lmp.h>

#define EVENT   5u
#define RING    4u
#define SEND    77u
#define RECEIVE 78u
#define SLOTS   100u            /* of the callers: one each from here on */
#define CALLERS 6u

#define CALL_WORDS 3u
#define CALL_CAP   4u           /* the reply brings a capability: the request's first word */

static struct {
    struct {
        struct ring_control control;
        struct ring_message message[RING];
    } ring;
    struct rpc_client client;
    struct ring_message request[RING];
    unsigned requests, most;
    uint64_t direct, in_ring, stale, woken, calls;
    uint64_t received, slot[CALLERS];   /* what lies in the slots; 0: nothing */
    bool closed;
} world;

static uint64_t chance(uint64_t n)
{
    return test_random(&machine.random) % n;
}

/* What client.c has, and no test here needs. */
err_t rpc_call_alone(struct rpc_client *c, struct rpc_message *m)
{
    (void)c, (void)m;
    abort();
}

err_t rpc_place_cap(struct rpc_message *m, cptr_t slot)
{
    if (m->cap == CPTR_NULL) {
        return OK;
    }
    EXPECT(m->cap == RECEIVE && world.received, "it is where it arrived");
    EXPECT(slot >= SLOTS && slot < SLOTS + CALLERS && !world.slot[slot - SLOTS], "an empty slot is wanted");
    world.slot[slot % SLOTS % CALLERS] = world.received;
    world.received = 0;
    m->cap = slot;
    return OK;
}

void rpc_want_slot(struct rpc_client *c, cptr_t slot)
{
    c->cap_slot = slot;
}

cptr_t rpc_wanted_slot(struct rpc_client *c)
{
    return c->cap_slot;
}

void rpc_drop_cap(cptr_t cap)
{
    (void)cap;
    abort();                            /* each that comes is wanted */
}

struct sys_result sys_invoke(cptr_t cap, uint64_t op, struct sys_args args)
{
    (void)cap, (void)op, (void)args;
    abort();                            /* a signal to a peer over UMP */
}

static bool ring_full(void)
{
    return world.ring.control.produced - world.ring.control.consumed == RING;
}

/* One of the requests becomes its reply: each word + 1. */
static struct ring_message next_reply(void)
{
    const unsigned at = (unsigned)chance(world.requests);
    struct ring_message m = world.request[at];

    world.request[at] = world.request[--world.requests];
    m.tag |= (uint64_t)RPC_REPLY << 8;
    if ((m.tag >> 8 & 0xff) == CALL_CAP) {
        EXPECT(!world.received, "the receive slot is empty when a capability comes");
        world.received = m.word[0];
        m.tag |= TAG_CAP;
    }
    for (unsigned i = 0; i < 8; i++) {
        m.word[i]++;
    }
    return m;
}

static void put(const struct ring_message *m)
{
    EXPECT(!ring_full(), "a reply does not fit");
    world.ring.message[world.ring.control.produced++ % RING] = *m;
    machine_post(EVENT);
    world.in_ring++;
}

/* The server runs for a while. */
static void serve(void)
{
    while (world.requests > 0 && chance(3)) {
        const struct ring_message m = next_reply();
        if (!(m.tag & TAG_CAP) && chance(8) == 0 && world.ring.control.produced - world.ring.control.consumed + 1 + world.requests < RING) {
            struct ring_message late = m;
            late.tag ^= 1ull << 60;                     /* a token of long ago */
            put(&late);
            world.stale++;
        }
        put(&m);
    }
}

static err_t park(struct xfer *x)
{
    machine.parks++;
    for (;;) {
        if (frame_self()->pending) {
            world.woken++;
            machine_interrupt();
            return ERR(E_WOKEN);
        }
        if (world.requests > 0 && chance(2) && world.ring.control.produced == world.ring.control.consumed) {
            const struct ring_message m = next_reply();
            x->tag = m.tag;
            memcpy(x->word, m.word, sizeof(x->word));
            world.direct++;
            return OK;
        }
        serve();
        machine.now += chance(50);
        if (machine.deadline && machine.now >= machine.deadline) {
            machine.deadline = 0;
            frame_self()->pending = 1;
        }
        if (world.requests == 0 && !frame_self()->pending && !machine.deadline) {
            fprintf(stderr, "parked for ever; seed %" PRIu64 "\n", test_seed());
            abort();
        }
    }
}

static err_t message(struct xfer *x)
{
    if (x->dest != CPTR_NULL) {
        EXPECT_EQ(x->dest, SEND, "sent to whom");
        if (world.closed) {
            return ERR(E_DEAD);
        }
        EXPECT(world.requests < RING, "more requests than slots");
        struct ring_message *const m = &world.request[world.requests++];
        m->tag = x->tag;
        memcpy(m->word, x->word, sizeof(x->word));
        for (unsigned i = x->tag & TAG_LENGTH_MASK; i < 8; i++) {
            EXPECT_EQ(x->word[i], 0, "something of an earlier call goes along, word %u", i);
        }
        world.most = world.requests > world.most ? world.requests : world.most;
    }
    if (x->accept == (uint64_t)XFER_NO_PARK) {
        serve();
        return OK;
    }
    EXPECT(x->accept == EVENT && thread_alone(), "parked while others could run");
    return park(x);
}

/* What the event handler of an idle machine does: the server answers. */
static void idle_server(void)
{
    if (world.requests > 0) {
        const struct ring_message m = next_reply();
        put(&m);
    }
}

/* Its capability has come, to the slot that this thread said and no other. */
static void check_cap(uint64_t caller, cptr_t cap, uint64_t what)
{
    EXPECT_EQ(cap, SLOTS + caller, "its slot");
    EXPECT_EQ(world.slot[caller], what, "its capability");
    world.slot[caller] = 0;
}

static void calls(void *arg)
{
    for (uint64_t i = 0; i < 60; i++) {
        const bool cap = world.client.end.receive != CPTR_NULL && chance(2);
        const unsigned length = (unsigned)chance(9 - cap) + cap;
        struct rpc_message m = { .number = cap ? CALL_CAP : CALL_WORDS, .length = (uint8_t)length };
        const uint16_t number = m.number;
        for (unsigned w = 0; w < length; w++) {
            m.word[w] = (uint64_t)arg << 32 | (i + 1) << 8 | w;
        }
        if (cap) {
            os_rpc_threads->receive_into(&world.client, SLOTS + (uint64_t)arg);
            thread_disable();
            thread_enable();            /* others may say so, too */
        }
        const err_t err = os_rpc_threads->call(&world.client, &m);
        if (world.closed) {
            EXPECT(err_ok(err) || err_root(err) == E_RPC_CLOSED, "error %u", err_root(err));
            continue;
        }
        world.calls++;
        if (cap && err_ok(err)) {
            check_cap((uint64_t)arg, m.cap, (uint64_t)arg << 32 | (i + 1) << 8);
        }
        EXPECT(err_ok(err) && m.number == (number | RPC_REPLY) && m.length == length, "error %u, number %u", err_root(err),
               m.number);
        for (unsigned w = 0; w < 8; w++) {
            EXPECT_EQ(m.word[w], w < length ? ((uint64_t)arg << 32 | (i + 1) << 8 | w) + 1 : 0, "word %u", w);
        }
        if (chance(4) == 0) {
            thread_sleep_until(machine.now + chance(200));
        }
    }
}

static void closes(void *arg)
{
    (void)arg;
    thread_sleep_until(machine.now + 500 + chance(3000));
    thread_disable();
    world.closed = true;
    world.requests = 0;
    world.ring.control.closed = 1;
    machine_post(EVENT);
    thread_enable();
}

static void round_of(unsigned round, uint32_t window, bool closing, cptr_t receive)
{
    memset(&world, 0, sizeof(world));
    machine_start(test_seed() * 1000 + round);
    machine.chance = 3 + round % 5;
    machine.message = message;
    machine.idle = idle_server;
    os_rpc_threads_started = true;
    world.client = (struct rpc_client){
        .end = { .send = SEND, .ring = &world.ring.control, .mask = RING - 1, .event = EVENT,
                 .receive = receive }, .window = window,
    };
    for (uint64_t i = 0; i < 1 + round % CALLERS; i++) {
        (void)machine_thread(calls, (void *)i, 20 + (unsigned)chance(3));
    }
    if (closing) {
        (void)machine_thread(closes, NULL, 50);
    }
    machine_join();
    EXPECT(world.client.threads.under_way == 0 && !world.client.threads.calls && !world.client.threads.turn.first,
           "calls are left, round %u", round);
    EXPECT(world.most <= (window && !receive ? window : 1), "%u under way", world.most);
    event_unregister(EVENT);
}

TEST(rpc_threads, every_call_gets_its_reply)
{
    uint64_t direct = 0, in_ring = 0, stale = 0, woken = 0;

    for (unsigned round = 0; round < 60; round++) {
        round_of(round, round % 4, false, CPTR_NULL);
        EXPECT_EQ(world.calls, 60 * (1 + round % CALLERS), "calls");
        direct += world.direct;
        in_ring += world.in_ring;
        stale += world.stale;
        woken += world.woken;
    }
    EXPECT(direct > 500 && in_ring > 500 && stale > 50 && woken > 500, "%" PRIu64 " in registers, %" PRIu64 " in the ring, "
           "%" PRIu64 " late, woken %" PRIu64, direct, in_ring, stale, woken);
}

TEST(rpc_threads, closing_ends_all)
{
    for (unsigned round = 0; round < 60; round++) {
        round_of(round, round % 4, true, CPTR_NULL);
        EXPECT(world.closed, "not closed");
    }
}

/* One receive slot for all callers: each gets what is its own, in the slot that it wants. */
TEST(rpc_threads, capabilities_go_to_who_asked)
{
    for (unsigned round = 0; round < 60; round++) {
        round_of(round, round % 4, false, RECEIVE);
        EXPECT_EQ(world.calls, 60 * (1 + round % CALLERS), "calls");
        EXPECT_EQ(world.received, 0, "one is left");
    }
}
