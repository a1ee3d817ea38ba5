/** @file thread_local.h  Threads, as other parts of libos/posix need them. */
#ifndef POSIX_THREAD_LOCAL_H
#define POSIX_THREAD_LOCAL_H

#include <os/err.h>
#include <stdint.h>
#include <time.h>

/** Start the thread library, the first time this is called. */
err_t threads_need(void);

/** Block the calling thread, or the program if it has but one, until time_now() reaches @p deadline. */
void sleep_until(uint64_t deadline);

/** Ticks of time_now() that @p t lasts, or at which it comes, rounded up; of a valid time. */
uint64_t ticks_of(const struct timespec *t);

/** When @p clock will say @p t, a valid time, in ticks of time_now(). */
uint64_t deadline_of(clockid_t clock, const struct timespec *t);

#endif
