/** @file builtin_time.c  Builtins about time: ticks of CNTVCT_EL0. */
#include "builtins.h"
#include "numbers.h"

#include <os/dispatcher.h>

#define DAYS_49 (49ull * 86400)     /* longest sleep, in seconds */

int builtin_sleep(const struct command *c)
{
    uint64_t nanoseconds;

    if (!read_seconds(c->argv[1], DAYS_49, &nanoseconds)) {
        return usage(c);
    }
    const uint64_t deadline = time_now() + convert(nanoseconds, 1000000000, time_hz());
    for (;;) {
        const uint64_t second = time_now() + time_hz();     /* then it is looked whether the terminal is still there */
        if (event_wait(shell.interrupt, deadline < second ? deadline : second) || terminal_gone()) {
            shell.interrupted = true;
            return (int)STATUS_KILLED;
        }
        if (time_now() >= deadline) {
            return 0;
        }
    }
}

int builtin_time(const struct command *c)
{
    struct command timed = *c;

    timed.argc--;
    timed.argv++;
    const uint64_t start = time_now();
    const int status = run_command(&timed);
    const uint64_t us = convert(time_now() - start, time_hz(), 1000000);
    say("time: %lu.%03lu ms\n", us / 1000, us % 1000);
    return status;
}

int builtin_uptime(const struct command *c)
{
    const uint64_t ms = convert(time_now(), time_hz(), 1000);
    const uint64_t minutes = ms / 60000;

    (void)c;
    say("%lu days, %02lu:%02lu:%02lu.%03lu\n", minutes / 1440, minutes / 60 % 24, minutes % 60, ms / 1000 % 60,
        ms % 1000);
    return 0;
}
