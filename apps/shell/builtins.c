/** @file builtins.c  The table of builtins, and what explains it; contracts in builtins.h. */
#include "builtins.h"

#include <os/string.h>

#define ANY 1000u                   /* arguments: more than a command has words */

static int builtin_help(const struct command *c);

/* In the order in which `help` lists them: by name. */
const struct builtin builtins[] = {
    { "caps", builtin_caps, 0, 1, " [all]", "capabilities of the shell: of its task CNode, or of all" },
    { "clear", builtin_clear, 0, 0, "", "clear the screen" },
    { "core", builtin_core, 2, 2, " start|stop N", "start or stop a core" },
    { "cores", builtin_cores, 0, 0, "", "cores of the machine" },
    { "echo", builtin_echo, 0, ANY, " [WORD ...]", "say the words; $? is the status of the latest command" },
    { "exit", builtin_exit, 0, 1, " [STATUS]", "end the shell" },
    { "false", builtin_false, 0, ANY, "", "do nothing, with status 1" },
    { "free", builtin_free, 0, 0, "", "memory of the machine" },
    { "help", builtin_help, 0, 1, " [COMMAND]", "list the commands, or explain one" },
    { "history", builtin_history, 0, 0, "", "lines that were typed" },
    { "jobs", builtin_jobs, 0, 0, "", "programs in the background" },
    { "kill", builtin_kill, 1, ANY, " PID ...", "end processes" },
    { "memtest", builtin_memtest, 0, 1, " [MIB]", "take memory (16 MiB), write and check patterns, give it back" },
    { "nslist", builtin_nslist, 0, 0, "", "names of services: number, owner, its core" },
    { "nslookup", builtin_nslookup, 1, 1, " NAME", "number of the service of that name" },
    { "oncore", builtin_oncore, 2, ANY, " [-n TIMES] [-f] N PROGRAM [WORD ...]",
      "run a program on core N, in the background; -f: wait for it" },
    { "pid", builtin_pid, 0, 0, "", "process number of the shell" },
    { "poweroff", builtin_poweroff, 0, 1, " [STATUS]", "switch the machine off; the status is for who waits for it" },
    { "ps", builtin_ps, 0, 0, "", "processes" },
    { "reboot", builtin_reboot, 0, 0, "", "reset the machine" },
    { "run", builtin_run, 1, ANY, " PROGRAM [WORD ...] [&]", "run a program, though a builtin has its name" },
    { "sleep", builtin_sleep, 1, 1, " SECONDS", "wait; 0.25 is a quarter of a second" },
    { "time", builtin_time, 1, ANY, " COMMAND [WORD ...]", "run a command and say how long it took" },
    { "true", builtin_true, 0, ANY, "", "do nothing, with status 0" },
    { "uptime", builtin_uptime, 0, 0, "", "how long the machine runs" },
    { "wait", builtin_wait, 0, 1, " [PID]", "wait for a program in the background, or for all" },
};

const unsigned builtin_count = sizeof(builtins) / sizeof(builtins[0]);

const struct builtin *builtin_find(const char *name)
{
    for (unsigned i = 0; i < builtin_count; i++) {
        if (strcmp(builtins[i].name, name) == 0) {
            return &builtins[i];
        }
    }
    return NULL;
}

int usage(const struct command *c)
{
    const struct builtin *const b = builtin_find(c->argv[0]);

    complain("usage: %s%s\n", b->name, b->arguments);
    return STATUS_USAGE;
}

static int builtin_help(const struct command *c)
{
    if (c->argc == 1) {
        for (unsigned i = 0; i < builtin_count; i++) {
            const struct builtin *const b = &builtins[i];
            say("%s%-*s %s\n", b->name, 32 - (int)strlen(b->name), b->arguments, b->summary);
        }
        say("Any other word is a program of the boot archive: Tab lists them.  & behind a command runs it in the "
            "background.\n");
        return 0;
    }
    const struct builtin *const b = builtin_find(c->argv[1]);
    if (!b) {
        complain("help: %s: no builtin\n", c->argv[1]);
        return STATUS_FAILED;
    }
    say("%s%s: %s\n", b->name, b->arguments, b->summary);
    return 0;
}
