/** @file mdb_check_test.c  mdb_check() finds each invariant that is broken on purpose, names it, and says where. */
#include "mdb_world.h"

#define RAM_BASE  0x40000000ull
#define OBJECT    16384ull
#define OBJECTS   24u
#define DISP_BASE (RAM_BASE + OBJECTS * OBJECT)
#define FREE_BASE (DISP_BASE + 4096)

/** A tree of several levels in which there is something to break of each kind. */
struct fixture {
    struct world w;
    struct cte *object[OBJECTS]; /**< of 16 KiB each: an L2 CNode, two Frames, an L2 CNode … */
    struct cte *copy;            /**< of object[1] */
    struct cte *mapping;         /**< of the middle of object[1] */
    struct cte *strong, *weak;   /**< one Dispatcher */
};

static void build(struct fixture *f)
{
    world_init(&f->w, 1);
    for (uint64_t i = 0; i < OBJECTS; i++) {
        f->object[i] = world_insert(&f->w, world_cap(i % 3 ? CAP_FRAME : CAP_L2CNODE, RAM_BASE + i * OBJECT, OBJECT));
    }
    f->copy = world_copy(&f->w, f->object[1], *f->object[1]);
    f->mapping = world_insert(&f->w, world_cap(CAP_MAPPING, f->object[1]->base + 4096, 8192));
    struct cte disp = world_cap(CAP_DISPATCHER, DISP_BASE, 2048);
    f->strong = world_insert(&f->w, disp);
    disp.flags = CTE_WEAK;
    f->weak = world_copy(&f->w, f->strong, disp);
    world_walk(&f->w);
}

static void expect_wrong(const struct world *w, const char *invariant, const struct cte *where, const char *why)
{
    const struct cte *at = NULL;
    const char *wrong = mdb_check(&w->db, &at);

    EXPECT(wrong && strncmp(wrong, invariant, 2) == 0, "%s: wanted %s, got %s", why, invariant,
           wrong ? wrong : "nothing");
    EXPECT(at == where, "%s: reported at another slot (%s)", why, wrong ? wrong : "nothing");
}

/** After a change of ranges in place: make M3 true again, so that it is not M3 that is reported. */
static void mend_max_end(struct world *w)
{
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < w->count; i++) {
            const uint64_t max = mdb_true_max_end(w->live[i]);
            changed |= max != w->live[i]->max_end;
            w->live[i]->max_end = max;
        }
    }
}

TEST(mdb_check, m0_links)
{
    struct fixture f;

    build(&f);
    struct cte *const root = f.w.db.root, *const left = mdb_child(root, 0);
    const struct cte saved_root = *root;
    mdb_set_parent(root, left);
    expect_wrong(&f.w, "M0", root, "a root with a parent");
    *root = saved_root;
    mdb_set_child(root, 1, left);
    expect_wrong(&f.w, "M0", root, "the same child twice");
    *root = saved_root;
    mdb_set_child(root, 0, root);
    expect_wrong(&f.w, "M0", root, "a child of its own");
    *root = saved_root;
    for (size_t i = 0; i < f.w.count; i++) {
        struct cte *const n = f.w.live[i], saved = *n, *const parent = mdb_parent(n);
        if (n == root) {
            continue;
        }
        mdb_set_parent(n, n);
        expect_wrong(&f.w, "M0", parent, "its own parent");
        mdb_set_parent(n, NULL);
        expect_wrong(&f.w, "M0", parent, "no parent");
        *n = saved;
        if (!mdb_child(n, 0)) {
            mdb_set_child(n, 0, root);
            expect_wrong(&f.w, "M0", n, "a cycle");
            *n = saved;
        }
        if (!mdb_child(n, 1)) { /* where heights are followed: what matters is that the check ends */
            mdb_set_child(n, 1, root);
            EXPECT(mdb_check(&f.w.db, &(const struct cte *){ NULL }), "a cycle to the right");
            *n = saved;
        }
    }
    f.w.db.count++;
    expect_wrong(&f.w, "M0", NULL, "one too many counted");
    f.w.db.count -= 2;
    expect_wrong(&f.w, "M0", NULL, "one too few counted");
}

TEST(mdb_check, m1_order)
{
    struct fixture f;

    build(&f);
    for (unsigned i = 4; i + 1 < OBJECTS; i += 3) { /* two neighbouring Frames */
        struct cte *const a = f.object[i], *const b = f.object[i + 1];
        const struct cte saved = *b;
        b->base = a->base - 1;
        mend_max_end(&f.w);
        expect_wrong(&f.w, "M1", b, "a base before that of the node before");
        b->base = a->base;
        b->bytes = a->bytes + 1;
        mend_max_end(&f.w);
        expect_wrong(&f.w, "M1", b, "the larger range second");
        b->bytes = a->bytes;
        b->type = CAP_RAM;
        mend_max_end(&f.w);
        expect_wrong(&f.w, "M1", b, "of equal ranges, the lower type second");
        *b = saved;
        mend_max_end(&f.w);
    }
    struct cte *const first = mdb_next(f.copy) == f.object[1] ? f.copy : f.object[1], *const second = mdb_next(first);
    first->gen = 1;
    expect_wrong(&f.w, "M1", second, "the later generation first");
    first->gen = 0;
    f.strong->flags = CTE_WEAK;
    f.weak->flags = 0;
    expect_wrong(&f.w, "M1", f.weak, "the weak copy first");
    f.strong->flags = 0;
    f.weak->flags = CTE_WEAK;
    EXPECT(!mdb_check(&f.w.db, &(const struct cte *){ NULL }), "all put back");
}

TEST(mdb_check, m1_kind_and_number_line)
{
    struct fixture f;

    build(&f);
    struct cte *const c = f.object[5], saved = *c;
    c->type = CAP_NULL;
    expect_wrong(&f.w, "M1", c, "an empty slot");
    c->type = CTE_DYING;
    expect_wrong(&f.w, "M1", c, "a dying slot without a type");
    c->type = CAP_TYPE_COUNT;
    expect_wrong(&f.w, "M1", c, "no such type");
    c->type = CAP_IRQ;
    expect_wrong(&f.w, "M1", c, "an interrupt in memory");
    *c = saved;
    struct cte *const last = f.w.live[f.w.count - 1];
    EXPECT(cte_type(last) == CAP_CORECONTROL, "the last of all");
    last->bytes++;
    mend_max_end(&f.w);
    expect_wrong(&f.w, "M1", last, "past the end of the last number line");
    last->bytes = UINT64_MAX - last->base + 2;
    mend_max_end(&f.w);
    expect_wrong(&f.w, "M1", last, "a range that wraps");
}

TEST(mdb_check, m2_balance)
{
    struct fixture f;

    build(&f);
    for (size_t i = 0; i < f.w.count; i++) {
        struct cte *const n = f.w.live[i];
        const int8_t was = n->balance;
        for (int b = -3; b <= 3; b++) {
            if (b == was) {
                continue;
            }
            n->balance = (int8_t)b;
            const struct cte *at;
            const char *wrong = mdb_check(&f.w.db, &at);
            EXPECT(wrong && strncmp(wrong, "M2", 2) == 0, "balance %d instead of %d: %s", b, was, wrong ? wrong : "");
        }
        n->balance = was;
    }
    struct world w = { .slot = f.w.slot }; /* a list, with balances that say what they can */
    memset(w.slot, 0, WORLD_SLOTS * SLOT_BYTES);
    for (uint64_t i = 0; i < 3; i++) {
        struct cte *const c = &w.slot[i];
        *c = world_cap(CAP_RAM, i * 4096, 4096);
        c->max_end = 3 * 4096;
        c->balance = i < 2;
        mdb_set_child(c, 1, i < 2 ? c + 1 : NULL);
        mdb_set_parent(c, i ? c - 1 : NULL);
    }
    w.db = (struct mdb){ &w.slot[0], 3 };
    expect_wrong(&w, "M2", &w.slot[0], "a list");
}

TEST(mdb_check, m3_max_end)
{
    struct fixture f;

    build(&f);
    for (size_t i = 0; i < f.w.count; i++) {
        struct cte *const n = f.w.live[i], *const parent = mdb_parent(n);
        const uint64_t was = n->max_end;
        n->max_end = was - 1;
        /* parents are checked first: it is the parent's that is wrong if it got its own from this node */
        expect_wrong(&f.w, "M3", parent && parent->max_end == was && mdb_true_max_end(parent) != was ? parent : n,
                     "less");
        n->max_end = was + 1;
        expect_wrong(&f.w, "M3", parent && mdb_true_max_end(parent) != parent->max_end ? parent : n, "more");
        n->max_end = was;
    }
}

/** Insert @p bad, which breaks @p invariant at @p where (NULL: at itself), and take it out again. */
static void expect_bad(struct fixture *f, struct cte bad, const char *invariant, const struct cte *where,
                       const char *why)
{
    struct cte *const c = world_insert(&f->w, bad);

    expect_wrong(&f->w, invariant, where ? where : c, why);
    world_remove(&f->w, c);
    world_walk(&f->w);
}

TEST(mdb_check, m4_nesting)
{
    struct fixture f;

    build(&f);
    const uint64_t map = f.mapping->base, end = RAM_BASE + 1024 * 4096;
    expect_bad(&f, world_cap(CAP_FRAME, end - 4096, 8192), "M4", NULL, "past the end of its RAM");
    expect_bad(&f, world_cap(CAP_RAM, RAM_BASE - 4096, 8192), "M4", f.w.live[2], "into RAM from below");
    expect_bad(&f, world_cap(CAP_MAPPING, map, OBJECT), "M4", NULL, "a Mapping of two frames");
    expect_bad(&f, world_cap(CAP_MAPPING, end - 4096, 8192), "M4", NULL, "a Mapping past all");
    world_remove(&f.w, f.object[1]);
    world_remove(&f.w, f.copy);
    expect_bad(&f, world_cap(CAP_FRAME, map + 4096, 4096), "M4", NULL, "a frame that begins inside a Mapping");
    expect_bad(&f, world_cap(CAP_FRAME, map + 4096, 8192), "M4", NULL,
               "a frame that begins inside a Mapping and ends outside");
    expect_bad(&f, world_cap(CAP_FRAME, map, 4096), "M4", f.mapping, "a Mapping that ends outside its frame");
}

TEST(mdb_check, m5_parentage)
{
    struct fixture f;
    static const struct { const char *why; uint8_t type; uint64_t base, bytes; } bad[] = {
        { "a frame in a frame",             CAP_FRAME,      RAM_BASE + OBJECT,      4096   },
        { "a frame in an L2 CNode",         CAP_FRAME,      RAM_BASE,               4096   },
        { "a RAM in a frame",               CAP_RAM,        RAM_BASE + OBJECT,      4096   },
        { "an endpoint in a dispatcher",    CAP_ENDPOINT,   DISP_BASE + 256,        256    },
        { "an L1 CNode over a frame",       CAP_L1CNODE,    RAM_BASE + OBJECT,      OBJECT },
        { "a DevFrame in RAM",              CAP_DEVFRAME,   FREE_BASE,              4096   },
        { "a DevRange in RAM",              CAP_DEVRANGE,   FREE_BASE,              4096   },
        { "a frame in a DevRange",          CAP_FRAME,      64 * 4096,              4096   },
        { "an IRQTable in another",         CAP_IRQTABLE,   8,                      8      },
        { "a CoreControl over the Kernel",  CAP_CORECONTROL, 0,                     1      },
        { "a Mapping in an L2 CNode",       CAP_MAPPING,    RAM_BASE,               4096   },
        { "a Mapping in a dispatcher",      CAP_MAPPING,    DISP_BASE,              2048   },
    };

    build(&f);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        expect_bad(&f, world_cap((enum cap_type)bad[i].type, bad[i].base, bad[i].bytes), "M5", NULL, bad[i].why);
    }
    expect_bad(&f, world_cap(CAP_DISPATCHER, RAM_BASE + OBJECTS * OBJECT - 2048, 2048), "M5", NULL, "at its end");
    struct cte second = *f.object[2];
    second.gen = 1;
    expect_bad(&f, second, "M5", NULL, "a frame made from itself");
    while (f.w.count) { /* parents that have been deleted are not missed */
        world_walk(&f.w);
        world_remove(&f.w, f.w.live[0]);
    }
}
