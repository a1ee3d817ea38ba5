/**
 * @file bench.h  Lines of `bench`.
 */
#ifndef INIT_BENCH_H
#define INIT_BENCH_H

#include "measure.h"

/** One line.  @return false: it could not be measured, and the test is marked failed. */
typedef bool (*bench_fn)(struct test *t, uint64_t *value);

struct bench_line {
    const char *name;
    uint64_t target;                /**< 0: none */
    bench_fn run;
};

/** Each ends with an empty entry. */
extern const struct bench_line bench_single[], bench_two[], bench_spawn[], bench_threads[], bench_ump[];

/** Cost of the empty measurement. */
uint64_t overhead(void);

/** A remark for the line that is being measured; text that lasts. */
void bench_remark(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** The clock, where C code around the measured call is a part of it. */
static inline uint64_t clock_now(void)
{
    uint64_t now;

    __asm__ volatile("isb\n\tmrs %0, pmccntr_el0" : "=r"(now) : : "memory");
    return now;
}

#endif
