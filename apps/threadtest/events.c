/** @file events.c  Events of the dispatcher: handlers, and threads that wait for one. */
#include "threadtest.h"
#include <os/caps.h>
#include <os/event.h>
#include <os/startup.h>
#include <os/vspace.h>

#define EVENT_LOW  20u
#define EVENT_HIGH 4200u                /* in another group of the bitmap, and in a table of its own */

cptr_t make_notify(uint64_t id)
{
    struct ram_block block;
    cptr_t slot = CPTR_NULL;

    CHECK_OK(slots_alloc(&os_stock()->slots, &slot));
    CHECK_OK(reserve_make(&os_stock()->reserve, CAP_NOTIFY, 0, CPTR_NULL, slot, &block));
    CHECK_OK(notify_bind(slot, TASK_DISPATCHER, id));
    return slot;
}

static uint64_t waits(void *arg)
{
    const err_t err = thread_event_wait((uint64_t)arg, time_now() + ms(10000));

    return err.trail;
}

static struct counter {
    struct event_handler handler;
    volatile uint64_t count;
} counter;

static void count(struct event_handler *handler)
{
    ((struct counter *)handler)->count++;
}

/* One thread waits; all others run on. */
static void blocked_alone(void)
{
    const cptr_t notify = make_notify(EVENT_LOW);
    struct mutex mutex = { 0 };
    struct thread *const t = start(waits, (void *)EVENT_LOW, 40);

    for (unsigned i = 0; i < 100; i++) {
        mutex_lock(&mutex);
        thread_yield();
        mutex_unlock(&mutex);
    }
    thread_sleep_until(time_now() + ms(5));
    CHECK_OK(notify_signal(notify));
    CHECK_EQ(finish(t), 0);
}

static void events(void)
{
    const cptr_t low = make_notify(EVENT_LOW), high = make_notify(EVENT_HIGH);

    counter.handler.fire = count;
    CHECK_OK(notify_signal(high));                          /* posted before: fires when it is registered */
    CHECK_OK(event_register(EVENT_HIGH, &counter.handler));
    CHECK_EQ(counter.count, 1);
    CHECK_ERR(event_register(EVENT_HIGH, &counter.handler), E_EVENT_USED);
    CHECK_ERR(event_register(DF_EVENT_IDS(SHOAL_PAGE_SIZE), &counter.handler), E_EVENT);
    CHECK_OK(notify_signal(high));
    CHECK_EQ(counter.count, 2);
    thread_disable();
    CHECK_OK(notify_signal(high));
    CHECK_OK(notify_signal(high));
    CHECK_EQ(counter.count, 2);                             /* not while disabled */
    thread_enable();
    CHECK_EQ(counter.count, 3);
    event_unregister(EVENT_HIGH);
    CHECK_OK(notify_signal(high));
    CHECK_EQ(counter.count, 3);
    CHECK(event_take(frame_self(), EVENT_HIGH), "lost without a handler");
    /* with a deadline, and without one that matters */
    CHECK_ERR(thread_event_wait(EVENT_LOW, time_now() + ms(10)), E_TIMEOUT);
    CHECK_OK(notify_signal(low));
    CHECK_OK(thread_event_wait(EVENT_LOW, 1));
    CHECK_ERR(thread_event_wait(EVENT_LOW, 1), E_TIMEOUT);
}

const struct test event_tests[] = { { "blocked_alone", blocked_alone }, { "events", events }, { 0 } };
