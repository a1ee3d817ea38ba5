/** @file waiting.c  What waitsets and bindings need (os/waiting.h): the events lock is disabled mode. */
#include <os/thread.h>
#include <os/waiting.h>

_Static_assert(EVENTS_FOREVER == THREAD_NO_DEADLINE, "one number for no deadline");

void events_enter(void)
{
    thread_disable();
}

void events_leave(void)
{
    thread_enable();
}

bool events_wait(struct thread_queue *q, uint64_t deadline)
{
    const bool woken = thread_block(BLOCKED_EVENT, q, deadline);

    thread_disable();                           /* thread_block() returns enabled */
    return woken;
}

void events_wake(struct thread_queue *q, bool all)
{
    while (q->first && thread_wake(q->first) && all) {
    }
}

uint64_t events_now(void)
{
    return time_now();
}
