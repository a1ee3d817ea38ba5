/** @file pipe.c  Pipes, of this process or shared with others: os/pipe.h. */
#include "file.h"
#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <os/pipe.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

/* An end that this process holds, and its binding to it, which is made when it is first used. */
struct pipe_use {
    struct pipe_stream stream;
    struct mutex lock;                  /* of a call, and of the stream's page */
    cptr_t end;
    bool open, passed;
};

/* Both take in capabilities.  The page is for calls that a message does not hold; without it they go in parts. */
static err_t need(struct pipe_use *p, size_t bytes)
{
    err_t err = OK;

    if (p->open && (bytes <= STREAM_CALL_BYTES || p->stream.frame != CPTR_NULL)) {
        return OK;
    }
    lock_libc();
    if (!p->open) {
        err = pipe_open_stream(&p->stream, p->end);
        p->open = err_ok(err);
    }
    if (p->open && bytes > STREAM_CALL_BYTES) {
        err = pipe_need_page(&p->stream);
    }
    unlock_libc();
    return err;
}

static ssize_t pipe_read_file(struct file *file, void *bytes, size_t most)
{
    struct pipe_use *const p = file->pipe;
    size_t got = 0;

    if (most == 0) {
        return 0;
    }
    mutex_lock(&p->lock);
    err_t err = need(p, most);
    if (err_ok(err)) {
        err = pipe_read_stream(&p->stream, bytes, most, &got);
    }
    mutex_unlock(&p->lock);
    return err_ok(err) ? (ssize_t)got : fail_err(err);
}

static ssize_t pipe_write_file(struct file *file, const void *bytes, size_t count)
{
    struct pipe_use *const p = file->pipe;
    size_t written = 0;

    if (count == 0) {
        return 0;
    }
    mutex_lock(&p->lock);
    err_t err = need(p, count);
    if (err_ok(err)) {
        err = pipe_write_stream(&p->stream, bytes, count, &written);
    }
    mutex_unlock(&p->lock);
    if (err_root(err) == E_PIPE_END) {
        (void)raise(SIGPIPE);
    }
    return written > 0 ? (ssize_t)written : err_ok(err) ? 0 : fail_err(err);
}

static int pipe_stat_file(struct file *file, struct stat *status)
{
    (void)file;
    status->st_mode = S_IFIFO | S_IRUSR | S_IWUSR;
    status->st_blksize = PIPE_ATOMIC;
    return 0;
}

static void pipe_close_file(struct file *file)
{
    struct pipe_use *const p = file->pipe;

    lock_libc();
    if (p->open) {
        pipe_close_stream(&p->stream);
    }
    if (p->passed) {
        rpc_drop_cap(p->end);           /* its slot is none of os_stock()'s */
    } else {
        pipe_drop_end(p->end);
    }
    unlock_libc();
    free(p);
}

static const struct file_ops pipe_ops = {
    .read = pipe_read_file, .write = pipe_write_file, .stat = pipe_stat_file, .close = pipe_close_file,
};

struct file *pipe_file(cptr_t end, int way, bool passed)
{
    struct pipe_use *const p = calloc(1, sizeof(*p));
    struct file *const file = p ? file_new(&pipe_ops, way) : NULL;

    if (!file) {
        free(p);
        return NULL;
    }
    p->end = end;
    p->passed = passed;
    file->pipe = p;
    return file;
}

cptr_t pipe_end(const struct file *file)
{
    return file->ops == &pipe_ops ? file->pipe->end : CPTR_NULL;
}

/* The ends go where they can: to descriptors, or away. */
static int publish(const cptr_t end[2], int flags, int fd[2])
{
    struct file *const in = pipe_file(end[0], O_RDONLY | flags, false);
    struct file *const out = pipe_file(end[1], O_WRONLY | flags, false);

    lock_libc();
    for (unsigned i = 0; i < 2; i++) {
        if (!(i ? out : in)) {
            pipe_drop_end(end[i]);
        }
    }
    unlock_libc();
    fd[0] = in ? file_publish(in, 0) : -1;
    fd[1] = out ? file_publish(out, 0) : -1;
    if (fd[0] >= 0 && fd[1] >= 0) {
        return 0;
    }
    const int number = errno;
    for (unsigned i = 0; i < 2; i++) {
        if (fd[i] >= 0) {
            (void)close(fd[i]);
        }
    }
    return fail(number);
}

int pipe2(int fd[2], int flags)
{
    cptr_t end[2];

    if (flags & ~O_CLOEXEC) {
        return fail(EINVAL);            /* O_NONBLOCK: reads wait, there is no select() */
    }
    lock_libc();
    const err_t err = pipe_new(end);
    unlock_libc();
    return err_ok(err) ? publish(end, flags, fd) : fail_err(err);
}

int pipe(int fd[2])
{
    return pipe2(fd, 0);
}
