/** @file regions.c  Addresses in use.  Contracts in internal.h and os/vspace.h. */
#include "internal.h"

err_t check_legal(uint64_t address, uint64_t bytes)
{
    REQUIRE(in_pages(address) && in_pages(bytes) && bytes != 0, E_VSPACE_ALIGN);
    REQUIRE(address >= VSPACE_LOW && address < VSPACE_HIGH && bytes <= VSPACE_HIGH - address, E_VSPACE_LEGAL);
    return OK;
}

err_t region_add(struct vspace *vs, uint64_t address, uint64_t bytes, uint64_t flags, enum region_kind kind)
{
    REQUIRE(!range_meets(&vs->regions, address, address + bytes), E_VSPACE_OVERLAP);
    struct vspace_region *const r = slab_alloc(vs->region_slab);
    REQUIRE(r, E_SLAB_EMPTY);
    *r = (struct vspace_region){ .range = { .base = address, .end = address + bytes }, .flags = flags, .kind = kind };
    const bool inserted = range_insert(&vs->regions, &r->range);
    OS_ASSERT(inserted);
    return OK;
}

void region_remove(struct vspace *vs, struct vspace_region *region)
{
    range_remove(&vs->regions, &region->range);
    slab_free(vs->region_slab, region);
}

err_t regions_cover(const struct vspace *vs, uint64_t lo, uint64_t hi, bool busy_too)
{
    bool busy = false;

    for (uint64_t at = lo; at < hi;) {
        const struct vspace_region *const r = region_of(range_find(&vs->regions, at));
        REQUIRE(r && r->kind != REGION_FOREIGN, E_VSPACE_NOT_MAPPED);
        busy |= r->busy > 0;
        at = r->range.end;
    }
    REQUIRE(busy_too || !busy, E_VSPACE_BUSY);
    return OK;
}

err_t check_vacant(const struct vspace *vs, uint64_t address, uint64_t bytes)
{
    for (uint64_t at = address; at < address + bytes;) {
        const struct vspace_region *const r = region_of(range_find(&vs->regions, at));
        REQUIRE(r && (r->kind == REGION_RESERVED || r->kind == REGION_LAZY || r->kind == REGION_STACK),
                E_VSPACE_UNRESERVED);
        at = r->range.end;
    }
    REQUIRE(!range_meets(&vs->mappings, address, address + bytes), E_VSPACE_OVERLAP);
    return OK;
}

void regions_busy(struct vspace *vs, uint64_t lo, uint64_t hi, int change)
{
    for (struct range *r = range_from(&vs->regions, lo); r && r->base < hi; r = range_from(&vs->regions, r->end)) {
        region_of(r)->busy += (unsigned)change;
    }
}

err_t region_split(struct vspace *vs, uint64_t at)
{
    struct vspace_region *const r = region_of(range_find(&vs->regions, at));

    if (!r || r->range.base == at) {
        return OK;
    }
    struct vspace_region *const upper = slab_alloc(vs->region_slab);
    REQUIRE(upper, E_SLAB_EMPTY);
    *upper = *r;
    upper->range.base = at;
    if (r->promised) {                  /* each knows what of itself is promised */
        upper->promised = r->promised > at ? r->promised : at;
        r->promised = r->promised < at ? r->promised : at;
    }
    range_resize(&vs->regions, &r->range, r->range.base, at);
    const bool inserted = range_insert(&vs->regions, &upper->range);
    OS_ASSERT(inserted);
    return OK;
}

/* A region at the lowest place that fits. */
static err_t add_anywhere(struct vspace *vs, uint64_t bytes, uint64_t align, uint64_t *address)
{
    const struct range_want want = { .bytes = bytes, .align = align ? align : SHOAL_PAGE_SIZE, .from = VSPACE_FIRST };

    REQUIRE(range_fit(&vs->regions, &want, address), E_VSPACE_NONE);
    return region_add(vs, *address, bytes, 0, REGION_RESERVED);
}

err_t vspace_reserve(struct vspace *vs, uint64_t bytes, uint64_t align, uint64_t *address)
{
    uint64_t at;

    if (!in_pages(bytes) || bytes == 0 || (align & (align - 1)) || (align && align < SHOAL_PAGE_SIZE)) {
        return err_wrap(ERR(E_VSPACE_ALIGN), E_VSPACE_RESERVE);
    }
    err_t err = stock_refill(vs->stock);
    if (err_ok(err)) {
        os_low_lock(LOW_VSPACE);
        err = add_anywhere(vs, bytes, align, &at);
        os_low_unlock(LOW_VSPACE);
    }
    if (!err_ok(err)) {
        return err_wrap(err, E_VSPACE_RESERVE);
    }
    *address = at;
    return OK;
}

static err_t reserve_at(struct vspace *vs, uint64_t address, uint64_t bytes, enum region_kind kind)
{
    TRY(check_legal(address, bytes));
    TRY(stock_refill(vs->stock));
    os_low_lock(LOW_VSPACE);
    const err_t err = region_add(vs, address, bytes, 0, kind);
    os_low_unlock(LOW_VSPACE);
    return err;
}

err_t vspace_reserve_at(struct vspace *vs, uint64_t address, uint64_t bytes)
{
    return err_wrap(reserve_at(vs, address, bytes, REGION_RESERVED), E_VSPACE_RESERVE);
}

err_t vspace_exclude(struct vspace *vs, uint64_t address, uint64_t bytes)
{
    return err_wrap(reserve_at(vs, address, bytes, REGION_FOREIGN), E_VSPACE_RESERVE);
}

bool vspace_lookup(struct vspace *vs, uint64_t address, struct vspace_info *info)
{
    os_low_lock(LOW_VSPACE);
    const struct vspace_region *const r = region_of(range_find(&vs->regions, address));
    const struct vspace_info found = {
        r ? r->range.base : 0, r ? r->range.end : 0, r ? r->flags : 0, r ? r->kind : REGION_FOREIGN,
        range_find(&vs->mappings, address) != NULL,
    };
    os_low_unlock(LOW_VSPACE);
    if (r) {
        *info = found;
    }
    return r != NULL;
}
