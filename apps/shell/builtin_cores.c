/** @file builtin_cores.c  Builtins about the cores of the machine. */
#include "builtins.h"
#include "numbers.h"

#include <os/err.h>
#include <os/services.h>
#include <os/startup.h>
#include <os/string.h>
#include <stubs/monitor.h>

static const char *phase_name(uint64_t phase)
{
    static const char *const name[] = {
        [CORE_DOWN] = "off", [CORE_STARTING] = "starting", [CORE_UP] = "up", [CORE_STOPPING] = "stopping", [CORE_LOST] = "lost",
    };

    return phase < sizeof(name) / sizeof(name[0]) ? name[phase] : "?";
}

static unsigned processes_on(uint64_t core)
{
    struct process_info info = { .pid = core << ID_CORE_SHIFT };
    unsigned count = 0;

    while (err_ok(process_next(info.pid, &info)) && id_core(info.pid) == core) {
        count++;
    }
    return count;
}

static void list_core(uint64_t core, uint64_t phase)
{
    uint64_t total, unused;

    if (phase != CORE_UP || !err_ok(process_memory_of(core, &total, &unused))) {
        say("%4lu  %-8s\n", core, phase_name(phase));
        return;
    }
    say("%4lu  %-8s %9u %10lu %10lu\n", core, phase_name(phase), processes_on(core), total / 1024, unused / 1024);
}

int builtin_cores(const struct command *c)
{
    uint64_t phase;
    err_t err;

    (void)c;
    say("%4s  %-8s %9s %10s %10s\n", "core", "state", "processes", "KiB", "KiB free");
    for (uint64_t core = 0; err_ok(err = monitor_core(os_monitor(), core, &phase)); core++) {
        list_core(core, phase);
    }
    return err_root(err) == E_CORE_NONE ? 0 : complain_err("cores", NULL, err);
}

int builtin_core(const struct command *c)
{
    const bool start = strcmp(c->argv[1], "start") == 0;
    uint64_t core;

    if ((!start && strcmp(c->argv[1], "stop") != 0) || !read_number(c->argv[2], UINT32_MAX, &core)) {
        return usage(c);
    }
    const err_t err = start ? monitor_core_start(os_monitor(), core) : monitor_core_stop(os_monitor(), core);
    return err_ok(err) ? 0 : complain_err("core", c->argv[2], err);
}

/* Options, then the core, then the program. */
int builtin_oncore(const struct command *c)
{
    struct command program = *c;
    uint64_t times = 1, core;
    unsigned at = 1;
    int status = 0;

    program.background = true;
    for (; at < c->argc && c->argv[at][0] == '-'; at++) {
        if (strcmp(c->argv[at], "-f") == 0) {
            program.background = c->background;
        } else if (strcmp(c->argv[at], "-n") != 0 || at + 1 == c->argc || !read_number(c->argv[++at], 1000000, &times)) {
            return usage(c);
        }
    }
    if (c->argc - at < 2 || !read_number(c->argv[at], UINT32_MAX, &core)) {
        return usage(c);
    }
    program.argc -= at + 1;
    program.argv += at + 1;
    program.elsewhere = true;
    program.core = core;
    for (uint64_t i = 0; i < times && !was_interrupted(); i++) {
        const int one = run_program(&program);
        status = one != 0 ? one : status;
    }
    return status;
}
