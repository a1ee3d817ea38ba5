/**
 * @file thread_fault.h  What the fault handler (os/fault.h) asks of the scheduler, and what it keeps of each thread.
 * Everything here is disabled, and on the upcall stack unless it says otherwise.
 */
#ifndef OS_THREAD_FAULT_H
#define OS_THREAD_FAULT_H

#include <os/dispatcher.h>
#include <os/stock.h>
#include <os/thread_types.h>

/** The latest fault of a thread, and its exception handler.  Lies in its record: always mapped. */
struct thread_fault {
    uint64_t cause, address, syndrome;
    struct exception_handler *handler;  /**< NULL: none                                                               */
};
struct thread_fault *thread_fault_of(struct thread *thread);

/** The thread that the upcall interrupted, whose registers lie in the enabled area.  NULL: none ran. */
struct thread *thread_interrupted(void);

/** Let @p elsewhere refill and trim the stock from now on.  Enabled; waits for a refill that is under way. */
void thread_refill_by(struct stock *stock, stock_elsewhere_fn *elsewhere);

/** Block that thread in @p queue, and run another.  thread_wake() lets it try the same instruction again. */
_Noreturn void thread_suspend(struct dispatcher_frame *frame, struct thread_queue *queue);

/** Before an upcall handler returns that has woken threads: does not return if one of them is to run first. */
void thread_reschedule(struct dispatcher_frame *frame);

/** Registers of a thread that thread_suspend() blocked. */
struct save_area *thread_suspended_area(struct thread *thread);

/** Load the FP registers of such a thread, for somebody who goes on in its place. */
void thread_suspended_fp(struct thread *thread);

/** All FP registers of the running thread, if it has any: 66 words.  On any stack. */
void thread_fp_save(uint64_t *area);
void thread_fp_load(const uint64_t *area);

/** Be the thread itself.  It runs on another stack than its own until the next call, whose lowest address this is; 0: on one
 *  that is mapped.  @return what it was */
uint64_t thread_set_stack_low(uint64_t low);

/** The stack of @p thread, if it is one of ours: the guard is the page below.  @return false: the caller's, or unknown */
bool thread_stack(const struct thread *thread, uint64_t *base, uint64_t *bytes);

/** The first thread of the program gets a lazy stack of @p bytes (pages) beside the one that it was started with, and has to
 *  go on there, from @p top, at once.  Once, after os_paging_start().
 * @return E_THREAD_STACK; errors of vspace_lazy_stack() and os_commit().  Nothing is changed then */
err_t thread_main_stack(uint64_t bytes, uint64_t *top);

/** From here on no thread runs but whoever calls this, and printing works as in a program with one. */
void thread_last_words(void);

/** Set while stacks of new threads are lazy: promise (or give up, if negative) so many bytes for one.  NULL: eager. */
extern err_t (*os_thread_commit)(int64_t bytes);

/** Set by whoever sets handlers: what a thread that is gone leaves. */
extern void (*os_exception_release)(struct exception_handler *handler);

#endif
