/** @file fd.c  Descriptors: contracts in file.h, and the POSIX calls that work on one. */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <os/startup.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#define FILES (DESCRIPTORS + 16)        /* those that calls work on while their descriptors are closed, too */

static struct mutex table_lock;
static struct file files[FILES];
static struct file standard[STREAMS] = {
    { .ops = &stream_ops, .refs = 1, .flags = O_RDONLY, .stream = STREAM_IN },
    { .ops = &stream_ops, .refs = 1, .flags = O_WRONLY, .stream = STREAM_OUT },
    { .ops = &stream_ops, .refs = 1, .flags = O_WRONLY, .stream = STREAM_ERR },
};
static struct file *descriptor[DESCRIPTORS] = { &standard[0], &standard[1], &standard[2] };

struct file *file_new(const struct file_ops *ops, int flags)
{
    mutex_lock(&table_lock);
    for (unsigned i = 0; i < FILES; i++) {
        if (!files[i].ops) {
            files[i] = (struct file){ .ops = ops, .refs = 1, .flags = flags };
            mutex_unlock(&table_lock);
            return &files[i];
        }
    }
    mutex_unlock(&table_lock);
    errno = ENFILE;
    return NULL;
}

struct file *file_get(int fd)
{
    struct file *file = NULL;

    mutex_lock(&table_lock);
    if (fd >= 0 && fd < DESCRIPTORS && descriptor[fd]) {
        file = descriptor[fd];
        file->refs++;
    }
    mutex_unlock(&table_lock);
    if (!file) {
        errno = EBADF;
    }
    return file;
}

void file_put(struct file *file)
{
    mutex_lock(&table_lock);
    const bool last = --file->refs == 0;
    mutex_unlock(&table_lock);
    if (last) {
        if (file->ops->close) {
            file->ops->close(file);
        }
        file->ops = NULL;               /* nobody else has it; from here on file_new() may */
    }
}

int file_publish(struct file *file, int from)
{
    mutex_lock(&table_lock);
    for (int fd = from; fd < DESCRIPTORS; fd++) {
        if (!descriptor[fd]) {
            descriptor[fd] = file;
            mutex_unlock(&table_lock);
            return fd;
        }
    }
    mutex_unlock(&table_lock);
    file_put(file);
    return fail(EMFILE);
}

int close(int fd)
{
    mutex_lock(&table_lock);
    struct file *const file = fd >= 0 && fd < DESCRIPTORS ? descriptor[fd] : NULL;
    if (file) {
        descriptor[fd] = NULL;
    }
    mutex_unlock(&table_lock);
    if (!file) {
        return fail(EBADF);
    }
    file_put(file);
    return 0;
}

int dup(int fd)
{
    struct file *const file = file_get(fd);

    return file ? file_publish(file, 0) : -1;
}

int dup2(int fd, int to)
{
    struct file *const file = file_get(fd);

    if (!file) {
        return -1;
    }
    if (to < 0 || to >= DESCRIPTORS || fd == to) {
        file_put(file);
        return fd == to ? to : fail(EBADF);
    }
    mutex_lock(&table_lock);
    struct file *const old = descriptor[to];
    descriptor[to] = file;
    mutex_unlock(&table_lock);
    if (old) {
        file_put(old);
    }
    return to;
}

/* F_DUPFD, F_GETFL; F_GETFD and F_SETFD, which say nothing here: no descriptor goes to a child by itself. */
int fcntl(int fd, int command, ...)
{
    struct file *const file = file_get(fd);
    int result = 0;
    va_list args;

    if (!file) {
        return -1;
    }
    if (command == F_DUPFD || command == F_DUPFD_CLOEXEC) {
        va_start(args, command);
        const int from = va_arg(args, int);
        va_end(args);
        if (from >= 0 && from < DESCRIPTORS) {
            return file_publish(file, from);
        }
        result = fail(EINVAL);
    } else if (command == F_GETFL) {
        result = file->flags;
    } else if (command != F_GETFD && command != F_SETFD) {
        result = fail(EINVAL);
    }
    file_put(file);
    return result;
}

ssize_t read(int fd, void *bytes, size_t most)
{
    struct file *const file = file_get(fd);

    if (!file) {
        return -1;
    }
    const bool may = file->ops->read && (file->flags & O_ACCMODE) != O_WRONLY;
    const ssize_t result = may ? file->ops->read(file, bytes, most) : fail(EBADF);
    file_put(file);
    return result;
}

ssize_t write(int fd, const void *bytes, size_t count)
{
    struct file *const file = file_get(fd);

    if (!file) {
        return -1;
    }
    const bool may = file->ops->write && (file->flags & O_ACCMODE) != O_RDONLY;
    const ssize_t result = may ? file->ops->write(file, bytes, count) : fail(EBADF);
    file_put(file);
    return result;
}

off_t lseek(int fd, off_t offset, int whence)
{
    struct file *const file = file_get(fd);

    if (!file) {
        return -1;
    }
    const off_t result = file->ops->seek ? file->ops->seek(file, offset, whence) : fail(ESPIPE);
    file_put(file);
    return result;
}

int fstat(int fd, struct stat *status)
{
    struct file *const file = file_get(fd);

    if (!file) {
        return -1;
    }
    memset(status, 0, sizeof(*status));
    const int result = file->ops->stat(file, status);
    file_put(file);
    return result;
}

int isatty(int fd)
{
    struct file *const file = file_get(fd);

    if (!file) {
        return 0;
    }
    const bool terminal = file->ops->terminal && file->ops->terminal(file);
    file_put(file);
    if (!terminal) {
        errno = ENOTTY;
    }
    return terminal;
}

int fsync(int fd)
{
    struct file *const file = file_get(fd);

    if (!file) {
        return -1;
    }
    file_put(file);
    return 0;                           /* nothing is kept here */
}
