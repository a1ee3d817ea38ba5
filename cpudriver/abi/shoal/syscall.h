/**
 * @file syscall.h  System calls: the number is the immediate of the SVC instruction.
 *
 * SVC_XFER    x0 dest, x1 accept, x2 deadline, x3 tag, x4..x11 words, x12 cap.  Send, park, or both.
 *             Back: x0 status, x1 event id, x2 badge, x3 tag, x4..x11 words.  x12..x18 are cleared (after E_WOKEN x1..x18
 *             hold what the enabled area held before), x19..x30, SP and TPIDR_EL0 are kept.
 * SVC_INVOKE  x0 cap, x1 operation, x2..x7 arguments.  Back: x0 error, x1..x6 results; x7..x18 are cleared.
 * SVC_RESUME  no arguments: leave disabled mode with the whole context that lies in the enabled area.
 * SVC_YIELD   no arguments: to the tail of this priority; comes back by run upcall (the call itself returns 0, once the
 *             context is resumed).
 * SVC_DEBUG   x0 operation (enum debug_op), x1 argument.  E_SYSCALL in a release build.
 * Any other immediate returns E_SYSCALL.  The condition flags are not preserved by any call.
 */
#ifndef SHOAL_SYSCALL_H
#define SHOAL_SYSCALL_H

#define SVC_XFER   0
#define SVC_INVOKE 1
#define SVC_RESUME 2
#define SVC_YIELD  3
#define SVC_DEBUG  4

/* accept of xfer: an event id of the caller, or one of these (as 64-bit values) */
#define XFER_NO_PARK (-1)  /**< send only                                                                             */
#define XFER_ANY     (-2)  /**< park for any endpoint                                                                 */
#define XFER_IDLE    (-3)  /**< park for nothing: comes back by run upcall only, and no context is kept               */

/* deadline of xfer: absolute, in ticks of CNTVCT_EL0.  0 leaves the dispatcher's deadline as it is. */
#define XFER_KEEP_DEADLINE 0
#define XFER_NO_DEADLINE   (-1)

/* The tag word.  Bits 63..8 belong to the stubs. */
#define TAG_LENGTH_MASK 0xf    /**< words used, 0 to 8                                                                */
#define TAG_CAP         0x10   /**< a capability goes along (in), was received (out)                                  */
#define TAG_GIVE        0x20   /**< give it away: it moves, and keeps RIGHT_OWN                                       */
#define TAG_USER_SHIFT  8
#define XFER_WORDS      8

#ifndef __ASSEMBLER__
enum debug_op {
    DEBUG_CHECK = 0,      /**< run all invariant checkers; 0, or the kernel panics with what is wrong                 */
    DEBUG_CAPS = 1,       /**< result in x1: number of capabilities in the mapping database                           */
};
#endif
#endif
