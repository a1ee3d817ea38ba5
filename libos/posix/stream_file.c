/** @file stream_file.c  Standard input, output and error as files: os/stream.h. */
#include "file.h"
#include "lock.h"

#include <errno.h>
#include <stubs/serial.h>

/* The first use binds, which takes in capabilities. */
static err_t bind(enum stream stream)
{
    struct rpc_client *c;

    lock_libc();
    const err_t err = stream_binding(stream, &c);
    unlock_libc();
    return err;
}

/* The same for reading. */
static err_t bind_input(void)
{
    struct rpc_client *c;

    lock_libc();
    err_t err = stream_binding(STREAM_IN, &c);
    if (err_ok(err)) {
        err = stream_read_apart();
    }
    unlock_libc();
    return err;
}

static ssize_t stream_read_file(struct file *file, void *bytes, size_t most)
{
    size_t got = 0;
    err_t err = file->stream == STREAM_IN ? bind_input() : ERR(E_STREAM_NONE);

    if (err_ok(err)) {
        err = stream_read(bytes, most, &got);
    }
    if (!err_ok(err)) {
        return err_root(err) == E_STREAM_NONE ? 0 : fail_err(err);
    }
    return (ssize_t)got;
}

static ssize_t stream_write_file(struct file *file, const void *bytes, size_t count)
{
    err_t err = bind(file->stream);

    if (err_ok(err)) {
        err = stream_write(file->stream, bytes, count);
    }
    return err_ok(err) ? (ssize_t)count : fail_err(err);
}

static int stream_stat_file(struct file *file, struct stat *status)
{
    (void)file;
    status->st_mode = S_IFCHR | S_IRUSR | S_IWUSR;
    status->st_nlink = 1;
    return 0;
}

static bool stream_terminal(struct file *file)
{
    struct rpc_client *c;
    bool terminal = false;

    if (!err_ok(bind(file->stream)) || !err_ok(stream_binding(file->stream, &c))) {
        return false;
    }
    return err_ok(serial_about(c, &terminal)) && terminal;
}

const struct file_ops stream_ops = {
    .read = stream_read_file, .write = stream_write_file, .stat = stream_stat_file, .terminal = stream_terminal,
};
