#include <dispatch/sched.h>

#include <arch/switch.h>
#include <core/panic.h>
#include <dispatch/deadline.h>
#include <dispatch/dispatcher.h>
#include <dispatch/irq.h>
#include <dispatch/ready.h>

#define DEADLINES_PER_ENTRY 16      /* bound of one kernel entry; the rest raises the timer again at once */

static void charge(struct kcb *k, uint64_t now)
{
    if (k->current) {
        k->current->time_used += now - k->switched;
    }
    k->switched = now;
}

void sched_program_timer(struct kcb *k)
{
    uint64_t when = k->deadlines ? k->deadlines->when : 0;
    if (k->top_ready && k->current && (when == 0 || k->slice_end < when)) {
        when = k->slice_end;
    }
    if (when != k->timer_programmed) {
        k->timer_programmed = when;
        if (when) {
            timer_set(when);
        } else {
            timer_off();
        }
    }
}

void sched_ready(struct kcb *k, struct dcb *d)
{
    if (d->state != DISP_READY || d == k->current) {
        return;
    }
    if (k->current && d->priority <= k->current->priority) {
        ready_push_tail(k, d);
        sched_program_timer(k);         /* somebody waits now: the slice counts */
        return;
    }
    k->resched |= RESCHED_CHECK;
    if (d->priority < k->top_ready || (k->next && d->priority <= k->next->priority)) {
        ready_push_tail(k, d);
        return;
    }
    if (k->next) {
        ready_push_head(k, k->next);    /* it came before all of its priority that have been queued since */
    }
    k->next = d;                        /* it will run at once: no queue */
}

void sched_remove(struct kcb *k, struct dcb *d)
{
    if (d == k->current) {
        charge(k, timer_now());
        k->current = NULL;
        k->resched |= RESCHED_CHECK;
    } else if (d == k->next) {
        k->next = NULL;
    } else if (d->queued) {
        ready_remove(k, d);
    }
}

void sched_set_deadline(struct kcb *k, struct dcb *d, uint64_t when)
{
    if (d->deadline.when) {
        deadline_remove(&k->deadlines, &d->deadline);
    }
    if (when) {
        deadline_insert(&k->deadlines, &d->deadline, when);
    }
    sched_program_timer(k);
}

void sched_timer(struct kcb *k)
{
    const uint64_t now = timer_now();

    timer_off();
    k->timer_programmed = 0;
    for (unsigned i = 0; i < DEADLINES_PER_ENTRY && k->deadlines && k->deadlines->when <= now; i++) {
        struct dcb *const d = (struct dcb *)((char *)k->deadlines - offsetof(struct dcb, deadline));
        deadline_remove(&k->deadlines, &d->deadline);
        event_wake(k, d);
    }
    if (k->current && now >= k->slice_end) {
        k->slice_end = now + k->slice_ticks;
        k->resched |= RESCHED_YIELD;
    }
    sched_program_timer(k);
}

void sched_switch_to(struct kcb *k, struct dcb *d)
{
    charge(k, timer_now());
    k->current = d;
    k->switches++;
    if (k->loaded_ttbr0 != d->ttbr0) {
        arch_load_ttbr0(k, d->ttbr0);
    }
    arch_set_frame_va(d->frame_va);
    arch_fp_trap(k->fp_owner != d);
}

void syscall_save(struct kcb *k, err_t status)
{
    struct dcb *const d = k->current;
    struct dispatcher_frame *const f = d->frame;

    if (f->disabled) {
        arch_save_syscall(k, &f->disabled_area, status.trail);
        d->resume = RESUME_DISABLED;
    } else {
        arch_save_syscall(k, &f->enabled, status.trail);
        d->resume = f->pending ? RESUME_UPCALL : RESUME_ENABLED;
    }
}

_Noreturn void syscall_leave(struct kcb *k, err_t status)
{
    if (k->current) {
        syscall_save(k, status);
    }
    sched_leave(k);
}

static struct dcb *take_core(struct kcb *k)
{
    struct dcb *const d = k->current;
    charge(k, timer_now());
    k->current = NULL;
    if (d->resume == RESUME_ENABLED) {
        d->resume = RESUME_UPCALL;
    }
    return d;
}

void sched_preempt(struct kcb *k)
{
    struct dcb *const d = take_core(k);
    if (k->slice_end > k->switched && !(k->resched & RESCHED_YIELD)) {
        d->slice_left = k->slice_end - k->switched;
        ready_push_head(k, d);
    } else {        /* used up, or given up: others of its priority come first, or it would keep them out for ever */
        d->slice_left = 0;
        ready_push_tail(k, d);
    }
}

/* Is it somebody else's turn?  A turn that is over ends at the tail of the queue, with a new slice. */
static void give_up_core(struct kcb *k)
{
    if (k->next || k->top_ready > k->current->priority + 1) {
        sched_preempt(k);
    } else if (k->resched & RESCHED_YIELD && k->top_ready == k->current->priority + 1) {
        struct dcb *const d = take_core(k);
        d->slice_left = 0;
        ready_push_tail(k, d);
    }
}

_Noreturn static void resume_current(struct kcb *k)
{
    struct dcb *const d = k->current;
    switch ((enum dcb_resume)d->resume) {
    case RESUME_DISABLED:
        leave_restore(&d->frame->disabled_area);
    case RESUME_ENABLED:
        /* Posted while it was held, or resumed after a fault and waiting for its turn. */
        if (d->frame->pending) {
            break;
        }
        leave_restore(&d->frame->enabled);
    case RESUME_UPCALL:
        break;
    }
    leave_upcall(d->frame);
}

static struct dcb *take_next(struct kcb *k)
{
    struct dcb *const d = k->next;
    if (!d) {
        return ready_pop_highest(k);
    }
    k->next = NULL;
    return d;
}

_Noreturn void sched_leave(struct kcb *k)
{
    if (k->current) {
        give_up_core(k);
    }
    k->resched = RESCHED_NO;
    if (!k->current) {
        struct dcb *next;
        while (!(next = take_next(k))) {
            sched_program_timer(k);
            arch_wait_for_interrupt();
            irq_handle(k);
        }
        k->resched = RESCHED_NO;
        sched_switch_to(k, next);
        k->slice_end = k->switched + (next->slice_left ? next->slice_left : k->slice_ticks);
        next->slice_left = 0;
    }
    sched_program_timer(k);
    resume_current(k);
}
