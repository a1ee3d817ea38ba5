/**
 * @file mailbox.h  By what two cores' kernels signal each other's Notifys (docs/cores.md, "Mailboxes").  User space provides the
 * memory, a part of a Frame of zeros that both cores have a capability of, and has no business in it afterwards: who writes there
 * loses signals of this pair of cores and nothing else.
 */
#ifndef SHOAL_MAILBOX_H
#define SHOAL_MAILBOX_H

#define MAILBOX_PAIR_BYTES 0x8000u      /**< both directions; the first half is written by the core of the lower number */
#define MAILBOX_INDICES    1000u        /**< a core can make so many Notifys known to each of the others               */

/** What KERNEL_PEER says of another core. */
enum peer_state {
    PEER_NONE = 0,      /**< not connected                                                                            */
    PEER_WAITING = 1,   /**< this side is, the other one is not yet                                                   */
    PEER_UP = 2,
    PEER_DEAD = 3,      /**< its kernel has panicked                                                                  */
};

#endif
