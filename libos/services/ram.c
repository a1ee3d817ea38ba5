/** @file ram.c  More RAM from the memory server; contract of ram_request() in os/reserve.h. */
#include <os/err.h>
#include <os/services.h>
#include <os/startup.h>
#include <stubs/mem.h>

err_t ram_request(size_t bytes, cptr_t *ram)
{
    struct rpc_client *const c = os_mem();
    struct slots *const slots = &os_stock()->slots;
    cptr_t slot;

    TRY(slots_alloc(slots, &slot));
    c->cap_slot = slot;
    const err_t err = mem_alloc(c, bytes, SHOAL_PAGE_SIZE, ram);
    if (!err_ok(err)) {
        slots_free(slots, slot);
    }
    return err;
}
