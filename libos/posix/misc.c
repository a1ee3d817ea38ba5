/** @file misc.c  sysconf() and small things that picolibc asks for or leaves out. */
#include "file.h"
#include "thread_local.h"

#include <errno.h>
#include <os/process.h>
#include <os/thread.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long pages(bool unused)
{
    uint64_t total, left;

    if (!err_ok(process_memory(&total, &left))) {
        return fail(EIO);
    }
    return (long)((unused ? left : total) / SHOAL_PAGE_SIZE);
}

long sysconf(int name)
{
    switch (name) {
    case _SC_PAGESIZE: return SHOAL_PAGE_SIZE;
    case _SC_NPROCESSORS_CONF:
    case _SC_NPROCESSORS_ONLN: return 1;        /* that the threads of a process run on */
    case _SC_PHYS_PAGES: return pages(false);
    case _SC_AVPHYS_PAGES: return pages(true);
    case _SC_OPEN_MAX: return DESCRIPTORS;
    case _SC_CLK_TCK: return CLOCKS_PER_SEC;
    case _SC_ARG_MAX: return 57344;             /* PROC_TEXT_BYTES of servers/proc */
    case _SC_VERSION: return 200809;
    case _SC_THREADS: return 200809;
    case _SC_THREAD_STACK_MIN: return THREAD_STACK_MIN;
    default: return fail(EINVAL);
    }
}

int getpagesize(void)
{
    return SHOAL_PAGE_SIZE;
}

/* There is no source of randomness yet. */
int getentropy(void *bytes, size_t count)
{
    (void)bytes;
    (void)count;
    return fail(ENOSYS);
}

/* Of libgcc's atomics: the processor's optional features; none that it may use. */
unsigned long __getauxval(unsigned long type);
unsigned long __getauxval(unsigned long type)
{
    (void)type;
    return 0;
}

int vdprintf(int fd, const char *restrict format, va_list args)
{
    char *text = NULL;
    const int length = vasprintf(&text, format, args);

    if (length < 0) {
        return fail(ENOMEM);
    }
    const ssize_t written = write(fd, text, (size_t)length);
    free(text);
    return written < 0 ? -1 : length;
}

int dprintf(int fd, const char *restrict format, ...)
{
    va_list args;

    va_start(args, format);
    const int length = vdprintf(fd, format, args);
    va_end(args);
    return length;
}

ssize_t getdelim(char **restrict line, size_t *restrict size, int end, FILE *restrict file)
{
    size_t used = 0;
    int c;

    if (!*line) {
        *size = 0;
    }
    do {
        c = getc(file);
        if (c == EOF) {
            break;
        }
        if (used + 2 > *size) {
            const size_t more = *size < 60 ? 120 : *size * 2;
            char *const larger = realloc(*line, more);
            if (!larger) {
                return fail(ENOMEM);
            }
            *line = larger;
            *size = more;
        }
        (*line)[used++] = (char)c;
    } while (c != (unsigned char)end);
    if (used == 0) {
        return -1;
    }
    (*line)[used] = '\0';
    return (ssize_t)used;
}

ssize_t getline(char **restrict line, size_t *restrict size, FILE *restrict file)
{
    return getdelim(line, size, '\n', file);
}

/* There is one user, and nothing to be another. */
uid_t getuid(void)
{
    return 0;
}

uid_t geteuid(void)
{
    return 0;
}

gid_t getgid(void)
{
    return 0;
}

gid_t getegid(void)
{
    return 0;
}

struct passwd *getpwuid(uid_t user)
{
    (void)user;
    errno = 0;                          /* there is none of that number, which is no error */
    return NULL;
}

int getrusage(int who, struct rusage *usage)
{
    struct timespec t;

    if (who != RUSAGE_SELF && who != RUSAGE_CHILDREN) {
        return fail(EINVAL);
    }
    memset(usage, 0, sizeof(*usage));
    if (who == RUSAGE_SELF && clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) == 0) {
        usage->ru_utime = (struct timeval){ .tv_sec = t.tv_sec, .tv_usec = (suseconds_t)(t.tv_nsec / 1000) };
    }
    return 0;
}
