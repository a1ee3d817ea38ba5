/** @file builtin_names.c  Builtins about names of services. */
#include "builtins.h"

#include <os/err.h>
#include <os/names.h>
#include <os/process.h>

int builtin_nslist(const struct command *c)
{
    struct name_entry e = { .name = "" };
    char service[PID_TEXT_BYTES], pid[PID_TEXT_BYTES];
    err_t err;

    (void)c;
    say("%-*s %8s %6s %4s\n", (int)NAME_BYTES, "name", "service", "owner", "core");
    while (err_ok(err = name_next(e.name, &e))) {
        say("%-*s %8s %6s %4lu\n", (int)NAME_BYTES, e.name, pid_text(service, e.service), pid_text(pid, e.pid), id_core(e.pid));
    }
    return err_root(err) == E_NAMES_NONE ? 0 : complain_err("nslist", NULL, err);
}

int builtin_nslookup(const struct command *c)
{
    char text[PID_TEXT_BYTES];
    iref_t service;

    const err_t err = name_lookup(c->argv[1], false, &service);
    if (!err_ok(err)) {
        return complain_err("nslookup", c->argv[1], err);
    }
    say("%s\n", pid_text(text, service));
    return 0;
}
