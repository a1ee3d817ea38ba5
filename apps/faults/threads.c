/** @file threads.c  Stacks that grow. */
#include "faults.h"

static uint64_t deeper(uint64_t left)
{
    volatile uint64_t room[62];

    room[left % 62] = left;
    return left > 0 ? deeper(left - 1) + room[left % 62] : 0;
}

static uint64_t goes_deep(void *arg)
{
    const uint64_t n = (uint64_t)arg;

    CHECK_EQ(deeper(n), n * (n + 1) / 2);
    return 0;
}

/* Half a KiB per level. */
static void grow(void)
{
    const uint64_t before = os_stock()->obtained;
    struct thread *t;

    CHECK_OK(os_paging_start());
    for (uint64_t n = 0; n < 100; n += 9) {
        finish(start("deep", goes_deep, (void *)n));
    }
    CHECK_OK(thread_create(&t, goes_deep, (void *)14000, &(struct thread_options){ .stack_bytes = 8 * MIB }));
    finish(t);
    CHECK(os_stock()->obtained < before + 4 * MIB, "%lu bytes were obtained", os_stock()->obtained - before);
}

static struct mutex gate;
static uint64_t alive;

static uint64_t waits(void *arg)
{
    (void)arg;
    alive++;
    mutex_lock(&gate);
    mutex_unlock(&gate);
    return 0;
}

/* A thousand at once, with a stack of 64 KiB each, of which one page is there. */
static void thousand(void)
{
    static struct thread *t[1000];

    CHECK_OK(os_paging_start());
    mutex_lock(&gate);
    for (unsigned i = 0; i < 1000; i++) {
        t[i] = start("waits", waits, NULL);
    }
    thread_yield();
    CHECK_EQ(alive, 1000);
    CHECK(os_stock()->obtained < 12 * MIB, "%lu bytes", os_stock()->obtained);
    mutex_unlock(&gate);
    for (unsigned i = 0; i < 1000; i++) {
        finish(t[i]);
    }
    CHECK(os_stock()->obtained < 3 * MIB, "%lu bytes are kept", os_stock()->obtained);
}

/* Low locks are taken near the end of what is mapped of a stack. */
static uint64_t maps(void *arg)
{
    uint64_t at[20];

    (void)deeper((uint64_t)arg % 30);
    for (unsigned round = 0; round < 20; round++) {
        for (unsigned i = 0; i < 20; i++) {
            CHECK_OK(vspace_lazy(os_vspace(), 0x10000, 0, MAP_READ | MAP_WRITE, false, &at[i]));
            *(uint64_t *)at[i] = i;
        }
        for (unsigned i = 0; i < 20; i++) {
            CHECK_EQ(*(uint64_t *)at[i], i);
            CHECK_OK(vspace_unreserve(os_vspace(), at[i], 0x10000));
        }
    }
    return 0;
}

static void low_locks(void)
{
    struct thread *t[40];

    CHECK_OK(os_paging_start());
    for (uint64_t i = 0; i < 40; i++) {
        t[i] = start("maps", maps, (void *)i);
    }
    for (unsigned i = 0; i < 40; i++) {
        finish(t[i]);
    }
    CHECK(!vspace_check(os_vspace()), "%s", vspace_check(os_vspace()));
}

const struct test thread_tests[] = {
    { "stack-grow", grow, 0, 0 }, { "stack-thousand", thousand, 0, 0 }, { "stack-low-locks", low_locks, 0, 0 }, { 0 },
};
