/* First instructions of a program.  Entered by the dispatcher's first run upcall: disabled, x0 = pending, all other
 * registers zero, SP undefined, TPIDRRO_EL0 = the dispatcher frame, which says where upcall stack and startup block are.
 */
#include <os/dispatcher.h>
#include <shoal/dispframe.h>

    .section .text._start, "ax"
    .global _start
    .type _start, %function
_start:
    mrs     x19, tpidrro_el0
    ldr     x9, [x19, #DFU_UPCALL_STACK]
    mov     sp, x9
    mov     x29, xzr
    mov     x30, xzr
    mov     x0, x19
    bl      os_startup_open                 // checks the block; the top of the stack, if it comes back
    mov     sp, x0
    adrp    x10, os_run_entry
    add     x10, x10, :lo12:os_run_entry
    str     x10, [x19, #DF_RUN_ENTRY]       // from now on upcalls find the thread in the enabled area
    str     xzr, [x19, #DF_FAULT_ENTRY]     // until there is a fault handler, a fault ends the process
    str     xzr, [x19, #DF_PENDING]
    str     xzr, [x19, #DF_DISABLED]
    mov     x29, xzr
    mov     x30, xzr
    bl      os_start
    brk     #2                              // os_start never returns
    .size _start, . - _start
