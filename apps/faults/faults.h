/**
 * @file faults.h  Tests of self-paging, the heap and exceptions: `faults [NAME ...]`.
 */
#ifndef FAULTS_H
#define FAULTS_H

#include <os/err.h>
#include <os/fault.h>
#include <os/heap.h>
#include <os/print.h>
#include <os/startup.h>
#include <os/string.h>
#include <os/sync.h>
#include <os/vspace.h>

#define MIB 0x100000ull

/** Note what is wrong.  From any thread. */
void wrong(const char *file, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));
bool went_wrong(void);

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
#define CHECK_OK(expr)                                                                                                 \
    do {                                                                                                               \
        const err_t err_ = (expr);                                                                                     \
        CHECK(err_ok(err_), "%s: %s", #expr, err_name(err_root(err_)));                                                \
    } while (0)

/** xorshift64. */
static inline uint64_t random_next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    return *state ^= *state << 17;
}

/** Does @p part stand in @p text? */
bool says(const char *text, const char *part);

struct thread *start(const char *name, thread_fn fn, void *arg);
void finish(struct thread *t);

struct test {
    const char *name;
    void (*run)(void);
    unsigned status;            /**< that it ends with, run as a process of its own; 0: all is well                   */
    uint64_t limit;             /**< bytes of its account; 0: none                                                    */
};

/* Each ends with an empty one. */
extern const struct test lazy_tests[], heap_tests[], thread_tests[], exception_tests[], crash_tests[], short_tests[],
    bss_tests[];

#endif
