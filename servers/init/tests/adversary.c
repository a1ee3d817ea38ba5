/** @file adversary.c  What a hostile or careless program tries against the CPU driver, each once found as a hole. */
#include "children.h"

#define MS(n) (time_now() + (n) * time_hz() / 1000)

/* A second dispatcher of the caller's own VSpace dies; the caller's table must stay loaded. */
static void shared_vspace(struct test *t)
{
    const cptr_t disp = test_make(t, CAP_DISPATCHER, 0, 1), frame = test_make(t, CAP_FRAME, SHOAL_PAGE_SIZE, 1);

    MUST(t, dispatcher_configure(disp, TASK_L1, TASK_VSPACE, frame, 0x1000, CPTR_NULL));
    EXPECT_OK(t, cap_delete(CPTR_NULL, disp));      /* the next instruction is fetched through TTBR0 */
    CHECK_EQ(t, slot_type(CPTR_NULL, disp), CAP_NULL);
}

/* The timer and the software-generated interrupts are the kernel's, whatever is revoked. */
static void kernel_interrupts(struct test *t)
{
    const cptr_t slot = test_slot(t);
    unsigned refused = 0;

    MUST(t, cap_revoke(CPTR_NULL, TASK_IRQTABLE, 0, init.boot->irq_count));
    CHECK(t, !event_wait(EVENT_NONE, MS(5)), "an event that nobody posts");     /* hangs if the timer is masked */
    for (uint64_t intid = 0; intid < 32; intid++) {
        const err_t err = cap_retype(TASK_IRQTABLE, CAP_IRQ, intid, 1, 1, CPTR_NULL, slot);
        refused += err.trail == E_CAP_OVERLAP;
        CHECK(t, intid >= 16 || err.trail == E_CAP_OVERLAP, "software-generated interrupt %lu given away", intid);
        EXPECT_OK(t, cap_delete(CPTR_NULL, slot));
    }
    CHECK_EQ(t, refused, 17);
    EXPECT_ERR(t, cap_retype(TASK_IRQTABLE, CAP_IRQ, 14, 1, 4, CPTR_NULL, slot), E_CAP_OVERLAP);
}

static void hold_child(volatile struct shared *page)
{
    page->result[0] = dispatcher_hold(TASK_DISPATCHER).trail;
    page->result[1] = frame_self()->pending;
    child_exit();
}

static bool wait_state(struct proc *p, uint64_t state)
{
    const uint64_t deadline = hang_deadline();
    struct dispatcher_info info = { 0 };

    while (time_now() < deadline) {
        if (err_ok(dispatcher_status(p->disp, &info)) && info.state == state) {
            return true;
        }
        (void)event_wait(EVENT_NONE, MS(1));
    }
    CHECK(p->test, false, "the child is in state %lu, not %lu", info.state, state);
    return false;
}

/* It holds itself while enabled, an event comes, it is released: it must come back by run upcall, which clears
 * `pending`. */
static void event_while_held(struct test *t)
{
    struct proc p;
    const cptr_t notify = test_make(t, CAP_NOTIFY, 0, 1);

    if (!proc_run(t, &p, hold_child) || !wait_state(&p, DISP_READY | DISP_HELD)) {
        return;
    }
    MUST(t, notify_bind(notify, p.disp, EVENT_TEST));
    MUST(t, notify_signal(notify));
    MUST(t, dispatcher_release(p.disp));
    proc_finish(&p);
    EXPECT_OK(t, dispatcher_stop(p.disp));
    CHECK_EQ(t, p.page->result[0], E_OK);
    CHECK_EQ(t, p.page->result[1], 0);
}

static void fault_child(volatile struct shared *page)
{
    __asm__ volatile("brk #7");
    page->result[1] = frame_self()->pending;
    child_exit();
}

/* The same for a faulted one that was resumed but has not run yet. */
static void event_after_resume(struct test *t)
{
    struct proc p;
    struct fault f;
    const cptr_t notify = test_make(t, CAP_NOTIFY, 0, 1);

    if (!proc_make(t, &p, fault_child)) {
        return;
    }
    MUST(t, notify_bind(notify, p.disp, EVENT_TEST));
    p.frame_map->fault_entry = 0;
    MUST(t, dispatcher_start(p.disp));
    if (!proc_fault(&p, &f)) {
        return;
    }
    p.frame_map->enabled.pc += 4;
    MUST(t, dispatcher_resume(p.disp));
    MUST(t, notify_signal(notify));
    proc_finish(&p);
    EXPECT_OK(t, dispatcher_stop(p.disp));
    CHECK_EQ(t, p.page->result[1], 0);
}

#define READS(name, reg)                                                                                               \
    static void name(volatile struct shared *page)                                                                     \
    {                                                                                                                  \
        uint64_t v;                                                                                                    \
        __asm__ volatile("mrs %0, " reg : "=r"(v));                                                                    \
        page->result[0] = v;                                                                                           \
        child_exit();                                                                                                  \
    }
READS(read_cntpct, "cntpct_el0")
READS(read_cntv_cval, "cntv_cval_el0")
READS(read_pmcr, "pmcr_el0")
READS(read_pmselr, "pmselr_el0")
READS(read_daif, "daif")

/* Registers that are not switched with the process: EL0 has no way to them.  (Nor to the debug channel; this QEMU knows
 * no MDSCR_EL1.TDCC.) */
static void registers_refused(struct test *t)
{
    static const struct {
        child_fn read;
        const char *name;
    } row[] = {
        { read_cntpct, "CNTPCT_EL0" }, { read_cntv_cval, "CNTV_CVAL_EL0" }, { read_pmcr, "PMCR_EL0" },
        { read_pmselr, "PMSELR_EL0" }, { read_daif, "DAIF" },
    };
    for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        struct proc p;
        struct fault f;
        if (!proc_run(t, &p, row[i].read) || !proc_fault(&p, &f)) {
            return;
        }
        EXPECT_OK(t, dispatcher_stop(p.disp));
        CHECK(t, f.cause == FAULT_ILLEGAL, "%s read at EL0: cause %lu", row[i].name, f.cause);
    }
}

#define SLICES_PER_S 100    /* the kernel's */

static void receive_child(volatile struct shared *page)
{
    (void)page;
    disable(frame_self());
    for (;;) {
        struct xfer x = { .accept = (uint64_t)XFER_ANY };
        (void)sys_xfer(&x);
    }
}

/* Sends to something more urgent in the last moments of its slice, so that the kernel finds the slice used up. */
static void cheat_child(volatile struct shared *page)
{
    const uint64_t slice = time_hz() / SLICES_PER_S;
    uint64_t start = time_now(), early = 0;

    for (;;) {
        while (time_now() < start + slice - early) {
        }
        struct xfer x = { .dest = page->arg[0], .accept = (uint64_t)XFER_NO_PARK };
        (void)sys_xfer(&x);
        const uint64_t now = time_now();
        page->result[0]++;
        if (now - start > slice + slice / 2) {          /* somebody else ran: try an earlier moment */
            early = (early + 1) % 64;
            page->result[1]++;
        }
        start = now;
    }
}

/* Two of one priority: whatever one does at the end of its slices, the other gets its half.  Of the time that was
 * charged: what the host takes from the emulator falls on both alike. */
static void fair_slices(struct test *t)
{
    struct proc urgent, cheat, honest;
    struct dispatcher_info c, h;
    struct proc_endpoint ep;

    if (!proc_run(t, &urgent, receive_child) || !proc_endpoint(&urgent, &ep, EVENT_TEST, 0) ||
        !proc_make(t, &cheat, cheat_child) || !proc_make(t, &honest, child_spin) ||
        !proc_priority(&cheat, init.priority - 1) || !proc_priority(&honest, init.priority - 1)) {
        return;
    }
    cheat.page->arg[0] = proc_give_minted(&cheat, ep.recv, RIGHT_READ | RIGHT_WRITE, 1);
    MUST(t, dispatcher_start(cheat.disp));
    MUST(t, dispatcher_start(honest.disp));
    CHECK(t, !event_wait(EVENT_NONE, MS(2000)), "an event that nobody posts");
    MUST(t, dispatcher_status(cheat.disp, &c));
    MUST(t, dispatcher_status(honest.disp, &h));
    const uint64_t share = 100 * h.time_used / (h.time_used + c.time_used + 1);
    EXPECT_OK(t, dispatcher_stop(cheat.disp));
    EXPECT_OK(t, dispatcher_stop(honest.disp));
    EXPECT_OK(t, dispatcher_stop(urgent.disp));
    CHECK(t, share >= 40, "%lu percent for the honest one (%lu turns of the other, %lu of them lost)", share,
          cheat.page->result[0], cheat.page->result[1]);
}

TEST_GROUP(adversary, CASE(fair_slices), CASE(event_while_held), CASE(event_after_resume), CASE(registers_refused),
           CASE(kernel_interrupts), CASE(shared_vspace));
