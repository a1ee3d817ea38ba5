/**
 * @file process.h  Child processes built by hand from capabilities.
 *
 * A child shares init's text and constants, at the same addresses and read-only, and nothing else: its entry is a C
 * function of init that uses only its stack, its shared page and what hangs off them, no writable global.  It has a
 * CSpace of one L2 CNode (task slots as in shoal/bootinfo.h), a VSpace, a dispatcher at init's priority, and init's
 * fault endpoint under a badge of its own.  It ends by child_exit(), which is a fault like any other.
 */
#ifndef INIT_PROCESS_H
#define INIT_PROCESS_H

#include "test.h"
#include <os/dispatcher.h>

/* The child's addresses: pages at PROC_FRAME_VA; between them nothing is mapped */
#define PROC_FRAME_VA      0x10000000ull
#define PROC_SHARED_VA     0x10002000ull
#define PROC_UPCALL_VA     0x10004000ull    /**< upcall stack                                                         */
#define PROC_UPCALL_BYTES  0x2000ull
#define PROC_STACK_VA      0x10008000ull
#define PROC_STACK_BYTES   0x4000ull
#define PROC_FREE_VA       0x10010000ull    /**< from here on to the end of the 2 MiB: for the test */

/** The page that init and the child both see. */
struct shared {
    uint64_t arg[32];
    uint64_t result[128];
    uint64_t more[352];
};
_Static_assert(sizeof(struct shared) == SHOAL_PAGE_SIZE, "one page");

struct proc {
    struct test *test;
    cptr_t l1, vnode, disp, frame, shared, stack;   /**< in init's CSpace                                             */
    cptr_t frame_mapping;                           /**< of the dispatcher frame, in the child's VSpace               */
    struct tables vspace;
    struct dispatcher_frame *frame_map;             /**< init's view                                                  */
    volatile struct shared *page;                   /**< init's view                                                  */
    unsigned badge;
    uint64_t next_slot, next_va;                    /**< free in its L2 CNode, and free addresses                     */
};

typedef void (*child_fn)(volatile struct shared *page);

/** Build a child that will start at @p entry.  Not started.  False: the test is marked failed. */
bool proc_make(struct test *t, struct proc *p, child_fn entry);

/** proc_make, then start. */
bool proc_run(struct test *t, struct proc *p, child_fn entry);

/** Lift its ceiling to @p priority and set it. */
bool proc_priority(struct proc *p, uint64_t priority);

/** Copy (or, with @p badge or from a receive capability, mint) a capability of init's into the child's next free slot;
 *  @return its address there, or CPTR_NULL with the test marked failed. */
cptr_t proc_give(struct proc *p, cptr_t cap, uint64_t rights);
cptr_t proc_give_minted(struct proc *p, cptr_t cap, uint64_t rights, uint64_t badge);

/** Map into the child's VSpace at its next free address.  0 with the test marked failed. */
uint64_t proc_map(struct proc *p, cptr_t frame, uint64_t offset, uint64_t bytes, uint64_t map_flags);

/** Take in all fault reports that have come. */
void faults_collect(void);

/** Wait until the child stops with a fault.  False: nothing came for HANG_SECONDS, and the test is marked failed. */
bool proc_fault(struct proc *p, struct fault *fault);

/** Wait for child_exit(); anything else is a failure of the test. */
bool proc_finish(struct proc *p);

/** Wait for a fault of this cause. */
bool proc_expect_fault(struct proc *p, enum fault_cause cause, uint64_t address);

/** For the child: the end. */
_Noreturn static inline void child_exit(void)
{
    for (;;) {
        __asm__ volatile("brk #0");
    }
}

/** An endpoint of the child: receive capability in its slot, ring mapped. */
struct proc_endpoint {
    cptr_t recv;                /**< in init's CSpace                                                                 */
    cptr_t child_recv;          /**< in the child's: it was moved there; init's is CPTR_NULL then                     */
    cptr_t ring_frame;
    uint64_t ring_va;           /**< in the child                                                                     */
    struct ring ring;           /**< init's view                                                                      */
    uint64_t event;
};

/** Make and bind an endpoint of 2^log2 message slots to @p p.  The receive capability stays with init. */
bool proc_endpoint(struct proc *p, struct proc_endpoint *ep, uint64_t event, unsigned log2_slots);

/** The same for init itself: events from EVENT_TEST on. */
bool own_endpoint(struct test *t, struct proc_endpoint *ep, uint64_t event, unsigned log2_slots);

#endif
