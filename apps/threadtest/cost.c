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
enum { COST_SIGNAL, COST_RPC, COST_RPC_ALONE };

static uint64_t sample[SAMPLES];

static inline uint64_t counter(void)
{
    uint64_t now;

    __asm__ volatile("isb\n\tmrs %0, pmccntr_el0" : "=r"(now) : : "memory");
    return now;
}

static void report(unsigned figure)
{
    for (unsigned i = 1; i < SAMPLES; i++) {
        const uint64_t v = sample[i];
        unsigned at = i;
        for (; at > 0 && sample[at - 1] > v; at--) {
            sample[at] = sample[at - 1];
        }
        sample[at] = v;
    }
    shared[FIGURES + figure] = sample[SAMPLES / 2] - EMPTY;
}

static volatile bool stop;
static struct mutex mutex;
static struct condition condition;

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
    report(COST_SIGNAL);
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
    report(figure);
    event_unregister(PEVENT_PROC);
}

static void cost(void)
{
    cost_signal();
    cost_rpc(COST_RPC_ALONE, rpc_call_alone);
    cost_rpc(COST_RPC, rpc_call);
}

const struct test cost_tests[] = { { "cost", cost }, { 0 } };
