/* Upcall entries: os/dispatcher.h.  The kernel enters with `disabled` set, SP undefined and everything in zeroed
 * registers but the arguments, so there is nothing to save: the interrupted context lies in the enabled area. */
#include <os/dispatcher.h>
#include <shoal/dispframe.h>
#include <shoal/syscall.h>

    .section .text.os_run_entry, "ax"
    .global os_run_entry
    .type os_run_entry, %function
os_run_entry:
    mrs     x0, tpidrro_el0
    ldp     x9, x10, [x0, #DFU_UPCALL_STACK]    // and the run handler
    str     xzr, [x0, #DF_PENDING]              // before the events are looked at: a later post sets it again
    mov     sp, x9
    cbz     x10, 1f
    blr     x10
1:  svc     #SVC_RESUME
    brk     #1
    .size os_run_entry, . - os_run_entry

    .section .text.os_fault_entry, "ax"
    .global os_fault_entry
    .type os_fault_entry, %function
os_fault_entry:
    mov     x3, x2                              // syndrome, address, cause
    mov     x2, x1
    mov     x1, x0
    mrs     x0, tpidrro_el0
    ldr     x9, [x0, #DFU_UPCALL_STACK]
    ldr     x10, [x0, #DFU_FAULT_HANDLER]
    mov     sp, x9
    cbz     x10, 2f
    blr     x10
    svc     #SVC_RESUME
2:  brk     #3                                  // disabled: stops, and is reported to the fault endpoint
    .size os_fault_entry, . - os_fault_entry
