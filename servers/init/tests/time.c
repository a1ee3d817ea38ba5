/** @file time.c  Deadlines: never early, in order, and each dispatcher has its own. */
#include "children.h"

static void never_early(struct test *t)
{
    const uint64_t hz = time_hz();

    CHECK(t, hz >= 1000000, "the counter runs at %lu Hz", hz);
    CHECK_EQ(t, hz, init.boot->timer_hz);
    for (uint64_t n = 50; n <= 5000; n *= 10) {
        const uint64_t deadline = time_now() + hz / n;
        CHECK(t, !event_wait(EVENT_NONE, deadline), "an event");
        CHECK(t, time_now() >= deadline, "woken %lu ticks early", deadline - time_now());
    }
    /* one that has passed already, and the first one ever */
    CHECK(t, !event_wait(EVENT_NONE, time_now() - 1), "an event");
    struct xfer x = { .accept = EVENT_NONE, .deadline = 1 };
    EXPECT_ERR(t, park(&x), E_WOKEN);
}

/* A later deadline replaces an earlier one; none takes it away. */
static void replaced(struct test *t)
{
    const uint64_t now = time_now(), hz = time_hz();
    const cptr_t n = test_make(t, CAP_NOTIFY, 0, 1);

    EXPECT_OK(t, notify_bind(n, TASK_DISPATCHER, EVENT_TEST));
    struct xfer x = { .accept = (uint64_t)XFER_NO_PARK, .deadline = now + hz / 100 };
    EXPECT_OK(t, sys_xfer(&x));
    x = (struct xfer){ .accept = EVENT_NONE, .deadline = now + hz / 20 };
    EXPECT_ERR(t, park(&x), E_WOKEN);
    while (time_now() < now + hz / 20) {
        /* pending from before: wait again for what was asked */
        x = (struct xfer){ .accept = EVENT_NONE, .deadline = XFER_KEEP_DEADLINE };
        EXPECT_ERR(t, park(&x), E_WOKEN);
    }
    CHECK(t, time_now() >= now + hz / 20, "woken early");
}

static void child_sleeps(volatile struct shared *page)
{
    page->result[3] = event_wait(page->arg[1], page->arg[0]);
    page->result[0] = time_now();
    page->result[1] = 1;
    child_exit();
}

/* Twelve, started in one order, with deadlines in another: each wakes after its own, and in their order. */
static void in_order(struct test *t)
{
    enum { CHILDREN = 12 };
    static struct proc p[CHILDREN];
    const uint64_t start = time_now() + time_hz() / 20, step = time_hz() / 200;

    for (unsigned i = 0; i < CHILDREN; i++) {
        if (!proc_make(t, &p[i], child_sleeps)) {
            return;
        }
        p[i].page->arg[0] = start + (i * 5 % CHILDREN) * step;
        MUST(t, dispatcher_start(p[i].disp));
    }
    for (unsigned i = 0; i < CHILDREN; i++) {
        if (!proc_finish(&p[i])) {
            return;
        }
        CHECK(t, p[i].page->result[0] >= p[i].page->arg[0], "child %u woke early", i);
        CHECK_EQ(t, p[i].page->result[3], 0);
    }
    for (unsigned i = 0; i < CHILDREN; i++) {
        for (unsigned j = 0; j < CHILDREN; j++) {
            CHECK(t, p[i].page->arg[0] >= p[j].page->arg[0] || p[i].page->result[0] <= p[j].page->result[0],
                  "children %u and %u woke in the wrong order", i, j);
        }
    }
}

/* More deadlines at one moment than the kernel serves in one entry. */
static void many_at_once(struct test *t)
{
    enum { CHILDREN = 40 };
    static struct proc p[CHILDREN];
    const uint64_t when = time_now() + time_hz() / 10;

    for (unsigned i = 0; i < CHILDREN; i++) {
        if (!proc_make(t, &p[i], child_sleeps)) {
            return;
        }
        p[i].page->arg[0] = when;
        MUST(t, dispatcher_start(p[i].disp));
    }
    for (unsigned i = 0; i < CHILDREN; i++) {
        if (proc_finish(&p[i])) {
            CHECK(t, p[i].page->result[0] >= when, "child %u woke early", i);
        }
    }
}

/* A sleeper dies, is held, or its deadline passes while it is: nothing breaks, and the released one wakes. */
static void sleepers_end(struct test *t)
{
    static struct proc dead, held;
    struct cap_info range;

    if (!proc_make(t, &dead, child_sleeps) || !proc_make(t, &held, child_sleeps)) {
        return;
    }
    dead.page->arg[0] = held.page->arg[0] = time_now() + time_hz() / 50;
    MUST(t, dispatcher_start(dead.disp));
    MUST(t, dispatcher_start(held.disp));
    for (unsigned i = 0; i < 3; i++) {
        sys_yield();
    }
    MUST(t, cap_identify(CPTR_NULL, dead.disp, &range));
    EXPECT_OK(t, cap_revoke(CPTR_NULL, t->pool.ram, range.base - t->pool.base, range.bytes));
    EXPECT_OK(t, dispatcher_hold(held.disp));
    (void)event_wait(EVENT_NONE, time_now() + time_hz() / 20);
    CHECK_EQ(t, dead.page->result[1], 0);
    CHECK_EQ(t, held.page->result[1], 0);
    EXPECT_OK(t, dispatcher_release(held.disp));
    (void)proc_finish(&held);
}

/* Time is charged to who used it. */
static void charged(struct test *t)
{
    static struct proc busy, idle;
    struct dispatcher_info b, i;

    if (!proc_run(t, &busy, child_spin) || !proc_make(t, &idle, child_sleeps)) {
        return;
    }
    idle.page->arg[0] = (uint64_t)XFER_NO_DEADLINE;
    idle.page->arg[1] = 9;
    MUST(t, dispatcher_start(idle.disp));
    (void)event_wait(EVENT_NONE, time_now() + time_hz() / 10);
    EXPECT_OK(t, dispatcher_status(busy.disp, &b));
    EXPECT_OK(t, dispatcher_status(idle.disp, &i));
    CHECK(t, b.time_used > time_hz() / 50, "busy for %lu ticks only", b.time_used);
    CHECK(t, i.time_used < b.time_used / 2, "idle for %lu ticks, busy for %lu", i.time_used, b.time_used);
    CHECK_EQ(t, i.state, DISP_PARKED);
}

TEST_GROUP(time, CASE(never_early), CASE(replaced), CASE(in_order), CASE(many_at_once),
           CASE(sleepers_end), CASE(charged));
