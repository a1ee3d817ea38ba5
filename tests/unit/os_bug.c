/* What the lowest parts of libos call: here it goes to the test's own output. */
#include <os/bug.h>
#include <os/print.h>
#include <stdio.h>
#include <stdlib.h>

_Noreturn void os_bug(const char *file, int line, const char *text)
{
    fprintf(stderr, "%s:%d: os_bug: %s\n", file, line, text);
    abort();
}

void print(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
}
