/** @file tables.c  Page tables below the root.  Contracts in internal.h. */
#include "internal.h"

struct vspace_table *table_find(const struct vspace *vs, unsigned level, uint64_t va)
{
    return table_of(range_find(&vs->tables[level], va));
}

/* Kernel objects of a table whose record and slots are there. */
static err_t make_objects(struct vspace *vs, struct vspace_table *t)
{
    const cptr_t parent = t->parent ? t->parent->vnode : vs->root;

    TRY(reserve_make(vs->reserve, (enum cap_type)(CAP_VNODE_L0 + t->level), 0, CPTR_NULL, t->vnode, &t->ram));
    const uint64_t index = entry_index(t->level - 1, t->range.base);
    const err_t err = vnode_map(parent, t->vnode, index, 1, 0, 0, CPTR_NULL, t->link);
    if (!err_ok(err)) {
        (void)reserve_unmake(vs->reserve, &t->ram);
    }
    return err;
}

static err_t make_in_slots(struct vspace *vs, struct vspace_table *t)
{
    TRY(slots_alloc(vs->slots, &t->vnode));
    err_t err = slots_alloc(vs->slots, &t->link);
    if (!err_ok(err)) {
        goto free_vnode;
    }
    err = make_objects(vs, t);
    if (!err_ok(err)) {
        goto free_link;
    }
    return OK;
free_link:
    slots_free(vs->slots, t->link);
free_vnode:
    slots_free(vs->slots, t->vnode);
    return err;
}

static err_t make(struct vspace *vs, unsigned level, uint64_t va, struct vspace_table *parent,
                  struct vspace_table **table)
{
    struct vspace_table *const t = slab_alloc(vs->table_slab);
    const uint64_t base = va & ~(table_bytes(level) - 1);

    REQUIRE(t, E_SLAB_EMPTY);
    *t = (struct vspace_table){ .range = { .base = base, .end = base + table_bytes(level) }, .parent = parent,
                                .level = level };
    const err_t err = make_in_slots(vs, t);
    if (!err_ok(err)) {
        slab_free(vs->table_slab, t);
        return err;
    }
    const bool inserted = range_insert(&vs->tables[level], &t->range);
    OS_ASSERT(inserted);
    vs->empty++;
    if (parent) {
        table_use(vs, parent, 1);
    }
    *table = t;
    return OK;
}

err_t table_adopt(struct vspace *vs, unsigned level, uint64_t va, cptr_t vnode, cptr_t link)
{
    struct vspace_table *const parent = level > 1 ? table_find(vs, level - 1, va) : NULL;

    REQUIRE(va % table_bytes(level) == 0 && va < VSPACE_HIGH && (parent || level == 1), E_CHILD_LIST);
    struct vspace_table *const t = slab_alloc(vs->table_slab);
    REQUIRE(t, E_SLAB_EMPTY);
    *t = (struct vspace_table){
        .range = { .base = va, .end = va + table_bytes(level) }, .parent = parent, .vnode = vnode, .link = link,
        .level = level,
    };
    if (!range_insert(&vs->tables[level], &t->range)) {
        slab_free(vs->table_slab, t);
        return ERR(E_CHILD_LIST);
    }
    if (parent) {
        table_use(vs, parent, 1);
    }
    return OK;
}

/* Remove @p t, which is ours and empty, and then those above it that are empty without it. */
static err_t remove_up(struct vspace *vs, struct vspace_table *t)
{
    while (t && t->used == 0 && t->ram.chunk) {
        struct vspace_table *const parent = t->parent;
        TRY(reserve_unmake(vs->reserve, &t->ram));
        slots_free(vs->slots, t->vnode);
        slots_free(vs->slots, t->link);
        range_remove(&vs->tables[t->level], &t->range);
        vs->spare = vs->spare == t ? NULL : vs->spare;
        vs->empty--;
        slab_free(vs->table_slab, t);
        if (parent) {
            parent->used--;
            vs->empty += parent->used == 0 && parent->ram.chunk;
        }
        t = parent;
    }
    return OK;
}

err_t table_get(struct vspace *vs, unsigned level, uint64_t va, struct vspace_table **table)
{
    struct vspace_table *at = NULL;

    if ((*table = table_find(vs, level, va))) {
        return OK;
    }
    for (unsigned l = 1; l <= level; l++) {
        struct vspace_table *next = table_find(vs, l, va);
        if (!next) {
            const err_t err = make(vs, l, va, at, &next);
            if (!err_ok(err)) {
                /* Only what this call has made is empty up here: the spare table keeps those above it in use. */
                if (at && at != vs->spare) {
                    (void)remove_up(vs, at);
                }
                return err;
            }
        }
        at = next;
    }
    *table = at;
    return OK;
}

void table_mark_many(struct vspace_table *table, uint64_t lo, uint64_t hi, bool value)
{
    const uint64_t first = entry_index(3, lo), end = first + (hi - lo) / SHOAL_PAGE_SIZE;

    for (uint64_t word = first & ~63ull; word < end; word += 64) {
        const uint64_t from = first > word ? ~0ull << (first - word) : ~0ull;
        const uint64_t mask = end - word < 64 ? from & ~(~0ull << (end - word)) : from;
        table->map[word / 64] = value ? table->map[word / 64] | mask : table->map[word / 64] & ~mask;
    }
}

void table_use(struct vspace *vs, struct vspace_table *table, uint64_t count)
{
    if (table->used == 0 && table->ram.chunk) {
        vs->empty--;
        vs->spare = vs->spare == table ? NULL : vs->spare;
    }
    table->used += (unsigned)count;
}

void table_unuse(struct vspace *vs, struct vspace_table *table, uint64_t count)
{
    table->used -= (unsigned)count;
    if (table->used > 0 || !table->ram.chunk) {
        return;
    }
    struct vspace_table *const before = vs->spare;
    vs->empty++;
    vs->spare = table;
    if (before) {
        (void)remove_up(vs, before);    /* refused: it is empty and linked, and tables_trim() finds it */
    }
}

err_t tables_trim(struct vspace *vs)
{
    for (unsigned level = 3; level >= 1 && vs->empty > 0; level--) {
        struct range *next;
        for (struct range *r = range_from(&vs->tables[level], 0); r; r = next) {
            next = range_from(&vs->tables[level], r->end);
            if (table_of(r)->used == 0 && table_of(r)->ram.chunk) {
                TRY(remove_up(vs, table_of(r)));
            }
        }
    }
    return OK;
}
