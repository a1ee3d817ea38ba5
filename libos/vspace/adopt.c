/** @file adopt.c  An address space from what its maker wrote down.  Contracts in os/child_vspace.h.
 *
 * The list is read once, entry by entry, and each is checked against those before it: regions first, tables from the
 * root downwards, then mappings.  Nobody else knows this address space yet, so the lock is for the order's sake only.
 */
#include "internal.h"
#include <os/child_vspace.h>

struct reader {
    struct vspace *vs;
    unsigned l1;
    struct child_vspace head;
    const struct child_table *table;
    const struct child_mapping *mapping;
    const struct child_region *region;
    uint64_t used[L2_SLOTS / 64];       /* slots that an entry has named */
};

static err_t open(struct reader *r, const void *list, size_t bytes)
{
    REQUIRE((uintptr_t)list % 8 == 0 && bytes >= sizeof(r->head), E_CHILD_LIST);
    r->head = *(const struct child_vspace *)list;
    REQUIRE(r->head.magic == CHILD_VSPACE_MAGIC && r->head.next_slot <= L2_SLOTS, E_CHILD_LIST);
    const uint64_t need = sizeof(r->head) + (uint64_t)r->head.tables * sizeof(struct child_table) +
                          (uint64_t)r->head.mappings * sizeof(struct child_mapping) +
                          (uint64_t)r->head.regions * sizeof(struct child_region);
    REQUIRE(need <= bytes, E_CHILD_LIST);
    r->table = (const struct child_table *)((const struct child_vspace *)list + 1);
    r->mapping = (const struct child_mapping *)(r->table + r->head.tables);
    r->region = (const struct child_region *)(r->mapping + r->head.mappings);
    return OK;
}

static err_t slot_of(struct reader *r, unsigned index, cptr_t *slot)
{
    REQUIRE(index < r->head.next_slot && !(r->used[index / 64] >> index % 64 & 1), E_CHILD_LIST);
    r->used[index / 64] |= 1ull << index % 64;
    *slot = CPTR(r->l1, index);
    return OK;
}

static bool flags_ok(uint64_t flags)
{
    return (flags & ~(uint64_t)MAP_FLAGS_MASK) == 0 && (flags & (MAP_WRITE | MAP_EXEC)) != (MAP_WRITE | MAP_EXEC);
}

static err_t read_region(struct reader *r, const struct child_region *from)
{
    const uint64_t base = from->page * (uint64_t)SHOAL_PAGE_SIZE;

    REQUIRE(from->kind <= REGION_FOREIGN && flags_ok(from->flags), E_CHILD_LIST);
    REQUIRE(from->pages <= VSPACE_HIGH / SHOAL_PAGE_SIZE, E_CHILD_LIST);
    REQUIRE(err_ok(check_legal(base, from->pages * SHOAL_PAGE_SIZE)), E_CHILD_LIST);
    const err_t err = region_add(r->vs, base, from->pages * SHOAL_PAGE_SIZE, from->flags, (enum region_kind)from->kind);
    return err_root(err) == E_VSPACE_OVERLAP ? ERR(E_CHILD_LIST) : err;
}

static err_t insert_table(struct reader *r, struct vspace_table *t, const struct child_table *from)
{
    struct vspace *const vs = r->vs;

    TRY(slot_of(r, from->vnode, &t->vnode));
    TRY(slot_of(r, from->link, &t->link));
    REQUIRE(t->level == 1 || t->parent, E_CHILD_LIST);
    REQUIRE(range_insert(&vs->tables[t->level], &t->range), E_CHILD_LIST);
    if (t->parent) {
        table_use(vs, t->parent, 1);
    }
    return OK;
}

static err_t read_table(struct reader *r, const struct child_table *from)
{
    const uint64_t base = from->page * (uint64_t)SHOAL_PAGE_SIZE;
    struct vspace *const vs = r->vs;

    REQUIRE(from->level >= 1 && from->level <= 3 && base % table_bytes(from->level) == 0, E_CHILD_LIST);
    struct vspace_table *const t = slab_alloc(vs->table_slab);
    REQUIRE(t, E_SLAB_EMPTY);
    *t = (struct vspace_table){
        .range = { .base = base, .end = base + table_bytes(from->level) }, .level = from->level,
        .parent = from->level > 1 ? table_of(range_find(&vs->tables[from->level - 1], base)) : NULL,
    };
    const err_t err = insert_table(r, t, from);
    if (!err_ok(err)) {
        slab_free(vs->table_slab, t);
    }
    return err;
}

static err_t insert_mapping(struct reader *r, struct vspace_mapping *m, unsigned level, uint64_t entries)
{
    struct vspace *const vs = r->vs;

    m->table = table_of(range_find(&vs->tables[level], m->range.base));
    REQUIRE(m->table && m->range.end <= m->table->range.end, E_CHILD_LIST);
    REQUIRE(level == 3 || !range_meets(&vs->tables[level + 1], m->range.base, m->range.end), E_CHILD_LIST);
    REQUIRE(err_ok(regions_cover(vs, m->range.base, m->range.end, true)), E_CHILD_LIST);
    REQUIRE(range_insert(&vs->mappings, &m->range), E_CHILD_LIST);
    table_use(vs, m->table, entries);
    return OK;
}

static err_t read_mapping(struct reader *r, const struct child_mapping *from)
{
    struct vspace *const vs = r->vs;
    const uint64_t base = from->page * (uint64_t)SHOAL_PAGE_SIZE;
    cptr_t slot;

    REQUIRE(from->level >= 1 && from->level <= 3 && from->entries >= 1 && flags_ok(from->flags), E_CHILD_LIST);
    REQUIRE(base % (1ull << entry_shift(from->level)) == 0, E_CHILD_LIST);
    TRY(slot_of(r, from->slot, &slot));
    struct vspace_mapping *const m = slab_alloc(vs->mapping_slab);
    REQUIRE(m, E_SLAB_EMPTY);
    *m = (struct vspace_mapping){
        .range = { .base = base, .end = base + ((uint64_t)from->entries << entry_shift(from->level)) },
        .slot = slot, .flags = from->flags,
    };
    const err_t err = insert_mapping(r, m, from->level, from->entries);
    if (!err_ok(err)) {
        slab_free(vs->mapping_slab, m);
    }
    return err;
}

enum kind_of_entry { REGION, TABLE, MAPPING };

/* One entry.  Records come from slabs that are refilled before each: a list can be longer than what they keep. */
static err_t read_entry(struct reader *r, enum kind_of_entry kind, uint32_t i)
{
    err_t err;

    TRY(stock_refill(r->vs->stock));
    os_low_lock(LOW_VSPACE);
    switch (kind) {
    case REGION:
        err = read_region(r, &r->region[i]);
        break;
    case TABLE:
        err = read_table(r, &r->table[i]);
        break;
    default:
        err = read_mapping(r, &r->mapping[i]);
        break;
    }
    os_low_unlock(LOW_VSPACE);
    return err;
}

static err_t read_all(struct reader *r)
{
    for (uint32_t i = 0; i < r->head.regions; i++) {
        TRY(read_entry(r, REGION, i));
    }
    for (uint32_t i = 0; i < r->head.tables; i++) {
        TRY(read_entry(r, TABLE, i));
    }
    for (uint32_t i = 0; i < r->head.mappings; i++) {
        TRY(read_entry(r, MAPPING, i));
    }
    return slots_adopt(r->vs->slots, r->l1, r->head.next_slot);
}

err_t vspace_adopt(struct vspace *vs, const void *list, size_t bytes, unsigned l1)
{
    struct reader r = { .vs = vs, .l1 = l1 };

    TRY(open(&r, list, bytes));
    const err_t err = read_all(&r);
    if (!err_ok(err)) {
        vspace_forget(vs);
    }
    return err;
}
