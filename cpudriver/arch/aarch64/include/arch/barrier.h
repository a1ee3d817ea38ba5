/** @file barrier.h  Barriers between interrupts and memory (dispatch/mailbox.h, B4). */
#ifndef ARCH_BARRIER_H
#define ARCH_BARRIER_H

/** Between the acknowledgement of an interrupt, a system register, and loads of what it announced. */
static inline void arch_after_acknowledge(void)
{
    __asm__ volatile("dsb sy" ::: "memory");
}

#endif
