/** @file exceptions.c  Handlers of exceptions. */
#include "faults.h"
#include <os/thread_fault.h>

static unsigned calls;
static uint64_t last_address;

static enum exception_action skip(struct exception *e, void *arg)
{
    calls++;
    last_address = e->address;
    *(volatile uint64_t *)arg = e->cause;
    return EXCEPTION_SKIP;
}

static void skips(void)
{
    volatile uint64_t cause = 0;        /* changes at stores to elsewhere */

    CHECK_OK(os_paging_start());
    CHECK_OK(exception_set(skip, (void *)&cause));
    *(volatile uint64_t *)8 = 1;
    CHECK_EQ(calls, 1);
    CHECK_EQ(cause, FAULT_WRITE);
    CHECK_EQ(last_address, 8);
    (void)*(volatile uint64_t *)0x1000;
    CHECK_EQ(cause, FAULT_READ);
    __asm__ volatile("udf #0");
    CHECK_EQ(cause, FAULT_ILLEGAL);
    __asm__ volatile("brk #7");
    CHECK_EQ(cause, FAULT_BREAKPOINT);
    *(volatile uint64_t *)(uintptr_t)skips = 1;
    CHECK_EQ(cause, FAULT_WRITE);
    CHECK_EQ(calls, 5);
    CHECK_OK(exception_set(NULL, NULL));
}

static uint64_t *place;

/* A fault in the handler that can be served is; FP registers are the thread's again afterwards. */
static enum exception_action repair(struct exception *e, void *arg)
{
    uint8_t *const block = os_malloc(300000);

    (void)arg;
    calls++;
    if (block) {
        block[299999] = 1;
    }
    os_free(block);
    __asm__ volatile("movi v8.2d, #0" ::: "v8");
    e->regs.x[19] = (uint64_t)place;
    return EXCEPTION_RETRY;
}

static void retries(void)
{
    static uint64_t word;
    uint64_t kept;

    CHECK_OK(os_paging_start());
    CHECK_OK(exception_set(repair, NULL));
    place = &word;
    __asm__ volatile("mov x9, #77\n\tfmov d8, x9\n\tmov x19, #16\n\tstr x9, [x19]\n\tfmov %0, d8"
                     : "=r"(kept) : : "x9", "x19", "v8", "memory");
    CHECK_EQ(word, 77);
    CHECK_EQ(kept, 77);
    CHECK_EQ(calls, 1);
}

static enum exception_action leave(struct exception *e, void *arg)
{
    (void)e, (void)arg;
    calls++;
    return EXCEPTION_EXIT;
}

static uint64_t dies(void *arg)
{
    CHECK_OK(exception_set(leave, NULL));
    *(volatile uint64_t *)arg = 1;
    CHECK(false, "a thread that should have ended goes on");
    return 1;
}

/* Their handlers' stacks go with them. */
static void exits(void)
{
    CHECK_OK(os_paging_start());
    finish(start("dies", dies, NULL));
    const uint64_t regions = os_vspace()->regions.count;
    for (unsigned i = 0; i < 50; i++) {
        finish(start("dies", dies, NULL));
    }
    CHECK_EQ(calls, 51);
    CHECK_EQ(os_vspace()->regions.count, regions);
}

static uint64_t overflows(uint64_t n)
{
    volatile uint64_t room[30];

    room[n % 30] = n;
    return room[n % 30] == n ? overflows(n + 1) + room[n % 30] : 0;
}

static uint64_t too_deep(void *arg)
{
    CHECK_OK(exception_set(leave, NULL));
    return overflows((uint64_t)arg);
}

/* The handler has a stack of its own, so even that can be handled. */
static void overflow(void)
{
    CHECK_OK(os_paging_start());
    for (unsigned i = 0; i < 5; i++) {
        finish(start("too deep", too_deep, NULL));
    }
    CHECK_EQ(calls, 5);
}

static enum exception_action faults(struct exception *e, void *arg)
{
    (void)e;
    *(volatile uint64_t *)arg = 1;
    return EXCEPTION_SKIP;
}

static void in_handler(void)
{
    CHECK_OK(os_paging_start());
    CHECK_OK(exception_set(faults, (void *)24));
    *(volatile uint64_t *)16 = 1;
}

static enum exception_action gives_up(struct exception *e, void *arg)
{
    (void)e, (void)arg;
    return EXCEPTION_END;
}

static void ends(void)
{
    CHECK_OK(os_paging_start());
    CHECK_OK(exception_set(gives_up, NULL));
    *(volatile uint64_t *)16 = 1;
}

/* What the handler is told, and where it runs. */
static enum exception_action looks(struct exception *e, void *arg)
{
    uint64_t base, bytes;

    CHECK(thread_stack(thread_self(), &base, &bytes), "no stack");
    CHECK(e->regs.sp - base < bytes && (uint64_t)&base - base >= bytes, "on the stack of the thread");
    CHECK_EQ(e->regs.x[20], 0x1234567);
    CHECK_EQ(e->regs.x[0], 40);
    CHECK_EQ(e->address, 40);
    CHECK_EQ(*(uint32_t *)e->regs.pc, 0xf9000014);      /* str x20, [x0] */
    CHECK(says(e->reason, "null pointer of thread 3 (looks)"), "%s", e->reason);
    e->regs.x[0] = (uint64_t)arg;
    calls++;
    return EXCEPTION_RETRY;
}

static uint64_t told(void *arg)
{
    uint64_t word = 0;

    (void)arg;
    CHECK_OK(exception_set(looks, &word));
    __asm__ volatile("mov x0, #40\n\tmov x20, #0x4567\n\tmovk x20, #0x123, lsl #16\n\tstr x20, [x0]"
                     : : : "x0", "x20", "memory");
    CHECK_EQ(*(volatile uint64_t *)&word, 0x1234567);
    return 0;
}

static void registers(void)
{
    CHECK_OK(os_paging_start());
    finish(start("looks", told, NULL));
    CHECK_EQ(calls, 1);
}

/* Each thread has its own, and one that is preempted in it keeps it apart. */
static enum exception_action counts(struct exception *e, void *arg)
{
    volatile uint64_t *const mine = arg;

    CHECK_EQ(e->address, mine[0]);
    thread_yield();
    mine[1]++;
    thread_yield();
    CHECK_EQ(e->address, mine[0]);
    return EXCEPTION_SKIP;
}

static uint64_t of_its_own(void *arg)
{
    volatile uint64_t mine[2] = { 8 * (uint64_t)arg, 0 };

    CHECK_OK(exception_set(counts, (void *)mine));
    for (unsigned i = 0; i < 50; i++) {
        *(volatile uint64_t *)mine[0] = i;
        CHECK_EQ(mine[1], i + 1);
        thread_yield();
    }
    CHECK_OK(exception_set(NULL, NULL));
    return 0;
}

static void per_thread(void)
{
    struct thread *t[20];

    CHECK_OK(os_paging_start());
    for (uint64_t i = 0; i < 20; i++) {
        t[i] = start("of its own", of_its_own, (void *)(i + 1));
    }
    for (unsigned i = 0; i < 20; i++) {
        finish(t[i]);
    }
}

static uint64_t has_none(void *arg)
{
    *(volatile uint64_t *)arg = 1;
    return 0;
}

/* Another thread's handler is no help. */
static void of_another(void)
{
    volatile uint64_t cause = 0;

    CHECK_OK(os_paging_start());
    CHECK_OK(exception_set(skip, (void *)&cause));
    finish(start("has none", has_none, (void *)32));
}

static enum exception_action quits(struct exception *e, void *arg)
{
    (void)e;
    os_exit((int)(uint64_t)arg);
}

static void exits_process(void)
{
    CHECK_OK(os_paging_start());
    CHECK_OK(exception_set(quits, (void *)7));
    *(volatile uint64_t *)8 = 1;
}

static enum exception_action too_deep_too(struct exception *e, void *arg)
{
    (void)e;
    return (enum exception_action)overflows((uint64_t)arg);
}

/* The stack that handlers run on has a guard of its own. */
static void handler_overflow(void)
{
    CHECK_OK(os_paging_start());
    CHECK_OK(exception_set(too_deep_too, NULL));
    *(volatile uint64_t *)8 = 1;
}

/* What handlers fault on is served, though the thread has used up its own stack. */
static void lazy_in_handler(void)
{
    CHECK_OK(os_paging_start());
    CHECK_OK(exception_set(repair, NULL));
    for (unsigned i = 0; i < 20; i++) {
        static uint64_t word;
        place = &word;
        __asm__ volatile("mov x19, #16\n\tstr x19, [x19]" : : : "x19", "memory");
        CHECK_EQ(calls, i + 1);
    }
}

const struct test exception_tests[] = {
    { "exception-skip", skips, 0, 0 }, { "exception-retry", retries, 0, 0 }, { "exception-exit", exits, 0, 0 },
    { "exception-overflow", overflow, 0, 0 }, { "exception-in-handler", in_handler, 128 + FAULT_WRITE, 0 },
    { "exception-end", ends, 128 + FAULT_WRITE, 0 }, { "exception-registers", registers, 0, 0 },
    { "exception-per-thread", per_thread, 0, 0 }, { "exception-of-another", of_another, 128 + FAULT_WRITE, 0 },
    { "exception-exits-process", exits_process, 7, 0 },
    { "exception-handler-overflow", handler_overflow, 128 + FAULT_WRITE, 0 },
    { "exception-lazy-in-handler", lazy_in_handler, 0, 0 }, { 0 },
};
