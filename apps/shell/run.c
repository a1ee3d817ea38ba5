/** @file run.c  Contracts in shell.h. */
#include "builtins.h"
#include "numbers.h"
#include "parser.h"

#include <os/err.h>
#include <os/services.h>
#include <os/startup.h>
#include <os/stream.h>
#include <os/string.h>

#define VARIABLES_MAX 128u

bool terminal_gone(void)
{
    const bool gone = shell.terminal && lmp_closed(&shell.terminal->end);

    shell.ending |= gone;
    return gone;
}

bool take_interrupt(void)
{
    return terminal_gone() || (shell.interrupt != 0 && event_take(frame_self(), shell.interrupt));
}

bool was_interrupted(void)
{
    shell.interrupted |= take_interrupt();
    return shell.interrupted;
}

err_t wait_child(uint64_t pid, unsigned *status)
{
    uint64_t ended;

    os_proc()->cancel = shell.interrupt;
    os_proc()->cancel_closed = shell.terminal ? &shell.terminal->end : NULL;
    const err_t err = process_wait(pid, &ended, status);
    os_proc()->cancel = 0;
    return err;
}

/* --- what became of it --- */

static const char *const cause_text[] = {
    [FAULT_READ] = "read from an address that is not mapped or not readable",
    [FAULT_WRITE] = "write to an address that is not mapped or not writable",
    [FAULT_EXEC] = "jump to an address that is not mapped or not executable",
    [FAULT_ALIGN] = "unaligned access, stack or program counter",
    [FAULT_ILLEGAL] = "undefined or trapped instruction",
    [FAULT_BREAKPOINT] = "breakpoint",
    [FAULT_ABORT] = "external abort",
    [FAULT_OTHER] = "fault of another kind",
    [FAULT_REVOKED] = "its CSpace, address space or dispatcher frame was revoked",
};

void report_status(const char *name, unsigned status)
{
    const unsigned cause = status - STATUS_CRASHED;     /* of a status below: a huge number */

    if (status == STATUS_KILLED) {
        complain("%s: killed, status %u\n", name, status);
    } else if (cause < sizeof(cause_text) / sizeof(cause_text[0]) && cause_text[cause]) {
        complain("%s: crashed: %s, status %u\n", name, cause_text[cause], status);
    } else if (status != 0) {
        complain("%s: status %u\n", name, status);
    }
}

/* --- programs --- */

static bool same_name(const char *a, const char *b)
{
    const char *const end = strchr(a, '=');

    return end && strncmp(a, b, (size_t)(end - a) + 1) == 0;
}

/* Own variables, but for those that the command sets.  @return false: too many */
static bool environment(const struct command *c, const char *variable[VARIABLES_MAX], unsigned *count)
{
    *count = 0;
    for (const char *const *own = shell.envp; *own; own++) {
        bool set = false;
        for (unsigned i = 0; i < c->envc; i++) {
            set |= same_name(c->envp[i], *own);
        }
        if (!set && *count == VARIABLES_MAX) {
            return false;
        }
        if (!set) {
            variable[(*count)++] = *own;
        }
    }
    if (c->envc > VARIABLES_MAX - *count) {
        return false;
    }
    for (unsigned i = 0; i < c->envc; i++) {
        variable[(*count)++] = c->envp[i];
    }
    return true;
}

static int start(const struct command *c, uint64_t *pid)
{
    const uint64_t *const own = os_startup()->stream;
    const iref_t streams[STREAMS] = { 0, own[STREAM_OUT], own[STREAM_ERR] };
    const char *variable[VARIABLES_MAX];
    const bool reads = !shell.script && !c->background;     /* what is typed is the shell's, or the foreground's */
    struct spawn_options options = { .envp = variable, .streams = reads ? NULL : streams,
                                     .elsewhere = c->elsewhere, .core = c->core };

    if (!environment(c, variable, &options.envc)) {
        complain("%s: too many variables\n", c->argv[0]);
        return STATUS_FAILED;
    }
    const err_t err = process_spawn(c->argc, c->argv, &options, pid);
    if (err_root(err) == E_ARCHIVE_NONE) {
        complain("%s: no such command or program\n", c->argv[0]);
        return STATUS_UNKNOWN;
    }
    return err_ok(err) ? 0 : complain_err(c->argv[0], "cannot be started", err);
}

/* Ctrl-C kills it; whoever has killed it, or it itself, may have been quicker. */
static int wait_foreground(const char *name, uint64_t pid)
{
    unsigned status;
    err_t err = wait_child(pid, &status);

    while (err_root(err) == E_RPC_CANCELLED) {
        shell.interrupted = true;
        err_ignore(process_kill_tree(pid));
        if (terminal_gone()) {
            return (int)STATUS_KILLED;      /* there is nobody to tell */
        }
        err = wait_child(pid, &status);
    }
    if (shell.interrupted && err_root(err) == E_PROC_CHILD) {
        /* its end was the answer to the call that was cancelled */
        return (int)STATUS_KILLED;
    }
    if (!err_ok(err)) {
        return complain_err(name, "cannot be waited for", err);
    }
    report_status(name, status);
    return (int)status;
}

int run_program(const struct command *c)
{
    uint64_t pid;

    if (c->background && !jobs_room()) {
        complain("%s: too many programs in the background\n", c->argv[0]);
        return STATUS_FAILED;
    }
    const int status = start(c, &pid);
    if (status != 0) {
        return status;
    }
    if (c->background) {
        jobs_add(pid, c->argv[0]);
        char text[PID_TEXT_BYTES];
        say("%s\n", pid_text(text, pid));
        return 0;
    }
    return wait_foreground(c->argv[0], pid);
}

/* --- commands --- */

int run_command(const struct command *c)
{
    const struct builtin *const b = builtin_find(c->argv[0]);

    if (!b) {
        return run_program(c);
    }
    if (c->argc - 1 < b->least || c->argc - 1 > b->most) {
        return usage(c);
    }
    if (c->background && b->run != builtin_run) {
        complain("%s: only programs can run in the background\n", b->name);
        return STATUS_USAGE;
    }
    return b->run(c);
}

static int run_parsed(const struct parsed *p)
{
    const struct command c = {
        .argc = p->words.count - p->variables, .argv = p->words.word + p->variables,
        .envc = p->variables, .envp = p->words.word, .background = p->background,
    };

    return run_command(&c);
}

static int refuse(const char *text, size_t bytes, const char *wrong)
{
    const char *const end = memchr(text, '\n', bytes);
    const size_t length = end ? (size_t)(end - text) : bytes;

    complain("shell: cannot read \"%.*s%s\": %s\n", (int)(length < 60 ? length : 60), text, length > 60 ? "..." : "",
             wrong);
    return STATUS_USAGE;
}

int run_text(const char *text, size_t bytes)
{
    int first = 0;

    shell.interrupted = false;
    while (bytes > 0 && !shell.ending && !shell.interrupted) {
        struct parsed parsed;       /* each its own: a command's words are in use until it ends */
        size_t used;
        const char *wrong = parse_command(text, bytes, &parsed, &used);
        if (wrong) {
            shell.status = refuse(text, bytes, wrong);
        } else if (parsed.words.count > 0) {
            shell.status = run_parsed(&parsed);
        }
        if (first == 0 && (wrong || parsed.words.count > 0)) {
            first = shell.status;
        }
        text += used;
        bytes -= used;
    }
    return first;
}
