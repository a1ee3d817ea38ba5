/**
 * @file ump_ring.h  Messages between two cores over shared memory: a ring of cache lines in each direction.
 *
 * The frame: a control line of side 0 and one of side 1, then the ring from side 0 to side 1, then the other one.  A
 * line is written by one side only.  A slot is one line: header and seven words.
 *
 *   header: bit 63 epoch, bits 62..60 words, bits 55..32 messages that the sender has taken, bits 31..0 head
 *
 * The epoch bit of a slot changes with each lap of its ring, so the header alone says whether the slot is new; its
 * place in the ring is its sequence number.
 *
 * Whoever sleeps arms first (design: dispatch-and-ipc.md, section 9; each step of it is named in ring.c).  What the
 * peer writes is untrusted: lengths are masked by their field, acknowledgements must lie in the window, and payload is
 * copied before anybody looks at it.  A peer that lies breaks its own channel.
 */
#ifndef OS_UMP_RING_H
#define OS_UMP_RING_H

#include <os/credit.h>
#include <shoal/err.h>
#include <stddef.h>

#define UMP_LINE_BYTES 64u
#define UMP_WORDS      7u

struct ump_line {
    _Alignas(UMP_LINE_BYTES) _Atomic uint64_t word[8];
};

/* Words of a control line. */
enum { UMP_ARMED = 0, UMP_ACK = 1, UMP_CLOSED = 2 };

/** One side of a pair of rings.  Nothing here takes a lock: send, receive and close are one thread's at a time; arm and
 *  disarm exclude each other. */
struct ump_ring {
    struct ump_line *mine, *theirs;     /**< control lines; mine is written by this side only                         */
    struct ump_line *out, *in;
    struct credit credit;
    uint64_t signalled;                 /**< value of the peer's UMP_ARMED for which it was told                      */
    _Atomic bool starved;               /**< the last send found no credit …                                          */
    _Atomic uint64_t starved_at;        /**< … when so many messages were acknowledged                                */
    const volatile bool *broken;        /**< set when the memory went away: all that is read is zero.  At first, one that
                                             never is                                                                 */
    void (*signal)(void *arg);          /**< wake the peer.  Called without any lock but the caller's                 */
    void *signal_arg;
};

static inline size_t ump_frame_bytes(uint32_t slots)
{
    return UMP_LINE_BYTES * (2 + 2 * (size_t)slots);
}

/** @p frame: shared memory of ump_frame_bytes(slots), zeroed before either side begins; @p side 0 or 1; @p slots: a
 *  power of two from 4 to CREDIT_SLOTS_MAX. */
void ump_ring_init(struct ump_ring *r, void *frame, unsigned side, uint32_t slots, void (*signal)(void *arg), void *arg);

/** Can so many messages be sent?  Looks for acknowledgements only if it seems not. */
bool ump_ring_room(struct ump_ring *r, uint32_t messages);

/** @return OK; E_TX_BUSY no credit; E_RPC_CLOSED; E_BINDING_MALFORMED */
err_t ump_ring_send(struct ump_ring *r, uint32_t head, const uint64_t *word, unsigned words);

/** @return OK; E_CHANNEL_EMPTY; E_RPC_CLOSED the peer has closed and all was taken; E_BINDING_MALFORMED */
err_t ump_ring_receive(struct ump_ring *r, uint32_t *head, uint64_t word[UMP_WORDS], unsigned *words);

/** Is there a message (@p receive), credit that was missing, or the end?  May be called beside send and receive. */
bool ump_ring_ready(const struct ump_ring *r, bool receive);

/** Step 2 and 3: about to sleep.  @return ump_ring_ready(), and then do not sleep; else the peer will signal */
bool ump_ring_arm(struct ump_ring *r, bool receive);

/** Step 5: awake. */
void ump_ring_disarm(struct ump_ring *r);

bool ump_ring_armed(const struct ump_ring *r);

/** Has the peer said that no more comes, or has the memory gone? */
bool ump_ring_closed(const struct ump_ring *r);

/** No more from this side. */
void ump_ring_close(struct ump_ring *r);

#endif
