/**
 * @file layers.c  The layers below the heap of the running process, set up when they are first asked for: a program
 * that maps nothing and allocates nothing does without them.  Contracts in os/startup.h.
 */
#include "internal.h"
#include <os/child_vspace.h>
#include <os/err.h>

static struct {
    bool begun;
    struct stock stock;
    struct vspace_slabs slabs;
    struct vspace vspace;
} own;

static err_t set_up(void)
{
    const struct startup *b = os_startup();
    const void *const list = (const char *)b + b->vspace;
    struct child_slots slots;

    TRY(child_slots(&slots, PL1_TASK, PSLOT_FREE, list, b->vspace_bytes));
    const struct stock_config config = {
        .l1 = TASK_L1, .dispatcher = TASK_DISPATCHER, .root = TASK_VSPACE,
        .l1_log2 = L1_SLOTS_LOG2_MIN, .l1_used = PL1_FREE, .first_slot = slots.end,
        .ram = PSLOT_RAM, .ram_base = b->ram_base, .ram_bytes = b->ram_bytes, .pool_base = VSPACE_POOL,
    };
    TRY(stock_init(&own.stock, &config));
    TRY(vspace_slabs_init(&own.slabs, &own.stock));
    TRY(vspace_init_own(&own.vspace, TASK_VSPACE, &own.stock, &own.slabs));
    return vspace_adopt(&own.vspace, list, b->vspace_bytes, &slots);
}

/* Once, and all at once: the one place to lock when there are threads.  What ram_request() asks for while this goes on
 * is there as far as it got, as in any other refill. */
static void need_layers(void)
{
    if (own.begun) {
        return;
    }
    own.begun = true;
    const err_t err = set_up();
    if (!err_ok(err)) {
        startup_fail(err);      /* what the maker gave us is not what it says, or too little */
    }
}

struct stock *os_stock(void)
{
    need_layers();
    return &own.stock;
}

struct vspace *os_vspace(void)
{
    need_layers();
    return &own.vspace;
}

struct vspace_slabs *os_vspace_slabs(void)
{
    need_layers();
    return &own.slabs;
}
