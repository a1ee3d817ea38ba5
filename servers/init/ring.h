/**
 * @file ring.h  The receiver's side of an endpoint's ring (shoal/ring.h).
 */
#ifndef INIT_RING_H
#define INIT_RING_H

#include <shoal/ring.h>
#include <stdbool.h>

struct ring {
    volatile struct ring_control *control;
    uint64_t mask;              /**< message slots - 1                                                                */
};

static inline struct ring ring_at(void *memory, unsigned log2_slots)
{
    return (struct ring){ memory, (1ull << log2_slots) - 1 };
}

/** Take the oldest message.  @return false: there is none. */
static inline bool ring_take(const struct ring *ring, struct ring_message *message)
{
    volatile struct ring_control *c = ring->control;
    const uint64_t at = c->consumed;

    if (at == c->produced) {
        return false;
    }
    *message = ((struct ring_message *)(c + 1))[at & ring->mask];
    /* the kernel may overwrite the slot from here on; it runs on this core, so program order is enough */
    __asm__ volatile("" : : : "memory");
    c->consumed = at + 1;
    return true;
}

#endif
