/** @file irq.c  Interrupts as capabilities: the real-time clock of QEMU's virt machine raises them. */
#include "../rtc.h"
#include "children.h"

static bool soon(uint64_t event)
{
    return event_wait(event, time_now() + time_hz() / 50);
}

/* The line stays masked until the first ack, each interrupt masks it again, and unbinding or deleting does for good. */
static void delivery(struct test *t)
{
    struct rtc rtc;
    const cptr_t n = test_make(t, CAP_NOTIFY, 0, 1);

    if (!rtc_get(t, &rtc)) {
        return;
    }
    EXPECT_OK(t, notify_bind(n, TASK_DISPATCHER, EVENT_TEST));
    EXPECT_OK(t, irq_bind(rtc.irq, n));
    rtc_raise(&rtc);
    rtc.regs[RTC_IMSC] = 1;
    CHECK(t, !soon(EVENT_TEST), "an interrupt before the first ack");
    for (unsigned i = 0; i < 3; i++) {
        EXPECT_OK(t, irq_ack(rtc.irq));
        CHECK(t, event_wait(EVENT_TEST, hang_deadline()), "no interrupt %u", i);
        CHECK(t, !soon(EVENT_TEST), "again without ack");
        rtc.regs[RTC_ICR] = 1;
        EXPECT_OK(t, irq_ack(rtc.irq));
        CHECK(t, !soon(EVENT_TEST), "the line is low, and still an interrupt");
        rtc_raise(&rtc);
        CHECK(t, event_wait(EVENT_TEST, hang_deadline()), "acknowledged, raised, and no interrupt");
    }
    EXPECT_OK(t, irq_unbind(rtc.irq));
    EXPECT_ERR(t, irq_ack(rtc.irq), E_UNBOUND);
    CHECK(t, !soon(EVENT_TEST), "unbound, and still an interrupt");
    EXPECT_OK(t, irq_bind(rtc.irq, n));
    EXPECT_OK(t, irq_ack(rtc.irq));
    CHECK(t, event_wait(EVENT_TEST, hang_deadline()), "bound again, and no interrupt");
    EXPECT_OK(t, irq_ack(rtc.irq));
    CHECK(t, event_wait(EVENT_TEST, hang_deadline()), "no interrupt");
    EXPECT_OK(t, cap_delete(CPTR_NULL, rtc.irq));
    CHECK(t, !soon(EVENT_TEST), "deleted, and still an interrupt");
    rtc.regs[RTC_IMSC] = 0;
    rtc.regs[RTC_ICR] = 1;
}

static void refuses(struct test *t)
{
    const cptr_t irq = test_slot(t), n = test_make(t, CAP_NOTIFY, 0, 1), weak = test_slot(t), reader = test_slot(t);
    const cptr_t frame = test_make(t, CAP_FRAME, SHOAL_PAGE_SIZE, 1);

    MUST(t, cap_retype(TASK_IRQTABLE, CAP_IRQ, 100, 1, 1, CPTR_NULL, irq));
    EXPECT_OK(t, cap_copy(CPTR_NULL, weak, CPTR_NULL, irq, RIGHT_READ));
    EXPECT_OK(t, cap_copy(CPTR_NULL, reader, CPTR_NULL, n, RIGHT_READ));
    EXPECT_ERR(t, irq_unbind(irq), E_UNBOUND);
    EXPECT_ERR(t, irq_ack(irq), E_UNBOUND);
    EXPECT_ERR(t, irq_bind(irq, frame), E_CAP_TYPE);
    EXPECT_ERR(t, irq_bind(irq, reader), E_CAP_RIGHTS);
    EXPECT_ERR(t, irq_bind(irq, test_slot(t)), E_CAP_EMPTY);
    EXPECT_ERR(t, irq_bind(irq, CPTR(L1_TEST, 0)), E_CAP_LOOKUP);
    EXPECT_ERR(t, irq_bind(weak, n), E_CAP_RIGHTS);
    EXPECT_ERR(t, irq_unbind(weak), E_CAP_RIGHTS);
    EXPECT_ERR(t, irq_ack(weak), E_CAP_RIGHTS);
    EXPECT_ERR(t, irq_set_trigger(weak, 0), E_CAP_RIGHTS);
    EXPECT_ERR(t, irq_set_trigger(irq, 2), E_ARG);
    EXPECT_OK(t, irq_set_trigger(irq, 1));
    EXPECT_OK(t, irq_set_trigger(irq, 0));
    EXPECT_OK(t, irq_bind(irq, n));
    EXPECT_ERR(t, irq_bind(irq, n), E_BOUND);
    EXPECT_ERR(t, INVOKE(irq, IRQ_SET_TARGET + 1, 0).err, E_OP);
    /* the Notify goes: nobody is bound any more */
    EXPECT_OK(t, cap_revoke(CPTR_NULL, n, 0, 64));
    EXPECT_ERR(t, irq_ack(irq), E_UNBOUND);
    EXPECT_OK(t, irq_bind(irq, n));
}

/* A driver of lower priority waits in its own process; init, busy, sees that it was served. */
static void child_driver(volatile struct shared *page)
{
    volatile uint32_t *regs = (volatile uint32_t *)page->arg[0];

    while (page->result[0] < page->arg[2]) {
        page->result[1] |= irq_ack(page->arg[1]).trail;
        (void)event_wait(3, (uint64_t)XFER_NO_DEADLINE);
        page->result[2] |= !(regs[RTC_RIS] & 1);
        regs[RTC_ICR] = 1;
        page->result[0]++;
    }
    child_exit();
}

static void driver_process(struct test *t)
{
    static struct proc p;
    struct rtc rtc;
    const cptr_t n = test_make(t, CAP_NOTIFY, 0, 1);

    if (!rtc_get(t, &rtc) || !proc_make(t, &p, child_driver) || !proc_priority(&p, init.priority + 1)) {
        return;
    }
    p.page->arg[0] = proc_map(&p, rtc.frame, 0, SHOAL_PAGE_SIZE, MAP_READ | MAP_WRITE | MAP_DEVICE);
    p.page->arg[1] = proc_give(&p, rtc.irq, RIGHT_READ | RIGHT_WRITE);
    p.page->arg[2] = 10;
    EXPECT_OK(t, notify_bind(n, p.disp, 3));
    EXPECT_OK(t, irq_bind(rtc.irq, n));
    rtc.regs[RTC_IMSC] = 1;
    MUST(t, dispatcher_start(p.disp));
    for (unsigned i = 0; i < 10; i++) {
        const uint64_t deadline = hang_deadline();
        rtc.regs[RTC_MR] = rtc.regs[RTC_DR];
        while (p.page->result[0] == i && time_now() < deadline) {
            if (!(rtc.regs[RTC_RIS] & 1) && p.page->result[0] == i) {
                rtc.regs[RTC_MR] = rtc.regs[RTC_DR];
            }
        }
    }
    if (proc_finish(&p)) {
        CHECK_EQ(t, p.page->result[0], 10);
        CHECK_EQ(t, p.page->result[1], 0);
        CHECK_EQ(t, p.page->result[2], 0);
    }
    rtc.regs[RTC_IMSC] = 0;
    rtc.regs[RTC_ICR] = 1;
}

TEST_GROUP(irq, CASE(delivery), CASE(refuses), CASE(driver_process));
