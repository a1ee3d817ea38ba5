/** @file dispatch.c  Dispatchers: their states, who may change them, who runs when. */
#include "children.h"
#include <os/string.h>

#define PAGE SHOAL_PAGE_SIZE

static uint64_t state_of(cptr_t disp)
{
    struct dispatcher_info info = { .state = 99 };

    return err_ok(dispatcher_status(disp, &info)) ? info.state : 99;
}

/* CREATED, READY, HELD, FAULTED, STOPPED, and what each refuses. */
static void states(struct test *t)
{
    static struct proc p;

    if (!proc_make(t, &p, child_spin)) {
        return;
    }
    CHECK_EQ(t, state_of(p.disp), DISP_CREATED);
    EXPECT_ERR(t, dispatcher_resume(p.disp), E_STATE);
    EXPECT_ERR(t, dispatcher_release(p.disp), E_STATE);
    EXPECT_OK(t, dispatcher_hold(p.disp));
    EXPECT_OK(t, dispatcher_start(p.disp));
    CHECK_EQ(t, state_of(p.disp), DISP_READY | DISP_HELD);
    sys_yield();
    CHECK_EQ(t, p.page->result[0], 0);
    EXPECT_ERR(t, dispatcher_start(p.disp), E_STATE);
    EXPECT_OK(t, dispatcher_release(p.disp));
    CHECK_EQ(t, state_of(p.disp), DISP_READY);
    sys_yield();
    CHECK(t, p.page->result[0] > 0, "it does not run");
    EXPECT_OK(t, dispatcher_hold(p.disp));
    const uint64_t count = p.page->result[0];
    sys_yield();
    CHECK_EQ(t, p.page->result[0], count);
    EXPECT_OK(t, dispatcher_release(p.disp));
    sys_yield();
    CHECK(t, p.page->result[0] > count, "it does not run again");
    EXPECT_OK(t, dispatcher_stop(p.disp));
    CHECK_EQ(t, state_of(p.disp), DISP_STOPPED);
    EXPECT_ERR(t, dispatcher_start(p.disp), E_STATE);
    EXPECT_ERR(t, dispatcher_hold(p.disp), E_STATE);
    EXPECT_ERR(t, dispatcher_release(p.disp), E_STATE);
    EXPECT_ERR(t, dispatcher_resume(p.disp), E_STATE);
    EXPECT_OK(t, dispatcher_stop(p.disp));
}

static void configure_refuses(struct test *t)
{
    static struct proc p;
    const cptr_t bare = test_make(t, CAP_DISPATCHER, 0, 1), other = test_make(t, CAP_DISPATCHER, 0, 1);
    const cptr_t weak_l1 = test_slot(t), weak_vnode = test_slot(t), weak_frame = test_slot(t), weak = test_slot(t);
    const cptr_t recv = test_make(t, CAP_ENDPOINT, 0, 1), send = test_slot(t), weak_send = test_slot(t);

    EXPECT_ERR(t, dispatcher_start(bare), E_CONFIG);
    EXPECT_ERR(t, dispatcher_peek(bare, 0, (uint64_t[4]){ 0 }), E_CONFIG);
    EXPECT_ERR(t, dispatcher_read_regs(bare, 0, (uint64_t[5]){ 0 }), E_CONFIG);
    if (!proc_make(t, &p, child_nothing)) {
        return;
    }
    EXPECT_OK(t, cap_copy(CPTR_NULL, weak_l1, CPTR_NULL, p.l1, RIGHT_READ));
    EXPECT_OK(t, cap_copy(CPTR_NULL, weak_vnode, CPTR_NULL, p.vnode, RIGHT_READ));
    EXPECT_OK(t, cap_copy(CPTR_NULL, weak_frame, CPTR_NULL, p.frame, RIGHT_READ));
    EXPECT_OK(t, cap_copy(CPTR_NULL, weak, CPTR_NULL, other, RIGHT_READ));
    EXPECT_OK(t, cap_mint(CPTR_NULL, send, CPTR_NULL, recv, RIGHT_WRITE, 1));
    EXPECT_OK(t, cap_mint(CPTR_NULL, weak_send, CPTR_NULL, recv, RIGHT_READ, 1));
    EXPECT_ERR(t, dispatcher_configure(p.disp, p.l1, p.vnode, p.frame, PROC_FRAME_VA, 0), E_STATE);
    EXPECT_ERR(t, dispatcher_configure(bare, p.vnode, p.vnode, p.frame, PROC_FRAME_VA, 0), E_CAP_TYPE);
    EXPECT_ERR(t, dispatcher_configure(bare, p.l1, p.l1, p.frame, PROC_FRAME_VA, 0), E_CAP_TYPE);
    EXPECT_ERR(t, dispatcher_configure(bare, p.l1, p.vnode, p.vnode, PROC_FRAME_VA, 0), E_CAP_TYPE);
    EXPECT_ERR(t, dispatcher_configure(bare, p.l1, p.vnode, p.frame, PROC_FRAME_VA, p.frame), E_CAP_TYPE);
    EXPECT_ERR(t, dispatcher_configure(bare, p.l1, p.vnode, p.frame, PROC_FRAME_VA, recv), E_CAP_TYPE);
    EXPECT_ERR(t, dispatcher_configure(bare, p.l1, p.vnode, p.frame, PROC_FRAME_VA, weak_send), E_CAP_RIGHTS);
    EXPECT_ERR(t, dispatcher_configure(bare, weak_l1, p.vnode, p.frame, PROC_FRAME_VA, 0), E_CAP_RIGHTS);
    EXPECT_ERR(t, dispatcher_configure(bare, p.l1, weak_vnode, p.frame, PROC_FRAME_VA, 0), E_CAP_RIGHTS);
    EXPECT_ERR(t, dispatcher_configure(bare, p.l1, p.vnode, weak_frame, PROC_FRAME_VA, 0), E_CAP_RIGHTS);
    EXPECT_ERR(t, dispatcher_configure(weak, p.l1, p.vnode, p.frame, PROC_FRAME_VA, 0), E_CAP_RIGHTS);
    EXPECT_ERR(t, dispatcher_configure(bare, test_slot(t), p.vnode, p.frame, PROC_FRAME_VA, 0), E_CAP_EMPTY);
    EXPECT_ERR(t, dispatcher_configure(bare, p.l1, CPTR(L1_TEST, 0), p.frame, PROC_FRAME_VA, 0), E_CAP_LOOKUP);
    EXPECT_ERR(t, dispatcher_set_cspace(bare, p.l1), E_STATE);
    EXPECT_ERR(t, dispatcher_set_cspace(p.disp, weak_l1), E_CAP_RIGHTS);
    EXPECT_ERR(t, dispatcher_set_cspace(p.disp, test_slot(t)), E_CAP_EMPTY);
    EXPECT_ERR(t, dispatcher_set_cspace(p.disp, CPTR(L1_TEST, 0)), E_CAP_LOOKUP);
    EXPECT_OK(t, dispatcher_stop(other));
    EXPECT_ERR(t, dispatcher_configure(other, p.l1, p.vnode, p.frame, PROC_FRAME_VA, 0), E_STATE);
    /* the old CSpace would die with its last capability, while it is in use */
    EXPECT_OK(t, cap_delete(p.l1, TASK_L1));
    const cptr_t next = test_make(t, CAP_L1CNODE, 6, 1), keep = test_slot(t);
    EXPECT_OK(t, cap_move(CPTR_NULL, keep, CPTR_NULL, p.l1));
    EXPECT_OK(t, cap_delete(CPTR_NULL, weak_l1));
    EXPECT_OK(t, cap_delete(CPTR_NULL, keep));
    EXPECT_ERR(t, dispatcher_set_cspace(p.disp, next), E_STATE);
    EXPECT_OK(t, dispatcher_configure(bare, next, p.vnode, p.frame, PROC_FRAME_VA, send));
    for (uint64_t op = DISPATCHER_CONFIGURE; op <= DISPATCHER_RESUME; op++) {
        EXPECT_ERR(t, INVOKE(weak, op, p.l1).err, E_CAP_RIGHTS);
    }
    EXPECT_ERR(t, INVOKE(bare, DISPATCHER_STATUS + 1, 0).err, E_OP);
}

static void priorities(struct test *t)
{
    static struct proc p;
    struct dispatcher_info info;
    const cptr_t weak = test_slot(t);

    if (!proc_make(t, &p, child_nothing)) {
        return;
    }
    EXPECT_OK(t, kernel_set_ceiling(TASK_KERNEL, p.disp, 10));
    EXPECT_ERR(t, dispatcher_set_priority(p.disp, 11), E_PRIORITY);
    EXPECT_ERR(t, dispatcher_set_priority(p.disp, 1ull << 40), E_PRIORITY);
    EXPECT_OK(t, dispatcher_set_priority(p.disp, 10));
    EXPECT_OK(t, dispatcher_status(p.disp, &info));
    CHECK(t, info.priority == 10 && info.ceiling == 10, "priority %lu, ceiling %lu", info.priority, info.ceiling);
    EXPECT_ERR(t, kernel_set_ceiling(TASK_KERNEL, p.disp, 256), E_PRIORITY);
    EXPECT_ERR(t, kernel_set_ceiling(TASK_KERNEL, p.frame, 1), E_CAP_TYPE);
    EXPECT_ERR(t, kernel_set_ceiling(TASK_KERNEL, test_slot(t), 1), E_CAP_EMPTY);
    EXPECT_OK(t, cap_copy(CPTR_NULL, weak, CPTR_NULL, p.disp, RIGHT_READ));
    EXPECT_ERR(t, dispatcher_set_priority(weak, 1), E_CAP_RIGHTS);
    EXPECT_ERR(t, kernel_set_ceiling(TASK_KERNEL, weak, 1), E_CAP_RIGHTS);
    EXPECT_ERR(t, dispatcher_status(test_slot(t), &info), E_CAP_EMPTY);
    const cptr_t blind = test_slot(t);
    EXPECT_OK(t, cap_copy(CPTR_NULL, blind, CPTR_NULL, p.disp, RIGHT_WRITE));
    EXPECT_ERR(t, dispatcher_status(blind, &info), E_CAP_RIGHTS);
    EXPECT_ERR(t, dispatcher_read_regs(blind, 0, (uint64_t[5]){ 0 }), E_CAP_RIGHTS);
    EXPECT_ERR(t, dispatcher_peek(blind, PROC_SHARED_VA, (uint64_t[4]){ 0 }), E_CAP_RIGHTS);
}

/* A dispatcher made by one of low ceiling has no more; it cannot lift itself over its maker. */
static void child_makes_dispatcher(volatile struct shared *page)
{
    const cptr_t ram = page->arg[0], slot = CPTR(0, 100);
    struct dispatcher_info info = { 0 };

    page->result[0] = cap_retype(ram, CAP_DISPATCHER, 0, 0, 1, CPTR_NULL, slot).trail;
    page->result[1] = dispatcher_set_priority(slot, page->arg[1] + 1).trail;
    page->result[2] = dispatcher_set_priority(slot, page->arg[1]).trail;
    page->result[3] = dispatcher_status(slot, &info).trail;
    page->result[4] = info.ceiling;
    page->result[5] = dispatcher_set_priority(TASK_DISPATCHER, page->arg[1] + 1).trail;
    child_exit();
}

static void ceiling_is_inherited(struct test *t)
{
    static struct proc p;
    const uint64_t ceiling = init.priority;

    if (!proc_make(t, &p, child_makes_dispatcher)) {
        return;
    }
    p.page->arg[0] = proc_give(&p, test_ram(t, PAGE, PAGE), RIGHTS_ALL);
    p.page->arg[1] = ceiling;
    MUST(t, dispatcher_start(p.disp));
    if (proc_finish(&p)) {
        CHECK_EQ(t, p.page->result[0], E_OK);
        CHECK_EQ(t, p.page->result[1], E_PRIORITY);
        CHECK_EQ(t, p.page->result[2], E_OK);
        CHECK_EQ(t, p.page->result[4], ceiling);
        CHECK_EQ(t, p.page->result[5], E_PRIORITY);
    }
}

/* Let time pass: until now + 1/n s, without giving up the core otherwise. */
static void sleep_fraction(uint64_t n)
{
    (void)event_wait(EVENT_NONE, time_now() + time_hz() / n);
}

/* Five that never give up the core: each gets some of it in every round, and init, of the same priority, too.  How fair
 * that is depends on the host's load here; tests/unit/sched_test.c counts it. */
static void round_robin(struct test *t)
{
    static struct proc p[5];
    uint64_t seen[5];

    for (unsigned i = 0; i < 5; i++) {
        if (!proc_run(t, &p[i], child_spin)) {
            return;
        }
    }
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < 5; i++) {
            seen[i] = p[i].page->result[0];
        }
        sleep_fraction(5);
        for (unsigned i = 0; i < 5; i++) {
            CHECK(t, p[i].page->result[0] > seen[i], "round %u: child %u got nothing", round, i);
        }
    }
}

/* One of lower priority runs only while the others sleep, and then it does; one of higher priority goes first at
 * once. */
static void strict_priorities(struct test *t)
{
    static struct proc low, high;

    if (!proc_make(t, &low, child_spin) || !proc_priority(&low, init.priority - 1) ||
        !proc_make(t, &high, child_nothing) || !proc_priority(&high, init.priority + 1)) {
        return;
    }
    MUST(t, dispatcher_start(low.disp));
    const uint64_t until = time_now() + time_hz() / 10;
    while (time_now() < until) {
        sys_yield();
    }
    CHECK_EQ(t, low.page->result[0], 0);
    sleep_fraction(20);
    CHECK(t, low.page->result[0] > 0, "init slept, and it got nothing");
    struct dispatcher_info info;
    MUST(t, dispatcher_start(high.disp));
    EXPECT_OK(t, dispatcher_status(high.disp, &info));
    CHECK(t, info.state == DISP_FAULTED, "started above init, but did not run before it (state %lu)", info.state);
    (void)proc_finish(&high);
    /* lifted while it waits, it takes over at once */
    const uint64_t count = low.page->result[0];
    EXPECT_OK(t, kernel_set_ceiling(TASK_KERNEL, low.disp, init.priority));
    EXPECT_OK(t, dispatcher_set_priority(low.disp, init.priority));
    sys_yield();
    CHECK(t, low.page->result[0] > count, "lifted, and still it got nothing");
}

/* init holds itself: a child of the same priority releases it. */
static void child_releases(volatile struct shared *page)
{
    struct dispatcher_info info = { 0 };

    page->result[1] = dispatcher_status(page->arg[0], &info).trail;
    page->result[2] = info.state;
    page->result[0] = dispatcher_release(page->arg[0]).trail;
    child_exit();
}

static void holds_itself(struct test *t)
{
    static struct proc p;

    if (!proc_make(t, &p, child_releases)) {
        return;
    }
    p.page->arg[0] = proc_give(&p, TASK_DISPATCHER, RIGHTS_ALL);
    MUST(t, dispatcher_start(p.disp));
    EXPECT_OK(t, dispatcher_hold(TASK_DISPATCHER));
    CHECK_EQ(t, p.page->result[0], E_OK);
    CHECK_EQ(t, p.page->result[2], DISP_READY | DISP_HELD);
    (void)proc_finish(&p);
}

/* The state of a process from outside: registers and memory, by its manager. */
static void child_fixed_registers(volatile struct shared *page)
{
    page->more[0] = 0xfeedfacecafebeef;
    page->more[3] = 42;
    __asm__ volatile("mov x19, #1900\n\tmov x20, #2000\n\tmov x27, #2700\n\tmov x28, #2800\n\tmov x5, #500\n\tbrk #7"
                     : : : "x5", "x19", "x20", "x27", "x28", "memory");
    child_exit();
}

static void looking_inside(struct test *t)
{
    static struct proc p;
    struct fault fault;
    uint64_t regs[5], words[4];

    if (!proc_run(t, &p, child_fixed_registers) || !proc_fault(&p, &fault)) {
        return;
    }
    CHECK_EQ(t, fault.cause, FAULT_BREAKPOINT);
    EXPECT_OK(t, dispatcher_read_regs(p.disp, 19, regs));
    CHECK(t, regs[0] == 1900 && regs[1] == 2000, "x19 %lu x20 %lu", regs[0], regs[1]);
    EXPECT_OK(t, dispatcher_read_regs(p.disp, 5, regs));
    CHECK_EQ(t, regs[0], 500);
    EXPECT_OK(t, dispatcher_read_regs(p.disp, 31, regs));
    CHECK_EQ(t, regs[0], fault.sp);
    CHECK_EQ(t, regs[1], fault.pc);
    EXPECT_OK(t, dispatcher_read_regs(p.disp, 34, regs));
    CHECK(t, regs[1] == 0 && regs[4] == 0, "past the end: %#lx", regs[1]);
    EXPECT_ERR(t, dispatcher_read_regs(p.disp, 35, regs), E_ARG);
    EXPECT_ERR(t, dispatcher_read_regs(p.disp, ~0ull, regs), E_ARG);
    EXPECT_OK(t, dispatcher_peek(p.disp, PROC_SHARED_VA + offsetof(struct shared, more), words));
    CHECK(t, words[0] == 0xfeedfacecafebeef && words[3] == 42, "%#lx %lu", words[0], words[3]);
    EXPECT_ERR(t, dispatcher_peek(p.disp, PROC_SHARED_VA + 4, words), E_ARG);
    EXPECT_ERR(t, dispatcher_peek(p.disp, PROC_SHARED_VA + PAGE - 16, words), E_PEEK);
    EXPECT_ERR(t, dispatcher_peek(p.disp, 0, words), E_PEEK);
    EXPECT_ERR(t, dispatcher_peek(p.disp, 1ull << 48, words), E_PEEK);
    EXPECT_ERR(t, dispatcher_peek(p.disp, 0xffff000000000000, words), E_PEEK);
    EXPECT_ERR(t, dispatcher_peek(p.disp, -(uint64_t)8, words), E_PEEK);
    /* non-cacheable memory is not the kernel's to read */
    const cptr_t frame = test_make(t, CAP_FRAME, PAGE, 1);
    MUST(t, tables_map(&p.vspace, &t->pool, PROC_FREE_VA, frame, 0, PAGE, MAP_READ | MAP_UNCACHED, NULL));
    EXPECT_ERR(t, dispatcher_peek(p.disp, PROC_FREE_VA, words), E_PEEK);
}

/* A faulted process goes on where its manager lets it. */
static void resume_after_fault(struct test *t)
{
    static struct proc p;
    struct fault fault;

    if (!proc_make(t, &p, child_access)) {
        return;
    }
    p.page->arg[0] = ACCESS_WRITE;
    p.page->arg[1] = PROC_FREE_VA + 64;
    p.page->arg[2] = 4711;
    MUST(t, dispatcher_start(p.disp));
    if (!proc_fault(&p, &fault)) {
        return;
    }
    CHECK(t, fault.cause == FAULT_WRITE && fault.address == PROC_FREE_VA + 64, "cause %lu at %#lx", fault.cause,
          fault.address);
    const cptr_t frame = test_make(t, CAP_FRAME, PAGE, 1);
    volatile uint64_t *words = test_map(t, frame, 0, PAGE, MAP_READ | MAP_WRITE, NULL);
    MUST(t, tables_map(&p.vspace, &t->pool, PROC_FREE_VA, frame, 0, PAGE, MAP_READ | MAP_WRITE, NULL));
    EXPECT_OK(t, dispatcher_resume(p.disp));
    if (words && proc_finish(&p)) {
        CHECK_EQ(t, words[8], 4711);
        CHECK_EQ(t, p.page->result[1], 1);
    }
}

/* Numbers of system calls that do not exist, from user space. */
static void no_such_call(struct test *t)
{
    uint64_t status;

    __asm__ volatile("mov x0, #5\n\tsvc #5\n\tmov %0, x0" : "=r"(status)
                     : : "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14",
                       "x15", "x16", "x17", "x18", "cc", "memory");
    CHECK_EQ(t, status, E_SYSCALL);
    __asm__ volatile("svc #0xffff\n\tmov %0, x0" : "=r"(status)
                     : : "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14",
                       "x15", "x16", "x17", "x18", "cc", "memory");
    CHECK_EQ(t, status, E_SYSCALL);
    if (init.boot->debug) {
        EXPECT_ERR(t, sys_debug(1000, 0, NULL), E_ARG);
        uint64_t caps = 0;
        EXPECT_OK(t, sys_debug(DEBUG_CAPS, 0, &caps));
        CHECK_EQ(t, caps, cap_count());
    } else {
        EXPECT_ERR(t, sys_debug(DEBUG_CHECK, 0, NULL), E_SYSCALL);
    }
}

/* Two dispatchers in one address space: the end of one leaves the other where it is. */
static void child_deletes_sibling(volatile struct shared *page)
{
    page->result[0] = cap_delete(CPTR_NULL, page->arg[0]).trail;
    child_exit();
}

static void shared_vspace(struct test *t)
{
    static struct proc p;
    const cptr_t sibling = test_make(t, CAP_DISPATCHER, 0, 1), frame = test_make(t, CAP_FRAME, PAGE, 1);

    if (!proc_make(t, &p, child_deletes_sibling)) {
        return;
    }
    const uint64_t va = proc_map(&p, frame, 0, PAGE, MAP_READ | MAP_WRITE);
    MUST(t, dispatcher_configure(sibling, p.l1, p.vnode, frame, va, CPTR_NULL));
    p.page->arg[0] = CPTR(0, 90);
    MUST(t, cap_move(p.l1, CPTR(0, 90), CPTR_NULL, sibling));
    MUST(t, dispatcher_start(p.disp));
    (void)proc_finish(&p);
    CHECK_EQ(t, p.page->result[0], E_OK);
}

/* The rest of the Kernel capability. */
static void kernel_capability(struct test *t)
{
    struct kernel_log log;

    EXPECT_ERR(t, INVOKE(TASK_KERNEL, KERNEL_PRINT, 41).err, E_ARG);
    EXPECT_OK(t, INVOKE(TASK_KERNEL, KERNEL_PRINT, 0).err);
    EXPECT_OK(t, kernel_read_log(TASK_KERNEL, 0, &log));
    CHECK(t, log.bytes > 0 && log.bytes <= 32, "%lu bytes", log.bytes);
    EXPECT_ERR(t, kernel_read_log(TASK_KERNEL, ~0ull, &log), E_ARG);
    EXPECT_OK(t, kernel_reap(TASK_KERNEL));
    EXPECT_ERR(t, INVOKE(TASK_KERNEL, KERNEL_OPS, 0).err, E_OP);
    if (init.boot->core == 0) {
        EXPECT_ERR(t, core_power_off(TASK_CORECONTROL, 256), E_ARG);
        EXPECT_ERR(t, INVOKE(TASK_CORECONTROL, CORECONTROL_OPS, 0).err, E_OP);
        const cptr_t weak = test_slot(t);
        EXPECT_OK(t, cap_copy(CPTR_NULL, weak, CPTR_NULL, TASK_CORECONTROL, RIGHT_READ));
        EXPECT_ERR(t, core_power_off(weak, 0), E_CAP_RIGHTS);
        EXPECT_ERR(t, core_reset(weak), E_CAP_RIGHTS);
    }
}

TEST_GROUP(dispatch, CASE(states), CASE(configure_refuses), CASE(priorities), CASE(ceiling_is_inherited),
           CASE(round_robin), CASE(strict_priorities), CASE(holds_itself), CASE(looking_inside),
           CASE(resume_after_fault), CASE(shared_vspace),
           CASE(no_such_call), CASE(kernel_capability));
