/** @file bootargs_test.c  core/bootargs.h. */
#include <core/bootargs.h>

#include "test.h"

TEST(bootargs, finds_whole_words_only)
{
    const struct { const char *args; bool want; } cases[] = {
        { "semihosting", true }, { " semihosting", true }, { "semihosting ", true }, { "quiet semihosting x=1", true },
        { "a\tsemihosting\n", true }, { "semihostin  semihosting", true }, { "", false }, { "   ", false },
        { "semihosting=0", false }, { "nosemihosting", false }, { "semihostin", false }, { "semi hosting", false },
        { "SEMIHOSTING", false },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *copy = strdup(cases[i].args);     /* exactly as long as it is: the sanitizer sees a byte too many */
        EXPECT_EQ(bootargs_have(copy, "semihosting"), cases[i].want, "\"%s\"", copy);
        free(copy);
    }
}
