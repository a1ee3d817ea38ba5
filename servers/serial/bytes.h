/** @file bytes.h  A queue of bytes in a ring.  One owner: nothing here is for two threads. */
#ifndef SERIAL_BYTES_H
#define SERIAL_BYTES_H

#include <os/bug.h>

struct bytes {
    unsigned char *byte;        /**< [size]                                                                           */
    unsigned size;              /**< a power of two                                                                   */
    unsigned first, used;
};

static inline unsigned bytes_room(const struct bytes *b)
{
    return b->size - b->used;
}

/** Append; there must be room. */
static inline void bytes_put(struct bytes *b, unsigned char c)
{
    OS_ASSERT(b->used < b->size);
    b->byte[(b->first + b->used++) & (b->size - 1)] = c;
}

/** The oldest; there must be one. */
static inline unsigned char bytes_peek(const struct bytes *b)
{
    OS_ASSERT(b->used > 0);
    return b->byte[b->first & (b->size - 1)];
}

static inline unsigned char bytes_get(struct bytes *b)
{
    const unsigned char c = bytes_peek(b);

    b->first = (b->first + 1) & (b->size - 1);
    b->used--;
    return c;
}

static inline void bytes_clear(struct bytes *b)
{
    b->used = 0;
}

#endif
