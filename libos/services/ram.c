/** @file ram.c  More RAM from the memory server; contract of ram_request() in os/reserve.h. */
#include <os/err.h>
#include <os/lowlock.h>
#include <os/services.h>
#include <os/startup.h>
#include <stubs/mem.h>

#define BLOCK_2M 0x200000u

struct rpc_client *os_ram_client;

/* Slots for RAM capabilities, where they come and go: from runs, or each would keep a CNode of other slots from being
 * given back, and the CNode's memory the RAM that it was made of. */
#define RUN 32u
static struct {
    cptr_t slot[RUN];
    unsigned count;
} spare;

static bool take_spare(cptr_t *slot)
{
    os_low_lock(LOW_RESERVE);
    const bool there = spare.count > 0;
    if (there) {
        *slot = spare.slot[--spare.count];
    }
    os_low_unlock(LOW_RESERVE);
    return there;
}

static void give_slot(cptr_t slot)
{
    os_low_lock(LOW_RESERVE);
    const bool kept = spare.count < RUN;
    if (kept) {
        spare.slot[spare.count++] = slot;
    }
    os_low_unlock(LOW_RESERVE);
    if (!kept) {
        slots_free(&os_stock()->slots, slot);
    }
}

static err_t take_slot(cptr_t *slot)
{
    struct slots *const slots = &os_stock()->slots;

    if (take_spare(slot)) {
        return OK;
    }
    if (os_ram_client && err_ok(slots_alloc_run(slots, RUN, slot))) {
        for (cptr_t other = *slot + RUN - 1; other > *slot; other--) {
            give_slot(other);
        }
        return OK;
    }
    return slots_alloc(slots, slot);
}

unsigned ram_spare_slots(void)
{
    return spare.count;
}

err_t ram_request(size_t bytes, cptr_t *ram)
{
    struct rpc_client *const c = os_ram_client ? os_ram_client : os_mem();
    cptr_t slot;

    TRY(take_slot(&slot));
    rpc_receive_into(c, slot);
    const err_t err = mem_alloc(c, bytes, bytes % BLOCK_2M ? SHOAL_PAGE_SIZE : BLOCK_2M, ram);
    if (!err_ok(err)) {
        give_slot(slot);
    }
    return err;
}

err_t ram_give_back(cptr_t ram)
{
    const err_t err = mem_free(os_ram_client ? os_ram_client : os_mem(), ram);

    if (err_ok(err)) {
        give_slot(ram);
    }
    return err;
}
