/** @file adopt.c  Reading an address space that another process wrote down.  Contracts in os/child_vspace.h. */
#include "internal.h"
#include <os/child_vspace.h>
#include <os/string.h>

/* What is read of the list, by value: its page could still be written by whoever made it. */
struct reader {
    struct child_vspace header;
    const char *tables, *mappings, *regions;
    const struct child_slots *slots;
};

static err_t read_header(struct child_vspace *header, const void *list, size_t bytes)
{
    REQUIRE(bytes >= sizeof(*header), E_CHILD_LIST);
    memcpy(header, list, sizeof(*header));
    REQUIRE(header->magic == CHILD_VSPACE_MAGIC, E_CHILD_LIST);
    return OK;
}

static err_t open_list(struct reader *r, const void *list, size_t bytes, const struct child_slots *slots)
{
    TRY(read_header(&r->header, list, bytes));
    REQUIRE(r->header.next_slot == slots->end, E_CHILD_LIST);       /* else it was changed since child_slots() */
    /* Each count is below 2^32 and each entry has 16 bytes, so the sum cannot overflow. */
    const uint64_t entries = (uint64_t)r->header.tables + r->header.mappings + r->header.regions;
    REQUIRE(entries * sizeof(struct child_table) <= bytes - sizeof(r->header), E_CHILD_LIST);
    r->tables = (const char *)list + sizeof(r->header);
    r->mappings = r->tables + r->header.tables * sizeof(struct child_table);
    r->regions = r->mappings + r->header.mappings * sizeof(struct child_mapping);
    r->slots = slots;
    return OK;
}

/* In pages: below 2^36, so that what is computed in bytes cannot overflow. */
static bool page_ok(uint64_t page)
{
    return page < VSPACE_HIGH / SHOAL_PAGE_SIZE;
}

static bool slot_ok(const struct reader *r, unsigned slot)
{
    return slot >= r->slots->first && slot < r->slots->end;
}

static err_t adopt_table(struct vspace *vs, const struct reader *r, uint32_t i)
{
    struct child_table t;

    memcpy(&t, r->tables + i * sizeof(t), sizeof(t));
    REQUIRE(page_ok(t.page) && t.level >= 1 && t.level <= 3, E_CHILD_LIST);
    REQUIRE(slot_ok(r, t.vnode) && slot_ok(r, t.link), E_CHILD_LIST);
    return table_adopt(vs, t.level, t.page * SHOAL_PAGE_SIZE, CPTR(r->slots->l1, t.vnode),
                       CPTR(r->slots->l1, t.link));
}

static err_t adopt_region(struct vspace *vs, const struct reader *r, uint32_t i)
{
    struct child_region g;

    memcpy(&g, r->regions + i * sizeof(g), sizeof(g));
    REQUIRE(page_ok(g.page) && page_ok(g.pages) && g.kind <= REGION_LAZY, E_CHILD_LIST);
    REQUIRE(err_ok(check_legal(g.page * SHOAL_PAGE_SIZE, g.pages * SHOAL_PAGE_SIZE)), E_CHILD_LIST);
    const err_t err = region_add(vs, g.page * SHOAL_PAGE_SIZE, g.pages * SHOAL_PAGE_SIZE, g.flags,
                                 (enum region_kind)g.kind);
    REQUIRE(err_root(err) != E_VSPACE_OVERLAP, E_CHILD_LIST);
    TRY(err);
    region_of(range_find(&vs->regions, g.page * SHOAL_PAGE_SIZE))->blocks = g.blocks;
    return OK;
}

/* The table that all of [base, end) is made of entries of, with no table in between. */
static struct vspace_table *table_for(const struct vspace *vs, unsigned level, uint64_t base, uint64_t end)
{
    struct vspace_table *const t = table_of(range_find(&vs->tables[level], base));

    if (!t || end > t->range.end || base % (1ull << entry_shift(level)) ||
        (level < 3 && range_meets(&vs->tables[level + 1], base, end))) {
        return NULL;
    }
    return t;
}

static err_t adopt_mapping(struct vspace *vs, const struct reader *r, uint32_t i)
{
    struct child_mapping c;

    memcpy(&c, r->mappings + i * sizeof(c), sizeof(c));
    REQUIRE(page_ok(c.page) && c.level >= 1 && c.level <= 3 && c.entries >= 1 && c.entries <= 512, E_CHILD_LIST);
    REQUIRE(slot_ok(r, c.slot), E_CHILD_LIST);
    const uint64_t base = c.page * SHOAL_PAGE_SIZE, end = base + ((uint64_t)c.entries << entry_shift(c.level));
    struct vspace_table *const t = table_for(vs, c.level, base, end);
    REQUIRE(t && err_ok(regions_cover(vs, base, end, true)), E_CHILD_LIST);
    struct vspace_mapping *const m = slab_alloc(vs->mapping_slab);
    REQUIRE(m, E_SLAB_EMPTY);
    *m = (struct vspace_mapping){
        .range = { .base = base, .end = end }, .table = t, .slot = CPTR(r->slots->l1, c.slot),
        .frame = CPTR_NULL, .flags = c.flags,
    };
    if (!range_insert(&vs->mappings, &m->range)) {
        slab_free(vs->mapping_slab, m);
        return ERR(E_CHILD_LIST);
    }
    table_mark(t, base, end, true);
    table_use(vs, t, c.entries);
    return OK;
}

/* One entry of the list under the lock, with the stock refilled before. */
static err_t adopt_one(struct vspace *vs, const struct reader *r, uint32_t i,
                       err_t (*const adopt)(struct vspace *, const struct reader *, uint32_t))
{
    TRY(stock_refill(vs->stock));
    os_low_lock(LOW_VSPACE);
    const err_t err = adopt(vs, r, i);
    os_low_unlock(LOW_VSPACE);
    return err;
}

static err_t adopt_all(struct vspace *vs, const struct reader *r)
{
    for (uint32_t i = 0; i < r->header.tables; i++) {
        TRY(adopt_one(vs, r, i, adopt_table));
    }
    for (uint32_t i = 0; i < r->header.regions; i++) {
        TRY(adopt_one(vs, r, i, adopt_region));
    }
    for (uint32_t i = 0; i < r->header.mappings; i++) {
        TRY(adopt_one(vs, r, i, adopt_mapping));
    }
    return OK;
}

err_t child_slots(struct child_slots *slots, unsigned l1, unsigned first, const void *list, size_t bytes)
{
    struct child_vspace header;

    TRY(read_header(&header, list, bytes));
    REQUIRE(header.next_slot >= first && header.next_slot <= L2_SLOTS, E_CHILD_LIST);
    *slots = (struct child_slots){ l1, first, header.next_slot };
    return OK;
}

err_t vspace_adopt(struct vspace *vs, const void *list, size_t bytes, const struct child_slots *slots)
{
    struct reader r;

    TRY(open_list(&r, list, bytes, slots));
    const err_t err = adopt_all(vs, &r);
    if (!err_ok(err)) {
        vspace_forget(vs);      /* nothing here was made by us, so the kernel has nothing to undo */
    }
    return err;
}
