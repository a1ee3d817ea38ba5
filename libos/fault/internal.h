/** @file internal.h  Between the parts of libos/fault. */
#ifndef FAULT_INTERNAL_H
#define FAULT_INTERNAL_H

#include <os/fault.h>
#include <os/rpc.h>
#include <os/thread_fault.h>
#include <os/vspace.h>

/* --- pager.c --- */

/** Set up, once: the rest of os_paging_start(). */
err_t pager_start(void);

/** Disabled, in an upcall: the running thread waits until the pager has served its fault. */
_Noreturn void pager_serve(struct dispatcher_frame *frame);

/** Disabled, in an upcall: refill soon.  May not return. */
void pager_refill(struct dispatcher_frame *frame);

/** Let the pager call commit_here(); the caller waits. */
err_t pager_promise(uint64_t bytes, uint64_t grown);

/* --- fault.c --- */

/** The right that the access of a fault needed; 0: it was no access that can be served. */
uint64_t fault_access(const struct thread_fault *fault);

/** Let @p thread, which waits for the pager, find out that its fault cannot be served. */
void fault_refused(struct thread *thread, err_t err);

void fault_start(void);

/* --- report.c --- */

/** Say why @p thread, whose registers are @p regs, ends the process, in words.  @p bytes of @p text are written */
void fault_reason(char *text, size_t bytes, const struct thread *thread, const struct thread_fault *fault,
                  enum vspace_fill fill, err_t err);

/** Disabled: print that sentence and end the process by the same fault again, with these registers.  On any stack that is
 *  mapped. */
_Noreturn void fault_end(const struct thread_fault *fault, const char *reason, const struct save_area *regs);

/* --- exception.c --- */

/** Disabled, in an upcall: let the running thread's handler run.  @return false: it has none, or is in it. */
bool exception_deliver(struct dispatcher_frame *frame, struct thread_fault *fault, const char *reason);

/** Is @p address in the page below the stack of the handler, if the thread with @p fault has one? */
bool exception_stack_guard(const struct thread_fault *fault, uint64_t address);

/* --- commit.c --- */

/** Bytes that the account has now, and that it is promised. */
void commit_start(uint64_t granted, uint64_t promised);

/** The pager's: have @p bytes promised in all by @p mem, which was enough when stacks had grown by @p grown bytes. */
err_t commit_here(struct rpc_client *mem, uint64_t bytes, uint64_t grown);

/** The pager's: os_commit() for the stack that @p address lies in and must grow to. */
err_t commit_stack(struct rpc_client *mem, uint64_t address);

#endif
