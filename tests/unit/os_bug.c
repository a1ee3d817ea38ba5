/* What OS_ASSERT of libos calls in host tests. */
#include <os/bug.h>
#include <stdio.h>
#include <stdlib.h>

_Noreturn void os_bug(const char *file, int line, const char *text)
{
    fprintf(stderr, "%s:%d: os_bug: %s\n", file, line, text);
    abort();
}
