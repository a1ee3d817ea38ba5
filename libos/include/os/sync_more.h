/**
 * @file sync_more.h  Recursive mutex, semaphore, once and read-write lock: what mutex and condition (os/sync.h) make easy.
 *
 * All zero is an open lock, a semaphore of 0, and a once that has not run; nothing needs to be freed.  Who waits blocks only
 * its own thread; the order is that of arrival, as with mutex and condition.  THREAD_NO_DEADLINE waits for ever.
 */
#ifndef OS_SYNC_MORE_H
#define OS_SYNC_MORE_H

#include <os/sync.h>

/** A mutex that its owner may take again, and releases as often.  Cost: that of the mutex, and the owner's look at it. */
struct recursive_mutex {
    struct mutex mutex;
    unsigned depth;                     /**< how often it was taken again */
};

/** @return false: the deadline came first */
bool recursive_lock_until(struct recursive_mutex *m, uint64_t deadline);
bool recursive_try_lock(struct recursive_mutex *m);
/** Releasing what one has not is a bug, as with a mutex. */
void recursive_unlock(struct recursive_mutex *m);

struct semaphore {
    struct mutex mutex;
    struct condition above_zero;
    unsigned value;
};

/** Wait until the value is above zero, and take one.  @return false: the deadline came first */
bool semaphore_down_until(struct semaphore *s, uint64_t deadline);
bool semaphore_try_down(struct semaphore *s);
/** Add one.  @return false: it has @p most, and still has */
bool semaphore_up(struct semaphore *s, unsigned most);

struct once {
    int state;
};

/** Call @p fn if nobody has yet; who comes while it runs waits for its end.  Not from within @p fn for the same @p once. */
void once_run(struct once *once, void (*fn)(void));

/** Many read or one writes.  A writer that waits keeps new readers out, so a reader does not take it again. */
struct rw_lock {
    struct mutex mutex;
    struct condition readers, writers;
    unsigned reading, waiting;          /**< waiting: writers */
    bool writing;
};

/** @return false: @p deadline came first, which 0 does at once if it is not free */
bool rw_lock_read_until(struct rw_lock *rw, uint64_t deadline);
bool rw_lock_write_until(struct rw_lock *rw, uint64_t deadline);
/** @return false: nobody has it */
bool rw_unlock(struct rw_lock *rw);

#endif
