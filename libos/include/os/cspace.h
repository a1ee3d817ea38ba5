/**
 * @file cspace.h  Which entries of the caller's L1 CNode are in use.
 *
 * Lowest of all layers: the pool and the slots both put L2 CNodes there.  An entry is an index below 4096.  The L1
 * CNode itself lies in TASK_L1; cspace_grow() replaces it by a larger one at the same address, so no address ever
 * changes.
 */
#ifndef OS_CSPACE_H
#define OS_CSPACE_H

#include <os/reserve.h>

#define CSPACE_L1_MAX (1u << L1_SLOTS_LOG2_MAX)

struct cspace {
    uint64_t used[CSPACE_L1_MAX / 64];  /**< one bit per entry; those beyond the L1 CNode are set                     */
    unsigned log2;                      /**< of the entries it has                                                    */
    unsigned free;
    struct ram_block ram;               /**< of the L1 CNode, once it has grown                                       */
    cptr_t l1, dispatcher;              /**< slots of the L1 CNode and of the own Dispatcher                          */
};

/** An L1 CNode of 2^@p log2 entries of which the first @p used_entries are in use.  @p l1: slot of its capability;
 *  @p dispatcher: whose CSpace it is, or CPTR_NULL if it will never grow. */
void cspace_init(struct cspace *cs, cptr_t l1, cptr_t dispatcher, unsigned log2, unsigned used_entries);

/** The lowest free entry.  @return false: none; it must grow */
bool cspace_take(struct cspace *cs, unsigned *index);

void cspace_give(struct cspace *cs, unsigned index);

/** Mark an entry that somebody else has filled. */
void cspace_mark(struct cspace *cs, unsigned index);

/** Fewer than an eighth of the entries are free, and it can still grow. */
bool cspace_low(const struct cspace *cs);

/** Replace the L1 CNode by one of four times as many entries (4096 at most): move it to the empty slot @p spare, make
 *  the new one in its place from @p reserve, copy the entries, install it, delete the old one, so that @p spare is empty
 *  again.  Not from the fault path: it takes as many invocations as there are entries in use.
 * @return E_CSPACE_FULL, E_RESERVE_NONE (it needs cspace_grow_bytes() in one run), errors of the invocations, all
 *         wrapped in E_CSPACE_GROW; the CSpace is then as before */
err_t cspace_grow(struct cspace *cs, struct reserve *reserve, cptr_t spare);

/** Bytes of the L1 CNode that cspace_grow() would make. */
uint64_t cspace_grow_bytes(const struct cspace *cs);

#endif
