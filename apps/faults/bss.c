/** @file bss.c  Programs with a large BSS: apps/bigbss has 512 MiB. */
#include "faults.h"
#include <os/process.h>

#define BSS  (512 * MIB)
#define ROOM (20 * MIB)                 /* page tables and records of all that, the program itself, and its promise's margin */

static err_t start_big(const char *pages, uint64_t limit, uint64_t *pid)
{
    const char *const words[] = { "bigbss", pages };

    return process_spawn(2, words, &(struct spawn_options){ .limit = limit }, pid);
}

static void expect_refused(uint64_t limit, enum err_code why)
{
    uint64_t pid, total, before = 0, after = 0;

    CHECK_OK(process_memory(&total, &before));
    const err_t err = start_big("1", limit, &pid);
    CHECK_EQ(err_root(err), why);
    CHECK_OK(process_memory(&total, &after));
    CHECK_EQ(after, before);
}

/* Few pages and all of them, as far as there is so much memory; else it is refused, and nothing of it stays. */
static void lazy_bss(void)
{
    static const char *const pages[] = { "1", "3", "1000", "131072" };
    uint64_t total, free = 0, pid = 0;
    unsigned status = 1;

    CHECK_OK(process_memory(&total, &free));
    if (free < BSS + ROOM) {
        expect_refused(0, E_MEM_PROMISED);
        return;
    }
    for (unsigned i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        CHECK_OK(start_big(pages[i], BSS + ROOM, &pid));
        CHECK_OK(process_wait(pid, &pid, &status));
        CHECK(status == 0, "status %u with %s pages", status, pages[i]);
    }
}

/* The error is that of spawn, with a limit of its own as with the promises of others. */
static void refused_bss(void)
{
    uint64_t total, free = 0;

    CHECK_OK(os_paging_start());
    expect_refused(BSS, E_MEM_LIMIT);
    CHECK_OK(process_memory(&total, &free));
    CHECK_OK(os_commit((int64_t)(free - free / 8 > 300 * MIB ? free - free / 8 - 200 * MIB : free / 2)));
    expect_refused(0, E_MEM_PROMISED);
}

const struct test bss_tests[] = {
    { "bss-lazy", lazy_bss, 0, 0 }, { "bss-refused", refused_bss, 0, 0 }, { 0 },
};
