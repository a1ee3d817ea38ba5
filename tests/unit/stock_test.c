/* libos reserve, pool, slab, slots, cspace, stock on the fake kernel: against models, and with the n-th call failing. */
#include "libos_world.h"

#define EXPECT_OK(err, what) EXPECT(err_ok(err), "%s: %#" PRIx64, what, (err).trail)

static struct world w;

static void audit(const char *when, uint64_t step)
{
    const char *const wrong = world_audit(&w);
    EXPECT(!wrong, "%s %" PRIu64 ": %s", when, step, wrong);
}

/* --- reserve alone: against an array of pages --- */

#define CHUNKS 3u

TEST(reserve, blocks_against_model)
{
    static const uint64_t bytes[CHUNKS] = { 0x200000, 0x40000, 0x13000 };
    struct reserve_chunk record[CHUNKS];
    static uint8_t used[CHUNKS][RESERVE_PAGES], dirty[CHUNKS][RESERVE_PAGES];
    struct ram_block block[64];
    unsigned blocks = 0;
    struct reserve r;
    uint64_t random = test_seed() * 3, pages = 0;

    memset(used, 0, sizeof(used));
    memset(dirty, 0, sizeof(dirty));
    reserve_init(&r);
    EXPECT(reserve_low(&r), "empty");
    for (unsigned c = 0; c < CHUNKS; c++) {
        reserve_add(&r, &record[c], 100 + c, 0x7000 * c, 0x1000 * c, bytes[c]);
        pages += bytes[c] / SHOAL_PAGE_SIZE;
    }
    for (int step = 0; step < 5000; step++) {
        if (blocks < 64 && test_random(&random) % 2) {
            const uint64_t n = test_random(&random) % (test_random(&random) % 2 ? 100 : 4);
            const uint64_t align = SHOAL_PAGE_SIZE << test_random(&random) % 5;
            bool there = false;
            for (unsigned c = 0; c < CHUNKS && n; c++) {
                for (uint64_t p = 0; p + n <= bytes[c] / SHOAL_PAGE_SIZE && !there; p++) {
                    there = (record[c].base + p * SHOAL_PAGE_SIZE) % align == 0 && !memchr(&used[c][p], 1, n);
                }
            }
            struct ram_block b = { 0 };
            const err_t err = reserve_take(&r, n, align, &b);
            EXPECT_EQ(err_root(err), there ? E_OK : E_RESERVE_NONE, "%" PRIu64 " pages", n);
            if (err_ok(err)) {
                const unsigned c = (unsigned)(b.chunk - record);
                EXPECT(!memchr(&used[c][b.first], 1, n), "given twice");
                EXPECT((b.chunk->base + b.first * 4096ull) % align == 0, "aligned");
                EXPECT_EQ(reserve_dirty(&b), memchr(&dirty[c][b.first], 1, n) != NULL, "dirty");
                memset(&used[c][b.first], 1, n);
                block[blocks++] = b;
                pages -= n;
            }
        } else if (blocks) {
            const unsigned i = test_random(&random) % blocks;
            const unsigned c = (unsigned)(block[i].chunk - record);
            memset(&used[c][block[i].first], 0, block[i].pages);
            memset(&dirty[c][block[i].first], 1, block[i].pages);
            pages += block[i].pages;
            reserve_give(&r, &block[i]);
            block[i] = block[--blocks];
        }
        EXPECT_EQ(r.free, pages, "step %d", step);
    }
}

/* --- slab and pool --- */

TEST(slab, objects_are_distinct_and_pages_come_and_go)
{
    static void *object[3000];
    struct slab s;
    uint64_t random = test_seed() * 11, have = 0;

    world_start(&w, 0x40000, test_seed());
    slab_init(&s, 200, &w.stock.pool, SLAB_KEEP);
    EXPECT(!slab_alloc(&s), "nothing yet");
    EXPECT(slab_low(&s), "low");
    EXPECT_OK(stock_add_slab(&w.stock, &s, E_REFILL_RANGES), "add");
    const uint64_t pages_before = w.stock.pool.used - s.pages;
    for (int step = 0; step < 20000; step++) {
        const bool in = test_random(&random) % 16 < (step / 4000 % 2 ? 5 : 11);
        EXPECT_OK(stock_refill(&w.stock), "refill");
        EXPECT(s.free >= SLAB_KEEP, "kept");
        if (in && have < 3000) {
            object[have] = slab_alloc(&s);
            EXPECT(object[have] && (uintptr_t)object[have] % 16 == 0, "an object");
            memset(object[have], 0x5a, 200);
            *(uint64_t *)object[have] = have;
            have++;
        } else if (have) {
            const uint64_t i = test_random(&random) % have;
            EXPECT_EQ(*(uint64_t *)object[i], i, "overwritten by another");
            slab_free(&s, object[i]);
            object[i] = object[--have];
            if (i < have) {
                *(uint64_t *)object[i] = i;
            }
        }
        EXPECT_EQ(s.used, have, "used");
        EXPECT_EQ(w.stock.pool.used, pages_before + s.pages, "pages");
        if (step % 64 == 0) {
            EXPECT_OK(stock_trim(&w.stock), "trim");
            EXPECT(!slab_fat(&s), "trimmed");
        }
    }
    while (have) {
        slab_free(&s, object[--have]);
    }
    EXPECT_OK(slab_trim(&s), "trim");
    EXPECT(s.pages <= 1, "all but one page are back: %" PRIu64, s.pages);
}

TEST(pool, grows_ahead_over_blocks_and_cnodes)
{
    static struct pool_page page[1200];

    world_start(&w, 0x40000, test_seed());
    for (unsigned i = 0; i < 1200; i++) {
        EXPECT_OK(stock_refill(&w.stock), "refill");
        EXPECT_OK(pool_take(&w.stock.pool, &page[i]), "take");
        memset(page[i].address, 0x33, SHOAL_PAGE_SIZE);     /* it is there */
    }
    EXPECT(w.stock.pool.blocks >= 3 && w.stock.pool.cnodes >= 10, "it grew");
    EXPECT(w.stock.pool.blocks <= 4 && w.stock.pool.cnodes <= 11, "but not much ahead");
    const char *wrong = fake_check();
    EXPECT(!wrong, "%s", wrong);
    const uint64_t free = w.stock.reserve.free;
    for (unsigned i = 0; i < 1200; i += 2) {
        EXPECT_OK(pool_give(&w.stock.pool, &page[i]), "give");
    }
    EXPECT_EQ(w.stock.reserve.free, free + 600, "RAM is back");
    void *const lowest = page[0].address;
    EXPECT_OK(pool_take(&w.stock.pool, &page[0]), "again");
    EXPECT(page[0].address == lowest, "the lowest free page");
    for (unsigned i = 2; i < 1200; i += 2) {
        EXPECT_OK(pool_take(&w.stock.pool, &page[i]), "again");
    }
    for (unsigned i = 0; i < 1200; i++) {
        EXPECT_OK(pool_give(&w.stock.pool, &page[i]), "give");
    }
    audit("end", 0);
}

TEST(pool, gives_what_is_ready_and_no_more)
{
    struct pool_page page;
    uint64_t taken = 0;

    world_start(&w, 0x200000, test_seed());
    const uint64_t used = w.stock.pool.used;
    while (err_ok(pool_take(&w.stock.pool, &page))) {
        taken++;
    }
    EXPECT_EQ(used + taken, POOL_CNODE_PAGES, "one CNode's worth, then the next must be made");
    EXPECT_EQ(err_root(pool_take(&w.stock.pool, &page)), E_POOL_FULL, "and still");
    EXPECT_OK(stock_refill(&w.stock), "refill");
    EXPECT_OK(pool_take(&w.stock.pool, &page), "then there are more");
}

TEST(pool, is_full_at_its_end)
{
    struct pool_page page;

    world_start(&w, 0x40000, test_seed());
    w.stock.pool.blocks = POOL_BLOCKS;              /* as if all had been made and used */
    w.stock.pool.cnodes = POOL_CNODES;
    w.stock.pool.used = POOL_PAGES;
    memset(w.stock.pool.map, 0xff, sizeof(w.stock.pool.map));
    EXPECT(!pool_low(&w.stock.pool), "nothing can be made ahead");
    EXPECT_OK(pool_refill(&w.stock.pool), "so this does nothing");
    EXPECT_EQ(err_root(pool_take(&w.stock.pool, &page)), E_POOL_FULL, "full");
}

TEST(pool, refuses_a_window_that_is_not_aligned)
{
    static struct pool pool;

    world_start(&w, 0x40000, test_seed());
    EXPECT_EQ(err_root(pool_init(&pool, CPTR(0, TASK_VSPACE), &w.stock.reserve, &w.stock.cspace, 0x200000)), E_ARG, "");
    audit("after", 0);
}

/* --- slots --- */

static unsigned bit_count(const struct world *world)
{
    unsigned n = 0;
    for (const struct slots_cnode *c = world->stock.slots.partial; c; c = c->next) {
        for (unsigned i = 0; i < L2_SLOTS / 64; i++) {
            n += (unsigned)__builtin_popcountll(c->map[i]);
        }
    }
    for (const struct slots_cnode *c = world->stock.slots.empty; c; c = c->next) {
        n += L2_SLOTS;
    }
    return n;
}

/* The lists hold what they say, and all of it. */
static void check_lists(const struct slots *s)
{
    uint64_t listed = 0, full = 0;

    for (const struct slots_cnode *c = s->partial; c; c = c->next, listed++) {
        EXPECT(c->free > 0 && !(c->free == L2_SLOTS && c->ram.chunk), "partial: CNode %u has %u free", c->l1, c->free);
    }
    for (const struct slots_cnode *c = s->empty; c; c = c->next, listed++) {
        EXPECT(c->free == L2_SLOTS && c->ram.chunk, "empty: CNode %u has %u free", c->l1, c->free);
    }
    for (unsigned b = 0; b < SLOTS_BUCKETS; b++) {
        for (const struct slots_cnode *c = s->bucket[b]; c; c = c->bucket) {
            full += c->free == 0;
        }
    }
    EXPECT_EQ(listed + full, s->cnodes, "a CNode with free slots is in no list");
}

TEST(slots, runs_are_found)
{
    cptr_t first[4], one;

    world_start(&w, 0x40000, test_seed());
    for (unsigned i = 0; i < 3; i++) {
        EXPECT_OK(slots_alloc_run(&w.stock.slots, 64, &first[i]), "three runs in the task's CNode");
        EXPECT_EQ(first[i], CPTR(0, TASK_FREE + 64 * i), "the lowest");
    }
    EXPECT_EQ(err_root(slots_alloc_run(&w.stock.slots, 49, &one)), E_SLOTS_NONE, "48 are left");
    EXPECT_OK(slots_alloc_run(&w.stock.slots, 48, &first[3]), "the rest");
    EXPECT_EQ(err_root(slots_alloc(&w.stock.slots, &one)), E_SLOTS_NONE, "none");
    slots_free_run(&w.stock.slots, first[1] + 10, 20);
    slots_free_run(&w.stock.slots, first[2] + 3, 21);
    EXPECT_OK(slots_alloc_run(&w.stock.slots, 21, &one), "the second hole, as the first is too short");
    EXPECT_EQ(one, first[2] + 3, "there");
    EXPECT_OK(slots_alloc_run(&w.stock.slots, 20, &one), "the first hole");
    EXPECT_EQ(one, first[1] + 10, "there");
    check_lists(&w.stock.slots);
}

TEST(slots, runs_are_empty_distinct_and_given_back)
{
    static struct {
        cptr_t first;
        unsigned count;
    } run[600];
    unsigned runs = 0;
    uint64_t random = test_seed() * 13;

    world_start(&w, 0x40000, test_seed());
    for (int step = 0; step < 6000; step++) {
        EXPECT_OK(stock_refill(&w.stock), "refill");
        EXPECT(w.stock.slots.free >= SLOTS_KEEP, "kept");
        if (runs < 600 && test_random(&random) % 8 < (step / 1500 % 2 ? 2 : 5)) {
            const unsigned count = test_random(&random) % 4 ? 1 : 1 + test_random(&random) % SLOTS_RUN_MAX;
            const err_t err = slots_alloc_run(&w.stock.slots, count, &run[runs].first);
            EXPECT(err_ok(err) || (count > 1 && err_root(err) == E_SLOTS_NONE), "a run of %u", count);
            if (err_ok(err)) {
                /* Fill them: the kernel refuses a slot that is in use. */
                for (unsigned i = 0; i < count; i++) {
                    const cptr_t slot = run[runs].first + i;
                    EXPECT_OK(cap_copy(CPTR_NULL, slot, CPTR_NULL, CPTR(0, TASK_VSPACE), RIGHTS_ALL), "fill");
                }
                run[runs++].count = count;
                w.slots += count;
            }
        } else if (runs) {
            const unsigned i = test_random(&random) % runs;
            for (unsigned k = 1; k < run[i].count; k++) {
                EXPECT_OK(cap_delete(CPTR_NULL, run[i].first + k), "empty");
            }
            if (run[i].count > 1) {
                slots_free_run(&w.stock.slots, run[i].first + 1, run[i].count - 1);
            }
            EXPECT_OK(slots_delete(&w.stock.slots, run[i].first), "delete");
            w.slots -= run[i].count;
            run[i] = run[--runs];
        }
        EXPECT_EQ(w.stock.slots.used, TASK_FREE + w.slots, "in use");
        EXPECT_EQ(w.stock.slots.free, bit_count(&w), "free");
        check_lists(&w.stock.slots);
        if (step % 100 == 99) {
            EXPECT_OK(stock_trim(&w.stock), "trim");
        }
    }
    EXPECT_EQ(err_root(slots_alloc_run(&w.stock.slots, 0, &run[0].first)), E_SLOTS_NONE, "a run of none");
    EXPECT_EQ(err_root(slots_alloc_run(&w.stock.slots, SLOTS_RUN_MAX + 1, &run[0].first)), E_SLOTS_NONE, "too long");
}

TEST(slots, top)
{
    static struct slots s;
    cptr_t slot[L2_SLOTS];

    world_start(&w, 0x40000, test_seed());
    slots_init(&s, &w.stock.cnodes, NULL, NULL);
    EXPECT_OK(slots_adopt(&s, 9, 3), "adopt");
    EXPECT_EQ(slots_top(&s, 9), 3, "what was in use");
    for (unsigned i = 3; i < L2_SLOTS; i++) {
        EXPECT_OK(slots_alloc(&s, &slot[i]), "slot");
        EXPECT_EQ(slot[i], CPTR(9, i), "the lowest");
        EXPECT_EQ(slots_top(&s, 9), i + 1, "one above");
    }
    for (unsigned i = 3; i < L2_SLOTS - 1; i += 2) {
        slots_free(&s, slot[i]);
        EXPECT_EQ(slots_top(&s, 9), L2_SLOTS, "holes do not matter");
    }
    slots_free(&s, slot[L2_SLOTS - 1]);
    EXPECT_EQ(slots_top(&s, 9), L2_SLOTS - 1, "the last one does");
    EXPECT_EQ(err_root(slots_disown(&s, 8)), E_ARG, "another");
    EXPECT_OK(slots_disown(&s, 9), "disown");
    EXPECT(s.free == 0 && s.used == 0 && s.cnodes == 0, "nothing is left");
    EXPECT_EQ(err_root(slots_alloc(&s, &slot[0])), E_SLOTS_NONE, "none");
    EXPECT_EQ(err_root(slots_adopt(&s, 9, L2_SLOTS + 1)), E_ARG, "more than a CNode has");
    EXPECT_OK(slots_adopt(&s, 7, 200), "a well-filled one");
    EXPECT(s.free == 56 && slots_top(&s, 7) == 200, "its free slots");
    EXPECT_OK(slots_alloc(&s, &slot[0]), "one");
    EXPECT_EQ(slot[0], CPTR(7, 200), "the first of them");
    EXPECT_OK(slots_adopt(&s, 8, L2_SLOTS), "a full one");
    EXPECT_EQ(s.free, 55, "adds none");
}

/* 64 entries of the L1 CNode are used up, then 256, and no address changes. */
TEST(cspace, grows_under_the_slots)
{
    world_start(&w, 0x200000, test_seed());
    cptr_t slot, first;
    EXPECT_OK(slots_alloc(&w.stock.slots, &first), "first");
    w.slots++;
    while (w.stock.slots.cnodes < 300) {
        EXPECT_OK(stock_refill(&w.stock), "refill");
        EXPECT_OK(slots_alloc_run(&w.stock.slots, 1, &slot), "slot");
        w.slots++;
        if (w.slots % 4096 == 0) {
            audit("slot", w.slots);
        }
    }
    EXPECT_EQ(fake_l1_slots(), 1024, "grown twice");
    EXPECT_OK(cap_copy(CPTR_NULL, slot, CPTR_NULL, CPTR(0, TASK_VSPACE), RIGHTS_ALL), "the last is a slot");
    EXPECT_OK(cap_copy(CPTR_NULL, first, CPTR_NULL, slot, RIGHTS_ALL), "the first still is");
    EXPECT_OK(cap_delete(CPTR_NULL, slot), "");
    EXPECT_OK(cap_delete(CPTR_NULL, first), "");
    audit("end", 0);
    slots_free(&w.stock.slots, first);
    w.slots--;
}

TEST(cspace, growth_that_fails_changes_nothing)
{
    for (uint64_t n = 1;; n++) {
        cptr_t spare;
        world_start(&w, 0x200000, test_seed() + n);
        EXPECT_OK(slots_alloc(&w.stock.slots, &spare), "spare");
        w.slots = 1;
        fake_fail(n, FAKE_ALL);
        const err_t err = cspace_grow(&w.stock.cspace, &w.stock.reserve, spare);
        const bool failed = fake_calls() >= n;
        fake_fail(0, 0);
        EXPECT(err_ok(err) == !failed, "call %" PRIu64, n);
        EXPECT_EQ(fake_l1_slots(), failed ? 64 : 256, "call %" PRIu64, n);
        EXPECT(fake_empty(spare) && !fake_empty(CPTR(0, TASK_L1)), "call %" PRIu64, n);
        audit("call", n);
        EXPECT(!failed || err_ok(cspace_grow(&w.stock.cspace, &w.stock.reserve, spare)), "again after %" PRIu64, n);
        audit("again", n);
        if (!failed) {
            return;
        }
    }
}

TEST(cspace, has_a_largest_size)
{
    cptr_t spare;

    world_start(&w, 0x200000, test_seed());
    EXPECT_OK(slots_alloc(&w.stock.slots, &spare), "spare");
    for (unsigned i = 0; i < 3; i++) {
        EXPECT_OK(cspace_grow(&w.stock.cspace, &w.stock.reserve, spare), "grow");
    }
    EXPECT_EQ(fake_l1_slots(), CSPACE_L1_MAX, "the largest");
    EXPECT_EQ(err_root(cspace_grow(&w.stock.cspace, &w.stock.reserve, spare)), E_CSPACE_FULL, "no larger");
    EXPECT(!cspace_low(&w.stock.cspace), "never asked for");
}

/* --- refills --- */

/* Use up everything that a refill could find low, so that it has to do all it can. */
static void use_up(struct slab *extra)
{
    struct ram_block block;
    cptr_t slot;

    while (w.stock.slots.free > 20) {
        EXPECT_OK(slots_alloc(&w.stock.slots, &slot), "slot");
        w.slots++;
    }
    while (extra->free > 3) {
        EXPECT(slab_alloc(extra), "object");
    }
    while (w.stock.reserve.free > 15) {
        EXPECT_OK(reserve_take(&w.stock.reserve, 1, SHOAL_PAGE_SIZE, &block), "page");
    }
}

/* RAM that use_up() took is nobody's: what the audit compares is told so by growing its sum. */
static const char *audit_less(uint64_t pages_gone, const struct slab *extra)
{
    w.stock.reserve.free += pages_gone;
    w.stock.pool.used -= extra->pages;      /* not one of the world's own */
    w.stock.reserve.free += extra->pages;
    w.frames += extra->pages;
    fake_fail(0, 0);
    const char *wrong = NULL;
    const uint64_t mappings = fake_count(CAP_MAPPING);
    if (mappings != w.stock.pool.used + extra->pages + 2 + w.stock.pool.blocks) {
        wrong = "Mappings do not add up";
    }
    if (fake_count(CAP_FRAME) != w.stock.pool.used + w.frames) {
        wrong = "Frames do not add up";
    }
    if (w.stock.reserve.pages - w.stock.reserve.free !=
        w.stock.pool.used + 2 + w.stock.pool.blocks + 4ull * (w.stock.pool.cnodes + w.stock.slots.cnodes - 1)) {
        wrong = "RAM does not add up";
    }
    if (fake_count(CAP_L2CNODE) != 1 + w.stock.pool.cnodes + w.stock.slots.cnodes) {
        wrong = "CNodes do not add up";
    }
    w.stock.reserve.free -= pages_gone + extra->pages;
    w.stock.pool.used += extra->pages;
    w.frames -= extra->pages;
    return wrong;
}

TEST(stock, the_nth_call_of_a_refill_fails)
{
    for (uint64_t n = 1;; n++) {
        static struct slab extra;
        world_start(&w, 0x40000, test_seed() + n);
        slab_init(&extra, 500, &w.stock.pool, SLAB_KEEP);
        EXPECT_OK(stock_add_slab(&w.stock, &extra, E_REFILL_RANGES), "add");
        const uint64_t before = w.stock.reserve.free, requests = w.stock.requests;
        use_up(&extra);
        const uint64_t gone = before - w.stock.reserve.free;
        fake_fail(n, FAKE_ALL);
        const err_t err = stock_refill(&w.stock);
        const uint64_t calls = fake_calls();
        fake_fail(0, 0);
        /* The first request for RAM may fail without harm: a smaller one follows. */
        EXPECT(err_ok(err) || calls >= n, "call %" PRIu64, n);
        EXPECT(!err_ok(err) || w.stock.requests <= requests + 2, "requests");
        const char *wrong = audit_less(gone, &extra);
        EXPECT(!wrong, "call %" PRIu64 ": %s", n, wrong);
        EXPECT_OK(stock_refill(&w.stock), "again");
        EXPECT(extra.free >= SLAB_KEEP && !slots_low(&w.stock.slots) && !reserve_low(&w.stock.reserve), "all kept");
        wrong = audit_less(gone, &extra);
        EXPECT(!wrong, "again %" PRIu64 ": %s", n, wrong);
        if (calls < n) {
            EXPECT(n > 5, "too little was refilled to mean anything: %" PRIu64, n);
            return;
        }
    }
}

TEST(stock, out_of_ram_says_so_and_what_is_in_hand_remains)
{
    struct slab extra;
    cptr_t slot;

    world_start(&w, 0x40000, test_seed());
    slab_init(&extra, 500, &w.stock.pool, SLAB_KEEP);
    EXPECT_OK(stock_add_slab(&w.stock, &extra, E_REFILL_RANGES), "add");
    use_up(&extra);
    fake_ram_limit(fake_ram_given());
    const err_t err = stock_refill(&w.stock);
    EXPECT_EQ(err_root(err), E_RAM_NONE, "the root cause");
    EXPECT_EQ(err.trail >> 16 & 0xffff, E_REFILL_RESERVE, "who wanted it");
    EXPECT(w.stock.slots.free >= SLOTS_KEEP && extra.free >= SLAB_KEEP, "made of what was in hand");
    struct ram_block block;
    while (err_ok(reserve_take(&w.stock.reserve, 1, SHOAL_PAGE_SIZE, &block))) {
    }
    while (extra.free > 3) {
        EXPECT(slab_alloc(&extra), "object");
    }
    EXPECT_EQ(stock_refill(&w.stock).trail, (uint64_t)E_REFILL_RANGES << 16 | E_RAM_NONE, "now the slab starves");
    EXPECT_OK(slots_alloc(&w.stock.slots, &slot), "but slots are there");
    fake_ram_limit(fake_ram_given() + RESERVE_LOW_BYTES);
    EXPECT_OK(stock_refill(&w.stock), "a process near its limit gets a small chunk");
}

/* Every other page is in use: enough pages, but none that a CNode could be made of. */
TEST(stock, reserve_in_single_pages)
{
    struct ram_block block[64];
    unsigned n = 0;
    cptr_t slot;

    world_start(&w, 0x40000, test_seed());
    while (err_ok(reserve_take(&w.stock.reserve, 1, SHOAL_PAGE_SIZE, &block[n]))) {
        n++;
    }
    for (unsigned i = 0; i < n; i += 2) {
        reserve_give(&w.stock.reserve, &block[i]);
    }
    EXPECT(!reserve_low(&w.stock.reserve), "it is not low: %" PRIu64, w.stock.reserve.free);
    while (w.stock.slots.free > 20) {
        EXPECT_OK(slots_alloc(&w.stock.slots, &slot), "slot");
    }
    const uint64_t given = fake_ram_given();
    EXPECT_OK(stock_refill(&w.stock), "with another chunk");
    EXPECT_EQ(fake_ram_given(), given + RESERVE_CHUNK_BYTES, "one");
    EXPECT(!slots_low(&w.stock.slots), "slots");
}

/* The RAM is there, but the first look at it fails: it must not be lost. */
TEST(stock, ram_that_was_given_is_not_lost)
{
    struct ram_block block;

    world_start(&w, 0x40000, test_seed());
    while (w.stock.reserve.free > 15) {
        EXPECT_OK(reserve_take(&w.stock.reserve, 1, SHOAL_PAGE_SIZE, &block), "page");
    }
    const uint64_t given = fake_ram_given();
    fake_fail(1, FAKE_IDENTIFY);
    EXPECT_OK(stock_refill(&w.stock), "the second try");
    EXPECT_EQ(fake_ram_given(), given + RESERVE_CHUNK_BYTES, "with the same RAM");
    EXPECT_EQ(w.stock.reserve.pages * SHOAL_PAGE_SIZE, 0x40000 + fake_ram_given(), "all of it in the reserve");
}

static err_t inner;

static void refill_again(void)
{
    inner = stock_refill(&w.stock);
}

/* A memory server is its own client: what it does to answer itself must not begin another refill. */
TEST(stock, refill_does_not_call_itself)
{
    struct ram_block block;

    world_start(&w, 0x40000, test_seed());
    while (w.stock.reserve.free > 15) {
        EXPECT_OK(reserve_take(&w.stock.reserve, 1, SHOAL_PAGE_SIZE, &block), "page");
    }
    const uint64_t requests = w.stock.requests;
    inner = ERR(E_ARG);
    fake_on_request(refill_again);
    EXPECT_OK(stock_refill(&w.stock), "refill");
    fake_on_request(NULL);
    EXPECT_OK(inner, "the one inside");
    EXPECT_EQ(w.stock.requests, requests + 1, "asked once");
}

TEST(stock, refuses_too_little_and_too_many)
{
    static struct slab slab[STOCK_SLABS];
    static struct stock stock;
    const struct stock_config config = { .ram_bytes = STOCK_RAM_MIN - SHOAL_PAGE_SIZE };
    unsigned i = 0;

    EXPECT_EQ(err_root(stock_init(&stock, &config)), E_ARG, "too little RAM");
    world_start(&w, 0x40000, test_seed());
    while (w.stock.slabs < STOCK_SLABS) {
        slab_init(&slab[i], 64, &w.stock.pool, SLAB_KEEP);
        EXPECT_OK(stock_add_slab(&w.stock, &slab[i++], E_REFILL_RANGES), "slab");
    }
    slab_init(&slab[i], 64, &w.stock.pool, SLAB_KEEP);
    EXPECT_EQ(err_root(stock_add_slab(&w.stock, &slab[i], E_REFILL_RANGES)), E_STOCK_SLABS, "one too many");
}

TEST(stock, starts_with_much_ram)
{
    world_start(&w, 64 * 0x200000ull + 0x7000, test_seed());
    EXPECT_EQ(w.stock.reserve.pages, 64 * 512 + 7, "all of it");
    EXPECT_EQ(w.stock.requests, 0, "nothing asked for");
}
