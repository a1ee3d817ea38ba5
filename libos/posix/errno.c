/** @file errno.c  What our errors are called in POSIX: the one table. */
#include "file.h"

#include <errno.h>

static const struct {
    uint16_t code, number;
} table[] = {
    { E_ARG, EINVAL },
    { E_CAP_EMPTY, EIO },               /* a service that is not there (os/services.h) */
    { E_CAP_RIGHTS, EACCES },
    { E_FULL, EAGAIN },
    { E_RAM_NONE, ENOMEM },
    { E_RESERVE_NONE, ENOMEM },
    { E_POOL_FULL, ENOMEM },
    { E_POOL_RAM, ENOMEM },
    { E_SLAB_EMPTY, ENOMEM },
    { E_SLOTS_NONE, ENOMEM },
    { E_CSPACE_FULL, ENOMEM },
    { E_VSPACE_NONE, ENOMEM },
    { E_MEM_LIMIT, ENOMEM },
    { E_MEM_PROMISED, ENOMEM },
    { E_ARCHIVE_NONE, ENOENT },
    { E_ARCHIVE_BROKEN, EIO },
    { E_SPAWN_NAME, ENAMETOOLONG },
    { E_SPAWN_ARGS, E2BIG },
    { E_PROC_TEXT, EINVAL },
    { E_PROC_TEXT_SIZE, E2BIG },
    { E_PROC_PID, ESRCH },
    { E_PROC_CHILD, ECHILD },
    { E_PROC_MANAGER, EPERM },
    { E_PROC_FLAGS, EINVAL },
    { E_PROC_CHILDREN, EAGAIN },
    { E_RPC_CANCELLED, EINTR },
    { E_RPC_CLOSED, EPIPE },
    { E_STREAM_NONE, EBADF },
    { E_STREAM_INTERRUPTED, EINTR },
    { E_PIPE_NONE, EBADF },
    { E_PIPE_WAY, EBADF },
    { E_PIPE_END, EPIPE },
    { E_PIPE_LIMIT, ENFILE },
    { E_PROC_PASSED, EMFILE },
    { E_THREAD_PRIORITY, EINVAL },
    { E_THREAD_STACK, EINVAL },
    { E_THREAD_JOIN, EINVAL },
    { E_TIMEOUT, ETIMEDOUT },
};

int errno_of(enum err_code code)
{
    if (code >= E_ELF_MAGIC && code <= E_ELF_ENTRY) {
        return ENOEXEC;
    }
    for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (table[i].code == code) {
            return table[i].number;
        }
    }
    return EIO;
}

int fail(int number)
{
    errno = number;
    return -1;
}

int fail_err(err_t err)
{
    return fail(errno_of(err_root(err)));
}
