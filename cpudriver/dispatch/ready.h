/**
 * @file ready.h  The ready queues: who may run, by priority, in order of arrival within one.
 * R1  a bit of ready.bitmap is set exactly if the queue of that priority is not empty.
 * R2  kcb->top_ready is the highest priority whose bit is set, plus 1; 0 if none is.  The system call path in assembly
 *     reads it to learn whether anybody else wants the CPU.
 * R3  a dispatcher is in the queue of its `priority` exactly if `queued` is 1.  Remove it before changing `priority`.
 * The queues borrow the dispatchers: a dispatcher must be removed before its object is destroyed.  All O(1).
 */
#ifndef DISPATCH_READY_H
#define DISPATCH_READY_H

#include <core/kcb.h>

/** Queue @p d (not queued) behind all others of its priority: its slice is used up, or it has just become ready. */
void ready_push_tail(struct kcb *kcb, struct dcb *d);

/** Queue @p d (not queued) before all others of its priority: it lost the CPU with some of its slice left. */
void ready_push_head(struct kcb *kcb, struct dcb *d);

/** Take @p d (queued) out, wherever it stands. */
void ready_remove(struct kcb *kcb, struct dcb *d);

/** Take out the first of the highest priority.  @return NULL if no queue holds any. */
struct dcb *ready_pop_highest(struct kcb *kcb);

#endif
