/* waitset_test.c  States of channels, order of events, timers, several threads. */
#include "host.h"

#include <os/waitset.h>

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static uint64_t ran[64];
static unsigned ran_count;

static void note(void *arg)
{
    ran[ran_count++ % 64] = (uint64_t)(uintptr_t)arg;
}

static struct event_closure closure(uint64_t number)
{
    return MKCONT(note, (void *)(uintptr_t)number);
}

TEST(waitset, states)
{
    struct waitset ws;
    struct waitset_chan c = { .waitset = NULL };
    struct event_closure got;

    waitset_init(&ws);
    EXPECT_EQ(waitset_chan_deregister(&c).trail, E_WAITSET_STATE, "not registered");
    waitset_chan_trigger(&c);
    EXPECT_EQ(c.state, WAITSET_UNREGISTERED, "a trigger before the registration is nothing");
    EXPECT(err_ok(waitset_chan_register(&ws, &c, closure(1))), "register");
    EXPECT_EQ(waitset_chan_register(&ws, &c, closure(2)).trail, E_WAITSET_STATE, "twice");
    EXPECT_EQ(c.state, WAITSET_IDLE, "idle");
    EXPECT_EQ(check_for_event(&ws, &got).trail, E_WAITSET_EMPTY, "nothing yet");
    waitset_chan_trigger(&c);
    waitset_chan_trigger(&c);
    EXPECT_EQ(c.state, WAITSET_PENDING, "pending");
    EXPECT(err_ok(get_next_event(&ws, &got)), "event");
    EXPECT(got.handler == note && got.arg == (void *)1, "the closure");
    EXPECT_EQ(c.state, WAITSET_UNREGISTERED, "single shot");
    EXPECT_EQ(check_for_event(&ws, &got).trail, E_WAITSET_EMPTY, "two triggers are one event");

    EXPECT(err_ok(waitset_chan_register(&ws, &c, closure(1))), "again");
    waitset_chan_trigger(&c);
    EXPECT(err_ok(waitset_chan_deregister(&c)), "from pending");
    EXPECT_EQ(event_dispatch_non_block(&ws).trail, E_WAITSET_EMPTY, "cancelled");
    const uint64_t start = events_now();
    EXPECT_EQ(event_dispatch_until(&ws, start + 2000000).trail, E_TIMEOUT, "deadline");
    EXPECT(events_now() >= start + 2000000, "not before the deadline");
}

TEST(waitset, order_of_events)
{
    struct waitset ws;
    struct waitset_chan c[40] = { { .waitset = NULL } };
    uint64_t r = test_seed() + 5;
    unsigned order[40];

    waitset_init(&ws);
    for (unsigned round = 0; round < 50; round++) {
        unsigned pending = 0;
        ran_count = 0;
        for (unsigned i = 0; i < 40; i++) {
            EXPECT(err_ok(waitset_chan_register(&ws, &c[i], closure(i))), "register");
        }
        for (unsigned tries = 0; tries < 60; tries++) {
            const unsigned i = (unsigned)(test_random(&r) % 40);
            if (c[i].state == WAITSET_IDLE) {
                waitset_chan_trigger(&c[i]);
                order[pending++] = i;
            }
        }
        while (err_ok(event_dispatch_non_block(&ws))) {
        }
        EXPECT_EQ(ran_count, pending, "all of them");
        for (unsigned i = 0; i < pending; i++) {
            EXPECT_EQ(ran[i], order[i], "in the order in which they came");
        }
        for (unsigned i = 0; i < 40; i++) {
            if (c[i].state != WAITSET_UNREGISTERED) {
                EXPECT(err_ok(waitset_chan_deregister(&c[i])), "deregister");
            }
        }
    }
}

/* --- polled channels --- */

static unsigned polls, arms;
static bool there, there_when_armed;

static bool poll(struct waitset_chan *c)
{
    (void)c;
    polls++;
    return there;
}

static bool arm(struct waitset_chan *c)
{
    (void)c;
    arms++;
    return there_when_armed;
}

TEST(waitset, polled_channels_are_armed)
{
    static const struct waitset_poll how = { poll, arm };
    struct waitset ws;
    struct waitset_chan c = { .poll = &how };

    waitset_init(&ws);
    polls = arms = ran_count = 0;
    there = there_when_armed = false;
    EXPECT(err_ok(waitset_chan_register(&ws, &c, closure(7))), "register");
    EXPECT_EQ(c.state, WAITSET_POLLED, "polled");
    EXPECT_EQ(event_dispatch_non_block(&ws).trail, E_WAITSET_EMPTY, "looked once");
    EXPECT_EQ(polls, 1, "polls");
    EXPECT_EQ(event_dispatch_until(&ws, events_now() + 1000000).trail, E_TIMEOUT, "slept");
    EXPECT(polls <= 1 + WAITSET_POLLS && arms == 1, "%u polls, %u arms", polls, arms);
    EXPECT_EQ(c.state, WAITSET_IDLE, "its peer tells from here on");
    const unsigned before = polls;
    EXPECT_EQ(event_dispatch_until(&ws, events_now() + 1000000).trail, E_TIMEOUT, "slept again");
    EXPECT_EQ(polls, before, "an idle channel costs nothing");
    EXPECT(err_ok(waitset_chan_deregister(&c)), "deregister");

    there_when_armed = true;
    EXPECT(err_ok(waitset_chan_register(&ws, &c, closure(8))), "register");
    EXPECT(err_ok(event_dispatch(&ws)), "came while it was armed");
    there = true;
    EXPECT(err_ok(waitset_chan_register(&ws, &c, closure(9))), "register");
    EXPECT(err_ok(event_dispatch(&ws)), "found by a look");
    EXPECT(ran_count == 2 && ran[0] == 8 && ran[1] == 9, "both ran");
}

/* --- timers --- */

#define TIMERS 60u

TEST(waitset, timers_fire_in_order)
{
    struct waitset ws;
    struct deferred_event e[TIMERS];
    uint64_t r = test_seed() * 3 + 1, when[TIMERS] = { 0 }, latest = 0;
    const uint64_t base = events_now();

    waitset_init(&ws);
    memset(e, 0, sizeof(e));
    for (unsigned step = 0; step < 600; step++) {
        const unsigned i = (unsigned)(test_random(&r) % TIMERS);
        if (when[i]) {
            EXPECT_EQ(deferred_event_set(&e[i], &ws, base, closure(i)).trail, E_WAITSET_STATE, "set already");
            EXPECT(err_ok(deferred_event_cancel(&e[i])), "cancel");
            when[i] = 0;
        } else {
            when[i] = base + 1 + test_random(&r) % 3000000;
            EXPECT(err_ok(deferred_event_set(&e[i], &ws, when[i], closure(i))), "set");
        }
    }
    ran_count = 0;
    for (unsigned left = 0; left < TIMERS; left++) {
        if (!err_ok(event_dispatch_until(&ws, base + 100000000))) {
            break;
        }
        const unsigned i = (unsigned)ran[ran_count - 1];
        EXPECT(when[i] != 0 && when[i] <= events_now(), "timer %u was set, and is due", i);
        EXPECT(when[i] >= latest, "timer %u is not before the last", i);
        latest = when[i];
        when[i] = 0;
    }
    for (unsigned i = 0; i < TIMERS; i++) {
        EXPECT_EQ(when[i], 0, "timer %u fired or was cancelled", i);
    }
    EXPECT_EQ(deferred_event_cancel(&e[0]).trail, E_WAITSET_STATE, "there is none left");
}

TEST(waitset, destroy_cancels)
{
    struct waitset ws;
    struct deferred_event timer = { .when = 0 };
    struct waitset_chan idle = { .waitset = NULL }, pending = { .waitset = NULL };

    waitset_init(&ws);
    ran_count = 0;
    EXPECT(err_ok(deferred_event_set(&timer, &ws, 0, closure(1))), "timer");
    EXPECT(err_ok(waitset_chan_register(&ws, &idle, closure(2))), "idle");
    EXPECT(err_ok(waitset_chan_register(&ws, &pending, closure(3))), "pending");
    waitset_chan_trigger(&pending);
    EXPECT(err_ok(waitset_destroy(&ws)), "destroy");
    EXPECT_EQ(waitset_destroy(&ws).trail, E_WAITSET_DESTROYED, "twice");
    EXPECT_EQ(event_dispatch_non_block(&ws).trail, E_WAITSET_DESTROYED, "no more events");
    EXPECT_EQ(waitset_chan_register(&ws, &idle, closure(2)).trail, E_WAITSET_DESTROYED, "no more channels");
    EXPECT(idle.state == WAITSET_UNREGISTERED && pending.state == WAITSET_UNREGISTERED &&
           timer.chan.state == WAITSET_UNREGISTERED && !timer.link, "all are free for another waitset");
    EXPECT_EQ(ran_count, 0, "nothing ran");
    waitset_init(&ws);
    EXPECT(err_ok(deferred_event_set(&timer, &ws, 0, closure(4))) && err_ok(event_dispatch(&ws)), "another one");
    EXPECT_EQ(ran[0], 4, "of the other");
}

/* --- cost --- */

#define WAITS 200u

/* Nanoseconds of a trigger and the wait for it, the fastest of many, with @p count channels idle and as many timers far
 * off. */
static uint64_t cost_of_a_wait(unsigned count)
{
    struct waitset_chan *const idle = calloc(count, sizeof(*idle));
    struct deferred_event *const timer = calloc(count, sizeof(*timer));
    struct waitset_chan c = { .waitset = NULL };
    struct event_closure got;
    uint64_t fastest = UINT64_MAX;
    struct waitset ws;

    waitset_init(&ws);
    for (unsigned i = 0; i < count; i++) {
        EXPECT(err_ok(waitset_chan_register(&ws, &idle[i], closure(i))), "register");
        EXPECT(err_ok(deferred_event_set(&timer[i], &ws, events_now() + 3600000000000, closure(i))), "timer");
    }
    for (unsigned i = 0; i < WAITS; i++) {
        EXPECT(err_ok(waitset_chan_register(&ws, &c, closure(count))), "register");
        const uint64_t start = events_now();
        waitset_chan_trigger(&c);
        EXPECT(err_ok(get_next_event(&ws, &got)), "event");
        const uint64_t took = events_now() - start;
        EXPECT(got.arg == (void *)(uintptr_t)count, "the one that was triggered");
        fastest = took < fastest ? took : fastest;
    }
    EXPECT(err_ok(waitset_destroy(&ws)), "destroy");
    free(idle);
    free(timer);
    return fastest;
}

TEST(waitset, idle_channels_cost_nothing)
{
    const uint64_t few = cost_of_a_wait(10), many = cost_of_a_wait(10000);

    EXPECT(many < 10 * (few + 100), "%lu ns with 10 idle channels, %lu ns with 10,000", (unsigned long)few,
           (unsigned long)many);
    EXPECT_EQ(get_default_waitset(), get_default_waitset(), "there is one default");
}

/* --- several threads --- */

static struct waitset shared;
static _Atomic unsigned counted;

static void count(void *arg)
{
    (void)arg;
    counted++;
}

static void *serve(void *arg)
{
    while (err_ok(event_dispatch(&shared))) {
    }
    return arg;
}

TEST(waitset, each_event_goes_to_one_thread)
{
    pthread_t thread[4];
    static struct waitset_chan c[100];
    unsigned triggered = 0;

    waitset_init(&shared);
    counted = 0;
    for (unsigned i = 0; i < 4; i++) {
        pthread_create(&thread[i], NULL, serve, NULL);
    }
    for (unsigned round = 0; round < 50; round++) {
        for (unsigned i = 0; i < 100; i++) {
            EXPECT(err_ok(waitset_chan_register(&shared, &c[i], MKCONT(count, NULL))), "register");
            waitset_chan_trigger(&c[i]);
        }
        triggered += 100;
        for (unsigned wait = 0; counted < triggered && wait < 20000; wait++) {
            usleep(100);
        }
        EXPECT_EQ(counted, triggered, "each ran once");
    }
    EXPECT(err_ok(waitset_destroy(&shared)), "destroy, with all of them waiting");
    for (unsigned i = 0; i < 4; i++) {
        pthread_join(thread[i], NULL);
    }
}
