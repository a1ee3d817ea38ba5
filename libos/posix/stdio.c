/** @file stdio.c  stdin, stdout and stderr, and what of stdio picolibc leaves out. */
#include "lock.h"

#include <errno.h>
#include <stdio-bufio.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct __lock in_lock, out_lock, err_lock;
static char in_buffer[512], out_buffer[1024], err_buffer[128];

static ssize_t in_read(int fd, void *bytes, size_t most);
static ssize_t out_write(int fd, const void *bytes, size_t count);

#define STREAM(fd_, buffer, read_, write_, rights, bits, lock_)                                                        \
    {                                                                                                                  \
        .xfile = FDEV_SETUP_EXT(__bufio_put, __bufio_get, __bufio_flush, __bufio_close, __bufio_seek, __bufio_setvbuf, \
                                (rights) | __SBUF),                                                                    \
        .fd = (fd_), .bflags = (bits), .buf = (buffer), .size = sizeof(buffer), .read = (read_), .write = (write_),    \
        .lseek = lseek, .close = close, .lock = &(lock_),                                                              \
    }

static struct __file_bufio in_file = STREAM(0, in_buffer, in_read, write, __SRD, 0, in_lock);
static struct __file_bufio out_file = STREAM(1, out_buffer, read, out_write, __SWR, __BLBF, out_lock);
/* Whole lines, although the standard wants it unbuffered: a character by itself costs a call of the terminal's driver. */
static struct __file_bufio err_file = STREAM(2, err_buffer, read, write, __SWR, __BLBF, err_lock);

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

/* Before this, atexit() functions and other destructors have run: they may print. */
__attribute__((destructor(101))) static void flush_at_exit(void)
{
    (void)fflush(NULL);
}

/* picolibc's takes no NULL.  Files that fopen() made are not known here. */
int fflush(FILE *file)
{
    if (!file) {
        const int out = fflush(stdout);
        return fflush(stderr) || out ? EOF : 0;
    }
    return file->flush ? file->flush(file) : 0;
}
