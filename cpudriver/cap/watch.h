/**
 * @file watch.h  Capabilities that a monitor keeps of objects which other cores have, too (anchors), or which another core made
 * (tallies): it learns when its own is the only one left here.
 *
 * W1  A watched capability with CTE_LONELY is in the list that starts at kcb->lonely, and has been since it became the only one of its
 *     object with nothing made from it, or mapped of it.
 * W2  kcb->special counts the watched ones (and the sweeps).
 * The monitor watches one capability of an object at a time.  Only types that travel are watched; their words are free for the list.
 */
#ifndef CAP_WATCH_H
#define CAP_WATCH_H

#include <cap/sweep.h>
#include <core/kcb.h>
#include <shoal/err.h>

/** Watch @p c (@p on), or stop watching.  If it is the only one already, it is listed at once.
 * @return E_CAP_TYPE what this is does not travel.  O(log n) */
err_t watch_set(struct kcb *k, struct cte *c, bool on);

/** Take the newest of the list.  It is listed again when it becomes lonely again.  @return NULL: the list is empty.  O(1) */
struct cte *watch_take_lonely(struct kcb *k);

/** Slow halves of the two below. */
void watch_drop(struct kcb *k, struct cte *c);
void watch_move(struct kcb *k, struct cte *from, struct cte *to);

/** The capability in @p c leaves the database, and its slot is empty. */
static inline void cap_drop(struct kcb *k, struct cte *c)
{
    if (__builtin_expect(k->special != 0, 0)) {
        watch_drop(k, c);
        return;
    }
    mdb_remove(&k->mdb, c);
    *c = (struct cte){ 0 };
}

/** The capability in @p from goes to the empty slot @p to. */
static inline void cap_move(struct kcb *k, struct cte *from, struct cte *to)
{
    if (__builtin_expect(k->special != 0, 0)) {
        watch_move(k, from, to);
    }
    mdb_move(&k->mdb, from, to);
}

#endif
