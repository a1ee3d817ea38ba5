/** @file list.c  Who is there; contracts in os/process.h. */
#include <os/process.h>
#include <os/services.h>
#include <os/string.h>
#include <stubs/proc.h>

static err_t about(struct process_info *info)
{
    uint64_t state, status, word[4];

    TRY(proc_status(os_proc(), info->pid, &state, &info->parent, &status, &info->limit, &info->granted));
    TRY(proc_name(os_proc(), info->pid, &word[0], &word[1], &word[2], &word[3]));
    info->state = (enum process_state)state;
    info->status = (unsigned)status;
    _Static_assert(sizeof(info->name) == sizeof(word) + 1, "a name and its end");
    memcpy(info->name, word, sizeof(word));
    info->name[sizeof(word)] = '\0';
    return OK;
}

/* Three calls, and its record may go between any two of them: then the one behind it is the next. */
err_t process_next(uint64_t pid, struct process_info *info)
{
    for (;;) {
        TRY(proc_next(os_proc(), pid, &info->pid));
        REQUIRE(info->pid != 0, E_PROC_PID);
        const err_t err = about(info);
        if (err_root(err) != E_PROC_PID) {
            return err;
        }
        pid = info->pid;
    }
}

err_t process_memory(uint64_t *total, uint64_t *unused)
{
    return proc_memory(os_proc(), total, unused);
}
