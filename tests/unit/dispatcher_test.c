/**
 * @file dispatcher_test.c  Operations on dispatchers, Notifys and interrupts: what each does, and every refusal.  Hold
 * and release, the event bitmap, CSpaces replaced.
 */
#include "world.h"

#define EVENT 77u

struct duo {
    struct world w;
    struct proc p;
    cptr_t notify;
};

static void build(struct duo *x, uint64_t priority)
{
    world_init(&x->w);
    x->p = world_proc(&x->w, priority, 0);
    x->notify = world_make(&x->w, CAP_NOTIFY, 0);
    world_must(world_invoke(&x->w, x->notify, NOTIFY_BIND, x->p.disp, EVENT), "bind");
}

static void enable(const struct proc *p)
{
    p->f->pending = 0;
    p->f->disabled = 0;
}

static void run(struct duo *x)
{
    EXPECT_EQ(world_syscall(&x->w, x->p.disp, DISPATCHER_START), WORLD_LEFT, "p is more urgent");
    enable(&x->p);
}

/* ---- hold and release -------------------------------------------------------------------------------------------- */

TEST(hold, ready)
{
    struct duo x;
    build(&x, 50);
    world_must(world_syscall(&x.w, x.p.disp, DISPATCHER_START), "start");
    EXPECT_EQ(world_syscall(&x.w, x.p.disp, DISPATCHER_RELEASE), E_STATE, "not held");
    EXPECT_EQ(world_syscall(&x.w, x.p.disp, DISPATCHER_HOLD), E_OK, "hold");
    EXPECT_EQ(world_syscall(&x.w, x.p.disp, DISPATCHER_HOLD), E_OK, "twice is once");
    EXPECT_EQ(x.p.d->state, DISP_READY | DISP_HELD, "READY, held");
    EXPECT_EQ(world_syscall(&x.w, x.notify, NOTIFY_SIGNAL), E_OK, "an event");
    EXPECT(x.p.f->pending == 1 && !x.p.d->queued, "is posted; p does not run");
    EXPECT_EQ(world_syscall(&x.w, x.p.disp, DISPATCHER_SET_PRIORITY, 60), E_OK, "priority of a held one");
    world_check(&x.w, "held");
    EXPECT_EQ(world_syscall(&x.w, x.p.disp, DISPATCHER_RELEASE), E_OK, "release");
    EXPECT(x.p.d->queued && x.p.d->priority == 60, "in its queue again");
    world_check(&x.w, "released");
}

TEST(hold, created_parked_faulted_stopped)
{
    struct duo x;
    build(&x, 200);
    EXPECT_EQ(world_syscall(&x.w, x.p.disp, DISPATCHER_HOLD), E_OK, "CREATED");
    EXPECT_EQ(world_syscall(&x.w, x.p.disp, DISPATCHER_START), E_OK, "started while held: does not run");
    EXPECT_EQ(world_syscall(&x.w, x.p.disp, DISPATCHER_START), E_STATE, "only once");
    EXPECT_EQ(world_syscall(&x.w, x.p.disp, DISPATCHER_RELEASE), WORLD_LEFT, "now it does");
    EXPECT(x.w.k->current == x.p.d && fake_left.how == LEFT_UPCALL, "from its beginning");

    enable(&x.p);
    world_park(&x.w, IDLE);
    world_must(world_syscall(&x.w, x.p.disp, DISPATCHER_HOLD), "PARKED");
    world_must(world_syscall(&x.w, x.p.disp, DISPATCHER_RELEASE), "release");
    EXPECT_EQ(x.p.d->state, DISP_PARKED, "nothing came: it sleeps on");
    world_must(world_syscall(&x.w, x.p.disp, DISPATCHER_HOLD), "PARKED");
    EXPECT_EQ(world_syscall(&x.w, x.notify, NOTIFY_SIGNAL), E_OK, "an event");
    EXPECT_EQ(x.p.d->state, DISP_PARKED | DISP_HELD, "state unchanged");
    EXPECT_EQ(world_syscall(&x.w, x.p.disp, DISPATCHER_RELEASE), WORLD_LEFT, "released, it finds it");
    EXPECT(fake_left.how == LEFT_UPCALL && fake_left.frame == x.p.f && fake_left.pending == 1, "by run upcall");

    world_fault(&x.w, 0, 0);
    world_must(world_syscall(&x.w, x.p.disp, DISPATCHER_HOLD), "FAULTED");
    world_must(world_syscall(&x.w, x.p.disp, DISPATCHER_RESUME), "resumed while held");
    EXPECT_EQ(x.p.d->state, DISP_READY | DISP_HELD, "does not run yet");
    EXPECT_EQ(world_syscall(&x.w, x.p.disp, DISPATCHER_RELEASE), WORLD_LEFT, "now");
    EXPECT(fake_left.how == LEFT_RESTORE && fake_left.area == &x.p.f->disabled_area, "where it faulted");

    EXPECT_EQ(world_syscall(&x.w, x.p.disp, DISPATCHER_STOP), WORLD_LEFT, "stops itself");
    EXPECT_EQ(world_syscall(&x.w, x.p.disp, DISPATCHER_HOLD), E_STATE, "STOPPED: no hold");
    EXPECT_EQ(world_syscall(&x.w, x.p.disp, DISPATCHER_RELEASE), E_STATE, "no release");
    EXPECT_EQ(world_syscall(&x.w, x.p.disp, DISPATCHER_RESUME), E_STATE, "no resume");
    EXPECT_EQ(world_syscall(&x.w, x.p.disp, DISPATCHER_START), E_STATE, "no start");
    EXPECT_EQ(world_syscall(&x.w, x.p.disp, DISPATCHER_STOP), E_OK, "stop: as it is");
    EXPECT_EQ(world_syscall(&x.w, x.notify, NOTIFY_SIGNAL), E_OK, "an event goes nowhere");
    EXPECT_EQ(x.p.d->state, DISP_STOPPED, "for good");
    world_check(&x.w, "stopped");
}

TEST(hold, deadline_of_a_held_one)
{
    struct duo x;
    build(&x, 200);
    run(&x);
    world_park(&x.w, IDLE, .deadline = fake_now + 50);
    world_must(world_syscall(&x.w, x.p.disp, DISPATCHER_HOLD), "hold");
    world_timer(&x.w);
    EXPECT(x.w.k->current == x.w.me.d && x.p.f->pending == 1 && x.p.d->deadline.when == 0, "fires; it does not run");
    EXPECT_EQ(world_syscall(&x.w, x.p.disp, DISPATCHER_RELEASE), WORLD_LEFT, "released, it is awake");
}

/* Who holds itself is in the middle of a system call, enabled or disabled. */
TEST(hold, itself)
{
    for (unsigned how = 0; how < 4; how++) {
        struct duo x;
        build(&x, 200);
        run(&x);
        x.p.f->disabled = how & 1;
        EXPECT_EQ(world_syscall(&x.w, x.p.disp, DISPATCHER_HOLD), WORLD_LEFT, "holds itself");
        EXPECT_EQ(x.w.k->current == x.w.me.d, 1, "me runs");
        const uint64_t stamp = x.w.stamp;
        if (how & 2) {
            EXPECT_EQ(world_syscall(&x.w, x.notify, NOTIFY_SIGNAL), E_OK, "an event meanwhile");
        }
        EXPECT_EQ(world_syscall(&x.w, x.p.disp, DISPATCHER_RELEASE), WORLD_LEFT, "released");
        if (how & 1) {
            EXPECT(fake_left.how == LEFT_RESTORE && fake_left.area == &x.p.f->disabled_area, "returns from the call");
            EXPECT(world_kept(fake_left.area, stamp) && fake_left.area->x[0] == E_OK, "with success");
        } else if (how & 2) {
            EXPECT(fake_left.how == LEFT_UPCALL && fake_left.pending == 1, "run upcall: left by way %d", fake_left.how);
            EXPECT(world_kept(&x.p.f->enabled, stamp) && x.p.f->enabled.x[0] == E_OK, "its call has returned success");
        } else {
            const bool direct = fake_left.how == LEFT_RESTORE && fake_left.area == &x.p.f->enabled;
            EXPECT(direct || fake_left.how == LEFT_UPCALL, "its thread, or the run upcall");
            EXPECT(world_kept(&x.p.f->enabled, stamp), "with its context");
        }
        world_check(&x.w, "way %u", how);
    }
}

/* ---- configure, start, CSpaces ----------------------------------------------------------------------------------- */

TEST(dispatcher, configure)
{
    struct world w;
    world_init(&w);
    const cptr_t d = world_make(&w, CAP_DISPATCHER, 0), f = world_frame(&w, PAGE), ep = world_make(&w, CAP_ENDPOINT, 0);
    const cptr_t ro = RIGHTS_ALL & ~RIGHT_WRITE, wo = RIGHTS_ALL & ~RIGHT_READ;
    const cptr_t send = world_mint(&w, ep, 5), deaf = world_copy(&w, send, wo & ~RIGHT_WRITE), empty = world_slot(&w);
    const struct { cptr_t disp, l1, l0, frame, fault; uint64_t err; } row[] = {
        { world_copy(&w, d, RIGHT_READ), W_L1, W_L0, f, 0, E_CAP_RIGHTS },
        { d, empty, W_L0, f, 0, E_CAP_EMPTY }, { d, W_L1, empty, f, 0, E_CAP_EMPTY },
        { d, W_L1, W_L0, empty, 0, E_CAP_EMPTY },
        { d, W_L1, W_L0, f, empty, E_CAP_EMPTY }, { d, CPTR(63, 0), W_L0, f, 0, E_CAP_LOOKUP },
        { d, W_L0, W_L0, f, 0, E_CAP_TYPE }, { d, W_L1, W_L1, f, 0, E_CAP_TYPE },
        { d, W_L1, W_L0, W_MEM, 0, E_CAP_TYPE },
        { d, CPTR_L1(1), W_L0, f, 0, E_CAP_TYPE }, { d, W_L1, W_L0, f, ep, E_CAP_TYPE },
        { d, W_L1, W_L0, f, f, E_CAP_TYPE },
        { d, world_copy(&w, W_L1, ro), W_L0, f, 0, E_CAP_RIGHTS },
        { d, world_copy(&w, W_L1, wo), W_L0, f, 0, E_CAP_RIGHTS },
        { d, W_L1, world_copy(&w, W_L0, ro), f, 0, E_CAP_RIGHTS },
        { d, W_L1, W_L0, world_copy(&w, f, ro), 0, E_CAP_RIGHTS },
        { d, W_L1, W_L0, f, deaf, E_CAP_RIGHTS },
    };
    EXPECT_EQ(world_invoke(&w, d, DISPATCHER_START), E_CONFIG, "not configured");
    EXPECT_EQ(world_invoke(&w, d, DISPATCHER_SET_CSPACE, W_L1), E_STATE, "not configured");
    EXPECT_EQ(world_invoke(&w, d, DISPATCHER_READ_REGS, 0), E_CONFIG, "no registers");
    EXPECT_EQ(world_invoke(&w, d, DISPATCHER_PEEK, 0), E_CONFIG, "no memory");
    const uint64_t count = w.k->mdb.count;
    for (unsigned i = 0; i < sizeof row / sizeof row[0]; i++) {
        EXPECT_EQ(
            world_invoke(&w, row[i].disp, DISPATCHER_CONFIGURE, row[i].l1, row[i].l0, row[i].frame, 0, row[i].fault),
            row[i].err, "row %u", i);
        EXPECT_EQ(w.k->mdb.count, count, "row %u changes nothing", i);
    }
    EXPECT_EQ(world_invoke(&w, d, DISPATCHER_CONFIGURE, W_L1, W_L0, f, 0, send), E_OK, "all is well");
    EXPECT_EQ(w.k->mdb.count, count + 4, "four slots");
    EXPECT_EQ(world_invoke(&w, d, DISPATCHER_CONFIGURE, W_L1, W_L0, f, 0, 0), E_STATE, "once");
    world_check(&w, "configured");
}

TEST(dispatcher, maker_sets_its_bounds)
{
    struct world w;
    world_init(&w);
    world_must(world_invoke(&w, W_KERNEL, KERNEL_SET_CEILING, W_DISP, 120), "ceiling");
    const struct dcb *const d = world_object(&w, world_make(&w, CAP_DISPATCHER, 0));
    EXPECT(d->priority == 100 && d->ceiling == 120, "priority and ceiling of the maker");
}

TEST(dispatcher, larger_cspace)
{
    struct world w;
    world_init(&w);
    const cptr_t l1 = world_make(&w, CAP_L1CNODE, 12);
    EXPECT_EQ(world_invoke(&w, W_DISP, DISPATCHER_SET_CSPACE, W_L0), E_CAP_TYPE, "no L1");
    const cptr_t weak = world_copy(&w, l1, RIGHT_READ);
    EXPECT_EQ(world_invoke(&w, W_DISP, DISPATCHER_SET_CSPACE, weak), E_CAP_RIGHTS, "READ alone");
    world_delete(&w, weak);
    EXPECT_EQ(world_invoke(&w, world_copy(&w, W_DISP, RIGHT_READ), DISPATCHER_SET_CSPACE, l1), E_CAP_RIGHTS,
              "of the dispatcher");
    for (unsigned i = 1; i < 10; i++) {
        world_must(world_invoke(&w, l1, CNODE_COPY, CPTR_L1(i), 0, CPTR_L1(i), RIGHTS_ALL), "fill it");
    }
    EXPECT_EQ(world_invoke(&w, W_DISP, DISPATCHER_SET_CSPACE, l1), E_OK, "install");
    EXPECT_EQ(w.me.d->l1_slots, 4096, "4096 entries");
    EXPECT_EQ(world_invoke(&w, 0, CNODE_COPY, CPTR_L1(4095), 0, CPTR_L1(9), RIGHTS_ALL), E_OK, "the last");
    EXPECT_EQ(world_invoke(&w, 0, CNODE_COPY, CPTR_L1(4096), 0, CPTR_L1(9), RIGHTS_ALL), E_CAP_LOOKUP, "and no more");
    world_delete(&w, W_L1);
    world_check(&w, "the old one is gone");
    EXPECT_EQ(world_invoke(&w, W_DISP, DISPATCHER_SET_CSPACE, l1), E_OK, "the same again");
    world_delete(&w, l1);
    EXPECT_EQ(world_invoke(&w, 0, CNODE_IDENTIFY, W_DISP), E_OK, "it still works");
    const cptr_t next = world_make(&w, CAP_L1CNODE, 6);
    EXPECT_EQ(world_invoke(&w, W_DISP, DISPATCHER_SET_CSPACE, next), E_STATE, "the old one would die here");
    world_check(&w, "refused");
}

TEST(dispatcher, status_needs_read_and_control_needs_write)
{
    struct duo x;
    build(&x, 50);
    const cptr_t r = world_copy(&x.w, x.p.disp, RIGHT_READ), wr = world_copy(&x.w, x.p.disp, RIGHT_WRITE);
    static const uint64_t reads[] = { DISPATCHER_READ_REGS, DISPATCHER_PEEK, DISPATCHER_STATUS };
    static const uint64_t writes[] = { DISPATCHER_SET_CSPACE, DISPATCHER_SET_PRIORITY, DISPATCHER_START,
                                       DISPATCHER_HOLD,       DISPATCHER_RELEASE,      DISPATCHER_STOP,
                                       DISPATCHER_RESUME };
    for (unsigned i = 0; i < 3; i++) {
        EXPECT_EQ(world_invoke(&x.w, wr, reads[i]), E_CAP_RIGHTS, "operation %" PRIu64, reads[i]);
    }
    for (unsigned i = 0; i < 7; i++) {
        EXPECT_EQ(world_invoke(&x.w, r, writes[i], W_L1), E_CAP_RIGHTS, "operation %" PRIu64, writes[i]);
    }
    EXPECT_EQ(world_invoke(&x.w, r, DISPATCHER_NOP), E_OK, "nothing needs nothing");
    EXPECT_EQ(world_invoke(&x.w, r, DISPATCHER_STATUS + 1), E_OP, "no such operation");
    EXPECT_EQ(world_invoke(&x.w, r, DISPATCHER_STATUS), E_OK, "status");
    EXPECT(x.w.k->ret[0] == DISP_CREATED && x.w.k->ret[3] == (50 | 255 << 8) && x.w.k->ret[4] == 0, "of a new one");
    fake_now += 123;
    world_must(world_invoke(&x.w, W_DISP, DISPATCHER_STATUS), "status");
    EXPECT_EQ(x.w.k->ret[4], 123, "time of who runs, up to now");
}

/* A parked dispatcher's registers lie in the enabled area, whatever it was doing before. */
TEST(dispatcher, registers_of_a_parked_one)
{
    struct duo x;
    build(&x, 200);
    run(&x);
    x.p.f->disabled = 1;
    world_interrupt(&x.w, 99);          /* it last came back by its disabled area */
    world_park(&x.w, ANY);
    const uint64_t stamp = x.w.stamp;
    EXPECT_EQ(world_syscall(&x.w, x.p.disp, DISPATCHER_READ_REGS, 30), E_OK, "registers");
    EXPECT(x.w.k->ret[0] == stamp * 256 + 30 && x.w.k->ret[1] == stamp * 256 + 31 && x.w.k->ret[2] == stamp * 256 + 32,
           "x30, SP and PC of the park");
}

/* ---- events and Notifys ------------------------------------------------------------------------------------------ */

TEST(event, edges_of_the_bitmap)
{
    static const uint64_t bytes[] = { PAGE, 2 * PAGE, 16 * PAGE };
    static const uint64_t ids[] = { (4096 - DF_EVENTS) * 8, (8192 - DF_EVENTS) * 8, 262144 };
    for (unsigned i = 0; i < 3; i++) {
        struct world w;
        world_init(&w);
        struct proc p = { .disp = world_make(&w, CAP_DISPATCHER, 0), .frame = world_frame(&w, bytes[i]) };
        const cptr_t behind = world_frame(&w, PAGE), n = world_make(&w, CAP_NOTIFY, 0);
        world_must(world_invoke(&w, p.disp, DISPATCHER_CONFIGURE, W_L1, W_L0, p.frame, 0, 0), "configure");
        p.f = world_object(&w, p.frame);
        const uint64_t last = ids[i] - 1, id[] = { 0, 1, 63, 64, 4095, 4096, last - 1, last };
        for (unsigned e = 0; e < sizeof id / sizeof id[0]; e++) {
            uint64_t event = UINT64_MAX;
            EXPECT_EQ(world_invoke(&w, n, NOTIFY_BIND, p.disp, id[e]), E_OK, "id %" PRIu64, id[e]);
            EXPECT_EQ(world_invoke(&w, n, NOTIFY_SIGNAL), E_OK, "signal");
            EXPECT(p.f->summary[id[e] / 4096] == 1ull << id[e] / 64 % 64, "summary of %" PRIu64, id[e]);
            EXPECT(world_events(&p, &event) == 1 && event == id[e], "id %" PRIu64 " is posted as %" PRIu64, id[e],
                   event);
            EXPECT_EQ(world_invoke(&w, n, NOTIFY_BIND, p.disp, 1), E_BOUND, "bound");
            EXPECT_EQ(world_invoke(&w, n, NOTIFY_UNBIND), E_OK, "unbind");
        }
        EXPECT_EQ(world_invoke(&w, n, NOTIFY_BIND, p.disp, ids[i]), E_EVENT, "one too many");
        EXPECT_EQ(world_invoke(&w, n, NOTIFY_BIND, p.disp, UINT64_MAX), E_EVENT, "far too many");
        const uint8_t *const after = world_object(&w, behind);
        for (unsigned b = 0; b < PAGE; b++) {
            EXPECT(!after[b], "byte %u behind the frame", b);
        }
    }
}

TEST(notify, remembers_one_signal)
{
    struct duo x;
    uint64_t event = 0;
    build(&x, 50);
    const cptr_t n = world_make(&x.w, CAP_NOTIFY, 0), r = world_copy(&x.w, n, RIGHT_READ),
                 wr = world_copy(&x.w, n, RIGHT_WRITE);
    EXPECT_EQ(world_invoke(&x.w, n, NOTIFY_UNBIND), E_UNBOUND, "not bound");
    EXPECT_EQ(world_invoke(&x.w, r, NOTIFY_SIGNAL), E_CAP_RIGHTS, "signal needs WRITE");
    EXPECT_EQ(world_invoke(&x.w, wr, NOTIFY_BIND, x.p.disp, 1), E_CAP_RIGHTS, "bind needs READ");
    EXPECT_EQ(world_invoke(&x.w, wr, NOTIFY_UNBIND), E_CAP_RIGHTS, "unbind too");
    EXPECT_EQ(world_invoke(&x.w, r, NOTIFY_BIND, W_L1, 1), E_CAP_TYPE, "no dispatcher");
    EXPECT_EQ(world_invoke(&x.w, r, NOTIFY_BIND, world_copy(&x.w, x.p.disp, RIGHT_READ), 1), E_CAP_RIGHTS, "its WRITE");
    EXPECT_EQ(world_invoke(&x.w, wr, NOTIFY_SIGNAL), E_OK, "unbound: remembered");
    EXPECT_EQ(world_invoke(&x.w, wr, NOTIFY_SIGNAL), E_OK, "once");
    EXPECT_EQ(world_invoke(&x.w, r, NOTIFY_BIND, x.p.disp, 9), E_OK, "bind");
    EXPECT(world_events(&x.p, &event) == 1 && event == 9, "posted at once");
    EXPECT_EQ(world_invoke(&x.w, r, NOTIFY_UNBIND), E_OK, "unbind");
    EXPECT_EQ(world_invoke(&x.w, r, NOTIFY_BIND, x.p.disp, 9), E_OK, "bind again");
    EXPECT_EQ(world_events(&x.p, &event), 0, "nothing is remembered twice");
    world_check(&x.w, "notify");
}

TEST(irq, bind_and_acknowledge)
{
    struct duo x;
    build(&x, 50);
    const cptr_t irq = world_retype(&x.w, W_IRQTABLE, CAP_IRQ, 40, 0), r = world_copy(&x.w, irq, RIGHT_READ);
    for (uint64_t op = IRQ_BIND; op <= IRQ_SET_TRIGGER; op++) {
        EXPECT_EQ(world_invoke(&x.w, r, op, x.notify), E_CAP_RIGHTS, "operation %" PRIu64 " needs WRITE", op);
    }
    EXPECT_EQ(world_invoke(&x.w, irq, IRQ_SET_TARGET + 1), E_OP, "no such operation");
    EXPECT_EQ(world_invoke(&x.w, irq, IRQ_ACK), E_UNBOUND, "not bound");
    EXPECT_EQ(world_invoke(&x.w, irq, IRQ_UNBIND), E_UNBOUND, "not bound");
    EXPECT_EQ(world_invoke(&x.w, irq, IRQ_BIND, W_L1), E_CAP_TYPE, "no Notify");
    EXPECT_EQ(world_invoke(&x.w, irq, IRQ_BIND, world_copy(&x.w, x.notify, RIGHT_READ)), E_CAP_RIGHTS, "its WRITE");
    EXPECT_EQ(world_invoke(&x.w, irq, IRQ_BIND, x.notify), E_OK, "bind");
    EXPECT_EQ(world_invoke(&x.w, irq, IRQ_BIND, x.notify), E_BOUND, "once");
    EXPECT(!fake_line[40].unmasked, "masked until the first ACK");
    EXPECT_EQ(world_invoke(&x.w, irq, IRQ_ACK), E_OK, "ack");
    EXPECT(fake_line[40].unmasked, "unmasked");
    EXPECT_EQ(world_invoke(&x.w, irq, IRQ_UNBIND), E_OK, "unbind");
    EXPECT(!fake_line[40].unmasked, "masked");
    EXPECT_EQ(world_invoke(&x.w, irq, IRQ_SET_TRIGGER, 2), E_ARG, "no such trigger");
    EXPECT_EQ(world_invoke(&x.w, irq, IRQ_SET_TRIGGER, 1), E_OK, "edge");
    EXPECT(fake_line[40].edge, "edge");
    EXPECT_EQ(world_invoke(&x.w, W_IRQTABLE, MEMORY_RETYPE, CAP_IRQ, 40, 0, 1, 0, world_slot(&x.w)), E_CAP_OVERLAP,
              "taken");
    EXPECT_EQ(world_invoke(&x.w, W_IRQTABLE, MEMORY_RETYPE, CAP_IRQ, WORLD_IRQS, 0, 1, 0, world_slot(&x.w)),
              E_CAP_RANGE, "none");
    const struct { uint64_t first, count, err; } row[] = {
        { 0, 1, E_CAP_OVERLAP }, { 15, 1, E_CAP_OVERLAP }, { 15, 2, E_CAP_OVERLAP }, { 16, 1, E_OK },
        { WORLD_TIMER, 1, E_CAP_OVERLAP },
        { WORLD_TIMER - 2, 3, E_CAP_OVERLAP }, { WORLD_TIMER - 2, 2, E_OK }, { WORLD_TIMER + 1, 1, E_OK },
    };
    for (unsigned i = 0; i < sizeof row / sizeof row[0]; i++) {
        EXPECT_EQ(
            world_invoke(&x.w, W_IRQTABLE, MEMORY_RETYPE, CAP_IRQ, row[i].first, 0, row[i].count, 0, CPTR(9, i * 4)),
            row[i].err, "%" PRIu64 " from %" PRIu64 " on: some are the kernel's own", row[i].count, row[i].first);
    }
    world_check(&x.w, "irq");
}
