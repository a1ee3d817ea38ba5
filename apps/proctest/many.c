/** @file many.c  Many processes, one after another and at once; what they are told. */
#include "proctest.h"

#define AFTER_ANOTHER 200u
#define AT_ONCE       32u

static void after_another(struct test *t)
{
    char status[8];

    for (unsigned i = 0; i < AFTER_ANOTHER && t->wrong == 0; i++) {
        (void)format_text(status, sizeof(status), "%u", i % 128);
        switch (i % 4) {
        case 0: run(t, WORDS("exit", status), i % 128); break;
        case 1: run(t, WORDS("hello", status), 0); break;
        default: run(t, WORDS("true"), 0); break;
        }
    }
}

void many_after_another(struct test *t)
{
    test_same_memory(t, after_another);
}

/* All run before the first is waited for; they end as they like, and are waited for from the last on. */
static void at_once(struct test *t)
{
    uint64_t pid[AT_ONCE];
    unsigned started = 0;
    char status[8];

    for (; started < AT_ONCE; started++) {
        (void)format_text(status, sizeof(status), "%u", started);
        const char *const *words = started % 3 == 0 ? WORDS("true") : WORDS("exit", status);
        if (!EXPECT_OK(t, run_start(words, NULL, &pid[started]))) {
            break;
        }
    }
    for (unsigned i = started; i-- > 0;) {
        run_ends(t, pid[i], i % 3 == 0 ? 0 : i);
    }
}

void many_at_once(struct test *t)
{
    test_same_memory(t, at_once);
}

/* One program in many address spaces, all alive at the same time. */
static void of_one(struct test *t)
{
    uint64_t pid[AT_ONCE], before = 0;
    struct process_info info;
    unsigned alive = 0;

    for (unsigned i = 0; i < AT_ONCE; i++) {
        MUST(t, run_start(WORDS("spin"), NULL, &pid[i]));
    }
    while (err_ok(process_next(before, &info))) {
        alive += strcmp(info.name, "spin") == 0 && info.state == PROCESS_RUNNING && info.parent == os_startup()->pid;
        before = info.pid;
    }
    CHECK_EQ(t, alive, AT_ONCE);
    for (unsigned i = 0; i < AT_ONCE; i++) {
        EXPECT_OK(t, process_kill(pid[i]));
        run_ends(t, pid[i], STATUS_KILLED);
    }
}

void many_of_one(struct test *t)
{
    test_same_memory(t, of_one);
}

/* Start hello with a page to write to; what it says must be @p want behind its number. */
static void hello_says(struct test *t, cptr_t frame, const char *page, const char *const *words,
                       const char *const *envp, unsigned envc, const char *want, unsigned status)
{
    const struct spawn_options options = { .envc = envc, .envp = envp, .passed_count = 1, .passed = &frame };
    char all[512];
    uint64_t pid;

    MUST(t, run_start(words, &options, &pid));
    run_ends(t, pid, status);
    (void)format_text(all, sizeof(all), "hello, process %lu:%s", pid, want);
    CHECK(t, strcmp(page, all) == 0, "it wrote <%s>, wanted <%s>", page, all);
}

static void arguments(struct test *t)
{
    static const char *const envp[] = { "HOME=nowhere", "EXIT=77", "", "A=b c" };
    static char longest[401];
    struct stock *const stock = os_stock();
    struct ram_block ram;
    uint64_t address;
    cptr_t frame;

    MUST(t, stock_refill(stock));
    MUST(t, slots_alloc(&stock->slots, &frame));
    MUST(t, reserve_make(&stock->reserve, CAP_FRAME, SHOAL_PAGE_SIZE, CPTR_NULL, frame, &ram));
    MUST(t, vspace_map(os_vspace(), frame, 0, SHOAL_PAGE_SIZE, MAP_READ | MAP_WRITE, &address));
    const char *const page = (const char *)address;
    hello_says(t, frame, page, WORDS("hello"), NULL, 0, "", 0);
    hello_says(t, frame, page, WORDS("hello", "one", "two three", "", "\"four\"", "*; |"), envp, 4,
               " \"one\" \"two three\" \"\" \"\"four\"\" \"*; |\" HOME=nowhere EXIT=77  A=b c", 77);
    memset(longest, 'x', sizeof(longest) - 1);
    char want[sizeof(longest) + 3];
    (void)format_text(want, sizeof(want), " \"%s\"", longest);
    hello_says(t, frame, page, WORDS("hello", longest), NULL, 0, want, 0);
    EXPECT_OK(t, vspace_unmap(os_vspace(), address, SHOAL_PAGE_SIZE));
    EXPECT_OK(t, reserve_unmake(&stock->reserve, &ram));
    slots_free(&stock->slots, frame);
}

void many_arguments(struct test *t)
{
    test_same_memory(t, arguments);
}
