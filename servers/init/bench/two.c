/** @file two.c  Benches of two processes, and of upcalls. */
#include "bench.h"
#include "../rtc.h"
#include <os/print.h>
#include <os/string.h>

#define PAGE SHOAL_PAGE_SIZE

/* A child's samples, less the empty measurement. */
static uint64_t child_median(const struct proc *p)
{
    uint64_t sample[SAMPLES];

    for (unsigned i = 0; i < SAMPLES; i++) {
        sample[i] = p->page->result[i];
    }
    return median(sample, SAMPLES) - overhead();
}

/* Differences of the clocks two children noted: for each of @p b the last of @p a before it. */
static uint64_t median_between(const volatile uint64_t *a, unsigned a_step, const volatile uint64_t *b, unsigned b_step,
                               unsigned count)
{
    uint64_t sample[SAMPLES];

    for (unsigned i = 0; i < count; i++) {
        sample[i] = ~0ull;
        for (unsigned j = 0; j < count; j++) {
            const uint64_t difference = b[i * b_step] - a[j * a_step];
            sample[i] = difference < sample[i] ? difference : sample[i];
        }
    }
    return median(sample, count) - overhead();
}

static bool start(struct proc *p)
{
    const err_t err = dispatcher_start(p->disp);

    EXPECT_OK(p->test, err);
    return err_ok(err);
}

static bool finish(struct proc *p)
{
    const bool right = proc_finish(p);

    CHECK(p->test, p->page->more[0] == 0, "%s", err_name((enum err_code)p->page->more[0]));
    return right && p->page->more[0] == 0;
}

/* Let all others run until they sleep. */
static void settle(void)
{
    (void)event_wait(EVENT_NONE, time_now() + time_hz() / 1000);
}

/* ---- LMP --------------------------------------------------------------------------------------------------------- */

static bool roundtrip(struct test *t, uint64_t tag, uint64_t *value)
{
    static struct proc client, server;
    struct proc_endpoint in, back;

    if (!proc_make(t, &server, measure_replier) || !proc_endpoint(&server, &in, 7, 3) ||
        !proc_make(t, &client, measure_caller) || !proc_endpoint(&client, &back, 7, 3)) {
        return false;
    }
    client.page->arg[0] = proc_give_minted(&client, in.recv, RIGHT_WRITE | RIGHT_GRANT, 1);
    client.page->arg[1] = 7;
    client.page->arg[2] = tag;
    server.page->arg[0] = proc_give_minted(&server, back.recv, RIGHT_WRITE | RIGHT_GRANT, 1);
    if (tag & TAG_CAP) {
        const cptr_t frame = test_make(t, CAP_FRAME, PAGE, 1);
        client.page->arg[3] = proc_give(&client, frame, RIGHTS_ALL);
        server.page->arg[2] = TAG_GIVE;
        server.page->arg[3] = CPTR(0, 99);
        EXPECT_OK(t, endpoint_set_recv_slot(in.recv, CPTR(0, 99)));
        EXPECT_OK(t, endpoint_set_recv_slot(back.recv, client.page->arg[3]));
    }
    if (!start(&server)) {
        return false;
    }
    settle();
    if (!start(&client) || !finish(&client)) {
        return false;
    }
    *value = child_median(&client);
    return true;
}

static bool fast_0(struct test *t, uint64_t *value)
{
    return roundtrip(t, 0, value);
}

static bool fast_8(struct test *t, uint64_t *value)
{
    return roundtrip(t, 8, value);
}

static bool with_cap(struct test *t, uint64_t *value)
{
    bench_remark("one capability given away in each direction");
    return roundtrip(t, 1 | TAG_CAP | TAG_GIVE, value);
}

/* Through the rings: both sides idle, so each message is taken from the ring in a run upcall.  Runs disabled, as upcall
 * handlers of process.h's children; arg[0] dest, arg[1] ring, more[1] messages seen, more[2] the clock. */
static uint64_t clock(void)
{
    uint64_t c;
    __asm__ volatile("isb\n\tmrs %0, pmccntr_el0" : "=r"(c) : : "memory");
    return c;
}

static void buffered_answer(struct dispatcher_frame *frame)
{
    volatile struct shared *page = (volatile struct shared *)PROC_SHARED_VA;
    const struct ring ring = ring_at((void *)page->arg[1], 2);
    struct xfer x = { .accept = (uint64_t)XFER_IDLE };
    struct ring_message m;

    (void)event_take(frame, 7);
    if (ring_take(&ring, &m)) {
        x.dest = page->arg[0];
        x.tag = m.tag;
        memcpy(x.word, m.word, sizeof(x.word));
    }
    page->more[0] = sys_xfer(&x).trail;         /* comes back only if the send failed */
    child_exit();
}

static void buffered_ask(struct dispatcher_frame *frame)
{
    volatile struct shared *page = (volatile struct shared *)PROC_SHARED_VA;
    const struct ring ring = ring_at((void *)page->arg[1], 2);
    struct xfer x = { .accept = (uint64_t)XFER_IDLE, .dest = page->arg[0], .tag = 8,
                      .word = { 1, 2, 3, 4, 5, 6, 7, 8 } };
    struct ring_message m;

    if (event_take(frame, 7) && ring_take(&ring, &m)) {
        page->result[page->more[1]++] = clock() - page->more[2];
        page->more[0] |= m.word[7] != 8;
    }
    if (page->more[1] == SAMPLES) {
        child_exit();
    }
    page->more[2] = clock();
    page->more[0] = sys_xfer(&x).trail;
    child_exit();
}

static bool buffered(struct test *t, uint64_t *value)
{
    static struct proc client, server;
    struct proc_endpoint in, back;

    if (!proc_make(t, &server, measure_idler) || !proc_endpoint(&server, &in, 7, 2) ||
        !proc_make(t, &client, measure_idler) || !proc_endpoint(&client, &back, 7, 2)) {
        return false;
    }
    client.page->arg[0] = proc_give_minted(&client, in.recv, RIGHT_WRITE, 1);
    client.page->arg[1] = back.ring_va;
    client.frame_map->user[1] = (uint64_t)buffered_ask;
    server.page->arg[0] = proc_give_minted(&server, back.recv, RIGHT_WRITE, 1);
    server.page->arg[1] = in.ring_va;
    server.frame_map->user[1] = (uint64_t)buffered_answer;
    if (!start(&server)) {
        return false;
    }
    settle();
    if (!start(&client) || !finish(&client)) {
        return false;
    }
    *value = child_median(&client);
    return true;
}

/* ---- waking and switching ---------------------------------------------------------------------------------------- */

static bool notify_wake(struct test *t, uint64_t *value)
{
    static struct proc waker, sleeper;
    const cptr_t notify = test_make(t, CAP_NOTIFY, 0, 1);

    if (!proc_make(t, &sleeper, measure_idler) || !proc_priority(&sleeper, init.priority + 1) ||
        !proc_make(t, &waker, measure_signaller)) {
        return false;
    }
    EXPECT_OK(t, notify_bind(notify, sleeper.disp, 7));
    waker.page->arg[0] = proc_give(&waker, notify, RIGHT_WRITE);
    if (!start(&sleeper)) {
        return false;
    }
    sleeper.frame_map->run_entry = (uint64_t)measure_woken_entry;
    if (!start(&waker) || !finish(&waker)) {
        return false;
    }
    CHECK_EQ(t, sleeper.page->more[1], SAMPLES);
    *value = median_between(waker.page->result, 1, sleeper.page->result, 1, SAMPLES);
    return true;
}

static bool irq_to_driver(struct test *t, uint64_t *value)
{
    static struct proc other, driver;
    const cptr_t notify = test_make(t, CAP_NOTIFY, 0, 1);
    struct rtc rtc;

    if (!rtc_get(t, &rtc)) {
        CHECK(t, false, "this machine has no PL031");
        return false;
    }
    rtc_raise(&rtc);
    if (!proc_make(t, &driver, measure_idler) || !proc_priority(&driver, init.priority + 1) ||
        !proc_make(t, &other, measure_writer)) {
        return false;
    }
    EXPECT_OK(t, notify_bind(notify, driver.disp, 7));
    EXPECT_OK(t, irq_bind(rtc.irq, notify));
    EXPECT_OK(t, irq_ack(rtc.irq));
    driver.page->arg[0] = proc_map(&driver, rtc.frame, 0, PAGE, MAP_READ | MAP_WRITE | MAP_DEVICE) + 4 * RTC_IMSC;
    driver.page->arg[1] = 0;
    driver.page->arg[2] = proc_give(&driver, rtc.irq, RIGHTS_ALL);
    other.page->arg[0] = proc_map(&other, rtc.frame, 0, PAGE, MAP_READ | MAP_WRITE | MAP_DEVICE) + 4 * RTC_IMSC;
    other.page->arg[1] = 1;
    if (!start(&driver)) {
        return false;
    }
    driver.frame_map->run_entry = (uint64_t)measure_irq_entry;
    const bool good = start(&other) && finish(&other);
    rtc.regs[RTC_IMSC] = 0;
    rtc.regs[RTC_ICR] = 1;
    CHECK_EQ(t, driver.page->more[1], SAMPLES);
    /* the store to the device is not the driver's cost */
    *value = good ? median_between(other.page->result, 1, driver.page->result, 1, SAMPLES) - 1 : 0;
    return good;
}

static bool context_switch(struct test *t, uint64_t *value)
{
    static struct proc a, b;

    if (!proc_make(t, &a, measure_yielder) || !proc_make(t, &b, measure_yielder) || !start(&a) || !start(&b) ||
        !finish(&a) || !finish(&b)) {
        return false;
    }
    *value = median_between(a.page->result, 2, b.page->result + 1, 2, SAMPLES / 2);
    return true;
}

static bool fault_upcall(struct test *t, uint64_t *value)
{
    static struct proc p;

    if (!proc_make(t, &p, measure_faulter)) {
        return false;
    }
    p.frame_map->fault_entry = (uint64_t)measure_fault_entry;
    p.page->arg[0] = 0x7000;
    if (!start(&p) || !finish(&p)) {
        return false;
    }
    *value = child_median(&p);
    return true;
}

const struct bench_line bench_two[] = {
    { "lmp-fast-roundtrip-0", 300, fast_0 },
    { "lmp-fast-roundtrip-8", 300, fast_8 },
    { "lmp-buffered-roundtrip", 1387, buffered },
    { "lmp-cap-roundtrip", 1800, with_cap },
    { "notify-wake", 650, notify_wake },
    { "irq-to-driver", 335, irq_to_driver },
    { "context-switch", 320, context_switch },
    { "fault-upcall", 500, fault_upcall },
    { 0 },
};
