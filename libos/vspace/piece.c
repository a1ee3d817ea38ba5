/** @file piece.c  One Mapping at a time.  Contracts in internal.h. */
#include "internal.h"

/* Entries of a table of @p level that can be blocks from @p va on; 0: none. */
static uint64_t block_count(const struct vspace *vs, const struct source *source, unsigned level, uint64_t va,
                            uint64_t bytes)
{
    const uint64_t size = 1ull << entry_shift(level);

    if (!source->phys_known || va % size || source->phys % size || bytes < size) {
        return 0;
    }
    const uint64_t to_end = table_bytes(level) - va % table_bytes(level);
    uint64_t most = bytes < to_end ? bytes : to_end;
    /* An entry that leads to a table cannot be a block too. */
    const struct range *const lower = range_from(&vs->tables[level + 1], va);
    if (lower && lower->base < va + most) {
        most = lower->base > va ? lower->base - va : 0;
    }
    return most / size;
}

struct piece piece_plan(const struct vspace *vs, const struct source *source, uint64_t va, uint64_t bytes)
{
    for (unsigned level = 1; level <= 2; level++) {
        const uint64_t count = block_count(vs, source, level, va, bytes);
        if (count > 0) {
            return (struct piece){ level, count, count << entry_shift(level) };
        }
    }
    const uint64_t to_end = BLOCK_2M - va % BLOCK_2M, part = bytes < to_end ? bytes : to_end;
    return (struct piece){ 3, part / SHOAL_PAGE_SIZE, part };
}

static err_t map_in_table(struct vspace *vs, struct vspace_mapping *m, const struct piece *piece)
{
    if (!m->table) {
        TRY(table_get(vs, piece->level, m->range.base, &m->table));
    }
    const err_t err = vnode_map(m->table->vnode, m->frame, entry_index(piece->level, m->range.base), piece->count,
                                m->offset, m->flags, CPTR_NULL, m->slot);
    if (!err_ok(err)) {
        table_use(vs, m->table, 1);     /* if it was made just now, letting go of it makes it the spare one */
        table_unuse(vs, m->table, 1);
        return err;
    }
    table_use(vs, m->table, piece->count);
    return OK;
}

err_t piece_map_vacant(struct vspace *vs, const struct source *source, uint64_t va, const struct piece *piece,
                       const struct ram_block *ram, bool filled)
{
    struct vspace_mapping *const m = slab_alloc(vs->mapping_slab);
    REQUIRE(m, E_SLAB_EMPTY);
    *m = (struct vspace_mapping){
        .range = { .base = va, .end = va + piece->bytes },
        .frame = source->frame, .offset = source->offset, .flags = source->flags, .filled = filled,
    };
    if (ram) {
        m->ram = *ram;
    }
    err_t err = slots_alloc(vs->slots, &m->slot);
    if (!err_ok(err)) {
        goto free_record;
    }
    err = map_in_table(vs, m, piece);
    if (!err_ok(err)) {
        goto free_slot;
    }
    range_insert_vacant(&vs->mappings, &m->range);
    table_mark(m->table, m->range.base, m->range.end, true);
    vs->filled += filled ? piece->bytes : 0;
    return OK;
free_slot:
    slots_free(vs->slots, m->slot);
free_record:
    slab_free(vs->mapping_slab, m);
    return err;
}

err_t piece_map_page(struct vspace *vs, const struct group_page *page, uint64_t va, uint64_t flags,
                     struct vspace_table *table)
{
    struct vspace_group *const g = page->group;
    const struct piece piece = { 3, 1, SHOAL_PAGE_SIZE };
    struct vspace_mapping *const m = slab_alloc(vs->mapping_slab);

    REQUIRE(m, E_SLAB_EMPTY);
    m->range.base = va;                 /* the rest of it is the tree's */
    m->range.end = va + SHOAL_PAGE_SIZE;
    m->table = table;
    m->slot = g->frame + 1 + page->index;
    m->frame = g->frame;
    m->offset = page->index * (uint64_t)SHOAL_PAGE_SIZE;
    m->ram.chunk = NULL;
    m->group = g;
    m->flags = flags;
    m->filled = true;
    if (!table) {
        vs->took = true;
    }
    const err_t err = map_in_table(vs, m, &piece);
    if (!err_ok(err)) {
        slab_free(vs->mapping_slab, m);
        return err;
    }
    range_insert_vacant(&vs->mappings, &m->range);
    table_mark(m->table, va, va + SHOAL_PAGE_SIZE, true);
    vs->filled += SHOAL_PAGE_SIZE;
    return OK;
}

err_t piece_map(struct vspace *vs, const struct source *source, uint64_t va, const struct piece *piece,
                const struct ram_block *ram)
{
    REQUIRE(!range_meets(&vs->mappings, va, va + piece->bytes), E_VSPACE_OVERLAP);
    return piece_map_vacant(vs, source, va, piece, ram, false);
}

err_t mapping_remove(struct vspace *vs, struct vspace_mapping *m)
{
    if (m->ram.chunk) {
        TRY(reserve_unmake(vs->reserve, &m->ram));
        slots_free(vs->slots, m->frame);
    } else {
        TRY(cap_delete(CPTR_NULL, m->slot));
    }
    if (m->group) {
        group_give(vs, m->group, (unsigned)(m->offset / SHOAL_PAGE_SIZE));
    } else {
        slots_free(vs->slots, m->slot);
    }
    vs->filled -= m->filled ? m->range.end - m->range.base : 0;
    range_remove(&vs->mappings, &m->range);
    table_mark(m->table, m->range.base, m->range.end, false);
    table_unuse(vs, m->table, (m->range.end - m->range.base) >> entry_shift(m->table->level));
    slab_free(vs->mapping_slab, m);
    return OK;
}

err_t mappings_remove(struct vspace *vs, uint64_t lo, uint64_t hi)
{
    struct range *r;

    while ((r = range_from(&vs->mappings, lo)) && r->base < hi) {
        TRY(mapping_remove(vs, mapping_of(r)));
    }
    return OK;
}

/* What mapping two halves may take: three sizes of entry each, a table of level 2 and one of level 3. */
static err_t ready_to_split(const struct vspace *vs)
{
    REQUIRE(vs->mapping_slab->free >= 6 && vs->table_slab->free >= 2, E_SLAB_EMPTY);
    REQUIRE(vs->slots->free >= 10, E_SLOTS_NONE);
    REQUIRE(vs->reserve->free >= 2, E_RESERVE_NONE);
    return OK;
}

/* Map all of [lo, hi) of what was one mapping, in pieces that do not cross @p at. */
static err_t map_parts(struct vspace *vs, const struct source *whole, uint64_t lo, uint64_t hi, uint64_t at)
{
    for (uint64_t va = lo; va < hi;) {
        struct source source = *whole;
        source.offset += va - lo;
        source.phys += va - lo;
        const struct piece piece = piece_plan(vs, &source, va, (va < at ? at : hi) - va);
        TRY(piece_map(vs, &source, va, &piece, NULL));
        va += piece.bytes;
    }
    return OK;
}

/* Break before make: entries are never changed from one address or size to another. */
static err_t remap(struct vspace *vs, struct vspace_mapping *m, const struct source *source, uint64_t at)
{
    const uint64_t lo = m->range.base, hi = m->range.end;
    const unsigned level = m->table->level;
    const struct piece whole = { level, (hi - lo) >> entry_shift(level), hi - lo };

    TRY(mapping_remove(vs, m));
    err_t err = tables_trim(vs);        /* an empty table must not stand where a block was, and may again be */
    if (err_ok(err)) {
        err = map_parts(vs, source, lo, hi, at);
    }
    if (!err_ok(err)) {
        (void)mappings_remove(vs, lo, hi);
        (void)tables_trim(vs);
        (void)piece_map(vs, source, lo, &whole, NULL);
    }
    return err;
}

err_t mapping_split(struct vspace *vs, uint64_t at)
{
    struct vspace_mapping *const m = mapping_of(range_find(&vs->mappings, at));
    struct cap_info info;

    if (!m || m->range.base == at) {
        return OK;
    }
    REQUIRE(!m->ram.chunk && m->frame != CPTR_NULL, E_VSPACE_SPLIT);
    TRY(ready_to_split(vs));
    TRY(cap_identify(CPTR_NULL, m->frame, &info));
    const struct source source = { m->frame, m->offset, m->flags, info.base + m->offset, true };
    return remap(vs, m, &source, at);
}
