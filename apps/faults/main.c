/**
 * @file main.c  faults [NAME ...]: each test is a process of its own, so that what it leaves behind can be seen: afterwards
 * as much memory is free as before, to the byte.  Status 0 if every one passed.
 */
#include "faults.h"
#include <os/process.h>
#include <stdarg.h>

static const struct test *const tables[] = { lazy_tests, heap_tests, thread_tests, exception_tests, crash_tests,
                                             short_tests, bss_tests };
static unsigned errors;

void wrong(const char *file, int line, const char *format, ...)
{
    const char *const slash = strrchr(file, '/');
    static struct mutex lock;
    char text[160];
    va_list args;

    mutex_lock(&lock);
    if (errors++ < 8) {
        va_start(args, format);
        (void)format_text_v(text, sizeof(text), format, args);
        va_end(args);
        print("  %s:%d: %s\n", slash ? slash + 1 : file, line, text);
    }
    mutex_unlock(&lock);
}

bool went_wrong(void)
{
    return errors > 0;
}

bool says(const char *text, const char *part)
{
    const size_t bytes = strlen(part);

    while (*text && strncmp(text, part, bytes) != 0) {
        text++;
    }
    return *text;
}

struct thread *start(const char *name, thread_fn fn, void *arg)
{
    struct thread *t = NULL;

    CHECK_OK(thread_create(&t, fn, arg, &(struct thread_options){ .name = name }));
    return t;
}

void finish(struct thread *t)
{
    if (t) {
        CHECK_OK(thread_join(t, NULL));
    }
}

/* Every test begins by os_paging_start() but those that begin by malloc(). */
static int as_child(const char *name)
{
    for (unsigned i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        for (const struct test *t = tables[i]; t->run; t++) {
            if (strcmp(t->name, name) == 0) {
                t->run();
                return errors != 0;
            }
        }
    }
    return 2;
}

static bool run(const struct test *t)
{
    const char *const words[] = { "faults", "-child", t->name };
    const struct spawn_options options = { .limit = t->limit };
    uint64_t total, before = 0, after = 0, pid = 0;
    unsigned status = 0;

    print("%s\n", t->name);
    CHECK_OK(process_memory(&total, &before));
    CHECK_OK(process_spawn(3, words, &options, &pid));
    CHECK_OK(process_wait(pid, &pid, &status));
    CHECK_OK(process_memory(&total, &after));
    CHECK(status == t->status, "status %u, wanted %u", status, t->status);
    CHECK(after == before, "%lu bytes were free before, %lu are after it", before, after);
    print("%s %s\n", errors ? "FAILED" : "ok", t->name);
    const bool passed = errors == 0;
    errors = 0;
    return passed;
}

static bool wanted(const char *name, int count, char **names)
{
    for (int i = 1; i < count; i++) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return count <= 1;
}

int main(int argc, char **argv, char **envp)
{
    unsigned passed = 0, failed = 0;
    unsigned status;
    uint64_t pid;

    (void)envp;
    if (argc == 3 && strcmp(argv[1], "-child") == 0) {
        return as_child(argv[2]);
    }
    if (argc == 2 && strcmp(argv[1], "-nothing") == 0) {
        return 0;
    }
    /* What the first child makes for good in the servers is not counted. */
    if (err_ok(process_spawn(2, (const char *const[]){ "faults", "-nothing" }, NULL, &pid))) {
        CHECK_OK(process_wait(pid, &pid, &status));
    }
    for (unsigned i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        for (const struct test *t = tables[i]; t->run; t++) {
            if (wanted(t->name, argc, argv)) {
                *(run(t) ? &passed : &failed) += 1;
            }
        }
    }
    print("faults: %u passed, %u failed\n", passed, failed);
    return failed != 0 || passed == 0;
}
