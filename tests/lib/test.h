/**
 * @file test.h  Host unit tests: one executable per module, run under sanitizers.
 *   TEST(mdb, finds_copies) { EXPECT(cond, "what"); }      in any number of files
 * The seed of randomised tests is argv[1] if given (test_seed()); failures print it.  Exit status 1 if any test failed.
 */
#ifndef TEST_H
#define TEST_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct test_case {
    const char *suite, *name;
    void (*run)(void);
    struct test_case *next;
};

void test_register(struct test_case *t);
void test_fail(const char *file, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));
uint64_t test_seed(void);                       /**< argv[1], or 1                                                    */
uint64_t test_checks(void);                     /**< how many EXPECTs have run                                        */
void test_count(void);

/** xorshift64*: @p state must not be 0. */
uint64_t test_random(uint64_t *state);

#define TEST(suite_, name_)                                                                                            \
    static void test_##suite_##_##name_(void);                                                                         \
    __attribute__((constructor)) static void test_add_##suite_##_##name_(void)                                         \
    {                                                                                                                  \
        static struct test_case t = { #suite_, #name_, test_##suite_##_##name_, 0 };                                   \
        test_register(&t);                                                                                             \
    }                                                                                                                  \
    static void test_##suite_##_##name_(void)

/** Check and go on; the rest of the arguments is a printf text saying what was tried. */
#define EXPECT(cond, ...)                                                                                              \
    do {                                                                                                               \
        test_count();                                                                                                  \
        if (!(cond)) {                                                                                                 \
            test_fail(__FILE__, __LINE__, "%s", #cond);                                                                \
            fprintf(stderr, "    " __VA_ARGS__);                                                                       \
            fputc('\n', stderr);                                                                                       \
        }                                                                                                              \
    } while (0)

#define EXPECT_EQ(got, want, ...)                                                                                      \
    do {                                                                                                               \
        const uint64_t got_ = (uint64_t)(got), want_ = (uint64_t)(want);                                               \
        test_count();                                                                                                  \
        if (got_ != want_) {                                                                                           \
            test_fail(__FILE__, __LINE__, "%s is %" PRIu64 " (%#" PRIx64 "), wanted %" PRIu64 " (%#" PRIx64 ")", #got, \
                      got_, got_, want_, want_);                                                                       \
            fprintf(stderr, "    " __VA_ARGS__);                                                                       \
            fputc('\n', stderr);                                                                                       \
        }                                                                                                              \
    } while (0)

#endif
