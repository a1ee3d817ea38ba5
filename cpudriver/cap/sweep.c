#include <cap/sweep.h>

#include <cap/delete.h>
#include <cap/husk.h>

static uint64_t end_of(const struct cte *c)
{
    return c->base + c->bytes;
}

/* ---- closed ranges ------------------------------------------------------------------------------------------------- */

static bool meets(const struct sweep *w, uint64_t lo, uint64_t hi, uint64_t owner)
{
    return w->hi != 0 && w->owner == owner && lo < w->hi && w->lo < hi;
}

/* Made of the same range, from which @p of was made. */
static bool is_ancestor(const struct cte *c, const struct cte *of)
{
    if (c->base > of->base || end_of(c) < end_of(of) || mdb_is_copy(c, of)) {
        return false;
    }
    return c->bytes > of->bytes || cte_type(c) < cte_type(of) || (cte_type(c) == cte_type(of) && c->gen < of->gen);
}

bool sweep_covers(const struct kcb *k, const struct cte *c)
{
    for (unsigned i = 0; i < KCB_SWEEPS; i++) {
        const struct sweep *const w = &k->sweep[i];
        if (w->slot && w->hi != 0 && mdb_is_copy(w->slot, c)) {
            return true;
        }
        if (meets(w, c->base, end_of(c), c->owner) && !(w->slot && is_ancestor(c, w->slot))) {
            return true;
        }
    }
    return false;
}

bool sweep_meets(const struct kcb *k, uint64_t lo, uint64_t hi, uint64_t owner)
{
    for (unsigned i = 0; i < KCB_SWEEPS; i++) {
        if (meets(&k->sweep[i], lo, hi, owner)) {
            return true;
        }
    }
    return false;
}

/* ---- entries ------------------------------------------------------------------------------------------------------- */

static void finish(struct kcb *k, struct sweep *w)
{
    w->hi = 0;
    w->slot = NULL;
    k->sweeps--;
    k->special--;
}

static err_t begin(struct kcb *k, struct sweep with, uint64_t *handle)
{
    for (uint64_t i = 0; i < KCB_SWEEPS; i++) {
        struct sweep *const w = &k->sweep[i];
        if (w->hi == 0) {
            with.begun = w->begun + 1;
            *w = with;
            k->sweeps++;
            k->special++;
            *handle = w->begun << 8 | i;
            return OK;
        }
    }
    return ERR(E_KERNEL_FULL);
}

static struct sweep *find(struct kcb *k, uint64_t handle)
{
    struct sweep *const w = &k->sweep[(handle & 0xff) % KCB_SWEEPS];
    return w->hi != 0 && handle == (w->begun << 8 | (uint64_t)(w - k->sweep)) ? w : NULL;
}

void sweep_slot_goes(struct kcb *k, const struct cte *c, struct cte *to)
{
    for (unsigned i = 0; k->sweeps != 0 && i < KCB_SWEEPS; i++) {
        struct sweep *const w = &k->sweep[i];
        if (w->slot == c) {
            if (to) {
                w->slot = to;
            } else {
                finish(k, w);
            }
        }
    }
}

err_t sweep_revoke(struct kcb *k, struct cte *slot, uint64_t lo, uint64_t hi, uint64_t *handle)
{
    return begin(k, (struct sweep){ .slot = slot, .lo = lo, .hi = hi, .at = lo, .owner = slot->owner }, handle);
}

err_t sweep_purge(struct kcb *k, uint64_t owner, uint64_t lo, uint64_t hi, uint64_t *handle)
{
    const struct cte *const lent = husk_around(k, lo, 1, owner);
    const struct cte *const first =                                         /* may begin before the range */
        lent ? mdb_first_inside(&k->mdb, lent, lo, hi) : mdb_first_overlap(&k->mdb, lo, hi);
    const uint64_t at = first && first->owner == owner && first->base < lo ? first->base : lo;
    return begin(k, (struct sweep){ .lo = lo, .hi = hi, .at = at, .owner = owner }, handle);
}

err_t sweep_end(struct kcb *k, uint64_t handle)
{
    struct sweep *const w = find(k, handle);
    REQUIRE(w, E_CAP_EMPTY);
    finish(k, w);
    return OK;
}

/* ---- steps --------------------------------------------------------------------------------------------------------- */

static bool stays(const struct cte *c)
{
    return c->flags & (CTE_WATCHED | CTE_HUSK);
}

/* Another copy of @p slot that is to go: strong, and not watched.  The monitor watches one copy of an object, so this is short. */
static struct cte *copy_to_go(const struct cte *slot)
{
    struct cte *n = mdb_next(slot);
    while (n && mdb_is_copy(slot, n) && stays(n)) {
        n = mdb_next(n);
    }
    if (n && mdb_is_copy(slot, n) && !(n->flags & CTE_WEAK)) {
        return n;
    }
    n = mdb_prev(slot);
    while (n && mdb_is_copy(slot, n) && stays(n)) {
        n = mdb_prev(n);
    }
    return n && mdb_is_copy(slot, n) && !(n->flags & CTE_WEAK) ? n : NULL;
}

static struct cte *first_from(const struct kcb *k, uint64_t base)
{
    return mdb_lower_bound(&k->mdb, base, UINT64_MAX, CAP_NULL, 0, 0);
}

/* The next capability to delete; NULL: none is left, or, if @p steps are out, perhaps one is. */
static struct cte *next_revoked(struct kcb *k, struct sweep *w, int *steps)
{
    struct cte *n = w->at < w->hi ? mdb_first_inside(&k->mdb, w->slot, w->at, w->hi) : NULL;

    while (n && *steps > 0 && stays(n)) {
        --*steps;
        n = n->flags & CTE_HUSK ? first_from(k, end_of(n)) : mdb_next(n);   /* what is in a husk is its borrower's */
        if (n && n->base >= w->hi) {
            n = NULL;
        }
    }
    if (!n) {
        w->at = w->hi;
        return copy_to_go(w->slot);
    }
    w->at = n->base > w->at ? n->base : w->at;      /* S1 */
    return stays(n) ? NULL : n;
}

/* The first at or behind @p base that is the owner's, or another one; then nothing at its address is the owner's (S2). */
static struct cte *candidate(const struct kcb *k, const struct sweep *w, uint64_t base)
{
    struct cte *const n = first_from(k, base);
    if (!n || n->base >= w->hi || (n->owner == w->owner && !(n->flags & CTE_HUSK))) {
        return n;
    }
    const struct cte *const lent = husk_around(k, n->base, 1, w->owner);
    struct cte *const in = lent ? mdb_first_inside(&k->mdb, lent, n->base, end_of(lent)) : NULL;
    return in ? in : n;
}

static struct cte *next_purged(struct kcb *k, struct sweep *w, int *steps)
{
    struct cte *n = candidate(k, w, w->at);

    while (n && n->base < w->hi && (n->owner != w->owner || n->flags & CTE_HUSK) && *steps > 0) {
        --*steps;
        n = candidate(k, w, n->base + 1);
    }
    w->at = n && n->base < w->hi ? n->base : w->hi;
    return w->at == w->hi || n->owner != w->owner || n->flags & CTE_HUSK ? NULL : n;
}

err_t sweep_step(struct kcb *k, uint64_t handle)
{
    int steps = DELETE_STEPS;

    REQUIRE(find(k, handle), E_CAP_EMPTY);
    for (;;) {
        REQUIRE(delete_drain(k, &steps), E_AGAIN);
        struct sweep *const w = find(k, handle);
        REQUIRE(w, E_CAP_EMPTY);        /* its own CNode may have lain in the range */
        struct cte *const victim = w->slot ? next_revoked(k, w, &steps) : next_purged(k, w, &steps);
        REQUIRE(steps > 0, E_AGAIN);
        if (!victim) {
            return OK;
        }
        (void)delete_slot(k, victim, &steps);
    }
}

err_t sweep_left(struct kcb *k, uint64_t handle, uint64_t position, struct cte **left, uint64_t *next)
{
    struct sweep *const w = find(k, handle);

    REQUIRE(w && w->slot, E_CAP_EMPTY);
    *next = w->lo;
    struct cte *n = position == 0 ? mdb_other_copy(w->slot, true) : NULL;
    if (!n || !stays(n)) {
        const uint64_t from = position > w->lo ? position : w->lo;
        n = from < w->hi ? mdb_first_inside(&k->mdb, w->slot, from, w->hi) : NULL;
        REQUIRE(n && stays(n), E_CAP_EMPTY);
        *next = end_of(n);
    }
    *left = n;
    return OK;
}
