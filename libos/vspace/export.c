/** @file export.c  An address space in writing, and out of our hands.  Contracts in os/child_vspace.h. */
#include "internal.h"
#include <os/child_vspace.h>

/* Entries are written in place, from the list's beginning. */
struct writer {
    char *at;
    size_t left;
    uint64_t cnode;             /* L1 entry of all slots; ~0: none seen yet */
    uint32_t next_slot;
};

static err_t take(struct writer *w, size_t bytes, void **entry)
{
    REQUIRE(bytes <= w->left, E_CHILD_ROOM);
    *entry = w->at;
    w->at += bytes;
    w->left -= bytes;
    return OK;
}

/* The index of @p slot in the one CNode of all. */
static err_t index_of(struct writer *w, cptr_t slot, uint16_t *index)
{
    if (w->cnode == UINT64_MAX) {
        w->cnode = slot / L2_SLOTS;
    }
    REQUIRE(slot / L2_SLOTS == w->cnode, E_CHILD_SLOTS);
    *index = (uint16_t)(slot % L2_SLOTS);
    w->next_slot = *index >= w->next_slot ? *index + 1u : w->next_slot;
    return OK;
}

static err_t write_table(struct writer *w, const struct vspace_table *t)
{
    void *entry;
    struct child_table to = { .page = t->range.base / SHOAL_PAGE_SIZE, .level = t->level };

    TRY(index_of(w, t->vnode, &to.vnode));
    TRY(index_of(w, t->link, &to.link));
    TRY(take(w, sizeof(to), &entry));
    *(struct child_table *)entry = to;
    return OK;
}

static err_t write_mapping(struct writer *w, const struct vspace_mapping *m)
{
    void *entry;
    struct child_mapping to = {
        .page = m->range.base / SHOAL_PAGE_SIZE, .level = m->table->level,
        .entries = (m->range.end - m->range.base) >> entry_shift(m->table->level), .flags = (uint16_t)m->flags,
    };

    REQUIRE(!m->ram.chunk, E_CHILD_SLOTS);
    TRY(index_of(w, m->slot, &to.slot));
    TRY(take(w, sizeof(to), &entry));
    *(struct child_mapping *)entry = to;
    return OK;
}

static err_t write_region(struct writer *w, const struct vspace_region *r)
{
    void *entry;

    TRY(take(w, sizeof(struct child_region), &entry));
    *(struct child_region *)entry = (struct child_region){
        .page = r->range.base / SHOAL_PAGE_SIZE, .kind = r->kind, .flags = r->flags,
        .pages = (r->range.end - r->range.base) / SHOAL_PAGE_SIZE,
    };
    return OK;
}

static err_t write_all(const struct vspace *vs, struct writer *w, struct child_vspace *head)
{
    for (unsigned level = 1; level <= 3; level++) {
        const struct range_tree *const tables = &vs->tables[level];
        for (struct range *r = range_from(tables, 0); r; r = range_from(tables, r->end), head->tables++) {
            TRY(write_table(w, table_of(r)));
        }
    }
    for (struct range *r = range_from(&vs->mappings, 0); r; r = range_from(&vs->mappings, r->end), head->mappings++) {
        TRY(write_mapping(w, mapping_of(r)));
    }
    for (struct range *r = range_from(&vs->regions, 0); r; r = range_from(&vs->regions, r->end), head->regions++) {
        TRY(write_region(w, region_of(r)));
    }
    return OK;
}

err_t vspace_export(const struct vspace *vs, void *list, size_t bytes)
{
    struct writer w = { .at = list, .left = bytes, .cnode = UINT64_MAX };
    struct child_vspace head = { .magic = CHILD_VSPACE_MAGIC };
    void *at;

    TRY(take(&w, sizeof(head), &at));
    os_low_lock(LOW_VSPACE);
    const err_t err = write_all(vs, &w, &head);
    os_low_unlock(LOW_VSPACE);
    TRY(err);
    head.next_slot = w.next_slot;
    *(struct child_vspace *)at = head;
    return OK;
}

static void forget(struct range_tree *tree, struct slab *slab)
{
    struct range *record;

    while ((record = range_from(tree, 0))) {
        range_remove(tree, record);
        slab_free(slab, record);
    }
}

void vspace_forget(struct vspace *vs)
{
    os_low_lock(LOW_VSPACE);
    forget(&vs->mappings, vs->mapping_slab);
    forget(&vs->regions, vs->region_slab);
    for (unsigned level = 1; level <= 3; level++) {
        forget(&vs->tables[level], vs->table_slab);
    }
    vs->spare = NULL;
    vs->empty = 0;
    os_low_unlock(LOW_VSPACE);
}
