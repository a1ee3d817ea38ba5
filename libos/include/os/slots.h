/**
 * @file slots.h  Empty slots of a CSpace, one at a time or in runs.
 *
 * Each L2 CNode has a record with a bitmap, from a slab.  slots_refill() makes a CNode: from the reserve, into an L1
 * entry, without using a slot.  It is due (slots_low) while half of the last CNode is still free, so slots_alloc()
 * finds one in every critical section.
 */
#ifndef OS_SLOTS_H
#define OS_SLOTS_H

#include <os/slab.h>

#define SLOTS_KEEP    16u                   /* below this a run of them may not be found any more                     */
#define SLOTS_LOW     (L2_SLOTS / 2)        /* refilled when fewer are free                                           */
#define SLOTS_RUN_MAX RETYPE_MAX_COUNT
#define SLOTS_BUCKETS 64u

struct slots_cnode {
    struct slots_cnode *next, **link;       /**< of one list; link NULL: full, so in none                             */
    struct slots_cnode *bucket;             /**< next of the same L1 index modulo SLOTS_BUCKETS                       */
    uint64_t map[L2_SLOTS / 64];            /**< 1: free                                                              */
    struct ram_block ram;                   /**< chunk NULL: not made by us                                           */
    uint16_t l1, free;
};

struct slots {
    struct slots_cnode *partial;            /**< CNodes with a free slot                                              */
    struct slots_cnode *empty;              /**< CNodes that can be given back                                        */
    struct slots_cnode *bucket[SLOTS_BUCKETS];
    struct slab *slab;                      /**< of struct slots_cnode                                                */
    struct cspace *cspace;                  /**< NULL: it has only what slots_adopt() brings, and is never refilled   */
    struct reserve *reserve;
    uint64_t used, free, cnodes;
};

/** All borrowed.  @p cspace and @p reserve are NULL for slots of another process's CSpace. */
void slots_init(struct slots *s, struct slab *slab, struct cspace *cspace, struct reserve *reserve);

/** Take over the slots from @p first on of the CNode in L1 entry @p l1, all empty; those before it count as in use for
 *  good.  @return E_SLAB_EMPTY */
err_t slots_adopt(struct slots *s, unsigned l1, unsigned first);

/** One above the highest slot in use of the CNode in @p l1, which is known here. */
unsigned slots_top(struct slots *s, unsigned l1);

/** Forget the CNode in @p l1; the capability stays.  @return E_ARG there is none */
err_t slots_disown(struct slots *s, unsigned l1);

/** @return E_SLOTS_NONE; *slot is written on success only.  Cost: O(1) */
err_t slots_alloc(struct slots *s, cptr_t *slot);

/** @p count (1 to SLOTS_RUN_MAX) consecutive slots of one CNode.  @return E_SLOTS_NONE no run in the first few CNodes
 *  */
err_t slots_alloc_run(struct slots *s, unsigned count, cptr_t *first);

/** Give back @p count slots from @p first on, which are empty again. */
void slots_free_run(struct slots *s, cptr_t first, unsigned count);

static inline void slots_free(struct slots *s, cptr_t slot)
{
    slots_free_run(s, slot, 1);
}

/** Delete the capability in @p slot and free the slot.  @return errors of delete; nothing is changed then */
err_t slots_delete(struct slots *s, cptr_t slot);

bool slots_low(const struct slots *s);

/** Make one L2 CNode.  @return E_SLOTS_CSPACE no L1 entry is free; E_SLAB_EMPTY; errors of reserve_make(); nothing is
 *  changed then */
err_t slots_refill(struct slots *s);

/** A CNode of ours is wholly free, and SLOTS_LOW + 256 slots stay free without it: slots_trim() would do something. */
bool slots_fat(const struct slots *s);

/** Give back CNodes until the slots are not fat.  @return errors of revoke; that CNode is still there */
err_t slots_trim(struct slots *s);

#endif
