/** @file lowlock.c  Contract in os/lowlock.h. */
#include <os/bug.h>
#include <os/lowlock.h>

/* Locks that the one thread holds: bit per lock.  The highest bit is the lowest lock in the order. */
static unsigned held;

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
}

bool os_low_none(void)
{
    return held == 0;
}
