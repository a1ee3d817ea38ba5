/**
 * @file sched_test.c  Who runs when: priorities, round robin, slices, deadlines, idling; against a naive model.
 */
#include "world.h"

#define PROCS 6
#define SLICE 1000u     /* world_init: kcb->slice_ticks */

struct town {
    struct world w;
    struct proc p[PROCS];
    cptr_t notify[PROCS], irq[PROCS];
};

/* Processes of priority 10 with a Notify and an interrupt for each; me, of priority 0, runs if nobody else does. */
static void build(struct town *t, unsigned count)
{
    world_init(&t->w);
    world_must(world_syscall(&t->w, W_KERNEL, KERNEL_SET_CEILING, W_DISP, 255), "ceiling");
    for (unsigned i = 0; i < count; i++) {
        t->p[i] = world_proc(&t->w, 10, 0);
        t->notify[i] = world_make(&t->w, CAP_NOTIFY, 0);
        t->irq[i] = world_retype(&t->w, W_IRQTABLE, CAP_IRQ, 40 + i, 0);
        world_must(world_invoke(&t->w, t->notify[i], NOTIFY_BIND, t->p[i].disp, 1), "bind");
        world_must(world_invoke(&t->w, t->irq[i], IRQ_BIND, t->notify[i]), "bind");
    }
    world_must(world_invoke(&t->w, W_DISP, DISPATCHER_SET_PRIORITY, 255), "priority");
    for (unsigned i = 0; i < count; i++) {
        world_must(world_invoke(&t->w, t->p[i].disp, DISPATCHER_START), "start");
    }
    world_must(world_invoke(&t->w, W_DISP, DISPATCHER_SET_PRIORITY, 0), "priority");
    world_schedule(&t->w);
}

/* Into its thread, as libos leaves an upcall when there is nothing to do. */
static void enable(struct world *w)
{
    struct dispatcher_frame *const f = w->k->current->frame;
    f->pending = 0;
    f->disabled = 0;
}

static void park_idle(struct world *w)
{
    enable(w);
    EXPECT_EQ(world_park(w, IDLE), WORLD_LEFT, "parks");
}

/* ---- one rule each ----------------------------------------------------------------------------------------------- */

TEST(sched, round_robin_by_slices)
{
    struct town t;
    build(&t, 3);
    for (unsigned i = 0; i < 9; i++) {
        EXPECT(t.w.k->current == t.p[i % 3].d, "turn %u", i);
        EXPECT_EQ(fake_timer, fake_now + SLICE, "a whole slice");
        world_timer(&t.w);
        world_check(&t.w, "turn %u", i);
    }
    EXPECT_EQ(t.p[0].d->time_used, 3 * SLICE, "time is charged");
}

TEST(sched, no_tick_when_alone)
{
    struct town t;
    build(&t, 1);
    EXPECT_EQ(fake_timer, fake_now + SLICE, "me waits: the slice counts");
    world_must(world_invoke(&t.w, W_DISP, DISPATCHER_HOLD), "hold");
    world_schedule(&t.w);
    EXPECT(t.w.k->current == t.p[0].d && fake_timer == 0, "nobody waits: no timer");
    fake_now += 10 * SLICE;
    world_must(world_invoke(&t.w, W_DISP, DISPATCHER_RELEASE), "release");
    EXPECT(fake_timer && fake_timer <= fake_now, "somebody waits: the slice is long over");
    world_timer(&t.w);
    EXPECT(t.w.k->current == t.p[0].d, "but only somebody of lower priority");
}

TEST(sched, preempted_keeps_the_rest_of_its_slice)
{
    struct town t;
    build(&t, 3);
    EXPECT_EQ(world_syscall(&t.w, t.p[2].disp, DISPATCHER_SET_PRIORITY, 20), WORLD_LEFT, "2 is more urgent");
    EXPECT(t.w.k->current == t.p[2].d, "and runs");
    park_idle(&t.w);
    EXPECT(t.w.k->current == t.p[0].d, "0 runs");
    enable(&t.w);
    fake_now += 300;
    world_interrupt(&t.w, 42);
    EXPECT(t.w.k->current == t.p[2].d && fake_left.how == LEFT_UPCALL, "2 is woken");
    fake_now += 5 * SLICE;
    park_idle(&t.w);
    EXPECT(t.w.k->current == t.p[0].d, "0 comes before 1: its turn is not over");
    EXPECT_EQ(fake_timer, fake_now + SLICE - 300, "with what it had left");
    EXPECT_EQ(fake_left.how, LEFT_UPCALL, "by run upcall");
    world_timer(&t.w);
    EXPECT(t.w.k->current == t.p[1].d && fake_timer == fake_now + SLICE, "then 1, with a whole one");
    world_check(&t.w, "preempted");
}

/* Somebody more urgent wakes exactly when slices end, every time: those of one priority take turns all the same. */
TEST(sched, slice_that_ends_when_something_urgent_wakes)
{
    for (unsigned how = 0; how < 2; how++) {
        struct town t;
        unsigned turns[2] = { 0, 0 };
        build(&t, 3);
        world_syscall(&t.w, t.p[2].disp, DISPATCHER_SET_PRIORITY, 20);
        for (unsigned i = 0; i < 20; i++) {
            enable(&t.w);
            world_park(&t.w, IDLE, .deadline = how ? fake_now + SLICE : 0);
            turns[t.w.k->current == t.p[1].d]++;
            enable(&t.w);
            if (how) {
                world_timer(&t.w);
            } else {
                fake_now += SLICE;
                world_interrupt(&t.w, 42);
                world_syscall(&t.w, t.irq[2], IRQ_ACK);
            }
            EXPECT(t.w.k->current == t.p[2].d, "the urgent one is woken");
        }
        EXPECT(turns[0] == 10 && turns[1] == 10, "%u and %u turns", turns[0], turns[1]);
    }
}

TEST(sched, yield)
{
    struct town t;
    build(&t, 2);
    enable(&t.w);
    fake_now += 400;
    world_yield(&t.w);
    EXPECT(t.w.k->current == t.p[1].d, "the other's turn");
    EXPECT_EQ(fake_timer, fake_now + SLICE, "with a slice of its own");
    world_yield(&t.w);
    EXPECT(t.w.k->current == t.p[0].d && fake_left.how == LEFT_UPCALL, "back by run upcall");
    EXPECT_EQ(fake_timer, fake_now + SLICE, "with a new slice");
    world_syscall(&t.w, t.p[1].disp, DISPATCHER_HOLD);
    enable(&t.w);
    world_yield(&t.w);
    EXPECT(t.w.k->current == t.p[0].d && fake_left.how == LEFT_RESTORE, "lower priorities get nothing by it");
    EXPECT_EQ(fake_left.area->x[0], 0, "and it returns 0");
    world_check(&t.w, "yield");
}

TEST(sched, priorities)
{
    struct town t;
    build(&t, 2);
    EXPECT_EQ(world_syscall(&t.w, t.p[1].disp, DISPATCHER_SET_PRIORITY, 11), WORLD_LEFT, "1 becomes more urgent");
    EXPECT(t.w.k->current == t.p[1].d, "and runs");
    enable(&t.w);
    EXPECT_EQ(world_syscall(&t.w, t.p[1].disp, DISPATCHER_SET_PRIORITY, 9), WORLD_LEFT, "it becomes less so");
    EXPECT(t.w.k->current == t.p[0].d, "and waits");
    EXPECT_EQ(world_syscall(&t.w, t.p[1].disp, DISPATCHER_SET_PRIORITY, 256), E_PRIORITY, "above the ceiling");
    world_must(world_syscall(&t.w, W_KERNEL, KERNEL_SET_CEILING, t.p[1].disp, 50), "ceiling");
    EXPECT_EQ(world_syscall(&t.w, t.p[1].disp, DISPATCHER_SET_PRIORITY, 51), E_PRIORITY, "above the new one");
    EXPECT_EQ(world_syscall(&t.w, W_KERNEL, KERNEL_SET_CEILING, t.p[1].disp, 256), E_PRIORITY, "no such priority");
    EXPECT(t.p[1].d->priority == 9 && t.p[1].d->ceiling == 50, "unchanged");
    world_check(&t.w, "priorities");
}

TEST(sched, deadlines)
{
    struct town t;
    build(&t, 2);
    const uint64_t begin = fake_now;
    enable(&t.w);
    EXPECT_EQ(world_send(&t.w, .deadline = begin + 300), E_OK, "set, and on it goes");
    EXPECT_EQ(fake_timer, begin + 300, "before the slice's end");
    world_timer(&t.w);
    EXPECT(fake_left.how == LEFT_UPCALL && t.w.k->current == t.p[0].d && t.p[0].f->pending, "fires while running");
    EXPECT_EQ(fake_timer, begin + SLICE, "the slice goes on");
    EXPECT_EQ(t.p[0].d->deadline.when, 0, "fires once");

    world_send(&t.w, .deadline = begin + 500);
    world_send(&t.w, .deadline = begin + 700);
    EXPECT_EQ(fake_timer, begin + 700, "replaced");
    world_send(&t.w, .deadline = XFER_KEEP_DEADLINE);
    EXPECT_EQ(fake_timer, begin + 700, "kept");
    world_send(&t.w, .deadline = (uint64_t)XFER_NO_DEADLINE);
    EXPECT_EQ(fake_timer, begin + SLICE, "none");

    enable(&t.w);
    world_park(&t.w, IDLE, .deadline = begin + 5 * SLICE);
    enable(&t.w);
    world_park(&t.w, IDLE, .deadline = begin + 6 * SLICE);
    EXPECT(t.w.k->current == t.w.me.d, "both sleep");
    EXPECT_EQ(fake_timer, begin + 5 * SLICE, "nobody else is ready: no slice");
    enable(&t.w);
    world_park(&t.w, IDLE);
    EXPECT(t.w.k->current == t.p[0].d && fake_now == begin + 5 * SLICE, "the core slept until the first");
    EXPECT_EQ(fake_cpu.waits, 1, "in WFI");
    world_send(&t.w, .deadline = fake_now - 1);
    EXPECT(fake_timer && fake_timer < fake_now, "a deadline in the past is due at once");
    world_check(&t.w, "deadlines");
}

TEST(sched, many_deadlines_at_once)
{
    struct world w;
    struct proc p[40];
    world_init(&w);
    const uint64_t when = fake_now + 100;
    world_must(world_invoke(&w, W_DISP, DISPATCHER_SET_PRIORITY, 5), "priority");
    for (unsigned i = 0; i < 40; i++) {
        p[i] = world_proc(&w, 10, 0);
        world_syscall(&w, p[i].disp, DISPATCHER_START);
        enable(&w);
        world_park(&w, IDLE, .deadline = when);
        EXPECT(w.k->current == w.me.d, "%u sleeps", i);
        enable(&w);
    }
    unsigned entries = 0;
    for (; w.k->deadlines && entries < 10; entries++) {
        EXPECT_EQ(fake_timer, when, "due");
        world_timer(&w);
        enable(&w);
        world_check(&w, "entry %u", entries);
    }
    EXPECT_EQ(entries, 3, "16 of 40 for each entry");
    for (unsigned i = 0; i < 40; i++) {
        EXPECT_EQ(p[i].d->state, DISP_READY, "%u is woken", i);
    }
}

/* Woken in one entry, in this order: a and b of priority 10, then c of 20.  They run c, a, b. */
TEST(sched, order_of_those_woken_together)
{
    struct world w;
    struct proc p[3];
    const uint64_t priority[] = { 10, 10, 20 };
    world_init(&w);
    const uint64_t now = fake_now;
    world_must(world_invoke(&w, W_DISP, DISPATCHER_SET_PRIORITY, 5), "priority");
    for (unsigned i = 0; i < 3; i++) {
        p[i] = world_proc(&w, priority[i], 0);
        world_syscall(&w, p[i].disp, DISPATCHER_START);
        enable(&w);
        world_park(&w, IDLE, .deadline = now + 100 + i);
        enable(&w);
    }
    fake_now = now + 200;
    world_timer(&w);
    for (unsigned i = 0; i < 3; i++) {
        EXPECT(w.k->current == p[(i + 2) % 3].d, "%u runs as number %u", (i + 2) % 3, i);
        world_check(&w, "number %u", i);
        enable(&w);
        world_park(&w, IDLE);
    }
    EXPECT(w.k->current == w.me.d, "then me");
}

TEST(sched, idle_core_sleeps_and_is_woken)
{
    struct town t;
    build(&t, 1);
    world_must(world_syscall(&t.w, t.irq[0], IRQ_ACK), "unmask");
    world_must(world_invoke(&t.w, W_DISP, DISPATCHER_HOLD), "me");
    t.w.k->resched = 0;
    enable(&t.w);
    fake_irq = 40;          /* comes while nobody runs */
    world_park(&t.w, IDLE);
    EXPECT(t.w.k->current == t.p[0].d && fake_left.how == LEFT_UPCALL, "woken from WFI");
    EXPECT(!fake_line[40].unmasked && fake_irq_ended == 40, "masked and ended");
    enable(&t.w);
    world_park(&t.w, IDLE);
    EXPECT(fake_left.how == LEFT_IDLE && !t.w.k->current && fake_timer == 0, "nothing will come: no tick");
    world_check(&t.w, "idle");
}

/* ---- against a model --------------------------------------------------------------------------------------------- */

/* Ready ones in one list, in the order in which those of equal priority run. */
struct model {
    unsigned order[PROCS], count;
    int current;                        /* -1: me */
    uint64_t priority[PROCS], left[PROCS], slice_end;
    bool parked[PROCS], held[PROCS];
};

static void insert(struct model *m, unsigned i, bool front)
{
    memmove(&m->order[1], &m->order[0], front ? m->count * sizeof m->order[0] : 0);
    m->order[front ? 0 : m->count] = i;
    m->count++;
}

static void take_out(struct model *m, unsigned i)
{
    for (unsigned at = 0; at < m->count; at++) {
        if (m->order[at] == i) {
            memmove(&m->order[at], &m->order[at + 1], (--m->count - at) * sizeof m->order[0]);
            return;
        }
    }
}

static int best(const struct model *m)
{
    int found = -1;
    for (unsigned at = 0; at < m->count; at++) {
        if (found < 0 || m->priority[m->order[at]] > m->priority[found]) {
            found = (int)m->order[at];
        }
    }
    return found;
}

/* Me has priority 0, nobody else; its slices do not matter. */
static void settle(struct model *m, bool turn_is_over)
{
    const int next = best(m);
    if (m->current >= 0) {
        const unsigned c = (unsigned)m->current;
        const bool left = !turn_is_over && m->slice_end > fake_now;
        if (next < 0 || m->priority[next] + turn_is_over <= m->priority[c]) {
            return;
        }
        m->left[c] = left ? m->slice_end - fake_now : 0;
        insert(m, c, left);
        m->current = -1;
    }
    m->current = best(m);
    if (m->current >= 0) {
        const unsigned c = (unsigned)m->current;
        take_out(m, c);
        m->slice_end = fake_now + (m->left[c] ? m->left[c] : SLICE);
        m->left[c] = 0;
    }
}

static void wake(struct model *m, unsigned i)
{
    if (m->parked[i]) {
        m->parked[i] = false;
        if (!m->held[i]) {
            insert(m, i, false);
        } else {
            m->parked[i] = true;        /* released, it finds its event */
        }
    }
}

static void random_step(struct town *t, struct model *m, bool *signalled)
{
    struct world *const w = &t->w;
    const unsigned i = (unsigned)world_below(w, PROCS);
    const uint64_t priority = 1 + world_below(w, 4), dt = world_below(w, 600);

    enable(w);
    switch (world_below(w, 8)) {
    case 0:
        world_yield(w);
        settle(m, true);
        break;
    case 1:
        if (m->current >= 0) {
            const unsigned c = (unsigned)m->current;
            world_park(w, IDLE);
            m->parked[c] = true;
            m->current = -1;
            settle(m, false);
        }
        break;
    case 2:
        world_syscall(w, t->p[i].disp, DISPATCHER_SET_PRIORITY, priority);
        m->priority[i] = priority;
        if (!m->parked[i] && !m->held[i] && m->current != (int)i) {
            take_out(m, i);
            insert(m, i, false);
        }
        settle(m, false);
        break;
    case 3:
        if (world_syscall(w, t->p[i].disp, m->held[i] ? DISPATCHER_RELEASE : DISPATCHER_HOLD) == E_STATE) {
            EXPECT(false, "hold or release of %u", i);
        }
        m->held[i] = !m->held[i];
        if (m->held[i]) {
            take_out(m, i);
            m->current = m->current == (int)i ? -1 : m->current;
            signalled[i] = false;
        } else if (!m->parked[i] || signalled[i]) {
            m->parked[i] = false;
            insert(m, i, false);
        }
        settle(m, false);
        break;
    case 4:
    case 5:
        world_syscall(w, t->notify[i], NOTIFY_SIGNAL);
        signalled[i] = true;
        wake(m, i);
        settle(m, false);
        break;
    default:
        /* Sometimes another interrupt comes first when both are due. */
        if (fake_timer && fake_timer <= fake_now + dt && world_below(w, 3)) {
            world_timer(w);
            const bool over = m->current >= 0 && fake_now >= m->slice_end;
            m->slice_end = over ? fake_now + SLICE : m->slice_end;
            settle(m, over);
        } else {
            fake_now += dt;
            world_interrupt(w, 40 + i);
            signalled[i] = true;
            wake(m, i);
            settle(m, false);
        }
        break;
    }
}

TEST(sched, model)
{
    struct town t;
    struct model m = { .current = 0, .count = PROCS - 1, .order = { 1, 2, 3, 4, 5 } };
    bool signalled[PROCS] = { false };

    build(&t, PROCS);
    m.slice_end = fake_now + SLICE;
    for (unsigned i = 0; i < PROCS; i++) {
        m.priority[i] = 10;
    }
    for (unsigned step = 0; step < 20000; step++) {
        random_step(&t, &m, signalled);
        const struct dcb *const want = m.current < 0 ? t.w.me.d : t.p[m.current].d;
        EXPECT(t.w.k->current == want, "step %u: %d should run", step, m.current);
        if (m.count && m.current >= 0) {
            EXPECT(fake_timer && fake_timer == m.slice_end, "step %u: the slice's end is programmed", step);
        }
        world_check(&t.w, "step %u", step);
    }
}
