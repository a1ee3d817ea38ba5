/** @file bug.c  Contract in os/bug.h. */
#include <os/bug.h>
#include <os/print.h>

_Noreturn void os_bug(const char *file, int line, const char *text)
{
    print("%s:%d: assertion failed: %s\n", file, line, text);
    __builtin_trap();
}
