/** @file stdio.h  picolibc's, and what POSIX has beyond that. */
#ifndef SHOAL_STDIO_H
#define SHOAL_STDIO_H

#include_next <stdio.h>
#include <stdarg.h>
#include <sys/types.h>

#ifndef FILENAME_MAX
#define FILENAME_MAX 1024
#endif
#ifndef FOPEN_MAX
#define FOPEN_MAX 64
#endif

#ifdef __cplusplus
extern "C" {
#endif

ssize_t getdelim(char **__restrict line, size_t *__restrict size, int end, FILE *__restrict file);
ssize_t getline(char **__restrict line, size_t *__restrict size, FILE *__restrict file);
int dprintf(int fd, const char *__restrict format, ...) __attribute__((__format__(__printf__, 2, 3)));
int vdprintf(int fd, const char *__restrict format, va_list args);

#ifdef __cplusplus
}
#endif
#endif
