/**
 * @file switch.h  Fake architecture: leaving the kernel is a longjmp into the test, with a record of what it was left
 * with (arch/fake/fake_switch.c).
 */
#ifndef ARCH_SWITCH_H
#define ARCH_SWITCH_H

#include <core/kcb.h>
#include <setjmp.h>

/** How the kernel was left. */
enum fake_how {
    LEFT_NOT,           /**< it was not: the entry function returned                                                  */
    LEFT_UPCALL,
    LEFT_FAULT_UPCALL,
    LEFT_RESTORE,
    LEFT_MESSAGE,
    LEFT_IDLE,          /**< nobody is ready, the timer is off and no interrupt is pending: the core would sleep on   */
    LEFT_POWER_OFF,     /**< also a reset                                                                             */
    LEFT_CORE_OFF,      /**< this core only                                                                           */
};

struct fake_left {
    enum fake_how how;
    struct dispatcher_frame *frame;     /**< upcalls and messages                                                     */
    const struct save_area *area;       /**< LEFT_RESTORE                                                             */
    uint64_t pending;                   /**< LEFT_UPCALL: x0                                                          */
    uint64_t cause, address, syndrome;  /**< LEFT_FAULT_UPCALL                                                        */
    uint64_t event, badge, tag, word[8];/**< LEFT_MESSAGE                                                             */
    uint64_t status;                    /**< LEFT_POWER_OFF                                                           */
};

/** What the CPU's registers would hold, as far as the core logic writes them. */
struct fake_cpu {
    uint64_t frame_va, tpidr;
    bool fp_trapped;
    uint64_t ttbr0_loads, fp_switches, waits;
    const struct dcb *fp_stored, *fp_loaded;    /**< arguments of the last arch_fp_switch                             */
};

extern struct fake_left fake_left;
extern struct fake_cpu fake_cpu;
extern jmp_buf fake_exit;               /**< set by the test before it enters the kernel                              */

_Noreturn void leave_upcall(struct dispatcher_frame *frame);
_Noreturn void leave_fault_upcall(struct dispatcher_frame *frame, uint64_t cause, uint64_t address, uint64_t syndrome);
_Noreturn void leave_restore(const struct save_area *area);
_Noreturn void leave_message(struct dispatcher_frame *frame, uint64_t event, uint64_t badge, uint64_t tag,
                             const uint64_t *words);
void arch_save_parked(struct kcb *k, struct dispatcher_frame *frame);
void arch_save_syscall(struct kcb *k, struct save_area *area, uint64_t status);

static inline void arch_load_ttbr0(struct kcb *k, uint64_t ttbr0)
{
    k->loaded_ttbr0 = ttbr0;
    fake_cpu.ttbr0_loads++;
}

static inline void arch_set_frame_va(uint64_t va)
{
    fake_cpu.frame_va = va;
}

static inline void arch_fp_trap(bool trap)
{
    fake_cpu.fp_trapped = trap;
}

static inline void arch_fp_switch(struct dcb *d, const struct dcb *next)
{
    fake_cpu.fp_stored = d;
    fake_cpu.fp_loaded = next;
    fake_cpu.fp_switches++;
}

/** Time goes on to the timer's compare value, and its interrupt is pending; LEFT_IDLE if it is off. */
void arch_wait_for_interrupt(void);

#endif
