/**
 * @file condition.c  Contract in os/sync.h.
 *
 * A signal does not make its thread compete for the mutex: the thread gets it if it is open, else it moves, still blocked,
 * to the end of the mutex's queue.  So it returns owning it, and a signal under the mutex costs no switch of its own.
 */
#include "core.h"

#include <os/sync.h>

static void touch(const struct condition *c)
{
    (void)*(struct thread *const volatile *)&c->waiting.first;
    (void)*(struct thread *const volatile *)&c->waiting.last;
}

bool condition_wait_until(struct condition *c, struct mutex *m, uint64_t deadline)
{
    touch(c);
    (void)*(struct thread *const volatile *)&m->waiting.last;
    (void)enter();
    os_mutex_release(m);
    os_thread_core.current->mutex = m;
    const bool signalled = thread_block(BLOCKED_CONDITION, &c->waiting, deadline);
    if (!signalled) {
        mutex_lock(m);
    }
    return signalled;
}

void condition_wait(struct condition *c, struct mutex *m)
{
    (void)condition_wait_until(c, m, THREAD_NO_DEADLINE);
}

/* Disabled.  @return false: nobody waits */
static bool signal_one(struct condition *c)
{
    struct thread *const t = c->waiting.first;

    if (!t) {
        return false;
    }
    queue_remove(t);
    if (t->timer.when) {                    /* it has its signal, however long the mutex takes */
        timers_remove(&os_thread_core.timers, &t->timer);
    }
    if (os_mutex_give(t->mutex, t)) {
        (void)thread_wake(t);
    }
    return true;
}

void condition_signal(struct condition *c)
{
    touch(c);
    (void)enter();
    (void)signal_one(c);
    thread_enable();
}

void condition_broadcast(struct condition *c)
{
    touch(c);
    (void)enter();
    while (signal_one(c)) {
    }
    thread_enable();
}

void condition_destroy(const struct condition *c)
{
    check_condition_unused(c);
}
