/** @file run.c  Contracts in proctest.h. */
#include "proctest.h"

err_t run_start(const char *const *words, const struct spawn_options *options, uint64_t *pid)
{
    unsigned count = 0;

    while (words[count]) {
        count++;
    }
    return process_spawn(count, words, options, pid);
}

err_t run_role(const char *role, uint64_t argument, const struct spawn_options *options, uint64_t *pid)
{
    char number[24];

    (void)format_text(number, sizeof(number), "%lu", argument);
    return run_start(WORDS("proctest", "as-child", role, number), options, pid);
}

void run_ends(struct test *t, uint64_t pid, unsigned status)
{
    uint64_t ended = 0;
    unsigned got = 0;

    if (EXPECT_OK(t, process_wait(pid, &ended, &got))) {
        CHECK_EQ(t, ended, pid);
        CHECK(t, got == status, "process %lu ended with status %u, wanted %u", pid, got, status);
    }
}

void run(struct test *t, const char *const *words, unsigned status)
{
    uint64_t pid;

    if (EXPECT_OK(t, run_start(words, NULL, &pid))) {
        run_ends(t, pid, status);
    }
}

void run_as(struct test *t, const char *role, uint64_t argument, unsigned status)
{
    uint64_t pid;

    if (EXPECT_OK(t, run_role(role, argument, NULL, &pid))) {
        run_ends(t, pid, status);
    }
}

void run_sleep(uint64_t microseconds)
{
    (void)event_wait(EVENT_NONE, time_now() + time_hz() * microseconds / 1000000);
}
