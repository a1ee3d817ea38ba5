/**
 * @file lmp.h  One side of an LMP channel of a program with one thread: a send capability to the peer, a ring of our own.
 */
#ifndef OS_LMP_H
#define OS_LMP_H

#include <os/dispatcher.h>
#include <shoal/ring.h>

struct lmp_end {
    cptr_t send;                            /**< to the peer's endpoint                                               */
    uint64_t event;                         /**< posted with each message, and when the peer is gone                  */
    volatile struct ring_control *ring;     /**< ours, mapped; written by the kernel                                  */
    uint64_t mask;                          /**< its message slots - 1                                                */
    cptr_t receive;                         /**< where received capabilities arrive; CPTR_NULL: none are taken        */
};

/** Has the peer's last send capability gone?  Read it before the ring is found empty: messages sent before are there. */
static inline bool lmp_closed(const struct lmp_end *end)
{
    return end->ring->closed;
}

/** Is the peer there, and nothing in the ring? */
static inline bool lmp_quiet(const struct lmp_end *end)
{
    return end->ring->consumed == end->ring->produced && !end->ring->closed;
}

/** Take the oldest message.  @return false: there is none */
static inline bool lmp_take(struct lmp_end *end, struct ring_message *message)
{
    const uint64_t at = end->ring->consumed;

    if (at == end->ring->produced) {
        return false;
    }
    *message = ((const struct ring_message *)(end->ring + 1))[at & end->mask];
    /* The kernel may use the slot from here on.  It writes on this core only, so program order is enough. */
    __asm__ volatile("" ::: "memory");
    end->ring->consumed = at + 1;
    return true;
}

/** Put a message that came in registers back, so that it is the next one to be taken.  A message comes in registers only
 *  while the ring is empty, so there is room, and nothing overtakes it. */
static inline void lmp_put_back(const struct lmp_end *end, uint64_t tag, const uint64_t word[XFER_WORDS])
{
    const uint64_t at = end->ring->consumed - 1;
    volatile struct ring_message *const slot = (volatile struct ring_message *)(end->ring + 1) + (at & end->mask);

    slot->tag = tag;
    for (unsigned i = 0; i < XFER_WORDS; i++) {
        slot->word[i] = word[i];
    }
    end->ring->consumed = at;
}

/** Is a message there?  As lmp_take, without taking it. */
static inline bool lmp_ready(const struct lmp_end *end)
{
    return end->ring->consumed != end->ring->produced;
}

#endif
