/** @file check.c  Contracts in proctest.h. */
#include "proctest.h"

#define SHOWN 8u                    /* failures of one test that are printed */

void test_wrong(struct test *t, const char *file, int line, const char *format, ...)
{
    char text[160];
    va_list args;

    if (t->wrong++ >= SHOWN) {
        return;
    }
    va_start(args, format);
    (void)format_text_v(text, sizeof(text), format, args);
    va_end(args);
    const char *const slash = strrchr(file, '/');
    print("FAILED %s: %s:%d: %s\n", t->name, slash ? slash + 1 : file, line, text);
}

bool test_err(struct test *t, const char *file, int line, const char *expr, err_t got, enum err_code want)
{
    char text[120];

    if (err_root(got) == want) {
        return true;
    }
    (void)err_format(got, text, sizeof(text));
    test_wrong(t, file, line, "%s: %s (%s), wanted %s", expr, err_ok(got) ? "OK" : text, err_name(err_root(got)),
               err_name(want));
    return false;
}

uint64_t test_unused(struct test *t)
{
    uint64_t total, unused = 0;

    EXPECT_OK(t, process_memory(&total, &unused));
    return unused;
}

void test_same_memory(struct test *t, void (*body)(struct test *t))
{
    body(t);
    const uint64_t before = test_unused(t);
    for (unsigned round = 0; round < 2 && t->wrong == 0; round++) {
        body(t);
        const uint64_t after = test_unused(t);
        CHECK(t, after == before, "%lu bytes were free before round %u, %lu after it", before, round + 2, after);
    }
}
