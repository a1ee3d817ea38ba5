/**
 * @file sched.h  Who runs: fixed priorities, round robin within one, a time slice; deadlines; leaving the kernel.
 */
#ifndef DISPATCH_SCHED_H
#define DISPATCH_SCHED_H

#include <core/kcb.h>
#include <shoal/err.h>

/* Why the scheduler is to be asked before the kernel is left: kcb->resched */
enum resched { RESCHED_NO = 0, RESCHED_CHECK = 1, RESCHED_YIELD = 2 };

/** @p d is READY: into its queue unless it is held or current; the core is taken from a less urgent current. */
void sched_ready(struct kcb *k, struct dcb *d);

/** @p d is no longer READY: out of its queue, or no longer current. */
void sched_remove(struct kcb *k, struct dcb *d);

/** Deadline of @p d: absolute ticks, 0 none. */
void sched_set_deadline(struct kcb *k, struct dcb *d, uint64_t when);

/** The timer interrupt: due deadlines (some per entry), the end of a slice. */
void sched_timer(struct kcb *k);

/** Program the timer for the next deadline, or the end of the slice if anybody else is ready. */
void sched_program_timer(struct kcb *k);

/** Choose who runs next and leave the kernel for it; sleep in WFI until somebody is ready.  current's registers have
 *  been saved, or it is NULL. */
_Noreturn void sched_leave(struct kcb *k);

/** current's registers, as it returns from the system call with @p status, go to its save area (enabled or disabled, as
 *  its frame says). */
void syscall_save(struct kcb *k, err_t status);

/** The way out of a system call if kcb->resched is set: save (unless it lost the core for good) and sched_leave. */
_Noreturn void syscall_leave(struct kcb *k, err_t status);

/** current, saved, loses the core to something more urgent: to the head of its queue, with the rest of its slice; to the
 *  tail if there is no rest. */
void sched_preempt(struct kcb *k);

/** Make @p d current: charge time, switch address space and FP trap.  It is in no queue. */
void sched_switch_to(struct kcb *k, struct dcb *d);

#endif
