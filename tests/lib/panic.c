/** @file panic.c  What the kernel's panic() is on the build machine: it ends the test. */
#include <core/panic.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void panic(const char *format, ...)
{
    va_list ap;

    fputs("PANIC ", stderr);
    va_start(ap, format);
    vfprintf(stderr, format, ap);
    va_end(ap);
    fputc('\n', stderr);
    abort();
}
