/**
 * @file sync.h  What waitsets and bindings need from threads: five functions, which the thread library implements, and a
 * test on the build machine with pthreads.
 *
 * The *events lock* is one lock of the whole dispatcher, held for a few instructions and never while anything else is
 * waited for; so on the target it can be disabled mode.  It is the last in the order of locks: whoever holds it takes no
 * other, and does not enter it again.
 */
#ifndef OS_SYNC_H
#define OS_SYNC_H

#include <stdbool.h>
#include <stdint.h>

/** Threads that wait for the same thing.  All zeroes: none.  The implementation owns the contents. */
struct sync_queue {
    void *first, *last;
};

/** A deadline that never comes. */
#define SYNC_FOREVER UINT64_MAX

/** Take and release the events lock. */
void sync_enter(void);
void sync_leave(void);

/** Wait on @p q; the lock is released while it waits, and no wake in between is lost.  May wake for no reason.
 * @return false: @p deadline, in units of sync_now(), has passed */
bool sync_wait(struct sync_queue *q, uint64_t deadline);

/** Wake the first, or @p all of those that wait on @p q.  The lock is held. */
void sync_wake(struct sync_queue *q, bool all);

/** Nanoseconds since some moment in the past; never goes back. */
uint64_t sync_now(void);

/** A lock that may be held for longer, and that is no spot in a waitset's way. */
struct sync_mutex {
    bool held;
    struct sync_queue queue;
};

static inline void sync_lock(struct sync_mutex *m)
{
    sync_enter();
    while (m->held) {
        sync_wait(&m->queue, SYNC_FOREVER);
    }
    m->held = true;
    sync_leave();
}

static inline void sync_unlock(struct sync_mutex *m)
{
    sync_enter();
    m->held = false;
    sync_wake(&m->queue, false);
    sync_leave();
}

#endif
