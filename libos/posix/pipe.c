/**
 * @file pipe.c  Pipes between the threads of one process.  Descriptors do not go to children, so that is all who can use one.
 *
 * A read that nobody could ever end, because the program has one thread, fails with EDEADLK instead of waiting; a write too.
 */
#include "file.h"
#include "thread_local.h"

#include <errno.h>
#include <fcntl.h>
#include <os/rpc_lmp.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define PIPE_BYTES 4096u

struct pipe {
    struct mutex lock;
    struct condition change;
    bool reader, writer;                /* is that end open? */
    size_t first, used;
    char bytes[PIPE_BYTES];
};

/* @return false: nobody is there to change anything; errno */
static bool wait_for_change(struct pipe *p)
{
    if (!os_rpc_threads_started) {
        errno = EDEADLK;
        return false;
    }
    condition_wait(&p->change, &p->lock);
    return true;
}

static ssize_t pipe_read(struct file *file, void *bytes, size_t most)
{
    struct pipe *const p = file->pipe;
    char *const to = bytes;
    size_t got = 0;

    mutex_lock(&p->lock);
    while (most > 0 && p->used == 0 && p->writer) {
        if (!wait_for_change(p)) {
            mutex_unlock(&p->lock);
            return -1;
        }
    }
    for (; got < most && p->used > 0; got++, p->used--) {
        to[got] = p->bytes[p->first];
        p->first = (p->first + 1) % PIPE_BYTES;
    }
    condition_broadcast(&p->change);
    mutex_unlock(&p->lock);
    return (ssize_t)got;
}

/* What one call writes up to PIPE_BYTES stays together. */
static ssize_t pipe_write(struct file *file, const void *bytes, size_t count)
{
    struct pipe *const p = file->pipe;
    const char *const from = bytes;
    size_t put = 0;

    mutex_lock(&p->lock);
    while (put < count) {
        const size_t room = PIPE_BYTES - p->used, left = count - put;
        if (!p->reader) {
            mutex_unlock(&p->lock);
            (void)raise(SIGPIPE);
            return fail(EPIPE);
        }
        if (room == 0 || (count <= PIPE_BYTES && room < left)) {
            if (!wait_for_change(p)) {
                mutex_unlock(&p->lock);
                return put ? (ssize_t)put : -1;
            }
            continue;
        }
        for (size_t n = room < left ? room : left; n > 0; n--, put++, p->used++) {
            p->bytes[(p->first + p->used) % PIPE_BYTES] = from[put];
        }
        condition_broadcast(&p->change);
    }
    mutex_unlock(&p->lock);
    return (ssize_t)put;
}

static int pipe_stat(struct file *file, struct stat *status)
{
    (void)file;
    status->st_mode = S_IFIFO | S_IRUSR | S_IWUSR;
    status->st_blksize = PIPE_BYTES;
    return 0;
}

static void pipe_close(struct file *file)
{
    struct pipe *const p = file->pipe;

    mutex_lock(&p->lock);
    if (file->flags == O_RDONLY) {
        p->reader = false;
    } else {
        p->writer = false;
    }
    const bool last = !p->reader && !p->writer;
    condition_broadcast(&p->change);
    mutex_unlock(&p->lock);
    if (last) {
        free(p);
    }
}

static const struct file_ops pipe_ops = {
    .read = pipe_read, .write = pipe_write, .stat = pipe_stat, .close = pipe_close,
};

int pipe(int fd[2])
{
    struct pipe *const p = calloc(1, sizeof(*p));
    struct file *const in = p ? file_new(&pipe_ops, O_RDONLY) : NULL;

    if (!in) {
        free(p);
        return -1;
    }
    in->pipe = p;
    p->reader = true;
    fd[0] = file_publish(in, 0);        /* closes p if there is no descriptor */
    if (fd[0] < 0) {
        return -1;
    }
    struct file *const out = file_new(&pipe_ops, O_WRONLY);
    if (out) {
        out->pipe = p;
        p->writer = true;
    }
    fd[1] = out ? file_publish(out, 0) : -1;
    if (fd[1] < 0) {
        const int number = errno;
        (void)close(fd[0]);
        return fail(number);
    }
    return 0;
}
