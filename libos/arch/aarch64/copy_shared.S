/* os_copy_shared(to, from, bytes): os/fault.h.  A load that faults goes on at os_copy_shared_gone (libos/fault/shared.c), so
 * nothing is on the stack, and x30 stays what it was.  Alignment does not matter: SCTLR_EL1.A is 0. */

    .section .text.os_copy_shared, "ax"
    .global os_copy_shared, os_copy_shared_gone
    .type os_copy_shared, %function
os_copy_shared:
    subs    x2, x2, #64
    b.lo    2f
1:  ldp     x3, x4, [x1]
    ldp     x5, x6, [x1, #16]
    ldp     x7, x8, [x1, #32]
    ldp     x9, x10, [x1, #48]
    add     x1, x1, #64
    stp     x3, x4, [x0]
    stp     x5, x6, [x0, #16]
    stp     x7, x8, [x0, #32]
    stp     x9, x10, [x0, #48]
    add     x0, x0, #64
    subs    x2, x2, #64
    b.hs    1b
2:  adds    x2, x2, #56                 // 64 were taken off: what is left, less 8
    b.mi    4f
3:  ldr     x3, [x1], #8
    str     x3, [x0], #8
    subs    x2, x2, #8
    b.pl    3b
4:  adds    x2, x2, #8
    b.eq    6f
5:  ldrb    w3, [x1], #1
    strb    w3, [x0], #1
    subs    x2, x2, #1
    b.ne    5b
6:  mov     w0, #1
    ret
os_copy_shared_gone:
    mov     w0, #0
    ret
    .size os_copy_shared, . - os_copy_shared
