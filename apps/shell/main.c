/**
 * @file main.c  The shell.
 *
 *   shell            commands from standard input; from a terminal with a prompt
 *   shell -c TEXT    the commands of the text
 *   shell FILE       those of a file of the boot archive
 *
 * Status of the last two: 0 if every command had status 0, else the first one that was not, 127 at most.
 */
#include "shell.h"

#include <os/err.h>
#include <os/services.h>
#include <os/stream.h>
#include <os/string.h>
#include <stubs/serial.h>

struct shell shell;

/* From now on Ctrl-C is an event, until we end or a program that we started asks for it. */
static err_t ask_for_interrupts(void)
{
    struct rpc_client *terminal;
    uint64_t event;
    cptr_t notify;

    err_t err = stream_binding(STREAM_IN, &terminal);
    if (!err_ok(err)) {
        err = stream_binding(STREAM_OUT, &terminal);
    }
    if (!err_ok(err)) {
        return OK;                      /* nobody can press it */
    }
    TRY(notify_new(&notify, &event));
    TRY(serial_on_interrupt(terminal, notify));
    shell.interrupt = event;
    return OK;
}

static int run_script(const char *text, size_t bytes)
{
    shell.script = true;
    const int status = run_text(text, bytes);
    if (shell.ending) {
        return shell.status;
    }
    return status < STATUS_MOST ? status : STATUS_MOST;
}

static int run_file(const char *name)
{
    const char *text;
    size_t bytes;

    if (!programs_file(name, &text, &bytes)) {
        complain("shell: %s: no such file in the boot archive\n", name);
        return STATUS_UNKNOWN;
    }
    return run_script(text, bytes);
}

int main(int argc, char **argv, char **envp)
{
    shell.envp = (const char *const *)envp;
    err_t err = ask_for_interrupts();
    if (!err_ok(err)) {
        (void)complain_err("shell", "no Ctrl-C", err);
    }
    err = programs_open();
    if (!err_ok(err)) {
        (void)complain_err("shell", "no boot archive", err);
    }
    if (argc == 3 && strcmp(argv[1], "-c") == 0) {
        return run_script(argv[2], strlen(argv[2]));
    }
    if (argc == 2 && argv[1][0] != '-') {
        return run_file(argv[1]);
    }
    if (argc > 1) {
        complain("usage: shell [-c TEXT | FILE]\n");
        return STATUS_USAGE;
    }
    prompt_loop();
    if (terminal_gone()) {
        return STATUS_FAILED;
    }
    return shell.ending ? shell.status : 0;
}
