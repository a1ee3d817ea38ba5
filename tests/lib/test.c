#include "test.h"

#include <stdarg.h>

static struct test_case *first, **last = &first;
static int failures;
static uint64_t seed = 1, checks;

void test_register(struct test_case *t)
{
    *last = t;
    last = &t->next;
}

void test_count(void)
{
    checks++;
}

uint64_t test_checks(void)
{
    return checks;
}

void test_fail(const char *file, int line, const char *format, ...)
{
    va_list ap;

    fprintf(stderr, "%s:%d: (seed %" PRIu64 ") ", file, line, seed);
    va_start(ap, format);
    vfprintf(stderr, format, ap);
    va_end(ap);
    fputc('\n', stderr);
    if (++failures >= 20) {
        fprintf(stderr, "too many failures\n");
        exit(1);
    }
}

uint64_t test_seed(void)
{
    return seed;
}

uint64_t test_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545f4914f6cdd1dull;
}

int main(int argc, char **argv)
{
    int run = 0;

    if (argc > 1) {
        seed = strtoull(argv[1], NULL, 0);
        seed = seed ? seed : 1;
    }
    for (struct test_case *t = first; t; t = t->next) {
        const int before = failures;
        const uint64_t checks_before = checks;
        t->run();
        if (checks == checks_before) {
            test_fail(__FILE__, __LINE__, "%s.%s checked nothing", t->suite, t->name);
        }
        printf("%s %s.%s\n", failures == before ? "ok  " : "FAIL", t->suite, t->name);
        run++;
    }
    printf("%d tests, %" PRIu64 " checks, %d failures\n", run, checks, failures);
    return failures || !run;
}
