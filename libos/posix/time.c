/**
 * @file time.c  Clocks and sleeping.  CLOCK_REALTIME is the machine's real-time clock, which the monitor has read once, and the
 * counter from there on; on a machine without one, 1970 plus the time since it was switched on.  Processor time is that
 * since the process began.
 */
#include "file.h"
#include "lock.h"
#include "thread_local.h"

#include <errno.h>
#include <os/dispatcher.h>
#include <os/services.h>
#include <stubs/monitor.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S 1000000000ull

static uint64_t began;

__attribute__((constructor(101))) static void begin(void)
{
    began = time_now();
}

static uint64_t ns_of(uint64_t ticks)
{
    const uint64_t hz = time_hz();

    return ticks / hz * NS_PER_S + ticks % hz * NS_PER_S / hz;
}

static struct timespec timespec_of(uint64_t ns)
{
    return (struct timespec){ .tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S) };
}

/* Seconds from 1970 to when the counter was zero. */
static time_t epoch(void)
{
    static uint64_t since;
    static bool asked;

    lock_libc();
    if (!asked) {
        if (!err_ok(monitor_clock(os_monitor(), &since))) {
            since = 0;
        }
        asked = true;
    }
    unlock_libc();
    return (time_t)since;
}

uint64_t deadline_of(clockid_t clock, const struct timespec *t)
{
    struct timespec at = *t;

    at.tv_sec -= clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE ? epoch() : 0;
    return ticks_of(&at);
}

uint64_t ticks_of(const struct timespec *t)
{
    const uint64_t hz = time_hz(), s = (uint64_t)t->tv_sec;

    if (t->tv_sec < 0) {
        return 0;
    }
    if (s >= (uint64_t)XFER_NO_DEADLINE / hz - 1) {
        return (uint64_t)XFER_NO_DEADLINE - 1;
    }
    return s * hz + ((uint64_t)t->tv_nsec * hz + NS_PER_S - 1) / NS_PER_S;
}

int clock_gettime(clockid_t clock, struct timespec *t)
{
    switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
        *t = timespec_of(ns_of(time_now()));
        t->tv_sec += epoch();
        return 0;
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_BOOTTIME:
        *t = timespec_of(ns_of(time_now()));
        return 0;
    case CLOCK_PROCESS_CPUTIME_ID:
    case CLOCK_THREAD_CPUTIME_ID:
        *t = timespec_of(ns_of(time_now() - began));
        return 0;
    default:
        return fail(EINVAL);
    }
}

int clock_getres(clockid_t clock, struct timespec *t)
{
    struct timespec now;

    if (clock_gettime(clock, &now) < 0) {
        return -1;
    }
    if (t) {
        *t = timespec_of((NS_PER_S + time_hz() - 1) / time_hz());
    }
    return 0;
}

int clock_settime(clockid_t clock, const struct timespec *t)
{
    (void)clock;
    (void)t;
    return fail(EPERM);
}

int gettimeofday(struct timeval *restrict t, void *restrict zone)
{
    struct timespec now;

    (void)zone;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    t->tv_sec = now.tv_sec;
    t->tv_usec = (suseconds_t)(now.tv_nsec / 1000);
    return 0;
}

clock_t times(struct tms *t)
{
    const uint64_t ticks = ns_of(time_now() - began) / (NS_PER_S / CLOCKS_PER_SEC);

    *t = (struct tms){ .tms_utime = (clock_t)ticks };
    return (clock_t)ticks;
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *t, struct timespec *left)
{
    struct timespec now;

    (void)left;                         /* nothing ends a sleep early */
    if (clock_gettime(clock, &now) < 0 || t->tv_sec < 0 || t->tv_nsec < 0 || t->tv_nsec >= (long)NS_PER_S) {
        return EINVAL;
    }
    sleep_until(flags & TIMER_ABSTIME ? deadline_of(clock, t) : time_now() + ticks_of(t));
    return 0;
}

int nanosleep(const struct timespec *t, struct timespec *left)
{
    const int number = clock_nanosleep(CLOCK_MONOTONIC, 0, t, left);

    return number ? fail(number) : 0;
}

unsigned sleep(unsigned seconds)
{
    const struct timespec t = { .tv_sec = seconds };

    (void)nanosleep(&t, NULL);
    return 0;
}

int usleep(useconds_t us)
{
    const struct timespec t = { .tv_sec = us / 1000000, .tv_nsec = (long)(us % 1000000) * 1000 };

    return nanosleep(&t, NULL);
}
