/**
 * @file switch.h  Registers of a dispatcher: load and store, and the ways out of the kernel.
 */
#ifndef ARCH_SWITCH_H
#define ARCH_SWITCH_H

#include <core/kcb.h>

/** Run upcall: x0 = pending, everything else zero; sets `disabled`. */
_Noreturn void leave_upcall(struct dispatcher_frame *frame);

/** Fault upcall: x0 cause, x1 address, x2 syndrome, everything else zero; sets `disabled`. */
_Noreturn void leave_fault_upcall(struct dispatcher_frame *frame, uint64_t cause, uint64_t address, uint64_t syndrome);

/** The whole context in @p area; of PSTATE only the condition flags. */
_Noreturn void leave_restore(const struct save_area *area);

/** The parked context of @p frame, with a message: x0 = 0, x1 event, x2 badge, x3 tag, x4..x11 @p words. */
_Noreturn void leave_message(struct dispatcher_frame *frame, uint64_t event, uint64_t badge, uint64_t tag,
                             const uint64_t *words);

/** Registers of the system call being served (kcb->saved) into the enabled area, as a park keeps them. */
void arch_save_parked(struct kcb *k, struct dispatcher_frame *frame);

/** The same as a whole context that returns from the system call with @p status and kcb->ret. */
void arch_save_syscall(struct kcb *k, struct save_area *area, uint64_t status);

static inline void arch_load_ttbr0(struct kcb *k, uint64_t ttbr0)
{
    k->loaded_ttbr0 = ttbr0;
    __asm__ volatile("msr ttbr0_el1, %0\n\tisb" ::"r"(ttbr0) : "memory");
}

static inline void arch_set_frame_va(uint64_t va)
{
    __asm__ volatile("msr tpidrro_el0, %0" ::"r"(va));
}

/** FP/SIMD at EL0: usable, or trapped.  The ERET synchronises. */
static inline void arch_fp_trap(bool trap)
{
    __asm__ volatile("msr cpacr_el1, %0" ::"r"(trap ? 0ull : 3ull << 20));
}

/** Store the FP/SIMD registers into @p d (if not NULL) and load those of @p next. */
void arch_fp_switch(struct dcb *d, const struct dcb *next);

/** Until an interrupt is pending.  DSB first: what was stored before sleeping is visible (docs/dispatch.md). */
static inline void arch_wait_for_interrupt(void)
{
    __asm__ volatile("dsb sy\n\twfi" ::: "memory");
}

#endif
