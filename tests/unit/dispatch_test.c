/**
 * @file dispatch_test.c  The states of a dispatcher and what an event does in each (docs/dispatch.md, "Kernel states"),
 * faults, the event bitmap, and the operations that look at a dispatcher.
 */
#include "world.h"

#define ESR(class, status) ((uint64_t)(class) << 26 | (status))
#define ESR_READ           ESR(0x24, 0x07)      /* data abort, translation fault at level 3                          */
#define EVENT              77u

/* p, of the priority given, with a Notify bound to EVENT; me has priority 100 and is current. */
struct duo {
    struct world w;
    struct proc p;
    struct channel faults;      /* p's fault endpoint: me's, event 7 */
    cptr_t notify;
};

static void build(struct duo *x, uint64_t priority)
{
    world_init(&x->w);
    x->faults = world_channel(&x->w, &x->w.me, 7, 1);
    x->p = world_proc(&x->w, priority, world_mint(&x->w, x->faults.recv, 4711));
    x->notify = world_make(&x->w, CAP_NOTIFY, 0);
    world_must(world_invoke(&x->w, x->notify, NOTIFY_BIND, x->p.disp, EVENT), "bind");
}

static void enable(const struct proc *p)
{
    p->f->pending = 0;
    p->f->disabled = 0;
}

/* p runs, in a thread. */
static void run(struct duo *x)
{
    EXPECT_EQ(world_syscall(&x->w, x->p.disp, DISPATCHER_START), WORLD_LEFT, "p is more urgent");
    EXPECT(x->w.k->current == x->p.d && fake_left.how == LEFT_UPCALL && fake_left.frame == x->p.f,
           "a run upcall begins");
    EXPECT(x->p.f->disabled == 1 && fake_left.pending == 0, "disabled, nothing pending");
    EXPECT(fake_cpu.frame_va == 0x20000 && x->w.k->loaded_ttbr0 == x->p.d->ttbr0, "in its address space");
    enable(&x->p);
}

static void expect_posted(const struct duo *x, uint64_t id, const char *what)
{
    uint64_t event = 0;
    EXPECT(x->p.f->pending == 1, "%s: pending", what);
    EXPECT(world_events(&x->p, &event) == 1 && event == id, "%s: the event is posted", what);
}

/* ---- RUNNING ----------------------------------------------------------------------------------------------------- */

TEST(running, event_in_a_system_call)
{
    struct duo x;
    build(&x, 200);
    run(&x);
    EXPECT_EQ(world_syscall(&x.w, x.notify, NOTIFY_SIGNAL), WORLD_LEFT, "an event to itself, while enabled");
    EXPECT(fake_left.how == LEFT_UPCALL && fake_left.pending == 1, "continues by run upcall");
    EXPECT(world_kept(&x.p.f->enabled, x.w.stamp) && x.p.f->enabled.x[0] == E_OK,
           "its thread, complete, in the enabled area");
    expect_posted(&x, EVENT, "enabled");
    x.p.f->disabled = 1;
    EXPECT_EQ(world_syscall(&x.w, x.notify, NOTIFY_SIGNAL), WORLD_LEFT, "the same while disabled");
    EXPECT(fake_left.how == LEFT_RESTORE && fake_left.area == &x.p.f->disabled_area, "continues exactly there");
    EXPECT(world_kept(fake_left.area, x.w.stamp) && fake_left.area->x[0] == E_OK, "as it was");
    expect_posted(&x, EVENT, "disabled");
    world_check(&x.w, "running");
}

TEST(running, event_by_an_interrupt)
{
    struct duo x;
    build(&x, 200);
    const cptr_t irq = world_retype(&x.w, W_IRQTABLE, CAP_IRQ, 60, 0);
    world_must(world_invoke(&x.w, irq, IRQ_BIND, x.notify), "bind");
    run(&x);
    EXPECT_EQ(world_syscall(&x.w, irq, IRQ_ACK), E_OK, "unmask");
    world_interrupt(&x.w, 60);
    EXPECT(fake_left.how == LEFT_UPCALL && x.p.f->enabled.x[5] == x.w.stamp * 256 + 5, "enabled: upcall, thread saved");
    EXPECT(!fake_line[60].unmasked && fake_irq_ended == 60, "masked until it is acknowledged, ended");
    expect_posted(&x, EVENT, "enabled");
    x.p.f->disabled = 1;
    world_interrupt(&x.w, 60);
    EXPECT(fake_left.how == LEFT_RESTORE && fake_left.area == &x.p.f->disabled_area, "disabled: goes on");
    expect_posted(&x, EVENT, "disabled");
    enable(&x.p);
    world_interrupt(&x.w, 61);
    EXPECT(fake_left.how == LEFT_RESTORE && fake_left.area == &x.p.f->enabled, "not its interrupt: the thread goes on");
    EXPECT_EQ(fake_line[61].masks, 1, "one that nobody has is masked");
    world_interrupt(&x.w, 1020);
    EXPECT(fake_left.how == LEFT_RESTORE && fake_irq_ended == 61, "none after all");
    world_interrupt(&x.w, 8192);
    EXPECT(fake_left.how == LEFT_RESTORE && fake_irq_ended == 8192,
           "a message interrupt that nobody asked for is ended");
}

/* ---- READY ------------------------------------------------------------------------------------------------------- */

TEST(ready, was_enabled)
{
    struct duo x;
    build(&x, 50);
    world_syscall(&x.w, x.p.disp, DISPATCHER_START);
    EXPECT_EQ(world_syscall(&x.w, W_DISP, DISPATCHER_SET_PRIORITY, 10), WORLD_LEFT, "me steps back");
    enable(&x.p);
    world_syscall(&x.w, W_DISP, DISPATCHER_SET_PRIORITY, 60);
    EXPECT(x.w.k->current == x.w.me.d && x.p.d->state == DISP_READY, "p is preempted in its thread");
    EXPECT(world_kept(&x.p.f->enabled, x.w.stamp), "which is saved");
    world_syscall(&x.w, W_DISP, DISPATCHER_SET_PRIORITY, 10);
    EXPECT(fake_left.how == LEFT_UPCALL && fake_left.frame == x.p.f && fake_left.pending == 0,
           "run upcall, without events");
    enable(&x.p);
    world_syscall(&x.w, W_DISP, DISPATCHER_SET_PRIORITY, 60);
    world_syscall(&x.w, x.notify, NOTIFY_SIGNAL);
    expect_posted(&x, EVENT, "READY");
    x.p.f->pending = 1;
    world_syscall(&x.w, W_DISP, DISPATCHER_SET_PRIORITY, 10);
    EXPECT(fake_left.how == LEFT_UPCALL && fake_left.pending == 1, "run upcall, with events");
}

TEST(ready, was_disabled)
{
    struct duo x;
    build(&x, 50);
    world_syscall(&x.w, x.p.disp, DISPATCHER_START);
    world_syscall(&x.w, W_DISP, DISPATCHER_SET_PRIORITY, 10);
    world_syscall(&x.w, W_DISP, DISPATCHER_SET_PRIORITY, 60);       /* p is still in its first upcall: disabled */
    const uint64_t stamp = x.w.stamp;
    EXPECT_EQ(world_syscall(&x.w, x.notify, NOTIFY_SIGNAL), E_OK, "p is less urgent");
    world_syscall(&x.w, W_DISP, DISPATCHER_SET_PRIORITY, 10);
    EXPECT(fake_left.how == LEFT_RESTORE && fake_left.area == &x.p.f->disabled_area, "continues exactly there");
    EXPECT(world_kept(fake_left.area, stamp), "in its own context");
    expect_posted(&x, EVENT, "READY, disabled");
}

/* ---- PARKED ------------------------------------------------------------------------------------------------------ */

static void park(struct duo *x, uint64_t accept, uint64_t deadline)
{
    EXPECT_EQ(world_park(&x->w, accept, .deadline = deadline), WORLD_LEFT, "parks");
    EXPECT(x->w.k->current == x->w.me.d && x->p.d->state == DISP_PARKED, "me runs");
}

TEST(parked, any_other_event)
{
    for (unsigned how = 0; how < 4; how++) {
        struct duo x;
        build(&x, 200);
        run(&x);
        x.p.f->disabled = 1;        /* parking is called disabled */
        memset(&x.p.f->enabled, 0x5a, sizeof x.p.f->enabled);
        park(&x, how & 1 ? ANY : IDLE, how & 2 ? fake_now + 100 : 0);
        const uint64_t stamp = x.w.stamp;
        x.w.me.f->disabled = 0;
        if (how & 2) {
            world_timer(&x.w);
        } else {
            EXPECT_EQ(world_syscall(&x.w, x.notify, NOTIFY_SIGNAL), WORLD_LEFT, "me signals");
        }
        EXPECT(fake_left.how == LEFT_UPCALL && fake_left.frame == x.p.f && fake_left.pending == 1, "run upcall, way %u",
               how);
        if (how & 1) {
            EXPECT(world_kept(&x.p.f->enabled, stamp) && x.p.f->enabled.x[0] == E_WOKEN,
                   "the thread sees WOKEN, way %u", how);
        } else {
            EXPECT_EQ(x.p.f->enabled.x[0], 0x5a5a5a5a5a5a5a5a, "idle keeps no context, way %u", how);
        }
        if (!(how & 2)) {
            expect_posted(&x, EVENT, "PARKED");
        }
        EXPECT_EQ(x.p.d->state, DISP_READY, "way %u", how);
        world_check(&x.w, "way %u", how);
    }
}

TEST(parked, not_if_events_are_pending)
{
    struct duo x;
    build(&x, 200);
    run(&x);
    x.p.f->disabled = 1;
    x.p.f->pending = 1;
    EXPECT_EQ(world_park(&x.w, 5), WORLD_LEFT, "parks not");
    EXPECT(x.w.k->current == x.p.d && fake_left.how == LEFT_UPCALL && fake_left.pending == 1, "the upcall instead");
    EXPECT(world_kept(&x.p.f->enabled, x.w.stamp) && x.p.f->enabled.x[0] == E_WOKEN, "its thread sees WOKEN");
    memset(&x.p.f->enabled, 0x5a, sizeof x.p.f->enabled);
    EXPECT_EQ(world_park(&x.w, IDLE), WORLD_LEFT, "parks not");
    EXPECT(x.p.f->enabled.x[0] == 0x5a5a5a5a5a5a5a5a && fake_left.how == LEFT_UPCALL, "idle: no context is kept");
}

/* ---- faults ------------------------------------------------------------------------------------------------------ */

TEST(fault, enabled_with_a_handler)
{
    struct duo x;
    build(&x, 200);
    run(&x);
    x.p.f->fault_entry = 0x1234;
    world_fault(&x.w, ESR_READ | 1 << 6, 0xdead000);
    EXPECT(fake_left.how == LEFT_FAULT_UPCALL && fake_left.frame == x.p.f, "fault upcall");
    EXPECT(fake_left.cause == FAULT_WRITE && fake_left.address == 0xdead000 &&
               fake_left.syndrome == (ESR_READ | 1 << 6),
           "told");
    EXPECT(x.p.f->enabled.x[7] == x.w.stamp * 256 + 7 && x.p.f->disabled, "the thread is saved");
    world_fault(&x.w, ESR_READ, 0xbeef000);
    EXPECT(x.p.d->state == DISP_FAULTED && x.w.k->current == x.w.me.d, "a fault in the handler stops it");
    EXPECT_EQ(x.faults.control->produced, 1, "and is reported");
    world_check(&x.w, "faulted");
}

TEST(fault, reported_once_with_all_words)
{
    for (unsigned disabled = 0; disabled < 2; disabled++) {
        struct duo x;
        uint64_t event = 0;
        build(&x, 200);
        run(&x);
        x.p.f->disabled = disabled;
        x.p.f->fault_entry = disabled ? 0x1234 : 0;
        world_fault(&x.w, ESR_READ, 0xdead000);
        const struct save_area *const area = disabled ? &x.p.f->disabled_area : &x.p.f->enabled;
        const struct ring_message *const m = &x.faults.message[0];
        EXPECT(x.faults.control->produced == 1 && m->tag == 5 && m->badge == 4711, "one message of five words");
        EXPECT(m->word[FAULT_W_CAUSE] == FAULT_READ && m->word[FAULT_W_ADDRESS] == 0xdead000 &&
               m->word[FAULT_W_PC] == area->pc && m->word[FAULT_W_SP] == area->sp &&
               m->word[FAULT_W_SYNDROME] == ESR_READ, "which say what and where");
        EXPECT(world_events(&x.w.me, &event) == 1 && event == 7, "the holder is woken");
        EXPECT_EQ(world_syscall(&x.w, x.p.disp, DISPATCHER_STATUS), E_OK, "status");
        EXPECT(x.w.k->ret[0] == DISP_FAULTED && x.w.k->ret[1] == FAULT_READ && x.w.k->ret[2] == 0xdead000,
               "says so, too");
        EXPECT_EQ(world_syscall(&x.w, x.p.disp, DISPATCHER_READ_REGS, 30), E_OK, "registers");
        EXPECT(x.w.k->ret[0] == area->x[30] && x.w.k->ret[1] == area->sp && x.w.k->ret[2] == area->pc, "of the fault");
        EXPECT_EQ(world_syscall(&x.w, x.p.disp, DISPATCHER_READ_REGS, 35), E_ARG, "beyond the last");
        EXPECT_EQ(world_syscall(&x.w, x.notify, NOTIFY_SIGNAL), E_OK, "an event");
        EXPECT(x.p.d->state == DISP_FAULTED && x.p.f->pending == 1, "is posted and changes nothing");
        x.w.me.f->disabled = 1;
        EXPECT_EQ(world_syscall(&x.w, x.p.disp, DISPATCHER_RESUME), WORLD_LEFT, "resumed");
        if (disabled) {
            EXPECT(fake_left.how == LEFT_RESTORE && fake_left.area == area, "where it faulted");
        } else {
            EXPECT(x.w.k->current == x.p.d && fake_left.how == LEFT_UPCALL,
                   "by the upcall: an event was posted meanwhile");
        }
        world_check(&x.w, "resumed");
    }
}

TEST(fault, resumed_where_it_was)
{
    struct duo x;
    build(&x, 200);
    run(&x);
    world_fault(&x.w, ESR_READ, 0xdead000);
    EXPECT_EQ(world_syscall(&x.w, x.p.disp, DISPATCHER_RESUME), WORLD_LEFT, "resumed");
    EXPECT(fake_left.how == LEFT_RESTORE && fake_left.area == &x.p.f->enabled, "in its thread");
    EXPECT_EQ(x.p.d->fault_cause, FAULT_NONE, "the cause is forgotten");
    EXPECT_EQ(world_syscall(&x.w, x.p.disp, DISPATCHER_RESUME), E_STATE, "not faulted");
}

/* Resumed, and before it runs an event comes: it must not go on in its thread without knowing. */
TEST(fault, event_between_resume_and_run)
{
    struct duo x;
    build(&x, 50);
    world_syscall(&x.w, x.p.disp, DISPATCHER_START);
    world_syscall(&x.w, W_DISP, DISPATCHER_SET_PRIORITY, 10);
    enable(&x.p);
    world_fault(&x.w, ESR_READ, 0xdead000);
    world_syscall(&x.w, W_DISP, DISPATCHER_SET_PRIORITY, 60);
    EXPECT_EQ(world_syscall(&x.w, x.p.disp, DISPATCHER_RESUME), E_OK, "p is less urgent");
    EXPECT_EQ(world_syscall(&x.w, x.notify, NOTIFY_SIGNAL), E_OK, "an event");
    world_syscall(&x.w, W_DISP, DISPATCHER_SET_PRIORITY, 10);
    EXPECT(x.w.k->current == x.p.d && fake_left.how == LEFT_UPCALL, "run upcall: left by way %d", fake_left.how);
}

TEST(fault, causes)
{
    static const struct { uint64_t esr; uint64_t cause; bool far; } row[] = {
        { ESR(0x20, 0x07), FAULT_EXEC, true }, { ESR(0x20, 0x0f), FAULT_EXEC, true },
        { ESR(0x24, 0x0f), FAULT_READ, true },
        { ESR(0x24, 0x4f), FAULT_WRITE, true }, { ESR(0x24, 0x14f), FAULT_READ, true },
        { ESR(0x24, 0x10), FAULT_ABORT, true },
        { ESR(0x20, 0x10), FAULT_ABORT, true }, { ESR(0x24, 0x14), FAULT_ABORT, true },
        { ESR(0x24, 0x18), FAULT_ABORT, true },
        { ESR(0x24, 0x1f), FAULT_ABORT, true }, { ESR(0x24, 0x21), FAULT_ALIGN, true },
        { ESR(0x22, 0), FAULT_ALIGN, true },
        { ESR(0x26, 0), FAULT_ALIGN, false }, { ESR(0x3c, 0), FAULT_BREAKPOINT, false },
        { ESR(0x00, 0), FAULT_ILLEGAL, false },
        { ESR(0x01, 0), FAULT_ILLEGAL, false }, { ESR(0x0e, 0), FAULT_ILLEGAL, false },
        { ESR(0x18, 0), FAULT_ILLEGAL, false },
        { ESR(0x32, 0), FAULT_OTHER, false }, { ESR(0x2f, 0), FAULT_ABORT, false },
    };
    struct duo x;
    build(&x, 200);
    run(&x);
    x.p.f->fault_entry = 0x1234;
    for (unsigned i = 0; i < sizeof row / sizeof row[0]; i++) {
        enable(&x.p);
        world_fault(&x.w, row[i].esr, 0xabc000);
        EXPECT_EQ(fake_left.cause, row[i].cause, "esr %#" PRIx64, row[i].esr);
        EXPECT_EQ(fake_left.address, row[i].far ? 0xabc000 : x.p.f->enabled.pc, "esr %#" PRIx64, row[i].esr);
    }
}

TEST(fault, floating_point_is_no_fault)
{
    struct duo x;
    build(&x, 200);
    run(&x);
    world_fault(&x.w, ESR(0x07, 0), 0);
    EXPECT(fake_left.how == LEFT_RESTORE && fake_left.area == &x.p.f->enabled && !fake_cpu.fp_trapped,
           "goes on with FP");
    EXPECT(x.w.k->fp_owner == x.p.d && fake_cpu.fp_stored == NULL && fake_cpu.fp_loaded == x.p.d, "its registers");
    world_park(&x.w, IDLE);
    EXPECT(fake_cpu.fp_trapped, "trapped for who does not own them");
    world_fault(&x.w, ESR(0x07, 0), 0);
    EXPECT(x.w.k->fp_owner == x.w.me.d && fake_cpu.fp_stored == x.p.d, "stored when another one needs them");
    world_syscall(&x.w, x.notify, NOTIFY_SIGNAL);
    EXPECT(fake_cpu.fp_trapped, "trapped again");
}

TEST(fault, without_fault_endpoint)
{
    struct duo x;
    build(&x, 200);
    struct proc q = world_proc(&x.w, 210, 0);
    world_syscall(&x.w, q.disp, DISPATCHER_START);
    world_fault(&x.w, ESR_READ, 0x1000);
    EXPECT(q.d->state == DISP_FAULTED && x.w.k->current == x.w.me.d, "stopped all the same");
    EXPECT(strstr(x.w.k->log, "without fault endpoint"), "and said on the console");
}
