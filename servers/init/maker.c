/** @file maker.c  Contracts in maker.h. */
#include "maker.h"
#include <os/string.h>

static err_t own_vspace(struct maker *m)
{
    const uint64_t entry = 1ull << level_shift(0);

    TRY(vspace_slabs_init(&m->slabs, &m->stock));
    TRY(vspace_init_own(&m->vspace, TASK_VSPACE, &m->stock, &m->slabs));
    TRY(vspace_exclude(&m->vspace, VSPACE_LOW, DEVICE_TREE_VA + entry - VSPACE_LOW));
    return vspace_exclude(&m->vspace, INIT_FRAME_VA & ~(entry - 1), entry);
}

err_t maker_begin(struct test *t, struct maker *m)
{
    const cptr_t ram = test_ram(t, MAKER_BYTES, SHOAL_PAGE_SIZE);
    struct cap_info info;

    REQUIRE(ram != CPTR_NULL, E_POOL_RAM);
    TRY(cap_identify(CPTR_NULL, ram, &info));
    const struct stock_config config = {
        .l1 = TASK_L1, .root = TASK_VSPACE, .l1_log2 = L1_SLOTS_LOG2_MIN, .l1_used = MAKER_L1, .first_slot = PSLOT_FREE,
        .ram = ram, .ram_base = info.base, .ram_bytes = info.bytes, .pool_base = VSPACE_POOL,
    };
    TRY(stock_init(&m->stock, &config));
    for (unsigned i = L1_TEST; i < 64; i++) {
        cspace_mark(&m->stock.cspace, i);
    }
    TRY(own_vspace(m));
    m->maker = (struct spawn_maker){ &m->stock, &m->vspace, &m->slabs };
    return OK;
}

err_t maker_scrub(struct test *t, cptr_t ram, uint64_t bytes, cptr_t slot)
{
    const uint64_t window = t->window_used;
    err_t err = cap_retype(ram, CAP_FRAME, 0, bytes, 1, CPTR_NULL, slot);

    if (err_ok(err)) {
        void *memory = test_map(t, slot, 0, bytes, MAP_READ | MAP_WRITE, NULL);
        REQUIRE(memory, E_ARG);
        memset(memory, 0, bytes);
        err = cap_revoke(CPTR_NULL, ram, 0, bytes);
        t->window_used = window;
    }
    return err;
}
