/**
 * @file credit.h  Flow control of a ring: who sends knows how many messages the other side has taken.
 *
 * Whoever arms a channel looks at some counts while another thread sends or receives, so these are written atomically;
 * which order that happens in does not matter.  Both sides count from the first message on.  What is written to the
 * peer is the lower CREDIT_BITS bits of a count; a ring is much smaller, so they say which one it is.
 */
#ifndef OS_CREDIT_H
#define OS_CREDIT_H

#include <stdbool.h>
#include <stdint.h>

#define CREDIT_BITS 24
#define CREDIT_MASK ((1u << CREDIT_BITS) - 1)
#define CREDIT_SLOTS_MAX (1u << 12)

struct credit {
    uint32_t slots;             /**< of the peer's ring and of ours                                                   */
    uint64_t told;              /**< what the peer knows of taken                                                     */
    uint64_t sent;              /**< ours                                                                             */
    uint64_t taken;             /**< the peer's                                                                       */
    uint64_t acked;             /**< what we know the peer has taken of ours                                          */
};

/** Messages that can be sent. */
static inline uint64_t credit_left(const struct credit *c)
{
    return c->slots - (c->sent - c->acked);
}

/** Messages that were taken and not acknowledged. */
static inline uint64_t credit_owed(const struct credit *c)
{
    return c->taken - c->told;
}

static inline uint64_t credit_acked(const struct credit *c)
{
    return __atomic_load_n(&c->acked, __ATOMIC_RELAXED);
}

/** The count that the peer means by @p bits.  Older news than the last are the last. */
static inline uint64_t credit_count(const struct credit *c, uint32_t bits)
{
    const uint64_t acked = credit_acked(c);
    const uint32_t ahead = (bits - (uint32_t)acked) & CREDIT_MASK;

    return acked + (ahead >> (CREDIT_BITS - 1) ? 0 : ahead);
}

/** The peer has taken @p count messages.  @return false: it cannot have */
static inline bool credit_acknowledged(struct credit *c, uint64_t count)
{
    if (count > c->sent) {
        return false;
    }
    __atomic_store_n(&c->acked, count, __ATOMIC_RELAXED);
    return true;
}

static inline uint64_t credit_position(const struct credit *c)
{
    return __atomic_load_n(&c->taken, __ATOMIC_RELAXED);
}

/** So many are taken now. */
static inline void credit_set_taken(struct credit *c, uint64_t taken)
{
    __atomic_store_n(&c->taken, taken, __ATOMIC_RELAXED);
}

/** One more is taken. */
static inline void credit_take(struct credit *c)
{
    credit_set_taken(c, c->taken + 1);
}

/** Has the peer taken all that was sent? */
static inline bool credit_in_step(const struct credit *c)
{
    return c->sent == c->acked;
}

/** What to write to the peer; from now on that much is told. */
static inline uint32_t credit_tell(struct credit *c)
{
    c->told = c->taken;
    return (uint32_t)c->taken & CREDIT_MASK;
}

#endif
