/**
 * @file mutex.c  Contract in os/sync.h.
 *
 * X1  The lowest bit of owner (WAITED) is set whenever a thread stands in the queue; with it set, only disabled code
 *     changes owner.
 * X2  A mutex that is waited for is never open: it goes from hand to hand.
 *
 * All threads are on one core, so exclusive accesses are enough where nobody waits: they notice a thread in between.
 */
#include "core.h"

#include <os/sync.h>

#define WAITED 1ull

static bool swap_owner(struct mutex *m, uint64_t from, uint64_t to)
{
    return __atomic_compare_exchange_n(&m->owner, &from, to, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

/* Afterwards it cannot fault: it may lie in lazy memory, and in two pages of that. */
static void touch(const struct mutex *m)
{
    (void)*(const volatile uint64_t *)&m->owner;
    (void)*(struct thread *const volatile *)&m->waiting.last;
}

bool mutex_try_lock(struct mutex *m)
{
    struct thread *const self = thread_self();

    check_may_take();
    if (!swap_owner(m, 0, (uint64_t)self)) {
        return false;
    }
    check_takes(self);
    return true;
}

bool mutex_lock_until(struct mutex *m, uint64_t deadline)
{
    struct thread *const self = thread_self();

    check_may_take();
    if (swap_owner(m, 0, (uint64_t)self)) {
        check_takes(self);
        return true;
    }
    touch(m);
    (void)enter();
    if ((m->owner & ~WAITED) == (uint64_t)self) {
        THREAD_BUG("a thread takes a mutex that it has");
    }
    if (m->owner == 0) {                    /* released since */
        m->owner = (uint64_t)self;
        check_takes(self);
        thread_enable();
        return true;
    }
    if (deadline == THREAD_NO_DEADLINE) {
        check_no_circle(m);
    }
    m->owner |= WAITED;
    self->mutex = m;
    return thread_block(BLOCKED_MUTEX, &m->waiting, deadline);
}

void mutex_lock(struct mutex *m)
{
    check_may_take();
    if (__builtin_expect(!mutex_take_open(m), 0)) {
        (void)mutex_lock_until(m, THREAD_NO_DEADLINE);
    } else {
        check_took();
    }
}

/* Disabled.  The first who waits has it now; nobody may wait any more, if that was a deadline. */
static void hand_over(struct mutex *m)
{
    struct thread *const t = m->waiting.first;

    if (!t) {
        m->owner = 0;
        return;
    }
    check_takes(t);
    (void)thread_wake(t);                   /* leaves the queue */
    m->owner = (uint64_t)t | (m->waiting.first ? WAITED : 0);
}

void os_mutex_release(struct mutex *m)
{
    if ((m->owner & ~WAITED) != (uint64_t)os_thread_core.current) {
        THREAD_BUG("a thread releases a mutex that it has not");
    }
    check_releases(os_thread_core.current);
    hand_over(m);
}

bool os_mutex_give(struct mutex *m, struct thread *t)
{
    if (m->owner == 0) {
        m->owner = (uint64_t)t;
        check_takes(t);
        return true;
    }
    m->owner |= WAITED;
    queue_push_tail(&m->waiting, t);
    return false;
}

__attribute__((noinline)) static void unlock_waited(struct mutex *m)
{
    touch(m);
    (void)enter();
    os_mutex_release(m);
    thread_enable();
}

void mutex_unlock(struct mutex *m)
{
    if (__builtin_expect(!mutex_release_unwaited(m), 0)) {
        unlock_waited(m);
    } else {
        check_released();
    }
}

void mutex_destroy(const struct mutex *m)
{
    check_mutex_unused(m);
}
