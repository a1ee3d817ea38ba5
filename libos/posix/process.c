/** @file process.c  getpid(), waitpid() and the end: os/process.h. */
#include "file.h"

#include <errno.h>
#include <os/process.h>
#include <os/startup.h>
#include <shoal/dispframe.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

void _exit(int status)
{
    os_exit(status);
}

pid_t getpid(void)
{
    return (pid_t)os_startup()->pid;
}

pid_t getppid(void)
{
    struct process_info info;

    return err_ok(process_next(os_startup()->pid - 1, &info)) ? (pid_t)info.parent : 0;
}

static int signal_of(enum fault_cause cause)
{
    switch (cause) {
    case FAULT_NONE: return SIGKILL;
    case FAULT_ALIGN:
    case FAULT_ABORT: return SIGBUS;
    case FAULT_ILLEGAL: return SIGILL;
    case FAULT_BREAKPOINT: return SIGABRT;      /* what abort() and a failed assertion end with */
    default: return SIGSEGV;
    }
}

static int wait_status(unsigned status)
{
    return status < STATUS_CRASHED ? (int)status << 8 : signal_of((enum fault_cause)(status - STATUS_CRASHED));
}

/* Is there a child that @p pid means (0: any), and has one of them ended?  @return its number; 0: none has; -1: errno */
static pid_t ended_child(uint64_t pid)
{
    struct process_info info = { .pid = pid ? pid - 1 : 0 };
    bool any = false;

    while (err_ok(process_next(info.pid, &info)) && (pid == 0 || info.pid == pid)) {
        if (info.parent == os_startup()->pid) {
            if (info.state == PROCESS_ENDED) {
                return (pid_t)info.pid;
            }
            any = true;
        }
    }
    return any ? 0 : fail(ECHILD);
}

pid_t waitpid(pid_t pid, int *status, int options)
{
    uint64_t ended;
    unsigned number;

    if (options & ~WNOHANG) {
        return fail(EINVAL);
    }
    if (pid < -1 || pid == 0) {
        return fail(ENOTSUP);           /* there are no process groups */
    }
    if (options & WNOHANG) {
        pid = ended_child(pid > 0 ? (uint64_t)pid : 0);
        if (pid <= 0) {
            return pid;
        }
    }
    const err_t err = process_wait(pid > 0 ? (uint64_t)pid : 0, &ended, &number);
    if (!err_ok(err)) {
        return fail_err(err);
    }
    if (status) {
        *status = wait_status(number);
    }
    return (pid_t)ended;
}

pid_t wait(int *status)
{
    return waitpid(-1, status, 0);
}
