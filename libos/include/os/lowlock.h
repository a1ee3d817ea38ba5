/**
 * @file lowlock.h  The locks below the heap, in the order in which they are taken.
 *
 * Under a low lock: no RPC, no malloc, no store through a caller's pointer, no lazy memory (docs, "memory and paging",
 * section 5).  A thread takes them downwards only, each at most once; several at a time are allowed in this order.
 *
 * In a program with one thread nothing has to be kept out: taking a lock only checks the order, and that in debug builds
 * only.  With threads (os/thread.h) the scheduler lifts the holder above all others until the release: it asks
 * os_low_none() before it switches, and leaves word here if it would have.  As long as nobody else can run, no thread ever
 * waits for a low lock.
 *
 * Whoever takes the first one on a lazy stack touches that 8 KiB down before: a fault under a low lock cannot be served.
 */
#ifndef OS_LOWLOCK_H
#define OS_LOWLOCK_H

#include <stdbool.h>
#include <stdint.h>

enum low_lock { LOW_VSPACE, LOW_RANGES, LOW_SLOTS, LOW_SLAB, LOW_POOL, LOW_RESERVE, LOW_LOCKS };

void os_low_lock(enum low_lock lock);
void os_low_unlock(enum low_lock lock);

/** No low lock is held: what may wait or call another process asks this first. */
bool os_low_none(void);

/** Set by the scheduler: the lowest address of the running thread's stack if that may be lazy, else 0. */
extern uint64_t os_low_stack;

/** Set by the scheduler in debug builds: called before a low lock is taken, and ends the process if it may not be.  NULL: nothing. */
extern void (*os_low_check)(void);

/** Set by the scheduler, disabled: what to call, once, when the last low lock has been released.  NULL: nothing. */
extern void (*os_low_deferred)(void);

#endif
