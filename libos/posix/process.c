/** @file process.c  getpid(), posix_spawn(), waitpid() and the end: os/process.h. */
#include "file.h"
#include "lock.h"

#include <errno.h>
#include <os/process.h>
#include <os/startup.h>
#include <shoal/dispframe.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
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

static unsigned count(char *const *words)
{
    unsigned n = 0;

    while (words && words[n]) {
        n++;
    }
    return n;
}

/* The program is that file of the archive; the child's argv[0] is its name, too, because a process has no other. */
static int spawn(pid_t *restrict pid, const char *path, char *const argv[], char *const envp[])
{
    const char *const slash = strrchr(path, '/');
    const unsigned argc = count(argv);
    const struct spawn_options options = { .envc = count(envp), .envp = (const char *const *)envp };
    uint64_t number;

    if (argc > 8192) {
        return E2BIG;
    }
    const char *words[argc + 1];
    words[0] = slash ? slash + 1 : path;
    for (unsigned i = 1; i < argc; i++) {
        words[i] = argv[i];
    }
    lock_libc();
    const err_t err = process_spawn(argc ? argc : 1, words, &options, &number);
    unlock_libc();
    if (!err_ok(err)) {
        return errno_of(err_root(err));
    }
    if (pid) {
        *pid = (pid_t)number;
    }
    return 0;
}

int posix_spawn(pid_t *restrict pid, const char *restrict path, const posix_spawn_file_actions_t *actions,
                const posix_spawnattr_t *restrict attributes, char *const argv[], char *const envp[])
{
    (void)attributes;                   /* none of them has a meaning here */
    return actions && *actions ? ENOTSUP : spawn(pid, path, argv, envp);
}

int posix_spawnp(pid_t *restrict pid, const char *restrict file, const posix_spawn_file_actions_t *actions,
                 const posix_spawnattr_t *restrict attributes, char *const argv[], char *const envp[])
{
    return posix_spawn(pid, file, actions, attributes, argv, envp);
}

/* Descriptors are the process's own: a child has its parent's three streams and nothing else.  A list of actions can be made,
 * and is refused if it is not empty. */
int posix_spawn_file_actions_init(posix_spawn_file_actions_t *actions)
{
    *actions = NULL;
    return 0;
}

int posix_spawn_file_actions_destroy(posix_spawn_file_actions_t *actions)
{
    (void)actions;
    return 0;
}

int posix_spawn_file_actions_addclose(posix_spawn_file_actions_t *actions, int fd)
{
    (void)actions;
    return fd > 2 ? 0 : ENOTSUP;        /* it is not open there anyway */
}

int posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *actions, int from, int to)
{
    (void)actions;
    return from == to && to <= 2 ? 0 : ENOTSUP;
}

int posix_spawn_file_actions_addopen(posix_spawn_file_actions_t *restrict actions, int fd, const char *restrict path,
                                     int flags, mode_t mode)
{
    (void)actions;
    (void)fd;
    (void)path;
    (void)flags;
    (void)mode;
    return ENOTSUP;
}

int posix_spawnattr_init(posix_spawnattr_t *attributes)
{
    *attributes = NULL;
    return 0;
}

int posix_spawnattr_destroy(posix_spawnattr_t *attributes)
{
    (void)attributes;
    return 0;
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
