/**
 * @file rpc_ump_threads_test.c  Calls of many threads on one binding over UMP: the machine is thread_machine.c's,
 * the server the other side of the ring, which answers in any order, sleeps when it has nothing to do, and wakes the
 * client if that sleeps.
 */
#include "test.h"
#include "thread_machine.h"
#include <os/caps.h>
#include <os/event.h>
#include <os/rpc_ump.h>

#define EVENT        5u
#define CANCEL       6u
#define CALLERS      6u
#define WAKE_CLIENT  100u
#define WAKE_SERVER  101u
#define REPLY_CAP    102u
#define REQUEST_CAP  103u
#define SLOTS        16u
#define NUMBER       3u
#define NUMBER_CAP   4u                 /* a capability goes, and one comes */

static struct {
    _Alignas(UMP_LINE_BYTES) struct ump_line frame[2 + 2 * SLOTS];
    struct rpc_client client;
    struct ump_client ump;
    struct ump_end server;
    struct {
        uint32_t token;
        struct rpc_message m;
    } request[SLOTS];
    unsigned requests, most, caps_owed;
    uint64_t calls, cancelled, looked, asleep, placed, dropped;
    unsigned idles_full;                /* all asleep, one until fewer are unanswered */
    bool closed, server_awake, quiet, slow;
} world;

static uint64_t chance(uint64_t n)
{
    return test_random(&machine.random) % n;
}

err_t rpc_call_alone(struct rpc_client *c, struct rpc_message *m)
{
    (void)c, (void)m;
    abort();
}

err_t rpc_place_cap(struct rpc_message *m, cptr_t slot)
{
    (void)slot;
    if (m->cap) {
        EXPECT_EQ(m->cap, REPLY_CAP, "which capability");
        world.placed++;
    }
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
    EXPECT_EQ(cap, REPLY_CAP, "which capability");
    world.dropped++;
}

/* ---- the server -------------------------------------------------------------------------------------------------- */

static void take_requests(void)
{
    for (;;) {
        struct rpc_message m;
        uint32_t token;
        const err_t err = ump_receive(&world.server, &token, &m);
        if (!err_ok(err)) {
            EXPECT(err_root(err) == E_CHANNEL_EMPTY, "the client broke a rule: error %u", err_root(err));
            return;
        }
        EXPECT(world.requests < SLOTS / 2, "more under way than the window");
        world.request[world.requests].token = token;
        world.request[world.requests++].m = m;
        world.most = world.requests > world.most ? world.requests : world.most;
    }
}

static void answer_one(void)
{
    const unsigned at = (unsigned)chance(world.requests);
    struct rpc_message m = world.request[at].m;
    const uint32_t token = world.request[at].token;

    world.request[at] = world.request[--world.requests];
    EXPECT_EQ(m.cap, m.number == NUMBER_CAP ? REQUEST_CAP : CPTR_NULL, "the request's capability");
    m.number |= RPC_REPLY;
    m.cap = m.cap ? REPLY_CAP : CPTR_NULL;
    for (unsigned i = 0; i < m.length; i++) {
        m.word[i]++;
    }
    if (m.cap) {
        world.caps_owed++;
    }
    EXPECT(err_ok(ump_send(&world.server, token, &m)), "an answer always finds room");
}

/* It runs for a while, if it is awake. */
static void serve(void)
{
    if (world.closed || !world.server_awake) {
        return;
    }
    take_requests();
    while (world.requests > 0 && !world.slow && chance(3)) {
        answer_one();
        take_requests();
    }
    if (world.requests == 0 && chance(2)) {
        world.server_awake = ump_arm(&world.server);
    }
}

struct sys_result sys_invoke(cptr_t cap, uint64_t op, struct sys_args args)
{
    (void)args;
    EXPECT((cap == WAKE_CLIENT || cap == WAKE_SERVER) && op == NOTIFY_SIGNAL, "an invocation of %u", (unsigned)cap);
    if (cap == WAKE_CLIENT) {
        world.asleep++;
        machine_post(EVENT);
    } else {
        ump_ring_disarm(&world.server.ring);
        world.server_awake = true;
    }
    return (struct sys_result){ .err = OK };
}

/* All threads sleep, and the ring is armed: others run. */
static void idle(void)
{
    if (world.closed) {
        return;
    }
    EXPECT(!world.client.threads.calls || ump_ring_armed(&world.ump.end.ring) || world.ump.end.dead,
           "threads wait, and nobody would wake them");
    const struct thread_call *const call = world.client.threads.calls;
    EXPECT(!call || call->token != UINT32_MAX || world.server.seat.caps ||
               world.ump.end.under_way == world.ump.end.window,
           "it could be sent");
    const bool full = call && call->token == UINT32_MAX && world.ump.end.under_way == world.ump.end.window;
    world.idles_full += full;
    serve();
    take_requests();
    if (world.requests > 0 && world.server_awake && (!world.slow || full)) {
        answer_one();
    }
}

static void clock_read(void)
{
    machine.now += 3;
    if (thread_alone() && world.ump.end.seat.poll) {
        world.looked++;
        serve();
    }
}

/* ---- capabilities ------------------------------------------------------------------------------------------------ */

static err_t cap_send(struct ump_end *end, cptr_t cap, bool give)
{
    EXPECT(cap == REQUEST_CAP && !give && end == &world.ump.end, "what is sent");
    ump_cap_arrived(&world.server, cap, OK);
    thread_sleep_until(machine.now + chance(100));
    return OK;
}

static void cap_fetch(struct ump_end *end)
{
    thread_sleep_until(machine.now + chance(100));
    EXPECT(world.caps_owed > 0, "nobody has sent one");
    world.caps_owed--;
    thread_disable();
    ump_cap_arrived(end, REPLY_CAP, OK);
    thread_enable();
}

static const struct ump_cap_ops cap_ops = { .send = cap_send, .fetch = cap_fetch };

/* ---- the client -------------------------------------------------------------------------------------------------- */

static void call(uint64_t caller, uint64_t i)
{
    const bool cap = world.server.seat.caps && chance(4) == 0;
    const unsigned length = (unsigned)chance(9), number = cap ? NUMBER_CAP : NUMBER;
    struct rpc_message m = {
        .number = (uint16_t)number, .length = (uint8_t)length, .cap = cap ? REQUEST_CAP : CPTR_NULL };

    for (unsigned w = 0; w < length; w++) {
        m.word[w] = caller << 32 | i << 8 | w;
    }
    const err_t err = os_rpc_threads->call(&world.client, &m);
    world.calls++;
    if (err_root(err) == E_RPC_CANCELLED && world.client.cancel) {
        world.cancelled++;
        return;
    }
    if (world.closed) {
        EXPECT(err_ok(err) || err_root(err) == E_RPC_CLOSED, "error %u", err_root(err));
        return;
    }
    EXPECT(err_ok(err) && m.number == (number | RPC_REPLY) && m.length == length, "error %u, number %u", err_root(err),
           m.number);
    EXPECT((m.cap != CPTR_NULL) == cap, "a capability comes back");
    for (unsigned w = 0; w < length; w++) {
        EXPECT_EQ(m.word[w], (caller << 32 | i << 8 | w) + 1, "word %u", w);
    }
}

static void calls(void *arg)
{
    for (uint64_t i = 0; i < 60; i++) {
        call((uint64_t)arg, i);
        if (chance(4) == 0) {
            thread_sleep_until(machine.now + chance(200));
        }
    }
    world.quiet = true;
}

static void closes(void *arg)
{
    (void)arg;
    thread_sleep_until(machine.now + 500 + chance(3000));
    thread_disable();
    world.closed = true;
    if (chance(2)) {
        ump_ring_close(&world.server.ring);
    } else {
        ump_end_died(&world.ump.end);
    }
    thread_enable();
}

static void cancels(void *arg)
{
    (void)arg;
    while (!world.quiet) {
        thread_sleep_until(machine.now + 20 + chance(300));
        machine_post(CANCEL);
    }
}

static void start(unsigned round, uint32_t window, bool caps, uint64_t poll)
{
    memset((void *)&world, 0, sizeof(world));
    machine_start(test_seed() * 1000 + round);
    machine.chance = 3 + round % 5;
    machine.idle = idle;
    machine.clock = clock_read;
    machine.wanted = 1ull << EVENT;
    os_rpc_threads_started = true;
    world.server_awake = true;
    struct ump_seat seat = { .frame = world.frame, .slots = SLOTS, .event = EVENT, .wake = WAKE_SERVER, .poll = poll,
                             .caps = caps ? &cap_ops : NULL };
    world.client.window = window;
    rpc_client_init_ump(&world.client, &world.ump, &seat);
    seat.side = 1;
    seat.wake = WAKE_CLIENT;
    ump_end_init(&world.server, &seat, false);
}

static void finish(unsigned round)
{
    machine_join();
    EXPECT(world.client.threads.under_way == 0 && !world.client.threads.calls && !world.client.threads.turn.first,
           "calls are left, round %u", round);
    event_unregister(EVENT);
}

TEST(rpc_ump_threads, every_call_gets_its_reply)
{
    uint64_t asleep = 0, looked = 0, most = 0;

    for (unsigned round = 0; round < 80; round++) {
        start(round, round % 9, false, round % 3 == 0 ? 40 : 0);
        for (uint64_t i = 0; i < 1 + round % CALLERS; i++) {
            (void)machine_thread(calls, (void *)i, 20 + (unsigned)chance(3));
        }
        finish(round);
        EXPECT_EQ(world.calls, 60 * (1 + round % CALLERS), "calls");
        EXPECT(world.most <= (round % 9 ? round % 9 : 1), "%u under way", world.most);
        asleep += world.asleep;
        looked += world.looked;
        most = world.most > most ? world.most : most;
    }
    EXPECT(asleep > 500 && looked > 500 && most > 3, "woken %" PRIu64 ", looked %" PRIu64 ", %" PRIu64 " under way",
           asleep, looked, most);
}

TEST(rpc_ump_threads, capabilities_wait_for_their_payload_or_it_for_them)
{
    uint64_t placed = 0;

    for (unsigned round = 0; round < 60; round++) {
        start(round, 0, true, round % 3 == 0 ? 40 : 0);
        for (uint64_t i = 0; i < 1 + round % 3; i++) {
            (void)machine_thread(calls, (void *)i, 20 + (unsigned)chance(3));
        }
        finish(round);
        EXPECT_EQ(world.calls, 60 * (1 + round % 3), "calls");
        EXPECT_EQ(world.dropped, 0, "each is somebody's");
        placed += world.placed;
    }
    EXPECT(placed > 300, "%" PRIu64 " capabilities came", placed);
}

TEST(rpc_ump_threads, closing_or_death_ends_all)
{
    for (unsigned round = 0; round < 60; round++) {
        start(round, round % 4, round % 5 == 0, 0);
        for (uint64_t i = 0; i < 1 + round % CALLERS; i++) {
            (void)machine_thread(calls, (void *)i, 20 + (unsigned)chance(3));
        }
        (void)machine_thread(closes, NULL, 50);
        finish(round);
        EXPECT(world.closed, "not closed");
    }
}

/* Late replies are dropped, and each makes room for another call. */
TEST(rpc_ump_threads, cancelled_calls)
{
    uint64_t cancelled = 0;
    unsigned full = 0;

    for (unsigned round = 0; round < 60; round++) {
        start(round, 1, false, 0);
        world.client.cancel = CANCEL;
        world.slow = round % 2;
        machine.wanted |= 1ull << CANCEL;
        (void)machine_thread(calls, NULL, 20);
        (void)machine_thread(cancels, NULL, 50);
        finish(round);
        EXPECT_EQ(world.calls, 60, "calls");
        cancelled += world.cancelled;
        full += world.idles_full;
    }
    EXPECT(cancelled > 100 && full > 100, "%" PRIu64 " were cancelled, %u times full", cancelled, full);
}
