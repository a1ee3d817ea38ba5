/** @file export.c  Writing down an address space.  Contracts in os/child_vspace.h. */
#include "internal.h"
#include <os/child_vspace.h>
#include <os/string.h>

struct writer {
    char *at, *end;
    uint64_t l1;            /* of the one CNode */
    err_t err;
};

static void put(struct writer *w, const void *entry, size_t bytes)
{
    if ((size_t)(w->end - w->at) < bytes) {
        w->err = ERR(E_CHILD_ROOM);
    } else if (err_ok(w->err)) {
        memcpy(w->at, entry, bytes);
        w->at += bytes;
    }
}

static uint16_t index_of(struct writer *w, cptr_t slot)
{
    if (slot / L2_SLOTS != w->l1) {
        w->err = ERR(E_CHILD_SLOTS);
    }
    return (uint16_t)(slot % L2_SLOTS);
}

static void put_table(struct writer *w, const struct vspace_table *t)
{
    const struct child_table entry = {
        t->range.base / SHOAL_PAGE_SIZE, (uint16_t)t->level, index_of(w, t->vnode), index_of(w, t->link), 0,
    };
    put(w, &entry, sizeof(entry));
}

static void put_mapping(struct writer *w, const struct vspace_mapping *m)
{
    const struct child_mapping entry = {
        m->range.base / SHOAL_PAGE_SIZE, (uint16_t)m->table->level,
        (uint16_t)((m->range.end - m->range.base) >> entry_shift(m->table->level)), index_of(w, m->slot),
        (uint16_t)m->flags,
    };
    if (m->ram.chunk || m->group) {
        w->err = ERR(E_CHILD_SLOTS);
    }
    put(w, &entry, sizeof(entry));
}

static void put_region(struct writer *w, const struct vspace_region *r)
{
    const struct child_region entry = {
        r->range.base / SHOAL_PAGE_SIZE, (r->range.end - r->range.base) / SHOAL_PAGE_SIZE, r->kind, r->blocks,
        r->flags & 0xffff,
    };
    put(w, &entry, sizeof(entry));
}

/* The CNode that the first record's slot lies in: all others must lie there too. */
static uint64_t cnode_of(const struct vspace *vs)
{
    const struct range *const first = range_from(&vs->tables[1], 0);
    return first ? ((const struct vspace_table *)first)->vnode / L2_SLOTS : 0;
}

err_t vspace_export(struct vspace *vs, void *list, size_t bytes)
{
    struct writer w = { list, (char *)list + bytes, cnode_of(vs), OK };

    os_low_lock(LOW_VSPACE);
    const uint64_t tables = vs->tables[1].count + vs->tables[2].count + vs->tables[3].count;
    const struct child_vspace header = {
        CHILD_VSPACE_MAGIC, (uint32_t)tables, (uint32_t)vs->mappings.count, (uint32_t)vs->regions.count,
        tables ? slots_top(vs->slots, (unsigned)w.l1) : 0,
    };
    put(&w, &header, sizeof(header));
    for (unsigned level = 1; level <= 3; level++) {
        for (struct range *r = range_from(&vs->tables[level], 0); r; r = range_from(&vs->tables[level], r->end)) {
            put_table(&w, table_of(r));
        }
    }
    for (struct range *r = range_from(&vs->mappings, 0); r; r = range_from(&vs->mappings, r->end)) {
        put_mapping(&w, mapping_of(r));
    }
    for (struct range *r = range_from(&vs->regions, 0); r; r = range_from(&vs->regions, r->end)) {
        put_region(&w, region_of(r));
    }
    os_low_unlock(LOW_VSPACE);
    return w.err;
}
