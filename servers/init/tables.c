/** @file tables.c  Contracts in tables.h. */
#include "tables.h"

void tables_init(struct tables *vs, cptr_t root)
{
    *vs = (struct tables){ .root = root };
}

/* The known VNode of this level, or CPTR_NULL. */
static cptr_t find(const struct tables *vs, unsigned level, uint64_t va)
{
    if (level == 0) {
        return vs->root;
    }
    for (unsigned i = 0; i < vs->nodes; i++) {
        if (vs->node[i].level == level && vs->node[i].va == va >> level_shift(level - 1) << level_shift(level - 1)) {
            return vs->node[i].vnode;
        }
    }
    return CPTR_NULL;
}

static err_t add(struct tables *vs, struct supply *pool, unsigned level, uint64_t va, cptr_t parent, cptr_t *vnode)
{
    cptr_t mapping;

    REQUIRE(vs->nodes < VSPACE_NODES, E_VSPACE_NODES);
    TRY(supply_make(pool, (enum cap_type)(CAP_VNODE_L0 + level), 0, 1, vnode));
    TRY(supply_slots(pool, 1, &mapping));
    TRY(vnode_map(parent, *vnode, level_index(level - 1, va), 1, 0, 0, CPTR_NULL, mapping));
    vs->node[vs->nodes].level = level;
    vs->node[vs->nodes].va = va >> level_shift(level - 1) << level_shift(level - 1);
    vs->node[vs->nodes].vnode = *vnode;
    vs->nodes++;
    return OK;
}

err_t tables_node(struct tables *vs, struct supply *pool, unsigned level, uint64_t va, cptr_t *vnode)
{
    cptr_t at = vs->root;

    for (unsigned l = 1; l <= level; l++) {
        cptr_t next = find(vs, l, va);
        if (next == CPTR_NULL) {
            TRY(add(vs, pool, l, va, at, &next));
        }
        at = next;
    }
    *vnode = at;
    return OK;
}

err_t tables_map(struct tables *vs, struct supply *pool, uint64_t va, cptr_t frame, uint64_t offset, uint64_t bytes,
                 uint64_t map_flags, cptr_t *mapping)
{
    for (bool first = true; bytes > 0; first = false) {
        const uint64_t to_table_end = (1ull << level_shift(2)) - va % (1ull << level_shift(2));
        const uint64_t part = bytes < to_table_end ? bytes : to_table_end;
        cptr_t table, slot;

        TRY(tables_node(vs, pool, 3, va, &table));
        TRY(supply_slots(pool, 1, &slot));
        TRY(vnode_map(table, frame, level_index(3, va), part / SHOAL_PAGE_SIZE, offset, map_flags, CPTR_NULL, slot));
        if (first && mapping) {
            *mapping = slot;
        }
        va += part, offset += part, bytes -= part;
    }
    return OK;
}
