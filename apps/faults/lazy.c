/** @file lazy.c  Lazy regions: content, order of access, several threads, giving memory back. */
#include "faults.h"

static uint64_t region(uint64_t bytes, bool blocks)
{
    uint64_t at = 0;

    CHECK_OK(os_paging_start());
    CHECK_OK(os_commit((int64_t)bytes));
    CHECK_OK(vspace_lazy(os_vspace(), bytes, 0x200000, MAP_READ | MAP_WRITE, blocks, &at));
    return at;
}

static void check_vspace(void)
{
    const char *const bad = vspace_check(os_vspace());

    CHECK(!bad, "%s", bad);
}

/* Each page is zero at first, and keeps what is written. */
static void touch(uint64_t at, uint64_t pages, uint64_t step)
{
    for (uint64_t i = 0, page = 0; i < pages; i++, page = (page + step) % pages) {
        volatile uint64_t *const p = (uint64_t *)(at + page * SHOAL_PAGE_SIZE);
        CHECK(p[0] == 0 && p[511] == 0, "page %lu is not zero", page);
        p[page % 512] = page + 1;
    }
    for (uint64_t page = 0; page < pages; page++) {
        CHECK_EQ(((uint64_t *)(at + page * SHOAL_PAGE_SIZE))[page % 512], page + 1);
    }
}

static void in_order(void)
{
    const uint64_t at = region(16 * MIB, false);

    touch(at, 16 * MIB / SHOAL_PAGE_SIZE, 1);
    check_vspace();
}

static void backwards(void)
{
    const uint64_t pages = 4 * MIB / SHOAL_PAGE_SIZE;

    touch(region(4 * MIB, false), pages, pages - 1);
    check_vspace();
}

static void at_random(void)
{
    touch(region(16 * MIB, false), 16 * MIB / SHOAL_PAGE_SIZE, 1657);
    check_vspace();
}

static void by_blocks(void)
{
    const uint64_t at = region(16 * MIB, true), records = os_vspace()->mappings.count;

    touch(at, 16 * MIB / SHOAL_PAGE_SIZE, 1657);
    CHECK(os_vspace()->mappings.count <= records + 8, "%lu mappings more", os_vspace()->mappings.count - records);
    check_vspace();
}

/* What is unmapped is zero when it comes back; and all of it comes back. */
static void again(void)
{
    const uint64_t at = region(8 * MIB, false), pages = 8 * MIB / SHOAL_PAGE_SIZE;

    for (unsigned round = 0; round < 4; round++) {
        touch(at, pages, round % 2 ? 1657 : 1);
        CHECK_OK(vspace_unmap(os_vspace(), at, 8 * MIB));
        check_vspace();
        CHECK(os_stock()->obtained < 3 * MIB, "%lu bytes are kept", os_stock()->obtained);
    }
    CHECK_OK(vspace_unreserve(os_vspace(), at, 8 * MIB));
}

static struct {
    uint64_t at, pages;
    struct mutex lock;
    uint64_t seen[64];
} shared;

/* All of them add to every page. */
static uint64_t adds(void *arg)
{
    uint64_t random = (uint64_t)arg * 7919 + 1;

    for (uint64_t i = 0; i < shared.pages; i++) {
        uint64_t *const p = (uint64_t *)(shared.at + i * SHOAL_PAGE_SIZE);
        __atomic_fetch_add(p, 1, __ATOMIC_RELAXED);
        if (random_next(&random) % 16 == 0) {
            thread_yield();
        }
    }
    return 0;
}

/* Many threads on the same pages: each is installed once, or an addition would be lost. */
static void same_pages(void)
{
    struct thread *t[32];

    shared.at = region(4 * MIB, false);
    shared.pages = 4 * MIB / SHOAL_PAGE_SIZE;
    for (uint64_t i = 0; i < 32; i++) {
        t[i] = start("adder", adds, (void *)i);
    }
    for (unsigned i = 0; i < 32; i++) {
        finish(t[i]);
    }
    for (uint64_t i = 0; i < shared.pages; i++) {
        CHECK_EQ(*(uint64_t *)(shared.at + i * SHOAL_PAGE_SIZE), 32);
    }
    check_vspace();
}

/* Regions come and go, with faults in between. */
static void many_regions(void)
{
    static uint64_t at[2000];
    uint64_t random = 1;

    for (unsigned i = 0; i < 2000; i++) {
        at[i] = region(SHOAL_PAGE_SIZE * (1 + i % 5), false);
        *(uint64_t *)(at[i] + i % 5 * SHOAL_PAGE_SIZE) = i;
    }
    for (unsigned i = 0; i < 2000; i++) {
        const unsigned k = (unsigned)(random_next(&random) % 2000);
        if (at[k]) {
            CHECK_EQ(*(uint64_t *)(at[k] + k % 5 * SHOAL_PAGE_SIZE), k);
            CHECK_OK(vspace_unreserve(os_vspace(), at[k], SHOAL_PAGE_SIZE * (1 + k % 5)));
            at[k] = 0;
        }
    }
    check_vspace();
}

const struct test lazy_tests[] = {
    { "lazy-in-order", in_order, 0, 0 }, { "lazy-backwards", backwards, 0, 0 }, { "lazy-at-random", at_random, 0, 0 },
    { "lazy-by-blocks", by_blocks, 0, 0 }, { "lazy-again", again, 0, 0 }, { "lazy-same-pages", same_pages, 0, 0 },
    { "lazy-many-regions", many_regions, 0, 0 }, { 0 },
};
