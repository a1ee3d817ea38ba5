/** @file fuzz.c  syscall-fuzz SEED COUNT: builds the sandbox, looks after the child, checks what is left; see
 *  fuzz.h. */
#include "fuzz.h"
#include "../commands.h"
#include <os/print.h>

#define PAGE         SHOAL_PAGE_SIZE
#define POLL_PER_SEC 200        /* how often init looks whether the child still does something */
#define POLLS_STUCK  20         /* without one more call: it is stuck */
#define FIRST_LINE   200        /* interrupts that nothing is connected to */
#define NOWHERE      0x0b000000ull  /* device addresses of virt where nothing answers */
#define SIBLING_EVENT 9
#define CHILD_EVENT   7

struct sandbox {
    struct test test;
    struct proc child;
    cptr_t own;                 /**< in init's CSpace: the first CNode of the sandbox, to fill it                     */
};

/* Move what init made into the sandbox. */
static err_t put(struct sandbox *s, enum fuzz_slot slot, cptr_t from)
{
    return cap_move(s->own, slot, CPTR_NULL, from);
}

static err_t put_copy(struct sandbox *s, enum fuzz_slot slot, cptr_t from)
{
    return cap_copy(s->own, slot, CPTR_NULL, from, RIGHTS_ALL);
}

/* @p count objects straight into the sandbox. */
static err_t put_new(struct sandbox *s, enum fuzz_slot slot, enum cap_type type, uint64_t size, uint64_t count)
{
    cptr_t made;

    TRY(supply_make(&s->test.pool, type, size, count, &made));
    for (uint64_t i = 0; i < count; i++) {
        TRY(put(s, slot + (enum fuzz_slot)i, made + i));
    }
    return OK;
}

static err_t make_cnodes(struct sandbox *s)
{
    cptr_t copy;

    for (uint64_t i = 1; i <= FUZZ_CNODES; i++) {
        cptr_t cnode;
        TRY(supply_make(&s->test.pool, CAP_L2CNODE, 0, 1, &cnode));
        TRY(cap_copy(s->child.l1, CPTR_L1(i), CPTR_NULL, cnode, RIGHTS_ALL));
        if (i == 1) {
            s->own = cnode;
        }
    }
    TRY(supply_slots(&s->test.pool, 1, &copy));
    return put_copy(s, FUZZ_SELF + 3, s->own);
}

static err_t make_memory(struct sandbox *s)
{
    TRY(put_new(s, FUZZ_RAM, CAP_RAM, 16 * PAGE, 4));
    for (unsigned i = 0; i < 4; i++) {
        TRY(put_new(s, FUZZ_FRAME + (enum fuzz_slot)i, CAP_FRAME, PAGE << i, 1));
    }
    TRY(put_new(s, FUZZ_L1, CAP_L1CNODE, 6, 1));
    return put_new(s, FUZZ_L2, CAP_L2CNODE, 0, 1);
}

static err_t make_vnodes(struct sandbox *s)
{
    struct tables vs;
    cptr_t vnode;

    TRY(supply_make(&s->test.pool, CAP_VNODE_L0, 0, 1, &vnode));
    tables_init(&vs, vnode);
    TRY(tables_node(&vs, &s->test.pool, 3, 0, &vnode));
    for (unsigned level = 0; level <= 3; level++) {
        TRY(put_copy(s, FUZZ_VNODE + (enum fuzz_slot)level, level ? vs.node[level - 1].vnode : vs.root));
    }
    return OK;
}

/* Frame, two rings: pages the child sees and scribbles on, each with a gap behind it; then the sibling's stack. */
static err_t make_pages(struct sandbox *s, cptr_t page[3], struct dispatcher_frame **frame)
{
    struct test *t = &s->test;
    cptr_t stack;

    for (unsigned i = 0; i < 3; i++) {
        TRY(supply_make(&t->pool, CAP_FRAME, PAGE, 1, &page[i]));
        const uint64_t va = proc_map(&s->child, page[i], 0, PAGE, MAP_READ | MAP_WRITE);
        s->child.page->arg[FUZZ_ARG_SCRIBBLE] = i ? s->child.page->arg[FUZZ_ARG_SCRIBBLE] : va;
    }
    TRY(supply_make(&t->pool, CAP_FRAME, PAGE, 1, &stack));
    const uint64_t stack_va = proc_map(&s->child, stack, 0, PAGE, MAP_READ | MAP_WRITE);
    *frame = test_map(t, page[0], 0, PAGE, MAP_READ | MAP_WRITE, NULL);
    REQUIRE(*frame && stack_va, E_POOL_RAM);
    frame_init(*frame, 0, 0, 0, stack_va + PAGE);
    (*frame)->user[1] = (uint64_t)fuzz_sibling;
    (*frame)->disabled = 1;
    return OK;
}

/* An endpoint of @p disp with its ring; the send capability goes to the sandbox, the receive capability later. */
static err_t make_endpoint(struct sandbox *s, unsigned i, cptr_t disp, uint64_t event, cptr_t ring, cptr_t *recv)
{
    struct supply *pool = &s->test.pool;
    cptr_t send;

    TRY(supply_make(pool, CAP_ENDPOINT, 0, 1, recv));
    TRY(endpoint_bind(*recv, disp, event, ring, 0, 2));
    TRY(endpoint_set_recv_slot(*recv, CPTR(2, 60 + i)));
    TRY(supply_slots(pool, 1, &send));
    TRY(cap_mint(CPTR_NULL, send, CPTR_NULL, *recv, RIGHTS_ALL, 0));
    return put(s, FUZZ_SEND + (enum fuzz_slot)i, send);
}

static err_t make_sibling(struct sandbox *s, cptr_t frame, cptr_t fault_recv, cptr_t *sibling)
{
    struct supply *pool = &s->test.pool;
    const uint64_t frame_va = s->child.page->arg[FUZZ_ARG_SCRIBBLE];
    cptr_t fault;

    TRY(supply_make(pool, CAP_DISPATCHER, 0, 1, sibling));
    TRY(supply_slots(pool, 1, &fault));
    TRY(cap_mint(CPTR_NULL, fault, CPTR_NULL, fault_recv, RIGHTS_ALL, 66));
    TRY(dispatcher_configure(*sibling, s->child.l1, s->child.vnode, frame, frame_va, fault));
    TRY(kernel_set_ceiling(TASK_KERNEL, *sibling, init.priority + 1));
    return dispatcher_set_priority(*sibling, init.priority + 1);
}

static err_t make_processes(struct sandbox *s)
{
    struct dispatcher_frame *frame;
    cptr_t page[3], sibling, recv[2];

    TRY(make_pages(s, page, &frame));
    TRY(make_endpoint(s, 0, s->child.disp, CHILD_EVENT, page[1], &recv[0]));
    TRY(make_sibling(s, page[0], recv[0], &sibling));
    TRY(make_endpoint(s, 1, sibling, SIBLING_EVENT, page[2], &recv[1]));
    TRY(dispatcher_start(sibling));
    TRY(put(s, FUZZ_DISPATCHER, sibling));
    TRY(put(s, FUZZ_RECV, recv[0]));
    TRY(put(s, FUZZ_RECV + 1, recv[1]));
    TRY(put_new(s, FUZZ_DISPATCHER_NEW, CAP_DISPATCHER, 0, 1));
    TRY(put_copy(s, FUZZ_SELF, s->child.disp));
    TRY(put_copy(s, FUZZ_SELF + 1, s->child.l1));
    return put_copy(s, FUZZ_SELF + 2, s->child.vnode);
}

static err_t make_rest(struct sandbox *s)
{
    struct supply *pool = &s->test.pool;
    cptr_t notify, slots;

    TRY(supply_make(pool, CAP_NOTIFY, 0, 4, &notify));
    TRY(notify_bind(notify, s->child.disp, 20));
    TRY(notify_bind(notify + 1, s->child.disp, 21));
    for (unsigned i = 0; i < 4; i++) {
        TRY(put(s, FUZZ_NOTIFY + (enum fuzz_slot)i, notify + i));
    }
    TRY(supply_slots(pool, 6, &slots));
    TRY(cap_retype(TASK_IRQTABLE, CAP_IRQ, FIRST_LINE, 1, 4, CPTR_NULL, slots));
    for (unsigned i = 0; i < 4; i++) {
        TRY(put(s, FUZZ_IRQ + (enum fuzz_slot)i, slots + i));
    }
    TRY(cap_retype(TASK_ID, CAP_ID, 5000, 100, 1, CPTR_NULL, slots + 4));
    TRY(put(s, FUZZ_ID, slots + 4));
    for (uint64_t i = 0; i < init.boot->dev_count; i++) {
        struct cap_info info;
        TRY(cap_identify(CPTR_NULL, CPTR(INIT_L2_DEV, i), &info));
        if (NOWHERE >= info.base && NOWHERE + 16 * PAGE <= info.base + info.bytes) {
            TRY(cap_retype(CPTR(INIT_L2_DEV, i), CAP_DEVRANGE, NOWHERE - info.base, 16 * PAGE, 1, CPTR_NULL,
                           slots + 5));
            return put(s, FUZZ_DEVRANGE, slots + 5);
        }
    }
    return OK;
}

static err_t build(struct sandbox *s)
{
    TRY(make_cnodes(s));
    TRY(make_memory(s));
    TRY(make_vnodes(s));
    TRY(make_processes(s));
    return make_rest(s);
}

/* Until the child has done its calls, or can do no more: dead, parked for good, held, or in a loop of its own
 * making. */
static void look_after(struct sandbox *s)
{
    const volatile struct shared *page = s->child.page;
    uint64_t seen = 0;

    for (unsigned idle = 0; idle < POLLS_STUCK;) {
        struct dispatcher_info info = { .state = DISP_STOPPED };
        (void)event_wait(EVENT_FAULT, time_now() + time_hz() / POLL_PER_SEC);
        faults_collect();
        if (init.fault[s->child.badge].present || !err_ok(dispatcher_status(s->child.disp, &info)) ||
            info.state == DISP_STOPPED || info.state & DISP_HELD) {
            break;
        }
        idle = page->result[FUZZ_CALLS] == seen ? idle + 1 : 0;
        seen = page->result[FUZZ_CALLS];
    }
    init.fault[s->child.badge].present = false;
}

struct totals {
    uint64_t calls, good, rounds, early;
    uint64_t by_op[CAP_TYPE_COUNT * FUZZ_OPS];
};

/* @return false: something that must hold did not */
static bool run_round(uint64_t seed, uint64_t calls, struct totals *total)
{
    static struct sandbox s;
    struct kernel_counters before = { 0 }, after = { 0 };

    if (!err_ok(kernel_counters(TASK_KERNEL, &before)) ||
        !test_begin(&s.test, "syscall-fuzz", "round")) {
        return false;
    }
    EXPECT_OK(&s.test, dispatcher_set_priority(TASK_DISPATCHER, init.priority + 2));
    if (proc_make(&s.test, &s.child, fuzz_child) && proc_priority(&s.child, init.priority + 1)) {
        const err_t err = build(&s);
        EXPECT_OK(&s.test, err);
        s.child.page->arg[FUZZ_ARG_SEED] = seed;
        s.child.page->arg[FUZZ_ARG_CALLS] = calls;
        EXPECT_OK(&s.test, dispatcher_start(s.child.disp));
        look_after(&s);
        total->calls += s.child.page->result[FUZZ_CALLS];
        total->good += s.child.page->result[FUZZ_OK];
        total->early += !s.child.page->result[FUZZ_DONE];
        total->rounds++;
        for (unsigned i = 0; i < CAP_TYPE_COUNT * FUZZ_OPS; i++) {
            total->by_op[i] += s.child.page->more[i];
        }
    }
    if (init.boot->debug) {
        EXPECT_OK(&s.test, sys_debug(DEBUG_CHECK, 0, NULL));
    }
    test_end(&s.test);
    if (init.boot->debug) {
        EXPECT_OK(&s.test, sys_debug(DEBUG_CHECK, 0, NULL));
    }
    EXPECT_OK(&s.test, kernel_counters(TASK_KERNEL, &after));
    CHECK(&s.test, after.caps == before.caps && !after.reap, "%lu capabilities before, %lu after, reap %lu",
          before.caps, after.caps, after.reap);
    return s.test.wrong == 0;
}

/* What succeeded, by type and operation, in the order of shoal/invoke.h. */
static void print_table(const struct totals *total)
{
    static const char *const name[CAP_TYPE_COUNT] = {
        "own CSpace",
#define CAPTYPE(name, number, space, fixed, parent) #name,
#include <shoal/captypes.def>
#undef CAPTYPE
    };

    for (unsigned type = 0; type < CAP_TYPE_COUNT; type++) {
        unsigned last = FUZZ_OPS;
        while (last > 0 && total->by_op[type * FUZZ_OPS + last - 1] == 0) {
            last--;
        }
        if (last == 0) {
            continue;
        }
        print("fuzz:   %-12s", name[type]);
        for (unsigned op = 0; op < last; op++) {
            print(" %lu", total->by_op[type * FUZZ_OPS + op]);
        }
        print("\n");
    }
}

int fuzz_command(unsigned count, const char *const words[])
{
    static struct totals total;
    unsigned long seed, calls;

    if (count != 3 || !parse_number(words[1], &seed) || !parse_number(words[2], &calls)) {
        print("syscall-fuzz: wants SEED and COUNT\n");
        return 2;
    }
    total = (struct totals){ 0 };
    for (uint64_t round = 0; total.calls < calls; round++) {
        const uint64_t left = calls - total.calls;
        /* rounds of one seed, and seeds that follow one another, must not repeat each other */
        const uint64_t mixed = (seed * 0x9e3779b97f4a7c15ull + round * 0xbf58476d1ce4e5b9ull) ^ (round << 17);
        if (!run_round(mixed, left < FUZZ_ROUND_CALLS ? left : FUZZ_ROUND_CALLS, &total)) {
            print("fuzz: seed %lu, round %lu (%#lx): failed after %lu calls\n", seed, round, mixed, total.calls);
            return 1;
        }
    }
    print("fuzz: seed %lu, %lu calls, %lu succeeded, %lu rounds, %lu ended early\n", seed, total.calls, total.good,
          total.rounds, total.early);
    print_table(&total);
    return 0;
}
