/** @file shared.c  Reading memory of a peer, which may vanish.  Contracts in os/fault.h. */
#include <os/dispatcher.h>
#include <os/fault.h>

extern const char os_copy_shared_gone[];        /* in copy_shared.S, behind all loads */

bool os_fault_shared(struct dispatcher_frame *frame, uint64_t cause)
{
    struct save_area *const regs = &frame->enabled;

    if (cause != FAULT_READ || regs->pc < (uint64_t)os_copy_shared || regs->pc >= (uint64_t)os_copy_shared_gone) {
        return false;
    }
    regs->pc = (uint64_t)os_copy_shared_gone;
    return true;
}

/* In a program without paging any other fault is final. */
static void on_fault(struct dispatcher_frame *frame, uint64_t cause, uint64_t address, uint64_t syndrome)
{
    (void)address, (void)syndrome;
    if (!os_fault_shared(frame, cause)) {
        frame->fault_entry = 0;         /* the same again, and this time it is the kernel's */
    }
}

void os_shared_start(void)
{
    struct dispatcher_frame *const frame = frame_self();

    if (!frame->fault_entry) {
        frame->user[(DFU_FAULT_HANDLER - DF_USER) / 8] = (uint64_t)on_fault;
        frame->fault_entry = (uint64_t)os_fault_entry;
    }
}
