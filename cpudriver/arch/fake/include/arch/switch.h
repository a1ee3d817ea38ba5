/** @file switch.h  Fake architecture: leaving the kernel is a longjmp into the test (arch/fake/fake_switch.c). */
#ifndef ARCH_SWITCH_H
#define ARCH_SWITCH_H

#include <core/kcb.h>

_Noreturn void leave_upcall(struct dispatcher_frame *frame);
_Noreturn void leave_fault_upcall(struct dispatcher_frame *frame, uint64_t cause, uint64_t address, uint64_t syndrome);
_Noreturn void leave_restore(const struct save_area *area);
_Noreturn void leave_message(struct dispatcher_frame *frame, uint64_t event, uint64_t badge, uint64_t tag,
                             const uint64_t *words);
void arch_save_parked(struct kcb *k, struct dispatcher_frame *frame);
void arch_save_syscall(struct kcb *k, struct save_area *area, uint64_t status);

static inline void arch_load_ttbr0(struct kcb *k, uint64_t ttbr0) { k->loaded_ttbr0 = ttbr0; }
static inline void arch_set_frame_va(uint64_t va) { (void)va; }
static inline void arch_fp_trap(bool trap) { (void)trap; }
static inline void arch_fp_switch(struct dcb *d, const struct dcb *next) { (void)d; (void)next; }
void arch_wait_for_interrupt(void);

#endif
