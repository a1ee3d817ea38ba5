/**
 * @file reserve.h  RAM in hand: what pages of the pool, page tables and CNodes are made of without asking anybody.
 *
 * RAM capabilities are cut into *chunks* of at most 2 MiB, each with a bitmap of its pages.  A *block* is a run of
 * pages of one chunk.  What was made from a block goes away by revoking its range of the RAM capability: one
 * invocation, that works or changes nothing, whatever number of capabilities it deletes.  So a block has exactly one
 * owner, who must not share what is made from it with others that do not expect to lose it.
 */
#ifndef OS_RESERVE_H
#define OS_RESERVE_H

#include <os/caps.h>

#define RESERVE_PAGES       512u                    /* pages of the largest chunk                                     */
#define RESERVE_LOW_BYTES   (64u * 1024)            /* below this much in hand it is refilled                         */
#define RESERVE_CHUNK_BYTES (256u * 1024)           /* what a refill asks for                                         */

struct reserve_chunk {
    struct reserve_chunk *next, **link;             /**< list of chunks with free pages; link NULL: not in it         */
    cptr_t ram;                                     /**< RAM with own; may be shared by chunks                        */
    uint64_t offset;                                /**< of the chunk in ram                                          */
    uint64_t base;                                  /**< its physical address                                         */
    uint64_t pages, free;
    uint64_t map[RESERVE_PAGES / 64];               /**< 1: free                                                      */
    uint64_t dirty[RESERVE_PAGES / 64];             /**< 1: was in use, so not scrubbed                               */
};

struct ram_block {
    struct reserve_chunk *chunk;                    /**< NULL: no block                                               */
    uint32_t first, pages;
};

struct reserve {
    struct reserve_chunk *partial;
    uint64_t free, pages;                           /**< pages in hand; pages altogether                              */
};

void reserve_init(struct reserve *r);

/** Take over @p bytes (pages, at most 2 MiB) at @p offset of the untouched RAM capability @p ram whose first byte has
 *  physical address @p ram_base.  @p record is borrowed for good. */
void reserve_add(struct reserve *r, struct reserve_chunk *record, cptr_t ram, uint64_t ram_base, uint64_t offset,
                 uint64_t bytes);

/** A run of @p pages (1 to 512) whose physical address is a multiple of @p align bytes (a power of two, 4096 at least).
 *  Cost: O(chunks with free pages) at worst; the first one has one page.
 * @return E_RESERVE_NONE; *block is written on success only */
err_t reserve_take(struct reserve *r, uint64_t pages, uint64_t align, struct ram_block *block);

/** Give back a block from which nothing is left. */
void reserve_give(struct reserve *r, const struct ram_block *block);

/** A part of the block was in use before: its content is not zero. */
bool reserve_dirty(const struct ram_block *block);

/** Take a block and retype it to one object in the empty slot (@p dst_root, @p dst).  @p size as in retype.
 * @return E_RESERVE_NONE, errors of retype; nothing is changed then */
err_t reserve_make(struct reserve *r, enum cap_type type, uint64_t size, cptr_t dst_root, cptr_t dst,
                   struct ram_block *block);

/** Delete all that was made from @p block, mappings included, and give it back.  The slots are the caller's to free.
 * @return errors of revoke; nothing is changed then */
err_t reserve_unmake(struct reserve *r, const struct ram_block *block);

static inline bool reserve_low(const struct reserve *r)
{
    return r->free < RESERVE_LOW_BYTES / SHOAL_PAGE_SIZE;
}

/** Get RAM from whoever gives it to this program: the memory server's client, or a test.  Called with no low lock held;
 *  may be an RPC.  Not a function of this module: each program links one.
 * @param bytes  a multiple of the page
 * @param ram    a slot that holds the RAM capability with own; it belongs to the caller of this function now
 * @return E_RAM_NONE and others; *ram is written on success only */
err_t ram_request(size_t bytes, cptr_t *ram);

#endif
