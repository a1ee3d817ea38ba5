/**
 * @file bug.h  For our own mistakes inside libos, never for what a caller sent.
 */
#ifndef OS_BUG_H
#define OS_BUG_H

/** Print where and what, then fault: the monitor reports it with a backtrace.  Host tests bring their own. */
_Noreturn void os_bug(const char *file, int line, const char *text);

#define OS_ASSERT(cond)                                                                                                \
    do {                                                                                                               \
        if (__builtin_expect(!(cond), 0))                                                                              \
            os_bug(__FILE__, __LINE__, #cond);                                                                         \
    } while (0)

#endif
