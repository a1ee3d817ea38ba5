/** @file check.c  V1 to V3 of os/vspace.h, for tests and debug builds. */
#include "internal.h"

static const char *check_trees(const struct vspace *vs)
{
    const struct range_tree *const tree[] = { &vs->regions, &vs->mappings, &vs->tables[1], &vs->tables[2],
                                              &vs->tables[3] };

    for (unsigned i = 0; i < sizeof(tree) / sizeof(tree[0]); i++) {
        const char *const wrong = range_check(tree[i]);
        if (wrong) {
            return wrong;
        }
    }
    return NULL;
}

static const char *check_mapping(const struct vspace *vs, const struct vspace_mapping *m)
{
    const uint64_t size = 1ull << entry_shift(m->table->level);

    if (!err_ok(regions_cover(vs, m->range.base, m->range.end, true))) {
        return "V1: a mapping lies outside the regions";
    }
    if (m->range.base < m->table->range.base || m->range.end > m->table->range.end || m->range.base % size ||
        m->range.end % size) {
        return "V1: a mapping is not made of entries of its table";
    }
    for (uint64_t va = m->range.base; m->table->level == 3 && va < m->range.end; va += SHOAL_PAGE_SIZE) {
        if (!table_present(m->table, va)) {
            return "V1: a mapping is not in its table's map";
        }
    }
    if (m->table->level < 3 && range_meets(&vs->tables[m->table->level + 1], m->range.base, m->range.end)) {
        return "V1: a block lies where a lower table is";
    }
    return NULL;
}

static uint64_t entries_used(const struct vspace *vs, const struct vspace_table *t)
{
    uint64_t used = 0;

    for (struct range *r = range_from(&vs->mappings, t->range.base); r && r->base < t->range.end;
         r = range_from(&vs->mappings, r->end)) {
        used += mapping_of(r)->table == t ? (r->end - r->base) >> entry_shift(t->level) : 0;
    }
    for (struct range *r = t->level < 3 ? range_from(&vs->tables[t->level + 1], t->range.base) : NULL;
         r && r->base < t->range.end; r = range_from(&vs->tables[t->level + 1], r->end)) {
        used += table_of(r)->parent == t;
    }
    return used;
}

static const char *check_table(const struct vspace *vs, const struct vspace_table *t, uint64_t *empty)
{
    if (t->range.base % table_bytes(t->level) || t->range.end - t->range.base != table_bytes(t->level)) {
        return "V1: a table translates the wrong addresses";
    }
    if (t->level > 1 && t->parent != table_of(range_find(&vs->tables[t->level - 1], t->range.base))) {
        return "V1: a table has the wrong parent";
    }
    if (t->used != entries_used(vs, t)) {
        return "V1: a table's number of entries in use is wrong";
    }
    uint64_t bits = 0;
    for (unsigned i = 0; i < 8; i++) {
        bits += (uint64_t)__builtin_popcountll(t->map[i]);
    }
    if (t->level == 3 && bits != t->used) {
        return "V1: a table's map of entries in use is wrong";
    }
    *empty += t->used == 0 && t->ram.chunk;
    return NULL;
}

const char *vspace_check(const struct vspace *vs)
{
    const char *wrong = check_trees(vs);
    uint64_t empty = 0;

    for (struct range *r = range_from(&vs->mappings, 0); r && !wrong; r = range_from(&vs->mappings, r->end)) {
        wrong = check_mapping(vs, mapping_of(r));
    }
    for (unsigned level = 1; level <= 3; level++) {
        for (struct range *r = range_from(&vs->tables[level], 0); r && !wrong;
             r = range_from(&vs->tables[level], r->end)) {
            wrong = check_table(vs, table_of(r), &empty);
        }
    }
    if (!wrong && (empty != vs->empty || (vs->spare && vs->spare->used != 0))) {
        wrong = "V2: the number of empty tables is wrong, or the spare one is not empty";
    }
    return wrong;
}
