/**
 * @file binding_share.h  Memory that the two processes of a channel share, as the channel sees it: a Frame of the one who
 * writes, which the other one may read.  Whoever writes pays for it, and it goes when that process ends.
 *
 * Whoever has memory brings these functions: libos/services/binding_share.c, and a test on the build machine.
 */
#ifndef OS_BINDING_SHARE_H
#define OS_BINDING_SHARE_H

#include <os/reserve.h>

/** Most that is shared, or taken from a peer: the longest packet there is. */
#define BINDING_SHARE_MAX (1u << 20)

/** All zero: none. */
struct binding_share {
    uint64_t *at;
    uint64_t bytes;
    cptr_t frame;
    struct ram_block ram;               /**< what it was made of; chunk NULL: it is the peer's                        */
};

/** New memory of @p bytes, pages, all zero, that this process can read and write.  @p for_peer: a capability to give to the
 *  peer, with the right to read, in a slot of its own (os/binding_cap.h).
 * @return errors of stock_refill() and stock_obtain(), retype, slots, vspace_map(); and then there is nothing.
 * Cost: three system calls, more for page tables, and memory from the memory server if there is no run of pages in hand */
err_t binding_share_make(struct binding_share *s, uint64_t bytes, cptr_t *for_peer);

/** See the memory of a peer, for reading only.  @p cap is the share's if this succeeds.
 * @return E_BINDING_MALFORMED it is no Frame, or larger than BINDING_SHARE_MAX; errors of identify, vspace_map() */
err_t binding_share_map(struct binding_share *s, cptr_t cap);

/** Give back all of it; who made it takes it away from the peer as well. */
void binding_share_end(struct binding_share *s);

/** Copy out of a peer's memory.  @return false: it is no longer there, and what was written to @p to is nothing */
bool binding_share_fetch(void *to, const void *from, size_t bytes);

#endif
