/**
 * @file delete.h  Delete, revoke, and what dies by it.
 *
 * Deleting the last capability of an object that has state destroys the object.  What takes long (a CNode with its slots,
 * a page table with its entries, a dispatcher) first becomes a *zombie*: the capability moves into the object's own first
 * slot, so that the range stays occupied and the user's slot is free, and goes on the core's dead list (KCB).  Every
 * delete, revoke and reap first goes on with the dead list, does at most DELETE_STEPS steps and says E_AGAIN while there
 * is more.  No recursion: a CNode found inside a CNode joins the list.
 *
 * If a dying CNode's first slot is occupied, its content changes places with the dying capability, and the deletion goes
 * on with that content in the user's slot, marked CTE_DYING.  If the steps run out there, kcb->unfinished names the slot;
 * it is finished before any other deletion begins, so there is never more than one.
 *
 * A step: one slot emptied, or 32 page-table entries or slots looked at; an object that dies takes DEATH_STEPS.  So one
 * call stays below 20,000 instructions, whatever it deletes (docs/benchmarks.md, kernel-longest).
 */
#ifndef CAP_DELETE_H
#define CAP_DELETE_H

#include <core/kcb.h>
#include <shoal/err.h>

#ifndef DELETE_STEPS      /* host tests set it to 3, so that everything is interrupted everywhere */
#define DELETE_STEPS 48
#endif
#define DEATH_STEPS  5

/** Empty @p slot.  An empty one is no error, so that an interrupted clean-up can be repeated.  @return OK, E_AGAIN */
err_t cap_delete(struct kcb *k, struct cte *slot);

/** Delete all that was made from @p lo … @p hi - 1 (absolute) of @p slot's range, and all other copies of its object;
 *  @p slot itself stays.  @return OK; E_AGAIN; E_CAP_EMPTY the revoked range held @p slot's own CNode;
 *  E_REMOTE a part of it is lent to, or shared with, another core: what stands before that in the database is gone.
 *  Cost: O(log capabilities) per capability deleted. */
err_t cap_revoke(struct kcb *k, struct cte *slot, uint64_t lo, uint64_t hi);

/** Go on with the dead list.  @return OK nothing is left, E_AGAIN */
err_t cap_reap(struct kcb *k);

/** For operations that are made of steps, too.  Each step counts *@p steps down. */

/** Go on with what is unfinished and dead.  @return true: nothing of it is left */
bool delete_drain(struct kcb *k, int *steps);

/** Delete what is in @p s.  @return true: it is empty; false: the steps ran out, and kcb->unfinished is @p s */
bool delete_slot(struct kcb *k, struct cte *s, int *steps);

/** Empty a slot inside a kernel object or the KCB whose capability's end takes one step at most (Frame, Notify, Endpoint,
 *  a CNode of which another capability exists). */
void cap_unembed(struct kcb *k, struct cte *slot);

#endif
