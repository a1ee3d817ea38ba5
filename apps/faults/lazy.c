/** @file lazy.c  Lazy regions: content, order of access, several threads, giving memory back. */
#include "faults.h"
#include <os/process.h>

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

/* As above where a page takes the pager 2 MiB from the memory server: meanwhile the others run, and fault on it too. */
static void same_blocks(void)
{
    struct thread *t[16];

    shared.at = region(16 * MIB, true);
    const uint64_t filled = os_vspace()->filled, mappings = os_vspace()->mappings.count;
    shared.pages = 16 * MIB / SHOAL_PAGE_SIZE;
    for (uint64_t i = 0; i < 16; i++) {
        t[i] = start("adder", adds, (void *)i);
    }
    for (unsigned i = 0; i < 16; i++) {
        finish(t[i]);
    }
    for (uint64_t i = 0; i < shared.pages; i++) {
        CHECK_EQ(*(uint64_t *)(shared.at + i * SHOAL_PAGE_SIZE), 16);
    }
    const uint64_t stacks = 8 * 2 * SHOAL_PAGE_SIZE;        /* that are kept for the next threads */
    CHECK(os_vspace()->filled <= filled + 16 * MIB + stacks, "%lu bytes were filled", os_vspace()->filled - filled);
    CHECK(os_vspace()->mappings.count <= mappings + 8 + 8 * 3, "%lu mappings", os_vspace()->mappings.count);
    check_vspace();
}

/* Each thread has pages of its own, and waits for others at once: in the pager, in malloc, for slots and for a server. */
static struct mutex server_lock;

static uint64_t does_all(void *arg)
{
    uint64_t random = (uint64_t)arg * 104729 + 3, total, unused;

    for (unsigned i = 0; i < 60; i++) {
        const uint64_t r = random_next(&random), pages = 1 + r / 8 % 40;
        uint64_t at = 0;
        cptr_t slot;
        switch (r % 4) {
        case 0:
            CHECK_OK(vspace_lazy(os_vspace(), pages * SHOAL_PAGE_SIZE, 0, MAP_READ | MAP_WRITE, false, &at));
            for (uint64_t k = 0; at && k < pages; k++) {
                ((volatile uint64_t *)at)[k * SHOAL_PAGE_SIZE / 8] = k;
            }
            CHECK_OK(vspace_unreserve(os_vspace(), at, pages * SHOAL_PAGE_SIZE));
            break;
        case 1: {
            uint8_t *const p = os_malloc(pages * 3000);
            CHECK(p, "no block");
            for (uint64_t k = 0; p && k < pages * 3000; k += SHOAL_PAGE_SIZE) {
                p[k] = 1;
            }
            os_free(p);
            break;
        }
        case 2:
            CHECK_OK(stock_refill(os_stock()));
            CHECK_OK(slots_alloc(&os_stock()->slots, &slot));
            thread_yield();
            slots_free(&os_stock()->slots, slot);
            break;
        default:
            mutex_lock(&server_lock);       /* its binding is for one at a time */
            CHECK_OK(process_memory(&total, &unused));
            mutex_unlock(&server_lock);
        }
    }
    return 0;
}

static void all_at_once(void)
{
    struct thread *t[48];

    CHECK_OK(os_paging_start());
    for (uint64_t i = 0; i < 48; i++) {
        CHECK_OK(thread_create(&t[i], does_all, (void *)i, &(struct thread_options){ .priority = 20 + (unsigned)i % 5 }));
    }
    for (unsigned i = 0; i < 48; i++) {
        finish(t[i]);
    }
    CHECK_EQ(os_heap_status().used, 0);
    check_vspace();
}

static volatile unsigned refusals;      /* changes at stores to elsewhere */

static enum exception_action allow(struct exception *e, void *arg)
{
    const uint64_t *const region = arg;

    refusals++;
    CHECK(says(e->reason, e->cause == FAULT_WRITE ? "write to read-only memory" : "read of memory that may not"), "%s",
          e->reason);
    CHECK_OK(vspace_protect(os_vspace(), region[0], region[1], MAP_READ | MAP_WRITE));
    return EXCEPTION_RETRY;
}

/* Also pages that come later have the rights that were set meanwhile, and content stays. */
static void protect(void)
{
    const uint64_t at = region(MIB, false), range[2] = { at, MIB };
    volatile uint64_t *const first = (uint64_t *)at, *const later = (uint64_t *)(at + MIB / 2);

    CHECK_OK(exception_set(allow, (void *)range));
    *first = 5;
    CHECK_OK(vspace_protect(os_vspace(), at, MIB, MAP_READ));
    CHECK_EQ(*first, 5);
    CHECK_EQ(*later, 0);
    CHECK_EQ(refusals, 0);
    *later = 6;
    CHECK_EQ(refusals, 1);
    CHECK_OK(vspace_protect(os_vspace(), at, MIB, MAP_READ));
    *first += 1;
    CHECK_EQ(refusals, 2);
    CHECK(*first == 6 && *later == 6, "%lu, %lu", *first, *later);
    for (uint64_t k = 1; k < MIB / SHOAL_PAGE_SIZE; k++) {
        first[k * SHOAL_PAGE_SIZE / 8] += k;
    }
    CHECK_EQ(refusals, 2);
    CHECK_OK(vspace_protect(os_vspace(), at + 0x10000, 0x10000, MAP_READ));
    first[0x10000 / 8 - 1] = 1;
    first[0x20000 / 8] = 1;
    CHECK_EQ(refusals, 2);
    first[0x10000 / 8] = 1;
    CHECK_EQ(refusals, 3);
    check_vspace();
}

/* Nobody gets an address in the first 64 KiB. */
static void first_64k(void)
{
    uint64_t at = 0;

    CHECK_OK(os_paging_start());
    for (uint64_t low = 0; low < 0x10000; low += SHOAL_PAGE_SIZE) {
        CHECK_EQ(err_root(vspace_lazy_at(os_vspace(), low, SHOAL_PAGE_SIZE, MAP_READ, false)), E_VSPACE_LEGAL);
        CHECK_EQ(err_root(vspace_reserve_at(os_vspace(), low, SHOAL_PAGE_SIZE)), E_VSPACE_LEGAL);
        CHECK_EQ(err_root(vspace_map_at(os_vspace(), low, TASK_FRAME, 0, SHOAL_PAGE_SIZE, MAP_READ)), E_VSPACE_LEGAL);
    }
    CHECK_EQ(err_root(vspace_lazy_at(os_vspace(), 0xf000, 2 * SHOAL_PAGE_SIZE, MAP_READ, false)), E_VSPACE_LEGAL);
    CHECK_OK(vspace_lazy_at(os_vspace(), 0x10000, SHOAL_PAGE_SIZE, MAP_READ, false));
    CHECK_EQ(*(volatile uint64_t *)0x10000, 0);
    CHECK_OK(vspace_lazy(os_vspace(), SHOAL_PAGE_SIZE, 0, MAP_READ, false, &at));
    CHECK(at >= 0x10000, "%#lx", at);
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
    { "lazy-many-regions", many_regions, 0, 0 }, { "lazy-same-blocks", same_blocks, 0, 0 },
    { "lazy-all-at-once", all_at_once, 0, 0 }, { "lazy-protect", protect, 0, 0 },
    { "lazy-first-64k", first_64k, 0, 0 }, { 0 },
};
