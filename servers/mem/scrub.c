/** @file scrub.c  RAM is zeroed through a window of our own; contract in state.h.
 *
 * Whatever is granted is zeroed when it is granted, also what nobody has used since the machine started: nothing says
 * what RAM holds then.  The window's page tables are made once.  A grant becomes one Frame, is mapped by blocks of 2 MiB
 * where its addresses allow (up to 511 of them in one Mapping), by pages elsewhere (up to 2 MiB in one), and zeroed by DC
 * ZVA; so a page costs three invocations, and anything larger little more than its writing. */
#include "state.h"
#include <os/string.h>

#define BLOCK  0x200000ull
#define BLOCKS 511u                             /* entry 0 of the level 2 table links the table for pages */

static struct {
    cptr_t blocks, pages;       /* VNodes of level 2 and 3 */
    cptr_t frame, mapping;      /* slots, empty but during scrub() */
    uint64_t step;              /* bytes of one DC ZVA; 0: it may not be used */
} window;

static err_t table(struct stock *stock, enum cap_type type, cptr_t parent, uint64_t index, cptr_t *vnode)
{
    struct ram_block ram;
    cptr_t slot, link;

    TRY(slots_alloc(&stock->slots, &slot));
    TRY(slots_alloc(&stock->slots, &link));
    TRY(reserve_make(&stock->reserve, type, 0, CPTR_NULL, slot, &ram));
    TRY(vnode_map(parent, slot, index, 1, 0, 0, CPTR_NULL, link));
    *vnode = slot;
    return OK;
}

err_t scrub_setup(struct stock *stock, cptr_t root)
{
    uint64_t dczid;
    cptr_t level1;

    TRY(table(stock, CAP_VNODE_L1, root, SCRUB_WINDOW / SCRUB_WINDOW_BYTES, &level1));
    TRY(table(stock, CAP_VNODE_L2, level1, 0, &window.blocks));
    TRY(table(stock, CAP_VNODE_L3, window.blocks, 0, &window.pages));
    TRY(slots_alloc(&stock->slots, &window.frame));
    TRY(slots_alloc(&stock->slots, &window.mapping));
    __asm__("mrs %0, dczid_el0" : "=r"(dczid));
    window.step = dczid & 16 ? 0 : 4ull << (dczid & 15);    /* DZP; BS: log2 of words, at most 2 KiB */
    return OK;
}

static void zero(uint64_t at, uint64_t bytes)
{
    const uint64_t step = window.step, end = at + bytes;

    if (step == 0) {
        memset((void *)at, 0, bytes);
        return;
    }
    for (; at < end && 8 * step <= SHOAL_PAGE_SIZE; at += 8 * step) {
        __asm__ volatile("dc zva, %0\n\tdc zva, %1\n\tdc zva, %2\n\tdc zva, %3\n\t"
                         "dc zva, %4\n\tdc zva, %5\n\tdc zva, %6\n\tdc zva, %7"
                         : : "r"(at), "r"(at + step), "r"(at + 2 * step), "r"(at + 3 * step), "r"(at + 4 * step),
                           "r"(at + 5 * step), "r"(at + 6 * step), "r"(at + 7 * step) : "memory");
    }
    for (; at < end; at += step) {
        __asm__ volatile("dc zva, %0" : : "r"(at) : "memory");
    }
}

/* Zero one piece at @p offset of the frame whose physical address is @p base.  @return its bytes in *done */
static err_t piece(uint64_t base, uint64_t bytes, uint64_t offset, uint64_t *done)
{
    const uint64_t at = base + offset, left = bytes - offset;
    const bool large = at % BLOCK == 0 && left >= BLOCK;
    const uint64_t size = large ? BLOCK : SHOAL_PAGE_SIZE;
    const uint64_t most = large ? BLOCKS : (BLOCK - at % BLOCK) / SHOAL_PAGE_SIZE;
    const uint64_t count = left / size < most ? left / size : most;

    TRY(vnode_map(large ? window.blocks : window.pages, window.frame, large, count, offset, MAP_READ | MAP_WRITE,
                  CPTR_NULL, window.mapping));
    zero(large ? SCRUB_WINDOW + BLOCK : SCRUB_WINDOW, count * size);
    *done = count * size;
    return OK;
}

static err_t pieces(uint64_t base, uint64_t bytes)
{
    uint64_t offset = 0, done;

    for (;;) {
        TRY(piece(base, bytes, offset, &done));
        offset += done;
        if (offset == bytes) {
            return OK;              /* the last Mapping goes with the Frame */
        }
        TRY(cap_delete(CPTR_NULL, window.mapping));
    }
}

err_t scrub(cptr_t ram, uint64_t base, uint64_t bytes)
{
    TRY(cap_retype(ram, CAP_FRAME, 0, bytes, 1, CPTR_NULL, window.frame));
    const err_t err = pieces(base, bytes);
    const err_t undo = cap_revoke(CPTR_NULL, ram, 0, bytes);    /* Frame and Mapping */
    return err_ok(err) ? undo : err;
}
