/**
 * @file waiting.h  What waitsets and bindings need from threads: five functions, which libos/thread/waiting.c has, and
 * a test on the build machine with pthreads.
 *
 * The *events lock* is one lock of the whole dispatcher, held for a few instructions and never while anything else is
 * waited for; so on the target it can be disabled mode.  It is the last in the order of locks: who holds it takes no
 * other, and does not enter it again.
 */
#ifndef OS_WAITING_H
#define OS_WAITING_H

#include <os/thread_types.h>
#include <stdbool.h>
#include <stdint.h>

/** A deadline that never comes. */
#define EVENTS_FOREVER UINT64_MAX

/** Take and release the events lock. */
void events_enter(void);
void events_leave(void);

/** Wait on @p q, all zeroes at first; the lock is released while it waits, and no wake in between is lost.  May wake
 *  for no reason.
 * @return false: @p deadline, in units of events_now(), has passed */
bool events_wait(struct thread_queue *q, uint64_t deadline);

/** Wake the first, or @p all of those that wait on @p q.  The lock is held. */
void events_wake(struct thread_queue *q, bool all);

/** Ticks since some moment in the past; never goes back.  Nanoseconds on the build machine, time_now() on the
 *  target. */
uint64_t events_now(void);

/** A lock that may be held for longer, and does not keep anybody from waiting for events. */
struct events_mutex {
    bool held;
    struct thread_queue queue;
};

/** Both with the events lock held, too. */
static inline void events_mutex_lock_entered(struct events_mutex *m)
{
    while (m->held) {
        events_wait(&m->queue, EVENTS_FOREVER);
    }
    m->held = true;
}

static inline void events_mutex_unlock_entered(struct events_mutex *m)
{
    m->held = false;
    events_wake(&m->queue, false);
}

static inline void events_mutex_lock(struct events_mutex *m)
{
    events_enter();
    events_mutex_lock_entered(m);
    events_leave();
}

static inline void events_mutex_unlock(struct events_mutex *m)
{
    events_enter();
    events_mutex_unlock_entered(m);
    events_leave();
}

#endif
