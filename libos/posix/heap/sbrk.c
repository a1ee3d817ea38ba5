/**
 * @file sbrk.c  Where malloc gets memory: addresses reserved once, RAM mapped as they are used.
 *
 * Called by picolibc's malloc, under its lock.  It never gives anything back.
 */
#include <errno.h>
#include <os/err.h>
#include <os/rpc_lmp.h>
#include <os/startup.h>
#include <os/vspace.h>
#include <stdint.h>
#include <unistd.h>

#define HEAP_BYTES (64ull << 30)        /* of addresses: more than any machine here has RAM */
#define GROW_BYTES (64u * 1024)         /* mapped at a time */

static struct {
    uint64_t base, used, mapped;        /* an address, then bytes */
} heap;

static uint64_t round_up(uint64_t n, uint64_t to)
{
    return (n + to - 1) & ~(to - 1);
}

/* One Frame of @p bytes behind what is mapped. */
static err_t grow(uint64_t bytes)
{
    struct slots *const slots = &os_stock()->slots;
    cptr_t ram, frame;

    TRY(stock_refill(os_stock()));
    TRY(ram_request(bytes, &ram));
    err_t err = slots_alloc(slots, &frame);
    if (err_ok(err)) {
        err = cap_retype(ram, CAP_FRAME, 0, bytes, 1, CPTR_NULL, frame);
        if (err_ok(err)) {
            err = vspace_map_in(os_vspace(), heap.base + heap.mapped, frame, 0, bytes, MAP_READ | MAP_WRITE);
        }
        if (!err_ok(err)) {
            err_ignore(cap_delete(CPTR_NULL, frame));
            slots_free(slots, frame);
        }
    }
    if (!err_ok(err)) {
        rpc_drop_cap(ram);              /* the account keeps the RAM until the process ends */
        slots_free(slots, ram);
        return err;
    }
    heap.mapped += bytes;
    return OK;
}

static err_t reach(uint64_t bytes)
{
    if (heap.base == 0) {
        TRY(vspace_reserve(os_vspace(), HEAP_BYTES, 0, &heap.base));
    }
    if (bytes <= heap.mapped) {
        return OK;
    }
    /* A quarter more than there is, so that the number of Frames grows with the logarithm. */
    const uint64_t need = round_up(bytes - heap.mapped, GROW_BYTES), more = round_up(heap.mapped / 4, GROW_BYTES);
    if (more > need && err_ok(grow(more))) {
        return OK;
    }
    return grow(need);
}

void *sbrk(ptrdiff_t change)
{
    if (change < 0 ? (uint64_t)-change > heap.used : (uint64_t)change > HEAP_BYTES - heap.used ||
        !err_ok(reach(heap.used + (uint64_t)change))) {
        errno = ENOMEM;
        return (void *)-1;
    }
    const uint64_t old = heap.base + heap.used;
    heap.used += (uint64_t)change;
    return (void *)old;
}
