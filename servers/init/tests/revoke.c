/** @file revoke.c  Revoke: trees, copies, ranges, and what stands on the memory that goes. */
#include "children.h"
#include <os/string.h>

#define PAGE SHOAL_PAGE_SIZE

/* 64 pieces of RAM with 63 Notifys each: 4096 descendants.  In steps; the RAM is whole again. */
static void tree_of_4096(struct test *t)
{
    const cptr_t ram = test_ram(t, 64 * PAGE, PAGE);
    cptr_t pieces;
    unsigned steps = 0;
    err_t err;

    MUST(t, supply_slots(&t->pool, 64, &pieces));
    const uint64_t empty = cap_count();
    MUST(t, cap_retype(ram, CAP_RAM, 0, PAGE, 64, CPTR_NULL, pieces));
    uint64_t tables = 0;
    for (unsigned i = 0; i < 64; i++) {
        cptr_t leaves;
        const uint64_t l1_before = t->pool.l1_next;
        MUST(t, supply_slots(&t->pool, 63, &leaves));
        tables += t->pool.l1_next - l1_before;
        MUST(t, cap_retype(pieces + i, CAP_NOTIFY, 0, 0, 32, CPTR_NULL, leaves));
        MUST(t, cap_retype(pieces + i, CAP_NOTIFY, 32 * 64, 0, 31, CPTR_NULL, leaves + 32));
    }
    CHECK_EQ(t, cap_count(), empty + tables + 4096);
    do {
        err = cap_revoke_step(CPTR_NULL, ram, 0, 64 * PAGE);
        steps++;
    } while (err_root(err) == E_AGAIN && steps < 100000);
    EXPECT_OK(t, err);
    CHECK(t, steps >= 4096 / 64, "only %u steps: too much in one kernel entry", steps);
    CHECK_EQ(t, cap_count(), empty + tables);
    EXPECT_OK(t, cap_retype(ram, CAP_FRAME, 0, 64 * PAGE, 1, CPTR_NULL, pieces));
}

/* A chain of RAM in RAM in RAM, and 1000 copies of its end. */
static void chain_and_copies(struct test *t)
{
    const cptr_t ram = test_ram(t, 256 * PAGE, PAGE);
    cptr_t at = ram;

    for (unsigned i = 1; i < 200; i++) {
        const cptr_t next = test_slot(t);
        MUST(t, cap_retype(at, CAP_RAM, PAGE, (256 - i) * PAGE, 1, CPTR_NULL, next));
        at = next;
    }
    const cptr_t frame = test_slot(t);
    MUST(t, cap_retype(at, CAP_FRAME, 0, PAGE, 1, CPTR_NULL, frame));
    cptr_t last = CPTR_NULL;
    for (unsigned i = 0; i < 1000; i++) {
        last = test_slot(t);
        MUST(t, cap_copy(CPTR_NULL, last, CPTR_NULL, frame, RIGHTS_ALL));
    }
    /* through a copy: the others go, this one stays */
    const uint64_t before = cap_count();
    EXPECT_OK(t, cap_revoke(CPTR_NULL, last, 0, PAGE));
    CHECK_EQ(t, cap_count(), before - 1000);
    CHECK_EQ(t, slot_type(CPTR_NULL, frame), CAP_NULL);
    CHECK_EQ(t, slot_type(CPTR_NULL, last), CAP_FRAME);
    EXPECT_OK(t, cap_revoke(CPTR_NULL, ram, 0, 256 * PAGE));
    CHECK_EQ(t, slot_type(CPTR_NULL, last), CAP_NULL);
    CHECK_EQ(t, slot_type(CPTR_NULL, at), CAP_NULL);
}

/* Only what touches the range goes. */
static void part_of_a_range(struct test *t)
{
    const cptr_t ram = test_ram(t, 8 * PAGE, PAGE), large = test_slot(t);
    cptr_t frames;

    MUST(t, supply_slots(&t->pool, 4, &frames));
    MUST(t, cap_retype(ram, CAP_FRAME, 0, PAGE, 4, CPTR_NULL, frames));
    MUST(t, cap_retype(ram, CAP_RAM, 4 * PAGE, 4 * PAGE, 1, CPTR_NULL, large));
    EXPECT_OK(t, cap_revoke(CPTR_NULL, ram, PAGE, 2 * PAGE));
    CHECK_EQ(t, slot_type(CPTR_NULL, frames), CAP_FRAME);
    CHECK_EQ(t, slot_type(CPTR_NULL, frames + 1), CAP_NULL);
    CHECK_EQ(t, slot_type(CPTR_NULL, frames + 2), CAP_NULL);
    CHECK_EQ(t, slot_type(CPTR_NULL, frames + 3), CAP_FRAME);
    CHECK_EQ(t, slot_type(CPTR_NULL, large), CAP_RAM);
    EXPECT_OK(t, cap_revoke(CPTR_NULL, ram, 5 * PAGE, 1));       /* one byte inside it */
    CHECK_EQ(t, slot_type(CPTR_NULL, large), CAP_NULL);
}

static void refuses(struct test *t)
{
    const cptr_t ram = test_ram(t, 4 * PAGE, PAGE), weak = test_slot(t), frame = test_make(t, CAP_FRAME, PAGE, 1);
    cptr_t mapping;

    EXPECT_ERR(t, cap_revoke(CPTR_NULL, ram, 0, 0), E_CAP_RANGE);
    EXPECT_ERR(t, cap_revoke(CPTR_NULL, ram, 0, 4 * PAGE + 1), E_CAP_RANGE);
    EXPECT_ERR(t, cap_revoke(CPTR_NULL, ram, 4 * PAGE, 1), E_CAP_RANGE);
    EXPECT_ERR(t, cap_revoke(CPTR_NULL, ram, ~0ull, 2), E_CAP_RANGE);
    EXPECT_ERR(t, cap_revoke(CPTR_NULL, test_slot(t), 0, PAGE), E_CAP_EMPTY);
    EXPECT_ERR(t, cap_revoke(CPTR_NULL, CPTR(L1_TEST, 0), 0, PAGE), E_CAP_LOOKUP);
    EXPECT_OK(t, cap_copy(CPTR_NULL, weak, CPTR_NULL, ram, RIGHTS_ALL & ~RIGHT_OWN));
    EXPECT_ERR(t, cap_revoke(CPTR_NULL, weak, 0, PAGE), E_CAP_RIGHTS);
    CHECK_EQ(t, slot_type(CPTR_NULL, ram), CAP_RAM);
    if (test_map(t, frame, 0, PAGE, MAP_READ, &mapping)) {
        EXPECT_ERR(t, cap_revoke(CPTR_NULL, mapping, 0, PAGE), E_CAP_TYPE);
    }
}

/* A client that was shown a Frame, without own, cannot take it from its server. */
static void child_tries_to_revoke(volatile struct shared *page)
{
    const cptr_t frame = page->arg[0];

    page->result[0] = cap_revoke(CPTR_NULL, frame, 0, PAGE).trail;
    page->result[1] = cap_copy(CPTR_NULL, CPTR(0, 200), CPTR_NULL, frame, RIGHTS_ALL).trail;
    page->result[2] = cap_revoke(CPTR_NULL, CPTR(0, 200), 0, PAGE).trail;
    page->result[3] = cap_delete(CPTR_NULL, frame).trail;
    child_exit();
}

static void client_without_own(struct test *t)
{
    static struct proc p;
    const cptr_t frame = test_make(t, CAP_FRAME, PAGE, 1);
    volatile uint64_t *words = test_map(t, frame, 0, PAGE, MAP_READ | MAP_WRITE, NULL);

    if (!words || !proc_make(t, &p, child_tries_to_revoke)) {
        return;
    }
    words[0] = 77;
    p.page->arg[0] = proc_give(&p, frame, RIGHTS_ALL & ~RIGHT_OWN);
    MUST(t, dispatcher_start(p.disp));
    if (proc_finish(&p)) {
        CHECK_EQ(t, p.page->result[0], E_CAP_RIGHTS);
        CHECK_EQ(t, p.page->result[1], E_OK);
        CHECK_EQ(t, p.page->result[2], E_CAP_RIGHTS);
        CHECK_EQ(t, p.page->result[3], E_OK);
    }
    CHECK_EQ(t, slot_type(CPTR_NULL, frame), CAP_FRAME);
    CHECK_EQ(t, words[0], 77);
}

/* What a running dispatcher is made of is revoked under it: it stops for good, and its fault endpoint hears why. */
static void under_a_live_dispatcher(struct test *t)
{
    enum { FRAME, CSPACE, VSPACE, PARTS };

    for (unsigned part = 0; part < PARTS; part++) {
        static struct proc p;
        struct dispatcher_info info;
        if (!proc_run(t, &p, child_spin)) {
            return;
        }
        for (unsigned i = 0; i < 3; i++) {
            sys_yield();                    /* it has the core now and then, so init had it in between */
        }
        const cptr_t victim = part == FRAME ? p.frame : part == CSPACE ? p.l1 : p.vnode;
        struct cap_info range;
        MUST(t, cap_identify(CPTR_NULL, victim, &range));
        /* as a memory server does it: by the RAM above */
        EXPECT_OK(t, cap_revoke(CPTR_NULL, t->pool.ram, range.base - t->pool.base, range.bytes));
        CHECK_EQ(t, slot_type(CPTR_NULL, victim), CAP_NULL);
        EXPECT_OK(t, dispatcher_status(p.disp, &info));
        CHECK(t, info.state == DISP_STOPPED && info.fault_cause == FAULT_REVOKED, "part %u: state %lu cause %lu", part,
              info.state, info.fault_cause);
        struct fault fault;
        if (proc_fault(&p, &fault)) {
            CHECK_EQ(t, fault.cause, FAULT_REVOKED);
        }
        EXPECT_ERR(t, dispatcher_resume(p.disp), E_STATE);
        EXPECT_ERR(t, dispatcher_start(p.disp), E_STATE);
        EXPECT_ERR(t, dispatcher_hold(p.disp), E_STATE);
    }
}

/* The memory of an endpoint's ring goes: the endpoint is dead before the memory is used again. */
static void under_a_ring(struct test *t)
{
    struct proc_endpoint ep;
    const cptr_t send = test_slot(t);
    struct xfer x = { .dest = send, .accept = (uint64_t)XFER_NO_PARK, .tag = 1, .word = { 1 } };

    if (!own_endpoint(t, &ep, EVENT_TEST, 2)) {
        return;
    }
    MUST(t, cap_mint(CPTR_NULL, send, CPTR_NULL, ep.recv, RIGHT_WRITE, 9));
    EXPECT_OK(t, sys_xfer(&x));
    struct cap_info range;
    MUST(t, cap_identify(CPTR_NULL, ep.ring_frame, &range));
    EXPECT_OK(t, cap_revoke(CPTR_NULL, t->pool.ram, range.base - t->pool.base, range.bytes));
    x.tag = 1;
    EXPECT_ERR(t, sys_xfer(&x), E_DEAD);
    EXPECT_ERR(t, endpoint_bind(ep.recv, TASK_DISPATCHER, EVENT_TEST, test_make(t, CAP_FRAME, PAGE, 1), 0, 2), E_DEAD);
}

/* RAM of a page table goes while it is in use: the child that runs through it faults, and nobody else. */
static void under_a_page_table(struct test *t)
{
    static struct proc p;
    struct cap_info range;
    cptr_t table;

    if (!proc_run(t, &p, child_spin)) {
        return;
    }
    sys_yield();
    MUST(t, tables_node(&p.vspace, &t->pool, 3, PROC_SHARED_VA, &table));
    MUST(t, cap_identify(CPTR_NULL, table, &range));
    EXPECT_OK(t, cap_revoke(CPTR_NULL, t->pool.ram, range.base - t->pool.base, range.bytes));
    CHECK_EQ(t, slot_type(CPTR_NULL, table), CAP_NULL);
    struct fault fault;
    if (proc_fault(&p, &fault)) {
        CHECK(t, fault.cause == FAULT_READ || fault.cause == FAULT_WRITE, "cause %lu", fault.cause);
        CHECK_EQ(t, fault.address >> level_shift(2), PROC_SHARED_VA >> level_shift(2));
    }
}

/* A whole process, running, by its memory alone: CNodes, tables, dispatcher in whatever order they lie. */
static void whole_processes(struct test *t)
{
    static struct proc p[8];
    const uint64_t start = t->pool.used;
    const uint64_t before = cap_count();

    for (unsigned i = 0; i < 8; i++) {
        if (!proc_run(t, &p[i], i % 2 ? child_spin : child_nothing)) {
            return;
        }
    }
    for (unsigned i = 0; i < 20; i++) {
        sys_yield();
    }
    for (unsigned i = 0; i < 8; i += 2) {
        (void)proc_finish(&p[i]);
    }
    EXPECT_OK(t, cap_revoke(CPTR_NULL, t->pool.ram, start, t->pool.used - start));
    struct kernel_counters now;
    EXPECT_OK(t, kernel_counters(TASK_KERNEL, &now));
    CHECK(t, now.caps <= before, "%lu capabilities, %lu before", now.caps, before);
    for (unsigned i = 1; i < 8; i += 2) {
        CHECK_EQ(t, slot_type(CPTR_NULL, p[i].disp), CAP_NULL);
    }
}

/* The revoked range holds the CNode that the invoked capability lies in. */
static void own_cnode_in_the_range(struct test *t)
{
    const cptr_t ram = test_ram(t, 0x8000, 0x8000), l2 = test_slot(t);

    MUST(t, cap_retype(ram, CAP_L2CNODE, 0, 0, 1, CPTR_NULL, l2));
    MUST(t, cap_retype(ram, CAP_FRAME, 0x4000, PAGE, 1, l2, 1));
    MUST(t, cap_move(l2, 0, CPTR_NULL, ram));
    const uint64_t before = cap_count();
    const err_t err = cap_revoke(l2, 0, 0, 0x8000);
    CHECK(t, err_ok(err) || err_root(err) == E_CAP_EMPTY || err_root(err) == E_CAP_LOOKUP, "%s",
          err_name(err_root(err)));
    err_t reap;
    do {
        reap = kernel_reap(TASK_KERNEL);
    } while (err_root(reap) == E_AGAIN);
    EXPECT_OK(t, reap);
    CHECK_EQ(t, slot_type(CPTR_NULL, l2), CAP_NULL);
    CHECK_EQ(t, cap_count(), before - 3);
}

TEST_GROUP(revoke, CASE(tree_of_4096), CASE(chain_and_copies), CASE(part_of_a_range), CASE(refuses),
           CASE(client_without_own), CASE(under_a_live_dispatcher), CASE(under_a_ring), CASE(under_a_page_table),
           CASE(whole_processes), CASE(own_cnode_in_the_range));
