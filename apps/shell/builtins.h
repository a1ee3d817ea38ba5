/**
 * @file builtins.h  What the shell does itself.
 */
#ifndef SHELL_BUILTINS_H
#define SHELL_BUILTINS_H

#include "shell.h"

/** @return its status; what went wrong it has said */
typedef int (*builtin_fn)(const struct command *c);

struct builtin {
    const char *name;
    builtin_fn run;
    unsigned least, most;           /**< arguments                                                                    */
    const char *arguments;          /**< for its usage                                                                */
    const char *summary;
};

extern const struct builtin builtins[];
extern const unsigned builtin_count;

/** @return NULL: there is none of this name */
const struct builtin *builtin_find(const char *name);

/** Say how it is called.  @return STATUS_USAGE */
int usage(const struct command *c);

/* builtin_text.c */
int builtin_clear(const struct command *c);
int builtin_core(const struct command *c);
int builtin_cores(const struct command *c);
int builtin_echo(const struct command *c);
int builtin_exit(const struct command *c);
int builtin_false(const struct command *c);
int builtin_history(const struct command *c);
int builtin_true(const struct command *c);

/* builtin_names.c */
int builtin_nslist(const struct command *c);
int builtin_nslookup(const struct command *c);

/* builtin_process.c */
int builtin_jobs(const struct command *c);
int builtin_kill(const struct command *c);
int builtin_oncore(const struct command *c);
int builtin_pid(const struct command *c);
int builtin_ps(const struct command *c);
int builtin_run(const struct command *c);
int builtin_wait(const struct command *c);

/* builtin_time.c */
int builtin_sleep(const struct command *c);
int builtin_time(const struct command *c);
int builtin_uptime(const struct command *c);

/* builtin_machine.c */
int builtin_free(const struct command *c);
int builtin_poweroff(const struct command *c);
int builtin_reboot(const struct command *c);

int builtin_caps(const struct command *c);
int builtin_memtest(const struct command *c);

#endif
