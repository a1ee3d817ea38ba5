/** @file order.c  Who runs when: slices, priorities, sleep, idleness. */
#include "threadtest.h"
#include <os/caps.h>
#include <os/err.h>
#include <os/startup.h>

static volatile uint64_t rounds[3];
static volatile bool stop;

static uint64_t spinner(void *arg)
{
    while (!stop) {
        rounds[(uint64_t)arg]++;
    }
    return 0;
}

static bool even(void)
{
    const uint64_t sum = rounds[0] + rounds[1] + rounds[2];

    return rounds[0] > sum / 10 && rounds[1] > sum / 10 && rounds[2] > sum / 10;
}

/* Three that never give way share the core; one that sleeps above them comes when it wants to. */
static void preemption(void)
{
    struct thread *t[3];

    thread_set_priority(thread_self(), THREAD_PRIORITY + 1);
    for (uint64_t i = 0; i < 3; i++) {
        t[i] = start(spinner, (void *)i, 0);
    }
    /* The machine below may stand still for longer than a slice: then it takes longer until they are even. */
    for (unsigned i = 0; i < 10 || (i < 200 && !even()); i++) {
        thread_sleep_until(time_now() + ms(30));
    }
    CHECK(even(), "rounds: %lu, %lu, %lu", rounds[0], rounds[1], rounds[2]);
    stop = true;
    for (unsigned i = 0; i < 3; i++) {
        (void)finish(t[i]);
    }
}

static char trace[16];
static unsigned traced;

static void note(char c)
{
    if (traced < sizeof(trace) - 1) {
        trace[traced++] = c;
    }
}

static void check_trace(const char *want)
{
    unsigned i = 0;

    for (; want[i] && want[i] == trace[i]; i++) {
    }
    CHECK(!want[i] && i == traced, "order is %s, wanted %s", trace, want);
    for (; traced > 0; traced--) {
        trace[traced - 1] = 0;
    }
}

static uint64_t says(void *arg)
{
    note((char)(uint64_t)arg);
    return 0;
}

static volatile bool equal_ran;

static uint64_t equal(void *arg)
{
    (void)arg;
    equal_ran = true;
    return 0;
}

static void priorities(void)
{
    struct thread *t[3];

    t[0] = start(says, (void *)'l', 1);
    t[1] = start(says, (void *)'m', 20);
    note('-');
    t[2] = start(says, (void *)'h', 63);            /* at once */
    note('-');
    struct thread *const e = start(equal, NULL, 0);
    YIELD_UNTIL(equal_ran);                         /* those below it do not run meanwhile */
    (void)finish(e);
    note('-');
    for (unsigned i = 0; i < 3; i++) {
        (void)finish(t[i]);
    }
    check_trace("-h--ml");
}

static struct thread *other;

static uint64_t lowers(void *arg)
{
    (void)arg;
    note('1');
    thread_set_priority(thread_self(), 5);          /* main goes on */
    note('4');
    return 0;
}

static void change_of_priority(void)
{
    other = start(lowers, NULL, 60);
    note('2');
    CHECK_EQ(thread_priority(other), 5);
    struct thread *const low = start(says, (void *)'3', 10);
    thread_set_priority(low, 50);                   /* runs now */
    note('-');
    thread_set_priority(thread_self(), 3);          /* the other first */
    note('-');
    thread_set_priority(thread_self(), THREAD_PRIORITY);
    (void)finish(other);
    (void)finish(low);
    check_trace("123-" "4-");
}

static uint64_t morning;                        /* all sleep by then */

static uint64_t sleeps(void *arg)
{
    const uint64_t until = morning + ms(10 * (uint64_t)arg);

    thread_sleep_until(until);
    CHECK(time_now() >= until, "woken too early");
    note((char)('0' + (uint64_t)arg));
    return 0;
}

static void sleep_order(void)
{
    static const uint64_t order[] = { 5, 2, 8, 1, 9, 3, 7, 4, 6 };
    struct thread *t[9];

    morning = time_now() + ms(300);
    for (unsigned i = 0; i < 9; i++) {
        t[i] = start(sleeps, (void *)order[i], 0);
    }
    for (unsigned i = 0; i < 9; i++) {
        (void)finish(t[i]);
    }
    check_trace("123456789");
    const uint64_t before = time_now();
    thread_sleep_until(0);                          /* and what is past */
    thread_sleep_until(before);
    CHECK(time_now() - before < ms(5000), "slept long until a time that was past");
}

/* Nothing to run: the dispatcher parks, and uses no time. */
static void idle_parks(void)
{
    struct dispatcher_info before = { 0 }, after = { 0 };

    CHECK_OK(dispatcher_status(TASK_DISPATCHER, &before));
    const uint64_t begin = time_now();
    thread_sleep_until(begin + ms(500));
    const uint64_t slept = time_now() - begin;
    CHECK_OK(dispatcher_status(TASK_DISPATCHER, &after));
    const uint64_t used = after.time_used - before.time_used;
    CHECK(slept >= ms(500) && used < slept / 2, "%lu of %lu ticks used", used, slept);
}

const struct test order_tests[] = {
    { "preemption", preemption }, { "priorities", priorities }, { "change_of_priority", change_of_priority },
    { "sleep_order", sleep_order }, { "idle_parks", idle_parks }, { 0 },
};
