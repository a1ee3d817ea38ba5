/** @file layers.c  Benches of the layers below the heap. */
#include "bench.h"
#include <os/print.h>
#include <os/services.h>
#include <os/startup.h>
#include <os/vspace.h>
#include <stubs/mem.h>

err_t slot_alloc_free(struct line *line)
{
    struct slots *const slots = &os_stock()->slots;
    uint64_t sample[ROUNDS];

    for (unsigned i = 0; i < ROUNDS; i++) {
        cptr_t slot;
        const uint64_t begin = clock_now();
        const err_t err = slots_alloc(slots, &slot);
        if (err_ok(err)) {
            slots_free(slots, slot);
        }
        sample[i] = clock_now() - begin;
        TRY(err);
    }
    line->value = median(sample, ROUNDS) - overhead();
    return OK;
}

static err_t map_unmap(struct line *line, cptr_t frame, uint64_t bytes)
{
    uint64_t all[ROUNDS], map[ROUNDS], address;

    for (unsigned i = 0; i < ROUNDS; i++) {
        const uint64_t begin = clock_now();
        err_t err = vspace_map(os_vspace(), frame, 0, bytes, MAP_READ | MAP_WRITE, &address);
        const uint64_t between = clock_now();
        if (err_ok(err)) {
            err = vspace_unmap(os_vspace(), address, bytes);
        }
        all[i] = clock_now() - begin;
        map[i] = between - begin;
        TRY(err);
    }
    line->value = median(all, ROUNDS) - 2 * overhead();
    const uint64_t mapping = median(map, ROUNDS) - overhead();
    (void)format_text(line->remark, sizeof(line->remark), "map %lu, unmap %lu", mapping, line->value - mapping);
    return OK;
}

static err_t with_frame(struct line *line, uint64_t bytes)
{
    struct slots *const slots = &os_stock()->slots;
    cptr_t slot, ram, frame;

    TRY(slots_alloc(slots, &slot));
    TRY(slots_alloc(slots, &frame));
    os_mem()->cap_slot = slot;
    TRY(mem_alloc(os_mem(), bytes, bytes, &ram));
    TRY(cap_retype(ram, CAP_FRAME, 0, bytes, 1, CPTR_NULL, frame));
    TRY(map_unmap(line, frame, bytes));
    TRY(slots_delete(slots, frame));
    TRY(mem_free(os_mem(), ram));
    slots_free(slots, slot);
    return OK;
}

err_t map_page(struct line *line)
{
    return with_frame(line, SHOAL_PAGE_SIZE);
}

err_t map_block(struct line *line)
{
    return with_frame(line, 0x200000);
}
