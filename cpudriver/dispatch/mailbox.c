#include <dispatch/mailbox.h>

#include <arch/barrier.h>
#include <arch/zero.h>
#include <cap/copy.h>
#include <cap/cspace.h>
#include <cap/delete.h>
#include <core/attr.h>
#include <dispatch/notify.h>

/* B2, B3: STLR and LDAR.  C's sequentially consistent accesses are these on every version of the architecture; its acquire loads
 * may become LDAPR, which is too weak for B3. */
static void store_release(uint64_t *to, uint64_t value)
{
    __atomic_store_n(to, value, __ATOMIC_SEQ_CST);
}

static uint64_t load_acquire(const uint64_t *from)
{
    return __atomic_load_n(from, __ATOMIC_SEQ_CST);
}

static void ring_bell(const struct kcb *k, uint64_t core)
{
    gic_signal_core(k->machine->cpu[core]);     /* B4 */
}

RARE err_t mailbox_connect(struct kcb *k, uint64_t core, struct cte *frame, uint64_t offset, struct cte *l1)
{
    const unsigned rw = RIGHT_READ | RIGHT_WRITE;
    const uint64_t half = MAILBOX_PAIR_BYTES / 2;

    REQUIRE(core < k->core_count && core != k->core, E_ARG);
    struct peer *const p = &k->peer[core];
    REQUIRE(cte_empty(&p->frame) && cte_empty(&p->l1), E_BOUND);
    REQUIRE(frame->type == CAP_FRAME && l1->type == CAP_L1CNODE, E_CAP_TYPE);
    REQUIRE((frame->rights & l1->rights & rw) == rw, E_CAP_RIGHTS);
    REQUIRE(offset % SHOAL_PAGE_SIZE == 0, E_CAP_ALIGN);
    REQUIRE(frame->bytes >= MAILBOX_PAIR_BYTES && offset <= frame->bytes - MAILBOX_PAIR_BYTES, E_CAP_RANGE);

    cap_embed(k, frame, &p->frame, EMBED_PEER_FRAME, 0);
    cap_embed(k, l1, &p->l1, EMBED_PEER_L1, 0);
    char *const pair = (char *)cte_object(frame) + offset;
    const bool first = k->core < core;
    p->out = (struct mailbox *)(pair + (first ? 0 : half));
    p->in = (const struct mailbox *)(pair + (first ? half : 0));
    p->written = p->taken = p->dead = 0;
    arch_zero(p->out, half);
    store_release(&p->out->state, MAILBOX_UP);
    ring_bell(k, k->core);          /* it may have signalled already, and its doorbell found nobody */
    return OK;
}

RARE err_t mailbox_disconnect(struct kcb *k, uint64_t core)
{
    REQUIRE(core < k->core_count, E_ARG);
    struct peer *const p = &k->peer[core];
    REQUIRE(!cte_empty(&p->frame) || !cte_empty(&p->l1), E_NO_PEER);
    const err_t frame = cap_delete(k, &p->frame);
    REQUIRE(cte_empty(&p->frame), err_root(frame));
    const err_t l1 = cap_delete(k, &p->l1);     /* the CNode may have died with it, and goes on being reaped */
    REQUIRE(cte_empty(&p->l1), err_root(l1));
    return OK;
}

uint64_t mailbox_peer_state(const struct kcb *k, uint64_t core)
{
    const struct peer *const p = &k->peer[core];
    if (!p->out) {
        return PEER_NONE;
    }
    return p->dead ? PEER_DEAD : load_acquire(&p->in->state) == MAILBOX_UP ? PEER_UP : PEER_WAITING;
}

err_t mailbox_signal(struct kcb *k, uint64_t core, uint64_t index)
{
    struct peer *const p = &k->peer[core];

    REQUIRE(p->out, E_NO_PEER);
    REQUIRE(!p->dead, E_DEAD);
    arch_store_then_load();         /* the caller's header, and `taken` */
    if (p->out->last[index] > load_acquire(&p->in->taken)) {
        return OK;                  /* B1, B3: on its way */
    }
    p->out->entry[p->written % MAILBOX_ENTRIES] = (uint32_t)index;
    p->out->last[index] = ++p->written;
    store_release(&p->out->written, p->written);
    ring_bell(k, core);
    return OK;
}

static void post(struct kcb *k, const struct cte *l1, uint64_t index)
{
    const struct cte *const c = l1->type == CAP_L1CNODE && index < MAILBOX_INDICES
        ? cspace_slot(cte_object(l1), l1->bytes / SLOT_BYTES, index) : NULL;
    if (c && c->type == CAP_NOTIFY) {
        notify_signal(k, cte_object(c));
    }
}

/* @return how many of at most @p left entries were taken; *more: there are further ones */
static unsigned take(struct kcb *k, struct peer *p, unsigned left, bool *more)
{
    const uint64_t written = load_acquire(&p->in->written), count = written - p->taken;
    const unsigned n = count < left ? (unsigned)count : left;

    if (count > MAILBOX_ENTRIES) {
        p->taken = written;         /* nonsense */
    } else if (count != 0) {
        for (unsigned i = 0; i < n; i++) {
            post(k, &p->l1, p->in->entry[p->taken++ % MAILBOX_ENTRIES]);
        }
        *more |= count > n;
        store_release(&p->out->taken, p->taken);
        arch_store_then_load();     /* and what user space looks at next */
        return n;
    }
    return 0;
}

static void look_for_death(struct kcb *k, struct peer *p)
{
    if (!p->dead && load_acquire(&p->in->state) == MAILBOX_DEAD) {
        p->dead = 1;
        monitor_signal(k);
    }
}

void mailbox_doorbell(struct kcb *k)
{
    unsigned left = MAILBOX_BATCH;
    bool more = false;
    uint64_t at = k->peer_first;

    k->peer_first = at + 1 < k->core_count ? at + 1 : 0;    /* another one each time: nobody is last for ever */
    arch_after_acknowledge();       /* B4 */
    for (uint64_t i = 0; i < k->core_count; i++) {
        struct peer *const p = &k->peer[at];
        if (p->out) {
            left -= take(k, p, left, &more);
            look_for_death(k, p);
        }
        at = at + 1 < k->core_count ? at + 1 : 0;
    }
    if (more) {
        ring_bell(k, k->core);
    }
}

RARE void mailbox_die(struct kcb *k)
{
    for (uint64_t i = 0; i < k->core_count && i < MACHINE_CPUS_MAX; i++) {
        if (k->peer[i].out) {
            store_release(&k->peer[i].out->state, MAILBOX_DEAD);
            ring_bell(k, i);
        }
    }
}

RARE void monitor_signal(struct kcb *k)
{
    if (k->monitor.type == CAP_NOTIFY) {
        notify_signal(k, cte_object(&k->monitor));
    }
}
