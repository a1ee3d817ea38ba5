/** @file list.c  Who is there; contracts in os/process.h. */
#include <os/process.h>
#include <os/services.h>
#include <os/string.h>
#include <stubs/monitor.h>
#include <stubs/proc.h>

static err_t about(struct rpc_client *server, struct process_info *info)
{
    uint64_t state, status, word[4];

    TRY(proc_status(server, info->pid, &state, &info->parent, &status, &info->limit, &info->granted,
                    &info->time));
    TRY(proc_name(server, info->pid, &word[0], &word[1], &word[2], &word[3]));
    info->state = (enum process_state)state;
    info->status = (unsigned)status;
    _Static_assert(sizeof(info->name) == sizeof(word) + 1, "a name and its end");
    memcpy(info->name, word, sizeof(word));
    info->name[sizeof(word)] = '\0';
    return OK;
}

/* Three calls, and its record may go between any two of them: then the one behind it is the next. */
static err_t next_on_core(uint64_t core, uint64_t pid, struct process_info *info)
{
    struct rpc_client *server;

    TRY(process_server(core, &server));
    for (;;) {
        TRY(proc_next(server, pid, &info->pid));
        REQUIRE(info->pid != 0, E_PROC_PID);
        const err_t err = about(server, info);
        if (err_root(err) != E_PROC_PID) {
            return err;
        }
        pid = info->pid;
    }
}

err_t process_next(uint64_t pid, struct process_info *info)
{
    uint64_t core = id_core(pid);
    const err_t err = next_on_core(core, pid, info);

    if (err_ok(err) || (core == 0 && err_root(err) != E_PROC_PID)) {
        return err;
    }
    while (err_ok(process_core_next(core, &core))) {
        if (err_ok(next_on_core(core, 0, info))) {                      /* one that went down meanwhile is passed over */
            return OK;
        }
    }
    return ERR(E_PROC_PID);
}

err_t process_core_next(uint64_t core, uint64_t *next)
{
    uint64_t phase;

    do {
        core++;
        TRY(monitor_core(os_monitor(), core, &phase));
    } while (phase != CORE_UP);
    *next = core;
    return OK;
}

err_t process_memory(uint64_t *total, uint64_t *unused)
{
    return proc_memory(os_proc(), total, unused);
}

err_t process_memory_of(uint64_t core, uint64_t *total, uint64_t *unused)
{
    struct rpc_client *server;

    TRY(process_server(core, &server));
    return proc_memory(server, total, unused);
}
