/**
 * @file lmp_channel.h  A binding's channel over a pair of endpoints (LMP), with credits.
 *
 * The tag's upper bits: 31..0 (from TAG_USER_SHIFT) the head, then the sender's acknowledgement, CREDIT_BITS of it.  A
 * message without words, capability and head is an acknowledgement alone.
 *
 * Both rings have the same number of slots, four at least.  A message takes one credit, and the last one is kept for
 * acknowledgements, so these always get through: E_FULL never happens between two sides that keep the rules, and
 * whoever meets it closes the channel.  At most one capability is under way in each direction, because an endpoint has
 * one receive slot: the next goes out when the last is acknowledged, which means that it was moved away.
 *
 * Shared memory (share.c): each side makes a Frame for the packets that it sends when there is one, and offers it in a
 * message of its own, immediately before the first frame that announces a packet in it.  An announcement counts as taken,
 * and is acknowledged, when the packet was read: so the credits say when the Frame is free.  A larger Frame takes the
 * place of the one before, which must be free.
 */
#ifndef OS_LMP_CHANNEL_H
#define OS_LMP_CHANNEL_H

#include <os/binding_share.h>
#include <os/credit.h>
#include <os/lmp.h>
#include <os/thread_types.h>
#include <os/transport.h>

#define LMP_SLOTS_MIN 4u

#define LMP_SHARE_MIN (16u * 1024)      /* bytes of the first Frame, at least */

struct lmp_share {
    struct binding_share out, in;
    cptr_t offer;                       /**< to out, not sent yet; else CPTR_NULL                                     */
    uint64_t sent;                      /**< credit.sent after the last announcement                                  */
    bool held;                          /**< an announcement was received that does not count as taken yet            */
};

/** Memory that stays mapped: its event is handled in the run upcall. */
struct lmp_channel {
    struct transport transport;         /**< first                                                                    */
    struct event_handler handler;       /**< of end.event; who makes the channel registers it                         */
    struct lmp_end end;
    struct credit credit;
    uint64_t cap_sent;                  /**< credit.sent after the last message with a capability                     */
    bool awaited;                       /**< since the last acknowledgement something was taken that the peer may wait for:
                                             a capability, or a packet in shared memory                               */
    bool starved;                       /**< the last send found no credit …                                          */
    uint64_t starved_at;                /**< … when so many messages were acknowledged                                */
    struct lmp_share share;
    void (*released)(struct lmp_channel *c);
};

/** Make a channel of @p end, whose send capability, ring and receive slot are the channel's until @p released is
 *  called: when it is closed.  To close is to delete the send capability; the kernel tells the peer. */
void lmp_channel_init(struct lmp_channel *c, const struct lmp_end *end, void (*released)(struct lmp_channel *c));

/** The event of the endpoint was posted: what handler.fire does.  With the events lock held, as in the run upcall. */
void lmp_channel_event(struct lmp_channel *c);

#endif
