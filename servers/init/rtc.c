/** @file rtc.c  Contracts in rtc.h. */
#include "rtc.h"

static cptr_t device_page(struct test *t, uint64_t address)
{
    const cptr_t slot = test_slot(t);

    for (uint64_t i = 0; i < init.boot->dev_count; i++) {
        struct cap_info info;
        if (err_ok(cap_identify(CPTR_NULL, CPTR(INIT_L2_DEV, i), &info)) && address >= info.base &&
            address - info.base < info.bytes) {
            const err_t err = cap_retype(CPTR(INIT_L2_DEV, i), CAP_DEVFRAME, address - info.base, SHOAL_PAGE_SIZE, 1,
                                         CPTR_NULL, slot);
            EXPECT_OK(t, err);
            return err_ok(err) ? slot : CPTR_NULL;
        }
    }
    return CPTR_NULL;
}

bool rtc_get(struct test *t, struct rtc *rtc)
{
    rtc->frame = device_page(t, RTC_ADDRESS);
    rtc->irq = test_slot(t);
    if (rtc->frame == CPTR_NULL) {
        return false;
    }
    rtc->regs = test_map(t, rtc->frame, 0, SHOAL_PAGE_SIZE, MAP_READ | MAP_WRITE | MAP_DEVICE, NULL);
    const err_t err = cap_retype(TASK_IRQTABLE, CAP_IRQ, RTC_INTID, 1, 1, CPTR_NULL, rtc->irq);
    EXPECT_OK(t, err);
    if (!rtc->regs || !err_ok(err)) {
        return false;
    }
    rtc->regs[RTC_IMSC] = 0;
    rtc->regs[RTC_ICR] = 1;
    return true;
}

void rtc_raise(struct rtc *rtc)
{
    /* a match raises; if the second changes between load and store, the next turn hits */
    while (!(rtc->regs[RTC_RIS] & 1)) {
        rtc->regs[RTC_MR] = rtc->regs[RTC_DR];
    }
}
