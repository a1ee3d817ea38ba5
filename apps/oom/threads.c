/** @file threads.c  Threads with stacks of every kind, and their exception handlers. */
#include "oom.h"

#define THREADS 12u

static enum exception_action skip(struct exception *e, void *arg)
{
    (void)e;
    ++*(unsigned *)arg;
    return EXCEPTION_SKIP;
}

/* Its stack grows, and it has a handler, which is called.  @return the error's trail */
static uint64_t works(void *arg)
{
    volatile uint8_t room[12000];
    unsigned calls = 0;

    for (unsigned i = 0; i < sizeof(room); i += 1000) {
        room[i] = (uint8_t)i;
    }
    const err_t err = exception_set(skip, &calls);
    if (err_ok(err)) {
        *(volatile uint64_t *)arg = 1;
        CHECK(calls == 1, "the handler was called %u times", calls);
    }
    return room[1000] == (uint8_t)1000 ? err.trail : 1;
}

static err_t threads(void)
{
    static const struct thread_options kinds[] = {
        { .name = "usual" }, { .stack_bytes = 256 * KIB, .name = "large" },
        { .stack_bytes = 64 * KIB, .flags = THREAD_EAGER_STACK, .name = "eager" },
    };
    struct thread *t[THREADS];
    unsigned count = 0;
    err_t err = OK;

    while (count < THREADS && err_ok(err)) {
        err = thread_create(&t[count], works, NULL, &kinds[count % 3]);
        count += err_ok(err);
    }
    for (unsigned i = 0; i < count; i++) {
        err_t of_thread;
        GIVE(thread_join(t[i], &of_thread.trail));
        err = err_ok(err) ? of_thread : err;
    }
    GIVE(vspace_trim(os_vspace()));
    GIVE(stock_trim(os_stock()));
    return err;
}

const struct scenario thread_scenario = { "threads", os_paging_start, threads, NULL };
