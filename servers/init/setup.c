/** @file setup.c  What init makes for itself before the first command. */
#include "state.h"
#include <os/dispatcher.h>
#include <os/err.h>
#include <os/print.h>
#include <os/string.h>

#define FAULT_RING_LOG2 6

_Static_assert(INIT_STACK_TOP == 0x7f0000300000, "start.S");

struct init init;

static err_t map_archive(void)
{
    const uint64_t whole = init.boot->archive_offset + init.boot->archive_bytes;

    if (init.boot->archive_bytes == 0) {
        return OK;
    }
    TRY(tables_map(&init.vspace, &init.pool, ARCHIVE_VA, TASK_ARCHIVE, 0, (whole + 4095) & ~4095ull, MAP_READ, NULL));
    init.archive = (const void *)(ARCHIVE_VA + init.boot->archive_offset);
    init.archive_bytes = init.boot->archive_bytes;
    return OK;
}

static err_t map_tree(void)
{
    const uint64_t whole = init.boot->tree_offset + init.boot->tree_bytes;

    if (init.boot->core != 0) {
        return OK;                      /* it describes the machine, of which the boot core takes care */
    }
    TRY(tables_map(&init.vspace, &init.pool, DEVICE_TREE_VA, TASK_DEVICE_TREE, 0, (whole + 4095) & ~4095ull, MAP_READ,
                   NULL));
    const uint8_t *tree = (const uint8_t *)(DEVICE_TREE_VA + init.boot->tree_offset);
    /* the header's magic number, big-endian: a flattened device tree and nothing else */
    REQUIRE(tree[0] == 0xd0 && tree[1] == 0x0d && tree[2] == 0xfe && tree[3] == 0xed, E_ARG);
    return OK;
}

/* Page tables for the whole window, so that mapping there never needs memory. */
static err_t make_window(void)
{
    for (uint64_t va = WINDOW_VA; va < WINDOW_VA + WINDOW_BYTES; va += 1ull << level_shift(2)) {
        cptr_t table;
        TRY(tables_node(&init.vspace, &init.pool, 3, va, &table));
    }
    return OK;
}

static err_t make_fault_endpoint(void)
{
    const uint64_t bytes = (RING_BYTES(FAULT_RING_LOG2) + 4095) & ~4095ull;
    const uint64_t va = WINDOW_VA + init.window_used;
    cptr_t frame;

    TRY(supply_make(&init.pool, CAP_ENDPOINT, 0, 1, &init.fault_recv));
    TRY(supply_make(&init.pool, CAP_FRAME, bytes, 1, &frame));
    TRY(tables_map(&init.vspace, &init.pool, va, frame, 0, bytes, MAP_READ | MAP_WRITE, NULL));
    init.window_used += bytes;
    memset((void *)va, 0, bytes);
    init.fault_ring = ring_at((void *)va, FAULT_RING_LOG2);
    return endpoint_bind(init.fault_recv, TASK_DISPATCHER, EVENT_FAULT, frame, 0, FAULT_RING_LOG2);
}

/* Room above init, too: the kernel starts it at the top. */
static err_t set_own_priority(void)
{
    init.priority = 128;
    return dispatcher_set_priority(TASK_DISPATCHER, init.priority);
}

err_t init_setup(void)
{
    static const struct {
        const char *what;
        err_t (*run)(void);
    } step[] = {
        { "map its window", make_window },
        { "map the archive", map_archive },
        { "map the device tree", map_tree },
        { "make the fault endpoint", make_fault_endpoint },
        { "set its own priority", set_own_priority },
    };
    err_t err = supply_init(&init.pool, TASK_POOL, L1_POOL_FIRST, L1_POOL_END);

    if (err_ok(err)) {
        err = supply_slots(&init.pool, 1, &init.scratch_ram);
    }
    if (!err_ok(err)) {
        print("init: cannot use its pool: %s\n", err_text(err_root(err)));
        return err;
    }
    tables_init(&init.vspace, TASK_VSPACE);
    for (unsigned i = 0; i < sizeof(step) / sizeof(step[0]); i++) {
        err = step[i].run();
        if (!err_ok(err)) {
            print("init: cannot %s: %s\n", step[i].what, err_text(err_root(err)));
            return err;
        }
    }
    return OK;
}
