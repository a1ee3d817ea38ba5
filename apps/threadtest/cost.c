/** @file cost.c  What threads cost: figures for init's bench, in the second half of the page. */
#include "calls.h"
#include "threadtest.h"
#include <os/event.h>
#include <os/rpc_lmp.h>
#include <os/startup.h>

#define FIGURES 256u                        /* words of the page before the first */
#define SAMPLES 51u
#define EMPTY   2u                          /* instructions between two readings of the counter */

/* enum figure of servers/init/bench/threads.c */
enum { COST_SWITCH, COST_SWITCH_NO_FP, COST_MUTEX, COST_CREATE, COST_SIGNAL, COST_RPC, COST_RPC_ALONE };

static uint64_t sample[SAMPLES];

static inline uint64_t counter(void)
{
    uint64_t now;

    __asm__ volatile("isb\n\tmrs %0, pmccntr_el0" : "=r"(now) : : "memory");
    return now;
}

static void report(unsigned figure, uint64_t divisor)
{
    for (unsigned i = 1; i < SAMPLES; i++) {
        const uint64_t v = sample[i];
        unsigned at = i;
        for (; at > 0 && sample[at - 1] > v; at--) {
            sample[at] = sample[at - 1];
        }
        sample[at] = v;
    }
    shared[FIGURES + figure] = (sample[SAMPLES / 2] - EMPTY) / divisor;
}

static volatile bool stop;

static uint64_t yields(void *arg)
{
    (void)arg;
    while (!stop) {
        thread_yield();
    }
    return 0;
}

static uint64_t measures_yield(void *arg)
{
    for (unsigned i = 0; i < SAMPLES; i++) {
        const uint64_t begin = counter();
        thread_yield();                     /* to the other and back */
        sample[i] = counter() - begin;
    }
    report((unsigned)(uint64_t)arg, 2);
    return 0;
}

static void cost_yield(unsigned figure, unsigned flags)
{
    struct thread *t[2];
    const struct thread_options o = { .flags = flags, .priority = 40 };

    stop = false;
    thread_set_priority(thread_self(), 50);
    CHECK_OK(thread_create(&t[0], yields, NULL, &o));
    CHECK_OK(thread_create(&t[1], measures_yield, (void *)(uint64_t)figure, &o));
    (void)finish(t[1]);
    stop = true;
    (void)finish(t[0]);
    thread_set_priority(thread_self(), THREAD_PRIORITY);
}

static uint64_t nothing(void *arg)
{
    return (uint64_t)arg;
}

static void cost_create(void)
{
    for (unsigned i = 0; i < SAMPLES; i++) {
        struct thread *t = NULL;
        const uint64_t begin = counter();
        const err_t made = thread_create(&t, nothing, NULL, NULL);
        const err_t joined = thread_join(t, NULL);
        sample[i] = counter() - begin;
        CHECK_OK(made);
        CHECK_OK(joined);
    }
    report(COST_CREATE, 1);
}

static struct mutex mutex;
static struct condition condition;

static void cost_mutex(void)
{
    for (unsigned i = 0; i < SAMPLES; i++) {
        const uint64_t begin = counter();
        mutex_lock(&mutex);
        mutex_unlock(&mutex);
        sample[i] = counter() - begin;
    }
    report(COST_MUTEX, 1);
}

static uint64_t waits(void *arg)
{
    (void)arg;
    mutex_lock(&mutex);
    while (!stop) {
        condition_wait(&condition, &mutex);
    }
    mutex_unlock(&mutex);
    return 0;
}

/* A more urgent thread is signalled, runs and waits again. */
static void cost_signal(void)
{
    stop = false;
    struct thread *const t = start(waits, NULL, 40);
    for (unsigned i = 0; i < SAMPLES; i++) {
        const uint64_t begin = counter();
        condition_signal(&condition);
        sample[i] = counter() - begin;
    }
    report(COST_SIGNAL, 1);
    stop = true;
    condition_signal(&condition);
    (void)finish(t);
}

static void cost_rpc(unsigned figure, err_t (*call)(struct rpc_client *, struct rpc_message *))
{
    struct rpc_client client = {
        .end = { .send = PSLOT_PROC, .mask = (1u << PRING_LOG2) - 1, .event = PEVENT_PROC,
                 .ring = (struct ring_control *)(os_startup()->rings + (PEVENT_PROC - 1) * PRING_BYTES) },
    };
    struct rpc_message m;

    for (unsigned i = 0; i < SAMPLES; i++) {
        m = (struct rpc_message){ .number = CALL_ADD, .length = 1 };
        const uint64_t begin = counter();
        const err_t err = call(&client, &m);
        sample[i] = counter() - begin;
        CHECK_OK(err);
    }
    report(figure, 1);
    event_unregister(PEVENT_PROC);
}

static void cost(void)
{
    cost_yield(COST_SWITCH, 0);
    cost_yield(COST_SWITCH_NO_FP, THREAD_NO_FP);
    cost_mutex();
    cost_create();
    cost_signal();
    cost_rpc(COST_RPC_ALONE, rpc_call_alone);
    cost_rpc(COST_RPC, rpc_call);
}

const struct test cost_tests[] = { { "cost", cost }, { 0 } };
