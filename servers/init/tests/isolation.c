/** @file isolation.c  Nothing of one process shows in another: registers, memory, capabilities. */
#include "children.h"
#include "registers.h"
#include <os/string.h>

_Static_assert(PROC_SHARED_VA == 0x10002000 && offsetof(struct shared, result) == 256, "registers.S");

/* A process that holds secrets in every register, while others begin. */
static bool start_secret(struct test *t, struct proc *p)
{
    if (!proc_run(t, p, registers_secret)) {
        return false;
    }
    sys_yield();
    return true;
}

static void registers_at_start(struct test *t)
{
    static struct proc secret, p;

    if (!start_secret(t, &secret)) {
        return;
    }
    for (unsigned i = 0; i < 3; i++) {
        if (!proc_make(t, &p, child_nothing)) {
            return;
        }
        p.frame_map->run_entry = (uint64_t)registers_at_upcall;
        memset((void *)(uintptr_t)p.page->result, 0xff, 31 * 8);
        MUST(t, dispatcher_start(p.disp));
        if (!proc_finish(&p)) {
            return;
        }
        CHECK_EQ(t, p.page->result[40], 1);
        for (unsigned x = 0; x <= 30; x++) {
            CHECK(t, p.page->result[x] == 0, "x%u is %#lx", x, p.page->result[x]);
        }
    }
}

static void check_kept(struct test *t, const struct proc *p, unsigned first_clear)
{
    for (unsigned x = first_clear; x <= 18; x++) {
        CHECK(t, p->page->result[x] == 0, "x%u is %#lx", x, p->page->result[x]);
    }
    for (unsigned x = 19; x <= 28; x++) {
        CHECK(t, p->page->result[x] == x, "x%u is %#lx", x, p->page->result[x]);
    }
    CHECK(t, p->page->result[31] == 0, "SP moved by %#lx", p->page->result[31]);
    CHECK_EQ(t, p->page->result[32], 0x7d);
}

static void registers_after_calls(struct test *t)
{
    static struct proc secret, p, server;
    struct proc_endpoint in, back;

    if (!start_secret(t, &secret)) {
        return;
    }
    /* an invocation */
    if (!proc_make(t, &p, registers_after_invoke)) {
        return;
    }
    p.page->arg[0] = TASK_DISPATCHER;
    p.page->arg[1] = DISPATCHER_NOP;
    MUST(t, dispatcher_start(p.disp));
    if (!proc_finish(&p)) {
        return;
    }
    for (unsigned x = 0; x <= 6; x++) {
        CHECK(t, p.page->result[x] == 0, "x%u is %#lx", x, p.page->result[x]);
    }
    check_kept(t, &p, 7);

    /* a call, answered in registers or by the ring */
    for (unsigned way = 0; way < 2; way++) {
        if (!proc_make(t, &server, child_server) || !proc_endpoint(&server, &in, 7, 2) ||
            !proc_make(t, &p, registers_after_xfer) || !proc_endpoint(&p, &back, 8, 2)) {
            return;
        }
        p.page->arg[0] = proc_give_minted(&p, in.recv, RIGHT_WRITE, 3);
        p.page->arg[1] = way ? (uint64_t)XFER_NO_PARK : 8;
        server.page->arg[0] = 1;
        server.page->arg[1] = proc_give_minted(&server, back.recv, RIGHT_WRITE, 4);
        MUST(t, dispatcher_start(server.disp));
        sys_yield();
        MUST(t, dispatcher_start(p.disp));
        /* a message without park goes to the ring of a server that waits for registers only: it does not end */
        if (!proc_finish(&p) || (way == 0 && !proc_finish(&server))) {
            return;
        }
        check_kept(t, &p, 12);
        if (way == 0 && p.page->result[0] == E_OK) {
            CHECK(t, p.page->result[1] == 8 && p.page->result[2] == 4 && p.page->result[3] == 8,
                  "event %lu badge %lu tag %#lx", p.page->result[1], p.page->result[2], p.page->result[3]);
            for (unsigned w = 0; w < 8; w++) {
                CHECK(t, p.page->result[4 + w] == 100 + 4 + w + 1, "word %u is %#lx", w, p.page->result[4 + w]);
            }
        } else {
            CHECK(t, p.page->result[0] == (way ? E_OK : E_WOKEN), "status %lu", p.page->result[0]);
        }
    }
}

/* Interrupts and switches change no register, however they fall. */
static void registers_under_interrupts(struct test *t)
{
    enum { CHILDREN = 3 };
    static struct proc secret, p[CHILDREN];

    if (!start_secret(t, &secret)) {
        return;
    }
    for (unsigned i = 0; i < CHILDREN; i++) {
        if (!proc_make(t, &p[i], registers_kept)) {
            return;
        }
        p[i].page->arg[0] = 2000;
        MUST(t, dispatcher_start(p[i].disp));
    }
    for (unsigned i = 0; i < CHILDREN; i++) {
        if (proc_finish(&p[i])) {
            CHECK_EQ(t, p[i].page->result[0], 2000);
            CHECK_EQ(t, p[i].page->result[1], 0);
        }
    }
}

/* A child reaches no capability but its own: each address of a small CSpace, and beyond. */
static void child_looks_around(volatile struct shared *page)
{
    uint64_t found = 0, strange = 0;

    for (uint64_t l1 = 0; l1 < 64; l1++) {
        for (uint64_t slot = 0; slot < L2_SLOTS; slot++) {
            struct cap_info info;
            const err_t err = cap_identify(CPTR_NULL, CPTR(l1, slot), &info);
            found += err_ok(err);
            strange += !err_ok(err) && err_root(err) != E_CAP_EMPTY && err_root(err) != E_CAP_LOOKUP;
        }
    }
    page->result[0] = found;
    page->result[1] = strange;
    page->result[2] = kernel_print(TASK_KERNEL, "!", 1).trail;
    page->result[3] = core_power_off(TASK_CORECONTROL, 1).trail;
    page->result[4] = cap_retype(TASK_POOL, CAP_FRAME, 0, SHOAL_PAGE_SIZE, 1, CPTR_NULL, CPTR(0, 200)).trail;
    child_exit();
}

static void capabilities(struct test *t)
{
    static struct proc p;

    if (proc_run(t, &p, child_looks_around) && proc_finish(&p)) {
        CHECK_EQ(t, p.page->result[0], 4);
        CHECK_EQ(t, p.page->result[1], 0);
        CHECK_EQ(t, p.page->result[2], E_CAP_EMPTY);
        CHECK_EQ(t, p.page->result[3], E_CAP_EMPTY);
        CHECK_EQ(t, p.page->result[4], E_CAP_EMPTY);
    }
}

/* Two at the same addresses see different memory; a page both were given is one page. */
static void child_stores(volatile struct shared *page)
{
    volatile uint64_t *common = (volatile uint64_t *)page->arg[0];

    page->more[7] = page->arg[1];
    common[page->arg[1]] = page->arg[1];
    for (unsigned i = 0; i < 20; i++) {
        sys_yield();
        page->result[0] += page->more[7] != page->arg[1];
    }
    page->result[1] = common[1] + common[2];
    child_exit();
}

static void memory(struct test *t)
{
    static struct proc a, b;
    const cptr_t frame = test_make(t, CAP_FRAME, SHOAL_PAGE_SIZE, 1);
    void *words = test_map(t, frame, 0, SHOAL_PAGE_SIZE, MAP_READ | MAP_WRITE, NULL);

    if (!words || !proc_make(t, &a, child_stores) || !proc_make(t, &b, child_stores)) {
        return;
    }
    memset(words, 0, SHOAL_PAGE_SIZE);
    a.page->arg[0] = proc_map(&a, frame, 0, SHOAL_PAGE_SIZE, MAP_READ | MAP_WRITE);
    b.page->arg[0] = proc_map(&b, frame, 0, SHOAL_PAGE_SIZE, MAP_READ | MAP_WRITE);
    a.page->arg[1] = 1;
    b.page->arg[1] = 2;
    MUST(t, dispatcher_start(a.disp));
    MUST(t, dispatcher_start(b.disp));
    if (proc_finish(&a) && proc_finish(&b)) {
        CHECK(t, a.page->result[0] == 0 && b.page->result[0] == 0, "one saw the other's memory");
        CHECK(t, a.page->result[1] == 3 && b.page->result[1] == 3, "%lu and %lu in the common page", a.page->result[1],
              b.page->result[1]);
    }
}

TEST_GROUP(isolation, CASE(registers_at_start), CASE(registers_after_calls), CASE(registers_under_interrupts),
           CASE(capabilities), CASE(memory));
