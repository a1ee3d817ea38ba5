/**
 * @file fuzz.h  syscall-fuzz: a child process with a CSpace full of live capabilities fires random and malformed system
 * calls; init, of higher priority, looks after it.  What init and the child agree on.
 */
#ifndef INIT_FUZZ_H
#define INIT_FUZZ_H

#include "../process.h"

#define FUZZ_ROUND_CALLS 1000       /**< then the invariants are checked, and a new sandbox is built */

/* The child's CSpace: L1 slot 0 is the task CNode, 1 to FUZZ_CNODES are the sandbox. */
#define FUZZ_CNODES 3

/* What the sandbox begins with: slots of its first CNode. */
enum fuzz_slot {
    FUZZ_RAM = 1,               /**< 4 pieces of 64 KiB                                                               */
    FUZZ_FRAME = 5,             /**< 4 Frames of 1, 2, 4 and 8 pages                                                  */
    FUZZ_L1 = 9,
    FUZZ_L2 = 10,
    FUZZ_VNODE = 11,            /**< L0 to L3, linked below one another                                               */
    FUZZ_DISPATCHER = 15,       /**< a sibling, configured and started                                                */
    FUZZ_DISPATCHER_NEW = 16,
    FUZZ_RECV = 17,             /**< two endpoints: of the child, of the sibling                                      */
    FUZZ_SEND = 19,             /**< send capabilities for those                                                      */
    FUZZ_NOTIFY = 21,           /**< four; two are bound                                                              */
    FUZZ_IRQ = 25,              /**< four lines that nothing is connected to                                          */
    FUZZ_ID = 29,
    FUZZ_DEVRANGE = 30,         /**< device addresses where nothing is                                                */
    FUZZ_SELF = 31,             /**< the child's own dispatcher, L1, VNode_L0, L2 of the sandbox                      */
    FUZZ_SLOTS_USED = 40,
};

/* shared.arg of the child */
enum fuzz_arg {
    FUZZ_ARG_SEED,
    FUZZ_ARG_CALLS,             /**< stop after so many                                                               */
    FUZZ_ARG_SCRIBBLE,          /**< three pages the child writes nonsense to: sibling's frame, both rings            */
    FUZZ_ARG_SIBLING_SEND = 8,  /**< where the sibling sends                                                          */
};

/* shared.result */
enum fuzz_result { FUZZ_CALLS, FUZZ_OK, FUZZ_DONE };

/** shared.more[type * FUZZ_OPS + op]: how many such calls succeeded, where the child knew the type; type CAP_NULL: on
 *  the own CSpace.  Shows that the calls reach the code behind the checks. */
#define FUZZ_OPS 13

/** Entry of the child. */
void fuzz_child(volatile struct shared *page);

/** Run handler of the sibling: each time it is woken it sends a message and goes idle. */
void fuzz_sibling(struct dispatcher_frame *frame);

#endif
