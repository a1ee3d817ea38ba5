/** @file lowlock.c  Contract in os/lowlock.h. */
#include <os/bug.h>
#include <os/lowlock.h>
#include <stddef.h>

/* Locks that are held, all by the thread that runs: bit per lock.  The highest bit is the lowest lock in the order.
 * volatile: an upcall may come between any two instructions, and asks os_low_none(). */
static volatile unsigned held;

void (*os_low_deferred)(void);

void os_low_lock(enum low_lock lock)
{
#ifdef SHOAL_DEBUG
    OS_ASSERT(held >> lock == 0);
#endif
    held |= 1u << lock;
}

void os_low_unlock(enum low_lock lock)
{
#ifdef SHOAL_DEBUG
    OS_ASSERT(held & 1u << lock);
#endif
    held &= ~(1u << lock);
    void (*const deferred)(void) = *(void (*volatile *)(void))&os_low_deferred;
    if (deferred && held == 0) {
        os_low_deferred = NULL;
        deferred();
    }
}

bool os_low_none(void)
{
    return held == 0;
}
