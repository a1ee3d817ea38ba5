/** @file barrier.h  Barriers between interrupts and memory (dispatch/mailbox.h, B4). */
#ifndef ARCH_BARRIER_H
#define ARCH_BARRIER_H

/** Between the acknowledgement of an interrupt, a system register, and loads of what it announced. */
static inline void arch_after_acknowledge(void)
{
    __asm__ volatile("dsb sy" ::: "memory");
}

/** Between a store-release and a later load-acquire, on both sides of B3.  The architecture keeps STLR and LDAR in order; QEMU's
 *  translation to a processor with a store buffer does not. */
static inline void arch_store_then_load(void)
{
    __asm__ volatile("dmb ish" ::: "memory");
}

#endif
