/* Switching between threads of one dispatcher: libos/thread/core.h has the contracts.  Everything here is disabled until
 * it says otherwise; the kernel then stores nothing but the disabled area, which nobody else uses. */
#include <os/dispatcher.h>
#include <shoal/dispframe.h>
#include <shoal/syscall.h>

/* struct thread and struct thread_core; asserted in thread/tcb.h and thread/core.c */
#define TCB_X19   0             /* x19 to x30 */
#define TCB_SP    96            /* and TPIDR_EL0 */
#define TCB_D8    112           /* d8 to d15 */
#define TCB_FPCR  176           /* and FPSR */
#define TCB_FP    816
#define CORE_CURRENT 0

/* struct xfer; asserted in dispatch/dispatcher.c */
#define XFER_ACCEPT   8
#define XFER_TAG      24
#define XFER_WORD     32
#define XFER_CAP      96
#define XFER_EVENT    104
#define XFER_BADGE    112

    .arch_extension fp
    .arch_extension simd

.macro function name
    .section .text.\name, "ax"
    .global \name
    .type \name, %function
\name:
.endm

function os_thread_pause
    adrp    x9, os_thread_core
    add     x9, x9, :lo12:os_thread_core
    ldr     x0, [x9, #CORE_CURRENT]
    mov     x10, sp
    mrs     x11, tpidr_el0
    stp     x19, x20, [x0, #TCB_X19]
    stp     x21, x22, [x0, #TCB_X19 + 16]
    stp     x23, x24, [x0, #TCB_X19 + 32]
    stp     x25, x26, [x0, #TCB_X19 + 48]
    stp     x27, x28, [x0, #TCB_X19 + 64]
    stp     x29, x30, [x0, #TCB_X19 + 80]
    stp     x10, x11, [x0, #TCB_SP]
    ldr     x12, [x0, #TCB_FP]
    cbz     x12, 1f
    stp     d8, d9, [x0, #TCB_D8]
    stp     d10, d11, [x0, #TCB_D8 + 16]
    stp     d12, d13, [x0, #TCB_D8 + 32]
    stp     d14, d15, [x0, #TCB_D8 + 48]
    mrs     x12, fpcr
    mrs     x13, fpsr                               // its flags are a thread's own (C17, 7.6)
    stp     x12, x13, [x0, #TCB_FPCR]
1:  mrs     x9, tpidrro_el0
    ldr     x10, [x9, #DFU_UPCALL_STACK]
    mov     x29, xzr                                // frame records end here: the thread's stack may be lazy
    mov     x30, xzr
    mov     sp, x10
    b       os_thread_schedule
    .size os_thread_pause, . - os_thread_pause

function os_thread_load
    ldr     x12, [x0, #TCB_FP]
    cbz     x12, 1f
    ldp     d8, d9, [x0, #TCB_D8]
    ldp     d10, d11, [x0, #TCB_D8 + 16]
    ldp     d12, d13, [x0, #TCB_D8 + 32]
    ldp     d14, d15, [x0, #TCB_D8 + 48]
    ldp     x12, x14, [x0, #TCB_FPCR]
    mrs     x13, fpcr
    msr     fpsr, x14
    cmp     x12, x13
    b.eq    1f
    msr     fpcr, x12
1:  ldp     x10, x11, [x0, #TCB_SP]
    ldp     x19, x20, [x0, #TCB_X19]
    ldp     x21, x22, [x0, #TCB_X19 + 16]
    ldp     x23, x24, [x0, #TCB_X19 + 32]
    ldp     x25, x26, [x0, #TCB_X19 + 48]
    ldp     x27, x28, [x0, #TCB_X19 + 64]
    ldp     x29, x30, [x0, #TCB_X19 + 80]
    msr     tpidr_el0, x11
    mov     sp, x10
    mrs     x9, tpidrro_el0
    str     xzr, [x9, #DF_DISABLED]                 // from here on an upcall finds a whole thread
    ldr     x10, [x9, #DF_PENDING]
    cbnz    x10, 2f
    ret
2:  mov     x10, #1                                 // posted while disabled: no upcall will come for it
    str     x10, [x9, #DF_DISABLED]
    b       os_thread_pause
    .size os_thread_load, . - os_thread_load

// For code in line that would else have to keep what it has in registers from a call that hardly ever happens.
function os_thread_take_pending_kept
    stp     x29, x30, [sp, #-176]!
    mov     x29, sp
    stp     x0, x1, [sp, #16]
    stp     x2, x3, [sp, #32]
    stp     x4, x5, [sp, #48]
    stp     x6, x7, [sp, #64]
    stp     x8, x9, [sp, #80]
    stp     x10, x11, [sp, #96]
    stp     x12, x13, [sp, #112]
    stp     x14, x15, [sp, #128]
    str     x18, [sp, #144]
    bl      thread_take_pending
    ldp     x0, x1, [sp, #16]
    ldp     x2, x3, [sp, #32]
    ldp     x4, x5, [sp, #48]
    ldp     x6, x7, [sp, #64]
    ldp     x8, x9, [sp, #80]
    ldp     x10, x11, [sp, #96]
    ldp     x12, x13, [sp, #112]
    ldp     x14, x15, [sp, #128]
    ldr     x18, [sp, #144]
    ldp     x29, x30, [sp], #176
    ret
    .size os_thread_take_pending_kept, . - os_thread_take_pending_kept

function os_thread_begin
    mov     x0, x20
    blr     x19
    bl      thread_exit
    .size os_thread_begin, . - os_thread_begin

.macro fp_pairs op
    \op     q0, q1, [x0]
    \op     q2, q3, [x0, #32]
    \op     q4, q5, [x0, #64]
    \op     q6, q7, [x0, #96]
    \op     q8, q9, [x0, #128]
    \op     q10, q11, [x0, #160]
    \op     q12, q13, [x0, #192]
    \op     q14, q15, [x0, #224]
    \op     q16, q17, [x0, #256]
    \op     q18, q19, [x0, #288]
    \op     q20, q21, [x0, #320]
    \op     q22, q23, [x0, #352]
    \op     q24, q25, [x0, #384]
    \op     q26, q27, [x0, #416]
    \op     q28, q29, [x0, #448]
    \op     q30, q31, [x0, #480]
.endm

function os_fp_save
    fp_pairs stp
    mrs     x9, fpcr
    mrs     x10, fpsr
    add     x0, x0, #512
    stp     x9, x10, [x0]
    ret
    .size os_fp_save, . - os_fp_save

function os_fp_load
    fp_pairs ldp
    add     x0, x0, #512
    ldp     x9, x10, [x0]
    msr     fpcr, x9
    msr     fpsr, x10
    ret
    .size os_fp_load, . - os_fp_load

// As sys_xfer, without a stack: what is stored while a thread is parked must not lie in lazy memory.
function os_thread_xfer
    str     x19, [x0, #XFER_BADGE]
    mov     x19, x0
    ldp     x1, x2, [x19, #XFER_ACCEPT]
    ldr     x3, [x19, #XFER_TAG]
    ldp     x4, x5, [x19, #XFER_WORD]
    ldp     x6, x7, [x19, #XFER_WORD + 16]
    ldp     x8, x9, [x19, #XFER_WORD + 32]
    ldp     x10, x11, [x19, #XFER_WORD + 48]
    ldr     x12, [x19, #XFER_CAP]
    ldr     x0, [x19]
    svc     #SVC_XFER
    cbnz    x0, 1f                          // after E_WOKEN the reply may lie there already
    str     x3, [x19, #XFER_TAG]
    stp     x4, x5, [x19, #XFER_WORD]
    stp     x6, x7, [x19, #XFER_WORD + 16]
    stp     x8, x9, [x19, #XFER_WORD + 32]
    stp     x10, x11, [x19, #XFER_WORD + 48]
    str     x1, [x19, #XFER_EVENT]
    ldr     x9, [x19, #XFER_BADGE]
    str     x2, [x19, #XFER_BADGE]
    mov     x19, x9
    ret
1:  ldr     x19, [x19, #XFER_BADGE]
    ret
    .size os_thread_xfer, . - os_thread_xfer
