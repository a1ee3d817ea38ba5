/** @file crash.c  Faults that end the process: the reason is printed, and the crash report follows. */
#include "faults.h"

static uint64_t deeper(uint64_t n)
{
    volatile uint64_t room[62];

    room[n % 62] = n;
    return room[n % 62] == n ? deeper(n + 1) + room[n % 62] : 0;
}

static uint64_t deep(void *arg)
{
    return deeper((uint64_t)arg);
}

static void stack_of_thread(void)
{
    CHECK_OK(os_paging_start());
    finish(start("first", (thread_fn)deep, NULL));
}

static void stack_of_main(void)
{
    CHECK_OK(os_paging_start());
    (void)deeper(0);
}

static void null(void)
{
    CHECK_OK(os_paging_start());
    *(volatile uint64_t *)8 = 1;
}

static const uint64_t constant[1] = { 5 };

static void read_only(void)
{
    CHECK_OK(os_paging_start());
    *(volatile uint64_t *)(uintptr_t)constant = 1;
}

static void data(void)
{
    uint32_t *const code = os_malloc(16);

    code[0] = 0xd65f03c0;       /* ret */
    ((void (*)(void))(uintptr_t)code)();
}

static void beyond(void)
{
    CHECK_OK(os_paging_start());
    (void)*(volatile uint64_t *)0x5000000000ull;
}

/* A region that is freed. */
static void after_free(void)
{
    volatile uint64_t *const p = os_malloc(MIB);

    p[0] = 1;
    os_free((void *)p);
    p[0] = 2;
}

static void twice(void)
{
    void *const p = os_malloc(40);

    os_free(os_malloc(40));
    os_free(p);
    os_free(p);
}

const struct test crash_tests[] = {
    { "crash-stack-of-thread", stack_of_thread, 128 + FAULT_WRITE, 0 },
    { "crash-stack-of-main", stack_of_main, 128 + FAULT_WRITE, 0 },
    { "crash-null-pointer", null, 128 + FAULT_WRITE, 0 },
    { "crash-read-only", read_only, 128 + FAULT_WRITE, 0 },
    { "crash-data", data, 128 + FAULT_EXEC, 0 },
    { "crash-beyond", beyond, 128 + FAULT_READ, 0 },
    { "crash-after-free", after_free, 128 + FAULT_WRITE, 0 },
    { "crash-free-twice", twice, 128 + FAULT_BREAKPOINT, 0 },
    { 0 },
};
