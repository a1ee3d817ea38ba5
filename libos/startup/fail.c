/** @file fail.c  A process that cannot be set up; contract in internal.h. */
#include "internal.h"

/* There is nobody to tell but who looks at the fault. */
_Noreturn void startup_fail(err_t err)
{
    register uint64_t x0 __asm__("x0") = err.trail;

    for (;;) {
        __asm__ volatile("brk %[number]" : : [number] "i"(BRK_START), "r"(x0));
    }
}
