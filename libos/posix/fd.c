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
static uint64_t cloexec;                /* bit per descriptor: it does not go to children */
_Static_assert(DESCRIPTORS <= 64, "bits of cloexec");

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

/* Under table_lock. */
static void set_cloexec(int fd, bool set)
{
    cloexec = (cloexec & ~(1ull << fd)) | (uint64_t)set << fd;
}

int file_publish(struct file *file, int from)
{
    mutex_lock(&table_lock);
    for (int fd = from; fd < DESCRIPTORS; fd++) {
        if (!descriptor[fd]) {
            descriptor[fd] = file;
            set_cloexec(fd, file->flags & O_CLOEXEC);
            mutex_unlock(&table_lock);
            return fd;
        }
    }
    mutex_unlock(&table_lock);
    file_put(file);
    return fail(EMFILE);
}

void file_replace(int fd, struct file *file)
{
    mutex_lock(&table_lock);
    struct file *const old = descriptor[fd];
    descriptor[fd] = file;
    set_cloexec(fd, false);
    mutex_unlock(&table_lock);
    if (old) {
        file_put(old);
    }
}

uint64_t file_snapshot(struct file *table[DESCRIPTORS])
{
    mutex_lock(&table_lock);
    const uint64_t bits = cloexec;
    for (int fd = 0; fd < DESCRIPTORS; fd++) {
        table[fd] = descriptor[fd];
        if (table[fd]) {
            table[fd]->refs++;
        }
    }
    mutex_unlock(&table_lock);
    return bits;
}

void file_ref(struct file *file)
{
    mutex_lock(&table_lock);
    file->refs++;
    mutex_unlock(&table_lock);
}

int close(int fd)
{
    struct file *const file = file_get(fd);

    if (!file) {
        return -1;
    }
    file_replace(fd, NULL);             /* of two threads that close it both may succeed */
    file_put(file);
    return 0;
}

/* The copy goes to children, whatever the other does. */
static int duplicate(int fd, int from, bool close_on_exec)
{
    struct file *const file = file_get(fd);
    const int copy = file ? file_publish(file, from) : -1;

    if (copy >= 0) {
        mutex_lock(&table_lock);
        set_cloexec(copy, close_on_exec);
        mutex_unlock(&table_lock);
    }
    return copy;
}

int dup(int fd)
{
    return duplicate(fd, 0, false);
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
    file_replace(to, file);
    return to;
}

static int descriptor_flags(int fd, int command, int flags)
{
    mutex_lock(&table_lock);
    if (command == F_SETFD) {
        set_cloexec(fd, flags & FD_CLOEXEC);
    }
    const bool set = cloexec & 1ull << fd;
    mutex_unlock(&table_lock);
    return command == F_GETFD && set ? FD_CLOEXEC : 0;
}

int fcntl(int fd, int command, ...)
{
    struct file *const file = file_get(fd);
    va_list args;

    if (!file) {
        return -1;
    }
    const int flags = file->flags & ~O_CLOEXEC;
    file_put(file);
    if (command == F_GETFL) {
        return flags;
    }
    if (command == F_GETFD) {
        return descriptor_flags(fd, command, 0);
    }
    if (command != F_DUPFD && command != F_DUPFD_CLOEXEC && command != F_SETFD) {
        return fail(EINVAL);
    }
    va_start(args, command);
    const int value = va_arg(args, int);
    va_end(args);
    if (command == F_SETFD) {
        return descriptor_flags(fd, command, value);
    }
    return value >= 0 && value < DESCRIPTORS ? duplicate(fd, value, command == F_DUPFD_CLOEXEC) : fail(EINVAL);
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
