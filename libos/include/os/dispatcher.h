/**
 * @file dispatcher.h  The caller's own dispatcher frame: disabled mode, events, upcalls.
 *
 * Until there is a thread library a program has one thread.  A run upcall clears `pending`, calls the program's handler
 * if it has one, and resumes that thread from the enabled area; so events stay in the bitmap until event_take() finds
 * them.  The words user[0..2] of the frame say what the upcall entries of arch/aarch64/upcall.S do:
 */
#ifndef OS_DISPATCHER_H
#define OS_DISPATCHER_H

#define DFU_UPCALL_STACK  (DF_USER + 0)     /* top of the stack upcalls run on */
#define DFU_RUN_HANDLER   (DF_USER + 8)     /* upcall_run_fn, or 0 */
#define DFU_FAULT_HANDLER (DF_USER + 16)    /* upcall_fault_fn, or 0: the fault is final */

#ifndef __ASSEMBLER__
#include <os/syscall.h>
#include <shoal/dispframe.h>

/** Runs disabled, on the upcall stack.  When it returns, the enabled area is resumed. */
typedef void (*upcall_run_fn)(struct dispatcher_frame *frame);
typedef void (*upcall_fault_fn)(struct dispatcher_frame *frame, uint64_t cause, uint64_t address, uint64_t syndrome);

/** Entries for dispatcher_frame.run_entry and fault_entry.  Not to be called. */
void os_run_entry(void);
void os_fault_entry(void);

/** Own frame; the kernel keeps its address in TPIDRRO_EL0. */
static inline struct dispatcher_frame *frame_self(void)
{
    struct dispatcher_frame *frame;
    __asm__("mrs %0, tpidrro_el0" : "=r"(frame));
    return frame;
}

/* The kernel writes the frame at any instruction of ours, but from this core only: program order is all it takes. */
static inline void disable(struct dispatcher_frame *frame)
{
    *(volatile uint64_t *)&frame->disabled = 1;
    __asm__ volatile("" : : : "memory");
}

static inline void enable(struct dispatcher_frame *frame)
{
    __asm__ volatile("" : : : "memory");
    *(volatile uint64_t *)&frame->disabled = 0;
}

/** Fill in a frame that has never run: upcalls go to the entries above, the first run upcall starts @p entry on
 *  @p stack_top with @p arg in x0.  @p stack_top, @p upcall_stack_top: multiples of 16 in the dispatcher's VSpace. */
void frame_init(struct dispatcher_frame *frame, uint64_t entry, uint64_t arg, uint64_t stack_top,
                uint64_t upcall_stack_top);

/** Was event @p id posted since it was last taken?  Takes it. */
bool event_take(struct dispatcher_frame *frame, uint64_t id);

/** Wait until event @p id is posted or time_now() reaches @p deadline (XFER_NO_DEADLINE: for ever).  Be enabled.  Other
 *  events stay where they are.
 * @return true: the event, and it is taken; false: the deadline */
bool event_wait(uint64_t id, uint64_t deadline);

/** An event id that nothing is ever bound to: who parks for it is woken by events only, never handed a message. */
#define EVENT_NONE 0

#endif
#endif
