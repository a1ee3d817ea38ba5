#include <dispatch/endpoint.h>

#include <cap/copy.h>
#include <cap/cspace.h>
#include <cap/destroy.h>
#include <cap/watch.h>
#include <core/attr.h>
#include <dispatch/dispatcher.h>
#include <dispatch/ready.h>
#include <dispatch/sched.h>

RARE err_t endpoint_bind(struct kcb *k, struct endpoint *ep, struct cte *dispatcher, uint64_t event, struct cte *frame,
                    uint64_t offset, uint64_t log2)
{
    struct dcb *const d = cte_object(dispatcher);

    REQUIRE(!ep->dead, E_DEAD);
    REQUIRE(!ep->dcb, E_BOUND);
    REQUIRE(event < d->event_ids, E_EVENT);
    REQUIRE(log2 <= RING_LOG2_MAX, E_ARG);
    REQUIRE(offset % sizeof(struct ring_message) == 0, E_CAP_ALIGN);
    REQUIRE(RING_BYTES(log2) <= frame->bytes && offset <= frame->bytes - RING_BYTES(log2), E_CAP_RANGE);
    REQUIRE((frame->rights & (RIGHT_READ | RIGHT_WRITE)) == (RIGHT_READ | RIGHT_WRITE), E_CAP_RIGHTS);

    cap_embed(k, dispatcher, &ep->disp, EMBED_EP_DISP, CTE_WEAK);
    cap_embed(k, frame, &ep->ring_cap, EMBED_EP_RING, 0);
    ep->dcb = d;
    ep->ring = (struct ring_control *)((char *)cte_object(frame) + offset);
    ep->event = event;
    ep->mask = (1ull << log2) - 1;
    ep->produced = 0;
    *ep->ring = (struct ring_control){ 0 };
    return OK;
}

/* ---- the ring: the receiver's memory, of which only `consumed` is read, and not believed --------------------------- */

static bool ring_has_room(const struct endpoint *ep)
{
    return ep->produced - *(const volatile uint64_t *)&ep->ring->consumed <= ep->mask;
}

static bool ring_is_empty(const struct endpoint *ep)
{
    return ep->produced == *(const volatile uint64_t *)&ep->ring->consumed;
}

static void ring_put(struct kcb *k, struct endpoint *ep, uint64_t badge, uint64_t tag, const uint64_t *words)
{
    struct ring_message *const m = (struct ring_message *)(ep->ring + 1) + (ep->produced & ep->mask);
    const uint64_t length = tag & TAG_LENGTH_MASK;

    m->tag = tag;
    m->badge = badge;
    for (uint64_t i = 0; i < length; i++) {
        m->word[i] = words[i];
    }
    ep->ring->produced = ++ep->produced;
    event_post(k, ep->dcb, ep->event);
}

void endpoint_closed(struct kcb *k, struct endpoint *ep)
{
    if (ep->ring && ep->dcb) {
        ep->ring->closed = 1;
        event_post(k, ep->dcb, ep->event);
    }
}

void endpoint_report(struct kcb *k, const struct cte *slot, const uint64_t *words)
{
    struct endpoint *const ep = cte_object(slot);
    if (!ep->dead && ep->dcb && ring_has_room(ep)) {
        ring_put(k, ep, slot->word[0], 5, words);
    }
}

/* ---- send ---------------------------------------------------------------------------------------------------------- */

struct sending {
    struct endpoint *ep;
    uint64_t badge, tag;
    struct cte *cap, *cap_dst;      /* NULL: no capability goes along */
};

static err_t decode_cap(struct kcb *k, const struct cte *dest, struct sending *s)
{
    REQUIRE(dest->rights & RIGHT_GRANT, E_CAP_RIGHTS);
    TRY(cspace_cap(k->current, k->arg[12], &s->cap));
    if (!(s->tag & TAG_GIVE)) {
        TRY(cap_check_copy(s->cap));
    }
    REQUIRE(!cap_closed(k, s->cap), E_REVOKED);
    s->cap_dst = cspace_slot(s->ep->dcb->l1, s->ep->dcb->l1_slots, s->ep->recv_slot);
    REQUIRE(s->ep->recv_slot && s->cap_dst && cte_empty(s->cap_dst), E_RECV_SLOT);
    return OK;
}

static err_t decode_send(struct kcb *k, struct sending *s)
{
    struct cte *dest;

    TRY(cspace_cap(k->current, k->arg[0], &dest));
    REQUIRE(dest->type == CAP_ENDPOINT, E_CAP_TYPE);
    REQUIRE(dest->rights & RIGHT_WRITE && !(dest->flags & CTE_RECV), E_CAP_RIGHTS);
    s->ep = cte_object(dest);
    s->badge = dest->word[0];
    s->tag = k->arg[3];
    s->cap = NULL;
    REQUIRE((s->tag & TAG_LENGTH_MASK) <= XFER_WORDS, E_TAG);
    REQUIRE(!s->ep->dead, E_DEAD);
    REQUIRE(s->ep->dcb, E_UNBOUND);
    REQUIRE((s->ep->dcb->state & DISP_STATE_MASK) != DISP_STOPPED, E_DEAD);
    REQUIRE(ring_has_room(s->ep), E_FULL);
    if (s->tag & TAG_CAP) {
        TRY(decode_cap(k, dest, s));
    }
    s->tag &= ~(uint64_t)TAG_GIVE;
    return OK;
}

static void commit_cap(struct kcb *k, const struct sending *s)
{
    if (!s->cap) {
        return;
    }
    if (k->arg[3] & TAG_GIVE) {
        cap_move(k, s->cap, s->cap_dst);
    } else {
        cap_copy(k, s->cap, s->cap_dst, RIGHTS_ALL & ~RIGHT_OWN);
    }
}

/* May the receiver go on at once with the message in its registers? */
static bool can_deliver(const struct kcb *k, const struct sending *s, bool sender_sleeps)
{
    const struct dcb *const r = s->ep->dcb;
    return r->state == DISP_PARKED && (r->accept == s->ep->event || r->accept == (uint64_t)XFER_ANY) &&
           ring_is_empty(s->ep) && r->priority + 1 >= k->top_ready &&
           (sender_sleeps || r->priority > k->current->priority);
}

_Noreturn static void deliver(struct kcb *k, const struct sending *s)
{
    struct dcb *const r = s->ep->dcb;
    r->state = DISP_READY;
    k->resched = 0;
    sched_switch_to(k, r);          /* the slice goes along */
    sched_program_timer(k);
    leave_message(r->frame, s->ep->event, s->badge, s->tag, &k->arg[4]);
}

/* ---- park ---------------------------------------------------------------------------------------------------------- */

static void set_deadline(struct kcb *k)
{
    const uint64_t deadline = k->arg[2];
    if (deadline != XFER_KEEP_DEADLINE) {
        sched_set_deadline(k, k->current, deadline == (uint64_t)XFER_NO_DEADLINE ? 0 : deadline);
    }
}

/* current leaves its thread here, parked, or, if events are pending, to come back by run upcall (section 3 of the
 * dispatch page: this closes the race between "nothing to do" and sleeping). */
static void leave_thread(struct kcb *k, bool sleeps)
{
    struct dcb *const d = k->current;

    d->accept = k->arg[1];
    if (d->accept != (uint64_t)XFER_IDLE) {
        arch_save_parked(k, d->frame);
    }
    if (sleeps) {
        d->state = DISP_PARKED;
        sched_remove(k, d);
        return;
    }
    if (d->accept != (uint64_t)XFER_IDLE) {
        d->frame->enabled.x[0] = E_WOKEN;
    }
    d->resume = RESUME_UPCALL;
}

err_t xfer(struct kcb *k)
{
    struct dcb *const from = k->current;
    const bool parks = k->arg[1] != (uint64_t)XFER_NO_PARK;
    struct sending s = { .ep = NULL };

    if (k->arg[0] != CPTR_NULL) {
        TRY(decode_send(k, &s));
        commit_cap(k, &s);
    }
    set_deadline(k);
    const bool sleeps = parks && !from->frame->pending;
    if (s.ep && can_deliver(k, &s, sleeps)) {
        if (parks) {
            leave_thread(k, sleeps);
        } else {
            syscall_save(k, OK);
        }
        if (!sleeps) {
            sched_preempt(k);
        }
        deliver(k, &s);
    }
    if (s.ep) {
        ring_put(k, s.ep, s.badge, s.tag, &k->arg[4]);
    }
    if (!parks) {
        return OK;
    }
    leave_thread(k, parks && !from->frame->pending);    /* read again: it may have sent to itself */
    sched_leave(k);
}
