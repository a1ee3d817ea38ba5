/** @file registers.c  A preempted thread goes on with all its registers. */
#include "threadtest.h"

/* registers.S: fill every register from @p seed, count to @p count, and compare.  @return how many differ */
uint64_t hold_registers(uint64_t seed, uint64_t count);

static uint64_t holds(void *arg)
{
    uint64_t differ = 0;

    for (const uint64_t end = time_now() + ms(200); time_now() < end;) {
        differ += hold_registers((uint64_t)arg, 200000);
    }
    return differ;
}

static uint64_t yields(void *arg)
{
    (void)arg;
    for (const uint64_t end = time_now() + ms(200); time_now() < end;) {
        thread_sleep_until(time_now() + ms(3));     /* between others' instructions, and without FP of its own */
    }
    return 0;
}

static void fp_registers(void)
{
    struct thread *t[5];

    for (uint64_t i = 0; i < 4; i++) {
        t[i] = start(holds, (void *)(0x1111111111111111ull * (i + 1)), 0);
    }
    CHECK_OK(thread_create(&t[4], yields, NULL,
                           &(struct thread_options){ .priority = THREAD_PRIORITY + 1, .flags = THREAD_NO_FP }));
    for (unsigned i = 0; i < 5; i++) {
        CHECK_EQ(finish(t[i]), 0);
    }
}

static uint64_t tls(void)
{
    uint64_t value;

    __asm__ volatile("mrs %0, tpidr_el0" : "=r"(value));
    return value;
}

/* d8, the rounding mode and the exception flags, across a call: that is all of FP that a voluntary switch keeps. */
static uint64_t keeps(void *arg)
{
    uint64_t bad = 0;

    for (unsigned i = 0; i < 100; i++) {
        uint64_t d8 = (uint64_t)arg + i, mode = ((uint64_t)arg & 3) << 22, raised = d8 & 31, got, now, flags;
        __asm__ volatile("fmov d8, %0\n\tmsr fpcr, %1\n\tmsr fpsr, %2" : : "r"(d8), "r"(mode), "r"(raised) : "v8");
        thread_yield();
        __asm__ volatile("fmov %0, d8\n\tmrs %1, fpcr\n\tmrs %2, fpsr" : "=r"(got), "=r"(now), "=r"(flags) : : "v8");
        bad += got != d8 || now != mode || flags != raised || tls() != 0x1000 + (uint64_t)arg;
    }
    return bad;
}

static void tls_register(void)
{
    struct thread *t[3];

    for (uint64_t i = 0; i < 3; i++) {
        CHECK_OK(thread_create(&t[i], keeps, (void *)(i + 1), &(struct thread_options){ .tls = 0x1001 + i }));
    }
    for (unsigned i = 0; i < 3; i++) {
        CHECK_EQ(finish(t[i]), 0);
    }
    CHECK_EQ(tls(), 0);
}

const struct test register_tests[] = { { "fp_registers", fp_registers }, { "tls_register", tls_register }, { 0 } };
