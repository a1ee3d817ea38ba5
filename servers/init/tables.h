/**
 * @file tables.h  Build an address space by hand: page tables appear as they are needed.
 */
#ifndef INIT_TABLES_H
#define INIT_TABLES_H

#include "supply.h"

#define VSPACE_NODES 40

struct tables {
    cptr_t root;                /**< VNode_L0                                                                         */
    struct {
        unsigned level;         /**< 1 to 3                                                                           */
        uint64_t va;            /**< first address it translates                                                      */
        cptr_t vnode;
    } node[VSPACE_NODES];
    unsigned nodes;
};

/** log2 of the bytes one entry of a VNode of this level covers: 39, 30, 21, 12. */
static inline unsigned level_shift(unsigned level)
{
    return 39 - 9 * level;
}

/** Index of the entry for @p va in a VNode of this level. */
static inline uint64_t level_index(unsigned level, uint64_t va)
{
    return va >> level_shift(level) & 511;
}

void tables_init(struct tables *vs, cptr_t root);

/** The VNode of @p level that translates @p va; made from @p pool and linked, with those above it, if there is none.
 *  E_VSPACE_NODES, errors of pool and map. */
err_t tables_node(struct tables *vs, struct supply *pool, unsigned level, uint64_t va, cptr_t *vnode);

/** Map [offset, offset + bytes) of @p frame at @p va by pages.  All multiples of the page size.  @p mapping: the
 *  first of the Mappings (one per 2 MiB of addresses, in consecutive slots only if there is one), or NULL.  On an
 *  error what was mapped stays. */
err_t tables_map(struct tables *vs, struct supply *pool, uint64_t va, cptr_t frame, uint64_t offset, uint64_t bytes,
                 uint64_t map_flags, cptr_t *mapping);

#endif
