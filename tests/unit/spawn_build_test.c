/* spawn_build_test.c  Building a child over the fake kernel: with the n-th call failing, for every n; finished and
 * aborted at every point; until nothing is left.  What is on the way back is compared with what was before. */
#include "test.h"

#include "fake_kernel.h"
#include <os/cache.h>
#include <os/spawn.h>

#define FILE_PAGES 8u

static struct {
    struct stock stock;
    struct vspace_slabs slabs;
    struct vspace vspace;
    struct spawn_maker maker;
    struct image image;
    struct spawn_cap passed[2];
    struct spawn_request request;
    struct spawn_plan plan;
    cptr_t ram;
    uint64_t ram_base, frame_base;
} w;

void cache_clean_code(const void *code, uint64_t bytes)
{
    (void)code, (void)bytes;            /* the build machine has no need of it */
}

static void must(err_t err, const char *what)
{
    EXPECT(err_ok(err), "%s: %#" PRIx64, what, err.trail);
}

/* Text and constants in place, data with BSS, and a large BSS that is lazy, as our linker lays them out. */
static void make_image(void)
{
    static uint8_t file[FILE_PAGES * 4096];

    w.image = (struct image){ .file = file, .bytes = sizeof(file) };
    w.image.elf = (struct elf_image){
        .entry = 0x400010, .segment_count = 4, .paging = true,
        .segment = {
            { 0x400000, 0, 0x3000, 0x3000, MAP_READ | MAP_EXEC },
            { 0x403000, 0x3000, 0x1800, 0x1800, MAP_READ },
            { 0x405000, 0x5000, 0x200, 0x6000, MAP_READ | MAP_WRITE },
            { 0x40b000, 0x6000, 0, 0x40000000, MAP_READ | MAP_WRITE },
        },
    };
    const cptr_t frame = fake_object(CAP_FRAME, sizeof(file), 4096, 0);
    w.frame_base = fake_base(frame);
    must(image_frame(&w.image, frame, 0), "image_frame");
    EXPECT_EQ(w.image.frame, frame, "can be mapped from there");
}

static void make_request(void)
{
    static const char *const argv[] = { "program", "one", "two three" }, *const envp[] = { "A=b" };

    w.passed[0] = (struct spawn_cap){ fake_object(CAP_FRAME, 4096, 4096, 0), RIGHT_READ };
    w.passed[1] = (struct spawn_cap){ fake_object(CAP_NOTIFY, 64, 64, 0), RIGHTS_ALL };
    w.request = (struct spawn_request){
        .image = &w.image, .name = "program", .pid = 5, .argc = 3, .argv = argv, .envc = 1, .envp = envp,
        .monitor = fake_object(CAP_ENDPOINT, 256, 256, 0), .mem = fake_object(CAP_ENDPOINT, 256, 256, 0),
        .proc = fake_object(CAP_ENDPOINT, 256, 256, 0), .fault = fake_object(CAP_ENDPOINT, 256, 256, 0),
        .passed = w.passed, .passed_count = 2, .lazy = true,
    };
    must(spawn_plan(&w.plan, &w.request), "spawn_plan");
    EXPECT(w.plan.segment[0].in_place && w.plan.segment[1].in_place && !w.plan.segment[2].in_place, "in place");
}

static void take_ram(void)
{
    must(ram_request(w.plan.bytes, &w.ram), "RAM of the child");
    w.ram_base = fake_base(w.ram);
}

static void start(uint64_t stock_bytes, uint64_t seed)
{
    const struct fake_config config = { .pool_bytes = stock_bytes, .ram_bytes = 0x40000000, .seed = seed };

    fake_start(&config);
    memset(&w, 0, sizeof(w));
    const struct stock_config stock = {
        .l1 = TASK_L1, .dispatcher = TASK_DISPATCHER, .root = TASK_VSPACE, .l1_log2 = L1_SLOTS_LOG2_MIN, .l1_used = 2,
        .first_slot = PSLOT_FREE, .ram = TASK_POOL, .ram_base = fake_base(TASK_POOL), .ram_bytes = stock_bytes,
        .pool_base = FAKE_WINDOW,
    };
    must(stock_init(&w.stock, &stock), "stock");
    must(vspace_slabs_init(&w.slabs, &w.stock), "slabs");
    must(vspace_init_own(&w.vspace, TASK_VSPACE, &w.stock, &w.slabs), "own vspace");
    must(vspace_exclude(&w.vspace, VSPACE_FIRST, FAKE_WINDOW - VSPACE_FIRST), "what cannot be memory here");
    w.maker = (struct spawn_maker){ &w.stock, &w.vspace, &w.slabs };
    make_image();
    make_request();
    take_ram();
}

/* What a build must not change for good.  The maker's stocks are not part of it: they may grow. */
struct use {
    uint64_t slots, cspace, regions, mappings, cnodes, records, child, frame, passed;
};

static struct use use(void)
{
    const struct cspace *cs = &w.stock.cspace;
    struct use u = {
        .slots = w.stock.slots.used,
        .cspace = (1u << cs->log2) - cs->free - w.stock.pool.cnodes - w.stock.slots.cnodes,
        .regions = w.vspace.regions.count, .mappings = w.vspace.mappings.count,
        .cnodes = w.stock.cnodes.used - w.stock.slots.cnodes,
        .child = fake_caps_in(w.ram_base, w.ram_base + w.plan.bytes),
        .frame = fake_caps_in(w.frame_base, w.frame_base + FILE_PAGES * 4096),
        .passed = fake_caps_in(fake_base(w.passed[0].cap), fake_base(w.passed[0].cap) + 4096),
    };
    uint64_t tables = 0;

    for (unsigned level = 1; level <= 3; level++) {
        tables += w.vspace.tables[level].count;
        u.slots -= 2 * w.vspace.tables[level].count;    /* one that is kept though it is empty */
    }
    u.records = w.slabs.regions.used + w.slabs.mappings.used + w.slabs.tables.used - tables;
    return u;
}

static void expect_same(struct use a, struct use b, const char *when, uint64_t n)
{
    EXPECT(memcmp(&a, &b, sizeof(a)) == 0,
           "%s %" PRIu64 ": slots %" PRIu64 " %" PRIu64 ", L1 %" PRIu64 " %" PRIu64 ", regions %" PRIu64 " %" PRIu64
           ", mappings %" PRIu64 " %" PRIu64 ", CNodes %" PRIu64 " %" PRIu64 ", records %" PRIu64 " %" PRIu64
           ", child %" PRIu64 " %" PRIu64 ", frame %" PRIu64 " %" PRIu64 ", passed %" PRIu64 " %" PRIu64,
           when, n, a.slots, b.slots, a.cspace, b.cspace, a.regions, b.regions, a.mappings, b.mappings, a.cnodes,
           b.cnodes, a.records, b.records, a.child, b.child, a.frame, b.frame, a.passed, b.passed);
    const char *wrong = vspace_check(&w.vspace);
    EXPECT(!wrong, "%s %" PRIu64 ": %s", when, n, wrong);
    wrong = fake_check();
    EXPECT(!wrong, "%s %" PRIu64 ": %s", when, n, wrong);
}

/* --- what is there --- */

static void expect_at(const struct spawn *s, uint64_t va, uint64_t pa, uint64_t flags, const char *what)
{
    struct fake_place place;
    const bool there = fake_translate(fake_base(spawn_slot(s, TASK_VSPACE)), va, &place);

    EXPECT(there, "%s is mapped", what);
    if (there) {
        EXPECT_EQ(place.pa, pa, "%s", what);
        EXPECT_EQ(place.flags, flags, "%s", what);
    }
}

static void expect_nothing_at(const struct spawn *s, uint64_t va, const char *what)
{
    struct fake_place place;

    EXPECT(!fake_translate(fake_base(spawn_slot(s, TASK_VSPACE)), va, &place), "%s is mapped", what);
}

static void expect_child(const struct spawn *s)
{
    const uint64_t memory = fake_base(spawn_slot(s, PSLOT_MEMORY)), rw = MAP_READ | MAP_WRITE;
    const struct spawn_plan *p = &w.plan;

    expect_at(s, 0x402fff, w.frame_base + 0x2fff, MAP_READ | MAP_EXEC, "text");
    expect_at(s, 0x403000, w.frame_base + 0x3000, MAP_READ, "constants");
    expect_at(s, 0x405000, memory + p->segment[2].offset, rw, "data");
    expect_at(s, 0x40afff, memory + p->segment[2].offset + 0x5fff, rw, "BSS");
    expect_nothing_at(s, 0x40b000, "the first lazy page");
    expect_nothing_at(s, 0x4040b000, "the page behind the image");
    EXPECT_EQ(p->lazy_bytes, 0x40000000, "lazy");
    const struct vspace_region *const lazy = (struct vspace_region *)range_find(&s->vspace.regions, 0x2040b000);
    EXPECT(lazy && lazy->kind == REGION_LAZY && lazy->range.base == 0x40b000 && lazy->range.end == 0x4040b000, "a region");
    expect_at(s, p->upcall_va, memory, rw, "upcall stack");
    expect_nothing_at(s, p->stack_va - 1, "the page below the stack");
    expect_at(s, p->stack_va, memory + p->stack_offset, rw, "stack");
    expect_at(s, p->startup_va, memory + p->written_offset, rw, "startup block");
    expect_at(s, p->frame_va, fake_base(spawn_slot(s, TASK_FRAME)), rw, "dispatcher frame");
    expect_nothing_at(s, p->frame_va + 4096, "the page behind all");

    static const struct {
        unsigned slot;
        enum cap_type type;
    } want[] = {
        { TASK_L1, CAP_L1CNODE }, { TASK_DISPATCHER, CAP_DISPATCHER }, { TASK_VSPACE, CAP_VNODE_L0 },
        { TASK_FRAME, CAP_FRAME }, { PSLOT_MONITOR, CAP_ENDPOINT }, { PSLOT_MEM, CAP_ENDPOINT },
        { PSLOT_PROC, CAP_ENDPOINT }, { PSLOT_MONITOR_RECV, CAP_ENDPOINT }, { PSLOT_MEM_RECV, CAP_ENDPOINT },
        { PSLOT_PROC_RECV, CAP_ENDPOINT }, { PSLOT_RAM, CAP_RAM }, { PSLOT_MEMORY, CAP_FRAME },
        { PSLOT_PASSED, CAP_FRAME }, { PSLOT_PASSED + 1, CAP_NOTIFY },
    };
    for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
        struct cap_info info = { 0 };
        must(cap_identify(CPTR_NULL, spawn_slot(s, want[i].slot), &info), "a slot of the child");
        EXPECT_EQ(info.type, want[i].type, "slot %u", want[i].slot);
    }
    EXPECT_EQ(fake_cnode_used(s->task_l1), sizeof(want) / sizeof(want[0]) + 2 * (w.plan.tables_bytes / 4096) + 6,
              "and nothing else but tables and mappings");
}

TEST(spawn_build, builds_what_was_planned)
{
    static struct spawn s;

    start(0x200000, test_seed());
    const struct use before = use();
    must(spawn_build(&s, &w.maker, &w.plan, w.ram), "spawn_build");
    expect_child(&s);
    EXPECT_EQ(s.reserve.free, 0, "all page tables that were planned");
    must(spawn_finish(&s), "spawn_finish");
    EXPECT(!fake_empty(s.dispatcher), "the Dispatcher is ours");
    must(cap_revoke(CPTR_NULL, w.ram, 0, w.plan.bytes), "revoke");
    EXPECT(fake_empty(s.dispatcher), "the Dispatcher is gone");
    slots_free(&w.stock.slots, s.dispatcher);
    expect_same(use(), before, "removed", 0);
}

/* Where the text cannot be mapped from it is copied, and what is built is complete all the same. */
TEST(spawn_build, text_that_cannot_be_mapped_is_copied)
{
    static struct spawn s;

    for (unsigned way = 0; way < 6; way++) {
        start(0x200000, test_seed());
        const cptr_t frame = w.image.frame, narrow = fake_slot();
        w.image.frame = CPTR_NULL;
        switch (way) {
        case 0:
            break;                                          /* no Frame at all */
        case 1:
            must(image_frame(&w.image, frame, 0x800), "image_frame");       /* the file begins within a page */
            break;
        case 2:
            must(cap_copy(CPTR_NULL, narrow, CPTR_NULL, frame, RIGHT_READ | RIGHT_GRANT), "copy");
            must(image_frame(&w.image, narrow, 0), "image_frame");          /* not executable */
            break;
        case 3:
            must(image_frame(&w.image, TASK_POOL, 0), "image_frame");       /* no Frame */
            break;
        case 4:
            must(image_frame(&w.image, fake_object(CAP_DEVFRAME, 0x8000, 4096, 0), 0), "image_frame");
            break;
        default:
            EXPECT_EQ(err_root(image_frame(&w.image, fake_slot(), 0)), E_CAP_EMPTY, "nothing there");
            break;
        }
        EXPECT_EQ(w.image.frame, CPTR_NULL, "way %u", way);
        must(spawn_plan(&w.plan, &w.request), "spawn_plan");
        take_ram();
        must(spawn_build(&s, &w.maker, &w.plan, w.ram), "spawn_build");
        const uint64_t memory = fake_base(spawn_slot(&s, PSLOT_MEMORY));
        for (unsigned i = 0; i < 3; i++) {
            const struct elf_segment *e = &w.image.elf.segment[i];
            expect_at(&s, e->va + 0x123, memory + w.plan.segment[i].offset + 0x123, e->flags, "a copied segment");
        }
        EXPECT_EQ(fake_caps_in(w.frame_base, w.frame_base + FILE_PAGES * 4096), way == 2 ? 2 : 1, "not mapped");
        must(spawn_abort(&s), "spawn_abort");
    }
}

/* --- failures --- */

static uint64_t fail_each(uint64_t stock_bytes)
{
    static struct spawn s;

    for (uint64_t n = 1; n < 1000; n++) {
        start(stock_bytes, test_seed() + n);
        const struct use before = use();
        fake_fail(n, FAKE_ALL);
        const err_t err = spawn_build(&s, &w.maker, &w.plan, w.ram);
        const bool reached = fake_calls() >= n;
        fake_fail(0, 0);
        if (err_ok(err)) {                  /* a refill that failed and was not needed, or none failed */
            must(spawn_abort(&s), "spawn_abort");
        } else {
            EXPECT(reached && err_root(err) == E_STATE, "call %" PRIu64 ": %#" PRIx64, n, err.trail);
        }
        expect_same(use(), before, "call", n);
        must(spawn_build(&s, &w.maker, &w.plan, w.ram), "the same again");
        must(spawn_finish(&s), "spawn_finish");
        if (!reached) {
            return n - 1;
        }
    }
    return 0;
}

TEST(spawn_build, every_call_fails)
{
    const uint64_t plenty = fail_each(0x200000), scarce = fail_each(STOCK_RAM_MIN);

    EXPECT(plenty > 40, "%" PRIu64 " calls", plenty);
    EXPECT(scarce > 40, "%" PRIu64 " calls with a small stock", scarce);
}

/* Aborting and finishing can fail, and then be done again. */
TEST(spawn_build, every_call_of_the_end_fails)
{
    static struct spawn s;

    for (unsigned way = 0; way < 3; way++) {
        uint64_t n = 1;
        for (; n < 100; n++) {
            start(0x200000, test_seed() + n);
            const struct use before = use();
            must(spawn_build(&s, &w.maker, &w.plan, w.ram), "spawn_build");
            fake_fail(n, FAKE_ALL);
            err_t err = way == 0 ? spawn_abort(&s) : spawn_finish(&s);
            const bool reached = fake_calls() >= n;
            fake_fail(0, 0);
            EXPECT(reached == !err_ok(err), "way %u, call %" PRIu64, way, n);
            if (!err_ok(err)) {
                err = way == 1 ? spawn_finish(&s) : spawn_abort(&s);
            }
            must(err, "the second time");
            if (way == 1 || (way == 2 && !reached)) {
                EXPECT(!fake_empty(s.dispatcher), "the Dispatcher is ours");
                must(cap_revoke(CPTR_NULL, w.ram, 0, w.plan.bytes), "revoke");
                slots_free(&w.stock.slots, s.dispatcher);
            }
            expect_same(use(), before, "end", n);
            if (!reached) {
                break;
            }
        }
        EXPECT(n >= 2 && n < 100, "%" PRIu64 " calls", n);          /* the last one found no call to fail */
    }
}

/* Undoing fails too: what is left is known, and goes at the next try. */
TEST(spawn_build, failure_while_undoing)
{
    static struct spawn s;

    for (uint64_t n = 1; n < 400; n++) {
        start(0x200000, test_seed() + n);
        const struct use before = use();
        fake_fail(n, FAKE_DELETE | FAKE_REVOKE);        /* of the window, while building, or of the undoing */
        w.passed[1].cap = fake_slot();                  /* empty: the last thing that is built fails */
        const err_t err = spawn_build(&s, &w.maker, &w.plan, w.ram);
        const bool reached = fake_calls() >= n;
        fake_fail(0, 0);
        EXPECT(err_root(err) == E_CAP_EMPTY || (reached && err_root(err) == E_STATE), "%#" PRIx64, err.trail);
        must(spawn_abort(&s), "spawn_abort");
        expect_same(use(), before, "undo", n);
        if (!reached) {
            EXPECT(n >= 4, "%" PRIu64 " calls", n);
            break;
        }
    }
}

/* Children until the maker has no memory of its own any more: a clean error. */
TEST(spawn_build, until_nothing_is_left)
{
    enum { CHILDREN = 100 };
    static struct spawn s;
    cptr_t ram[CHILDREN];
    unsigned built = 0;
    err_t err = OK;

    start(0x60000, test_seed());
    for (unsigned i = 0; i < CHILDREN; i++) {
        take_ram();
        ram[i] = w.ram;
    }
    fake_ram_limit(fake_ram_given());
    for (; built < CHILDREN; built++) {
        for (unsigned i = 0; i < 64; i++) {             /* something else in the maker uses up slots */
            cptr_t slot;
            if (!err_ok(slots_alloc(&w.stock.slots, &slot))) {
                break;
            }
        }
        w.ram_base = fake_base(ram[built]);
        const struct use before = use();
        err = spawn_build(&s, &w.maker, &w.plan, ram[built]);
        if (!err_ok(err)) {
            expect_same(use(), before, "child", built);
            break;
        }
        must(spawn_finish(&s), "spawn_finish");
    }
    EXPECT(built >= 2 && built < CHILDREN, "%u children", built);
    EXPECT_EQ(err_root(err), E_RAM_NONE, "%#" PRIx64, err.trail);
}

/* What cannot be built is refused before anything is made. */
TEST(spawn_build, refuses)
{
    static struct spawn s;

    start(0x200000, test_seed());
    const struct use before = use();
    const struct {
        const char *why;
        cptr_t ram;
        enum err_code want;
    } refused[] = {
        { "one page too few", fake_object(CAP_RAM, w.plan.bytes - 4096, 4096, 0), E_SPAWN_RAM },
        { "a Frame", fake_object(CAP_FRAME, w.plan.bytes, 4096, 0), E_SPAWN_RAM },
        { "an empty slot", fake_slot(), E_CAP_EMPTY },
    };
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        EXPECT_EQ(err_root(spawn_build(&s, &w.maker, &w.plan, refused[i].ram)), refused[i].want, "%s", refused[i].why);
        expect_same(use(), before, refused[i].why, i);
    }
    const cptr_t shared = fake_slot();
    must(cap_copy(CPTR_NULL, shared, CPTR_NULL, w.ram, RIGHTS_ALL & ~RIGHT_OWN), "a copy without own");
    EXPECT_EQ(err_root(spawn_build(&s, &w.maker, &w.plan, shared)), E_SPAWN_RAM, "RAM without own");
}
