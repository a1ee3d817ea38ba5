/** @file main.c  oom [NAME ...]: contracts in oom.h.  Status 0 if every test passed. */
#include "oom.h"
#include <stdarg.h>

static const struct scenario *const scenarios[] = { &map_scenario, &slots_scenario, &lazy_scenario, &heap_scenario,
                                                    &thread_scenario, &spawn_scenario, &connect_scenario,
                                                    &call_scenario, &serve_scenario };
static const struct growth *const growths[] = { &simple_growth, &event_growth, &notify_growth };
static const struct {
    const char *name;
    bool (*run)(void);
} others[] = { { "start", start_sweep }, { "limits", start_limits } };

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

/* --- children --- */

static uint64_t number_of(const char *text)
{
    uint64_t n = 0;

    for (; *text >= '0' && *text <= '9'; text++) {
        n = n * 10 + (uint64_t)(*text - '0');
    }
    return n;
}

static int as_child(const char *role, const char *argument)
{
    if (strcmp(role, "-start") == 0) {
        return role_start(number_of(argument));
    }
    if (strcmp(role, "-work") == 0) {
        return role_work();
    }
    if (strcmp(role, "-server") == 0) {
        return role_server(argument);
    }
    if (strcmp(role, "-client") == 0) {
        return role_client(argument);
    }
    for (unsigned i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
        if (strcmp(role, scenarios[i]->name) == 0) {
            return sweep(scenarios[i]);
        }
    }
    for (unsigned i = 0; i < sizeof(growths) / sizeof(growths[0]); i++) {
        if (strcmp(role, growths[i]->name) == 0) {
            return grow(growths[i]);
        }
    }
    return strcmp(role, "-nothing") == 0 ? 0 : 2;
}

/* --- the parent --- */

static bool sweep_child(const char *name)
{
    const char *const words[] = { "oom", "-child", name };
    unsigned status = 1;
    uint64_t pid, ended;
    const err_t err = process_spawn(3, words, NULL, &pid);

    CHECK_OK(err);
    if (err_ok(err)) {
        CHECK_OK(process_wait(pid, &ended, &status));
    }
    CHECK(status == 0, "status %u", status);
    return errors == 0;
}

/* Not what is free: that changes when the core borrows memory, and gives it back. */
static uint64_t in_use(void)
{
    uint64_t total = 0, unused = 0;

    CHECK_OK(process_memory(&total, &unused));
    return total - unused;
}

/* The servers may have had to take more for good the first time that there is so much to do. */
static bool run(const char *name, bool (*test)(void))
{
    uint64_t before = 0, after = 1;

    for (unsigned tries = 0; tries < 2 && after != before && errors == 0; tries++) {
        before = in_use();
        (void)(test ? test() : sweep_child(name));
        after = in_use();
    }
    CHECK(after == before, "%lu bytes were in use before, %lu are after it", before, after);
    print("%s %s\n", errors ? "FAILED" : "ok", name);
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

    (void)envp;
    if (argc >= 3 && strcmp(argv[1], "-child") == 0) {
        return as_child(argv[2], argc > 3 ? argv[3] : "");
    }
    for (unsigned i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
        if (wanted(scenarios[i]->name, argc, argv)) {
            *(run(scenarios[i]->name, NULL) ? &passed : &failed) += 1;
        }
    }
    for (unsigned i = 0; i < sizeof(growths) / sizeof(growths[0]); i++) {
        if (wanted(growths[i]->name, argc, argv)) {
            *(run(growths[i]->name, NULL) ? &passed : &failed) += 1;
        }
    }
    for (unsigned i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (wanted(others[i].name, argc, argv)) {
            *(run(others[i].name, others[i].run) ? &passed : &failed) += 1;
        }
    }
    print("oom: %u passed, %u failed\n", passed, failed);
    return failed != 0 || passed == 0;
}
