/**
 * @file sweep.h  Revocation of what other cores hold parts of, a step at a time, by the monitor; and its counterpart on those cores.
 *
 * From begin to end a range is *closed*: copy, mint, retype, map and send of a capability in it are refused (E_REVOKED), so what has
 * been swept stays swept.  Deleting the invoked slot ends a revocation.  While no range is closed the test for it is one load.
 *
 * S1  What begins before `at` and was to go is gone; only watched capabilities (anchors) and husks are left there.  For nothing that
 *     could make more of it is left there either, but for ancestors and the invoked slot, which the closed range stops.
 * S2  At one address of one number line all capabilities have one owner: foreign ranges and own ones do not overlap; but in memory
 *     that was lent, behind its husk and what encloses that, there are only the borrower's.
 */
#ifndef CAP_SWEEP_H
#define CAP_SWEEP_H

#include <core/kcb.h>
#include <shoal/err.h>

/** Begin to revoke @p lo … @p hi - 1 of @p slot: checked as for a revoke.  @return E_KERNEL_FULL */
err_t sweep_revoke(struct kcb *k, struct cte *slot, uint64_t lo, uint64_t hi, uint64_t *handle);

/** Begin to delete whatever core @p owner made that overlaps @p lo … @p hi - 1.  @return E_KERNEL_FULL */
err_t sweep_purge(struct kcb *k, uint64_t owner, uint64_t lo, uint64_t hi, uint64_t *handle);

/** Go on.  A purge takes watched capabilities (tallies), too; a revocation leaves them.
 * @return OK all is swept; E_AGAIN; E_CAP_EMPTY no such sweep, or it ended as its slot went.  At most DELETE_STEPS steps */
err_t sweep_step(struct kcb *k, uint64_t handle);

/** The first anchor or husk of a revocation at or behind @p position (0: the first of all, copies of the invoked capability
 *  included).  *@p next: the position to go on with.  @return E_CAP_EMPTY there is none, or no such sweep.  O(log n) */
err_t sweep_left(struct kcb *k, uint64_t handle, uint64_t position, struct cte **left, uint64_t *next);

/** The range is open again.  @return E_CAP_EMPTY no such sweep */
err_t sweep_end(struct kcb *k, uint64_t handle);

/** Slow halves of the tests below. */
bool sweep_covers(const struct kcb *k, const struct cte *c);
bool sweep_meets(const struct kcb *k, uint64_t lo, uint64_t hi, uint64_t owner);

/** @p c is about to leave its slot (NULL), or to move to @p to. */
void sweep_slot_goes(struct kcb *k, const struct cte *c, struct cte *to);

/** Whether @p c lies in a closed range: no ancestor of the invoked capability, but this itself and its copies do. */
static inline bool cap_closed(const struct kcb *k, const struct cte *c)
{
    return __builtin_expect(k->sweeps != 0, 0) && sweep_covers(k, c);
}

/** Whether a part of @p lo … @p hi - 1, made by @p owner, is closed. */
static inline bool range_closed(const struct kcb *k, uint64_t lo, uint64_t hi, uint64_t owner)
{
    return __builtin_expect(k->sweeps != 0, 0) && sweep_meets(k, lo, hi, owner);
}

#endif
