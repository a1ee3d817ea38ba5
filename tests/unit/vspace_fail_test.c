/* libos/vspace when the n-th call of the kernel, or request for RAM, fails: for every operation and every n a clean
 * error, nothing lost, and the operation works when it is tried again.  The seed varies how full the stocks are before. */
#include "libos_world.h"
#include <os/err.h>

#define EXPECT_OK(err, what) EXPECT(err_ok(err), "%s: %#" PRIx64, what, (err).trail)

#define PAGE  0x1000ull
#define MIB   0x100000ull
#define GIB   0x40000000ull
#define AT    0x4000000000ull
#define RW    (MAP_READ | MAP_WRITE)
#define FILL  44u                   /* mappings before the operation: more than one page of any slab holds */

static struct world w;
static cptr_t small, skewed, large;
static uint64_t fill_at[FILL], va;

/* Everything of the operation is undone by one vspace_unreserve() each of these ranges, if there is anything. */
static err_t nothing(void)
{
    return OK;
}

static err_t map_small(void)
{
    return vspace_map(&w.vs, small, 0, 3 * PAGE, RW, &va);
}

static err_t map_skewed(void)
{
    return vspace_map_at(&w.vs, AT + 3 * PAGE, skewed, PAGE, 5 * MIB, RW);
}

static err_t map_large(void)
{
    return vspace_map_at(&w.vs, AT, large, 0, 2 * GIB + 6 * MIB + 5 * PAGE, RW);
}

static err_t reserve(void)
{
    return vspace_reserve_at(&w.vs, WORLD_LAZY, 64 * MIB);
}

static err_t map_in(void)
{
    return vspace_map_in(&w.vs, WORLD_LAZY + MIB, skewed, 0, 4 * MIB, RW);
}

/* Takes what is in hand, so the caller sees to it that there is enough. */
static err_t back(void)
{
    const err_t err = stock_refill(&w.stock);
    return err_ok(err) ? vspace_back(&w.vs, WORLD_LAZY, 4 * PAGE, RW) : err;
}

static err_t back_readonly(void)
{
    const err_t err = stock_refill(&w.stock);
    return err_ok(err) ? vspace_back(&w.vs, WORLD_LAZY, 4 * PAGE, MAP_READ) : err;
}

/* The next memory from the reserve was in use before, so that it must be cleaned. */
static err_t reserve_and_dirty(void)
{
    for (struct reserve_chunk *c = w.stock.reserve.partial[RESERVE_DATA]; c; c = c->next) {
        memset(c->dirty, 0xff, sizeof(c->dirty));
    }
    return reserve();
}

static err_t reserve_and_back(void)
{
    const err_t err = reserve();
    return err_ok(err) ? back() : err;
}

static err_t unmap_small(void)
{
    return vspace_unmap(&w.vs, va, 3 * PAGE);
}

static err_t unmap_skewed(void)
{
    return vspace_unmap(&w.vs, AT + 3 * PAGE, 5 * MIB);
}

static err_t unmap_middle(void)
{
    return vspace_unmap(&w.vs, AT + MIB, GIB);
}

static err_t unmap_back(void)
{
    return vspace_unmap(&w.vs, WORLD_LAZY, 4 * PAGE);
}

static err_t unreserve(void)
{
    return vspace_unreserve(&w.vs, WORLD_LAZY, 64 * MIB);
}

static err_t protect_middle(void)
{
    return vspace_protect(&w.vs, AT + GIB + 3 * PAGE, GIB, MAP_READ);
}

static err_t protect_small(void)
{
    return vspace_protect(&w.vs, va, 3 * PAGE, MAP_READ);
}

/* Two tables become empty one after the other, so that one is removed. */
static err_t map_two(void)
{
    const err_t err = map_small();
    return err_ok(err) ? map_skewed() : err;
}

/* However splitting the large mapping failed, what it was not asked to unmap is there, where it was. */
static void still_mapped(void)
{
    const uint64_t page[] = { 0, MIB - PAGE, GIB + MIB, 2 * GIB - PAGE, 2 * GIB + 6 * MIB + 4 * PAGE };
    struct fake_place p = { 0, 0, 0 };

    for (unsigned i = 0; i < sizeof(page) / sizeof(page[0]); i++) {
        EXPECT(fake_translate(fake_base(CPTR(0, TASK_VSPACE)), AT + page[i], &p), "%#" PRIx64 " is gone", page[i]);
        EXPECT_EQ(p.pa, fake_base(large) + page[i], "%#" PRIx64, page[i]);
    }
}

static const struct operation {
    const char *name;
    err_t (*before)(void), (*op)(void);
    bool all_or_nothing;            /* an error means that nothing was done */
    void (*kept)(void);             /* looks at what must be there after an error, if there is anything of that kind */
} operations[] = {
    { "map pages", nothing, map_small, true, NULL },
    { "map over three tables", nothing, map_skewed, true, NULL },
    { "map blocks", nothing, map_large, true, NULL },
    { "reserve", nothing, reserve, true, NULL },
    { "map in", reserve, map_in, true, NULL },
    { "back", reserve, back, true, NULL },
    { "back with used memory", reserve_and_dirty, back, true, NULL },
    { "back read-only with used memory", reserve_and_dirty, back_readonly, true, NULL },
    { "unmap pages", map_small, unmap_small, false, NULL },
    { "unmap three tables", map_two, unmap_skewed, false, NULL },
    { "unmap the middle of blocks", map_large, unmap_middle, false, still_mapped },
    { "unmap new memory", reserve_and_back, unmap_back, false, NULL },
    { "unreserve", reserve_and_back, unreserve, false, NULL },
    { "protect the middle of blocks", map_large, protect_middle, false, still_mapped },
    { "protect pages", map_small, protect_small, false, NULL },
};

static void audit(const struct operation *o, const char *when, uint64_t n)
{
    const char *const wrong = world_audit(&w);
    EXPECT(!wrong, "%s, call %" PRIu64 ", %s: %s", o->name, n, when, wrong);
}

static void unreserve_if(uint64_t lo, uint64_t bytes)
{
    struct range *r;

    while ((r = range_from(&w.vs.regions, lo)) && r->base < lo + bytes) {
        EXPECT_OK(vspace_unreserve(&w.vs, r->base, r->end - r->base), "clean up");
    }
}

static void prepare(const struct operation *o, uint64_t ram, unsigned fill)
{
    world_start(&w, ram, test_seed());
    w.frames = 3;
    small = fake_object(CAP_FRAME, 20 * PAGE, PAGE, 0);
    skewed = fake_object(CAP_FRAME, 6 * MIB, 2 * MIB, 3 * PAGE);
    large = fake_object(CAP_FRAME, 3 * GIB, GIB, 0);
    for (unsigned i = 0; i < fill; i++) {
        EXPECT_OK(vspace_map(&w.vs, small, i % 20 * PAGE, PAGE, RW, &fill_at[i]), "fill");
    }
    va = 0;
    EXPECT_OK(o->before(), o->name);
}

static void clean_up(const struct operation *o, unsigned fill, uint64_t n)
{
    if (va) {
        unreserve_if(va, 3 * PAGE);
    }
    unreserve_if(AT, 4 * GIB);
    unreserve_if(WORLD_LAZY, 64 * MIB);
    for (unsigned i = 0; i < fill; i++) {
        EXPECT_OK(vspace_unmap(&w.vs, fill_at[i], PAGE), "fill");
    }
    const struct world_use end = world_use(&w);
    EXPECT(end.regions == 1 && end.mappings == 0 && end.tables == 0 && end.slots == TASK_FREE && end.pages == 0,
           "%s, call %" PRIu64 ": something is left", o->name, n);
    audit(o, "cleaned up", n);
}

/* @return false: fewer than @p n calls were made */
static bool run(const struct operation *o, uint64_t n, uint64_t ram, unsigned fill)
{
    prepare(o, ram, fill);
    const struct world_use before = world_use(&w);
    fake_fail(n, FAKE_ALL);
    const err_t err = o->op();
    const bool failed = fake_calls() >= n;
    fake_fail(0, 0);

    /* A failure may be made up for: a refill that an unmap does not need, a smaller request for RAM. */
    EXPECT(err_ok(err) || (failed && (err_root(err) == E_STATE || err_root(err) == E_RAM_NONE)),
           "%s, call %" PRIu64 ": %#" PRIx64, o->name, n, err.trail);
    audit(o, "failed", n);
    if (!err_ok(err)) {
        if (o->kept) {
            o->kept();
        }
        EXPECT(!o->all_or_nothing || world_same(before, world_use(&w)), "%s, call %" PRIu64 ": half done", o->name, n);
        EXPECT_OK(o->op(), o->name);
        audit(o, "again", n);
    }
    clean_up(o, fill, n);
    return failed;
}

TEST(vspace, the_nth_call_fails)
{
    uint64_t random = test_seed() * 17;

    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
        uint64_t n = 1, most = 0;
        for (unsigned k = 0; k < 5; k++) {
            const unsigned fill = (unsigned)((test_seed() * 5 + k) % FILL);
            const uint64_t ram = test_random(&random) % 2 ? STOCK_RAM_MIN : 0x40000;
            for (n = 1; run(&operations[i], n, ram, fill); n++) {
            }
            most = n > most ? n : most;
        }
        EXPECT(most > 1 || operations[i].op == reserve, "%s calls the kernel", operations[i].name);
    }
}

/* Only requests for RAM fail, and go on failing. */
TEST(vspace, maps_until_ram_is_out_and_unmaps_then)
{
    uint64_t mapped = 0;
    err_t err = OK;
    char text[100];

    prepare(&operations[0], STOCK_RAM_MIN, 0);
    w.frames = 3;
    fake_ram_limit(4 * MIB);
    while (err_ok(err)) {
        err = vspace_map_at(&w.vs, AT + mapped * 2 * MIB, small, 0, PAGE, RW);
        mapped += err_ok(err);
    }
    err_format(err, text, sizeof(text));
    EXPECT(!strcmp(text, "map frame: refill reserve: out of RAM"), "\"%s\"", text);
    EXPECT(mapped > 700, "4 MiB are enough for some hundred tables: %" PRIu64, mapped);
    const char *const wrong = world_audit(&w);
    EXPECT(!wrong, "%s", wrong);
    EXPECT_OK(vspace_unmap(&w.vs, AT, PAGE), "unmapping needs nothing");
    for (uint64_t i = 1; i < mapped; i++) {
        EXPECT_OK(vspace_unmap(&w.vs, AT + i * 2 * MIB, PAGE), "unmap");
    }
    EXPECT_OK(stock_trim(&w.stock), "trim");
    clean_up(&operations[0], 0, 0);
    EXPECT_OK(map_small(), "and there is RAM again");
    clean_up(&operations[0], 0, 0);
}

/* The message of the design: the slab that starves, and why. */
TEST(vspace, says_which_slab_starved)
{
    char text[100];
    struct ram_block block;
    err_t err = OK;

    prepare(&operations[0], STOCK_RAM_MIN, 0);
    fake_ram_limit(0);
    while (w.slabs.tables.free > 7) {
        EXPECT(slab_alloc(&w.slabs.tables), "record");
    }
    while (err_ok(err)) {
        err = reserve_take(&w.stock.reserve, 1, PAGE, &block);
    }
    err_format(map_small(), text, sizeof(text));
    EXPECT(!strcmp(text, "map frame: refill page-table slab: out of RAM"), "\"%s\"", text);
}
