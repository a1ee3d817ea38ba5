/** @file exit.c  The end of a process; contract in os/startup.h. */
#include <os/print.h>
#include <os/startup.h>

#pragma weak print_flush    /* a program that prints nothing has none */

_Noreturn void os_exit(int status)
{
    if (print_flush) {
        print_flush();
    }
    /* Whoever holds the fault endpoint sees the end, and the status in x0. */
    register uint64_t x0 __asm__("x0") = (uint64_t)status & 0x7f;
    for (;;) {
        __asm__ volatile("brk %[number]" : : [number] "i"(BRK_EXIT), "r"(x0));
    }
}
