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
#include <stdbool.h>

#define RESERVE_PAGES       512u                    /* pages of the largest chunk                                     */
#define RESERVE_LOW_BYTES   (64u * 1024)            /* below this much in hand it is refilled                         */
#define RESERVE_CHUNK_BYTES (256u * 1024)           /* what a refill asks for                                         */

/* What is mapped for the program comes and goes as it likes, what the layers themselves are made of stays.  From chunks of
 * their own, the first leave whole chunks behind that can be given back. */
enum reserve_use { RESERVE_LAYERS, RESERVE_DATA, RESERVE_USES };

struct reserve_chunk {
    struct reserve_chunk *next, **link;             /**< list of chunks with free pages; link NULL: not in it         */
    cptr_t ram;                                     /**< RAM with own; may be shared by chunks                        */
    uint64_t offset;                                /**< of the chunk in ram                                          */
    uint64_t base;                                  /**< its physical address                                         */
    uint64_t pages, free;
    enum reserve_use use;                           /**< of what is in it, for the most part                          */
    bool whole;                                     /**< all of ram, which can be given back                          */
    uint64_t map[RESERVE_PAGES / 64];               /**< 1: free                                                      */
    uint64_t dirty[RESERVE_PAGES / 64];             /**< 1: was in use, so not scrubbed                               */
};

struct ram_block {
    struct reserve_chunk *chunk;                    /**< NULL: no block                                               */
    uint32_t first, pages;
};

struct reserve {
    struct reserve_chunk *partial[RESERVE_USES];
    uint64_t free, pages;                           /**< pages in hand; pages altogether                              */
    uint64_t low;                                   /**< pages below which it is refilled                             */
    uint64_t idle;                                  /**< chunks that are whole RAM capabilities, and free             */
    uint64_t layers;                                /**< of free: pages in chunks of the layers                       */
    bool apart;                                     /**< those do not count for reserve_low()                         */
};

void reserve_init(struct reserve *r);

/** Take over @p bytes (pages, at most 2 MiB) at @p offset of the untouched RAM capability @p ram whose first byte has
 *  physical address @p ram_base.  @p record is borrowed for good. */
void reserve_add(struct reserve *r, struct reserve_chunk *record, cptr_t ram, uint64_t ram_base, uint64_t offset,
                 uint64_t bytes);

/** The same for a chunk that is all of @p ram: reserve_drop() may find it. */
void reserve_add_whole(struct reserve *r, struct reserve_chunk *record, cptr_t ram, uint64_t ram_base, uint64_t bytes);

/** Take out a chunk that is a whole RAM capability and free, of @p most pages at most, for good: record and capability are
 *  the caller's.  Nothing is left that was made from it.  @return NULL: there is none.  Cost: O(chunks with free pages) */
struct reserve_chunk *reserve_drop(struct reserve *r, uint64_t most);

/** Let the layers have a chunk that is wholly free.  @return false: there is none.  Cost: O(chunks with free pages) */
bool reserve_dedicate(struct reserve *r);

/** A run of @p pages (1 to 512) whose physical address is a multiple of @p align bytes (a power of two, 4096 at least).
 *  Cost: O(chunks with free pages) at worst; the first one has one page.
 * @return E_RESERVE_NONE; *block is written on success only */
err_t reserve_take(struct reserve *r, uint64_t pages, uint64_t align, struct ram_block *block);

/** The same for memory of the program: from chunks where the layers have nothing, if there are. */
err_t reserve_take_data(struct reserve *r, uint64_t pages, uint64_t align, struct ram_block *block);

/** Give back a block from which nothing is left. */
void reserve_give(struct reserve *r, const struct ram_block *block);

/** A part of the block was in use before: its content is not zero. */
bool reserve_dirty(const struct ram_block *block);

/** Take a block and retype it to one object in the empty slot (@p dst_root, @p dst).  @p size as in retype.
 * @return E_RESERVE_NONE, errors of retype; nothing is changed then */
err_t reserve_make(struct reserve *r, enum cap_type type, uint64_t size, cptr_t dst_root, cptr_t dst,
                   struct ram_block *block);

/** The same for a Frame of memory of the program, from where reserve_take_data() takes it. */
err_t reserve_make_frame(struct reserve *r, uint64_t bytes, cptr_t dst, struct ram_block *block);

/** Delete all that was made from @p block, mappings included, and give it back.  The slots are the caller's to free.
 * @return errors of revoke; nothing is changed then */
err_t reserve_unmake(struct reserve *r, const struct ram_block *block);

static inline bool reserve_low(const struct reserve *r)
{
    return r->free < r->low + (r->apart ? r->layers : 0);
}

/** Get RAM from whoever gives it to this program: the memory server's client, or a test.  Called with no low lock held;
 *  may be an RPC.  Not a function of this module: each program links one.
 * @param bytes  a multiple of the page
 * @param ram    a slot that holds the RAM capability with own; it belongs to the caller of this function now
 * @return E_RAM_NONE and others; *ram is written on success only */
err_t ram_request(size_t bytes, cptr_t *ram);

#endif
