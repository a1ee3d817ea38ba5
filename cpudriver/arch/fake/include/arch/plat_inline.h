/** @file plat_inline.h  Fake devices for host tests: time is a variable, and so is the pending interrupt. */
#ifndef ARCH_PLAT_INLINE_H
#define ARCH_PLAT_INLINE_H

#define FAKE_NO_IRQ 1023u

extern uint64_t fake_now, fake_timer;
extern uint32_t fake_irq;               /**< pending INTID, or FAKE_NO_IRQ; acknowledging takes it                    */
extern uint32_t fake_irq_ended;         /**< the last one ended                                                       */

static inline uint32_t gic_acknowledge(void)
{
    const uint32_t intid = fake_irq;
    fake_irq = FAKE_NO_IRQ;
    return intid;
}

static inline void gic_end(uint32_t intid)
{
    fake_irq_ended = intid;
}

static inline uint64_t timer_now(void)
{
    return fake_now;
}

static inline void timer_set(uint64_t when)
{
    fake_timer = when;
}

static inline void timer_off(void)
{
    fake_timer = 0;
}

#endif
