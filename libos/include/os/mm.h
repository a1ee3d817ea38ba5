/**
 * @file mm.h  RAM capabilities cut up and merged again: what the memory server gives out from.
 *
 * A *root* is a RAM capability with own that nothing else was made from.  A grant is a RAM child that is given away
 * whole; mm keeps no capability to it.  Freeing revokes the range of the root: every descendant goes, whoever holds it.
 *  Free ranges merge, but never across two roots.  Who was granted what is its owner's business (accounts).
 */
#ifndef OS_MM_H
#define OS_MM_H

#include <os/ranges.h>
#include <os/slots.h>

struct mm_root {
    struct range range;                     /**< physical; in mm.roots                                                */
    cptr_t ram;
    uint64_t free;                          /**< bytes                                                                */
    bool lent;                              /**< it goes back when it is free; set with mm_set_lent()                 */
};

struct mm {
    struct range_tree roots;                /**< of struct mm_root                                                    */
    struct range_set free;
    struct slab *root_slab;
    struct slots *slots;
    uint64_t bytes;                         /**< of all roots                                                         */
};

/** @p range_slab: objects of struct range; @p root_slab: of struct mm_root.  All borrowed. */
void mm_init(struct mm *mm, struct slab *range_slab, struct slab *root_slab, struct slots *slots);

/** Take over a root.  @return E_CAP_TYPE; E_CAP_RIGHTS without own; E_RANGE_OVERLAP with another root; E_SLAB_EMPTY */
err_t mm_add_root(struct mm *mm, cptr_t ram);

/** Give up the root at @p base, of which nothing is granted.  @p ram: its capability.
 * @return E_MM_ROOT there is none; E_MM_GRANTED a part is not free */
err_t mm_remove_root(struct mm *mm, uint64_t base, cptr_t *ram);

/** A RAM child of @p bytes (pages) whose address is a multiple of @p align (a power of two; 0: a page), in a new slot:
 *  capability and slot are the caller's, who gives both away.
 * @return E_ARG; E_RAM_NONE; E_SLAB_EMPTY; E_SLOTS_NONE; errors of retype; nothing is changed then.  Cost: O(log n) */
err_t mm_alloc(struct mm *mm, uint64_t bytes, uint64_t align, uint64_t *base, cptr_t *ram);

/** Take back [base, base + bytes), part or whole of one or several grants from one root: revoke, then free.
 * @return E_ARG; E_MM_ROOT not inside one root; E_MM_FREE a part is free already; E_SLAB_EMPTY; errors of revoke;
 *         nothing is changed then.  Cost: O(log n), and the revocation's */
err_t mm_free(struct mm *mm, uint64_t base, uint64_t bytes);

/** The root that holds [base, base + 1).  @return NULL: there is none.  Cost: O(log n) */
const struct mm_root *mm_root_of(const struct mm *mm, uint64_t base);

/** The root that holds @p base, which exists, is lent to us. */
void mm_set_lent(struct mm *mm, uint64_t base);

/** The lowest root that is lent to us, and of which nothing is granted.  @return NULL: there is none.  Cost: O(n) */
const struct mm_root *mm_idle_root(const struct mm *mm);

static inline uint64_t mm_free_bytes(const struct mm *mm)
{
    return mm->free.bytes;
}

#endif
