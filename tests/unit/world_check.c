/** @file world_check.c  See world.h: invariants that can be checked from outside. */
#include "world.h"

#include <dispatch/ready.h>

/* What all objects together amount to; to be compared with the database's count, the page tables, the queues. */
struct sum {
    uint64_t slots, entries, mapped, roots, queued;
};

static bool first_of_copies(const struct cte *c)
{
    const struct cte *const before = mdb_prev(c);
    return !before || !mdb_is_copy(before, c);
}

static uint64_t occupied(const struct cte *slot, uint64_t count)
{
    uint64_t n = 0;
    for (uint64_t i = 0; i < count; i++) {
        n += !cte_empty(&slot[i]);
    }
    return n;
}

static const char *sum_dispatcher(const struct world *w, const struct dcb *d, bool dying, struct sum *s)
{
    const uint64_t state = d->state & DISP_STATE_MASK;
    const bool should = d->state == DISP_READY && d != w->k->current && d != w->k->next;

    s->slots += occupied(&d->zombie, 1) + occupied(&d->cspace, 1) + occupied(&d->vspace, 1) +
                occupied(&d->frame_cap, 1) + occupied(&d->fault, 1);
    s->queued += d->queued;
    if (dying && state != DISP_STOPPED) {
        return "a dispatcher dies and is not STOPPED";
    }
    if (d->queued != should) {
        return should ? "D1: READY and in no queue" : "D1: in a queue and not READY, or held, or current";
    }
    if ((state == DISP_READY || state == DISP_PARKED || state == DISP_FAULTED) && !(d->frame && d->l1 && d->ttbr0)) {
        return "D2: alive without frame, CSpace or VSpace";
    }
    if (d->deadline.when && state != DISP_READY && state != DISP_PARKED && state != DISP_FAULTED) {
        return "a deadline of a dispatcher that does not live";
    }
    if (!d->l1 != !d->l1_slots || (d->l1 && cte_empty(&d->cspace)) || (d->frame && cte_empty(&d->frame_cap)) ||
        (d->ttbr0 && cte_empty(&d->vspace))) {
        return "a pointer of a dispatcher without the slot it was derived from";
    }
    return NULL;
}

static const char *sum_endpoint(const struct endpoint *ep, struct sum *s)
{
    s->slots += occupied(&ep->disp, 1) + occupied(&ep->ring_cap, 1);
    if (!ep->dcb != !ep->ring) {
        return "an endpoint with a ring and no dispatcher, or the reverse";
    }
    if (ep->dcb && (ep->dead || cte_empty(&ep->disp) || cte_empty(&ep->ring_cap))) {
        return "a pointer of an endpoint without the slot it was derived from";
    }
    return NULL;
}

/* The first eight entries of a dying table are covered by its slot; they were cleared before. */
static void sum_vnode(const struct cte *c, struct sum *s)
{
    const pte_t *const table = cte_object(c);
    s->slots += c->flags & CTE_ZOMBIE ? 1 : 0;
    s->roots += cte_type(c) == CAP_VNODE_L0;
    for (unsigned i = c->flags & CTE_ZOMBIE ? 8 : 0; i < VNODE_ENTRIES; i++) {
        s->entries += pte_valid(table[i]);
    }
}

static const char *sum_object(const struct world *w, const struct cte *c, struct sum *s)
{
    switch (cte_type(c)) {
    case CAP_L1CNODE:
    case CAP_L2CNODE:
        s->slots += occupied(cte_object(c), c->bytes / SLOT_BYTES);
        return NULL;
    case CAP_VNODE_L0:
    case CAP_VNODE_L1:
    case CAP_VNODE_L2:
    case CAP_VNODE_L3:
        sum_vnode(c, s);
        return NULL;
    case CAP_DISPATCHER:
        return sum_dispatcher(w, cte_object(c), c->flags & CTE_ZOMBIE, s);
    case CAP_ENDPOINT:
        return sum_endpoint(cte_object(c), s);
    case CAP_NOTIFY:
        s->slots += occupied(&((struct notify *)cte_object(c))->disp, 1);
        return NULL;
    default:
        return NULL;
    }
}

static const char *check_queues(const struct kcb *k, uint64_t queued)
{
    uint64_t found = 0, top = 0;
    for (unsigned p = 0; p < KCB_PRIORITIES; p++) {
        const struct dcb *before = NULL;
        for (const struct dcb *d = k->ready.level[p].head; d; before = d, d = d->next) {
            if (d->prev != before || d->priority != p || ++found > queued) {
                return "R3: a ready queue holds what is not queued there";
            }
        }
        if (k->ready.level[p].tail != before || (k->ready.bitmap[p / 64] >> p % 64 & 1) != (before != NULL)) {
            return "R1: a ready queue's tail or bit";
        }
        top = before ? p + 1 : top;
    }
    return found != queued ? "R3: a dispatcher is marked as queued and is in no queue"
           : top != k->top_ready ? "R2: top_ready" : NULL;
}

static uint64_t asids_taken(const struct kcb *k)
{
    uint64_t n = 0;
    for (unsigned i = 0; i < KCB_ASIDS / 64; i++) {
        n += (uint64_t)__builtin_popcountll(k->asid[i]);
    }
    return n;
}

static const char *check_core(const struct world *w)
{
    const struct kcb *const k = w->k;
    if (k->canary != KCB_CANARY || !cte_empty(&k->swap)) {
        return "the KCB's canary or its swap slot";
    }
    if (k->next && (!k->resched || k->next->state != DISP_READY || k->next->priority + 1 < k->top_ready)) {
        return "next is not READY, or not the first, or forgotten";
    }
    if (k->current && k->current->state != DISP_READY) {
        return "current is not READY";
    }
    if (k->current && k->loaded_ttbr0 != k->current->ttbr0) {
        return "current runs in another address space than its own";
    }
    return NULL;
}

/* W1, W2 of cap/watch.h; S1 of cap/sweep.h is the random test's. */
static const char *check_watch(const struct kcb *k)
{
    uint64_t special = 0, sweeps = 0, lonely = 0;
    for (const struct cte *c = mdb_lower_bound(&k->mdb, 0, UINT64_MAX, CAP_NULL, 0, 0); c; c = mdb_next(c)) {
        special += c->flags & CTE_WATCHED ? 1 : 0;
        lonely += c->flags & CTE_LONELY ? 1 : 0;
        if ((c->flags & (CTE_LONELY | CTE_WATCHED)) == CTE_LONELY) {
            return "W1: lonely and not watched";
        }
    }
    const struct cte *before = NULL;
    for (const struct cte *c = k->lonely; c; before = c, c = (const struct cte *)c->word[1]) {
        if (!(c->flags & CTE_LONELY) || (const struct cte *)c->word[0] != before || lonely-- == 0) {
            return "W1: the list of the lonely";
        }
    }
    for (unsigned i = 0; i < KCB_SWEEPS; i++) {
        sweeps += k->sweep[i].hi != 0;
        if (k->sweep[i].hi != 0 && k->sweep[i].slot && cte_empty(k->sweep[i].slot)) {
            return "a sweep's slot is empty";
        }
    }
    return lonely ? "W1: lonely, and not in the list" : k->sweeps != sweeps || k->special != special + sweeps ? "W2" : NULL;
}

const char *world_wrong(struct world *w)
{
    const struct kcb *const k = w->k;
    const struct cte *at = NULL;
    struct sum s = { .slots = occupied(k->root, 8) + occupied(k->irq, KCB_IRQS) + occupied(k->husk, KCB_HUSKS) };
    const char *wrong = mdb_check(&k->mdb, &at);

    s.slots += occupied(&k->monitor, 1);
    for (unsigned i = 0; i < MACHINE_CPUS_MAX; i++) {
        s.slots += occupied(&k->peer[i].frame, 1) + occupied(&k->peer[i].l1, 1);
    }
    wrong = wrong ? wrong : vnode_check(&k->mdb, &at);
    wrong = wrong ? wrong : check_core(w);
    wrong = wrong ? wrong : check_watch(k);
    if (wrong) {
        return wrong;
    }
    for (const struct cte *c = mdb_lower_bound(&k->mdb, 0, UINT64_MAX, CAP_NULL, 0, 0); c; c = mdb_next(c)) {
        if (cte_type(c) == CAP_MAPPING) {
            s.mapped += mapping_count(c);
        } else if (first_of_copies(c) && (wrong = sum_object(w, c, &s))) {
            return wrong;
        }
    }
    if (s.slots != k->mdb.count) {
        fprintf(stderr, "    %" PRIu64 " slots, %" PRIu64 " in the database\n", s.slots, k->mdb.count);
        return "a slot is occupied and not in the database, or the reverse";
    }
    if (s.entries != s.mapped) {
        return "V1: a valid entry that no Mapping names, or one that two name";
    }
    if (s.roots != asids_taken(k)) {
        return "an address-space identifier is lost, or given out twice";
    }
    return check_queues(k, s.queued);
}
