/** @file builtin_process.c  Builtins about processes. */
#include "builtins.h"
#include "numbers.h"

#include <os/err.h>
#include <os/startup.h>

int builtin_jobs(const struct command *c)
{
    (void)c;
    jobs_reap();
    jobs_list();
    return 0;
}

int builtin_kill(const struct command *c)
{
    int status = 0;

    for (unsigned i = 1; i < c->argc; i++) {
        uint64_t pid;
        if (!read_pid(c->argv[i], &pid)) {
            return usage(c);
        }
        const err_t err = process_kill(pid);
        if (!err_ok(err)) {
            status = complain_err("kill", c->argv[i], err);
        }
    }
    return status;
}

int builtin_pid(const struct command *c)
{
    char text[PID_TEXT_BYTES];

    (void)c;
    say("%s\n", pid_text(text, os_startup()->pid));
    return 0;
}

static const char *state_name(enum process_state state)
{
    switch (state) {
    case PROCESS_RUNNING: return "running";
    case PROCESS_ENDING:  return "ending";
    case PROCESS_ENDED:   return "ended";
    default:              return "?";
    }
}

int builtin_ps(const struct command *c)
{
    struct process_info info = { .pid = 0 };
    err_t err;

    (void)c;
    say("%6s %6s %4s  %-8s %10s %9s  %s\n", "pid", "parent", "core", "state", "KiB", "seconds", "name");
    while (err_ok(err = process_next(info.pid, &info))) {
        char pid[PID_TEXT_BYTES], parent[PID_TEXT_BYTES];
        const uint64_t ms = convert(info.time, time_hz(), 1000);
        say("%6s %6s %4lu  %-8s %10lu %5lu.%03lu  %s\n", pid_text(pid, info.pid), pid_text(parent, info.parent), id_core(info.pid),
            state_name(info.state), info.granted / 1024, ms / 1000, ms % 1000, info.name);
    }
    return err_root(err) == E_PROC_PID ? 0 : complain_err("ps", NULL, err);
}

int builtin_run(const struct command *c)
{
    struct command program = *c;

    program.argc--;
    program.argv++;
    return run_program(&program);
}

int builtin_wait(const struct command *c)
{
    uint64_t pid = 0;

    if (c->argc == 2 && (!read_pid(c->argv[1], &pid) || pid == 0)) {
        return usage(c);
    }
    return jobs_wait(pid);
}
