/** @file stdio.c  stdin, stdout and stderr, what fdopen() makes, and what of stdio picolibc leaves out. */
#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio-bufio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct __lock in_lock, out_lock, err_lock;
static char in_buffer[512], out_buffer[1024], err_buffer[128];

static ssize_t in_read(int fd, void *bytes, size_t most);
static ssize_t out_write(int fd, const void *bytes, size_t count);

static int close_standard(FILE *file);

#define STREAM(fd_, buffer, read_, write_, close_, rights, bits, lock_)                                                \
    {                                                                                                                  \
        .xfile = FDEV_SETUP_EXT(__bufio_put, __bufio_get, __bufio_flush, close_, __bufio_seek, __bufio_setvbuf,        \
                                (rights) | __SBUF),                                                                    \
        .fd = (fd_), .bflags = (bits), .buf = (buffer), .size = sizeof(buffer), .read = (read_), .write = (write_),    \
        .lseek = lseek, .close = close, .lock = &(lock_),                                                              \
    }

static struct __file_bufio in_file = STREAM(0, in_buffer, in_read, write, close_standard, __SRD, 0, in_lock);
static struct __file_bufio out_file = STREAM(1, out_buffer, read, out_write, close_standard, __SWR, __BLBF, out_lock);
/* Whole lines, although the standard wants it unbuffered: a character by itself costs a call of the terminal's driver. */
static struct __file_bufio err_file = STREAM(2, err_buffer, read, write, close_standard, __SWR, __BLBF, err_lock);

FILE *const stdin = &in_file.xfile.cfile.file;
FILE *const stdout = &out_file.xfile.cfile.file;
FILE *const stderr = &err_file.xfile.cfile.file;

/* A question should be seen before its answer is waited for. */
static ssize_t in_read(int fd, void *bytes, size_t most)
{
    (void)fflush(stdout);
    (void)fflush(stderr);
    return read(fd, bytes, most);
}

/* Asked at the first write, because most programs never read and asking costs a call. */
static ssize_t out_write(int fd, const void *bytes, size_t count)
{
    const int before = errno;

    out_file.write = write;
    if (!isatty(fd)) {
        out_file.bflags &= (uint8_t)~__BLBF;
    }
    errno = before;
    return write(fd, bytes, count);
}

/* picolibc's would free the file and its lock, which are no blocks of the heap.  What is used afterwards says EBADF. */
static int close_standard(FILE *file)
{
    const int fd = ((struct __file_bufio *)file)->fd;
    const int flushed = file->flags & __SWR ? fflush(file) : 0;

    return close(fd) < 0 || flushed ? EOF : 0;
}

/* ---- fdopen(): the only files that can be written are ends of pipes, and those come from here ----------------------  */

/* picolibc frees it as the file that it begins with. */
struct listed {
    struct __file_bufio file;
    struct listed *next;
    char buffer[512];
};

static struct mutex list_lock;
static struct listed *list;             /* of those that are open */

static int close_listed(FILE *file)
{
    const int fd = ((struct listed *)file)->file.fd;

    mutex_lock(&list_lock);
    for (struct listed **at = &list; *at; at = &(*at)->next) {
        if (*at == (struct listed *)file) {
            *at = (*at)->next;
            break;
        }
    }
    mutex_unlock(&list_lock);
    const int result = __bufio_close(file);
    if (fd <= STDERR_FILENO) {
        (void)close(fd);                /* which picolibc leaves open */
    }
    return result;
}

/* @return 0: it makes no sense, or the descriptor does not allow it */
static uint8_t rights_of(const char *mode, int flags)
{
    const bool both = strchr(mode, '+') != NULL;
    const uint8_t rights = both ? __SRD | __SWR : *mode == 'r' ? __SRD : *mode == 'w' || *mode == 'a' ? __SWR : 0;

    if ((rights & __SRD && (flags & O_ACCMODE) == O_WRONLY) || (rights & __SWR && (flags & O_ACCMODE) == O_RDONLY)) {
        return 0;
    }
    return rights;
}

FILE *fdopen(int fd, const char *mode)
{
    const int flags = fcntl(fd, F_GETFL);
    const uint8_t rights = flags < 0 ? 0 : rights_of(mode, flags);
    struct listed *const l = rights ? calloc(1, sizeof(*l)) : NULL;

    if (!l) {
        errno = flags < 0 ? EBADF : rights ? ENOMEM : EINVAL;
        return NULL;
    }
    l->file = (struct __file_bufio)STREAM(fd, l->buffer, read, write, close_listed, rights, 0, in_lock);
    __bufio_lock_init(&l->file.xfile.cfile.file);
    mutex_lock(&list_lock);
    l->next = list;
    list = l;
    mutex_unlock(&list_lock);
    return &l->file.xfile.cfile.file;
}

static int flush_listed(void)
{
    int result = 0;

    mutex_lock(&list_lock);
    for (struct listed *l = list; l; l = l->next) {
        FILE *const file = &l->file.xfile.cfile.file;
        if (file->flags & __SWR && fflush(file) != 0) {
            result = EOF;
        }
    }
    mutex_unlock(&list_lock);
    return result;
}

/* Before this, atexit() functions and other destructors have run: they may print. */
__attribute__((destructor(101))) static void flush_at_exit(void)
{
    (void)fflush(NULL);
}

/* picolibc's takes no NULL. */
int fflush(FILE *file)
{
    if (!file) {
        const int out = fflush(stdout), err = fflush(stderr), others = flush_listed();
        return out || err || others ? EOF : 0;
    }
    return file->flush ? file->flush(file) : 0;
}
