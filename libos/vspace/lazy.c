/** @file lazy.c  Regions whose memory comes with the first access.  Contracts in os/vspace.h. */
#include "internal.h"

#define WINDOW  (VSPACE_GROUP_PAGES * (uint64_t)SHOAL_PAGE_SIZE)    /* no fault maps across a multiple */
#define CLUSTER (WINDOW / SHOAL_PAGE_SIZE)
#define WINDOW_BITS ((1ull << CLUSTER) - 1)

/* What one fill may take, beside the pages it maps: three tables; records; slots of tables, Frame and Mapping. */
#define STEP_TABLES 3u
#define STEP_SLOTS  (8u + VSPACE_GROUP_PAGES + 1)

void vspace_lazy_init(struct vspace *vs, struct slab *slab)
{
    vs->group_slab = slab;
}

/* ---- regions ------------------------------------------------------------------------------------------------------- */

static err_t add(struct vspace *vs, uint64_t bytes, uint64_t align, uint64_t *address)
{
    const struct range_want want = { .bytes = bytes, .align = align, .from = VSPACE_FIRST };

    REQUIRE(range_fit(&vs->regions, &want, address), E_VSPACE_NONE);
    return OK;
}

static err_t lazy(struct vspace *vs, uint64_t bytes, uint64_t align, uint64_t flags, bool blocks, uint64_t *address)
{
    TRY(add(vs, bytes, align, address));
    TRY(region_add(vs, *address, bytes, flags, REGION_LAZY));
    region_of(range_find(&vs->regions, *address))->blocks = blocks;
    return OK;
}

err_t vspace_lazy(struct vspace *vs, uint64_t bytes, uint64_t align, uint64_t map_flags, bool blocks,
                  uint64_t *address)
{
    uint64_t at = 0;

    if (!in_pages(bytes) || bytes == 0 || (align & (align - 1)) || (align && align < SHOAL_PAGE_SIZE)) {
        return err_wrap(ERR(E_VSPACE_ALIGN), E_VSPACE_RESERVE);
    }
    err_t err = stock_refill(vs->stock);
    if (err_ok(err)) {
        os_low_lock(LOW_VSPACE);
        err = lazy(vs, bytes, align ? align : WINDOW, map_flags, blocks, &at);
        os_low_unlock(LOW_VSPACE);
    }
    if (!err_ok(err)) {
        return err_wrap(err, E_VSPACE_RESERVE);
    }
    *address = at;
    return OK;
}

err_t vspace_lazy_at(struct vspace *vs, uint64_t address, uint64_t bytes, uint64_t map_flags, bool blocks)
{
    err_t err = check_legal(address, bytes);

    if (err_ok(err)) {
        err = stock_refill(vs->stock);
    }
    if (err_ok(err)) {
        os_low_lock(LOW_VSPACE);
        err = region_add(vs, address, bytes, map_flags, REGION_LAZY);
        if (err_ok(err)) {
            region_of(range_find(&vs->regions, address))->blocks = blocks;
        }
        os_low_unlock(LOW_VSPACE);
    }
    return err_wrap(err, E_VSPACE_RESERVE);
}

/* A run of *@p bytes, or of half as much if there is none, and so on. */
static err_t back_run(struct vspace *vs, uint64_t at, uint64_t *bytes, uint64_t flags)
{
    for (;; *bytes = *bytes / 2 & ~(uint64_t)(SHOAL_PAGE_SIZE - 1)) {
        const err_t err = back_vacant(vs, at, *bytes, flags, true);
        if (err_root(err) != E_RESERVE_NONE || *bytes == SHOAL_PAGE_SIZE) {
            return err;
        }
    }
}

/* Guard, and above it the stack with its highest pages. */
static err_t stack(struct vspace *vs, uint64_t bytes, uint64_t present, uint64_t promised, uint64_t *stack)
{
    const uint64_t rw = MAP_READ | MAP_WRITE;
    uint64_t guard;

    TRY(add(vs, bytes + SHOAL_PAGE_SIZE, SHOAL_PAGE_SIZE, &guard));
    TRY(region_add(vs, guard, SHOAL_PAGE_SIZE, 0, REGION_GUARD));
    const uint64_t low = guard + SHOAL_PAGE_SIZE, top = low + bytes;
    err_t err = region_add(vs, low, bytes, rw, REGION_STACK);
    if (err_ok(err)) {
        struct vspace_region *const r = region_of(range_find(&vs->regions, low));
        for (uint64_t at = top - present; at < top && err_ok(err);) {
            const uint64_t to_block = BLOCK_2M - at % BLOCK_2M;
            uint64_t part = top - at < to_block ? top - at : to_block;
            err = back_run(vs, at, &part, rw);
            at += part;
        }
        r->next = top - present - SHOAL_PAGE_SIZE;
        r->promised = top - promised;
        if (!err_ok(err) && err_ok(mappings_remove(vs, low, top))) {
            region_remove(vs, r);
        }
    }
    if (!err_ok(err)) {
        region_remove(vs, region_of(range_find(&vs->regions, guard)));
        return err;
    }
    *stack = low;
    return OK;
}

err_t vspace_lazy_stack(struct vspace *vs, uint64_t bytes, uint64_t present, uint64_t promised, uint64_t *address)
{
    uint64_t at = 0;

    if (!in_pages(bytes | present | promised) || bytes == 0 || promised > bytes || present > promised ||
        present > WINDOW) {
        return err_wrap(ERR(E_VSPACE_ALIGN), E_VSPACE_RESERVE);
    }
    err_t err = stock_refill(vs->stock);
    if (err_ok(err)) {
        os_low_lock(LOW_VSPACE);
        err = stack(vs, bytes, present, promised, &at);
        os_low_unlock(LOW_VSPACE);
    }
    if (!err_ok(err)) {
        return err_wrap(err, E_VSPACE_RESERVE);
    }
    *address = at;
    return OK;
}

uint64_t vspace_stack_promise(struct vspace *vs, uint64_t stack, uint64_t address)
{
    os_low_lock(LOW_VSPACE);
    struct vspace_region *const r = region_of(range_find(&vs->regions, stack));
    r->promised = address < r->promised ? address : r->promised;
    const uint64_t bytes = r->range.end - r->promised;
    os_low_unlock(LOW_VSPACE);
    return bytes;
}

/* ---- faults -------------------------------------------------------------------------------------------------------- */

/* Bytes in which nothing is mapped, and which are the region's, around or from the page of a fault. */
struct hole {
    uint64_t lo, hi;
};

static bool enough(const struct vspace *vs)
{
    const struct reserve *const r = vs->reserve;

    return r->free - (r->apart ? r->layers : 0) >= CLUSTER && r->free >= CLUSTER + STEP_TABLES &&
           vs->mapping_slab->free > 0 && vs->table_slab->free >= STEP_TABLES && vs->slots->free >= STEP_SLOTS &&
           (!vs->group_slab || vs->group_slab->free > 0);
}

/* Less than half of what a refill leaves: it is woken seldom, and does more at a time. */
static bool half(const struct slab *slab)
{
    return slab->free < slab->keep / 2;
}

bool vspace_fill_looks_low(struct vspace *vs)
{
    vs->took = false;
    return reserve_low(vs->reserve) || half(vs->mapping_slab) || half(vs->table_slab) ||
           (vs->group_slab && half(vs->group_slab)) || slots_low(vs->slots);
}

/* Does this fault go on where the last one ended? */
static bool goes_on(const struct vspace_region *r, uint64_t page)
{
    return page == r->next && r->cluster > 0;
}

/* Another sequence may begin here. */
static void begin(struct vspace_region *r, uint64_t page)
{
    r->cluster = 1;
    r->next = r->kind == REGION_STACK ? page - SHOAL_PAGE_SIZE : page + SHOAL_PAGE_SIZE;
}

/* The pages to map for a fault at @p page inside @p hole, which goes on: twice as many as the last time. */
static struct hole cluster(struct vspace_region *r, uint64_t page, struct hole hole)
{
    r->cluster = r->cluster < CLUSTER ? 2 * r->cluster : CLUSTER;
    const uint64_t bytes = r->cluster * (uint64_t)SHOAL_PAGE_SIZE, end = page + SHOAL_PAGE_SIZE;
    if (r->kind == REGION_STACK) {
        const struct hole c = { end - hole.lo < bytes ? hole.lo : end - bytes, end };
        r->next = c.lo - SHOAL_PAGE_SIZE;
        return c;
    }
    const struct hole c = { page, hole.hi - page < bytes ? hole.hi : page + bytes };
    r->next = c.hi;
    return c;
}

static err_t fill_one(struct vspace *vs, uint64_t page, uint64_t flags, struct vspace_table *table)
{
    struct group_page p;

    TRY(group_take(vs, &p));
    const err_t err = piece_map_page(vs, &p, page, first_flags(flags, p.dirty), table);
    if (!err_ok(err)) {
        group_give(vs, p.group, p.index);
        return err;
    }
    return p.dirty ? clean_mapping(vs, page, SHOAL_PAGE_SIZE, flags) : OK;
}

static err_t fill_page(struct vspace *vs, uint64_t page, uint64_t flags, struct vspace_table *table)
{
    err_t err = ERR(E_RESERVE_NONE);

    if (vs->group_slab) {
        err = fill_one(vs, page, flags, table);     /* for a new group a run of slots must be found, too */
    }
    if (err_root(err) == E_RESERVE_NONE || err_root(err) == E_SLOTS_NONE) {
        vs->took = true;
        err = back_vacant(vs, page, SHOAL_PAGE_SIZE, flags, true);
    }
    return err;
}

/* Smaller and smaller, if there is no run of pages as long as wanted. */
static err_t fill_cluster(struct vspace *vs, struct hole c, uint64_t page, uint64_t flags, struct vspace_table *table)
{
    const bool down = c.lo < page;

    vs->took = true;
    for (uint64_t pages = (c.hi - c.lo) / SHOAL_PAGE_SIZE; pages > 1; pages /= 2) {
        const uint64_t bytes = pages * SHOAL_PAGE_SIZE;
        const err_t err = back_vacant(vs, down ? c.hi - bytes : c.lo, bytes, flags, true);
        if (err_root(err) != E_RESERVE_NONE) {
            return err;
        }
    }
    return fill_page(vs, page, flags, table);
}

static enum vspace_fill result(err_t err, err_t *out)
{
    if (err_ok(err)) {
        return FILL_DONE;
    }
    *out = err;
    return FILL_ERROR;
}

static enum vspace_fill fill_block(struct vspace *vs, const struct vspace_region *r, uint64_t block, bool last)
{
    vs->took = true;
    const err_t err = back_vacant(vs, block, BLOCK_2M, r->flags, true);

    return err_ok(err) ? FILL_DONE : last ? FILL_NONE : FILL_LOW_BLOCK;     /* FILL_NONE: by smaller ones */
}

/* All of @p block is the region's and, as there is no table in use, nothing is mapped in it. */
static bool may_be_block(const struct vspace_region *r, uint64_t block, const struct vspace_table *table)
{
    return r->blocks && block >= r->range.base && block + BLOCK_2M <= r->range.end && (!table || table->used == 0);
}

/* What is empty around @p page, inside its 64 KiB. */
static struct hole find_hole(const struct vspace_region *r, uint64_t page, const struct vspace_table *table)
{
    const uint64_t window = page & ~(WINDOW - 1), base = r->promised ? r->promised : r->range.base;
    struct hole hole = { window > base ? window : base,
                         window + WINDOW < r->range.end ? window + WINDOW : r->range.end };

    if (table) {
        const unsigned at = (unsigned)((page - window) / SHOAL_PAGE_SIZE);
        const uint64_t bits = table->map[entry_index(3, window) / 64] >> entry_index(3, window) % 64 & WINDOW_BITS;
        const uint64_t above = bits >> at, below = bits & ((1ull << at) - 1);
        const uint64_t hi = above ? page + (uint64_t)__builtin_ctzll(above) * SHOAL_PAGE_SIZE : hole.hi;
        const uint64_t lo = below ? window + (64 - (uint64_t)__builtin_clzll(below)) * SHOAL_PAGE_SIZE : hole.lo;
        hole.hi = hi < hole.hi ? hi : hole.hi;
        hole.lo = lo > hole.lo ? lo : hole.lo;
    }
    return hole;
}

/* Nothing is mapped at @p page. */
static enum vspace_fill fill_hole(struct vspace *vs, struct vspace_region *r, uint64_t page,
                                  struct vspace_table *table, bool last, err_t *err)
{
    const uint64_t block = page & ~(BLOCK_2M - 1);

    if (may_be_block(r, block, table)) {
        const enum vspace_fill done = fill_block(vs, r, block, last);
        if (done != FILL_NONE) {
            return done;
        }
        table = NULL;                   /* trimmed, perhaps */
    }
    if (!goes_on(r, page)) {
        begin(r, page);
        return result(fill_page(vs, page, r->flags, table), err);
    }
    const struct hole c = cluster(r, page, find_hole(r, page, table));
    return result(fill_cluster(vs, c, page, r->flags, table), err);
}

/* One page of a group that has it, in a table that is there: what most faults take that come one here, one there. */
static bool at_hand(const struct vspace *vs, const struct vspace_region *r, uint64_t page,
                    const struct vspace_table *table)
{
    return vs->groups && table && table->used > 0 && !goes_on(r, page) && vs->mapping_slab->free > 0;
}

static bool demand(const struct vspace_region *r)
{
    return r->kind == REGION_LAZY || r->kind == REGION_STACK;
}

/* Without a table of level 3 it may be a larger one. */
static const struct vspace_mapping *mapping_at(const struct vspace *vs, uint64_t page,
                                               const struct vspace_table *table)
{
    return table && !table_present(table, page) ? NULL : mapping_of(range_find(&vs->mappings, page));
}

static enum vspace_fill fill(struct vspace *vs, uint64_t address, uint64_t access, bool last, err_t *err)
{
    struct vspace_region *const r = region_of(range_find(&vs->regions, address));
    const uint64_t page = address & ~(uint64_t)(SHOAL_PAGE_SIZE - 1);

    if (!r || r->kind == REGION_GUARD || r->kind == REGION_FOREIGN) {
        return r && r->kind == REGION_GUARD ? FILL_GUARD : FILL_NONE;
    }
    struct vspace_table *const table = table_find(vs, 3, page);
    const struct vspace_mapping *const m = mapping_at(vs, page, table);
    if (m) {
        return m->flags & access ? FILL_PRESENT : FILL_ACCESS;
    }
    if (!demand(r)) {
        return FILL_NONE;
    }
    if (!(r->flags & access)) {
        return FILL_ACCESS;
    }
    if (page < r->promised) {
        return FILL_PROMISE;
    }
    return last || at_hand(vs, r, page, table) || enough(vs) ? fill_hole(vs, r, page, table, last, err) : FILL_LOW;
}

enum vspace_fill vspace_fill(struct vspace *vs, uint64_t address, uint64_t access, bool last, err_t *err)
{
    os_low_lock(LOW_VSPACE);
    const enum vspace_fill done = fill(vs, address, access, last, err);
    os_low_unlock(LOW_VSPACE);
    return done;
}
