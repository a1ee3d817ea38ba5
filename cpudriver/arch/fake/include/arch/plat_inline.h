/** @file plat_inline.h  Fake devices for host tests: time is a variable. */
#ifndef ARCH_PLAT_INLINE_H
#define ARCH_PLAT_INLINE_H

extern uint64_t fake_now, fake_timer;

static inline uint32_t gic_acknowledge(void) { return 1023; }
static inline void gic_end(uint32_t intid) { (void)intid; }
static inline uint64_t timer_now(void) { return fake_now; }
static inline void timer_set(uint64_t when) { fake_timer = when; }
static inline void timer_off(void) { fake_timer = 0; }

#endif
