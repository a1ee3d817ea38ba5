/**
 * @file panic.h  The end of a core, and checks for the kernel's own mistakes.
 * Never for what a caller sent: that gets an error (REQUIRE).
 */
#ifndef CORE_PANIC_H
#define CORE_PANIC_H

#include <stdint.h>

/** Print core, @p format and a symbolised backtrace on the console, then end: the boot core by switching the machine off
 *  with status 125, any other by switching itself off.  A panic within a panic prints a line and ends; a third only stops. */
_Noreturn void panic(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** An exception that the kernel itself raised, or that must not happen: as panic, with the registers.
 * @param kind  number of the vector, 0 … 15: (offset from VBAR_EL1) / 128
 * @param x     x0 … x30 at the exception; lies on the kernel's stack */
_Noreturn void panic_exception(uint64_t kind, uint64_t esr, uint64_t elr, uint64_t far, const uint64_t *x);

#ifdef SHOAL_DEBUG
#define ASSERT(cond)                                                                                                   \
    do {                                                                                                               \
        if (__builtin_expect(!(cond), 0))                                                                              \
            panic("assertion failed: %s (%s:%d)", #cond, __FILE_NAME__, __LINE__);                                     \
    } while (0)
#else
#define ASSERT(cond) ((void)sizeof(cond))
#endif

#endif
