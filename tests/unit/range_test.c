/* libos/ranges against a naive model: an array with one byte per unit of the number line. */
#include "test.h"
#include <os/ranges.h>

#define UNITS 512u
#define UNIT  0x80000ull            /* so that RANGE_LARGE is four units */
#define LO    (3 * UNIT)
#define HI    (UNITS * UNIT)

struct model {
    struct range *at[UNITS];        /* which node holds the unit */
    unsigned nodes;
};

static struct range *new_node(uint64_t first, uint64_t units)
{
    struct range *const n = malloc(sizeof(*n));
    memset(n, 0xa5, sizeof(*n));
    n->base = first * UNIT;
    n->end = (first + units) * UNIT;
    return n;
}

static void model_set(struct model *m, uint64_t base, uint64_t end, struct range *n)
{
    for (uint64_t u = base / UNIT; u < end / UNIT; u++) {
        m->at[u] = n;
    }
}

static bool model_free(const struct model *m, uint64_t first, uint64_t units)
{
    for (uint64_t u = first; u < first + units; u++) {
        if (u >= UNITS || m->at[u]) {
            return false;
        }
    }
    return units > 0 && first >= LO / UNIT;
}

/* A free place lies inside one node, or inside a gap. */
static bool model_fits(const struct model *m, enum range_kind kind, uint64_t first, uint64_t units)
{
    if (kind == RANGES_USED) {
        return model_free(m, first, units);
    }
    for (uint64_t u = first; u < first + units; u++) {
        if (u >= UNITS || !m->at[u] || m->at[u] != m->at[first]) {
            return false;
        }
    }
    return true;
}

static bool model_fit(const struct model *m, enum range_kind kind, const struct range_want *w, uint64_t *base)
{
    for (uint64_t u = 0; u < UNITS; u++) {
        const uint64_t at = u * UNIT;
        if (at >= w->from && ((at - w->offset) & ((w->align ? w->align : 1) - 1)) == 0 &&
            model_fits(m, kind, u, w->bytes / UNIT)) {
            *base = at;
            return true;
        }
    }
    return false;
}

static void check_questions(const struct model *m, const struct range_tree *t, uint64_t *random)
{
    const uint64_t u = test_random(random) % UNITS, units = test_random(random) % 8 + 1;
    const uint64_t address = u * UNIT + (test_random(random) % 2 ? test_random(random) % UNIT : 0);
    struct range *from = NULL, *below = NULL;
    bool meets = false;

    for (uint64_t i = u; i < UNITS && !from; i++) {
        from = m->at[i];
    }
    for (uint64_t i = 0; i < UNITS; i++) {
        if (m->at[i] && m->at[i]->base < address) {
            below = m->at[i];
        }
        meets |= i >= u && i < u + units && m->at[i];
    }
    EXPECT(range_find(t, address) == m->at[u], "find %#" PRIx64, address);
    EXPECT(range_from(t, address) == from, "from %#" PRIx64, address);
    EXPECT(range_below(t, address) == below, "below %#" PRIx64, address);
    EXPECT(range_meets(t, u * UNIT, (u + units) * UNIT) == meets, "meets from %#" PRIx64, address);
}

static void check_fit(const struct model *m, const struct range_tree *t, uint64_t *random)
{
    struct range_want w = { .bytes = (test_random(random) % 12 + 1) * UNIT };
    uint64_t want = 1, got = 1;

    w.align = test_random(random) % 3 ? UNIT << test_random(random) % 6 : test_random(random) % 2;
    if (w.align > UNIT && test_random(random) % 2) {
        w.offset = test_random(random) % (w.align / UNIT) * UNIT;
    }
    if (test_random(random) % 2) {
        w.from = test_random(random) % UNITS * UNIT;
    }
    const bool there = model_fit(m, t->kind, &w, &want);
    /* Fewer spaces than RANGE_TRIES, so it is exact. */
    EXPECT(t->count >= RANGE_TRIES || range_fit(t, &w, &got) == there, "bytes %#" PRIx64 " align %#" PRIx64, w.bytes,
           w.align);
    EXPECT_EQ(t->count >= RANGE_TRIES ? want : got, want, "bytes %#" PRIx64 " align %#" PRIx64 " offset %#" PRIx64,
              w.bytes, w.align, w.offset);
}

static void insert(struct model *m, struct range_tree *t, uint64_t *random)
{
    const uint64_t first = test_random(random) % (UNITS + 1), units = test_random(random) % 6;
    struct range *const n = new_node(first, units);
    const bool want = model_free(m, first, units);

    const bool got = range_insert(t, n);
    EXPECT(got == want, "insert %" PRIu64 "+%" PRIu64, first, units);
    if (got) {
        model_set(m, n->base, n->end, n);
        m->nodes++;
    } else {
        free(n);
    }
}

static void take_out(struct model *m, struct range_tree *t, uint64_t *random)
{
    struct range *const n = range_from(t, test_random(random) % HI);

    if (n) {
        range_remove(t, n);
        model_set(m, n->base, n->end, NULL);
        m->nodes--;
        free(n);
    }
}

static void resize(struct model *m, struct range_tree *t, uint64_t *random)
{
    struct range *const n = range_from(t, test_random(random) % HI);

    if (!n) {
        return;
    }
    uint64_t base = n->base, end = n->end;
    model_set(m, base, end, NULL);
    base = test_random(random) % 2 ? base - UNIT : base;
    end = test_random(random) % 2 ? end + UNIT : end - UNIT;
    if (base < end && model_free(m, base / UNIT, (end - base) / UNIT)) {
        range_resize(t, n, base, end);
    }
    model_set(m, n->base, n->end, n);
}

/* All of a full tree, in order; then it is as good as new. */
static void take_all(struct model *m, struct range_tree *t, uint64_t *random)
{
    for (unsigned round = 0; round < 2; round++) {
        uint64_t last = 0;
        for (int i = 0; i < 300; i++) {
            insert(m, t, random);
        }
        EXPECT(!range_check(t) && t->count > 20, "%" PRIu64 " nodes", t->count);
        for (struct range *n; (n = range_take_any(t)); last = n->end, free(n)) {
            EXPECT(m->at[n->base / UNIT] == n && n->base >= last, "%#" PRIx64 " behind %#" PRIx64, n->base, last);
            model_set(m, n->base, n->end, NULL);
            m->nodes--;
        }
        EXPECT(t->count == 0 && !t->root, "empty");
    }
    EXPECT_EQ(m->nodes, 0, "a node is lost");
}

static void run_tree(enum range_kind kind)
{
    static struct model m;
    struct range_tree t;
    uint64_t random = test_seed() * 77 + kind;

    memset(&m, 0, sizeof(m));
    range_tree_init(&t, kind, LO, HI);
    for (int i = 0; i < 6000; i++) {
        /* In waves: mostly in, then mostly out. */
        const bool in = test_random(&random) % 8 < (i / 1000 % 2 ? 2 : 6);
        (test_random(&random) % 4 == 0 ? resize : in ? insert : take_out)(&m, &t, &random);
        const char *const wrong = range_check(&t);
        EXPECT(!wrong, "step %d: %s", i, wrong);
        EXPECT_EQ(t.count, m.nodes, "step %d", i);
        check_questions(&m, &t, &random);
        check_fit(&m, &t, &random);
    }
    take_all(&m, &t, &random);
}

TEST(range, tree_of_free_ranges)
{
    run_tree(RANGES_FREE);
}

TEST(range, tree_of_used_ranges)
{
    run_tree(RANGES_USED);
}

/* 300 spaces of three units of which none holds two aligned ones, then one that does. */
TEST(range, fit_is_bounded_where_it_is_not_exact)
{
    struct range_tree t;
    struct range node[301];
    const uint64_t a = 4 * RANGE_LARGE;
    struct range_want w = { .bytes = 2 * a, .align = 2 * a };
    uint64_t base = 0;

    range_tree_init(&t, RANGES_FREE, 0, UINT64_MAX);
    for (unsigned i = 0; i < 300; i++) {
        node[i].base = (8 * i + 1) * a;         /* 1, 2, 3: the pair 2, 3 has an odd half outside */
        node[i].end = node[i].base + 2 * a;
        EXPECT(range_insert(&t, &node[i]), "node %u", i);
    }
    EXPECT(!range_fit(&t, &w, &base), "no aligned place is there");
    node[300].base = 8 * 300 * a + a;
    node[300].end = node[300].base + 4 * a;
    EXPECT(range_insert(&t, &node[300]), "the large one");
    EXPECT(range_fit(&t, &w, &base), "one that is large enough wherever it begins is found");
    EXPECT_EQ(base, 8 * 300 * a + 2 * a, "and used at its aligned place");
    range_remove(&t, &node[300]);
    node[300].base += a;                        /* exactly the aligned place: large enough, but not surely */
    node[300].end = node[300].base + 2 * a;
    EXPECT(range_insert(&t, &node[300]), "the exact one");
    EXPECT(!range_fit(&t, &w, &base), "documented: one exact place behind RANGE_TRIES others is not found");
    w.align = RANGE_LARGE;
    EXPECT(range_fit(&t, &w, &base) && base == node[0].base, "exact for this alignment");
}

TEST(range, ends_of_the_number_line)
{
    struct range_tree t;
    struct range low = { .base = 0, .end = 1 }, high = { .base = UINT64_MAX - 1, .end = UINT64_MAX };
    struct range_want w = { .bytes = UINT64_MAX - 2 };
    uint64_t base = 7;

    range_tree_init(&t, RANGES_USED, 0, UINT64_MAX);
    EXPECT(range_fit(&t, &w, &base) && base == 0, "an empty tree is one gap");
    EXPECT(range_insert(&t, &low) && range_insert(&t, &high), "both ends");
    EXPECT(range_fit(&t, &w, &base) && base == 1, "all between them");
    w.bytes++;
    EXPECT(!range_fit(&t, &w, &base), "not one more");
    w = (struct range_want){ .bytes = 4096, .align = 1ull << 63, .from = (1ull << 63) + 1 };
    EXPECT(!range_fit(&t, &w, &base), "rounding up past the end");
    EXPECT(!range_check(&t), "valid");
}

/* --- sets --- */

static _Alignas(4096) char seed_memory[64 * 4096];

static void check_set(const struct range_set *s, const uint8_t *in, int step)
{
    uint64_t units = 0, runs = 0;
    const char *const wrong = range_check(&s->tree);

    EXPECT(!wrong, "step %d: %s", step, wrong);
    for (unsigned u = 0; u < UNITS; u++) {
        units += in[u];
        /* A limit of the test lies at UNITS / 2: ranges never merge across it. */
        runs += in[u] && (u == 0 || !in[u - 1] || u == UNITS / 2);
        EXPECT(!range_find(&s->tree, u * UNIT) == !in[u], "step %d: unit %u", step, u);
    }
    EXPECT_EQ(s->bytes, units * UNIT, "step %d", step);
    EXPECT_EQ(s->tree.count, runs, "step %d: not merged", step);
    EXPECT_EQ(s->slab->used, runs, "step %d: nodes lost", step);
}

static bool all(const uint8_t *in, uint64_t first, uint64_t units, uint8_t value)
{
    for (uint64_t u = first; u < first + units; u++) {
        if (u >= UNITS || in[u] != value) {
            return false;
        }
    }
    return true;
}

static void set_step(struct range_set *s, uint8_t *in, uint64_t *random)
{
    const uint64_t half = test_random(random) % 2 * (UNITS / 2);
    const uint64_t first = half + test_random(random) % (UNITS / 2), most = half + UNITS / 2 - first;
    const uint64_t units = test_random(random) % 8 % (most + 1);
    const uint64_t lo = half * UNIT, hi = lo + UNITS / 2 * UNIT;

    if (test_random(random) % 2) {
        const err_t err = ranges_add(s, first * UNIT, units * UNIT, lo, hi);
        EXPECT_EQ(err_root(err), !units ? E_ARG : all(in, first, units, 0) ? E_OK : E_RANGE_OVERLAP, "add");
        if (err_ok(err)) {
            memset(in + first, 1, units);
        }
    } else if (test_random(random) % 4) {
        const err_t err = ranges_remove(s, first * UNIT, units * UNIT);
        EXPECT_EQ(err_root(err), !units ? E_ARG : all(in, first, units, 1) ? E_OK : E_RANGE_MISSING, "remove");
        if (err_ok(err)) {
            memset(in + first, 0, units);
        }
    } else {
        const struct range_want w = { .bytes = units * UNIT, .align = UNIT };
        uint64_t base, at = 0;
        const err_t err = ranges_take(s, &w, &base);
        while (at < UNITS && !(all(in, at, units, 1) && (at >= UNITS / 2 || at + units <= UNITS / 2))) {
            at++;
        }
        EXPECT_EQ(err_root(err), !units ? E_ARG : at < UNITS ? E_OK : E_RANGE_NONE, "take");
        if (err_ok(err)) {
            EXPECT_EQ(base, at * UNIT, "the lowest");
            memset(in + at, 0, units);
        }
    }
}

TEST(range, set_against_model)
{
    static uint8_t in[UNITS];
    struct slab slab;
    struct range_set s;
    uint64_t random = test_seed() * 5 + 1;

    slab_init(&slab, sizeof(struct range), NULL, 0);
    slab_seed(&slab, seed_memory, sizeof(seed_memory));
    ranges_init(&s, &slab);
    for (int i = 0; i < 3000; i++) {
        set_step(&s, in, &random);
        check_set(&s, in, i);
    }
}

TEST(range, set_without_nodes_changes_nothing)
{
    struct slab slab;
    struct range_set s;
    uint64_t base;

    slab_init(&slab, 2016, NULL, 0);        /* two objects a page */
    slab_seed(&slab, seed_memory, 4096);
    ranges_init(&s, &slab);
    EXPECT(err_ok(ranges_add(&s, 0, 10 * UNIT, 0, UINT64_MAX)), "first");
    EXPECT(err_ok(ranges_add(&s, 20 * UNIT, 10 * UNIT, 0, UINT64_MAX)), "second");
    EXPECT_EQ(err_root(ranges_add(&s, 40 * UNIT, UNIT, 0, UINT64_MAX)), E_SLAB_EMPTY, "a third");
    EXPECT_EQ(err_root(ranges_remove(&s, 22 * UNIT, UNIT)), E_SLAB_EMPTY, "a split");
    const struct range_want w = { .bytes = UNIT, .from = 3 * UNIT };
    EXPECT_EQ(err_root(ranges_take(&s, &w, &base)), E_SLAB_EMPTY, "a split by taking");
    EXPECT_EQ(s.bytes, 20 * UNIT, "as before");
    EXPECT_EQ(s.tree.count, 2, "as before");
    EXPECT(!range_check(&s.tree), "valid");
    EXPECT(err_ok(ranges_add(&s, 10 * UNIT, 10 * UNIT, 0, UINT64_MAX)), "merging needs none, and frees one");
    EXPECT(err_ok(ranges_remove(&s, 22 * UNIT, UNIT)), "which the split can have");
}
