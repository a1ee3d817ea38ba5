/** @file unmap.c  Unmapping and changing access rights.  Contracts in os/vspace.h. */
#include "internal.h"

/* At both ends of [lo, hi) regions and mappings end.  Regions that stay whole are not split. */
static err_t cut_mappings(struct vspace *vs, uint64_t lo, uint64_t hi)
{
    TRY(mapping_split(vs, lo));
    return mapping_split(vs, hi);
}

/* Whether the region that holds @p at is one that ends with its mappings. */
static bool ends(const struct vspace *vs, uint64_t at, bool reserved_too)
{
    const struct vspace_region *const r = region_of(range_find(&vs->regions, at));
    return r && (reserved_too || r->kind == REGION_MAPPED);
}

static err_t unmap(struct vspace *vs, uint64_t lo, uint64_t hi, bool reserved_too)
{
    struct range *next;

    TRY(regions_cover(vs, lo, hi, false));
    if (ends(vs, lo, reserved_too)) {
        TRY(region_split(vs, lo));
    }
    if (ends(vs, hi, reserved_too)) {
        TRY(region_split(vs, hi));
    }
    TRY(cut_mappings(vs, lo, hi));
    TRY(mappings_remove(vs, lo, hi));
    for (struct range *r = range_from(&vs->regions, lo); r && r->base < hi; r = next) {
        next = range_from(&vs->regions, r->end);
        if (reserved_too || region_of(r)->kind == REGION_MAPPED) {
            region_remove(vs, region_of(r));
        }
    }
    return OK;
}

static err_t unmap_call(struct vspace *vs, uint64_t address, uint64_t bytes, bool reserved_too)
{
    err_t err = check_legal(address, bytes);

    REQUIRE(err_root(err) != E_VSPACE_LEGAL, E_VSPACE_NOT_MAPPED);
    TRY(err);
    (void)stock_refill(vs->stock);      /* a split may take something, but what is in hand usually does */
    os_low_lock(LOW_VSPACE);
    err = unmap(vs, address, address + bytes, reserved_too);
    os_low_unlock(LOW_VSPACE);
    (void)stock_trim(vs->stock);        /* refused: it is tried again after the next call */
    return err;
}

err_t vspace_unmap(struct vspace *vs, uint64_t address, uint64_t bytes)
{
    return err_wrap(unmap_call(vs, address, bytes, false), E_VSPACE_UNMAP);
}

err_t vspace_unreserve(struct vspace *vs, uint64_t address, uint64_t bytes)
{
    return err_wrap(unmap_call(vs, address, bytes, true), E_VSPACE_UNMAP);
}

/* The part of @p m inside [lo, hi).  Only memory of vspace_back() can reach beyond: that is never split, and what was
 * mapped by pages may differ from page to page. */
static err_t protect_mapping(struct vspace_mapping *m, uint64_t lo, uint64_t hi, uint64_t access)
{
    const unsigned shift = entry_shift(m->table->level);
    const uint64_t from = m->range.base > lo ? m->range.base : lo, to = m->range.end < hi ? m->range.end : hi;

    REQUIRE((from - m->range.base) % (1ull << shift) == 0 && (to - from) % (1ull << shift) == 0, E_VSPACE_SPLIT);
    TRY(mapping_protect(m->slot, (from - m->range.base) >> shift, (to - from) >> shift, access));
    if (from == m->range.base && to == m->range.end) {
        m->flags = (m->flags & ~(uint64_t)(MAP_READ | MAP_WRITE | MAP_EXEC)) | access;
    }
    return OK;
}

/* Memory of vspace_back() keeps its one Mapping; all else is split, so that its flags are the same everywhere. */
static err_t cut_for_protect(struct vspace *vs, uint64_t at)
{
    const struct vspace_mapping *const m = mapping_of(range_find(&vs->mappings, at));
    return m && m->ram.chunk ? OK : mapping_split(vs, at);
}

static err_t protect(struct vspace *vs, uint64_t lo, uint64_t hi, uint64_t access)
{
    TRY(regions_cover(vs, lo, hi, false));
    TRY(region_split(vs, lo));
    TRY(region_split(vs, hi));
    TRY(cut_for_protect(vs, lo));
    TRY(cut_for_protect(vs, hi));
    for (struct range *r = range_from(&vs->mappings, lo); r && r->base < hi; r = range_from(&vs->mappings, r->end)) {
        TRY(protect_mapping(mapping_of(r), lo, hi, access));
    }
    for (struct range *r = range_from(&vs->regions, lo); r && r->base < hi; r = range_from(&vs->regions, r->end)) {
        struct vspace_region *const region = region_of(r);
        region->flags = (region->flags & ~(uint64_t)(MAP_READ | MAP_WRITE | MAP_EXEC)) | access;
    }
    return OK;
}

err_t vspace_protect(struct vspace *vs, uint64_t address, uint64_t bytes, uint64_t access)
{
    err_t err = check_legal(address, bytes);

    if (err_root(err) == E_VSPACE_LEGAL) {
        err = ERR(E_VSPACE_NOT_MAPPED);
    } else if (err_ok(err) && (access & ~(uint64_t)(MAP_READ | MAP_WRITE | MAP_EXEC))) {
        err = ERR(E_ARG);
    }
    if (err_ok(err)) {
        (void)stock_refill(vs->stock);
        os_low_lock(LOW_VSPACE);
        err = protect(vs, address, address + bytes, access);
        os_low_unlock(LOW_VSPACE);
    }
    return err_wrap(err, E_VSPACE_PROTECT);
}
