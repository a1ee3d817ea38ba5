/** @file threads.c  Benches of threads: apps/threadtest measures, and leaves its figures in the page. */
#include "../threads.h"
#include "bench.h"
#include <os/rpc.h>

#define FIGURES 256u            /* words of the page before the first */

/* As in apps/threadtest/cost.c */
enum figure { COST_SIGNAL, COST_RPC, COST_RPC_ALONE };

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
    { "condition-signal-switch", 0, signal_line },
    { "rpc-call-threads", 0, rpc_line },
    { "rpc-call", 0, rpc_alone_line },
    { 0 },
};
