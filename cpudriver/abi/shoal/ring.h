/**
 * @file ring.h  The ring of an endpoint: memory of the receiver, written by the kernel.
 * One control block of 128 bytes, then 2^k message slots of 128 bytes, in a Frame of the receiver.
 */
#ifndef SHOAL_RING_H
#define SHOAL_RING_H

#include <stdint.h>

struct ring_control {
    uint64_t consumed;      /**< messages taken so far; written by the receiver, believed by the kernel only within
                                 the size of the ring                                                                 */
    uint64_t produced;      /**< messages put so far; written by the kernel                                           */
    uint64_t closed;        /**< 1: the last send capability is gone; written by the kernel                           */
    uint64_t reserved_[13];
};

struct ring_message {
    uint64_t tag;           /**< TAG_CAP: a capability lies in the receive slot                                       */
    uint64_t badge;
    uint64_t word[8];       /**< as many as the tag's length says; the rest is left over from earlier messages        */
    uint64_t reserved_[6];
};

#define RING_LOG2_MAX     12u
#define RING_BYTES(log2)  ((1 + (1ull << (log2))) * 128)

_Static_assert(sizeof(struct ring_control) == 128 && sizeof(struct ring_message) == 128, "ring layout");

/** Fault message: tag length 5; the badge says whose. */
enum fault_word { FAULT_W_CAUSE = 0, FAULT_W_ADDRESS = 1, FAULT_W_PC = 2, FAULT_W_SP = 3, FAULT_W_SYNDROME = 4 };

#endif
