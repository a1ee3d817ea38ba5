/* First instructions of init, which the kernel has built and no maker: in place of libos' own (crt0.S).  Entered by the
 * dispatcher's first run upcall: disabled, x0 = pending, all other registers zero, SP undefined, TPIDRRO_EL0 = the
 * dispatcher frame. */
#include <os/dispatcher.h>
#include <shoal/dispframe.h>

#define UPCALL_STACK_BYTES 8192

    .section .text._start, "ax"
    .global _start
    .type _start, %function
_start:
    movz    x9, #0x7f00, lsl #32
    movk    x9, #0x0030, lsl #16            // INIT_STACK_TOP; asserted in setup.c
    mov     sp, x9
    mrs     x9, tpidrro_el0
    adrp    x10, upcall_stack_top
    add     x10, x10, :lo12:upcall_stack_top
    str     x10, [x9, #DFU_UPCALL_STACK]
    adrp    x10, os_run_entry
    add     x10, x10, :lo12:os_run_entry
    str     x10, [x9, #DF_RUN_ENTRY]        // from now on upcalls find the thread in the enabled area
    str     xzr, [x9, #DF_FAULT_ENTRY]      // a fault in init is fatal
    str     xzr, [x9, #DF_PENDING]
    str     xzr, [x9, #DF_DISABLED]
    mov     x29, xzr
    mov     x30, xzr
    bl      main
    brk     #2                              // main of init powers off, and never returns
    .size _start, . - _start

    .section .bss.upcall_stack, "aw", %nobits
    .balign 16
    .space UPCALL_STACK_BYTES
upcall_stack_top:
