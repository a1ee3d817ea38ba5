/* libos/mm on the fake kernel, against an array of pages with their owner. */
#include "libos_world.h"
#include <os/mm.h>

#define EXPECT_OK(err, what) EXPECT(err_ok(err), "%s: %#" PRIx64, what, (err).trail)

#define PAGE   0x1000ull
#define ROOTS  4u
#define PAGES  2048u                    /* of the number line that the model sees */
#define LINE   0x80000000ull            /* its first address, a multiple of 2 MiB */

/* Two that touch, one alone, one that begins and ends at odd pages: in pages of LINE. */
static const struct {
    uint64_t first, pages;
} layout[ROOTS] = { { 0, 512 }, { 512, 128 }, { 700, 4 }, { 1027, 1021 } };

static struct world w;
static struct slab ranges, roots;
static struct mm mm;
static uint8_t owner[PAGES];            /* 0: no RAM; 1: free; else a grant's */

static int root_of(uint64_t page)
{
    for (unsigned r = 0; r < ROOTS; r++) {
        if (page >= layout[r].first && page < layout[r].first + layout[r].pages) {
            return (int)r;
        }
    }
    return -1;
}

static void start(void)
{
    world_start(&w, 0x40000, test_seed());
    memset(owner, 0, sizeof(owner));
    slab_init(&ranges, sizeof(struct range), &w.stock.pool, SLAB_KEEP);
    slab_init(&roots, sizeof(struct mm_root), &w.stock.pool, SLAB_KEEP);
    EXPECT_OK(stock_add_slab(&w.stock, &ranges, E_REFILL_RANGES), "ranges");
    EXPECT_OK(stock_add_slab(&w.stock, &roots, E_REFILL_ROOTS), "roots");
    mm_init(&mm, &ranges, &roots, &w.stock.slots);
    for (unsigned r = 0; r < ROOTS; r++) {
        EXPECT_OK(mm_add_root(&mm, fake_ram(LINE + layout[r].first * PAGE, layout[r].pages * PAGE)), "root");
        memset(owner + layout[r].first, 1, layout[r].pages);
    }
}

static void check(const char *when)
{
    uint64_t free = 0, runs = 0;
    const char *wrong = range_check(&mm.free.tree);

    EXPECT(!wrong, "%s: %s", when, wrong);
    wrong = range_check(&mm.roots);
    EXPECT(!wrong, "%s: %s", when, wrong);
    for (unsigned p = 0; p < PAGES; p++) {
        const bool is_free = owner[p] == 1;
        free += is_free;
        runs += is_free && (p == 0 || owner[p - 1] != 1 || root_of(p) != root_of(p - 1));
        EXPECT(!range_find(&mm.free.tree, LINE + p * PAGE) == !is_free, "%s: page %u", when, p);
    }
    EXPECT_EQ(mm_free_bytes(&mm), free * PAGE, "%s", when);
    EXPECT_EQ(mm.free.tree.count, runs, "%s: neighbours are merged, but not across roots", when);
    EXPECT_EQ(ranges.used, runs, "%s: records", when);
    EXPECT_EQ(roots.used, mm.roots.count, "%s: records", when);
    uint64_t by_root = 0;
    for (struct range *r = range_from(&mm.roots, 0); r; r = range_from(&mm.roots, r->end)) {
        by_root += ((struct mm_root *)r)->free;
    }
    EXPECT_EQ(by_root, free * PAGE, "%s: sums of the roots", when);
}

/* Every page of [first, first + pages) has this owner or, if @p any, any grant's. */
static bool all(uint64_t first, uint64_t pages, uint8_t value, bool any)
{
    for (uint64_t p = first; p < first + pages; p++) {
        if (p >= PAGES || (any ? owner[p] < 2 : owner[p] != value) || root_of(p) != root_of(first)) {
            return false;
        }
    }
    return true;
}

static void alloc(uint64_t *random)
{
    const uint64_t pages = test_random(random) % (test_random(random) % 4 ? 9 : 600) + 1;
    const uint64_t align = PAGE << (test_random(random) % 2 ? 0 : test_random(random) % 10);
    uint64_t base, want = 0;
    cptr_t ram;

    while (want < PAGES && !((LINE + want * PAGE) % align == 0 && all(want, pages, 1, false))) {
        want++;
    }
    EXPECT_OK(stock_refill(&w.stock), "refill");
    const bool exact = align == PAGE || mm.free.tree.count < RANGE_TRIES;
    const err_t err = mm_alloc(&mm, pages * PAGE, align, &base, &ram);
    EXPECT(err_ok(err) ? want < PAGES : err_root(err) == E_RAM_NONE && (!exact || want == PAGES), "%" PRIu64 " pages",
           pages);
    if (err_ok(err)) {
        EXPECT(base == LINE + want * PAGE || !exact, "the lowest place");
        want = (base - LINE) / PAGE;
        EXPECT(base % align == 0 && all(want, pages, 1, false), "a free place");
        EXPECT_EQ(fake_base(ram), base, "that is what the capability names");
        memset(owner + want, (int)(2 + test_random(random) % 250), pages);
        /* Given away: into a slot that is not ours, and something is made of it. */
        EXPECT_OK(cap_retype(ram, CAP_FRAME, 0, PAGE, 1, CPTR_NULL, CPTR(FAKE_L1_TEST, 255)), "use");
        EXPECT_OK(cap_delete(CPTR_NULL, CPTR(FAKE_L1_TEST, 255)), "use");
        EXPECT_OK(slots_delete(&w.stock.slots, ram), "give away");
    }
}

static void take_back(uint64_t *random)
{
    uint64_t first = test_random(random) % PAGES, pages = 1;

    while (pages < 60 && test_random(random) % 16) {
        pages++;
    }
    enum err_code want = E_OK;
    if (root_of(first) < 0 || root_of(first) != root_of(first + pages - 1)) {
        want = E_MM_ROOT;
    } else if (!all(first, pages, 0, true)) {
        want = E_MM_FREE;
    }
    EXPECT_OK(stock_refill(&w.stock), "refill");
    EXPECT_EQ(err_root(mm_free(&mm, LINE + first * PAGE, pages * PAGE)), want, "free");
    if (want == E_OK) {
        memset(owner + first, 1, pages);
    }
}

TEST(mm, against_model)
{
    uint64_t random = test_seed() * 19;

    start();
    check("start");
    for (int step = 0; step < 3000; step++) {
        if (test_random(&random) % 16 < (step / 500 % 2 ? 1 : 5)) {
            alloc(&random);
        } else {
            take_back(&random);
        }
        check("step");
    }
}

TEST(mm, freeing_takes_everything_made_from_the_range)
{
    uint64_t base;
    cptr_t ram;

    start();
    EXPECT_OK(mm_alloc(&mm, 16 * PAGE, 0, &base, &ram), "alloc");
    const cptr_t kept = fake_slot();
    EXPECT_OK(cap_move(CPTR_NULL, kept, CPTR_NULL, ram), "given away");
    slots_free(&w.stock.slots, ram);
    const cptr_t frame = fake_slot();
    EXPECT_OK(cap_retype(kept, CAP_FRAME, 8 * PAGE, PAGE, 1, CPTR_NULL, frame), "frame");
    EXPECT_OK(mm_free(&mm, base, 4 * PAGE), "a part");
    EXPECT(fake_empty(kept) && !fake_empty(frame), "the grant's capability went with its part, the frame did not");
    EXPECT_EQ(err_root(mm_free(&mm, base, 16 * PAGE)), E_MM_FREE, "not twice");
    EXPECT_OK(mm_free(&mm, base + 4 * PAGE, 12 * PAGE), "the rest");
    EXPECT(fake_empty(frame), "and now it does");
    EXPECT_EQ(mm_free_bytes(&mm), mm.bytes, "all is back");
}

TEST(mm, refuses)
{
    uint64_t base = 77;
    cptr_t ram = 77;

    start();
    EXPECT_EQ(err_root(mm_alloc(&mm, 0, 0, &base, &ram)), E_ARG, "nothing");
    EXPECT_EQ(err_root(mm_alloc(&mm, 100, 0, &base, &ram)), E_ARG, "not in pages");
    EXPECT_EQ(err_root(mm_alloc(&mm, PAGE, 3 * PAGE, &base, &ram)), E_ARG, "not a power of two");
    EXPECT_EQ(err_root(mm_alloc(&mm, 1ull << 50, 0, &base, &ram)), E_RAM_NONE, "too much");
    EXPECT_EQ(err_root(mm_alloc(&mm, -PAGE, PAGE, &base, &ram)), E_RAM_NONE, "far too much");
    EXPECT_EQ(err_root(mm_alloc(&mm, PAGE, 1ull << 63, &base, &ram)), E_RAM_NONE, "such an alignment");
    EXPECT(base == 77 && ram == 77, "written on success only");
    EXPECT_EQ(err_root(mm_free(&mm, LINE, 0)), E_ARG, "nothing");
    EXPECT_EQ(err_root(mm_free(&mm, LINE + 8, PAGE)), E_ARG, "not in pages");
    EXPECT_EQ(err_root(mm_free(&mm, LINE, -PAGE)), E_MM_ROOT, "wraps");
    EXPECT_EQ(err_root(mm_free(&mm, LINE, PAGE)), E_MM_FREE, "never granted");
    EXPECT_EQ(err_root(mm_free(&mm, LINE + 650 * PAGE, PAGE)), E_MM_ROOT, "between roots");
    EXPECT_EQ(err_root(mm_add_root(&mm, CPTR(0, TASK_VSPACE))), E_CAP_TYPE, "no RAM");
    EXPECT_EQ(err_root(mm_add_root(&mm, CPTR(0, 200))), E_CAP_EMPTY, "nothing there");
    EXPECT_EQ(err_root(mm_add_root(&mm, fake_ram(LINE + PAGE, PAGE))), E_RANGE_OVERLAP, "inside another root");
    const cptr_t shown = fake_slot();
    const cptr_t other = fake_ram(LINE + 660 * PAGE, PAGE);
    EXPECT_OK(cap_copy(CPTR_NULL, shown, CPTR_NULL, other, RIGHTS_ALL & ~RIGHT_OWN), "shown");
    EXPECT_EQ(err_root(mm_add_root(&mm, shown)), E_CAP_RIGHTS, "without own");
    check("end");
}

TEST(mm, roots_come_and_go)
{
    uint64_t base;
    cptr_t ram;

    start();
    EXPECT_OK(mm_alloc(&mm, 4 * PAGE, 4 * PAGE, &base, &ram), "alloc");
    EXPECT_OK(slots_delete(&w.stock.slots, ram), "give away");
    EXPECT_EQ(err_root(mm_remove_root(&mm, LINE, &ram)), E_MM_GRANTED, "in use");
    EXPECT_EQ(err_root(mm_remove_root(&mm, LINE + PAGE, &ram)), E_MM_ROOT, "not its first address");
    EXPECT_OK(mm_free(&mm, base, 4 * PAGE), "free");
    EXPECT_OK(mm_remove_root(&mm, LINE, &ram), "now it can go");
    EXPECT_EQ(fake_base(ram), LINE, "its capability");
    memset(owner, 0, layout[0].pages);
    check("without the first");
    EXPECT_OK(mm_add_root(&mm, ram), "and come back");
    memset(owner, 1, layout[0].pages);
    check("with it");
    EXPECT_OK(mm_alloc(&mm, 512 * PAGE, 0x200000, &base, &ram), "all of one root");
    EXPECT_EQ(base, LINE, "the one of that size");
    EXPECT_OK(mm_free(&mm, base, 512 * PAGE), "and back, in one");
}

TEST(mm, the_nth_call_fails)
{
    for (unsigned records = 0; records < 2; records++) {
        for (uint64_t n = 1; n < 4; n++) {
            uint64_t base, other;
            cptr_t ram, more;
            start();
            EXPECT_OK(mm_alloc(&mm, 3 * PAGE, 0, &base, &ram), "alloc");
            EXPECT_OK(slots_delete(&w.stock.slots, ram), "give away");
            memset(owner, 2, 3);
            const uint64_t used = w.stock.slots.used;
            while (records && ranges.free > 0) {
                EXPECT(slab_alloc(&ranges), "use up");
            }
            fake_fail(n, FAKE_ALL);
            const err_t a = mm_alloc(&mm, 5 * PAGE, 8 * PAGE, &other, &more);
            const err_t f = mm_free(&mm, base + PAGE, PAGE);
            const bool failed = fake_calls() >= n;
            fake_fail(0, 0);
            EXPECT(!failed || records || !err_ok(a) || !err_ok(f), "call %" PRIu64, n);
            if (records) {
                EXPECT(err_root(a) == E_SLAB_EMPTY && err_root(f) == E_SLAB_EMPTY, "both would need a record");
                ranges.used = mm.free.tree.count;
            }
            if (err_ok(a)) {
                memset(owner + 8, 3, 5);
                EXPECT_OK(slots_delete(&w.stock.slots, more), "give away");
            }
            if (err_ok(f)) {
                owner[1] = 1;
            }
            EXPECT_EQ(w.stock.slots.used, used, "slots");
            check("after the failure");
        }
    }
}
