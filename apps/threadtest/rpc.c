/** @file rpc.c  Calls of several threads on one binding; the server is init's (servers/init/tests/thread.c). */
#include "calls.h"
#include "threadtest.h"
#include <os/caps.h>
#include <os/event.h>
#include <os/rpc_lmp.h>
#include <os/startup.h>

#define EVENT_CANCEL 30u

static struct rpc_client client;

/* The binding that processes have to the process server: its rings have two slots. */
static void bind(uint32_t window)
{
    client = (struct rpc_client){
        .end = { .send = PSLOT_PROC, .mask = (1u << PRING_LOG2) - 1, .event = PEVENT_PROC,
                 .ring = (struct ring_control *)(os_startup()->rings + (PEVENT_PROC - 1) * PRING_BYTES) },
        .window = window,
    };
}

static err_t call(unsigned number, uint64_t first, unsigned length)
{
    struct rpc_message m = { .number = (uint16_t)number, .length = (uint8_t)length };

    for (unsigned i = 0; i < length; i++) {
        m.word[i] = first + 1000 * i;
    }
    TRY(rpc_call(&client, &m));
    TRY(rpc_result(&m, number, length, RPC_NO_CAP));
    for (unsigned i = 0; i < length; i++) {
        CHECK_EQ(m.word[i], first + 1000 * i + 1);
    }
    return OK;
}

static void rpc_alone(void)
{
    bind(2);
    for (unsigned i = 0; i < 200; i++) {
        CHECK_OK(call(i % 5 ? CALL_ADD : CALL_STALE, i, i % 9));
    }
    CHECK_EQ(client.threads.under_way, 0);
    CHECK(client.threads.handler.fire, "not the version for threads");
    const uint64_t in_ring = client.end.ring->produced;
    for (unsigned i = 0; i < 20; i++) {
        CHECK_OK(call(CALL_ADD, i, 1));
    }
    CHECK(client.end.ring->produced - in_ring < 20, "each reply came through the ring");
}

static uint64_t holds(void *arg)
{
    return call(CALL_HOLD, (uint64_t)arg, 8).trail;
}

static volatile uint64_t rounds;
static volatile bool stop;

static uint64_t counts(void *arg)
{
    (void)arg;
    while (!stop) {
        rounds++;
        thread_yield();
    }
    return 0;
}

/* The server answers neither before it has both, and the second first; a third thread runs all the time. */
static void rpc_two_under_way(void)
{
    bind(2);
    struct thread *const busy = start(counts, NULL, 0), *const a = start(holds, (void *)100, 40);
    CHECK_EQ(client.threads.under_way, 1);
    const uint64_t before = rounds;
    YIELD_UNTIL(rounds > before);                   /* a blocked call blocks nobody else */
    CHECK_EQ(client.threads.under_way, 1);
    struct thread *const b = start(holds, (void *)200, 40);
    CHECK_EQ(finish(b), 0);
    CHECK_EQ(finish(a), 0);
    stop = true;
    (void)finish(busy);
    /* the same with nobody else, so that one of the two parks */
    for (uint64_t i = 0; i < 50; i++) {
        struct thread *const c = start(holds, (void *)i, i % 2 ? 40 : 0);
        CHECK_OK(call(CALL_HOLD, 7 * i, i % 9));
        CHECK_EQ(finish(c), 0);
    }
    CHECK_EQ(client.threads.under_way, 0);
}

static uint64_t calls(void *arg)
{
    uint64_t failed = 0;

    for (uint64_t i = 0; i < 100; i++) {
        failed += !err_ok(call(i % 13 == 7 ? CALL_STALE : CALL_ADD, (uint64_t)arg << 32 | i, i % 9));
        if (i % 17 == (uint64_t)arg) {
            thread_yield();
        }
    }
    return failed;
}

static void many(uint32_t window)
{
    struct thread *t[8];

    bind(window);
    for (uint64_t i = 0; i < 8; i++) {
        t[i] = start(calls, (void *)i, i % 3 ? 0 : 30 + (unsigned)i);
    }
    for (unsigned i = 0; i < 8; i++) {
        CHECK_EQ(finish(t[i]), 0);
    }
    CHECK_EQ(client.threads.under_way, 0);
    CHECK(!client.threads.calls && !client.threads.turn.first, "calls are left");
    event_unregister(PEVENT_PROC);
}

static void rpc_many(void)
{
    many(2);
    many(0);            /* one at a time */
}

static volatile uint64_t woken;

static uint64_t sleeps(void *arg)
{
    for (unsigned i = 0; i < 5; i++) {
        thread_sleep_until(time_now() + ms((uint64_t)arg));
        woken++;
    }
    return 0;
}

/* The caller is parked, alone; timers of others wake it, and the reply comes later. */
static void rpc_and_timers(void)
{
    bind(2);
    CHECK_OK(call(CALL_ADD, 1, 1));
    struct thread *const t = start(sleeps, (void *)3, 40);
    for (unsigned i = 0; i < 200 && woken < 5; i++) {       /* the server has the processor, too */
        CHECK_OK(call(CALL_SLOW, ms(60), 2));
    }
    CHECK_EQ(woken, 5);
    (void)finish(t);
}

static uint64_t leaves(void *arg)
{
    return call((unsigned)(uint64_t)arg, 0, 1).trail;
}

static void rpc_closed(void)
{
    bind(2);
    CHECK_OK(call(CALL_ADD, 1, 1));
    struct thread *const a = start(leaves, (void *)CALL_HOLD, 40), *const b = start(leaves, (void *)CALL_LEAVE, 40);
    struct thread *const c = start(leaves, (void *)CALL_ADD, 40), *const d = start(leaves, (void *)CALL_ADD, 40);
    CHECK_EQ(finish(a), E_RPC_CLOSED);
    CHECK_EQ(finish(b), E_RPC_CLOSED);
    CHECK_EQ(finish(c), E_RPC_CLOSED);
    CHECK_EQ(finish(d), E_RPC_CLOSED);
    CHECK_ERR(call(CALL_ADD, 1, 1), E_RPC_CLOSED);
    CHECK_EQ(client.threads.under_way, 0);
}

/* Parked, when it is closed. */
static void rpc_closed_alone(void)
{
    bind(2);
    CHECK_ERR(call(CALL_LEAVE, 1, 1), E_RPC_CLOSED);
    CHECK_ERR(call(CALL_ADD, 1, 1), E_RPC_CLOSED);
}

static uint64_t cancels(void *arg)
{
    do {
        thread_sleep_until(time_now() + ms(10));
    } while (client.threads.under_way == 0);
    CHECK_OK(notify_signal((cptr_t)arg));
    return 0;
}

/* An event ends a call that waits, blocked or parked, and one that begins; its late reply is dropped. */
static void rpc_cancelled(void)
{
    const cptr_t notify = make_notify(EVENT_CANCEL);

    bind(2);
    client.cancel = EVENT_CANCEL;
    for (unsigned i = 0; i < 2; i++) {              /* the held one is answered with the second, late */
        struct thread *const t = start(cancels, (void *)notify, i ? 40 : 20);
        CHECK_ERR(call(CALL_HOLD, 1, 1), E_RPC_CANCELLED);
        (void)finish(t);
        CHECK_OK(call(CALL_HOLD, 2, 3));
        CHECK_OK(call(CALL_ADD, 3, 4));
    }
    CHECK_OK(notify_signal(notify));
    CHECK_ERR(call(CALL_ADD, 1, 1), E_RPC_CANCELLED);
    CHECK_OK(call(CALL_ADD, 1, 1));
    CHECK_EQ(client.threads.under_way, 0);
    CHECK(!event_take(frame_self(), EVENT_CANCEL), "the event is still there");
}

const struct test rpc_tests[] = {
    { "rpc_alone", rpc_alone }, { "rpc_two_under_way", rpc_two_under_way }, { "rpc_many", rpc_many },
    { "rpc_and_timers", rpc_and_timers }, { "rpc_closed", rpc_closed }, { "rpc_closed_alone", rpc_closed_alone },
    { "rpc_cancelled", rpc_cancelled }, { 0 },
};
