/**
 * @file panic.h  The end of a core, and checks for the kernel's own mistakes.
 * Never for what a caller sent: that gets an error (REQUIRE).
 */
#ifndef CORE_PANIC_H
#define CORE_PANIC_H

/** Print core, @p format, registers and a symbolised backtrace on the console, and stop this core. */
_Noreturn void panic(const char *format, ...) __attribute__((format(printf, 1, 2)));

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
