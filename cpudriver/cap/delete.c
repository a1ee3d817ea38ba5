#include <cap/delete.h>

#include <arch/zero.h>
#include <cap/destroy.h>
#include <cap/watch.h>
#include <dispatch/dispatcher.h>
#include <core/panic.h>

/* The slot's capability leaves the database and the slot becomes empty; whoever held it in an object is told first. */
__attribute__((noinline)) static void remove_slot(struct kcb *k, struct cte *s)
{
    if (s->flags & CTE_EMBEDDED) {
        embed_lost(k, s);
    }
    cap_drop(k, s);
}

static void delete_mapping(struct kcb *k, struct cte *m, int *steps)
{
    *steps -= 1 + (int)mapping_count(m) / 64;
    mapping_clear(m);
    remove_slot(k, m);
}

/* `z` lies in its own object's first slot. */
static void make_zombie(struct kcb *k, struct cte *z, uint64_t progress)
{
    z->type |= CTE_DYING;
    z->flags |= CTE_ZOMBIE;
    z->word[0] = (z->word[0] & UINT32_MAX) | progress << 32;
    z->word[1] = (uint64_t)k->dead;
    k->dead = z;
}

/* The capability in `s` is about to move into its object: an embedded slot loses it here. */
static void prepare_move(struct kcb *k, struct cte *s)
{
    if (s->flags & CTE_EMBEDDED) {
        embed_lost(k, s);
    }
    s->flags &= (uint8_t)~(CTE_EMBEDDED | CTE_WEAK);
    s->embed = EMBED_NONE;
    if (k->special != 0) {
        sweep_slot_goes(k, s, NULL);
    }
}

/* Afterwards `s` is empty, or holds what was in the CNode's first slot, to be deleted next.
 * @return true: neither, as the CNode held its own last capability in its first slot, and the zombie stays there. */
static bool cnode_die(struct kcb *k, struct cte *s, int *steps)
{
    struct cte *const first = cte_object(s);

    *steps -= DEATH_STEPS;
    prepare_move(k, s);
    if (s != first) {
        if (cte_empty(first)) {
            mdb_move(&k->mdb, s, first);
        } else {
            cap_move(k, first, &k->swap);
            mdb_move(&k->mdb, s, first);
            cap_move(k, &k->swap, s);
            s->type |= CTE_DYING;
        }
    }
    make_zombie(k, first, 1);
    return s == first;
}

/* Entries [from, to) of a dying table: each valid one is the first of a Mapping, as those before it are gone. */
static void delete_entries(struct kcb *k, uint64_t vnode, unsigned from, unsigned to, int *steps)
{
    const pte_t *const table = phys_to_virt(vnode);
    for (unsigned i = from; i < to && *steps > 0; i++) {
        if (pte_valid(table[i])) {
            struct cte *const m = vnode_mapping_at(&k->mdb, vnode, i);
            ASSERT(m);
            --*steps;
            delete_mapping(k, m, steps);
        }
    }
}

#define SLOT_ENTRIES (SLOT_BYTES / sizeof(pte_t))   /* page-table entries that the zombie's slot covers */

/* The entries under the zombie's slot go at once, whatever is left of the steps; they are charged all the same. */
static void vnode_die(struct kcb *k, struct cte *s, int *steps)
{
    struct cte *const first = cte_object(s), *const link = s->type == CAP_VNODE_L0 ? NULL : vnode_link(&k->mdb, s);
    const int enough = SLOT_ENTRIES * 16;
    int left = enough;

    if (link) {
        delete_mapping(k, link, &left);
    }
    delete_entries(k, s->base, 0, SLOT_ENTRIES, &left);
    *steps -= enough - left + DEATH_STEPS;
    prepare_move(k, s);
    *first = (struct cte){ 0 };
    mdb_move(&k->mdb, s, first);
    make_zombie(k, first, SLOT_ENTRIES);
}

static void dispatcher_die(struct kcb *k, struct cte *s, int *steps)
{
    *steps -= DEATH_STEPS;
    struct dcb *const d = cte_object(s);
    dispatcher_stop(k, d);
    prepare_move(k, s);
    mdb_move(&k->mdb, s, &d->zombie);
    make_zombie(k, &d->zombie, 0);
}

/* Out of line: with its length known, clang writes out every one of the zeroing instructions, 900 bytes in all. */
__attribute__((noinline)) static void wipe(void *object, size_t bytes)
{
    arch_zero(object, bytes);
}

static void endpoint_delete(struct kcb *k, struct cte *s, int *steps)
{
    struct endpoint *const ep = cte_object(s);
    struct cte *const other = mdb_other_copy(s, false);

    if (s->flags & CTE_RECV) {
        *steps -= DEATH_STEPS;
        ep->dead = 1;
        cap_unembed(k, &ep->ring_cap);
        cap_unembed(k, &ep->disp);
    }
    remove_slot(k, s);
    if (!other) {
        wipe(ep, 256);
    } else if (other->flags & CTE_RECV && !mdb_other_copy(other, false)) {
        endpoint_closed(k, ep);
    }
}

static void notify_delete(struct kcb *k, struct cte *s, int *steps)
{
    struct notify *const n = cte_object(s);
    const bool last = !mdb_other_copy(s, false);

    if (last) {
        *steps -= DEATH_STEPS;
        cap_unembed(k, &n->disp);
    }
    remove_slot(k, s);
    if (last) {
        wipe(n, sizeof *n);
    }
}

__attribute__((noinline)) bool delete_slot(struct kcb *k, struct cte *s, int *steps)
{
    while (!cte_empty(s)) {
        if (*steps <= 0) {
            s->type |= CTE_DYING;
            k->unfinished = s;
            return false;
        }
        --*steps;
        switch (cte_type(s)) {
        case CAP_MAPPING:
            delete_mapping(k, s, steps);
            break;
        case CAP_L1CNODE:
        case CAP_L2CNODE:
            if (mdb_other_copy(s, false)) {
                remove_slot(k, s);
            } else if (cnode_die(k, s, steps)) {
                return true;
            }
            break;
        case CAP_VNODE_L0:
        case CAP_VNODE_L1:
        case CAP_VNODE_L2:
        case CAP_VNODE_L3:
            if (mdb_other_copy(s, false)) {
                remove_slot(k, s);
            } else {
                vnode_die(k, s, steps);
            }
            break;
        case CAP_DISPATCHER:
            if (s->flags & CTE_WEAK || mdb_other_copy(s, true)) {
                remove_slot(k, s);
            } else {
                dispatcher_die(k, s, steps);
            }
            break;
        case CAP_ENDPOINT:
            endpoint_delete(k, s, steps);
            break;
        case CAP_NOTIFY:
            notify_delete(k, s, steps);
            break;
        case CAP_IRQ:
            if (!mdb_other_copy(s, false)) {
                irq_lost(k, (uint32_t)cte_addr(s));
            }
            remove_slot(k, s);
            break;
        default:
            remove_slot(k, s);
            break;
        }
    }
    return true;
}

void cap_unembed(struct kcb *k, struct cte *slot)
{
    int steps = 1;
    const bool done = delete_slot(k, slot, &steps);
    ASSERT(done);
    (void)done;
}

/* ---- the dead list ------------------------------------------------------------------------------------------------ */

static uint64_t progress(const struct cte *z)
{
    return z->word[0] >> 32;
}

static void set_progress(struct cte *z, uint64_t p)
{
    z->word[0] = (z->word[0] & UINT32_MAX) | p << 32;
}

static void bury(struct kcb *k, struct cte *z)
{
    ASSERT(k->dead == z);
    k->dead = (struct cte *)z->word[1];
    mdb_remove(&k->mdb, z);
    *z = (struct cte){ 0 };
}

#define LOOKED_AT 64u       /* slots or entries, for one step */

/* The first of slots [i, stop) that is not empty, or stop.  Most are, so several are looked at at once. */
static uint64_t skip_empty(const struct cte *slot, uint64_t i, uint64_t stop)
{
    const struct cte *s = &slot[i], *const end = &slot[stop];

    while (end - s >= 8 && !(s[0].type | s[1].type | s[2].type | s[3].type | s[4].type | s[5].type | s[6].type |
                             s[7].type)) {
        s += 8;
    }
    while (s < end && cte_empty(s)) {
        s++;
    }
    return (uint64_t)(s - slot);
}

/* The first of entries [i, stop) that is valid, or stop.  Most are zero: V3's mark in the first is the exception. */
static uint64_t skip_invalid(const pte_t *table, uint64_t i, uint64_t stop)
{
    const pte_t *e = &table[i], *const end = &table[stop];

    while (end - e >= 8 && !(e[0] | e[1] | e[2] | e[3] | e[4] | e[5] | e[6] | e[7])) {
        e += 8;
    }
    while (e < end && !pte_valid(*e)) {
        e++;
    }
    return (uint64_t)(e - table);
}

/* Each returns when the zombie is buried, another one has joined the list, a slot is unfinished, or the steps are out. */
static void reap_cnode(struct kcb *k, struct cte *z, int *steps)
{
    struct cte *const slot = cte_object(z);
    const uint64_t count = z->bytes / SLOT_BYTES;

    for (uint64_t i = progress(z); i < count;) {
        const uint64_t stop = i + LOOKED_AT < count ? i + LOOKED_AT : count;
        i = skip_empty(slot, i, stop);
        set_progress(z, i);
        --*steps;
        if (*steps <= 0 || (i < stop && (!delete_slot(k, &slot[i], steps) || k->dead != z))) {
            return;
        }
    }
    bury(k, z);
}

static void reap_vnode(struct kcb *k, struct cte *z, int *steps)
{
    const pte_t *const table = cte_object(z);
    const uint64_t asid = z->word[0] & UINT32_MAX;

    for (uint64_t i = progress(z); i < VNODE_ENTRIES;) {
        const uint64_t stop = i + LOOKED_AT < VNODE_ENTRIES ? i + LOOKED_AT : VNODE_ENTRIES;
        i = skip_invalid(table, i, stop);
        set_progress(z, i);
        --*steps;
        if (*steps <= 0) {
            return;
        }
        if (i < stop) {
            delete_entries(k, z->base, (unsigned)i, (unsigned)i + 1, steps);
        }
    }
    if (cte_type(z) == CAP_VNODE_L0) {
        asid_give(k, asid);
    }
    bury(k, z);
}

static void reap_dispatcher(struct kcb *k, struct cte *z, int *steps)
{
    struct dcb *const d = cte_object(z);
    struct cte *const slots[] = { &d->cspace, &d->vspace, &d->frame_cap, &d->fault };

    for (unsigned i = 0; i < 4; i++) {
        if (!cte_empty(slots[i]) && (!delete_slot(k, slots[i], steps) || k->dead != z)) {
            return;
        }
    }
    for (struct cte *weak; (weak = mdb_other_copy(z, false));) {
        if (*steps <= 0) {
            return;
        }
        --*steps;
        remove_slot(k, weak);
    }
    bury(k, z);
    wipe(d, 2048);
}

bool delete_drain(struct kcb *k, int *steps)
{
    while (k->unfinished || k->dead) {
        if (*steps <= 0) {
            return false;
        }
        if (k->unfinished) {
            struct cte *const s = k->unfinished;
            k->unfinished = NULL;
            delete_slot(k, s, steps);
            continue;
        }
        --*steps;
        struct cte *const z = k->dead;
        switch (cte_type(z)) {
        case CAP_L1CNODE:
        case CAP_L2CNODE:
            reap_cnode(k, z, steps);
            break;
        case CAP_DISPATCHER:
            reap_dispatcher(k, z, steps);
            break;
        default:
            reap_vnode(k, z, steps);
            break;
        }
    }
    return true;
}

/* ---- the three operations ----------------------------------------------------------------------------------------- */

err_t cap_delete(struct kcb *k, struct cte *slot)
{
    int steps = DELETE_STEPS;
    REQUIRE(delete_drain(k, &steps), E_AGAIN);
    REQUIRE(delete_slot(k, slot, &steps) && delete_drain(k, &steps), E_AGAIN);
    return OK;
}

err_t cap_reap(struct kcb *k)
{
    int steps = DELETE_STEPS;
    REQUIRE(delete_drain(k, &steps), E_AGAIN);
    return OK;
}

/* Nothing but a range of a number line, in a slot of some CNode: there is nothing to do but to forget it. */
static bool is_range(const struct cte *c)
{
    const uint64_t ranges = 1u << CAP_RAM | 1u << CAP_FRAME | 1u << CAP_DEVRANGE | 1u << CAP_DEVFRAME | 1u << CAP_ID;
    return ranges >> cte_type(c) & 1 && !(c->flags & (CTE_EMBEDDED | CTE_HUSK | CTE_WATCHED));
}

/* The deletion of such a capability changes nothing else in the database. */
static bool is_plain(const struct cte *c)
{
    return is_range(c) || cte_type(c) == CAP_MAPPING;
}

/* The descendant to delete after `victim`: its neighbour, as long as deleting `victim` changes nothing else.  NULL: search
 * again.  Everything behind the first descendant that starts below `hi` is one, too. */
static struct cte *next_descendant(const struct cte *victim, uint64_t lo, uint64_t hi)
{
    if (!is_plain(victim) || victim->base < lo) {
        return NULL;
    }
    struct cte *const next = mdb_next(victim);
    return next && next->base < hi ? next : NULL;
}

/* The same for a run of capabilities that name nothing but a range: as long as steps are left, without a detour. */
static struct cte *delete_plain_run(struct kcb *k, struct cte *victim, uint64_t hi, int *steps)
{
    while (victim && is_range(victim) && *steps > 0) {
        struct cte *next = mdb_next(victim), *first = victim;
        if (next && next->base >= hi) {
            next = NULL;
        }
        if (next && is_range(next) && mdb_is_inner(victim)) {
            first = next;           /* lies below: cheaper to take out, and soon its parent is no inner node any more */
        } else {
            victim = next;
        }
        --*steps;
        cap_drop(k, first);
    }
    return victim;
}

err_t cap_revoke(struct kcb *k, struct cte *slot, uint64_t lo, uint64_t hi)
{
    int steps = DELETE_STEPS;
    struct cte *victim = NULL;

    for (;;) {
        REQUIRE(delete_drain(k, &steps), E_AGAIN);
        TRY(cspace_live(slot));         /* its own CNode may have lain in the range */
        if (!victim) {
            victim = mdb_first_inside(&k->mdb, slot, lo, hi);
        }
        if (!victim) {
            break;
        }
        REQUIRE(!(victim->flags & (CTE_HUSK | CTE_WATCHED)), E_REMOTE);
        REQUIRE(steps > 0, E_AGAIN);
        struct cte *const next = next_descendant(victim, lo, hi);
        delete_slot(k, victim, &steps);
        victim = delete_plain_run(k, next, hi, &steps);
    }
    /* A copy's neighbour may be `slot` itself, so here each is looked for; that costs O(1). */
    while ((victim = mdb_other_copy(slot, true))) {
        REQUIRE(!(victim->flags & CTE_WATCHED), E_REMOTE);
        REQUIRE(steps > 0, E_AGAIN);
        if (is_range(victim)) {
            --steps;
            cap_drop(k, victim);
            continue;
        }
        delete_slot(k, victim, &steps);
        REQUIRE(delete_drain(k, &steps), E_AGAIN);
        TRY(cspace_live(slot));
    }
    return OK;
}
