/**
 * @file main.c  threadtest NAME: one test of threads.  What went wrong goes to the page that was passed on, as text; the
 * status is 1 if anything did, 2 if there is no such test.
 */
#include "threadtest.h"
#include <os/caps.h>
#include <os/print.h>
#include <os/startup.h>
#include <os/string.h>
#include <os/vspace.h>

#define TEXT_BYTES 2048u                /* of the page; the rest is for figures */

uint64_t *shared;

static size_t text_used;
static unsigned errors;

/* For os_bug(): there is no terminal. */
void print_sink(const char *line, size_t bytes)
{
    const size_t room = TEXT_BYTES - 1 - text_used;

    memcpy((char *)shared + text_used, line, bytes < room ? bytes : room);
    text_used += bytes < room ? bytes : room;
}

void wrong(const char *file, int line, const char *format, ...)
{
    char *const text = (char *)shared;
    const char *base = file;
    va_list args;

    for (const char *c = file; *c; c++) {
        base = *c == '/' ? c + 1 : base;
    }
    thread_disable();                   /* one at a time */
    errors++;
    if (text_used < TEXT_BYTES - 160) {
        text_used += format_text(text + text_used, TEXT_BYTES - text_used, "%s:%d: ", base, line);
        va_start(args, format);
        text_used += format_text_v(text + text_used, TEXT_BYTES - text_used, format, args);
        va_end(args);
        text_used += format_text(text + text_used, TEXT_BYTES - text_used, "; ");
    }
    thread_enable();
}

uint64_t ms(uint64_t n)
{
    return n * time_hz() / 1000;
}

void spin(uint64_t ticks)
{
    for (const uint64_t end = time_now() + ticks; time_now() < end;) {
    }
}

struct thread *start(thread_fn fn, void *arg, unsigned priority)
{
    struct thread *t = NULL;

    CHECK_OK(thread_create(&t, fn, arg, &(struct thread_options){ .priority = priority }));
    return t;
}

uint64_t finish(struct thread *t)
{
    uint64_t value = 0;

    if (t) {
        CHECK_OK(thread_join(t, &value));
    }
    return value;
}

static bool run(const struct test *table, const char *name)
{
    for (; table->run; table++) {
        if (strcmp(table->name, name) == 0) {
            table->run();
            return true;
        }
    }
    return false;
}

int main(int argc, char **argv, char **envp)
{
    static const struct test *const tables[] = { life_tests, order_tests, sync_tests, bug_tests, register_tests,
                                                 event_tests, rpc_tests, cost_tests };
    uint64_t address = 0;
    bool found = false;

    (void)envp;
    if (argc < 2 || !err_ok(vspace_map(os_vspace(), PSLOT_PASSED, 0, SHOAL_PAGE_SIZE, MAP_READ | MAP_WRITE, &address))) {
        return 2;
    }
    shared = (uint64_t *)address;
    CHECK_OK(thread_start_library());
    for (unsigned i = 0; i < sizeof(tables) / sizeof(tables[0]) && !found; i++) {
        found = run(tables[i], argv[1]);
    }
    return found ? errors != 0 : 2;
}
