/** @file pthread_sync.c  Read-write locks, semaphores (os/sync_more.h), barriers; contracts: pthread.h, semaphore.h. */
#include "file.h"
#include "thread_local.h"

#include <errno.h>
#include <os/sync_more.h>
#include <pthread.h>
#include <semaphore.h>

_Static_assert(sizeof(pthread_rwlock_t) == sizeof(struct rw_lock), "");
_Static_assert(sizeof(sem_t) == sizeof(struct semaphore), "");

/* ---- read-write locks: a writer that waits keeps new readers out -------------------------------------------------- */

static struct rw_lock *lock_of(pthread_rwlock_t *rw)
{
    return (struct rw_lock *)rw->__lock;
}

int pthread_rwlock_init(pthread_rwlock_t *restrict rw, const pthread_rwlockattr_t *restrict attr)
{
    (void)attr;
    *rw = (pthread_rwlock_t)PTHREAD_RWLOCK_INITIALIZER;
    return 0;
}

int pthread_rwlock_destroy(pthread_rwlock_t *rw)
{
    const struct rw_lock *const l = lock_of(rw);

    return l->reading || l->writing || l->waiting ? EBUSY : 0;
}

/* To wait takes the thread library. */
static int lock(pthread_rwlock_t *rw, bool (*fn)(struct rw_lock *, uint64_t))
{
    if (!fn(lock_of(rw), 0)) {
        if (!err_ok(threads_need())) {
            return EAGAIN;
        }
        (void)fn(lock_of(rw), THREAD_NO_DEADLINE);
    }
    return 0;
}

int pthread_rwlock_rdlock(pthread_rwlock_t *rw)
{
    return lock(rw, rw_lock_read_until);
}

int pthread_rwlock_tryrdlock(pthread_rwlock_t *rw)
{
    return rw_lock_read_until(lock_of(rw), 0) ? 0 : EBUSY;
}

int pthread_rwlock_wrlock(pthread_rwlock_t *rw)
{
    return lock(rw, rw_lock_write_until);
}

int pthread_rwlock_trywrlock(pthread_rwlock_t *rw)
{
    return rw_lock_write_until(lock_of(rw), 0) ? 0 : EBUSY;
}

int pthread_rwlock_unlock(pthread_rwlock_t *rw)
{
    return rw_unlock(lock_of(rw)) ? 0 : EPERM;
}

/* ---- barriers ------------------------------------------------------------------------------------------------------ */

int pthread_barrier_init(pthread_barrier_t *restrict b, const pthread_barrierattr_t *restrict attr, unsigned count)
{
    (void)attr;
    if (count == 0) {
        return EINVAL;
    }
    *b = (pthread_barrier_t){ .__wanted = count };
    return 0;
}

int pthread_barrier_destroy(pthread_barrier_t *b)
{
    return b->__here ? EBUSY : 0;
}

int pthread_barrier_wait(pthread_barrier_t *b)
{
    pthread_mutex_lock(&b->__mutex);
    const unsigned round = b->__round;
    const bool last = ++b->__here == b->__wanted;
    if (last) {
        b->__here = 0;
        b->__round++;
        pthread_cond_broadcast(&b->__all);
    }
    while (b->__round == round) {
        pthread_cond_wait(&b->__all, &b->__mutex);
    }
    pthread_mutex_unlock(&b->__mutex);
    return last ? PTHREAD_BARRIER_SERIAL_THREAD : 0;
}

/* ---- semaphores ---------------------------------------------------------------------------------------------------- */

static struct semaphore *semaphore_of(sem_t *sem)
{
    return (struct semaphore *)sem->__semaphore;
}

int sem_init(sem_t *sem, int shared, unsigned value)
{
    if (shared || value > SEM_VALUE_MAX) {
        return fail(shared ? ENOTSUP : EINVAL);
    }
    *semaphore_of(sem) = (struct semaphore){ .value = value };
    return 0;
}

int sem_destroy(sem_t *sem)
{
    (void)sem;
    return 0;
}

/* To wait takes the thread library. */
static int down(sem_t *sem, uint64_t deadline)
{
    if (!err_ok(threads_need())) {
        return fail(EAGAIN);
    }
    return semaphore_down_until(semaphore_of(sem), deadline) ? 0 : fail(ETIMEDOUT);
}

int sem_wait(sem_t *sem)
{
    return semaphore_try_down(semaphore_of(sem)) ? 0 : down(sem, THREAD_NO_DEADLINE);
}

int sem_timedwait(sem_t *restrict sem, const struct timespec *restrict when)
{
    if (semaphore_try_down(semaphore_of(sem))) {
        return 0;
    }
    if (when->tv_nsec < 0 || when->tv_nsec >= 1000000000) {
        return fail(EINVAL);
    }
    return down(sem, deadline_of(CLOCK_REALTIME, when));
}

int sem_trywait(sem_t *sem)
{
    return semaphore_try_down(semaphore_of(sem)) ? 0 : fail(EAGAIN);
}

int sem_post(sem_t *sem)
{
    return semaphore_up(semaphore_of(sem), SEM_VALUE_MAX) ? 0 : fail(EOVERFLOW);
}

int sem_getvalue(sem_t *restrict sem, int *restrict value)
{
    *value = (int)semaphore_of(sem)->value;
    return 0;
}
