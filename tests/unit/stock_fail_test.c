/* The layers below vspace when the n-th call of the kernel fails: nothing is lost, and it works when it is repeated. */
#include "libos_world.h"
#include <os/mm.h>

#define EXPECT_OK(err, what) EXPECT(err_ok(err), "%s: %#" PRIx64, what, (err).trail)

static struct world w;

/* A second pool beside the world's, so that its beginning can fail. */
#define SECOND (FAKE_WINDOW + WORLD_ENTRY)

TEST(pool, the_nth_call_of_its_beginning_fails)
{
    static struct pool pool;

    for (uint64_t n = 1;; n++) {
        world_start(&w, 0x40000, test_seed() + n);
        const uint64_t free = w.stock.reserve.free, caps = fake_caps(), entries = w.stock.cspace.free;
        fake_fail(n, FAKE_ALL);
        const err_t err = pool_init(&pool, CPTR(0, TASK_VSPACE), &w.stock.reserve, &w.stock.cspace, SECOND);
        const bool failed = fake_calls() >= n;
        fake_fail(0, 0);
        EXPECT_EQ(err_root(err), failed ? E_STATE : E_OK, "call %" PRIu64, n);
        if (!failed) {
            EXPECT(n == 8, "retype of four, map of three");
            return;
        }
        EXPECT(w.stock.reserve.free == free && fake_caps() == caps, "call %" PRIu64, n);
        EXPECT_EQ(w.stock.cspace.free, entries, "call %" PRIu64, n);
        EXPECT_OK(pool_init(&pool, CPTR(0, TASK_VSPACE), &w.stock.reserve, &w.stock.cspace, SECOND), "again");
    }
}

/* Up to where both the next CNode and the next table are due. */
static unsigned fill_pool(struct pool_page *page)
{
    unsigned n = 0;

    for (; n < 500; n++) {
        EXPECT_OK(stock_refill(&w.stock), "refill");
        EXPECT_OK(pool_take(&w.stock.pool, &page[n]), "take");
    }
    return n;
}

TEST(pool, the_nth_call_of_a_refill_fails)
{
    static struct pool_page page[600];

    for (uint64_t n = 1;; n++) {
        world_start(&w, 0x400000, test_seed() + n);
        unsigned pages = fill_pool(page);
        while (!pool_low(&w.stock.pool)) {
            EXPECT_OK(pool_take(&w.stock.pool, &page[pages++]), "take");
        }
        const uint64_t free = w.stock.reserve.free, caps = fake_caps();
        fake_fail(n, FAKE_ALL);
        const err_t err = pool_refill(&w.stock.pool);
        const bool failed = fake_calls() >= n;
        fake_fail(0, 0);
        EXPECT_EQ(err_root(err), failed ? E_STATE : E_OK, "call %" PRIu64, n);
        EXPECT(!failed || w.stock.reserve.free + 4 >= free, "call %" PRIu64 ": at most the CNode is there", n);
        EXPECT(!failed || fake_caps() <= caps + 1, "call %" PRIu64 ": and nothing else", n);
        EXPECT_OK(pool_refill(&w.stock.pool), "again");
        EXPECT(!pool_low(&w.stock.pool), "ahead again");
        while (pages > 0) {
            EXPECT_OK(pool_give(&w.stock.pool, &page[--pages]), "give");
        }
        const char *const wrong = world_audit(&w);
        EXPECT(!wrong, "call %" PRIu64 ": %s", n, wrong);
        if (!failed) {
            EXPECT(n > 1, "it calls");
            return;
        }
    }
}

TEST(slab, a_page_that_cannot_be_given_back_is_kept)
{
    static void *object[60];
    struct slab s;

    world_start(&w, 0x40000, test_seed());
    slab_init(&s, 1000, &w.stock.pool, SLAB_KEEP);
    EXPECT_OK(stock_add_slab(&w.stock, &s, E_REFILL_RANGES), "add");
    for (unsigned i = 0; i < 60; i++) {
        EXPECT_OK(stock_refill(&w.stock), "refill");
        object[i] = slab_alloc(&s);
    }
    for (unsigned i = 0; i < 60; i++) {
        slab_free(&s, object[i]);
    }
    const uint64_t pages = s.pages, free = s.free;
    for (uint64_t n = 1; n < 4; n++) {
        fake_fail(1, FAKE_REVOKE);
        EXPECT_EQ(err_root(slab_trim(&s)), E_STATE, "refused");
        fake_fail(0, 0);
        EXPECT(s.pages == pages && s.free == free && w.stock.pool.used >= pages, "still there");
    }
    void *const again = slab_alloc(&s);
    memset(again, 1, 1000);             /* and usable */
    slab_free(&s, again);
    EXPECT_OK(slab_trim(&s), "trim");
    EXPECT_EQ(s.pages, 2, "what keeps eight, four a page");
}

TEST(stock, a_slab_that_cannot_be_filled_is_not_added)
{
    struct slab s;

    world_start(&w, 0x40000, test_seed());
    const unsigned slabs = w.stock.slabs;
    slab_init(&s, 1000, &w.stock.pool, SLAB_KEEP);
    fake_fail(1, FAKE_RETYPE);
    const err_t err = stock_add_slab(&w.stock, &s, E_REFILL_RANGES);
    EXPECT_EQ(err.trail, (uint64_t)E_REFILL_RANGES << 16 | E_STATE, "refused");
    fake_fail(0, 0);
    EXPECT_EQ(w.stock.slabs, slabs, "not added");
    slab_init(&s, 1000, NULL, SLAB_KEEP);
    EXPECT_EQ(err_root(stock_add_slab(&w.stock, &s, E_REFILL_RANGES)), E_SLAB_EMPTY, "no pool to grow from");
}

TEST(stock, takes_ram_of_its_own_only)
{
    world_start(&w, 0x40000, test_seed());
    const uint64_t pages = w.stock.reserve.pages;
    const cptr_t ram = fake_object(CAP_RAM, 0x10000, SHOAL_PAGE_SIZE, 0), shown = fake_slot();
    EXPECT_OK(cap_copy(CPTR_NULL, shown, CPTR_NULL, ram, RIGHTS_ALL & ~RIGHT_OWN), "shown");
    EXPECT_EQ(err_root(stock_add_ram(&w.stock, shown)), E_CAP_TYPE, "without own");
    EXPECT_EQ(err_root(stock_add_ram(&w.stock, CPTR(0, TASK_VSPACE))), E_CAP_TYPE, "no RAM");
    EXPECT_EQ(err_root(stock_add_ram(&w.stock, CPTR(0, 200))), E_CAP_EMPTY, "nothing");
    EXPECT_EQ(w.stock.reserve.pages, pages, "as before");
    EXPECT_OK(stock_add_ram(&w.stock, ram), "but this");
    EXPECT_EQ(w.stock.reserve.pages, pages + 16, "all of it");
}

TEST(slots, cnodes_are_given_back)
{
    static cptr_t slot[2000];

    world_start(&w, 0x200000, test_seed());
    const uint64_t l1_free = w.stock.cspace.free;
    for (unsigned i = 0; i < 2000; i++) {
        EXPECT_OK(stock_refill(&w.stock), "refill");
        EXPECT_OK(slots_alloc(&w.stock.slots, &slot[i]), "slot");
    }
    EXPECT(w.stock.slots.cnodes >= 8 && w.stock.cspace.free <= l1_free - 7, "it grew");
    EXPECT_OK(stock_trim(&w.stock), "trim");
    EXPECT(w.stock.slots.cnodes >= 8, "nothing to give back yet");
    for (unsigned i = 0; i < 2000; i++) {
        slots_free(&w.stock.slots, slot[i]);
    }
    const uint64_t free = w.stock.reserve.free, cnodes = w.stock.slots.cnodes;
    EXPECT_OK(stock_trim(&w.stock), "trim");
    EXPECT(w.stock.slots.cnodes <= 3, "all but %" PRIu64, w.stock.slots.cnodes);
    EXPECT(w.stock.slots.free >= SLOTS_LOW + L2_SLOTS, "which keep enough");
    EXPECT_EQ(w.stock.reserve.free, free + 4 * (cnodes - w.stock.slots.cnodes), "their RAM is back");
    EXPECT(w.stock.cspace.free >= l1_free - 2, "their entries too");
    const char *const wrong = world_audit(&w);
    EXPECT(!wrong, "%s", wrong);
}

/* The larger L1 CNode needs a run of pages that the reserve does not have. */
TEST(stock, cspace_grows_with_ram_of_its_own)
{
    struct ram_block block[64];
    unsigned n = 0, index;

    world_start(&w, 0x40000, test_seed());
    while (err_ok(reserve_take(&w.stock.reserve, 1, SHOAL_PAGE_SIZE, &block[n]))) {
        n++;
    }
    for (unsigned i = 0; i < n; i += 2) {
        reserve_give(&w.stock.reserve, &block[i]);
    }
    while (!cspace_low(&w.stock.cspace)) {
        EXPECT(cspace_take(&w.stock.cspace, &index), "entry");
    }
    /* Only the CSpace is low, so ask for something that is too. */
    w.stock.chunks.keep = w.stock.chunks.free + 1;
    const uint64_t requests = w.stock.requests, free = w.stock.slots.free;
    EXPECT_OK(stock_refill(&w.stock), "refill");
    EXPECT_EQ(fake_l1_slots(), 256, "it grew");
    EXPECT_EQ(w.stock.requests, requests + 1, "with one request");
    EXPECT_EQ(w.stock.slots.free, free, "and no slot is lost");
}

TEST(stock, cspace_that_cannot_grow_yet_is_no_error)
{
    unsigned index;

    world_start(&w, 0x40000, test_seed());
    while (!cspace_low(&w.stock.cspace)) {
        EXPECT(cspace_take(&w.stock.cspace, &index), "entry");
    }
    w.stock.chunks.keep = w.stock.chunks.free + 1;
    fake_fail(1, FAKE_MOVE);
    EXPECT_OK(stock_refill(&w.stock), "far ahead");
    fake_fail(0, 0);
    EXPECT_EQ(fake_l1_slots(), 64, "not yet");
    w.stock.chunks.keep = w.stock.chunks.free + 1;
    EXPECT_OK(stock_refill(&w.stock), "next time");
    EXPECT_EQ(fake_l1_slots(), 256, "then");
}

TEST(cspace, entries)
{
    unsigned index;

    world_start(&w, 0x40000, test_seed());
    struct cspace *const cs = &w.stock.cspace;
    const unsigned free = cs->free;
    cspace_mark(cs, 60);
    EXPECT_EQ(cs->free, free - 1, "marked");
    unsigned got = 0;
    while (cspace_take(cs, &index)) {
        EXPECT(index != 60 && index < 64, "entry %u", index);
        got++;
    }
    EXPECT_EQ(got, free - 1, "all others");
    cspace_give(cs, 60);
    EXPECT(cspace_take(cs, &index) && index == 60, "given back");
    cptr_t slot;
    EXPECT_EQ(err_root(slots_refill(&w.stock.slots)), E_SLOTS_CSPACE, "no entry for a CNode");
    EXPECT_EQ(w.stock.cnodes.used, 1, "its record is back");
    EXPECT_OK(slots_alloc(&w.stock.slots, &slot), "slots are there still");
}

TEST(mm, a_root_without_a_record_is_not_added)
{
    static struct slab ranges, roots;
    static struct mm mm;

    world_start(&w, 0x40000, test_seed());
    slab_init(&ranges, sizeof(struct range), NULL, 0);
    slab_init(&roots, sizeof(struct mm_root), &w.stock.pool, SLAB_KEEP);
    mm_init(&mm, &ranges, &roots, &w.stock.slots);
    EXPECT_EQ(err_root(mm_add_root(&mm, fake_ram(0x80000000, 0x10000))), E_SLAB_EMPTY, "no record of a root");
    EXPECT_OK(slab_refill(&roots), "roots");
    EXPECT_EQ(err_root(mm_add_root(&mm, fake_ram(0x90000000, 0x10000))), E_SLAB_EMPTY, "no record of a range");
    EXPECT(mm.bytes == 0 && mm.roots.count == 0 && roots.used == 0, "nothing is left");
}
