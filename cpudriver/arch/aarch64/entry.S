/*
 * entry.S  Exception vectors, system-call entry, and the ways out of the kernel.
 *
 * Whenever EL0 runs, SP_EL1 is the top of the core's stack and TPIDR_EL1 its KCB.  Interrupts stay masked in EL1, so no
 * exception nests, and the words below SP may be used as scratch.  C code preserves x19 to x29 by itself: a system call
 * that returns to its caller reloads x30 only; they are stored once, for the case that somebody else runs next.
 */
#include <core/offsets.h>
#include <shoal/dispframe.h>
#include <shoal/syscall.h>

#include "parked.h"

#define ESR_SVC 0x56000000              /* exception class 0x15, IL: SVC from AArch64 (Arm ARM D13.2.36) */

        .macro  VECTOR label
        .balign 128
        b       \label
        .endm

/* x17 = KCB; x19 to x30, SP and PC of the caller are stored there.  Clobbers x15, x16. */
        .macro  SAVE_CALLER
        stp     x19, x20, [x17, #KCB_SAVED]
        stp     x21, x22, [x17, #KCB_SAVED + 16]
        stp     x23, x24, [x17, #KCB_SAVED + 32]
        stp     x25, x26, [x17, #KCB_SAVED + 48]
        stp     x27, x28, [x17, #KCB_SAVED + 64]
        stp     x29, x30, [x17, #KCB_SAVED + 80]
        mrs     x15, sp_el0
        mrs     x16, elr_el1
        stp     x15, x16, [x17, #KCB_SAVED + 96]
        stp     xzr, xzr, [x17, #KCB_RET]
        stp     xzr, xzr, [x17, #KCB_RET + 16]
        stp     xzr, xzr, [x17, #KCB_RET + 32]
        .endm

        .macro  DIE kind
        .balign 128
        stp     x0, x1, [sp, #-256]!
        mov     x0, #\kind
        b       die
        .endm

        .section .text.vectors, "ax"
        .balign 2048
        .global vectors
vectors:
        DIE     0                       /* from EL1 with SP_EL0: never used */
        DIE     1
        DIE     2
        DIE     3
        DIE     4                       /* from EL1: a mistake of the kernel's own */
        DIE     5
        DIE     6
        DIE     7
        .balign 128                     /* from EL0, AArch64: synchronous */
        stp     x16, x17, [sp, #-16]
        mrs     x16, esr_el1
        mov     w17, #ESR_SVC
        subs    w16, w16, w17           /* the immediate, if it is an SVC from AArch64 */
        b.eq    fastpath_xfer
        cmp     w16, #SVC_INVOKE
        b.ne    el0_other
        mrs     x17, tpidr_el1
        stp     x0, x1, [x17, #KCB_ARG]
        stp     x2, x3, [x17, #KCB_ARG + 16]
        stp     x4, x5, [x17, #KCB_ARG + 32]
        stp     x6, x7, [x17, #KCB_ARG + 48]
        SAVE_CALLER
        mov     x0, x17
        adr     x30, svc_return
        b       invoke
        VECTOR  el0_irq
        DIE     10                      /* FIQ: group 0 is never enabled */
        VECTOR  el0_serror
        DIE     12                      /* from AArch32: EL0 cannot get there */
        DIE     13
        DIE     14
        DIE     15

        .text
/* x0 = kind; x0, x1 of the interrupted code on the stack */
die:
        stp     x2, x3, [sp, #16]
        stp     x4, x5, [sp, #32]
        stp     x6, x7, [sp, #48]
        stp     x8, x9, [sp, #64]
        stp     x10, x11, [sp, #80]
        stp     x12, x13, [sp, #96]
        stp     x14, x15, [sp, #112]
        stp     x16, x17, [sp, #128]
        stp     x18, x19, [sp, #144]
        stp     x20, x21, [sp, #160]
        stp     x22, x23, [sp, #176]
        stp     x24, x25, [sp, #192]
        stp     x26, x27, [sp, #208]
        stp     x28, x29, [sp, #224]
        str     x30, [sp, #240]
        mrs     x1, esr_el1
        mrs     x2, elr_el1
        mrs     x3, far_el1
        mov     x4, sp
        b       panic_exception

/* ---- system calls --------------------------------------------------------------------------------------------------- */


svc_call:                               /* what a backtrace shows: the instruction before the return address */
        nop
svc_return:                             /* x0 = status; results in the KCB */
        mrs     x17, tpidr_el1
        ldr     x16, [x17, #KCB_RESCHED]
        cbnz    x16, svc_leave
        ldp     x1, x2, [x17, #KCB_RET]
        ldp     x3, x4, [x17, #KCB_RET + 16]
        ldp     x5, x6, [x17, #KCB_RET + 32]
        ldr     x30, [x17, #KCB_SAVED + 88]     /* the calls above went through it */
        mov     x7, xzr                 /* nothing of the kernel's shows */
        mov     x8, xzr
        mov     x9, xzr
        mov     x10, xzr
        mov     x11, xzr
        mov     x12, xzr
        mov     x13, xzr
        mov     x14, xzr
        mov     x15, xzr
        mov     x16, xzr
        mov     x17, xzr
        mov     x18, xzr
        eret
svc_leave:
        mov     x1, x0
        mov     x0, x17
        b       syscall_leave

/* The slow path of xfer: nothing has been changed yet, x0 to x12 are the caller's. */
        .global slowpath_xfer
slowpath_xfer:
        mrs     x17, tpidr_el1
        stp     x0, x1, [x17, #KCB_ARG]
        stp     x2, x3, [x17, #KCB_ARG + 16]
        stp     x4, x5, [x17, #KCB_ARG + 32]
        stp     x6, x7, [x17, #KCB_ARG + 48]
        stp     x8, x9, [x17, #KCB_ARG + 64]
        stp     x10, x11, [x17, #KCB_ARG + 80]
        str     x12, [x17, #KCB_ARG + 96]
        SAVE_CALLER
        mov     x0, x17
        bl      xfer
        b       svc_return

el0_other:                              /* w16 = ESR_EL1 - ESR_SVC, not SVC_XFER, not SVC_INVOKE */
        lsr     w17, w16, #16
        cbnz    w17, el0_fault
        mrs     x17, tpidr_el1
        cmp     x16, #SVC_RESUME
        b.eq    svc_resume
        mov     x14, x16
        SAVE_CALLER
        cmp     x14, #SVC_YIELD
        b.eq    1f
        cmp     x14, #SVC_DEBUG
        b.ne    2f
        mov     x2, x1
        mov     x1, x0
        mov     x0, x17
        bl      sys_debug
        b       svc_return
1:      mov     x0, x17
        b       sys_yield
2:      mov     x0, #1                  /* E_SYSCALL (asserted in context.c) */
        b       svc_return

/* Back into the context in the enabled area, or, if an event came meanwhile, the run upcall instead: the context stays
 * where it is, as if it had just been interrupted. */
svc_resume:
        ldr     x16, [x17, #KCB_CURRENT]
        ldr     x0, [x16, #DCB_FRAME]
        ldr     x15, [x0, #DF_PENDING]
        cbnz    x15, leave_upcall
        str     xzr, [x0, #DF_DISABLED]
        add     x0, x0, #DF_ENABLED
        b       leave_restore

/* ---- interrupts and faults ------------------------------------------------------------------------------------------ */

/* All registers of the interrupted dispatcher into its enabled or disabled area.  Afterwards x0 = KCB. */
        .macro  SAVE_ALL
        stp     x0, x1, [sp, #-16]
        mrs     x0, tpidr_el1
        ldr     x0, [x0, #KCB_CURRENT]
        ldr     x0, [x0, #DCB_FRAME]
        ldr     x1, [x0, #DF_DISABLED]
        cmp     x1, #0
        add     x1, x0, #DF_ENABLED
        add     x0, x0, #DF_DISABLED_AREA
        csel    x0, x1, x0, eq
        stp     x2, x3, [x0, #16]
        ldp     x2, x3, [sp, #-16]
        stp     x4, x5, [x0, #32]
        stp     x6, x7, [x0, #48]
        stp     x8, x9, [x0, #64]
        stp     x10, x11, [x0, #80]
        stp     x12, x13, [x0, #96]
        stp     x14, x15, [x0, #112]
        stp     x16, x17, [x0, #128]
        stp     x18, x19, [x0, #144]
        stp     x20, x21, [x0, #160]
        stp     x22, x23, [x0, #176]
        stp     x24, x25, [x0, #192]
        stp     x26, x27, [x0, #208]
        stp     x28, x29, [x0, #224]
        mrs     x4, sp_el0
        mrs     x5, elr_el1
        mrs     x6, spsr_el1
        mrs     x7, tpidr_el0
        stp     x30, x4, [x0, #240]
        stp     x5, x6, [x0, #SAVE_PC]
        str     x7, [x0, #SAVE_TPIDR]
        stp     x2, x3, [x0]
        mov     x29, xzr
        mov     x30, xzr
        mrs     x0, tpidr_el1
        .endm

el0_irq:
        SAVE_ALL
        b       exception_irq

/* An access of EL0's that the bus answered late with an error.  Imprecise: it may have been the one that ran before. */
el0_serror:
        SAVE_ALL
        mrs     x1, esr_el1
        mov     x2, xzr
        b       exception_fault

el0_fault:
        ldp     x16, x17, [sp, #-16]
        SAVE_ALL
        mrs     x1, esr_el1
        mrs     x2, far_el1
        b       exception_fault

/* ---- ways out: each starts with an empty stack ----------------------------------------------------------------------- */

        .macro  EMPTY_STACK tmp
        mrs     \tmp, tpidr_el1
        ldr     \tmp, [\tmp, #KCB_STACK_TOP]
        mov     sp, \tmp
        .endm

        .global leave_restore
leave_restore:                          /* x0 = save area */
        EMPTY_STACK x1
        ldp     x1, x2, [x0, #SAVE_SP]
        ldp     x3, x4, [x0, #SAVE_PSTATE]
        and     x3, x3, #0xf0000000     /* the flags: mode EL0, interrupts on, whatever was written there */
        msr     sp_el0, x1
        msr     elr_el1, x2
        msr     spsr_el1, x3
        msr     tpidr_el0, x4
        ldp     x2, x3, [x0, #16]
        ldp     x4, x5, [x0, #32]
        ldp     x6, x7, [x0, #48]
        ldp     x8, x9, [x0, #64]
        ldp     x10, x11, [x0, #80]
        ldp     x12, x13, [x0, #96]
        ldp     x14, x15, [x0, #112]
        ldp     x16, x17, [x0, #128]
        ldp     x18, x19, [x0, #144]
        ldp     x20, x21, [x0, #160]
        ldp     x22, x23, [x0, #176]
        ldp     x24, x25, [x0, #192]
        ldp     x26, x27, [x0, #208]
        ldp     x28, x29, [x0, #224]
        ldr     x30, [x0, #240]
        ldp     x0, x1, [x0]
        eret

/* Everything but x0 to x2 is zeroed: nothing of whoever ran before shows. */
        .macro  ZERO_AND_ERET
        msr     spsr_el1, xzr
        msr     sp_el0, xzr
        msr     tpidr_el0, xzr
        .irp    n, 3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
        mov     x\n, xzr
        .endr
        eret
        .endm

        .global leave_upcall
leave_upcall:                           /* x0 = frame */
        EMPTY_STACK x1
        mov     x1, #1
        str     x1, [x0, #DF_DISABLED]
        ldr     x1, [x0, #DF_RUN_ENTRY]
        ldr     x0, [x0, #DF_PENDING]
        msr     elr_el1, x1
        mov     x1, xzr
        mov     x2, xzr
        ZERO_AND_ERET

        .global leave_fault_upcall
leave_fault_upcall:                     /* x0 = frame, x1 = cause, x2 = address, x3 = syndrome */
        EMPTY_STACK x4
        mov     x4, #1
        str     x4, [x0, #DF_DISABLED]
        ldr     x4, [x0, #DF_FAULT_ENTRY]
        msr     elr_el1, x4
        mov     x0, x1
        mov     x1, x2
        mov     x2, x3
        ZERO_AND_ERET

        .global leave_message
leave_message:                          /* x0 = frame, x1 = event, x2 = badge, x3 = tag, x4 = words */
        EMPTY_STACK x5
        add     x0, x0, #DF_ENABLED
        LOAD_PARKED x0
        ldp     x12, x13, [x0, #SAVE_SP]
        ldr     x14, [x0, #SAVE_TPIDR]
        msr     sp_el0, x12
        msr     elr_el1, x13
        msr     tpidr_el0, x14
        msr     spsr_el1, xzr
        ldp     x10, x11, [x4, #48]
        ldp     x8, x9, [x4, #32]
        ldp     x6, x7, [x4, #16]
        ldp     x4, x5, [x4]
        mov     x0, xzr
        .irp    n, 12,13,14,15,16,17,18
        mov     x\n, xzr
        .endr
        eret

/* ---- FP/SIMD: lazily, by the trap of its first use ------------------------------------------------------------------- */

        .arch_extension fp
        .arch_extension simd
        .global arch_fp_switch
arch_fp_switch:                         /* x0 = owner so far or NULL, x1 = next */
        isb                             /* the trap was switched off just now */
        cbz     x0, 1f
        mrs     x2, fpcr
        mrs     x3, fpsr
        stp     x2, x3, [x0, #DCB_FP_CONTROL]
        add     x0, x0, #DCB_FP
        stp     q0, q1, [x0, #0]
        stp     q2, q3, [x0, #32]
        stp     q4, q5, [x0, #64]
        stp     q6, q7, [x0, #96]
        stp     q8, q9, [x0, #128]
        stp     q10, q11, [x0, #160]
        stp     q12, q13, [x0, #192]
        stp     q14, q15, [x0, #224]
        stp     q16, q17, [x0, #256]
        stp     q18, q19, [x0, #288]
        stp     q20, q21, [x0, #320]
        stp     q22, q23, [x0, #352]
        stp     q24, q25, [x0, #384]
        stp     q26, q27, [x0, #416]
        stp     q28, q29, [x0, #448]
        stp     q30, q31, [x0, #480]
1:      ldp     x2, x3, [x1, #DCB_FP_CONTROL]
        msr     fpcr, x2
        msr     fpsr, x3
        add     x1, x1, #DCB_FP
        ldp     q0, q1, [x1, #0]
        ldp     q2, q3, [x1, #32]
        ldp     q4, q5, [x1, #64]
        ldp     q6, q7, [x1, #96]
        ldp     q8, q9, [x1, #128]
        ldp     q10, q11, [x1, #160]
        ldp     q12, q13, [x1, #192]
        ldp     q14, q15, [x1, #224]
        ldp     q16, q17, [x1, #256]
        ldp     q18, q19, [x1, #288]
        ldp     q20, q21, [x1, #320]
        ldp     q22, q23, [x1, #352]
        ldp     q24, q25, [x1, #384]
        ldp     q26, q27, [x1, #416]
        ldp     q28, q29, [x1, #448]
        ldp     q30, q31, [x1, #480]
        ret
