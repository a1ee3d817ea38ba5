/** @file map.c  Mapping frames and new memory.  Contracts in os/vspace.h. */
#include "internal.h"

/* Know the physical address where a block may be used. */
static err_t source_init(struct source *s, cptr_t frame, uint64_t offset, uint64_t bytes, uint64_t flags)
{
    struct cap_info info;

    *s = (struct source){ .frame = frame, .offset = offset, .flags = flags };
    if (bytes >= BLOCK_2M) {
        TRY(cap_identify(CPTR_NULL, frame, &info));
        s->phys = info.base + offset;
        s->phys_known = true;
    }
    return OK;
}

static err_t map_next(struct vspace *vs, const struct source *source, uint64_t va, uint64_t bytes, uint64_t *done)
{
    const struct piece piece = piece_plan(vs, source, va, bytes);
    const err_t err = piece_map(vs, source, va, &piece, NULL);

    if (err_ok(err)) {
        *done += piece.bytes;
    }
    return err;
}

/* Map [va, va + bytes), whose regions are busy, so that nobody else does anything there.  The stock was refilled for the
 * first piece, with the region's record at most taken since.  Between the pieces it is refilled again, which can be an
 * RPC: so the lock is let go. */
static err_t map_pieces(struct vspace *vs, const struct source *whole, uint64_t va, uint64_t bytes)
{
    uint64_t done = 0;
    err_t err = OK;

    while (err_ok(err) && done < bytes) {
        struct source source = *whole;
        source.offset += done;
        source.phys += done;
        if (done > 0) {
            err = stock_refill(vs->stock);
        }
        if (err_ok(err)) {
            os_low_lock(LOW_VSPACE);
            err = map_next(vs, &source, va + done, bytes - done, &done);
            os_low_unlock(LOW_VSPACE);
        }
    }
    if (!err_ok(err)) {
        os_low_lock(LOW_VSPACE);
        (void)mappings_remove(vs, va, va + done);
        os_low_unlock(LOW_VSPACE);
    }
    return err;
}

/* The lowest addresses that allow the largest blocks. */
static err_t find_addresses(const struct vspace *vs, const struct source *s, uint64_t bytes, uint64_t *va)
{
    for (uint64_t align = BLOCK_1G; align >= SHOAL_PAGE_SIZE; align >>= 9) {
        const struct range_want want = {
            .bytes = bytes, .align = align, .offset = s->phys & (align - 1), .from = VSPACE_FIRST,
        };
        const bool blocks = s->phys_known && bytes >= align;
        if ((blocks || align == SHOAL_PAGE_SIZE) && range_fit(&vs->regions, &want, va)) {
            return OK;
        }
    }
    return ERR(E_VSPACE_NONE);
}

/* A busy region for a mapping: at *va, or where it fits best if @p anywhere. */
static err_t take_addresses(struct vspace *vs, const struct source *s, uint64_t bytes, bool anywhere, uint64_t *va)
{
    if (bytes >= BLOCK_2M) {
        (void)tables_trim(vs);          /* a table that is kept though it is empty would stand in a block's way */
    }
    if (anywhere) {
        TRY(find_addresses(vs, s, bytes, va));
    }
    TRY(region_add(vs, *va, bytes, s->flags, REGION_MAPPED));
    regions_busy(vs, *va, *va + bytes, 1);
    return OK;
}

static err_t map_new_region(struct vspace *vs, const struct source *s, uint64_t bytes, bool anywhere, uint64_t *va)
{
    TRY(stock_refill(vs->stock));
    os_low_lock(LOW_VSPACE);
    err_t err = take_addresses(vs, s, bytes, anywhere, va);
    os_low_unlock(LOW_VSPACE);
    TRY(err);
    err = map_pieces(vs, s, *va, bytes);
    os_low_lock(LOW_VSPACE);
    regions_busy(vs, *va, *va + bytes, -1);
    /* If something could not be unmapped again the region stays: its addresses are in use. */
    if (!err_ok(err) && !range_meets(&vs->mappings, *va, *va + bytes)) {
        region_remove(vs, region_of(range_find(&vs->regions, *va)));
    }
    os_low_unlock(LOW_VSPACE);
    return err;
}

static err_t map(struct vspace *vs, cptr_t frame, uint64_t offset, uint64_t bytes, uint64_t flags, bool anywhere,
                 uint64_t *va)
{
    struct source s;

    REQUIRE(in_pages(offset) && in_pages(bytes) && bytes != 0, E_VSPACE_ALIGN);
    REQUIRE(bytes < VSPACE_HIGH, E_VSPACE_NONE);
    TRY(source_init(&s, frame, offset, bytes, flags));
    return map_new_region(vs, &s, bytes, anywhere, va);
}

err_t vspace_map(struct vspace *vs, cptr_t frame, uint64_t offset, uint64_t bytes, uint64_t map_flags,
                 uint64_t *address)
{
    uint64_t va;
    const err_t err = map(vs, frame, offset, bytes, map_flags, true, &va);

    if (!err_ok(err)) {
        return err_wrap(err, E_VSPACE_MAP);
    }
    *address = va;
    return OK;
}

err_t vspace_map_at(struct vspace *vs, uint64_t address, cptr_t frame, uint64_t offset, uint64_t bytes,
                    uint64_t map_flags)
{
    err_t err = check_legal(address, bytes);

    if (err_ok(err)) {
        err = map(vs, frame, offset, bytes, map_flags, false, &address);
    }
    return err_wrap(err, E_VSPACE_MAP);
}

static err_t map_in(struct vspace *vs, uint64_t address, const struct source *s, uint64_t bytes)
{
    TRY(stock_refill(vs->stock));
    os_low_lock(LOW_VSPACE);
    err_t err = check_vacant(vs, address, bytes);
    if (err_ok(err)) {
        regions_busy(vs, address, address + bytes, 1);
        if (bytes >= BLOCK_2M) {
            (void)tables_trim(vs);
        }
    }
    os_low_unlock(LOW_VSPACE);
    TRY(err);
    err = map_pieces(vs, s, address, bytes);
    os_low_lock(LOW_VSPACE);
    regions_busy(vs, address, address + bytes, -1);
    os_low_unlock(LOW_VSPACE);
    return err;
}

err_t vspace_map_in(struct vspace *vs, uint64_t address, cptr_t frame, uint64_t offset, uint64_t bytes,
                    uint64_t map_flags)
{
    struct source s;
    err_t err = check_legal(address, bytes);

    if (err_ok(err) && !in_pages(offset)) {
        err = ERR(E_VSPACE_ALIGN);
    }
    if (err_ok(err)) {
        err = source_init(&s, frame, offset, bytes, map_flags);
    }
    if (err_ok(err)) {
        err = map_in(vs, address, &s, bytes);
    }
    return err_wrap(err, E_VSPACE_MAP);
}
