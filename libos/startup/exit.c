/** @file exit.c  The end of a process; contract in os/startup.h. */
#include <os/startup.h>

_Noreturn void os_exit(int status)
{
    register uint64_t x0 __asm__("x0") = (uint64_t)status & 0x7f;

    if (os_exit_report) {
        os_exit_report(status & 0x7f);
        x0 = (uint64_t)status & 0x7f;
    }
    /* Whoever holds the fault endpoint sees the end, and the status in x0. */
    for (;;) {
        __asm__ volatile("brk %[number]" : : [number] "i"(BRK_EXIT), "r"(x0));
    }
}
