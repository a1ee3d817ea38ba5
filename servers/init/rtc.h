/**
 * @file rtc.h  The real-time clock of QEMU's virt machine, an Arm PL031 (DDI 0224), as a source of interrupts.
 */
#ifndef INIT_RTC_H
#define INIT_RTC_H

#include "process.h"

#define RTC_ADDRESS 0x09010000ull
#define RTC_INTID   34              /* SPI 2 */

/* registers, as indices of 32-bit words */
enum rtc_register { RTC_DR = 0, RTC_MR = 1, RTC_IMSC = 4, RTC_RIS = 5, RTC_ICR = 7 };

struct rtc {
    cptr_t frame;                   /**< DevFrame of the registers' page                                              */
    cptr_t irq;
    volatile uint32_t *regs;        /**< init's mapping                                                               */
};

/** Take hold of device and line; its interrupt is masked in the device, and not raised.  False: no such device here, or
 *  (and then the test is marked failed) an error. */
bool rtc_get(struct test *t, struct rtc *rtc);

/** Raise the device's own request, whether or not it is masked there. */
void rtc_raise(struct rtc *rtc);

#endif
