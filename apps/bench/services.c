/** @file services.c  Benches of services: the whole call, from the client's stub to its return. */
#include "bench.h"
#include <os/print.h>
#include <os/process.h>
#include <os/services.h>
#include <os/startup.h>
#include <stubs/mem.h>

/* The memory server, the process server and the monitor are above us: what they do for it is done when wait returns. */
static err_t spawn_wait(struct line *line, unsigned count, const char *const *words)
{
    uint64_t all[ROUNDS], spawn[ROUNDS], pid;
    unsigned status;

    for (unsigned i = 0; i < ROUNDS; i++) {
        const uint64_t begin = clock_now();
        err_t err = process_spawn(count, words, NULL, &pid);
        const uint64_t between = clock_now();
        if (err_ok(err)) {
            err = process_wait(pid, &pid, &status);
        }
        all[i] = clock_now() - begin;
        spawn[i] = between - begin;
        TRY(err);
        REQUIRE(status == 0, E_ARG);
    }
    line->value = median(all, ROUNDS) - 2 * overhead();
    const uint64_t making = median(spawn, ROUNDS) - overhead();
    (void)format_text(line->remark, sizeof(line->remark), "%lu of it process_spawn, %lu run, end and process_wait",
                      making, line->value - making);
    return OK;
}

err_t spawn_exit(struct line *line)
{
    return spawn_wait(line, 1, (const char *const[]){ "true" });
}

err_t spawn_exit_bss(struct line *line)
{
    return spawn_wait(line, 2, (const char *const[]){ "bigbss", "1" });
}

static err_t alloc_free(struct line *line, uint64_t bytes)
{
    struct rpc_client *const c = os_mem();
    struct slots *const slots = &os_stock()->slots;
    uint64_t all[ROUNDS], alloc[ROUNDS];
    cptr_t slot, ram;

    TRY(slots_alloc(slots, &slot));
    c->cap_slot = slot;
    for (unsigned i = 0; i < ROUNDS; i++) {
        const uint64_t begin = clock_now();
        err_t err = mem_alloc(c, bytes, bytes, &ram);
        const uint64_t between = clock_now();
        if (err_ok(err)) {
            err = mem_free(c, ram);
        }
        all[i] = clock_now() - begin;
        alloc[i] = between - begin;
        TRY(err);
    }
    slots_free(slots, slot);
    line->value = median(all, ROUNDS) - 2 * overhead();
    (void)format_text(line->remark, sizeof(line->remark), "%lu of it the allocation, zeroing included",
                      median(alloc, ROUNDS) - overhead());
    return OK;
}

err_t ram_page(struct line *line)
{
    return alloc_free(line, SHOAL_PAGE_SIZE);
}

err_t ram_block_of_2m(struct line *line)
{
    return alloc_free(line, 0x200000);
}
