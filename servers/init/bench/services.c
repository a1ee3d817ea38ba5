/** @file services.c  Benches of services: the whole call, from the client's stub to its return. */
#include "../memory.h"
#include "bench.h"
#include <stubs/mem.h>

#define ROUNDS 31u

static bool alloc_free(struct test *t, uint64_t bytes, uint64_t *value)
{
    static struct memory memory;
    uint64_t sample[ROUNDS], alloc[ROUNDS];

    if (!memory_start(t, &memory)) {
        return false;
    }
    struct rpc_client *const c = &memory.manager.rpc;
    for (unsigned i = 0; i < ROUNDS; i++) {
        cptr_t ram;
        const uint64_t begin = clock_now();
        err_t err = mem_alloc(c, bytes, bytes, &ram);
        const uint64_t between = clock_now();
        if (err_ok(err)) {
            err = mem_free(c, ram);
        }
        sample[i] = clock_now() - begin;
        alloc[i] = between - begin;
        EXPECT_OK(t, err);
        if (!err_ok(err)) {
            return false;
        }
    }
    *value = median(sample, ROUNDS) - 2 * overhead();
    bench_remark("%lu of it the allocation, zeroing included", median(alloc, ROUNDS) - overhead());
    memory_stop(&memory);
    return true;
}

static bool page(struct test *t, uint64_t *value)
{
    return alloc_free(t, SHOAL_PAGE_SIZE, value);
}

static bool block(struct test *t, uint64_t *value)
{
    return alloc_free(t, 0x200000, value);
}

const struct bench_line bench_services[] = {
    { "ram-alloc-free-4k", 0, page },
    { "ram-alloc-free-2m", 0, block },
    { 0 },
};
