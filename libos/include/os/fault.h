/**
 * @file fault.h  Self-paging: page faults of a program are served by the program itself (docs/paging.md).
 *
 * F1  A fault in a lazy region (vspace_lazy(), vspace_lazy_stack()) is served in the upcall from memory in hand: no
 *     thread switch, no RPC.  If there is too little in hand the *pager*, a thread of the highest priority with a pinned
 *     stack, gets more by one RPC on a binding of its own, and serves it.
 * F2  Each page is installed once, whatever number of threads fault on it: whoever serves looks again under the lock.
 * F3  Once paging has started, only the pager refills and trims the stock; others wait for it.  It waits for nobody but the
 *     memory server, and touches no lazy memory.
 * F4  Memory that was committed (os_commit()) is there when a fault wants it: the account has promised it.
 * Any other fault is the thread's exception; without a handler the program says the reason and ends, with the registers
 * of the faulting instruction in the crash report.
 */
#ifndef OS_FAULT_H
#define OS_FAULT_H

#include <os/thread.h>

/** Start the thread library, if that has not been, and paging.  Again: no effect.  Enabled, with no low lock held.  From
 *  now on stacks of new threads are lazy but their highest page.
 * @return errors of thread_start_library(), of service_bind() to the memory server, of stock and thread_create(),
 *         wrapped in E_PAGING_START.  Cost: a binding, some pages, the pager */
err_t os_paging_start(void);

/** Promise @p bytes more for lazy memory (fewer, if negative), before it is handed out.  The account is asked in steps that
 *  double from 64 KiB to 16 MiB.  What a program takes from the memory server by itself, beside the stock, eats into the
 *  promise.
 * @return E_MEM_LIMIT, E_MEM_PROMISED, wrapped in E_COMMIT; nothing is changed then; never for fewer.
 * Cost: O(1), mostly without a call */
err_t os_commit(int64_t bytes);

/** Bytes that an account must have for @p bytes of lazy memory to come: page tables, CNodes and records take less than a 32nd
 *  part, with a fixed margin for what is begun. */
static inline uint64_t os_commit_room(uint64_t bytes)
{
    return bytes + bytes / 32 + 256u * 1024;
}
/** Bytes that are committed now. */
uint64_t os_committed(void);

/* --- memory of a peer ---
 * Whoever allocates memory pays for it, and when it ends its memory goes, from under those too that were shown it.  A
 * program reads such memory by os_copy_shared() and nothing else: if it is gone the copy says so, and no fault is seen.  This
 * needs no paging. */

/** Once, before the first os_copy_shared(). */
void os_shared_start(void);

/** @return whether all @p bytes were copied.  Else @p from is no longer mapped; of @p to anything was written.
 * Cost: 3 instructions per 16 bytes */
bool os_copy_shared(void *to, const void *from, size_t bytes);

/** For fault handlers: was it os_copy_shared()'s load that found nothing?  Then it goes on, and will return false. */
bool os_fault_shared(struct dispatcher_frame *frame, uint64_t cause);

/* --- exceptions --- */

enum exception_action {
    EXCEPTION_END,              /**< end the process, as without a handler                                            */
    EXCEPTION_RETRY,            /**< go on with `regs`, which the handler may have changed                            */
    EXCEPTION_SKIP,             /**< the same, four bytes further                                                     */
    EXCEPTION_EXIT,             /**< end the thread, with value 0                                                     */
};

struct exception {
    enum fault_cause cause;
    uint64_t address, syndrome;
    const char *reason;         /**< in words                                                                         */
    struct save_area regs;      /**< of the thread, at the instruction that faulted                                   */
};

/** Runs as the thread that faulted, enabled, on a stack of 16 KiB for this alone; may do what threads may, but thread_exit()
 *  only by EXCEPTION_EXIT.  A fault in it that is not served ends the process, as does one under a low lock. */
typedef enum exception_action (*exception_fn)(struct exception *e, void *arg);

/** The handler of the calling thread; NULL: none.  After os_paging_start().
 * @return errors of vspace_lazy_stack(), wrapped in E_EXCEPTION_STACK */
err_t exception_set(exception_fn fn, void *arg);

#endif
