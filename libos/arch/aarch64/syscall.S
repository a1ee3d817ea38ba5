/* System calls that cannot be written in line: os/syscall.h has their contracts. */
#include <shoal/syscall.h>

/* struct xfer; asserted in dispatch/dispatcher.c */
#define XFER_ACCEPT   8
#define XFER_TAG      24
#define XFER_WORD     32
#define XFER_CAP      96
#define XFER_EVENT    104
#define XFER_BADGE    112

    .section .text.sys_xfer, "ax"
    .global sys_xfer
    .type sys_xfer, %function
sys_xfer:
    stp     x19, x30, [sp, #-16]!           // the kernel keeps x19..x30 and SP, clears or fills the rest
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
    stp     x1, x2, [x19, #XFER_EVENT]      // event id and badge
    str     x3, [x19, #XFER_TAG]
    stp     x4, x5, [x19, #XFER_WORD]
    stp     x6, x7, [x19, #XFER_WORD + 16]
    stp     x8, x9, [x19, #XFER_WORD + 32]
    stp     x10, x11, [x19, #XFER_WORD + 48]
    ldp     x19, x30, [sp], #16
    ret
    .size sys_xfer, . - sys_xfer

    .section .text.sys_resume, "ax"
    .global sys_resume
    .type sys_resume, %function
sys_resume:
    svc     #SVC_RESUME
    brk     #1                              // resume never comes back here
    .size sys_resume, . - sys_resume
