/**
 * @file sync.h  Mutex and condition variable of the threads of one process (os/thread.h).
 *
 * All zero is an open mutex and a condition that nobody waits for; destroying one frees nothing.  Both hand over in the
 * order of arrival, whatever the priorities are: a mutex that is released while somebody waits belongs to the first who
 * waits before it runs, so nobody overtakes and nobody starves.  No priority inheritance.
 *
 * Mistakes that end the process with a sentence, in every build: taking what one has, releasing what one has not, waiting
 * under a low lock.  In debug builds, too: a circle of threads that wait for each other's mutexes; the end of a thread that
 * has one; destroying a mutex that is taken, or a condition that is waited for; taking a mutex under a low lock or disabled.
 */
#ifndef OS_SYNC_H
#define OS_SYNC_H

#include <os/thread.h>

struct mutex {
    uint64_t owner;                 /**< address of the owner's record, | 1: somebody waits; 0: open                  */
    struct thread_queue waiting;
};

/** Not recursive.  Taking what one has, and releasing what one has not, are bugs (os_bug).
 *  Cost: an exclusive load and store if it is open; a thread switch there and back if not. */
void mutex_lock(struct mutex *m);
bool mutex_try_lock(struct mutex *m);

/** @return false: time_now() reached @p deadline, and the caller does not have it */
bool mutex_lock_until(struct mutex *m, uint64_t deadline);
void mutex_unlock(struct mutex *m);

/** Take @p m if it is open, release it if nobody waits; or do nothing, which may be also if it could have been done.
 *  For libos itself: the checks of debug builds do not see it.  @return whether it was */
static inline bool mutex_take_open(struct mutex *m)
{
    uint64_t open = 0;

    return __atomic_compare_exchange_n(&m->owner, &open, (uint64_t)thread_self_inline(), true, __ATOMIC_ACQUIRE,
                                       __ATOMIC_RELAXED);
}

static inline bool mutex_release_unwaited(struct mutex *m)
{
    uint64_t own = (uint64_t)thread_self_inline();

    return __atomic_compare_exchange_n(&m->owner, &own, 0, true, __ATOMIC_RELEASE, __ATOMIC_RELAXED);
}

/** Nobody will use @p m any more: so far it is for the checks alone.  Cost: nothing in release builds */
void mutex_destroy(const struct mutex *m);

struct condition {
    struct thread_queue waiting;
};

/** Release @p m, which the caller has, wait for a signal, and take @p m again, all as one step.  Every wait on a condition
 *  at one time is with the same mutex.  A signal wakes exactly one wait, and nothing else does. */
void condition_wait(struct condition *c, struct mutex *m);

/** @return false: time_now() reached @p deadline first.  The caller has @p m either way */
bool condition_wait_until(struct condition *c, struct mutex *m, uint64_t deadline);

/** Let the first who waits go on, or all.  The mutex need not be held, but a signal without it may come before the wait
 *  that it was meant for. */
void condition_signal(struct condition *c);
void condition_broadcast(struct condition *c);

/** As mutex_destroy(). */
void condition_destroy(const struct condition *c);

#endif
