/* libos/vspace on the fake kernel, against a naive model: two lists of intervals. */
#include "libos_world.h"
#define EXPECT_OK(err, what) EXPECT(err_ok(err), "%s: %#" PRIx64, what, (err).trail)

#define PAGE  0x1000ull
#define MIB   0x100000ull
#define GIB   0x40000000ull
#define ARENA 0x4000000000ull       /* fixed addresses of the random test: 4 GiB from 256 GiB on */
#define RW    (MAP_READ | MAP_WRITE)

static struct world w;

/* --- the model --- */

struct interval {
    uint64_t lo, hi;
    uint64_t pa, flags;             /* of mappings */
    enum region_kind kind;          /* of regions */
    uint64_t group;                 /* memory of vspace_back(): all of one call, else 0 */
};

#define MAX 4000u

static struct list {
    struct interval i[MAX];
    unsigned n;
} regions, maps;

static uint64_t groups;

static void add(struct list *l, struct interval i)
{
    EXPECT(l->n < MAX, "the model is too small");
    l->i[l->n++] = i;
}

static void cut_at(struct list *l, uint64_t at)
{
    for (unsigned k = 0; k < l->n; k++) {
        if (l->i[k].lo < at && at < l->i[k].hi) {
            struct interval upper = l->i[k];
            upper.pa += at - upper.lo;
            upper.lo = at;
            l->i[k].hi = at;
            add(l, upper);
            return;
        }
    }
}

static void remove_in(struct list *l, uint64_t lo, uint64_t hi, bool only_mapped)
{
    cut_at(l, lo);
    cut_at(l, hi);
    for (unsigned k = 0; k < l->n;) {
        const bool inside = l->i[k].lo >= lo && l->i[k].hi <= hi;
        if (inside && !(only_mapped && l->i[k].kind != REGION_MAPPED)) {
            l->i[k] = l->i[--l->n];
        } else {
            k++;
        }
    }
}

static bool meets(const struct list *l, uint64_t lo, uint64_t hi)
{
    for (unsigned k = 0; k < l->n; k++) {
        if (l->i[k].lo < hi && lo < l->i[k].hi) {
            return true;
        }
    }
    return false;
}

static const struct interval *at(const struct list *l, uint64_t va)
{
    for (unsigned k = 0; k < l->n; k++) {
        if (l->i[k].lo <= va && va < l->i[k].hi) {
            return &l->i[k];
        }
    }
    return NULL;
}

/* Regions, foreign ones apart, cover all of [lo, hi). */
static bool covered(uint64_t lo, uint64_t hi, bool only_reserved)
{
    while (lo < hi) {
        const struct interval *const i = at(&regions, lo);
        if (!i || i->kind == REGION_FOREIGN || (only_reserved && i->kind != REGION_RESERVED)) {
            return false;
        }
        lo = i->hi;
    }
    return true;
}

/* Memory of one vspace_back() lies on both sides of @p va. */
static bool cuts_group(uint64_t va)
{
    const struct interval *const i = at(&maps, va), *const below = at(&maps, va - PAGE);
    return i && below && i->group && i->group == below->group;
}

static void check_place(const struct interval *i, uint64_t va)
{
    struct fake_place p = { 0, 0, 0 };

    EXPECT(fake_translate(fake_base(CPTR(0, TASK_VSPACE)), va, &p), "%#" PRIx64 " is not mapped", va);
    if (!i->group) {
        EXPECT_EQ(p.pa, i->pa + (va - i->lo), "%#" PRIx64, va);
    }
    EXPECT_EQ(p.flags, i->flags, "%#" PRIx64, va);
}

static void check_translation(uint64_t *random)
{
    uint64_t pages = 0, real = 0;
    struct fake_place p;

    for (unsigned k = 0; k < maps.n; k++) {
        const struct interval *const i = &maps.i[k];
        check_place(i, i->lo);
        check_place(i, i->hi - PAGE);
        check_place(i, i->lo + test_random(random) % (i->hi - i->lo));
        pages += (i->hi - i->lo) / PAGE;
        /* Outside, unless another is there. */
        const uint64_t outside[] = { i->lo - PAGE, i->hi };
        for (unsigned o = 0; o < 2; o++) {
            const bool mapped = fake_translate(fake_base(CPTR(0, TASK_VSPACE)), outside[o], &p);
            EXPECT_EQ(mapped, at(&maps, outside[o]) != NULL, "%#" PRIx64, outside[o]);
        }
    }
    for (struct range *r = range_from(&w.vs.mappings, 0); r; r = range_from(&w.vs.mappings, r->end)) {
        real += (r->end - r->base) / PAGE;
    }
    EXPECT_EQ(real, pages, "pages mapped");
}

static void check_lookup(uint64_t va)
{
    const struct interval *const region = at(&regions, va);
    struct vspace_info info = { 0 };

    EXPECT_EQ(vspace_lookup(&w.vs, va, &info), region != NULL, "%#" PRIx64, va);
    if (region) {
        EXPECT(info.base <= va && va < info.end && info.kind == region->kind, "%#" PRIx64, va);
        EXPECT_EQ(info.present, at(&maps, va) != NULL, "%#" PRIx64, va);
    }
}

/* --- random operations --- */

#define FRAMES 8u

static struct {
    cptr_t cap;
    uint64_t bytes;
} frame[FRAMES];

static void make_frames(void)
{
    static const struct {
        uint64_t bytes, align, skew;
    } kind[FRAMES] = {
        { 20 * PAGE, PAGE, 0 },         { 600 * PAGE, PAGE, 3 * PAGE }, { 2 * MIB, 2 * MIB, 0 },
        { 10 * MIB, 2 * MIB, 0 },       { 7 * MIB, 2 * MIB, 5 * PAGE }, { 2 * GIB + 6 * MIB, GIB, 0 },
        { GIB + 4 * MIB, GIB, 2 * MIB }, { 40 * PAGE, PAGE, 0 },
    };
    for (unsigned i = 0; i < FRAMES; i++) {
        frame[i].cap = fake_object(CAP_FRAME, kind[i].bytes, kind[i].align, kind[i].skew);
        frame[i].bytes = kind[i].bytes;
    }
    w.frames += FRAMES;
}

/* Some part of some frame: whole, or odd at both ends.  Large ones seldom. */
static struct interval some_part(uint64_t *random, cptr_t *cap, uint64_t *offset)
{
    const unsigned f = test_random(random) % (test_random(random) % 4 ? 5 : FRAMES);
    uint64_t bytes = frame[f].bytes;

    *cap = frame[f].cap;
    *offset = 0;
    if (test_random(random) % 2) {
        *offset = test_random(random) % (bytes / PAGE) * PAGE;
        bytes = (test_random(random) % ((bytes - *offset) / PAGE) + 1) * PAGE;
        /* A large one that can use no blocks takes hundreds of tables: a shorter one will do. */
        bytes = bytes > 24 * MIB ? 24 * MIB : bytes;
    }
    return (struct interval){ .hi = bytes, .pa = fake_base(*cap) + *offset,
                              .flags = test_random(random) % 2 ? RW : MAP_READ };
}

static uint64_t some_address(uint64_t *random)
{
    const uint64_t step[] = { PAGE, 16 * PAGE, 2 * MIB, GIB };
    const uint64_t s = step[test_random(random) % 4];
    return ARENA + test_random(random) % (4 * GIB / s) * s;
}

/* An address in use, as often as there is one, and some length. */
static void some_range(uint64_t *random, uint64_t *lo, uint64_t *hi)
{
    *lo = some_address(random);
    *hi = *lo + (test_random(random) % 50 + 1) * PAGE;
    if (regions.n && test_random(random) % 8) {
        const struct interval *const i = &regions.i[test_random(random) % regions.n];
        *lo = i->lo;
        *hi = i->hi;
        if (test_random(random) % 2) {
            *lo += test_random(random) % ((*hi - *lo) / PAGE) * PAGE;
            *hi = *lo + (test_random(random) % ((*hi - *lo) / PAGE) + 1) * PAGE;
        }
        *hi += test_random(random) % 8 ? 0 : PAGE;
    }
}

static void do_map(uint64_t *random)
{
    uint64_t offset, va;
    cptr_t cap;
    struct interval i = some_part(random, &cap, &offset);

    EXPECT_OK(vspace_map(&w.vs, cap, offset, i.hi, i.flags, &va), "map");
    EXPECT(va >= VSPACE_FIRST && va + i.hi <= VSPACE_HIGH && !meets(&regions, va, va + i.hi), "%#" PRIx64, va);
    i.lo = va;
    i.hi += va;
    add(&maps, i);
    add(&regions, i);
}

static void do_map_at(uint64_t *random)
{
    uint64_t offset, va = some_address(random);
    cptr_t cap;
    struct interval i = some_part(random, &cap, &offset);
    enum err_code want = E_OK;

    if (test_random(random) % 16 == 0) {
        const uint64_t bad[] = { 0, VSPACE_LOW - PAGE, VSPACE_HIGH, VSPACE_HIGH - i.hi + PAGE, -i.hi, -PAGE };
        va = bad[test_random(random) % 6];
        want = E_VSPACE_LEGAL;
    } else if (meets(&regions, va, va + i.hi)) {
        want = E_VSPACE_OVERLAP;
    }
    const err_t err = vspace_map_at(&w.vs, va, cap, offset, i.hi, i.flags);
    EXPECT_EQ(err_root(err), want, "map at %#" PRIx64, va);
    if (err_ok(err)) {
        i.lo = va;
        i.hi += va;
        add(&maps, i);
        add(&regions, i);
    }
}

static void do_reserve(uint64_t *random)
{
    struct interval i = { .kind = REGION_RESERVED };
    const uint64_t bytes = (test_random(random) % 3000 + 1) * PAGE;

    if (test_random(random) % 2) {
        const uint64_t align = test_random(random) % 2 ? 0 : PAGE << test_random(random) % 20;
        EXPECT_OK(vspace_reserve(&w.vs, bytes, align, &i.lo), "reserve");
        EXPECT(!align || i.lo % align == 0, "%#" PRIx64, i.lo);
        EXPECT(!meets(&regions, i.lo, i.lo + bytes), "%#" PRIx64, i.lo);
    } else {
        i.lo = test_random(random) % 2 ? some_address(random) : WORLD_LAZY + some_address(random) % GIB;
        const bool taken = meets(&regions, i.lo, i.lo + bytes);
        const err_t err = vspace_reserve_at(&w.vs, i.lo, bytes);
        EXPECT_EQ(err_root(err), taken ? E_VSPACE_OVERLAP : E_OK, "reserve at %#" PRIx64, i.lo);
        if (taken) {
            return;
        }
    }
    i.hi = i.lo + bytes;
    add(&regions, i);
}

static void do_map_in(uint64_t *random)
{
    uint64_t offset, lo, hi;
    cptr_t cap;
    struct interval i = some_part(random, &cap, &offset);

    some_range(random, &lo, &hi);
    i.hi = i.hi < hi - lo ? i.hi : hi - lo;
    const err_t err = vspace_map_in(&w.vs, lo, cap, offset, i.hi, i.flags);
    EXPECT_EQ(err_root(err),
              !covered(lo, lo + i.hi, true) ? E_VSPACE_UNRESERVED : meets(&maps, lo, lo + i.hi) ? E_VSPACE_OVERLAP : E_OK,
              "map in %#" PRIx64, lo);
    if (err_ok(err)) {
        i.lo = lo;
        i.hi += lo;
        add(&maps, i);
    }
}

static void do_back(uint64_t *random)
{
    uint64_t va = WORLD_LAZY + test_random(random) % (GIB / PAGE) * PAGE;
    const uint64_t bytes = (test_random(random) % 16 + 1) * PAGE;

    for (unsigned k = 0; k < regions.n && test_random(random) % 8; k++) {
        if (regions.i[k].lo >= WORLD_LAZY && regions.i[k].hi <= WORLD_LAZY + GIB) {
            va = regions.i[k].lo + test_random(random) % ((regions.i[k].hi - regions.i[k].lo) / PAGE) * PAGE;
        }
    }
    const bool crosses = va / (2 * MIB) != (va + bytes - 1) / (2 * MIB);
    EXPECT_OK(stock_refill(&w.stock), "refill");
    const err_t err = vspace_back(&w.vs, va, bytes, RW);
    if (err_root(err) == E_RESERVE_NONE && bytes > PAGE) {
        return;     /* what is in hand may lie in smaller pieces */
    }
    EXPECT_EQ(err_root(err),
              crosses                            ? E_VSPACE_ALIGN
              : !covered(va, va + bytes, true)   ? E_VSPACE_UNRESERVED
              : meets(&maps, va, va + bytes)     ? E_VSPACE_OVERLAP
                                                 : E_OK,
              "back %#" PRIx64, va);
    if (err_ok(err)) {
        for (uint64_t b = 0; b < bytes; b += 8) {
            EXPECT(*(uint64_t *)(va + b) == 0, "not zero at %#" PRIx64, va + b);
        }
        memset((void *)va, 0x77, bytes);
        add(&maps, (struct interval){ .lo = va, .hi = va + bytes, .flags = RW, .group = ++groups });
    }
}

static void do_unmap(uint64_t *random, bool reserved_too)
{
    uint64_t lo, hi;

    some_range(random, &lo, &hi);
    const bool split = cuts_group(lo) || cuts_group(hi);
    const err_t err = reserved_too ? vspace_unreserve(&w.vs, lo, hi - lo) : vspace_unmap(&w.vs, lo, hi - lo);
    EXPECT_EQ(err_root(err), !covered(lo, hi, false) ? E_VSPACE_NOT_MAPPED : split ? E_VSPACE_SPLIT : E_OK,
              "unmap %#" PRIx64 " to %#" PRIx64, lo, hi);
    if (err_ok(err)) {
        remove_in(&maps, lo, hi, false);
        remove_in(&regions, lo, hi, !reserved_too);
    } else if (split) {
        return;     /* regions may have been cut in two, which the model does not mind */
    }
}

static void do_protect(uint64_t *random)
{
    uint64_t lo, hi;
    const uint64_t access = test_random(random) % 2 ? RW : MAP_READ;

    some_range(random, &lo, &hi);
    const err_t err = vspace_protect(&w.vs, lo, hi - lo, access);
    EXPECT_EQ(err_root(err), !covered(lo, hi, false) ? E_VSPACE_NOT_MAPPED : E_OK, "protect %#" PRIx64, lo);
    if (err_ok(err)) {
        cut_at(&maps, lo);
        cut_at(&maps, hi);
        for (unsigned k = 0; k < maps.n; k++) {
            if (maps.i[k].lo >= lo && maps.i[k].hi <= hi) {
                maps.i[k].flags = access;
            }
        }
    }
}

static void step(uint64_t *random, bool grow)
{
    const unsigned what = test_random(random) % 16;

    if (what < (grow ? 9u : 4u)) {
        void (*const op[])(uint64_t *) = { do_map, do_map_at, do_map_at, do_reserve, do_map_in, do_map_in, do_back,
                                           do_back, do_back };
        op[test_random(random) % 9](random);
    } else if (what < 11) {
        do_protect(random);
    } else {
        do_unmap(random, test_random(random) % 2);
    }
}

static void audit(const char *when, uint64_t n)
{
    const char *const wrong = world_audit(&w);
    EXPECT(!wrong, "%s %" PRIu64 ": %s", when, n, wrong);
}

static void unmap_all(void)
{
    for (unsigned k = 0; k < maps.n; k++) {
        if (maps.i[k].group) {      /* it may lie across two of the model's regions */
            const struct vspace_mapping *const m = (struct vspace_mapping *)range_find(&w.vs.mappings, maps.i[k].lo);
            EXPECT(!m || err_ok(vspace_unmap(&w.vs, m->range.base, m->range.end - m->range.base)), "group");
        }
    }
    while (regions.n) {
        const struct interval i = regions.i[0];
        if (i.kind != REGION_FOREIGN) {
            EXPECT_OK(vspace_unreserve(&w.vs, i.lo, i.hi - i.lo), "unreserve");
        }
        regions.i[0] = regions.i[--regions.n];
    }
    maps.n = 0;
}

TEST(vspace, random_operations_against_model)
{
    uint64_t random = test_seed() * 31 + 7;

    world_start(&w, 0x40000, test_seed());
    make_frames();
    regions.n = maps.n = 0;
    add(&regions, (struct interval){ .lo = WORLD_POOL, .hi = WORLD_POOL + WORLD_ENTRY, .kind = REGION_FOREIGN });
    const struct world_use before = world_use(&w);
    for (int n = 0; n < 1200; n++) {
        step(&random, n / 200 % 2 == 0);
        check_translation(&random);
        check_lookup(some_address(&random));
        check_lookup(regions.i[test_random(&random) % regions.n].lo);
        if (n % 20 == 0) {
            audit("step", (uint64_t)n);
        }
    }
    unmap_all();
    EXPECT_OK(stock_trim(&w.stock), "trim");
    EXPECT(world_same(before, world_use(&w)), "something is left");
    audit("end", 0);
}

/* --- large pages --- */

/* Map all of a frame somewhere; the level that the first page is mapped at. */
static unsigned level_of(cptr_t cap, uint64_t offset, uint64_t bytes, uint64_t *va, uint64_t *invocations)
{
    struct fake_place p = { 0, 0, 0 };

    EXPECT_OK(stock_refill(&w.stock), "refill");
    EXPECT_OK(vspace_trim(&w.vs), "trim");
    fake_fail(0, FAKE_ALL);
    EXPECT_OK(vspace_map(&w.vs, cap, offset, bytes, RW, va), "map");
    *invocations = fake_calls();
    EXPECT(fake_translate(fake_base(CPTR(0, TASK_VSPACE)), *va, &p), "mapped");
    EXPECT_EQ(p.pa, fake_base(cap) + offset, "to the right place");
    EXPECT(fake_translate(fake_base(CPTR(0, TASK_VSPACE)), *va + bytes - 1, &p), "mapped to its end");
    EXPECT_EQ(p.pa, fake_base(cap) + offset + bytes - 1, "to the right place");
    EXPECT(fake_translate(fake_base(CPTR(0, TASK_VSPACE)), *va, &p), "mapped");
    return p.level;
}

TEST(vspace, blocks_where_alignment_allows)
{
    uint64_t va, calls;

    world_start(&w, 0x200000, test_seed());
    w.frames = 4;
    const struct world_use before = world_use(&w);
    const cptr_t mib64 = fake_object(CAP_FRAME, 64 * MIB, 2 * MIB, 0);
    EXPECT_EQ(level_of(mib64, 0, 64 * MIB, &va, &calls), 2, "64 MiB in blocks of 2 MiB");
    EXPECT(va % (2 * MIB) == 0 && calls <= 6, "one Mapping, two tables, one look at the frame: %" PRIu64, calls);
    const uint64_t first = va;
    EXPECT_EQ(level_of(mib64, 4 * PAGE, 62 * MIB, &va, &calls), 3, "an odd beginning is mapped in pages");
    struct fake_place p = { 0 };
    EXPECT(fake_translate(fake_base(CPTR(0, TASK_VSPACE)), va + 2 * MIB, &p) && p.level == 2, "and the rest in blocks");
    EXPECT_OK(vspace_unmap(&w.vs, va, 62 * MIB), "unmap");
    EXPECT_OK(vspace_unmap(&w.vs, first, 64 * MIB), "unmap");

    const cptr_t gib = fake_object(CAP_FRAME, GIB, GIB, 0);
    EXPECT_EQ(level_of(gib, 0, GIB, &va, &calls), 1, "1 GiB in one block");
    EXPECT(calls <= 4, "%" PRIu64, calls);
    EXPECT_OK(vspace_unmap(&w.vs, va, GIB), "unmap");
    const cptr_t skewed = fake_object(CAP_FRAME, GIB, GIB, 6 * MIB);
    EXPECT_EQ(level_of(skewed, 0, GIB, &va, &calls), 2, "1 GiB at an odd address, in 2 MiB");
    EXPECT_EQ(w.vs.mappings.count, 2, "over two tables");
    EXPECT_OK(vspace_unmap(&w.vs, va, GIB), "unmap");
    const cptr_t pages = fake_object(CAP_FRAME, GIB, GIB, 0);
    EXPECT_OK(vspace_map_at(&w.vs, ARENA + PAGE, pages, 0, GIB, RW), "1 GiB that no block can map");
    EXPECT_EQ(w.vs.mappings.count, 513, "a Mapping per table");
    audit("pages", 0);
    EXPECT_OK(vspace_unmap(&w.vs, ARENA + PAGE, GIB), "unmap");
    EXPECT_OK(stock_trim(&w.stock), "trim");
    EXPECT(world_same(before, world_use(&w)), "something is left");
    audit("end", 0);
}

/* A block where tables were a moment ago, and pages where a block was. */
TEST(vspace, blocks_take_the_place_of_tables)
{
    struct fake_place p = { 0 };

    world_start(&w, 0x40000, test_seed());
    w.frames = 1;
    const cptr_t cap = fake_object(CAP_FRAME, 4 * MIB, 2 * MIB, 0);
    for (int i = 0; i < 3; i++) {
        EXPECT_OK(vspace_map_at(&w.vs, ARENA + PAGE, cap, 0, 2 * PAGE, RW), "pages");
        EXPECT_OK(vspace_unmap(&w.vs, ARENA + PAGE, 2 * PAGE), "unmap");
        EXPECT(w.vs.spare && w.vs.empty == 1, "one table is kept");
        EXPECT_OK(vspace_map_at(&w.vs, ARENA, cap, 0, 4 * MIB, RW), "blocks");
        EXPECT(fake_translate(fake_base(CPTR(0, TASK_VSPACE)), ARENA, &p) && p.level == 2, "in spite of the table");
        EXPECT_OK(vspace_unmap(&w.vs, ARENA + PAGE, 4 * MIB - 2 * PAGE), "unmap all but the ends");
        EXPECT(fake_translate(fake_base(CPTR(0, TASK_VSPACE)), ARENA, &p) && p.level == 3, "first page");
        EXPECT(fake_translate(fake_base(CPTR(0, TASK_VSPACE)), ARENA + 4 * MIB - PAGE, &p), "last page");
        EXPECT_EQ(p.pa, fake_base(cap) + 4 * MIB - PAGE, "last page");
        EXPECT(!fake_translate(fake_base(CPTR(0, TASK_VSPACE)), ARENA + PAGE, &p), "the rest is gone");
        EXPECT_OK(vspace_unmap(&w.vs, ARENA, PAGE), "unmap");
        EXPECT_OK(vspace_unmap(&w.vs, ARENA + 4 * MIB - PAGE, PAGE), "unmap");
        audit("round", (uint64_t)i);
    }
}

/* New memory of 2 MiB is one block if the reserve has such a one, and pages if not. */
TEST(vspace, back_of_two_mib)
{
    struct fake_place p = { 0 };

    world_start(&w, 10 * MIB, test_seed());     /* its chunks begin at multiples of 2 MiB */
    const struct world_use before = world_use(&w);
    EXPECT_OK(vspace_reserve_at(&w.vs, WORLD_LAZY, 8 * MIB), "reserve");
    EXPECT_OK(vspace_back(&w.vs, WORLD_LAZY, 2 * MIB, RW), "back");
    EXPECT(fake_translate(fake_base(CPTR(0, TASK_VSPACE)), WORLD_LAZY, &p) && p.level == 2, "a block");
    memset((void *)WORLD_LAZY, 0x11, 2 * MIB);
    struct ram_block block;
    EXPECT_OK(reserve_take(&w.stock.reserve, 256, PAGE, &block), "odd pages");
    while (err_ok(reserve_take(&w.stock.reserve, 512, 2 * MIB, &block))) {
        EXPECT(block.first == 0, "a whole chunk");
    }
    EXPECT_OK(vspace_unmap(&w.vs, WORLD_LAZY, 2 * MIB), "unmap: the only 2 MiB in hand");
    EXPECT_OK(vspace_back(&w.vs, WORLD_LAZY + 2 * MIB, 2 * MIB, MAP_READ), "back again");
    EXPECT(fake_translate(fake_base(CPTR(0, TASK_VSPACE)), WORLD_LAZY + 2 * MIB, &p) && p.flags == MAP_READ, "as asked");
    for (uint64_t at = 0; at < 2 * MIB; at += 8) {
        EXPECT(*(uint64_t *)(WORLD_LAZY + 2 * MIB + at) == 0, "used memory comes back as zero");
    }
    EXPECT_EQ(err_root(vspace_back(&w.vs, WORLD_LAZY + 4 * MIB, 2 * MIB, RW)), E_RESERVE_NONE, "no more");
    EXPECT_OK(vspace_unreserve(&w.vs, WORLD_LAZY, 8 * MIB), "unreserve");
    EXPECT(world_same(before, world_use(&w)), "something is left");

    world_start(&w, 0x40000, test_seed());
    const cptr_t odd = fake_ram(FAKE_RAM_BASE + 0x60001000, 2 * MIB);
    EXPECT_OK(stock_add_ram(&w.stock, odd), "2 MiB at an odd address");
    EXPECT_OK(vspace_reserve_at(&w.vs, WORLD_LAZY, 2 * MIB), "reserve");
    EXPECT_OK(vspace_back(&w.vs, WORLD_LAZY, 2 * MIB, RW), "back");
    EXPECT(fake_translate(fake_base(CPTR(0, TASK_VSPACE)), WORLD_LAZY, &p) && p.level == 3, "in pages");
}

/* --- refusals --- */

TEST(vspace, refuses_and_changes_nothing)
{
    world_start(&w, 0x40000, test_seed());
    w.frames = 2;
    const cptr_t cap = fake_object(CAP_FRAME, 4 * MIB, 2 * MIB, 0), small = fake_object(CAP_FRAME, PAGE, PAGE, 0);
    EXPECT_OK(vspace_map_at(&w.vs, ARENA, cap, 0, 4 * MIB, RW), "map");
    EXPECT_OK(vspace_reserve_at(&w.vs, ARENA + GIB, MIB), "reserve");
    const struct world_use before = world_use(&w);
    uint64_t va = 77;
    const struct {
        const char *why;
        err_t err;
        enum err_code want;
    } refused[] = {
        { "address not in pages", vspace_map_at(&w.vs, ARENA + 8, cap, 0, PAGE, RW), E_VSPACE_ALIGN },
        { "size not in pages", vspace_map(&w.vs, cap, 0, 100, RW, &va), E_VSPACE_ALIGN },
        { "offset not in pages", vspace_map(&w.vs, cap, 1, PAGE, RW, &va), E_VSPACE_ALIGN },
        { "nothing", vspace_map(&w.vs, cap, 0, 0, RW, &va), E_VSPACE_ALIGN },
        { "more than there is", vspace_map(&w.vs, cap, 0, VSPACE_HIGH, RW, &va), E_VSPACE_NONE },
        { "no gap so large", vspace_map(&w.vs, cap, 0, VSPACE_HIGH - PAGE, RW, &va), E_VSPACE_NONE },
        { "null page", vspace_map_at(&w.vs, 0, cap, 0, PAGE, RW), E_VSPACE_LEGAL },
        { "last of the first 64 KiB", vspace_map_at(&w.vs, 0xf000, cap, 0, PAGE, RW), E_VSPACE_LEGAL },
        { "beyond 2^47", vspace_map_at(&w.vs, VSPACE_HIGH - PAGE, cap, 0, 2 * PAGE, RW), E_VSPACE_LEGAL },
        { "kernel half", vspace_map_at(&w.vs, 0xffff000000000000ull, cap, 0, PAGE, RW), E_VSPACE_LEGAL },
        { "end wraps", vspace_map_at(&w.vs, ARENA, cap, 0, -PAGE, RW), E_VSPACE_LEGAL },
        { "overlap at the end", vspace_map_at(&w.vs, ARENA - PAGE, cap, 0, 2 * PAGE, RW), E_VSPACE_OVERLAP },
        { "overlap at the beginning", vspace_map_at(&w.vs, ARENA + 4 * MIB - PAGE, cap, 0, MIB, RW), E_VSPACE_OVERLAP },
        { "over a reservation", vspace_map_at(&w.vs, ARENA + GIB, cap, 0, PAGE, RW), E_VSPACE_OVERLAP },
        { "reserved twice", vspace_reserve_at(&w.vs, ARENA + GIB, PAGE), E_VSPACE_OVERLAP },
        { "the pool's window", vspace_reserve_at(&w.vs, WORLD_POOL, PAGE), E_VSPACE_OVERLAP },
        { "frame too short", vspace_map(&w.vs, small, 0, 2 * PAGE, RW, &va), E_CAP_RANGE },
        { "frame too short, large", vspace_map(&w.vs, cap, 2 * MIB, 4 * MIB, RW, &va), E_CAP_RANGE },
        { "W and X", vspace_map(&w.vs, cap, 0, PAGE, RW | MAP_EXEC, &va), E_MAP_WX },
        { "device memory type", vspace_map(&w.vs, cap, 0, PAGE, RW | MAP_DEVICE, &va), E_MAP_ATTR },
        { "no frame", vspace_map(&w.vs, CPTR(0, TASK_L1), 0, PAGE, RW, &va), E_CAP_TYPE },
        { "empty slot", vspace_map(&w.vs, CPTR(0, 250), 0, 2 * MIB, RW, &va), E_CAP_EMPTY },
        { "not reserved", vspace_map_in(&w.vs, ARENA + 2 * GIB, cap, 0, PAGE, RW), E_VSPACE_UNRESERVED },
        { "half reserved", vspace_map_in(&w.vs, ARENA + GIB, cap, 0, 2 * MIB, RW), E_VSPACE_UNRESERVED },
        { "mapped, not reserved", vspace_map_in(&w.vs, ARENA, cap, 0, PAGE, RW), E_VSPACE_UNRESERVED },
        { "offset in a reservation", vspace_map_in(&w.vs, ARENA + GIB, cap, 8, PAGE, RW), E_VSPACE_ALIGN },
        { "back: two tables", vspace_back(&w.vs, ARENA + GIB + PAGE, 2 * MIB, RW), E_VSPACE_ALIGN },
        { "back: unreserved", vspace_back(&w.vs, ARENA + 2 * GIB, PAGE, RW), E_VSPACE_UNRESERVED },
        { "back: W and X", vspace_back(&w.vs, ARENA + GIB, PAGE, RW | MAP_EXEC), E_MAP_WX },
        { "unmap nothing", vspace_unmap(&w.vs, ARENA + 8 * GIB, PAGE), E_VSPACE_NOT_MAPPED },
        { "unmap too much", vspace_unmap(&w.vs, ARENA, 4 * MIB + PAGE), E_VSPACE_NOT_MAPPED },
        { "unmap null", vspace_unmap(&w.vs, 0, PAGE), E_VSPACE_NOT_MAPPED },
        { "unmap the pool", vspace_unmap(&w.vs, WORLD_POOL, PAGE), E_VSPACE_NOT_MAPPED },
        { "unmap half a page", vspace_unmap(&w.vs, ARENA, 8), E_VSPACE_ALIGN },
        { "protect nothing", vspace_protect(&w.vs, ARENA + 8 * GIB, PAGE, MAP_READ), E_VSPACE_NOT_MAPPED },
        { "protect null", vspace_protect(&w.vs, 0, PAGE, MAP_READ), E_VSPACE_NOT_MAPPED },
        { "protect: memory type", vspace_protect(&w.vs, ARENA, 4 * MIB, MAP_READ | MAP_DEVICE), E_ARG },
        { "protect: W and X", vspace_protect(&w.vs, ARENA, 4 * MIB, RW | MAP_EXEC), E_MAP_WX },
        { "reserve: alignment", vspace_reserve(&w.vs, PAGE, 3 * PAGE, &va), E_VSPACE_ALIGN },
        { "reserve: alignment below a page", vspace_reserve(&w.vs, PAGE, 8, &va), E_VSPACE_ALIGN },
        { "reserve: no gap", vspace_reserve(&w.vs, VSPACE_HIGH, 0, &va), E_VSPACE_NONE },
    };
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        EXPECT_EQ(err_root(refused[i].err), refused[i].want, "%s", refused[i].why);
        EXPECT(refused[i].err.trail >> 16, "%s: who refused", refused[i].why);
    }
    EXPECT_EQ(va, 77, "written on success only");
    EXPECT(world_same(before, world_use(&w)), "something has changed");
    audit("end", 0);

    /* Another call is at work there, and has let go of the lock. */
    struct vspace_region *const r = (struct vspace_region *)range_find(&w.vs.regions, ARENA);
    r->busy = 1;
    EXPECT_EQ(err_root(vspace_unmap(&w.vs, ARENA, PAGE)), E_VSPACE_BUSY, "unmap");
    EXPECT_EQ(err_root(vspace_protect(&w.vs, ARENA, PAGE, MAP_READ)), E_VSPACE_BUSY, "protect");
    r->busy = 0;
}

TEST(vspace, what_cannot_be_split_says_so)
{
    world_start(&w, 0x40000, test_seed());
    w.frames = 1;
    const cptr_t cap = fake_object(CAP_FRAME, 4 * MIB, 2 * MIB, 0);
    EXPECT_OK(vspace_map_at(&w.vs, ARENA, cap, 0, 4 * MIB, RW), "map");
    EXPECT_OK(vspace_reserve_at(&w.vs, WORLD_LAZY, MIB), "reserve");
    EXPECT_OK(vspace_back(&w.vs, WORLD_LAZY, 8 * PAGE, RW), "back");
    EXPECT_EQ(err_root(vspace_unmap(&w.vs, WORLD_LAZY, PAGE)), E_VSPACE_SPLIT, "half of new memory");
    EXPECT_OK(vspace_protect(&w.vs, WORLD_LAZY + PAGE, PAGE, MAP_READ), "but its pages can be protected");
    EXPECT_OK(cap_delete(CPTR_NULL, cap), "the frame's capability goes");
    w.frames = 0;
    EXPECT_EQ(err_root(vspace_unmap(&w.vs, ARENA, PAGE)), E_CAP_EMPTY, "a block without its frame");
    audit("refused", 0);
    EXPECT_OK(vspace_unmap(&w.vs, ARENA, 4 * MIB), "but all of it can go");
    EXPECT_OK(vspace_unreserve(&w.vs, WORLD_LAZY, MIB), "and this");
    audit("end", 0);
}
