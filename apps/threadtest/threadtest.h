/**
 * @file threadtest.h  Tests of threads (os/thread.h): each is a function that says what is wrong.
 */
#ifndef THREADTEST_H
#define THREADTEST_H

#include <os/sync.h>

/** Note what is wrong; the first sentences are what whoever started us will read. */
void wrong(const char *file, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));

#define CHECK(cond, ...)                                                                                               \
    do {                                                                                                               \
        if (!(cond)) {                                                                                                 \
            wrong(__FILE__, __LINE__, __VA_ARGS__);                                                                    \
        }                                                                                                              \
    } while (0)

#define CHECK_EQ(got, want)                                                                                            \
    do {                                                                                                               \
        const uint64_t got_ = (uint64_t)(got), want_ = (uint64_t)(want);                                               \
        CHECK(got_ == want_, "%s is %#lx, wanted %#lx", #got, got_, want_);                                            \
    } while (0)

#define CHECK_ERR(expr, code)                                                                                          \
    do {                                                                                                               \
        const uint64_t trail_ = (expr).trail & 0xffff;                                                                 \
        CHECK(trail_ == (code), "%s: error %lu, wanted %u", #expr, trail_, (unsigned)(code));                          \
    } while (0)
#define CHECK_OK(expr) CHECK_ERR(expr, E_OK)

/** The page that is shared with whoever started us. */
extern uint64_t *shared;

/** Ticks of so many milliseconds. */
uint64_t ms(uint64_t n);

/** Keep the processor for that long. */
void spin(uint64_t ticks);

/** Let equals run until @p cond, which they make true: however slow the machine is, not for ever. */
#define YIELD_UNTIL(cond)                                                                                              \
    do {                                                                                                               \
        for (unsigned n_ = 0; !(cond) && n_ < 100000; n_++) {                                                          \
            thread_yield();                                                                                            \
        }                                                                                                              \
        CHECK((cond), "%s did not come", #cond);                                                                       \
    } while (0)

/** A thread at a priority; 0: the default. */
struct thread *start(thread_fn fn, void *arg, unsigned priority);

/** Wait for it.  @return its value */
uint64_t finish(struct thread *t);

/** A Notify of ours, bound to event @p id. */
cptr_t make_notify(uint64_t id);

struct test {
    const char *name;
    void (*run)(void);
};

/* Each ends with an empty one. */
extern const struct test life_tests[], order_tests[], sync_tests[], bug_tests[], register_tests[], event_tests[],
    rpc_tests[], cost_tests[];

#endif
