/** @file threads.c  Benches of threads: apps/threadtest measures, and leaves its figures in the page. */
#include "../threads.h"
#include "bench.h"
#include <os/rpc.h>

#define FIGURES 256u            /* words of the page before the first */

/* As in apps/threadtest/cost.c */
enum figure { COST_SWITCH, COST_SWITCH_NO_FP, COST_MUTEX, COST_CREATE, COST_SIGNAL, COST_RPC, COST_RPC_ALONE };

static uint64_t measure(struct test *t, enum figure figure)
{
    static struct threads w;

    if (!threads_start_with(t, &w, "cost", measure_replier, (uint64_t)RPC_REPLY << 8)) {
        return 0;
    }
    const int status = program_ended(&w.program);
    CHECK(t, status == 0, "status %d: %s", status, w.program.page);
    return ((const uint64_t *)w.program.page)[FIGURES + figure];
}

static bool line(struct test *t, enum figure figure, uint64_t *value)
{
    *value = measure(t, figure);
    return *value > 0;
}

static bool switch_line(struct test *t, uint64_t *value)
{
    return line(t, COST_SWITCH, value);
}

static bool switch_no_fp_line(struct test *t, uint64_t *value)
{
    return line(t, COST_SWITCH_NO_FP, value);
}

static bool mutex_line(struct test *t, uint64_t *value)
{
    return line(t, COST_MUTEX, value);
}

static bool create_line(struct test *t, uint64_t *value)
{
    return line(t, COST_CREATE, value);
}

static bool signal_line(struct test *t, uint64_t *value)
{
    return line(t, COST_SIGNAL, value);
}

static bool rpc_alone_line(struct test *t, uint64_t *value)
{
    return line(t, COST_RPC_ALONE, value);
}

static bool rpc_line(struct test *t, uint64_t *value)
{
    return line(t, COST_RPC, value);
}

const struct bench_line bench_threads[] = {
    { "thread-switch", 0, switch_line },
    { "thread-switch-no-fp", 0, switch_no_fp_line },
    { "thread-create-join", 0, create_line },
    { "mutex-lock-unlock", 0, mutex_line },
    { "condition-signal-switch", 0, signal_line },
    { "rpc-call-threads", 0, rpc_line },
    { "rpc-call", 0, rpc_alone_line },
    { 0 },
};
