/** @file sync_more.c  Contracts in os/sync_more.h. */
#include <os/sync_more.h>

/* ---- recursive mutex: nobody else writes our address there --------------------------------------------------------- */

static bool mine(const struct mutex *m)
{
    return (*(const volatile uint64_t *)&m->owner & ~1ull) == (uint64_t)thread_self();
}

bool recursive_lock_until(struct recursive_mutex *m, uint64_t deadline)
{
    if (mine(&m->mutex)) {
        m->depth++;
        return true;
    }
    return mutex_lock_until(&m->mutex, deadline);
}

bool recursive_try_lock(struct recursive_mutex *m)
{
    if (mine(&m->mutex)) {
        m->depth++;
        return true;
    }
    return mutex_try_lock(&m->mutex);
}

void recursive_unlock(struct recursive_mutex *m)
{
    if (m->depth > 0 && mine(&m->mutex)) {
        m->depth--;
    } else {
        mutex_unlock(&m->mutex);
    }
}

/* ---- semaphore ----------------------------------------------------------------------------------------------------- */

bool semaphore_down_until(struct semaphore *s, uint64_t deadline)
{
    mutex_lock(&s->mutex);
    bool in_time = true;
    while (s->value == 0 && in_time) {
        in_time = condition_wait_until(&s->above_zero, &s->mutex, deadline);
    }
    const bool taken = s->value > 0;    /* also if it came together with the deadline */
    s->value -= taken;
    mutex_unlock(&s->mutex);
    return taken;
}

bool semaphore_try_down(struct semaphore *s)
{
    mutex_lock(&s->mutex);
    const bool taken = s->value > 0;
    s->value -= taken;
    mutex_unlock(&s->mutex);
    return taken;
}

bool semaphore_up(struct semaphore *s, unsigned most)
{
    mutex_lock(&s->mutex);
    const bool room = s->value < most;
    s->value += room;
    if (room) {
        condition_signal(&s->above_zero);
    }
    mutex_unlock(&s->mutex);
    return room;
}

/* ---- once ---------------------------------------------------------------------------------------------------------- */

enum { NOT_YET = 0, RUNS = 1, DONE = 2 };

void once_run(struct once *once, void (*fn)(void))
{
    static struct mutex lock;           /* of all of them: a first time is rare */
    static struct condition done;

    if (__atomic_load_n(&once->state, __ATOMIC_ACQUIRE) == DONE) {
        return;
    }
    mutex_lock(&lock);
    while (once->state == RUNS) {
        condition_wait(&done, &lock);
    }
    if (once->state == NOT_YET) {
        once->state = RUNS;
        mutex_unlock(&lock);
        fn();
        mutex_lock(&lock);
        __atomic_store_n(&once->state, DONE, __ATOMIC_RELEASE);
        condition_broadcast(&done);
    }
    mutex_unlock(&lock);
}

/* ---- read-write lock ----------------------------------------------------------------------------------------------- */

bool rw_lock_read_until(struct rw_lock *rw, uint64_t deadline)
{
    mutex_lock(&rw->mutex);
    bool in_time = true;
    while ((rw->writing || rw->waiting) && in_time) {
        in_time = deadline > 0 && condition_wait_until(&rw->readers, &rw->mutex, deadline);
    }
    const bool taken = !rw->writing && !rw->waiting;
    rw->reading += taken;
    mutex_unlock(&rw->mutex);
    return taken;
}

/* Who has to go first now. */
static void let_in(struct rw_lock *rw)
{
    if (rw->waiting == 0) {
        condition_broadcast(&rw->readers);
    } else if (rw->reading == 0 && !rw->writing) {
        condition_signal(&rw->writers);
    }
}

bool rw_lock_write_until(struct rw_lock *rw, uint64_t deadline)
{
    mutex_lock(&rw->mutex);
    bool in_time = true;
    while ((rw->writing || rw->reading) && in_time) {
        rw->waiting++;
        in_time = deadline > 0 && condition_wait_until(&rw->writers, &rw->mutex, deadline);
        rw->waiting--;
    }
    const bool taken = !rw->writing && !rw->reading;
    rw->writing |= taken;
    if (!taken) {
        let_in(rw);                     /* readers who waited for this writer alone */
    }
    mutex_unlock(&rw->mutex);
    return taken;
}

bool rw_unlock(struct rw_lock *rw)
{
    mutex_lock(&rw->mutex);
    const bool had = rw->writing || rw->reading > 0;
    if (rw->writing) {
        rw->writing = false;
    } else if (had) {
        rw->reading--;
    }
    let_in(rw);
    mutex_unlock(&rw->mutex);
    return had;
}
