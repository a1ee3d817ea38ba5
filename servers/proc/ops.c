/** @file ops.c  The calls of proc.if.  The caller is the process whose binding it is; it can harm only itself. */
#include "proc.h"
#include <os/err.h>
#include <os/startup.h>
#include <os/string.h>
#include <stubs/mem.h>
#include <stubs/monitor.h>
#include <stubs/proc.h>

static err_t do_text(void *session, uint64_t bytes, uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3, uint64_t w4,
                     uint64_t w5, uint64_t w6)
{
    const uint64_t word[] = { w0, w1, w2, w3, w4, w5, w6 };

    REQUIRE(bytes >= 1 && bytes <= sizeof(word), E_PROC_TEXT_SIZE);
    return draft_text(session, (const char *)word, bytes);
}

static err_t do_pass(void *session, cptr_t passed)
{
    const err_t err = draft_pass(session, passed);

    if (!err_ok(err)) {
        rpc_drop_cap(passed);
    }
    return err;
}

static err_t do_streams(void *session, iref_t input, iref_t output, iref_t error)
{
    const iref_t stream[] = { input, output, error };

    return draft_streams(session, stream);
}

static err_t spawn(struct process *parent, uint64_t argc, uint64_t envc, uint64_t limit, uint64_t flags, uint64_t *pid)
{
    const char **strings;
    struct process *made;

    REQUIRE((flags & ~(uint64_t)SPAWN_MANAGER) == 0, E_PROC_FLAGS);
    REQUIRE(!(flags & SPAWN_MANAGER) || parent->flags & PROCESS_MANAGER, E_PROC_MANAGER);
    TRY(draft_strings(parent->draft, argc, envc, &strings));
    const struct make make = {
        .parent = parent, .name = strings[0], .argv = strings + 1, .argc = (unsigned)argc, .envp = strings + 2 + argc,
        .envc = (unsigned)envc, .draft = parent->draft, .stream = parent->stream, .limit = limit,
        .flags = flags & SPAWN_MANAGER ? PROCESS_MANAGER : 0, .priority = PROGRAM_PRIORITY,
    };
    TRY(process_make(&make, &made));
    *pid = made->pid;
    return OK;
}

static err_t do_spawn(void *session, uint64_t argc, uint64_t envc, uint64_t limit, uint64_t flags, uint64_t *pid)
{
    const err_t err = spawn(session, argc, envc, limit, flags, pid);

    draft_drop(session);
    return err;
}

static err_t do_wait(void *session, uint64_t pid, uint64_t *ended, uint64_t *status)
{
    struct process *const parent = session;
    bool any = false;

    for (struct process *p = pid ? process_find(pid) : proc.first; p; p = pid ? NULL : p->after) {
        if (p->parent != parent) {
            continue;
        }
        any = true;
        /* Who waits for a crashed child hears of it when the report has been written: so lines stand in their order. */
        if (p->state == PROCESS_ENDED && log_written(p->told)) {
            *ended = p->pid;
            *status = p->status;
            process_remove(p);
            return OK;
        }
    }
    return any ? ERR(E_RPC_LATER) : ERR(E_PROC_CHILD);
}

static err_t do_try_wait(void *session, uint64_t pid, uint64_t *ended, uint64_t *status)
{
    const err_t err = do_wait(session, pid, ended, status);

    return err_root(err) == E_RPC_LATER ? ERR(E_AGAIN) : err;
}

/* The youngest first: a child's number is higher than its parent's, and without the parent it would be nobody's. */
static void end_descendants(struct process *p)
{
    for (struct process *d = proc.last; d;) {
        if (d->state == PROCESS_RUNNING && process_descends(d, p)) {
            process_end_by_force(d);
            d = proc.last;                          /* records may have gone */
        } else {
            d = d->before;
        }
    }
}

static err_t do_kill(void *session, uint64_t pid, bool descendants)
{
    struct process *const caller = session, *const p = process_find(pid);

    REQUIRE(p && p->state == PROCESS_RUNNING, E_PROC_PID);
    REQUIRE(p == caller || process_descends(p, caller) || caller->flags & PROCESS_MANAGER, E_PROC_MANAGER);
    REQUIRE(p->dispatcher, E_PROC_MANAGER);         /* init, mem, and we: without them the core is lost */
    if (descendants) {
        (void)monitor_process_stop(os_monitor(), pid);  /* so that there are no more while we look; it exists */
        end_descendants(p);
    }
    process_end_by_force(p);
    return OK;
}

static err_t do_status(void *session, uint64_t pid, uint64_t *state, uint64_t *parent, uint64_t *status,
                       uint64_t *limit, uint64_t *granted, uint64_t *time)
{
    const struct process *const p = process_find(pid);
    struct dispatcher_info info;
    uint64_t committed;

    (void)session;
    REQUIRE(p, E_PROC_PID);
    *state = p->state;
    *parent = p->parent ? p->parent->pid : 0;
    *status = p->status;
    if (p->state == PROCESS_RUNNING && p->account) {
        TRY(mem_account_status(os_mem(), p->account, limit, &committed, granted));
        if (err_ok(dispatcher_status(p->dispatcher, &info))) {
            *time = info.time_used;
        }
    }
    return OK;
}

static err_t do_name(void *session, uint64_t pid, uint64_t *w0, uint64_t *w1, uint64_t *w2, uint64_t *w3)
{
    const struct process *const p = process_find(pid);
    uint64_t word[4];

    (void)session;
    REQUIRE(p, E_PROC_PID);
    _Static_assert(sizeof(word) == sizeof(p->name), "a name is four words");
    memcpy(word, p->name, sizeof(word));
    *w0 = word[0], *w1 = word[1], *w2 = word[2], *w3 = word[3];
    return OK;
}

static err_t do_next(void *session, uint64_t pid, uint64_t *next)
{
    const struct process *p = process_find(pid);

    (void)session;
    p = p ? p->after : proc.first;
    while (p && p->pid <= pid) {
        p = p->after;
    }
    *next = p ? p->pid : 0;
    return OK;
}

static err_t do_console(void *session, iref_t stream, cptr_t output, cptr_t *answers)
{
    struct process *const p = session;
    err_t err = p->flags & PROCESS_DRIVER ? OK : ERR(E_PROC_MANAGER);

    *answers = p->seat->rpc.end.receive;            /* PSLOT_FROM_MONITOR is needed by what is started now */
    if (err_ok(err)) {
        err = log_console(output, *answers);
    }
    if (!err_ok(err)) {
        rpc_drop_cap(output);
        return err;
    }
    proc.console = stream;
    boot_console_ready();
    return OK;
}

static err_t do_memory(void *session, uint64_t *total, uint64_t *unused)
{
    (void)session;
    return mem_limits(os_mem(), total, unused);
}

static err_t do_archive(void *session, cptr_t *frame, uint64_t *offset, uint64_t *bytes)
{
    (void)session;
    *frame = PSLOT_PASSED;
    *offset = proc.archive_offset;
    *bytes = proc.archive_bytes;
    return OK;
}

static const struct proc_ops ops = {
    .text = do_text, .pass = do_pass, .streams = do_streams, .spawn = do_spawn, .wait = do_wait,
    .try_wait = do_try_wait, .kill = do_kill,
    .status = do_status, .name = do_name, .next = do_next, .console = do_console, .memory = do_memory,
    .archive = do_archive,
};

void proc_request(struct rpc_session *session, struct rpc_message *message)
{
    proc_serve(&ops, session->state, message);
}

void proc_closed(struct rpc_session *session)
{
    struct process *const p = session->state;

    if (p->remote) {
        process_remote_gone(p);
        return;
    }
    draft_drop(p);
    rpc_seat_close(&proc.seats, p->seat);
    p->seat = NULL;
}

void process_retry(struct process *p)
{
    if (p->seat) {
        rpc_retry(&proc.server, &p->seat->rpc);
    }
}

void processes_log_written(void)
{
    for (struct process *p = proc.first; p; p = p->after) {
        process_retry(p);                   /* who waits runs, so its own record stays; that of a child may go */
    }
    for (struct remote_seat *s = proc.remote.used; s; s = s->next) {
        rpc_retry(&proc.server, &s->seat.rpc);
    }
}
