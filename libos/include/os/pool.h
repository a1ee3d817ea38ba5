/**
 * @file pool.h  Pages for slabs: a window of the own address space whose page tables exist before they are needed.
 *
 * The window is an aligned GiB of which the first POOL_BLOCKS blocks of 2 MiB can be used.  Nothing else may use its
 * entry of the root table (512 GiB).  A page costs one page of RAM and two slots of the pool's own L2 CNodes, nothing
 * of slots, slabs or regions: so all of them can grow from here.  The next page table and the next CNode are made
 * (pool_refill) while POOL_AHEAD pages can still be had without.
 *
 * Slots of CNode c: pairs 0 … 123 for the pages 124 c … 124 c + 123 (Frame, Mapping); pairs 124 … 127 for page tables
 * (VNode, Mapping): of CNode 0 levels 1, 2 and the blocks 0 and 1, of CNode c > 0 block c + 1.  A CNode spans less than
 * a quarter of a block, so a block's table always has a CNode to lie in.
 */
#ifndef OS_POOL_H
#define OS_POOL_H

#include <os/cspace.h>
#include <os/reserve.h>

#define POOL_BLOCKS      64u
#define POOL_BLOCK_PAGES 512u
#define POOL_PAGES       (POOL_BLOCKS * POOL_BLOCK_PAGES)
#define POOL_BYTES       ((uint64_t)POOL_PAGES * SHOAL_PAGE_SIZE)
#define POOL_CNODE_PAGES 124u
#define POOL_CNODES      ((POOL_PAGES + POOL_CNODE_PAGES - 1) / POOL_CNODE_PAGES)
#define POOL_AHEAD       16u

struct pool {
    cptr_t root;                            /**< VNode_L0 of the own address space                                    */
    struct reserve *reserve;
    struct cspace *cspace;
    uint64_t base;                          /**< of the window                                                        */
    unsigned blocks, cnodes;                /**< page tables and CNodes that exist                                    */
    uint64_t used;                          /**< pages                                                                */
    unsigned first_free;                    /**< no page below this one is free                                       */
    uint16_t l1[POOL_CNODES];               /**< where each CNode lies                                                */
    uint64_t map[POOL_PAGES / 64];          /**< 1: in use                                                            */
};

struct pool_page {
    void *address;
    struct ram_block ram;
};

/** Make the window's first page table and CNode.  @p root, @p reserve, @p cspace are borrowed; @p base is a multiple of
 *  1 GiB.  @return E_ARG; E_POOL_CSPACE; errors of reserve_make() and map; nothing is left behind then */
err_t pool_init(struct pool *pool, cptr_t root, struct reserve *reserve, struct cspace *cspace, uint64_t base);

/** A page, mapped for reading and writing, content undefined.
 * @return E_POOL_FULL what exists is used up; errors of reserve_make() and map; nothing is changed then */
err_t pool_take(struct pool *pool, struct pool_page *page);

/** Unmap @p page and give its RAM back.  @return errors of revoke: the page is then still mapped and in use */
err_t pool_give(struct pool *pool, const struct pool_page *page);

/** Fewer than POOL_AHEAD pages can be had, and the window is not full. */
bool pool_low(const struct pool *pool);

/** Make the page tables and CNodes for POOL_AHEAD pages more.  @return E_POOL_CSPACE no L1 entry is free; errors of
 *  reserve_make() and map */
err_t pool_refill(struct pool *pool);

#endif
