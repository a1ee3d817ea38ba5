/** @file pthread_mutex.c  Mutexes and conditions: os/sync.h; contracts in include/pthread.h. */
#include "thread_local.h"

#include <errno.h>
#include <os/sync.h>
#include <pthread.h>

_Static_assert(sizeof(((pthread_mutex_t *)0)->__mutex) == sizeof(struct mutex), "");
_Static_assert(sizeof(((pthread_cond_t *)0)->__condition) == sizeof(struct condition), "");

static struct mutex *mutex_of(pthread_mutex_t *m)
{
    return (struct mutex *)m->__mutex;
}

static struct condition *condition_of(pthread_cond_t *c)
{
    return (struct condition *)c->__condition;
}

/* What a type does that os/sync.h does not: taking a mutex that the caller has. */
static bool mine(pthread_mutex_t *m)
{
    return (*(volatile uint64_t *)&mutex_of(m)->owner & ~1ull) == (uint64_t)thread_self();
}

static int again(pthread_mutex_t *m, int otherwise)
{
    if (m->__type != PTHREAD_MUTEX_RECURSIVE) {
        return otherwise;
    }
    if (m->__depth + 1 == 0) {
        return EAGAIN;
    }
    m->__depth++;
    return 0;
}

int pthread_mutex_init(pthread_mutex_t *restrict m, const pthread_mutexattr_t *restrict attr)
{
    *m = (pthread_mutex_t){ .__type = attr ? attr->__type : PTHREAD_MUTEX_NORMAL };
    return 0;
}

/* An ordinary one that is taken: debug builds say so and end. */
int pthread_mutex_destroy(pthread_mutex_t *m)
{
    if (m->__type == PTHREAD_MUTEX_NORMAL) {
        mutex_destroy(mutex_of(m));
    }
    return mutex_of(m)->owner ? EBUSY : 0;
}

int pthread_mutex_lock(pthread_mutex_t *m)
{
    if (m->__type != PTHREAD_MUTEX_NORMAL && mine(m)) {
        return again(m, EDEADLK);
    }
    mutex_lock(mutex_of(m));
    return 0;
}

int pthread_mutex_trylock(pthread_mutex_t *m)
{
    if (m->__type == PTHREAD_MUTEX_RECURSIVE && mine(m)) {
        return again(m, EBUSY);
    }
    return mutex_try_lock(mutex_of(m)) ? 0 : EBUSY;
}

int pthread_mutex_timedlock(pthread_mutex_t *restrict m, const struct timespec *restrict when)
{
    if (m->__type != PTHREAD_MUTEX_NORMAL && mine(m)) {
        return again(m, EDEADLK);
    }
    if (mutex_try_lock(mutex_of(m))) {
        return 0;
    }
    if (when->tv_nsec < 0 || when->tv_nsec >= 1000000000) {
        return EINVAL;
    }
    return mutex_lock_until(mutex_of(m), deadline_of(CLOCK_REALTIME, when)) ? 0 : ETIMEDOUT;
}

int pthread_mutex_unlock(pthread_mutex_t *m)
{
    if (m->__type != PTHREAD_MUTEX_NORMAL) {
        if (!mine(m)) {
            return EPERM;
        }
        if (m->__depth > 0) {
            m->__depth--;
            return 0;
        }
    }
    mutex_unlock(mutex_of(m));
    return 0;
}

int pthread_mutexattr_init(pthread_mutexattr_t *attr)
{
    attr->__type = PTHREAD_MUTEX_DEFAULT;
    return 0;
}

int pthread_mutexattr_destroy(pthread_mutexattr_t *attr)
{
    (void)attr;
    return 0;
}

int pthread_mutexattr_settype(pthread_mutexattr_t *attr, int type)
{
    if (type < PTHREAD_MUTEX_NORMAL || type > PTHREAD_MUTEX_ERRORCHECK) {
        return EINVAL;
    }
    attr->__type = type;
    return 0;
}

int pthread_mutexattr_gettype(const pthread_mutexattr_t *restrict attr, int *restrict type)
{
    *type = attr->__type;
    return 0;
}

int pthread_cond_init(pthread_cond_t *restrict c, const pthread_condattr_t *restrict attr)
{
    *c = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
    c->__monotonic = attr && attr->__clock == CLOCK_MONOTONIC;
    return 0;
}

int pthread_cond_destroy(pthread_cond_t *c)
{
    return condition_of(c)->waiting.first ? EBUSY : 0;
}

static int wait_until(pthread_cond_t *c, pthread_mutex_t *m, uint64_t deadline)
{
    const unsigned depth = m->__depth;

    if (m->__type != PTHREAD_MUTEX_NORMAL && !mine(m)) {
        return EPERM;
    }
    if (!err_ok(threads_need())) {
        return EAGAIN;
    }
    m->__depth = 0;
    const bool signalled = condition_wait_until(condition_of(c), mutex_of(m), deadline);
    m->__depth = depth;
    return signalled ? 0 : ETIMEDOUT;
}

int pthread_cond_wait(pthread_cond_t *restrict c, pthread_mutex_t *restrict m)
{
    return wait_until(c, m, THREAD_NO_DEADLINE);
}

int pthread_cond_timedwait(pthread_cond_t *restrict c, pthread_mutex_t *restrict m, const struct timespec *restrict when)
{
    if (when->tv_nsec < 0 || when->tv_nsec >= 1000000000) {
        return EINVAL;
    }
    return wait_until(c, m, deadline_of(c->__monotonic ? CLOCK_MONOTONIC : CLOCK_REALTIME, when));
}

int pthread_cond_signal(pthread_cond_t *c)
{
    condition_signal(condition_of(c));
    return 0;
}

int pthread_cond_broadcast(pthread_cond_t *c)
{
    condition_broadcast(condition_of(c));
    return 0;
}

int pthread_condattr_init(pthread_condattr_t *attr)
{
    attr->__clock = CLOCK_REALTIME;
    return 0;
}

int pthread_condattr_destroy(pthread_condattr_t *attr)
{
    (void)attr;
    return 0;
}

int pthread_condattr_setclock(pthread_condattr_t *attr, clockid_t clock)
{
    if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC) {
        return EINVAL;
    }
    attr->__clock = clock;
    return 0;
}
