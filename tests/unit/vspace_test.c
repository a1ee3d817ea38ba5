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
