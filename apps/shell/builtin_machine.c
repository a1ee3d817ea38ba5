/** @file builtin_machine.c  Builtins about the machine. */
#include "builtins.h"
#include "numbers.h"

#include <os/err.h>
#include <os/services.h>
#include <stubs/monitor.h>

int builtin_free(const struct command *c)
{
    uint64_t total, unused;
    const err_t err = process_memory(&total, &unused);

    (void)c;
    if (!err_ok(err)) {
        return complain_err("free", NULL, err);
    }
    say("%5s %14s %14s %14s\n", "", "total", "used", "free");
    say("%5s %14lu %14lu %14lu\n", "KiB", total / 1024, (total - unused) / 1024, unused / 1024);
    say("%5s %14lu %14lu %14lu\n", "bytes", total, total - unused, unused);
    return 0;
}

static int switch_machine(const char *name, enum monitor_machine what, uint64_t status)
{
    return complain_err(name, NULL, monitor_machine(os_monitor(), what, status));
}

int builtin_poweroff(const struct command *c)
{
    uint64_t status = 0;

    if (c->argc == 2 && !read_number(c->argv[1], 255, &status)) {
        return usage(c);
    }
    return switch_machine("poweroff", MACHINE_OFF, status);
}

int builtin_reboot(const struct command *c)
{
    (void)c;
    return switch_machine("reboot", MACHINE_RESET, 0);
}
