/**
 * @file ring.c  The protocol of one side.  Why these orderings are enough (S: whoever sends, R: whoever receives):
 *
 * O1  payload -> header.  S writes the payload, then the header with a store that is at least release; R reads the
 *     header with at least acquire, then the payload.  So R sees the payload that belongs to the header.
 * O2  payload read -> slot reused.  R reads the payload, then acknowledges with at least release (a header of the other
 *     direction, or UMP_ACK); S reads the acknowledgement with at least acquire before it writes the slot again.  So no
 *     payload is overwritten that R has not read.
 * O3  sleeping.  S: header (a), then UMP_ARMED (b).  R: UMP_ARMED (2), then header (3).  All four are sequentially
 *     consistent, so in their one order either (a) comes before (3), and R sees the message, or (2) comes before (b),
 *     and S sees R armed and signals.  On AArch64 these are STLR and LDAR, which are not reordered with each other;
 *     LDAPR or plain accesses would be.  Waiting for credit is the same with UMP_ACK, and with UMP_CLOSED, in the
 *     place of the header.
 * O4  one signal for each time R sleeps.  Every arm writes a new odd number, and S remembers the number for which it
 *     has signalled.  If S reads an older number, then (b) came before (2), and (a) before (3).
 */
#include <os/ump_ring.h>

#include <stdatomic.h>

#define EPOCH_SHIFT 63
#define WORDS_SHIFT 60
#define WORDS_MASK  7u
#define ACK_SHIFT   32

void ump_ring_init(struct ump_ring *r, void *frame, unsigned side, uint32_t slots, void (*signal)(void *arg), void *arg)
{
    struct ump_line *const line = frame;

    *r = (struct ump_ring){ .mine = &line[side], .theirs = &line[!side], .signal = signal, .signal_arg = arg };
    r->out = &line[2 + (side ? slots : 0)];
    r->in = &line[2 + (side ? 0 : slots)];
    r->credit.slots = slots;
}

/* Laps count from 0, and fresh memory is zero: the first lap's bit is 1. */
static uint64_t epoch_of(const struct ump_ring *r, uint64_t position)
{
    return (~(position / r->credit.slots) & 1) << EPOCH_SHIFT;
}

static struct ump_line *slot_at(const struct ump_ring *r, struct ump_line *ring, uint64_t position)
{
    return &ring[position & (r->credit.slots - 1)];
}

static bool is_new(const struct ump_ring *r, uint64_t header, uint64_t position)
{
    return (header ^ epoch_of(r, position)) >> EPOCH_SHIFT == 0;
}

static bool is_broken(const struct ump_ring *r)
{
    return r->broken && *r->broken;
}

/* (b), (c): after the store that the peer may be waiting for. */
static void wake_peer(struct ump_ring *r)
{
    const uint64_t armed = atomic_load_explicit(&r->theirs->word[UMP_ARMED], memory_order_seq_cst);

    if (armed & 1 && armed != r->signalled) {
        r->signalled = armed;
        r->signal(r->signal_arg);
    }
}

/* --- credit --- */

/* What the peer says it has taken: in UMP_ACK, a whole count, and in the headers of messages that nobody has taken yet,
 * else two sides that both wait for credit might wait for ever.  The headers are read again when the messages are
 * taken, and may say something else then; that harms nobody but their writer.  seq_cst: (3) of who sleeps for
 * credit; O2. */
static uint64_t newest_ack(const struct ump_ring *r)
{
    uint64_t newest = atomic_load_explicit(&r->theirs->word[UMP_ACK], memory_order_seq_cst);

    newest = newest > credit_acked(&r->credit) ? newest : credit_acked(&r->credit);
    for (uint64_t i = 0; i < r->credit.slots; i++) {
        const uint64_t position = credit_position(&r->credit) + i;
        const uint64_t header = atomic_load_explicit(&slot_at(r, r->in, position)->word[0], memory_order_seq_cst);
        if (!is_new(r, header, position)) {
            break;
        }
        const uint64_t count = credit_count(&r->credit, (uint32_t)(header >> ACK_SHIFT) & CREDIT_MASK);
        newest = count > newest ? count : newest;
    }
    return newest;
}

static bool peer_closed(const struct ump_ring *r)
{
    return atomic_load_explicit(&r->theirs->word[UMP_CLOSED], memory_order_seq_cst) != 0;
}

bool ump_ring_room(struct ump_ring *r, uint32_t messages)
{
    return credit_left(&r->credit) >= messages ||
           (credit_acknowledged(&r->credit, newest_ack(r)) && credit_left(&r->credit) >= messages);
}

/* An acknowledgement of its own: due when half the ring is owed.  With less the peer has credit left. */
static void acknowledge(struct ump_ring *r)
{
    r->credit.told = r->credit.taken;
    atomic_store_explicit(&r->mine->word[UMP_ACK], r->credit.taken, memory_order_seq_cst);      /* O2, (a) of O3 */
    wake_peer(r);
}

/* --- messages --- */

err_t ump_ring_send(struct ump_ring *r, uint32_t head, const uint64_t *word, unsigned words)
{
    if (credit_left(&r->credit) == 0) {
        REQUIRE(credit_acknowledged(&r->credit, newest_ack(r)), E_BINDING_MALFORMED);
    }
    const bool starved = credit_left(&r->credit) == 0;
    atomic_store_explicit(&r->starved_at, credit_acked(&r->credit), memory_order_relaxed);
    atomic_store_explicit(&r->starved, starved, memory_order_relaxed);
    if (starved) {
        return ERR(ump_ring_closed(r) ? E_RPC_CLOSED : E_TX_BUSY);
    }
    struct ump_line *const slot = slot_at(r, r->out, r->credit.sent);
    for (unsigned i = 0; i < words; i++) {
        atomic_store_explicit(&slot->word[1 + i], word[i], memory_order_relaxed);               /* O1 */
    }
    const uint64_t header = epoch_of(r, r->credit.sent) | (uint64_t)words << WORDS_SHIFT |
                            (uint64_t)credit_tell(&r->credit) << ACK_SHIFT | head;
    r->credit.sent++;
    atomic_store_explicit(&slot->word[0], header, memory_order_seq_cst);                        /* O1, O2, (a) */
    wake_peer(r);
    return OK;
}

err_t ump_ring_receive(struct ump_ring *r, uint32_t *head, uint64_t word[UMP_WORDS], unsigned *words)
{
    const bool closed = peer_closed(r);                 /* before the ring: what was sent before the end is there then */
    struct ump_line *const slot = slot_at(r, r->in, r->credit.taken);
    const uint64_t header = atomic_load_explicit(&slot->word[0], memory_order_acquire);         /* O1, O2 */

    REQUIRE(!is_broken(r), E_RPC_CLOSED);
    if (!is_new(r, header, r->credit.taken)) {
        return ERR(closed ? E_RPC_CLOSED : E_CHANNEL_EMPTY);
    }
    *head = (uint32_t)header;
    *words = (unsigned)(header >> WORDS_SHIFT) & WORDS_MASK;
    for (unsigned i = 0; i < *words; i++) {
        word[i] = atomic_load_explicit(&slot->word[1 + i], memory_order_relaxed);               /* O1 */
    }
    REQUIRE(!is_broken(r), E_RPC_CLOSED);               /* these may be zeroes of a page that is not the peer's */
    const uint64_t count = credit_count(&r->credit, (uint32_t)(header >> ACK_SHIFT) & CREDIT_MASK);
    REQUIRE(credit_acknowledged(&r->credit, count), E_BINDING_MALFORMED);
    credit_take(&r->credit);
    if (credit_owed(&r->credit) >= r->credit.slots / 2) {
        acknowledge(r);
    }
    return OK;
}

bool ump_ring_closed(const struct ump_ring *r)
{
    return peer_closed(r) || is_broken(r);
}

/* --- sleeping --- */

static bool message_there(const struct ump_ring *r)
{
    const uint64_t position = credit_position(&r->credit);
    const uint64_t header = atomic_load_explicit(&slot_at(r, r->in, position)->word[0], memory_order_seq_cst);

    return is_new(r, header, position);
}

static bool credit_has_come(const struct ump_ring *r)
{
    return atomic_load_explicit(&r->starved, memory_order_relaxed) &&
           newest_ack(r) > atomic_load_explicit(&r->starved_at, memory_order_relaxed);
}

bool ump_ring_ready(const struct ump_ring *r, bool receive)
{
    return (receive && message_there(r)) || credit_has_come(r) || ump_ring_closed(r);
}

bool ump_ring_arm(struct ump_ring *r, bool receive)
{
    const uint64_t armed = atomic_load_explicit(&r->mine->word[UMP_ARMED], memory_order_relaxed);

    atomic_store_explicit(&r->mine->word[UMP_ARMED], (armed + 1) | 1, memory_order_seq_cst);    /* (2), O4 */
    if (ump_ring_ready(r, receive)) {                                                           /* (3) */
        ump_ring_disarm(r);
        return true;
    }
    return false;
}

bool ump_ring_armed(const struct ump_ring *r)
{
    return atomic_load_explicit(&r->mine->word[UMP_ARMED], memory_order_relaxed) & 1;
}

void ump_ring_disarm(struct ump_ring *r)
{
    const uint64_t armed = atomic_load_explicit(&r->mine->word[UMP_ARMED], memory_order_relaxed);

    /* Relaxed: if the peer sees it late it signals once too often. */
    atomic_store_explicit(&r->mine->word[UMP_ARMED], (armed + 1) & ~1ull, memory_order_relaxed);
}

void ump_ring_close(struct ump_ring *r)
{
    atomic_store_explicit(&r->mine->word[UMP_CLOSED], 1, memory_order_seq_cst);                 /* (a) */
    wake_peer(r);
}
