/** @file notify.c  Notifys: bound, unbound, remembered, and whom they wake. */
#include "children.h"

static void bound_and_unbound(struct test *t)
{
    const cptr_t n = test_make(t, CAP_NOTIFY, 0, 1);
    struct dispatcher_frame *self = frame_self();

    EXPECT_ERR(t, notify_unbind(n), E_UNBOUND);
    EXPECT_OK(t, notify_bind(n, TASK_DISPATCHER, EVENT_TEST));
    CHECK(t, !event_take(self, EVENT_TEST), "an event before any signal");
    EXPECT_OK(t, notify_signal(n));
    EXPECT_OK(t, notify_signal(n));
    CHECK(t, event_take(self, EVENT_TEST), "no event");
    CHECK(t, !event_take(self, EVENT_TEST), "two events for two signals: there is one bit");
    EXPECT_ERR(t, notify_bind(n, TASK_DISPATCHER, EVENT_TEST + 1), E_BOUND);
    EXPECT_OK(t, notify_unbind(n));
    EXPECT_OK(t, notify_signal(n));
    EXPECT_OK(t, notify_signal(n));
    CHECK(t, !event_take(self, EVENT_TEST), "unbound, and still an event");
    EXPECT_OK(t, notify_bind(n, TASK_DISPATCHER, EVENT_TEST + 70));
    CHECK(t, event_take(self, EVENT_TEST + 70), "the remembered signal is lost");
    EXPECT_OK(t, notify_unbind(n));
    EXPECT_OK(t, notify_bind(n, TASK_DISPATCHER, EVENT_TEST));
    CHECK(t, !event_take(self, EVENT_TEST), "remembered twice");
}

static void refuses(struct test *t)
{
    const cptr_t n = test_make(t, CAP_NOTIFY, 0, 1), reader = test_slot(t), writer = test_slot(t);
    const cptr_t weak = test_slot(t), frame = test_make(t, CAP_FRAME, SHOAL_PAGE_SIZE, 1);

    EXPECT_OK(t, cap_copy(CPTR_NULL, reader, CPTR_NULL, n, RIGHT_READ));
    EXPECT_OK(t, cap_copy(CPTR_NULL, writer, CPTR_NULL, n, RIGHT_WRITE));
    EXPECT_OK(t, cap_copy(CPTR_NULL, weak, CPTR_NULL, TASK_DISPATCHER, RIGHT_READ));
    EXPECT_ERR(t, notify_signal(reader), E_CAP_RIGHTS);
    EXPECT_ERR(t, notify_bind(writer, TASK_DISPATCHER, EVENT_TEST), E_CAP_RIGHTS);
    EXPECT_ERR(t, notify_unbind(writer), E_CAP_RIGHTS);
    EXPECT_ERR(t, notify_bind(n, weak, EVENT_TEST), E_CAP_RIGHTS);
    EXPECT_ERR(t, notify_bind(n, frame, EVENT_TEST), E_CAP_TYPE);
    EXPECT_ERR(t, notify_bind(n, test_slot(t), EVENT_TEST), E_CAP_EMPTY);
    EXPECT_ERR(t, notify_bind(n, CPTR(L1_TEST, 0), EVENT_TEST), E_CAP_LOOKUP);
    EXPECT_ERR(t, notify_bind(n, TASK_DISPATCHER, DF_EVENT_IDS(SHOAL_PAGE_SIZE)), E_EVENT);
    EXPECT_ERR(t, notify_bind(n, TASK_DISPATCHER, ~0ull), E_EVENT);
    EXPECT_ERR(t, notify_bind(n, test_make(t, CAP_DISPATCHER, 0, 1), 1), E_EVENT);      /* it has no frame yet */
    EXPECT_ERR(t, INVOKE(n, NOTIFY_UNBIND + 1, 0).err, E_OP);
    EXPECT_OK(t, notify_bind(reader, TASK_DISPATCHER, EVENT_TEST));
    EXPECT_OK(t, notify_signal(writer));
    CHECK(t, event_take(frame_self(), EVENT_TEST), "no event");
}

/* A child that waits in each way is woken. */
static void child_waits(volatile struct shared *page)
{
    for (uint64_t i = 0; i < page->arg[0]; i++) {
        (void)event_wait(5, (uint64_t)XFER_NO_DEADLINE);
        page->result[0]++;
        page->result[1] = notify_signal(page->arg[1]).trail;
    }
    struct xfer x = { .accept = (uint64_t)XFER_ANY, .deadline = (uint64_t)XFER_NO_DEADLINE };
    page->result[2] = park(&x).trail;
    page->result[3] = event_take(frame_self(), 5);
    child_exit();
}

static void wakes(struct test *t)
{
    static struct proc p;
    const cptr_t there = test_make(t, CAP_NOTIFY, 0, 1), back = test_make(t, CAP_NOTIFY, 0, 1);

    if (!proc_make(t, &p, child_waits)) {
        return;
    }
    EXPECT_OK(t, notify_bind(there, p.disp, 5));
    EXPECT_OK(t, notify_bind(back, TASK_DISPATCHER, EVENT_TEST));
    p.page->arg[0] = 20;
    p.page->arg[1] = proc_give(&p, back, RIGHT_WRITE);
    MUST(t, dispatcher_start(p.disp));
    for (unsigned i = 1; i <= 20; i++) {
        EXPECT_OK(t, notify_signal(there));
        CHECK(t, event_wait(EVENT_TEST, hang_deadline()), "no answer %u", i);
        CHECK_EQ(t, p.page->result[0], i);
        CHECK_EQ(t, p.page->result[1], E_OK);
    }
    sys_yield();
    EXPECT_OK(t, notify_signal(there));
    if (proc_finish(&p)) {
        CHECK_EQ(t, p.page->result[2], E_WOKEN);
        CHECK_EQ(t, p.page->result[3], 1);
    }
}

/* The dispatcher that a Notify was bound to dies: it is unbound, and remembers again. */
static void dispatcher_dies(struct test *t)
{
    static struct proc p;
    const cptr_t n = test_make(t, CAP_NOTIFY, 0, 1);
    struct cap_info range;

    if (!proc_run(t, &p, child_spin)) {
        return;
    }
    EXPECT_OK(t, notify_bind(n, p.disp, 5));
    MUST(t, cap_identify(CPTR_NULL, p.disp, &range));
    EXPECT_OK(t, cap_revoke(CPTR_NULL, t->pool.ram, range.base - t->pool.base, range.bytes));
    EXPECT_ERR(t, notify_unbind(n), E_UNBOUND);
    EXPECT_OK(t, notify_signal(n));
    EXPECT_OK(t, notify_bind(n, TASK_DISPATCHER, EVENT_TEST));
    CHECK(t, event_take(frame_self(), EVENT_TEST), "the remembered signal is lost");
}

/* 200 Notifys on all kinds of ids: each posts its own and no other. */
static void many(struct test *t)
{
    static const uint64_t stride = 97;
    cptr_t n[200];
    struct dispatcher_frame *self = frame_self();

    for (unsigned i = 0; i < 200; i++) {
        n[i] = test_make(t, CAP_NOTIFY, 0, 1);
        MUST(t, notify_bind(n[i], TASK_DISPATCHER, 1000 + i * stride));
    }
    for (unsigned i = 0; i < 200; i += 3) {
        EXPECT_OK(t, notify_signal(n[i]));
    }
    for (unsigned i = 0; i < 200; i++) {
        const uint64_t id = 1000 + i * stride;
        CHECK(t, !!(self->summary[id / 4096] >> (id / 64 % 64) & 1) || i % 3 != 0, "id %lu: no summary bit", id);
        CHECK(t, event_take(self, id) == (i % 3 == 0), "id %lu is wrong", id);
    }
}

/* A larger frame has more event ids, and no more than it has room for. */
static void large_frame(struct test *t)
{
    static struct proc p;
    const uint64_t bytes = 4 * SHOAL_PAGE_SIZE, ids = DF_EVENT_IDS(bytes);
    const cptr_t frame = test_make(t, CAP_FRAME, bytes, 1), disp = test_make(t, CAP_DISPATCHER, 0, 1);
    const cptr_t n = test_make(t, CAP_NOTIFY, 0, 2);
    struct dispatcher_frame *map = test_map(t, frame, 0, bytes, MAP_READ | MAP_WRITE, NULL);

    if (!map || !proc_make(t, &p, child_nothing)) {
        return;
    }
    for (uint64_t *word = (uint64_t *)map; word < (uint64_t *)map + bytes / 8; word++) {
        *word = 0;
    }
    MUST(t, dispatcher_configure(disp, p.l1, p.vnode, frame, proc_map(&p, frame, 0, bytes, MAP_READ | MAP_WRITE),
                                 CPTR_NULL));
    EXPECT_ERR(t, notify_bind(n, disp, ids), E_EVENT);
    EXPECT_OK(t, notify_bind(n, disp, ids - 1));
    EXPECT_OK(t, notify_bind(n + 1, disp, DF_EVENT_IDS(SHOAL_PAGE_SIZE)));
    EXPECT_OK(t, notify_signal(n));
    EXPECT_OK(t, notify_signal(n + 1));
    CHECK(t, event_take(map, ids - 1), "the last id has no bit");
    CHECK(t, event_take(map, DF_EVENT_IDS(SHOAL_PAGE_SIZE)), "the first id beyond a page has no bit");
    CHECK_EQ(t, ((uint64_t *)map)[bytes / 8 - 1], 0);
    CHECK_EQ(t, map->pending, 1);
}

TEST_GROUP(notify, CASE(bound_and_unbound), CASE(refuses), CASE(wakes), CASE(dispatcher_dies), CASE(many),
           CASE(large_frame));
