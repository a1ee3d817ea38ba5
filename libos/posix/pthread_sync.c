/** @file pthread_sync.c  Read-write locks, barriers and semaphores; contracts in include/pthread.h and semaphore.h. */
#include "file.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>

/* ---- read-write locks: a writer that waits keeps new readers out -------------------------------------------------- */

int pthread_rwlock_init(pthread_rwlock_t *restrict rw, const pthread_rwlockattr_t *restrict attr)
{
    (void)attr;
    *rw = (pthread_rwlock_t)PTHREAD_RWLOCK_INITIALIZER;
    return 0;
}

int pthread_rwlock_destroy(pthread_rwlock_t *rw)
{
    return rw->__reading || rw->__writing || rw->__waiting ? EBUSY : 0;
}

static int read_lock(pthread_rwlock_t *rw, bool wait)
{
    pthread_mutex_lock(&rw->__mutex);
    while (rw->__writing || rw->__waiting) {
        if (!wait) {
            pthread_mutex_unlock(&rw->__mutex);
            return EBUSY;
        }
        pthread_cond_wait(&rw->__readers, &rw->__mutex);
    }
    rw->__reading++;
    pthread_mutex_unlock(&rw->__mutex);
    return 0;
}

static int write_lock(pthread_rwlock_t *rw, bool wait)
{
    pthread_mutex_lock(&rw->__mutex);
    while (rw->__writing || rw->__reading) {
        if (!wait) {
            pthread_mutex_unlock(&rw->__mutex);
            return EBUSY;
        }
        rw->__waiting++;
        pthread_cond_wait(&rw->__writers, &rw->__mutex);
        rw->__waiting--;
    }
    rw->__writing = 1;
    pthread_mutex_unlock(&rw->__mutex);
    return 0;
}

int pthread_rwlock_rdlock(pthread_rwlock_t *rw)
{
    return read_lock(rw, true);
}

int pthread_rwlock_tryrdlock(pthread_rwlock_t *rw)
{
    return read_lock(rw, false);
}

int pthread_rwlock_wrlock(pthread_rwlock_t *rw)
{
    return write_lock(rw, true);
}

int pthread_rwlock_trywrlock(pthread_rwlock_t *rw)
{
    return write_lock(rw, false);
}

int pthread_rwlock_unlock(pthread_rwlock_t *rw)
{
    pthread_mutex_lock(&rw->__mutex);
    if (rw->__writing) {
        rw->__writing = 0;
    } else if (rw->__reading > 0) {
        rw->__reading--;
    } else {
        pthread_mutex_unlock(&rw->__mutex);
        return EPERM;
    }
    if (rw->__waiting) {
        if (rw->__reading == 0) {
            pthread_cond_signal(&rw->__writers);
        }
    } else {
        pthread_cond_broadcast(&rw->__readers);
    }
    pthread_mutex_unlock(&rw->__mutex);
    return 0;
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

int sem_init(sem_t *sem, int shared, unsigned value)
{
    if (shared || value > SEM_VALUE_MAX) {
        return fail(shared ? ENOTSUP : EINVAL);
    }
    *sem = (sem_t){ .__value = value };
    return 0;
}

int sem_destroy(sem_t *sem)
{
    (void)sem;
    return 0;
}

/* @p when: NULL for ever. */
static int down(sem_t *sem, const struct timespec *when)
{
    int result = 0;

    pthread_mutex_lock(&sem->__mutex);
    while (sem->__value == 0 && result == 0) {
        result = when ? pthread_cond_timedwait(&sem->__above_zero, &sem->__mutex, when)
                      : pthread_cond_wait(&sem->__above_zero, &sem->__mutex);
    }
    if (sem->__value > 0) {             /* also if it came together with the deadline */
        sem->__value--;
        result = 0;
    }
    pthread_mutex_unlock(&sem->__mutex);
    return result ? fail(result) : 0;
}

int sem_wait(sem_t *sem)
{
    return down(sem, NULL);
}

int sem_timedwait(sem_t *restrict sem, const struct timespec *restrict when)
{
    return down(sem, when);
}

int sem_trywait(sem_t *sem)
{
    pthread_mutex_lock(&sem->__mutex);
    const bool taken = sem->__value > 0;
    sem->__value -= taken;
    pthread_mutex_unlock(&sem->__mutex);
    return taken ? 0 : fail(EAGAIN);
}

int sem_post(sem_t *sem)
{
    pthread_mutex_lock(&sem->__mutex);
    const bool room = sem->__value < SEM_VALUE_MAX;
    sem->__value += room;
    if (room) {
        pthread_cond_signal(&sem->__above_zero);
    }
    pthread_mutex_unlock(&sem->__mutex);
    return room ? 0 : fail(EOVERFLOW);
}

int sem_getvalue(sem_t *restrict sem, int *restrict value)
{
    *value = (int)sem->__value;
    return 0;
}
