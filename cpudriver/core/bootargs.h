/** @file bootargs.h  The kernel's command line (/chosen bootargs): words between blanks.  Pure. */
#ifndef CORE_BOOTARGS_H
#define CORE_BOOTARGS_H

#include <core/lib.h>
#include <stdbool.h>

#define BOOTARGS_BLANKS " \t\r\n"

/** Whether @p word (not empty, no blanks) is one of the words in @p args.  Cost: O(length). */
static inline bool bootargs_have(const char *args, const char *word)
{
    const size_t length = strlen(word);
    while (*args != '\0') {
        size_t n = 0;
        while (args[n] != '\0' && !strchr(BOOTARGS_BLANKS, args[n])) {
            n++;
        }
        if (n == length && memcmp(args, word, n) == 0) {
            return true;
        }
        args += args[n] == '\0' ? n : n + 1;
    }
    return false;
}

#endif
