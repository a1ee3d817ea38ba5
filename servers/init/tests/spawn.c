/** @file spawn.c  Programs of the archive become processes, and go without a trace. */
#include "../maker.h"
#include "../process.h"
#include <os/string.h>

#define PAGE     SHOAL_PAGE_SIZE
#define RW       (MAP_READ | MAP_WRITE)

/* init as a maker, and what it makes. */
struct world {
    struct maker maker;
    struct image image;                 /* hello */
};

struct child {
    struct spawn spawn;
    struct spawn_plan plan;
    struct spawn_request request;
    struct spawn_cap passed[2];
    cptr_t ram;
    char *page;                         /* that hello writes to, as init sees it */
    struct proc proc;                   /* for proc_fault(): test, badge and dispatcher only */
};

static struct world world;

static err_t begin(struct test *t, struct world *w, bool in_place)
{
    TRY(maker_begin(t, &w->maker));
    TRY(image_find(&w->image, init.archive, init.archive_bytes, "hello"));
    return in_place ? image_frame(&w->image, TASK_ARCHIVE, (uint64_t)w->image.file - ARCHIVE_VA) : OK;
}

static bool world_begin(struct test *t, bool in_place)
{
    const err_t err = begin(t, &world, in_place);

    EXPECT_OK(t, err);
    return err_ok(err);
}

static const char *const environment[] = { "HOME=nowhere", "EXIT=7" };

/* A request for hello, with a page to write to and a badge of init's fault endpoint. */
static bool child_request(struct test *t, struct child *c, const char *const *argv, unsigned argc, unsigned envc)
{
    const cptr_t frame = test_make(t, CAP_FRAME, PAGE, 1), fault = test_slot(t);

    *c = (struct child){ .proc = { .test = t, .badge = t->next_badge++ } };
    c->page = frame == CPTR_NULL ? NULL : test_map(t, frame, 0, PAGE, RW, NULL);
    if (!c->page || c->proc.badge >= FAULTS_MAX) {
        CHECK(t, false, "no page, or no badge");
        return false;
    }
    memset(c->page, 0, PAGE);
    const err_t err = cap_mint(CPTR_NULL, fault, CPTR_NULL, init.fault_recv, RIGHT_READ | RIGHT_WRITE, c->proc.badge);
    EXPECT_OK(t, err);
    c->passed[0] = (struct spawn_cap){ frame, RIGHT_READ | RIGHT_WRITE };
    c->request = (struct spawn_request){
        .image = &world.image, .name = "hello", .pid = c->proc.badge, .argc = argc, .argv = argv,
        .envc = envc, .envp = environment, .fault = fault, .passed = c->passed, .passed_count = 1,
    };
    return err_ok(err);
}

static bool child_build(struct test *t, struct child *c)
{
    err_t err = spawn_plan(&c->plan, &c->request);

    EXPECT_OK(t, err);
    c->ram = err_ok(err) ? test_ram(t, c->plan.bytes, PAGE) : CPTR_NULL;
    if (c->ram == CPTR_NULL) {
        return false;
    }
    err = maker_scrub(t, c->ram, c->plan.bytes, test_slot(t));
    if (err_ok(err)) {
        err = spawn_build(&c->spawn, &world.maker.maker, &c->plan, c->ram);
    }
    EXPECT_OK(t, err);
    c->proc.disp = c->spawn.dispatcher;
    return err_ok(err);
}

static bool child_start(struct test *t, struct child *c)
{
    err_t err = spawn_finish(&c->spawn);

    if (err_ok(err)) {
        err = dispatcher_start(c->spawn.dispatcher);
    }
    EXPECT_OK(t, err);
    return err_ok(err);
}

/* It ended by BRK with this number and this value in x0. */
static bool child_ended(struct test *t, struct child *c, uint64_t brk, uint64_t x0)
{
    struct fault f;
    uint64_t regs[5];

    if (!proc_fault(&c->proc, &f)) {
        return false;
    }
    EXPECT_OK(t, dispatcher_read_regs(c->spawn.dispatcher, 0, regs));
    const bool right = f.cause == FAULT_BREAKPOINT && (f.syndrome & 0xffff) == brk && regs[0] == x0;
    CHECK(t, right, "cause %lu at %#lx, pc %#lx, syndrome %#lx, x0 %#lx", f.cause, f.address, f.pc, f.syndrome,
          regs[0]);
    return right;
}

static void child_remove(struct test *t, struct child *c)
{
    EXPECT_OK(t, cap_revoke(CPTR_NULL, c->ram, 0, c->plan.bytes));
    CHECK_EQ(t, slot_type(CPTR_NULL, c->spawn.dispatcher), CAP_NULL);
    slots_free(&world.maker.stock.slots, c->spawn.dispatcher);
}

static void arguments_and_environment(struct test *t)
{
    static const char *const argv[] = { "hello", "one", "two three", "", "\"four\"" };
    static struct child a, b;

    if (!world_begin(t, true) || !child_request(t, &a, argv, 5, 2) || !child_request(t, &b, argv, 2, 1) ||
        !child_build(t, &a) || !child_build(t, &b) || !child_start(t, &a) || !child_start(t, &b)) {
        return;
    }
    for (size_t i = 0; i < world.image.elf.segment_count; i++) {
        const uint64_t flags = world.image.elf.segment[i].flags;
        CHECK(t, a.plan.segment[i].in_place == !(flags & MAP_WRITE), "segment %lu: flags %lu", i, flags);
    }
    if (child_ended(t, &a, BRK_EXIT, 7) && child_ended(t, &b, BRK_EXIT, 0)) {
        static const char want_a[] =
            "hello, process 1: \"one\" \"two three\" \"\" \"\"four\"\" HOME=nowhere EXIT=7";
        static const char want_b[] = "hello, process 2: \"one\" HOME=nowhere";
        CHECK(t, strcmp(a.page, want_a) == 0, "wrote <%s>", a.page);
        CHECK(t, strcmp(b.page, want_b) == 0, "wrote <%s>", b.page);
    }
    child_remove(t, &a);
    child_remove(t, &b);
    CHECK(t, !vspace_check(&world.maker.vspace), "%s", vspace_check(&world.maker.vspace));
}

/* Without a Frame to map it from, the text is copied. */
static void copied_text(struct test *t)
{
    static const char *const argv[] = { "hello" };
    static struct child c;

    if (!world_begin(t, false) || !child_request(t, &c, argv, 1, 0) || !child_build(t, &c)) {
        return;
    }
    for (size_t i = 0; i < world.image.elf.segment_count; i++) {
        CHECK(t, !c.plan.segment[i].in_place, "segment %lu is mapped in place", i);
    }
    if (child_start(t, &c) && child_ended(t, &c, BRK_EXIT, 0)) {
        CHECK(t, strcmp(c.page, "hello, process 1:") == 0, "wrote <%s>", c.page);
    }
    child_remove(t, &c);
}

/* The one range of RAM is the process: again and again in the same memory, at every stage of a child's life. */
static void revoked(struct test *t)
{
    static const char *const argv[] = { "hello" };
    static struct child c;
    uint64_t caps = 0, slots = 0;

    if (!world_begin(t, true) || !child_request(t, &c, argv, 1, 1)) {
        return;
    }
    MUST(t, spawn_plan(&c.plan, &c.request));
    c.ram = test_ram(t, c.plan.bytes, PAGE);
    const cptr_t slot = test_slot(t);
    for (unsigned round = 0; round < 12 && t->wrong == 0; round++) {
        MUST(t, maker_scrub(t, c.ram, c.plan.bytes, slot));
        if (round == 2) {               /* the maker has what it needs by now, and keeps it */
            caps = cap_count();
            slots = world.maker.stock.slots.used;
        }
        MUST(t, spawn_build(&c.spawn, &world.maker.maker, &c.plan, c.ram));
        if (round % 4 == 0) {
            EXPECT_OK(t, spawn_abort(&c.spawn));
        } else if (round % 4 == 1) {
            MUST(t, spawn_finish(&c.spawn));        /* never started */
        } else {
            c.proc.disp = c.spawn.dispatcher;
            if (!child_start(t, &c)) {
                return;
            }
            if (round % 4 == 2) {
                (void)child_ended(t, &c, BRK_EXIT, 0);
            }                                       /* else it has not run yet */
        }
        if (round % 4 != 0) {
            child_remove(t, &c);
            faults_collect();
            init.fault[c.proc.badge].present = false;
        }
        if (round >= 2) {
            CHECK_EQ(t, cap_count(), caps);
            CHECK_EQ(t, world.maker.stock.slots.used, slots);
        }
    }
    CHECK(t, !vspace_check(&world.maker.vspace), "%s", vspace_check(&world.maker.vspace));
}

/* --- the end of a process: its account alone suffices, in every order of the steps --- */

enum end_step { END_STOP, END_DISPATCHER, END_CSPACE, END_VSPACE, END_ACCOUNT, END_STEPS };

/* What its makers keep of a process: the process server the Dispatcher, the monitor all three. */
struct kept {
    cptr_t cap[END_STEPS];          /* END_STOP and END_DISPATCHER: the Dispatcher; END_ACCOUNT: the RAM */
};

static err_t keep(struct child *c, struct kept *kept)
{
    TRY(cap_copy(CPTR_NULL, kept->cap[END_CSPACE], CPTR_NULL, spawn_slot(&c->spawn, TASK_L1), RIGHTS_ALL));
    TRY(cap_copy(CPTR_NULL, kept->cap[END_VSPACE], CPTR_NULL, spawn_slot(&c->spawn, TASK_VSPACE), RIGHTS_ALL));
    TRY(spawn_finish(&c->spawn));
    kept->cap[END_STOP] = kept->cap[END_DISPATCHER] = c->spawn.dispatcher;
    return OK;
}

/* One step; what an earlier one has taken away is gone, and that is all right.  It can be repeated. */
static void end_step(struct test *t, struct child *c, const struct kept *kept, enum end_step step)
{
    const cptr_t cap = kept->cap[step];
    struct cap_info info;
    err_t err = OK;

    for (unsigned twice = 0; twice < 2; twice++) {
        switch (step) {
        case END_STOP: err = dispatcher_stop(cap); break;
        case END_ACCOUNT: err = cap_revoke(CPTR_NULL, cap, 0, c->plan.bytes); break;
        default:
            err = cap_identify(CPTR_NULL, cap, &info);
            if (err_ok(err)) {
                err = cap_revoke(CPTR_NULL, cap, 0, info.bytes);        /* its other copies: the object goes */
            }
            EXPECT_OK(t, cap_delete(CPTR_NULL, cap));
            break;
        }
        CHECK(t, err_ok(err) || err_root(err) == E_CAP_EMPTY, "step %u: %s", step, err_name(err_root(err)));
    }
    for (unsigned i = 0; step == END_ACCOUNT && i < END_ACCOUNT; i++) {
        CHECK_EQ(t, slot_type(CPTR_NULL, kept->cap[i]), CAP_NULL);
    }
}

/* The permutation number @p n of the steps. */
static void order_of(unsigned n, enum end_step order[END_STEPS])
{
    bool used[END_STEPS] = { false };

    for (unsigned left = END_STEPS; left > 0; n /= left--) {
        unsigned skip = n % left, i = 0;
        for (; used[i] || skip-- > 0; i++) {
        }
        used[i] = true;
        order[END_STEPS - left] = (enum end_step)i;
    }
}

static void ends_in_every_order(struct test *t)
{
    static const char *const argv[] = { "hello" };
    static struct child c;
    static struct image spins;
    struct kept kept = { { [END_CSPACE] = test_slot(t), [END_VSPACE] = test_slot(t) } };
    enum end_step order[END_STEPS];

    if (!world_begin(t, true) || !child_request(t, &c, argv, 1, 0)) {
        return;
    }
    MUST(t, image_find(&spins, init.archive, init.archive_bytes, "spin"));
    MUST(t, spawn_plan(&c.plan, &c.request));
    const uint64_t most = c.plan.bytes;
    const cptr_t scratch = test_slot(t);
    c.ram = kept.cap[END_ACCOUNT] = test_ram(t, most, PAGE);
    for (unsigned n = 0; n < 120 && t->wrong == 0; n++) {
        const unsigned life = n % 3;                /* never started; ended; running */
        c.request.image = life == 2 ? &spins : &world.image;
        MUST(t, spawn_plan(&c.plan, &c.request));
        CHECK(t, c.plan.bytes <= most, "spin takes more than hello");
        MUST(t, maker_scrub(t, c.ram, most, scratch));
        const uint64_t caps = n < 6 ? 0 : cap_count();
        MUST(t, spawn_build(&c.spawn, &world.maker.maker, &c.plan, c.ram));
        MUST(t, keep(&c, &kept));
        if (life > 0) {
            MUST(t, dispatcher_start(c.spawn.dispatcher));
            sys_yield();
        }
        order_of(n, order);
        for (unsigned i = 0; i < END_STEPS; i++) {
            end_step(t, &c, &kept, order[i]);
        }
        slots_free(&world.maker.stock.slots, c.spawn.dispatcher);
        faults_collect();
        init.fault[c.proc.badge].present = false;
        CHECK(t, caps == 0 || cap_count() == caps, "order %u: %lu capabilities, %lu before", n, cap_count(), caps);
    }
}

/* Each service's send capability is where it should be; what is sent to the child lies in its rings. */
static void services(struct test *t)
{
    static const char *const argv[] = { "hello" };
    static struct child c;
    struct proc_endpoint ep;

    if (!world_begin(t, true) || !own_endpoint(t, &ep, EVENT_TEST, 2) || !child_request(t, &c, argv, 1, 0)) {
        return;
    }
    const cptr_t send = test_slot(t);
    MUST(t, cap_mint(CPTR_NULL, send, CPTR_NULL, ep.recv, RIGHT_WRITE | RIGHT_GRANT, 99));
    c.request.mem = send;
    if (!child_build(t, &c)) {
        return;
    }
    struct cap_info info;
    MUST(t, cap_identify(CPTR_NULL, spawn_slot(&c.spawn, PSLOT_MEM), &info));
    CHECK(t, info.type == CAP_ENDPOINT && info.extra == 99, "type %u, badge %lu", info.type, info.extra);
    CHECK_EQ(t, slot_type(CPTR_NULL, spawn_slot(&c.spawn, PSLOT_MONITOR)), CAP_NULL);
    CHECK_EQ(t, slot_type(CPTR_NULL, spawn_slot(&c.spawn, PSLOT_PROC)), CAP_NULL);
    for (unsigned i = 0; i < 3; i++) {
        CHECK_EQ(t, slot_type(CPTR_NULL, spawn_slot(&c.spawn, PSLOT_FROM_MONITOR + i)), CAP_NULL);
        const cptr_t answer = test_slot(t);
        struct xfer x = { .dest = answer, .accept = (uint64_t)XFER_NO_PARK, .word = { i },
                          .cap = spawn_slot(&c.spawn, TASK_FRAME) };
        MUST(t, cap_mint(CPTR_NULL, answer, CPTR_NULL, spawn_slot(&c.spawn, PSLOT_MONITOR_RECV + i),
                         RIGHT_WRITE | RIGHT_GRANT, 0));
        for (unsigned n = 0; n < 1u << PRING_LOG2; n++) {
            x.tag = 1 | (n == 0 ? TAG_CAP : 0);         /* each endpoint has a receive slot of its own */
            EXPECT_OK(t, sys_xfer(&x));
        }
        CHECK_EQ(t, slot_type(CPTR_NULL, spawn_slot(&c.spawn, PSLOT_FROM_MONITOR + i)), CAP_FRAME);
        x.tag = 1;
        EXPECT_ERR(t, sys_xfer(&x), E_FULL);
    }
    const uint64_t offset = c.plan.stack_offset + c.plan.stack_bytes;
    char *rings = test_map(t, spawn_slot(&c.spawn, PSLOT_MEMORY), offset, PAGE, RW, NULL);
    for (unsigned i = 0; i < 3 && rings; i++) {
        const struct ring ring = ring_at(rings + i * PRING_BYTES, PRING_LOG2);
        struct ring_message m;
        CHECK(t, ring_take(&ring, &m) && m.word[0] == i, "ring %u: word %lu", i, m.word[0]);
        EXPECT_OK(t, cap_delete(CPTR_NULL, spawn_slot(&c.spawn, PSLOT_FROM_MONITOR + i)));
    }
    if (child_start(t, &c)) {
        (void)child_ended(t, &c, BRK_EXIT, 0);
    }
}

/* The startup block of a child that does not run yet, as init sees it; NULL with the test marked failed. */
static struct startup *block_of(struct test *t, struct child *c)
{
    return test_map(t, spawn_slot(&c->spawn, PSLOT_MEMORY), c->plan.written_offset, c->plan.startup_bytes, RW, NULL);
}

/* A child whose startup block is of another time says so, and nothing else. */
static void other_version(struct test *t)
{
    static const char *const argv[] = { "hello" };
    static struct child c;

    if (!world_begin(t, true) || !child_request(t, &c, argv, 1, 0) || !child_build(t, &c)) {
        return;
    }
    struct startup *const block = block_of(t, &c);
    if (!block) {
        return;
    }
    block->version++;
    if (child_start(t, &c)) {
        (void)child_ended(t, &c, BRK_START, E_STARTUP_VERSION);
    }
    CHECK(t, c.page[0] == 0, "it wrote <%s>", c.page);
}

/* A list of the address space that is none is found when the child first maps something, and not before. */
static void broken_list(struct test *t)
{
    static const char *const argv[] = { "hello" };
    static struct child c;

    if (!world_begin(t, true)) {
        return;
    }
    for (unsigned maps = 0; maps < 2; maps++) {
        if (!child_request(t, &c, argv, 1, 0)) {
            return;
        }
        c.request.passed_count = maps;              /* a page to write to */
        if (!child_build(t, &c)) {
            return;
        }
        struct startup *const block = block_of(t, &c);
        if (!block) {
            return;
        }
        ((struct child_vspace *)((char *)block + block->vspace))->magic++;
        if (child_start(t, &c)) {
            (void)child_ended(t, &c, maps ? BRK_START : BRK_EXIT, maps ? E_CHILD_LIST : 0);
        }
        CHECK(t, c.page[0] == 0, "it wrote <%s>", c.page);
        child_remove(t, &c);
    }
}

static void refuses(struct test *t)
{
    static const char *const argv[] = { "hello" };
    static struct child c;
    static struct image image;

    if (!world_begin(t, true) || !child_request(t, &c, argv, 1, 0)) {
        return;
    }
    EXPECT_ERR(t, image_find(&image, init.archive, init.archive_bytes, "no-such-program"), E_ARCHIVE_NONE);
    EXPECT_ERR(t, image_read(&image, world.image.file + 1, world.image.bytes - 1), E_ELF_MAGIC);
    EXPECT_ERR(t, image_find(&image, init.archive, 64, "hello"), E_ARCHIVE_BROKEN);
    MUST(t, spawn_plan(&c.plan, &c.request));
    const uint64_t l1 = world.maker.stock.cspace.free;
    const cptr_t small = test_ram(t, c.plan.bytes - PAGE, PAGE), frame = test_make(t, CAP_FRAME, c.plan.bytes, 1);
    CHECK_EQ(t, err_root(spawn_build(&c.spawn, &world.maker.maker, &c.plan, small)), E_SPAWN_RAM);
    CHECK_EQ(t, err_root(spawn_build(&c.spawn, &world.maker.maker, &c.plan, frame)), E_SPAWN_RAM);
    CHECK_EQ(t, err_root(spawn_build(&c.spawn, &world.maker.maker, &c.plan, test_slot(t))), E_CAP_EMPTY);
    c.ram = test_ram(t, c.plan.bytes, PAGE);
    c.passed[0].cap = test_slot(t);
    CHECK_EQ(t, err_root(spawn_build(&c.spawn, &world.maker.maker, &c.plan, c.ram)), E_CAP_EMPTY);
    CHECK_EQ(t, world.maker.stock.cspace.free, l1);
}

TEST_GROUP(spawn, CASE(arguments_and_environment), CASE(copied_text), CASE(revoked), CASE(ends_in_every_order),
           CASE(services), CASE(other_version), CASE(broken_list), CASE(refuses));
