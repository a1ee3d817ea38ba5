/* Lazy regions against a naive model: a byte per page that says whether it must be there, and its content.  Every access
 * that finds nothing calls vspace_fill() as the fault handler does; after each step the audit of libos_world.h. */
#include "libos_world.h"

#define PAGE   SHOAL_PAGE_SIZE
#define MIB    0x100000ull
#define PAGES  2048u                /* of a region: 8 MiB */
#define RW     (MAP_READ | MAP_WRITE)

#define EXPECT_OK(err, what) EXPECT(err_ok(err), "%s: %#" PRIx64, what, (err).trail)

static struct world w;
static struct {
    uint64_t at;
    bool present[PAGES];
    uint64_t content[PAGES];        /* first word; 0 at first */
} region;

static void audit(const char *after)
{
    const char *const wrong = world_audit(&w);

    EXPECT(!wrong, "after %s: %s", after, wrong);
}

static void start(uint64_t seed, bool groups, bool blocks)
{
    world_start(&w, 2 * MIB, seed);
    if (groups) {
        slab_init(&w.groups, sizeof(struct vspace_group), &w.stock.pool, SLAB_KEEP);
        EXPECT_OK(stock_add_slab(&w.stock, &w.groups, E_REFILL_GROUPS), "groups");
        vspace_lazy_init(&w.vs, &w.groups);
    }
    memset(&region, 0, sizeof(region));
    region.at = WORLD_LAZY;
    EXPECT_OK(vspace_lazy_at(&w.vs, region.at, PAGES * PAGE, RW, blocks), "region");
}

/* As fault handler and pager do it. */
static enum vspace_fill fault(uint64_t address, uint64_t access)
{
    err_t err = OK;
    enum vspace_fill fill = vspace_fill(&w.vs, address, access, false, &err);

    if (fill == FILL_LOW_BLOCK) {
        const err_t got = stock_obtain_here(&w.stock, 2 * MIB);
        EXPECT(err_ok(got) || err_root(got) == E_RAM_NONE, "2 MiB: %#" PRIx64, got.trail);
    } else if (fill == FILL_LOW) {
        EXPECT_OK(stock_refill(&w.stock), "refill");
    }
    if (fill == FILL_LOW_BLOCK || fill == FILL_LOW) {
        fill = vspace_fill(&w.vs, address, access, true, &err);
    }
    return fill;
}

static bool mapped(uint64_t address)
{
    struct fake_place place;

    return fake_translate(fake_base(CPTR(0, TASK_VSPACE)), address, &place);
}

/* What is there, and only that, is mapped; a fill maps zeroes only where nothing was. */
static void learn(void)
{
    for (unsigned i = 0; i < PAGES; i++) {
        const bool there = mapped(region.at + i * PAGE);
        EXPECT(there || !region.present[i], "page %u is gone", i);
        if (there && !region.present[i]) {
            const uint64_t *const words = (const uint64_t *)(region.at + i * PAGE);
            EXPECT(words[0] == 0 && words[17] == 0 && words[511] == 0, "page %u is not zero", i);
            region.present[i] = true;
            region.content[i] = 0;
        }
    }
}

static void touch(unsigned page, uint64_t value)
{
    const uint64_t address = region.at + page * PAGE + 8 * (value % 512);
    const uint64_t records = w.vs.mappings.count;
    const enum vspace_fill fill = fault(address, MAP_WRITE);

    EXPECT(fill == (region.present[page] ? FILL_PRESENT : FILL_DONE), "page %u: %u", page, fill);
    EXPECT(w.vs.mappings.count == records + !region.present[page], "page %u was there, and is mapped again", page);
    learn();
    EXPECT(region.present[page], "page %u is not there", page);
    *(uint64_t *)(region.at + page * PAGE) = region.content[page] = value;
}

static void check_content(void)
{
    for (unsigned i = 0; i < PAGES; i++) {
        EXPECT(!region.present[i] || *(uint64_t *)(region.at + i * PAGE) == region.content[i], "content of page %u", i);
    }
}

static void unmap(unsigned first, unsigned pages)
{
    EXPECT_OK(vspace_unmap(&w.vs, region.at + first * PAGE, pages * PAGE), "unmap");
    for (unsigned i = first; i < first + pages; i++) {
        EXPECT(!mapped(region.at + i * PAGE), "page %u is still mapped", i);
        region.present[i] = false;
    }
}

static unsigned count(void)
{
    unsigned n = 0;

    for (unsigned i = 0; i < PAGES; i++) {
        n += region.present[i];
    }
    return n;
}

static void random_steps(bool groups, bool blocks)
{
    uint64_t random = test_seed() * 31 + groups + 2 * blocks;
    const unsigned unit = blocks ? 512 : 16;

    start(test_seed(), groups, blocks);
    const struct world_use before = world_use(&w);
    for (unsigned step = 0; step < 250; step++) {
        const uint64_t r = test_random(&random);
        const unsigned page = (unsigned)(r / 8 % PAGES);
        if (r % 8 == 0) {
            const unsigned first = page / unit * unit;
            const unsigned units = 1 + (unsigned)(r >> 40) % 4;
            unmap(first, first + units * unit > PAGES ? PAGES - first : units * unit);
        } else if (r % 8 < 3) {
            for (unsigned i = page; i < page + (r >> 40) % 40 && i < PAGES; i++) {
                touch(i, r + i);                /* in order */
            }
        } else {
            touch(page, r);
        }
        if (step % 16 == 0) {
            check_content();
        }
        audit("a step");
    }
    check_content();
    EXPECT(w.vs.filled == count() * PAGE, "filled %" PRIu64 ", %u pages", w.vs.filled, count());
    unmap(0, PAGES);
    EXPECT_EQ(w.vs.filled, 0);
    EXPECT(world_same(before, world_use(&w)) && w.groups.used == 0, "something is left");
    audit("all");
}

TEST(lazy, random_steps)
{
    random_steps(false, false);
}

TEST(lazy, random_steps_with_groups)
{
    random_steps(true, false);
}

TEST(lazy, random_steps_by_blocks)
{
    random_steps(true, true);
}

/* 1, 2, 4, 8, what is left of 64 KiB, then 64 KiB each. */
TEST(lazy, clusters_grow_in_order)
{
    static const unsigned want[] = { 1, 3, 7, 15, 16, 32, 48, 64 };
    unsigned faults = 0;

    start(1, true, false);
    for (unsigned i = 0; i < 64; i++) {
        if (!region.present[i]) {
            touch(i, i + 1);
            EXPECT_EQ(count(), want[faults]);
            faults++;
        }
    }
    EXPECT_EQ(faults, 8);
    touch(200, 1);                  /* elsewhere: one page */
    EXPECT_EQ(count(), 65);
    audit("sequence");
}

TEST(lazy, stack_grows_downwards)
{
    uint64_t stack, faults = 0;
    err_t err = OK;

    start(2, true, false);
    EXPECT_OK(vspace_lazy_stack(&w.vs, 256 * PAGE, PAGE, 256 * PAGE, &stack), "stack");
    EXPECT(mapped(stack + 255 * PAGE) && !mapped(stack + 254 * PAGE), "its highest page");
    for (unsigned i = 256; i-- > 0;) {
        if (!mapped(stack + i * PAGE)) {
            EXPECT_EQ(fault(stack + i * PAGE + 4000, MAP_WRITE), FILL_DONE);
            faults++;
        }
        EXPECT(mapped(stack + i * PAGE), "page %u", i);
    }
    EXPECT(faults <= 5 + 256 / 16, "%" PRIu64 " faults", faults);
    EXPECT_EQ(vspace_fill(&w.vs, stack - 8, MAP_WRITE, false, &err), FILL_GUARD);
    EXPECT_EQ(vspace_fill(&w.vs, stack - PAGE, MAP_READ, false, &err), FILL_GUARD);
    EXPECT_OK(vspace_unreserve(&w.vs, stack - PAGE, 257 * PAGE), "end");
    audit("stack");
}

/* As far as it is promised, and no cluster reaches further. */
TEST(lazy, stack_grows_as_far_as_is_promised)
{
    uint64_t stack;
    err_t err = OK;

    start(2, true, false);
    EXPECT_EQ(err_root(vspace_lazy_stack(&w.vs, 64 * PAGE, 2 * PAGE, PAGE, &stack)), E_VSPACE_ALIGN);
    EXPECT_EQ(err_root(vspace_lazy_stack(&w.vs, 64 * PAGE, PAGE, 65 * PAGE, &stack)), E_VSPACE_ALIGN);
    EXPECT_OK(vspace_lazy_stack(&w.vs, 64 * PAGE, PAGE, 7 * PAGE, &stack), "stack");
    for (unsigned i = 64, promised = 7, asked = 0; i-- > 0;) {
        const uint64_t at = stack + i * PAGE + 8;
        if (i < 64 - promised) {
            EXPECT_EQ(vspace_fill(&w.vs, at, MAP_WRITE, true, &err), FILL_PROMISE);
            EXPECT(!mapped(at), "page %u is mapped", i);
            promised = 64 - i + asked++ % 11;
            promised = promised < 64 ? promised : 64;
            EXPECT_EQ(vspace_stack_promise(&w.vs, stack, stack + (64 - promised) * PAGE), promised * PAGE);
            EXPECT_EQ(vspace_stack_promise(&w.vs, stack, VSPACE_HIGH), promised * PAGE);
        }
        if (!mapped(at)) {
            EXPECT_EQ(fault(at, MAP_WRITE), FILL_DONE);
        }
        EXPECT(mapped(at), "page %u", i);
    }
    EXPECT_EQ(vspace_fill(&w.vs, stack - 8, MAP_WRITE, false, &err), FILL_GUARD);
    EXPECT_OK(vspace_unreserve(&w.vs, stack - PAGE, 65 * PAGE), "end");
    audit("stack");

    /* One that is split knows of each part.  (Memory that is new: it is not zeroed, at addresses that are none here.) */
    start(2, true, false);
    EXPECT_OK(vspace_lazy_stack(&w.vs, 64 * PAGE, PAGE, 8 * PAGE, &stack), "stack");
    EXPECT_OK(vspace_protect(&w.vs, stack, 16 * PAGE, MAP_READ), "protect its end");
    EXPECT_OK(vspace_protect(&w.vs, stack + 60 * PAGE, PAGE, MAP_READ), "and a page that is promised");
    EXPECT_EQ(vspace_stack_promise(&w.vs, stack, VSPACE_HIGH), 0);
    EXPECT_EQ(vspace_stack_promise(&w.vs, stack + 16 * PAGE, VSPACE_HIGH), 4 * PAGE);
    EXPECT_EQ(vspace_stack_promise(&w.vs, stack + 60 * PAGE, VSPACE_HIGH), PAGE);
    EXPECT_EQ(vspace_stack_promise(&w.vs, stack + 61 * PAGE, VSPACE_HIGH), 3 * PAGE);
    EXPECT_EQ(vspace_fill(&w.vs, stack + 40 * PAGE, MAP_WRITE, true, &err), FILL_PROMISE);
    EXPECT_EQ(vspace_fill(&w.vs, stack + 57 * PAGE, MAP_WRITE, true, &err), FILL_DONE);
    EXPECT_OK(vspace_unreserve(&w.vs, stack - PAGE, 65 * PAGE), "end");
    audit("a stack in parts");
}

TEST(lazy, refuses)
{
    uint64_t at;
    err_t err = OK;

    start(3, true, false);
    EXPECT_EQ(vspace_fill(&w.vs, 8, MAP_READ, false, &err), FILL_NONE);
    EXPECT_EQ(vspace_fill(&w.vs, region.at + PAGES * PAGE, MAP_READ, false, &err), FILL_NONE);
    EXPECT_EQ(vspace_fill(&w.vs, region.at, MAP_EXEC, false, &err), FILL_ACCESS);
    EXPECT_EQ(vspace_fill(&w.vs, WORLD_POOL, MAP_READ, false, &err), FILL_NONE);
    EXPECT_OK(vspace_reserve(&w.vs, PAGE, 0, &at), "reserve");
    EXPECT_EQ(vspace_fill(&w.vs, at, MAP_READ, false, &err), FILL_NONE);
    EXPECT_OK(vspace_lazy(&w.vs, PAGE, 0, MAP_READ, false, &at), "read only");
    EXPECT_EQ(vspace_fill(&w.vs, at, MAP_WRITE, false, &err), FILL_ACCESS);
    EXPECT_EQ(vspace_fill(&w.vs, at, MAP_READ, false, &err), FILL_DONE);
    EXPECT_EQ(vspace_fill(&w.vs, at, MAP_WRITE, false, &err), FILL_ACCESS);
    EXPECT_EQ(vspace_fill(&w.vs, at, MAP_READ, false, &err), FILL_PRESENT);
    EXPECT_EQ(err_root(vspace_lazy(&w.vs, 100, 0, RW, false, &at)), E_VSPACE_ALIGN);
    EXPECT_EQ(err_root(vspace_lazy(&w.vs, PAGE, 48, RW, false, &at)), E_VSPACE_ALIGN);
    EXPECT_EQ(err_root(vspace_lazy(&w.vs, 1ull << 47, 0, RW, false, &at)), E_VSPACE_NONE);
    EXPECT_EQ(err_root(vspace_lazy_at(&w.vs, region.at, PAGE, RW, false)), E_VSPACE_OVERLAP);
    EXPECT_EQ(err_root(vspace_lazy_at(&w.vs, 0, PAGE, RW, false)), E_VSPACE_LEGAL);
    EXPECT_EQ(err_root(vspace_lazy_stack(&w.vs, PAGE, 2 * PAGE, PAGE, &at)), E_VSPACE_ALIGN);
    audit("refusals");
}

/* The n-th call of the kernel fails: an error, equal books, and success when it is tried again. */
static void sweep(bool groups, bool blocks, unsigned page, unsigned before)
{
    for (unsigned n = 1; n < 100; n++) {
        start(n, groups, blocks);
        for (unsigned i = 0; i < before; i++) {
            touch(page + i, i);
        }
        (void)stock_refill(&w.stock);
        err_t err = OK;
        fake_fail(n, FAKE_ALL);
        const enum vspace_fill fill = vspace_fill(&w.vs, region.at + (page + before) * PAGE, MAP_WRITE, true, &err);
        const bool reached = fake_calls() >= n;
        fake_fail(0, 0);
        audit("a failure");
        EXPECT(fill == FILL_DONE || fill == FILL_ERROR, "call %u: %u", n, fill);
        learn();
        touch(page + before, 1);
        audit("the second time");
        unmap(0, PAGES);
        audit("the end");
        if (!reached) {
            EXPECT(n > 2, "only %u calls", n);
            return;
        }
    }
    EXPECT(false, "no end");
}

TEST(lazy, every_call_fails_once)
{
    sweep(false, false, 5, 0);
    sweep(true, false, 5, 0);
    sweep(true, false, 16, 3);
    sweep(true, true, 600, 0);
}

/* No more memory: an error, and nothing is changed. */
TEST(lazy, out_of_memory)
{
    unsigned n = 0;

    start(4, true, false);
    fake_ram_limit(fake_ram_given() + 4 * MIB);
    for (err_t err = OK; n < PAGES; n++) {
        enum vspace_fill fill = vspace_fill(&w.vs, region.at + n * PAGE, MAP_WRITE, false, &err);
        if (fill == FILL_LOW) {
            (void)stock_refill(&w.stock);
            fill = vspace_fill(&w.vs, region.at + n * PAGE, MAP_WRITE, true, &err);
        }
        if (fill == FILL_ERROR) {
            break;
        }
        EXPECT(fill == FILL_DONE || fill == FILL_PRESENT, "page %u: %u", n, fill);
    }
    EXPECT(n > 1024 && n < PAGES, "%u pages", n);
    audit("the last page");
    learn();
    unmap(0, PAGES);
    touch(PAGES - 1, 3);
    audit("all is back");
}
