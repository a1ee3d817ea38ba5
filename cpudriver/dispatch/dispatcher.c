#include <dispatch/dispatcher.h>

#include <cap/copy.h>
#include <cap/delete.h>
#include <core/attr.h>
#include <core/panic.h>
#include <core/print.h>
#include <dispatch/endpoint.h>
#include <dispatch/sched.h>

static enum dispatcher_state state_of(const struct dcb *d)
{
    return (enum dispatcher_state)(d->state & DISP_STATE_MASK);
}

static void set_state(struct dcb *d, enum dispatcher_state s)
{
    d->state = (d->state & DISP_HELD) | s;
}

RARE err_t dispatcher_configure(struct kcb *k, struct dcb *d, struct cte *l1, struct cte *vnode, struct cte *frame,
                           uint64_t frame_va, struct cte *fault)
{
    const unsigned rw = RIGHT_READ | RIGHT_WRITE;

    REQUIRE(state_of(d) == DISP_CREATED && !d->frame && !d->l1 && !d->ttbr0, E_STATE);
    REQUIRE(l1->type == CAP_L1CNODE && vnode->type == CAP_VNODE_L0 && frame->type == CAP_FRAME, E_CAP_TYPE);
    REQUIRE(!fault || (fault->type == CAP_ENDPOINT && !(fault->flags & CTE_RECV)), E_CAP_TYPE);
    REQUIRE((l1->rights & vnode->rights & frame->rights & rw) == rw, E_CAP_RIGHTS);
    REQUIRE(!fault || fault->rights & RIGHT_WRITE, E_CAP_RIGHTS);
    REQUIRE(frame->bytes >= SHOAL_PAGE_SIZE, E_CAP_SIZE);

    cap_embed(k, l1, &d->cspace, EMBED_DISP_CSPACE, 0);
    cap_embed(k, vnode, &d->vspace, EMBED_DISP_VSPACE, 0);
    cap_embed(k, frame, &d->frame_cap, EMBED_DISP_FRAME, 0);
    if (fault) {
        cap_embed(k, fault, &d->fault, EMBED_DISP_FAULT, 0);
        d->fault.word[0] = fault->word[0];
    }
    d->l1 = cte_object(l1);
    d->l1_slots = l1->bytes / SLOT_BYTES;
    d->ttbr0 = vnode->word[0] << 48 | vnode->base;
    d->frame = cte_object(frame);
    d->frame_va = frame_va;
    d->event_ids = DF_EVENT_IDS(frame->bytes);
    return OK;
}

err_t dispatcher_set_cspace(struct kcb *k, struct dcb *d, struct cte *l1)
{
    REQUIRE(l1->type == CAP_L1CNODE, E_CAP_TYPE);
    REQUIRE((l1->rights & RIGHT_WRITE) && (l1->rights & RIGHT_READ), E_CAP_RIGHTS);
    REQUIRE(d->l1 && mdb_other_copy(&d->cspace, false), E_STATE);

    d->cspace.flags &= (uint8_t)~CTE_EMBEDDED;      /* replaced, not lost */
    cap_unembed(k, &d->cspace);
    cap_embed(k, l1, &d->cspace, EMBED_DISP_CSPACE, 0);
    d->l1 = cte_object(l1);
    d->l1_slots = l1->bytes / SLOT_BYTES;
    return OK;
}

err_t dispatcher_start(struct kcb *k, struct dcb *d)
{
    REQUIRE(state_of(d) == DISP_CREATED, E_STATE);
    REQUIRE(d->frame && d->l1 && d->ttbr0, E_CONFIG);
    set_state(d, DISP_READY);
    d->resume = RESUME_UPCALL;
    sched_ready(k, d);
    return OK;
}

err_t dispatcher_hold(struct kcb *k, struct dcb *d)
{
    REQUIRE(state_of(d) != DISP_STOPPED, E_STATE);
    if (d == k->current) {
        syscall_save(k, OK);    /* it holds itself: released, it returns from this call */
    }
    if (d->state == DISP_READY) {
        sched_remove(k, d);
    }
    d->state |= DISP_HELD;
    return OK;
}

err_t dispatcher_release(struct kcb *k, struct dcb *d)
{
    REQUIRE(d->state & DISP_HELD && state_of(d) != DISP_STOPPED, E_STATE);
    d->state &= ~(uint64_t)DISP_HELD;
    if (d->state == DISP_PARKED && d->frame->pending) {
        dispatcher_unpark(k, d);
    } else {
        sched_ready(k, d);
    }
    return OK;
}

err_t dispatcher_resume(struct kcb *k, struct dcb *d)
{
    REQUIRE(state_of(d) == DISP_FAULTED, E_STATE);
    set_state(d, DISP_READY);
    d->fault_cause = FAULT_NONE;
    if (d->resume == RESUME_ENABLED && d->frame->pending) {
        d->resume = RESUME_UPCALL;
    }
    sched_ready(k, d);
    return OK;
}

err_t dispatcher_set_priority(struct kcb *k, struct dcb *d, uint64_t priority)
{
    REQUIRE(priority <= d->ceiling, E_PRIORITY);
    if (d->queued || d == k->next) {
        sched_remove(k, d);
        d->priority = priority;
        sched_ready(k, d);
    } else {
        d->priority = priority;
        if (d == k->current) {
            k->resched |= RESCHED_CHECK;
        }
    }
    return OK;
}

void dispatcher_stop(struct kcb *k, struct dcb *d)
{
    if (d->state == DISP_READY) {
        sched_remove(k, d);
    }
    d->state = DISP_STOPPED;
    sched_set_deadline(k, d, 0);
    if (k->fp_owner == d) {
        k->fp_owner = NULL;
        arch_fp_trap(true);
    }
}

static void report(struct kcb *k, struct dcb *d, uint64_t pc, uint64_t sp)
{
    if (d == k->init) {
        panic("init faulted: cause %lu address 0x%lx pc 0x%lx sp 0x%lx syndrome 0x%lx", d->fault_cause, d->fault_address,
              pc, sp, d->fault_syndrome);
    }
    const uint64_t words[XFER_WORDS] = { d->fault_cause, d->fault_address, pc, sp, d->fault_syndrome };
    if (cte_type(&d->fault) == CAP_ENDPOINT) {
        endpoint_report(k, &d->fault, words);
    } else {
        /* Into the log only: whoever has RAM can make such dispatchers, and the console is slow. */
        klog("kernel: a dispatcher without fault endpoint faulted: cause %lu address 0x%lx pc 0x%lx sp 0x%lx\n",
             d->fault_cause, d->fault_address, pc, sp);
    }
}

RARE void dispatcher_revoked(struct kcb *k, struct dcb *d)
{
    const bool started = state_of(d) != DISP_CREATED && state_of(d) != DISP_STOPPED;
    dispatcher_stop(k, d);
    if (started) {
        d->fault_cause = FAULT_REVOKED;
        d->fault_address = d->fault_syndrome = 0;
        report(k, d, 0, 0);
    }
}

void dispatcher_fault(struct kcb *k, struct dcb *d, uint64_t cause, uint64_t address, uint64_t syndrome,
                      const struct save_area *area)
{
    sched_remove(k, d);
    set_state(d, DISP_FAULTED);
    d->fault_cause = cause;
    d->fault_address = address;
    d->fault_syndrome = syndrome;
    report(k, d, area->pc, area->sp);
}

void dispatcher_unpark(struct kcb *k, struct dcb *d)
{
    if (d->accept != (uint64_t)XFER_IDLE) {
        d->frame->enabled.x[0] = E_WOKEN;
    }
    d->resume = RESUME_UPCALL;
    set_state(d, DISP_READY);
    sched_ready(k, d);
}

void event_wake(struct kcb *k, struct dcb *d)
{
    d->frame->pending = 1;
    if (d->state == DISP_PARKED) {
        dispatcher_unpark(k, d);
        return;
    }
    /* Instead of the thread comes the upcall, whether it was interrupted just now, holds itself, or was resumed after a fault
     * and still waits for the core.  In a system call: so it does, if that was enabled. */
    if (d->resume == RESUME_ENABLED) {
        d->resume = RESUME_UPCALL;
    }
    if (d == k->current) {
        k->resched |= RESCHED_CHECK;
    }
}

void event_post(struct kcb *k, struct dcb *d, uint64_t id)
{
    if (!d->frame || state_of(d) == DISP_STOPPED) {
        return;
    }
    d->frame->events[id / 64] |= 1ull << id % 64;
    d->frame->summary[id / 4096] |= 1ull << (id / 64) % 64;
    event_wake(k, d);
}
