/* Children that look at registers: registers.h. */
#include <os/dispatcher.h>
#include <shoal/dispframe.h>
#include <shoal/syscall.h>

#define ARG     0
#define RESULT  256
#define SHARED_HI 0x1000            /* PROC_SHARED_VA, asserted in isolation.c */
#define SHARED_LO 0x2000

.macro function name
    .section .text.\name, "ax"
    .global \name
    .type \name, %function
\name:
.endm

    .arch_extension fp
    .arch_extension simd
.macro or_fp n
    umov    x10, v\n\().d[0]
    umov    x11, v\n\().d[1]
    orr     x9, x9, x10
    orr     x9, x9, x11
.endm
.macro fill_fp n
    add     x10, x20, #\n
    dup     v\n\().2d, x10
.endm
.macro check_fp n
    add     x12, x20, #\n
    umov    x10, v\n\().d[0]
    umov    x11, v\n\().d[1]
    eor     x10, x10, x12
    eor     x11, x11, x12
    orr     x9, x9, x10
    orr     x9, x9, x11
.endm
.macro all_fp what
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    \what \n
    .endr
.endm

function registers_fp
    mov     x19, x0
    ldp     x20, x21, [x19, #ARG]
    mov     x9, xzr
    all_fp  or_fp
    str     x9, [x19, #RESULT]
    all_fp  fill_fp
    and     x22, x20, #3
    lsl     x22, x22, #22               // FPCR.RMode
    msr     fpcr, x22
    mov     x23, xzr
1:  svc     #SVC_YIELD
    mov     x9, xzr
    all_fp  check_fp
    mrs     x10, fpcr
    eor     x10, x10, x22
    orr     x9, x9, x10
    cmp     x9, #0
    cinc    x23, x23, ne
    subs    x21, x21, #1
    b.ne    1b
    str     x23, [x19, #RESULT + 8]
    brk     #0

// x0 = where; stores x1 … x30 there from index 1 on
.macro store_1_to_30
    .irp n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
    str     x\n, [x0, #8 * \n]
    .endr
.endm

function registers_at_upcall
    // TPIDR_EL0 must be looked at before it serves as the one free place for x0; SP, still free, keeps it
    mov     sp, x0                      // no instruction uses SP before it is overwritten
    mrs     x0, tpidr_el0
    cbnz    x0, 1f
    mov     x0, sp
    msr     tpidr_el0, x0
    movz    x0, #SHARED_LO + RESULT
    movk    x0, #SHARED_HI, lsl #16
    store_1_to_30
    mrs     x1, tpidr_el0
    str     x1, [x0]
    mov     x1, #1
    str     x1, [x0, #8 * 40]           // seen
1:  brk     #0

.macro fill_19_to_28
    .irp n, 19,20,21,22,23,24,25,26,27,28
    mov     x\n, #\n
    .endr
    mov     x9, #0x7d
    msr     tpidr_el0, x9
.endm

// x0 on the stack; everything that a system call must keep or clear, into result
.macro store_all
    str     x0, [sp, #-16]!
    movz    x0, #SHARED_LO + RESULT
    movk    x0, #SHARED_HI, lsl #16
    store_1_to_30
    ldr     x1, [sp], #16
    str     x1, [x0]
    mov     x1, sp
    ldr     x2, [x0, #8 * 60]
    sub     x1, x1, x2
    str     x1, [x0, #8 * 31]
    mrs     x1, tpidr_el0
    str     x1, [x0, #8 * 32]
.endm

function registers_after_xfer
    mov     x1, sp
    str     x1, [x0, #RESULT + 8 * 60]
    mrs     x9, tpidrro_el0
    mov     x10, #1
    str     x10, [x9, #DF_DISABLED]
    mov     x13, x0
    fill_19_to_28
    ldp     x0, x1, [x13, #ARG]
    mov     x2, xzr
    mov     x3, #8
    .irp n, 4,5,6,7,8,9,10,11
    mov     x\n, #100 + \n
    .endr
    mov     x12, xzr
    .irp n, 14,15,16,17,18
    mov     x\n, #0xdead
    .endr
    svc     #SVC_XFER
    store_all
    brk     #0

function registers_after_invoke
    mov     x1, sp
    str     x1, [x0, #RESULT + 8 * 60]
    mov     x13, x0
    fill_19_to_28
    ldp     x0, x1, [x13, #ARG]
    .irp n, 2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18
    mov     x\n, #0xdead
    .endr
    svc     #SVC_INVOKE
    store_all
    brk     #0

// x0 … x30 but x0 and x30 hold number + base; loops as long as it takes a time slice or two
function registers_kept
    str     x0, [sp, #-16]!
    ldr     x0, [x0, #ARG]
    mov     x30, xzr
1:  mov     x1, #0x1001
    .irp n, 2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29
    mov     x\n, #0x1000 + \n
    .endr
    mov     x2, #4096
2:  subs    x2, x2, #1                  // interrupts come here, flags and all
    b.ne    2b
    mov     x2, #0x1002
    .irp n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29
    sub     x\n, x\n, #0x1000
    cmp     x\n, #\n
    cinc    x30, x30, ne
    .endr
    subs    x0, x0, #1
    b.ne    1b
    ldr     x1, [sp], #16
    ldr     x2, [x1, #ARG]
    stp     x2, x30, [x1, #RESULT]
    brk     #0

function registers_secret
    movz    x9, #0x5ec2, lsl #48
    movk    x9, #0xe75e, lsl #32
    .irp n, 0,1,2,3,4,5,6,7,8,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
    add     x\n, x9, #\n
    .endr
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    dup     v\n\().2d, x9
    .endr
    msr     tpidr_el0, x9
    svc     #SVC_YIELD
    b       registers_secret
