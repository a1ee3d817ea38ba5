/** @file ram.c  More RAM from the memory server; contract of ram_request() in os/reserve.h. */
#include <os/err.h>
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

static err_t take_slot(cptr_t *slot)
{
    struct slots *const slots = &os_stock()->slots;

    if (os_ram_client && spare.count == 0) {
        cptr_t first;
        if (err_ok(slots_alloc_run(slots, RUN, &first))) {
            while (spare.count < RUN) {
                spare.slot[spare.count] = first + RUN - 1 - spare.count;
                spare.count++;
            }
        }
    }
    if (spare.count > 0) {
        *slot = spare.slot[--spare.count];
        return OK;
    }
    return slots_alloc(slots, slot);
}

static void give_slot(cptr_t slot)
{
    if (spare.count < RUN) {
        spare.slot[spare.count++] = slot;
    } else {
        slots_free(&os_stock()->slots, slot);
    }
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
    c->cap_slot = slot;
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
