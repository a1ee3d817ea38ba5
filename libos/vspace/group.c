/** @file group.c  Pages that share a Frame.  Contracts in internal.h. */
#include "internal.h"

#define ALL_FREE ((1u << VSPACE_GROUP_PAGES) - 1)

static void link_group(struct vspace *vs, struct vspace_group *g)
{
    g->next = vs->groups;
    g->link = &vs->groups;
    if (g->next) {
        g->next->link = &g->next;
    }
    vs->groups = g;
}

static void unlink_group(struct vspace_group *g)
{
    *g->link = g->next;
    if (g->next) {
        g->next->link = g->link;
    }
    g->link = NULL;
}

#define GROUP_SLOTS (1 + VSPACE_GROUP_PAGES)
#define GROUP_BYTES (VSPACE_GROUP_PAGES * (uint64_t)SHOAL_PAGE_SIZE)

static err_t make_frame(struct vspace *vs, struct vspace_group *g)
{
    TRY(reserve_take_data(vs->reserve, VSPACE_GROUP_PAGES, SHOAL_PAGE_SIZE, &g->ram));
    err_t err = slots_alloc_run(vs->slots, GROUP_SLOTS, &g->frame);
    if (err_ok(err)) {
        const uint64_t offset = g->ram.chunk->offset + (uint64_t)g->ram.first * SHOAL_PAGE_SIZE;
        err = cap_retype(g->ram.chunk->ram, CAP_FRAME, offset, GROUP_BYTES, 1, CPTR_NULL, g->frame);
        if (err_ok(err)) {
            return OK;
        }
        slots_free_run(vs->slots, g->frame, GROUP_SLOTS);
    }
    reserve_give(vs->reserve, &g->ram);
    return err;
}

__attribute__((noinline)) static err_t make(struct vspace *vs)
{
    vs->took = true;
    struct vspace_group *const g = slab_alloc(vs->group_slab);

    REQUIRE(g, E_SLAB_EMPTY);
    *g = (struct vspace_group){ .free = ALL_FREE };
    const err_t err = make_frame(vs, g);
    if (!err_ok(err)) {
        slab_free(vs->group_slab, g);
        return err;
    }
    for (unsigned i = 0; i < VSPACE_GROUP_PAGES && reserve_dirty(&g->ram); i++) {
        const struct ram_block page = { g->ram.chunk, g->ram.first + i, 1 };
        g->dirty |= (uint16_t)(reserve_dirty(&page) << i);
    }
    link_group(vs, g);
    return OK;
}

err_t group_take(struct vspace *vs, struct group_page *page)
{
    if (!vs->groups) {
        TRY(make(vs));
    }
    struct vspace_group *const g = vs->groups;
    /* From the last to the first: so each Mapping comes directly behind its Frame in the kernel's database, where no search is
     * needed to insert it. */
    const unsigned i = 31 - (unsigned)__builtin_clz(g->free);
    g->free = (uint16_t)(g->free & ~(1u << i));
    if (!g->free) {
        unlink_group(g);
    }
    *page = (struct group_page){ g, i, g->dirty >> i & 1 };
    return OK;
}

/* Nothing of it is in use. */
static err_t drop(struct vspace *vs, struct vspace_group *g)
{
    TRY(reserve_unmake(vs->reserve, &g->ram));
    slots_free_run(vs->slots, g->frame, GROUP_SLOTS);
    unlink_group(g);
    slab_free(vs->group_slab, g);
    return OK;
}

void group_give(struct vspace *vs, struct vspace_group *g, unsigned page)
{
    g->free |= (uint16_t)(1u << page);
    g->dirty |= (uint16_t)(1u << page);
    if (!g->link) {
        link_group(vs, g);
    }
    if (g->free == ALL_FREE) {
        (void)drop(vs, g);              /* refused: it is used again, or groups_trim() comes by */
    }
}

err_t groups_trim(struct vspace *vs)
{
    for (struct vspace_group *g = vs->groups, *next; g; g = next) {
        next = g->next;
        if (g->free == ALL_FREE) {
            TRY(drop(vs, g));
        }
    }
    return OK;
}
