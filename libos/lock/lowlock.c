/** @file lowlock.c  Contract in os/lowlock.h. */
#include <os/bug.h>
#include <os/lowlock.h>
#include <stddef.h>

/* Locks that are held, all by the thread that runs: bit per lock.  The highest bit is the lowest lock in the order.
 * volatile: an upcall may come between any two instructions, and asks os_low_none(). */
static volatile unsigned held;

void (*os_low_deferred)(void);

uint64_t os_low_stack;

#ifdef SHOAL_DEBUG
void (*os_low_check)(void);

/* What says so may take low locks itself. */
_Noreturn static void bug(int line, const char *text)
{
    held = 0;
    os_bug(__FILE__, line, text);
}

static void check_order(enum low_lock lock)
{
    if (held >> lock != 0) {
        bug(__LINE__, "low locks are taken in the wrong order, or one twice");
    }
    if (os_low_check) {
        os_low_check();
    }
}
#else
static void check_order(enum low_lock lock)
{
    (void)lock;
}
#endif

#define DEPTH 8192u         /* of stack that is used under low locks, at most */
#define PAGE  4096u

/* Each page of it may be missing; above the guard all can be had. */
__attribute__((noinline)) static void lock_touching(enum low_lock lock, uint64_t low)
{
    const uint64_t here = (uint64_t)__builtin_frame_address(0);

    for (unsigned down = 0; down <= DEPTH; down += PAGE) {
        const uint64_t at = here >= low + down ? here - down : low;
        (void)*(const volatile unsigned char *)at;
    }
    held |= 1u << lock;
}

void os_low_lock(enum low_lock lock)
{
    check_order(lock);
    const unsigned before = held;
    if (__builtin_expect(os_low_stack != 0, 0) && before == 0) {
        lock_touching(lock, os_low_stack);
        return;
    }
    held = before | 1u << lock;
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
