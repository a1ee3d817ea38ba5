/** @file bugs.c  Mistakes with locks, each of which ends the process with a sentence (os/sync.h). */
#include "threadtest.h"
#include <os/lowlock.h>

static struct mutex one, two, three;
static struct condition condition;

/* ---- in every build ------------------------------------------------------------------------------------------------ */

static void lock_twice(void)
{
    mutex_lock(&one);
    mutex_lock(&one);
}

static void unlock_open(void)
{
    mutex_unlock(&one);
}

static uint64_t locks_and_sleeps(void *arg)
{
    mutex_lock(arg);
    thread_sleep_until(THREAD_NO_DEADLINE);
    return 0;
}

static void unlock_other(void)
{
    (void)start(locks_and_sleeps, &one, THREAD_PRIORITY + 1);
    mutex_unlock(&one);
}

static void block_low(void)
{
    os_low_lock(LOW_RANGES);
    thread_sleep_until(time_now() + ms(1));
}

/* ---- in debug builds ----------------------------------------------------------------------------------------------- */

static uint64_t two_then_three(void *arg)
{
    mutex_lock(&two);
    mutex_lock(&three);
    return (uint64_t)arg;
}

static uint64_t three_then_one(void *arg)
{
    mutex_lock(&three);
    mutex_lock(&one);
    return (uint64_t)arg;
}

static struct thread *named(thread_fn fn, const char *name)
{
    struct thread *t = NULL;

    CHECK_OK(thread_create(&t, fn, NULL, &(struct thread_options){ .priority = THREAD_PRIORITY + 1, .name = name }));
    return t;
}

static uint64_t two_then_one(void *arg)
{
    mutex_lock(&two);
    mutex_lock(&one);
    return (uint64_t)arg;
}

static void circle_of_two(void)
{
    mutex_lock(&one);
    (void)named(two_then_one, "other");
    mutex_lock(&two);
}

static void circle_of_three(void)
{
    mutex_lock(&one);
    (void)named(three_then_one, "b");
    (void)named(two_then_three, "a");
    mutex_lock(&two);
}

/* The second mutex comes with a signal. */
static uint64_t waits_for_one(void *arg)
{
    mutex_lock(&one);
    mutex_lock(&two);
    condition_wait(&condition, &one);
    return (uint64_t)arg;
}

static void circle_by_condition(void)
{
    (void)named(waits_for_one, "signalled");
    mutex_lock(&one);
    condition_signal(&condition);
    mutex_lock(&two);
}

static uint64_t ends(void *arg)
{
    mutex_lock(&one);
    return (uint64_t)arg;
}

static void end_with_mutex(void)
{
    (void)finish(named(ends, "careless"));
}

static void destroy_taken(void)
{
    mutex_lock(&one);
    mutex_destroy(&one);
}

static uint64_t waits_for_signal(void *arg)
{
    mutex_lock(&one);
    condition_wait(&condition, &one);
    mutex_unlock(&one);
    return (uint64_t)arg;
}

static void destroy_waited_for(void)
{
    (void)named(waits_for_signal, NULL);
    condition_destroy(&condition);
}

static void lock_low(void)
{
    os_low_lock(LOW_POOL);
    mutex_lock(&one);
}

static void lock_disabled(void)
{
    thread_disable();
    mutex_lock(&one);
}

static void disable_twice(void)
{
    thread_disable();
    thread_disable();
}

static void low_order(void)
{
    os_low_lock(LOW_SLAB);
    os_low_lock(LOW_SLOTS);
}

static void low_disabled(void)
{
    thread_disable();
    os_low_lock(LOW_SLAB);
}

const struct test bug_tests[] = {
    { "bug_lock_twice", lock_twice }, { "bug_unlock_open", unlock_open }, { "bug_unlock_other", unlock_other },
    { "bug_block_low", block_low }, { "bug_circle_of_two", circle_of_two }, { "bug_circle_of_three", circle_of_three },
    { "bug_circle_by_condition", circle_by_condition }, { "bug_end_with_mutex", end_with_mutex },
    { "bug_destroy_taken", destroy_taken }, { "bug_destroy_waited_for", destroy_waited_for },
    { "bug_lock_low", lock_low }, { "bug_lock_disabled", lock_disabled }, { "bug_disable_twice", disable_twice },
    { "bug_low_order", low_order }, { "bug_low_disabled", low_disabled }, { 0 },
};
