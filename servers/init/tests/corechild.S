/* First instruction of init on another core, when a self-test has started it: as start.S, with another main. */
#include <os/dispatcher.h>
#include <shoal/dispframe.h>

#define UPCALL_STACK_BYTES 8192

    .section .text.core_child_start, "ax"
    .global core_child_start
    .type core_child_start, %function
core_child_start:
    movz    x9, #0x7f00, lsl #32
    movk    x9, #0x0030, lsl #16            // INIT_STACK_TOP; asserted in setup.c
    mov     sp, x9
    mrs     x9, tpidrro_el0
    adrp    x10, core_child_upcalls
    add     x10, x10, :lo12:core_child_upcalls
    str     x10, [x9, #DFU_UPCALL_STACK]
    adrp    x10, os_run_entry
    add     x10, x10, :lo12:os_run_entry
    str     x10, [x9, #DF_RUN_ENTRY]
    str     xzr, [x9, #DF_FAULT_ENTRY]
    str     xzr, [x9, #DF_PENDING]
    str     xzr, [x9, #DF_DISABLED]
    mov     x29, xzr
    mov     x30, xzr
    bl      core_child
    brk     #2
    .size core_child_start, . - core_child_start

    .section .bss.core_child_upcalls, "aw", %nobits
    .balign 16
    .space UPCALL_STACK_BYTES
core_child_upcalls:
