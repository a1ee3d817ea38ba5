/** @file back.c  New memory from the reserve, in one step.  Contract in os/vspace.h. */
#include "internal.h"
#include <os/string.h>

#ifdef __aarch64__
/* By DC ZVA, unless programs may not (DCZID_EL0.DZP) or a block of it is larger than a page. */
static void zero(uint64_t at, uint64_t bytes)
{
    uint64_t dczid;

    __asm__("mrs %0, dczid_el0" : "=r"(dczid));
    const uint64_t step = 4ull << (dczid & 15), end = at + bytes;
    if (dczid & 16 || 4 * step > SHOAL_PAGE_SIZE) {
        memset((void *)(uintptr_t)at, 0, bytes);
        return;
    }
    for (; at < end; at += 4 * step) {
        __asm__ volatile("dc zva, %0\n\tdc zva, %1\n\tdc zva, %2\n\tdc zva, %3"
                         : : "r"(at), "r"(at + step), "r"(at + 2 * step), "r"(at + 3 * step) : "memory");
    }
}
#else
static void zero(uint64_t at, uint64_t bytes)
{
    memset((void *)(uintptr_t)at, 0, bytes);
}
#endif

err_t clean_mapping(struct vspace *vs, uint64_t address, uint64_t bytes, uint64_t flags)
{
    struct vspace_mapping *const m = mapping_of(range_find(&vs->mappings, address));

    zero(address, bytes);
    if (m->flags != flags) {
        const uint64_t count = bytes >> entry_shift(m->table->level);
        const err_t err = mapping_protect(m->slot, 0, count, flags & (MAP_READ | MAP_WRITE | MAP_EXEC));
        if (!err_ok(err)) {
            (void)mapping_remove(vs, m);
            return err;
        }
        m->flags = flags;
    }
    return OK;
}

static err_t take_ram(struct vspace *vs, uint64_t bytes, struct ram_block *ram)
{
    const uint64_t pages = bytes / SHOAL_PAGE_SIZE;

    if (bytes == BLOCK_2M && err_ok(reserve_take_data(vs->reserve, pages, BLOCK_2M, ram))) {
        return OK;
    }
    return reserve_take_data(vs->reserve, pages, SHOAL_PAGE_SIZE, ram);
}

err_t back_vacant(struct vspace *vs, uint64_t address, uint64_t bytes, uint64_t flags, bool filled)
{
    struct source s = { .offset = 0, .phys_known = true };
    struct ram_block ram;

    TRY(slots_alloc(vs->slots, &s.frame));
    err_t err = take_ram(vs, bytes, &ram);
    if (!err_ok(err)) {
        goto free_slot;
    }
    const uint64_t at = (uint64_t)ram.first * SHOAL_PAGE_SIZE;
    const bool dirty = reserve_dirty(&ram);
    s.phys = ram.chunk->base + at;
    s.flags = first_flags(flags, dirty);
    err = cap_retype(ram.chunk->ram, CAP_FRAME, ram.chunk->offset + at, bytes, 1, CPTR_NULL, s.frame);
    if (!err_ok(err)) {
        goto give_ram;
    }
    if (bytes == BLOCK_2M) {
        (void)tables_trim(vs);
    }
    const struct piece piece = piece_plan(vs, &s, address, bytes);
    err = piece_map_vacant(vs, &s, address, &piece, &ram, filled);
    if (!err_ok(err)) {
        goto unmake_frame;
    }
    return dirty ? clean_mapping(vs, address, bytes, flags) : OK;
unmake_frame:
    (void)reserve_unmake(vs->reserve, &ram);
    goto free_slot;
give_ram:
    reserve_give(vs->reserve, &ram);
free_slot:
    slots_free(vs->slots, s.frame);
    return err;
}

static err_t back(struct vspace *vs, uint64_t address, uint64_t bytes, uint64_t flags)
{
    TRY(check_vacant(vs, address, bytes));
    return back_vacant(vs, address, bytes, flags, false);
}

/* A run of this many bytes, or as many as the reserve has in one. */
static err_t back_piece(struct vspace *vs, uint64_t at, uint64_t *bytes, uint64_t flags)
{
    for (;; *bytes = *bytes / 2 & ~(uint64_t)(SHOAL_PAGE_SIZE - 1)) {
        TRY(stock_refill(vs->stock));
        const err_t err = vspace_back(vs, at, *bytes, flags);
        if (err_root(err) != E_RESERVE_NONE || *bytes == SHOAL_PAGE_SIZE) {
            return err;
        }
    }
}

err_t vspace_back_all(struct vspace *vs, uint64_t address, uint64_t bytes, uint64_t map_flags)
{
    for (uint64_t at = address, end = address + bytes; at < end;) {
        const uint64_t to_block = BLOCK_2M - at % BLOCK_2M;
        uint64_t piece = end - at < to_block ? end - at : to_block;
        TRY(back_piece(vs, at, &piece, map_flags));
        at += piece;
    }
    return OK;
}

err_t vspace_back(struct vspace *vs, uint64_t address, uint64_t bytes, uint64_t map_flags)
{
    err_t err = check_legal(address, bytes);

    if (err_ok(err) && bytes > BLOCK_2M - address % BLOCK_2M) {
        err = ERR(E_VSPACE_ALIGN);
    }
    if (err_ok(err)) {
        os_low_lock(LOW_VSPACE);
        err = back(vs, address, bytes, map_flags);
        os_low_unlock(LOW_VSPACE);
    }
    return err_wrap(err, E_VSPACE_MAP);
}
