/** @file life.c  Threads begin, end, and leave nothing behind. */
#include "threadtest.h"
#include <os/startup.h>
#include <os/vspace.h>

static uint64_t square(void *arg)
{
    return (uint64_t)arg * (uint64_t)arg;
}

static uint64_t exits(void *arg)
{
    thread_exit((uint64_t)arg + 1);
}

static void start_and_join(void)
{
    for (uint64_t i = 0; i < 50; i++) {
        CHECK_EQ(finish(start(square, (void *)i, 0)), i * i);
        CHECK_EQ(finish(start(exits, (void *)i, 0)), i + 1);
    }
    struct thread *const early = start(square, (void *)9, THREAD_PRIORITY + 1);      /* has ended already */
    CHECK_EQ(finish(early), 81);
}

static uint64_t joins(void *arg)
{
    uint64_t value = 0;

    CHECK_OK(thread_join(arg, &value));
    return value;
}

static uint64_t join_again(void *arg)
{
    CHECK_ERR(thread_join(arg, NULL), E_THREAD_JOIN);
    CHECK_ERR(thread_detach(arg), E_THREAD_JOIN);
    return 0;
}

static uint64_t sleeper(void *arg)
{
    thread_sleep_until(time_now() + ms((uint64_t)arg));
    return (uint64_t)arg;
}

static void refuses(void)
{
    static char stack[8192] __attribute__((aligned(16)));
    static const struct {
        struct thread_options options;
        enum err_code want;
    } row[] = {
        { { .priority = THREAD_PRIORITIES }, E_THREAD_PRIORITY }, { { .priority = ~0u }, E_THREAD_PRIORITY },
        { { .stack_bytes = THREAD_STACK_MIN - 1 }, E_THREAD_STACK }, { { .stack_bytes = ~0ull }, E_THREAD_STACK },
        { { .stack_bytes = THREAD_STACK_MAX + 1 }, E_THREAD_STACK }, { { .stack = stack }, E_THREAD_STACK },
        { { .stack = stack + 8, .stack_bytes = 8176 }, E_THREAD_STACK },
        { { .stack = stack, .stack_bytes = 8184 }, E_THREAD_STACK },
        { { .stack_bytes = THREAD_STACK_MAX }, E_OK },     /* no more memory than we started with: some error or other */
    };
    struct thread *t = NULL;

    for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        const err_t err = thread_create(&t, square, NULL, &row[i].options);
        CHECK(!t && (row[i].want ? (err.trail & 0xffff) == row[i].want : !err_ok(err)), "row %u: error %#lx", i, err.trail);
    }
    CHECK(!vspace_check(os_vspace()), "%s", vspace_check(os_vspace()));
    CHECK_ERR(thread_join(thread_self(), NULL), E_THREAD_JOIN);
    t = start(sleeper, (void *)5, 0);
    struct thread *const first = start(joins, t, 0), *const second = start(join_again, t, 0);
    CHECK_EQ(finish(first), 5);
    CHECK_EQ(finish(second), 0);
}

#define HUNDRED 100u

static volatile uint64_t started;

static uint64_t one_of_hundred(void *arg)
{
    volatile uint64_t local = (uint64_t)arg;

    started++;
    for (unsigned i = 0; i < 10; i++) {
        thread_yield();
    }
    CHECK_EQ(local, arg);
    return local;
}

static void hundred(void)
{
    static struct thread *t[HUNDRED];

    for (unsigned round = 0; round < 3; round++) {
        started = 0;
        for (uint64_t i = 0; i < HUNDRED; i++) {
            CHECK_OK(thread_create(&t[i], one_of_hundred, (void *)i,
                                   &(struct thread_options){ .stack_bytes = 2 * SHOAL_PAGE_SIZE }));
        }
        YIELD_UNTIL(started == HUNDRED);
        for (uint64_t i = 0; i < HUNDRED; i++) {
            CHECK_EQ(finish(t[i]), i);
        }
    }
    CHECK(!vspace_check(os_vspace()), "%s", vspace_check(os_vspace()));
}

static volatile uint64_t counted;

static uint64_t counts(void *arg)
{
    (void)arg;
    counted++;
    return 0;
}

static void detached(void)
{
    const struct thread_options alone = { .flags = THREAD_DETACHED };
    struct thread *t;

    for (unsigned i = 0; i < 100; i++) {            /* stacks for all of them at once there are not */
        CHECK_OK(thread_create(NULL, counts, NULL, &alone));
        CHECK_OK(thread_create(&t, counts, NULL, NULL));
        if (i % 2) {
            thread_yield();                         /* it has ended when it is detached */
        }
        CHECK_OK(thread_detach(t));
        thread_yield();
    }
    YIELD_UNTIL(counted == 200);
}

static uint64_t where(void *arg)
{
    (void)arg;
    thread_yield();
    return (uint64_t)__builtin_frame_address(0);
}

static void own_stack(void)
{
    static char stack[2][THREAD_STACK_MIN] __attribute__((aligned(16)));
    struct thread *t[2];

    for (unsigned i = 0; i < 2; i++) {
        const struct thread_options o = { .stack = stack[i], .stack_bytes = sizeof(stack[i]) };
        CHECK_OK(thread_create(&t[i], where, NULL, &o));
    }
    for (unsigned i = 0; i < 2; i++) {
        const uint64_t at = finish(t[i]);
        CHECK(at > (uint64_t)stack[i] && at < (uint64_t)stack[i + 1], "thread %u runs at %#lx", i, at);
    }
    /* of its own: nothing is mapped below */
    struct vspace_info info;
    const uint64_t at = finish(start(where, NULL, 0)) & ~(SHOAL_PAGE_SIZE - 1ull);
    const uint64_t guard = at - (THREAD_STACK_BYTES - SHOAL_PAGE_SIZE) - SHOAL_PAGE_SIZE;
    CHECK(vspace_lookup(os_vspace(), at, &info) && info.present, "no stack at %#lx", at);
    CHECK(vspace_lookup(os_vspace(), guard, &info) && !info.present, "something is mapped at %#lx", guard);
}

static uint64_t deeper(uint64_t left)
{
    volatile uint64_t room[64];

    room[left % 64] = left;
    return left > 0 ? deeper(left - 1) + room[left % 64] : 0;
}

static uint64_t overflows(void *arg)
{
    return deeper((uint64_t)arg);
}

/* Into the page below, not into whatever lies there. */
static void stack_overflow(void)
{
    (void)finish(start(overflows, (void *)100000, 0));
}

const struct test life_tests[] = {
    { "start_and_join", start_and_join }, { "refuses", refuses }, { "hundred", hundred }, { "detached", detached },
    { "own_stack", own_stack }, { "stack_overflow", stack_overflow }, { 0 },
};
