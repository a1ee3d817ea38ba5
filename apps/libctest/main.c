/**
 * @file main.c  libctest: spot checks of the C library and of the POSIX calls.
 *
 *   libctest [GROUP ...]     all groups, or these
 *   libctest =exit N | =abort | =env NAME | =null | =last | …  what a child of its own does
 *
 * One line for each group, "ok NAME" or "FAILED NAME", with a line for each check that failed before it.  Status 1 if any did.
 */
#include "libctest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    void (*fn)(void);
} groups[] = {
    { "formats", test_formats }, { "library", test_library }, { "memory", test_memory }, { "files", test_files },
    { "streams", test_streams }, { "time", test_time }, { "signals", test_signals }, { "processes", test_processes },
    { "pipes", test_pipes }, { "output", test_output }, { "threads", test_threads }, { "sync", test_sync },
    { "pthreads", test_pthreads },
};

static unsigned checks, failures;

void check(bool passed, const char *file, int line, const char *what)
{
    checks++;
    if (!passed) {
        failures++;
        printf("%s:%d: %s\n", file, line, what);
    }
}

void check_text(bool passed, const char *what, const char *got, const char *wanted)
{
    checks++;
    if (!passed) {
        failures++;
        printf("%s: got \"%s\", wanted \"%s\"\n", what, got, wanted);
    }
}

static int as_child(int argc, char **argv)
{
    if (strcmp(argv[1], "=exit") == 0 && argc > 2) {
        return atoi(argv[2]);
    }
    if (strcmp(argv[1], "=env") == 0 && argc > 2) {
        const char *const value = getenv(argv[2]);
        return value ? atoi(value) : 99;
    }
    if (strcmp(argv[1], "=last") == 0) {
        leave_to_last();
    }
    if (strcmp(argv[1], "=reader") == 0) {
        print_beside_reader();
    }
    if (strcmp(argv[1], "=overflow") == 0) {
        overflow_in_thread();
    }
    if (strcmp(argv[1], "=abort") == 0) {
        abort();
    }
    if (strcmp(argv[1], "=null") == 0) {
        *(volatile int *)8 = 1;
    }
    int status = pipe_child(argc, argv);
    status = status >= 0 ? status : output_child(argv[1] + 1);
    return status >= 0 ? status : 98;
}

static bool wanted(const char *name, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], name) == 0) {
            return true;
        }
    }
    return argc < 2;
}

int main(int argc, char **argv)
{
    unsigned passed = 0, failed = 0;

    if (argc > 1 && argv[1][0] == '=') {
        return as_child(argc, argv);
    }
    for (unsigned i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        if (!wanted(groups[i].name, argc, argv)) {
            continue;
        }
        checks = failures = 0;
        groups[i].fn();
        const bool ok = failures == 0 && checks > 0;
        printf("%s %s, %u checks\n", ok ? "ok" : "FAILED", groups[i].name, checks);
        passed += ok;
        failed += !ok;
    }
    printf("libctest: %u passed, %u failed\n", passed, failed);
    return failed || !passed ? 1 : 0;
}
