/**
 * @file ring.c  The protocol of one side.  Why these orderings are enough (S: whoever sends, R: whoever receives); the model
 * tests/model/umpring.pml has all of them, and fails without each:
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
#include <os/err.h>
#include <os/ump_ring.h>

#include <stdatomic.h>

#define EPOCH_SHIFT 63
#define WORDS_SHIFT 60
#define WORDS_MASK  7u
#define ACK_SHIFT   32

static const volatile bool never = false;

void ump_ring_init(struct ump_ring *r, void *frame, unsigned side, uint32_t slots, void (*signal)(void *arg), void *arg)
{
    struct ump_line *const line = frame;

    *r = (struct ump_ring){ .mine = &line[side], .theirs = &line[!side], .signal = signal, .signal_arg = arg };
    r->out = &line[2 + (side ? slots : 0)];
    r->in = &line[2 + (side ? 0 : slots)];
    r->credit.slots = slots;
    r->broken = &never;
}

/* Laps count from 0, and fresh memory is zero: the first lap's bit is 1.  The number of slots is a power of two. */
static inline uint64_t epoch_of(const struct ump_ring *r, uint64_t position)
{
    return (uint64_t)((position & r->credit.slots) == 0) << EPOCH_SHIFT;
}

static inline struct ump_line *slot_at(const struct ump_ring *r, struct ump_line *ring, uint64_t position)
{
    return &ring[position & (r->credit.slots - 1)];
}

static inline bool is_new(const struct ump_ring *r, uint64_t header, uint64_t position)
{
    return (header ^ epoch_of(r, position)) >> EPOCH_SHIFT == 0;
}

static inline bool is_broken(const struct ump_ring *r)
{
    return *r->broken;
}

/* What is rare is called last and out of line (OUT_OF_LINE; its result is the caller's), so that the usual way
 * through a function saves no registers. */
#define OUT_OF_LINE __attribute__((noinline))

/* OK, without the compiler's knowing it: it would not make the call the last thing, but come back to say so itself. */
static inline err_t ok(void)
{
    err_t err = OK;

    __asm__ volatile("" : "+r"(err.trail));
    return err;
}

OUT_OF_LINE static err_t signal_peer(struct ump_ring *r, uint64_t armed)
{
    r->signalled = armed;
    r->signal(r->signal_arg);
    return ok();
}

/* Between a store and a load of O3.  The architecture needs none between STLR and LDAR.  QEMU's translation to x86 does: it puts
 * its barriers before an STLR and behind an LDAR, and the processor's store buffer lets the load go first.  Seen as calls between
 * cores that slept for ever, about one in ten thousand waits on a loaded host. */
static inline void store_then_load(void)
{
#ifdef __aarch64__
    __asm__ volatile("dmb ish" ::: "memory");
#endif
}

/* (b), (c): after the store that the peer may be waiting for.  @return OK */
static inline err_t wake_peer(struct ump_ring *r)
{
    store_then_load();

    const uint64_t armed = atomic_load_explicit(&r->theirs->word[UMP_ARMED], memory_order_seq_cst);

    return armed & 1 && armed != r->signalled ? signal_peer(r, armed) : OK;
}

/* Payload (O1).  Seven words in one go, fewer by halves: where the numbers are constants there is no loop, and that
 * is most of what a message costs. */
static inline void put(_Atomic uint64_t *to, const uint64_t *from, unsigned words)
{
    for (unsigned i = 0; i < words; i++) {
        atomic_store_explicit(&to[i], from[i], memory_order_relaxed);
    }
}

static inline void put_words(_Atomic uint64_t *to, const uint64_t *from, unsigned words)
{
    if (words == UMP_WORDS) {
        put(to, from, UMP_WORDS);
        return;
    }
    if (words & 4) {
        put(to, from, 4);
        to += 4, from += 4;
    }
    if (words & 2) {
        put(to, from, 2);
        to += 2, from += 2;
    }
    if (words & 1) {
        put(to, from, 1);
    }
}

static inline void get(uint64_t *to, const _Atomic uint64_t *from, unsigned words)
{
    for (unsigned i = 0; i < words; i++) {
        to[i] = atomic_load_explicit(&from[i], memory_order_relaxed);
    }
}

static inline void get_words(uint64_t *to, const _Atomic uint64_t *from, unsigned words)
{
    if (words == UMP_WORDS) {
        get(to, from, UMP_WORDS);
        return;
    }
    if (words & 4) {
        get(to, from, 4);
        to += 4, from += 4;
    }
    if (words & 2) {
        get(to, from, 2);
        to += 2, from += 2;
    }
    if (words & 1) {
        get(to, from, 1);
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

static inline bool peer_closed(const struct ump_ring *r)
{
    return atomic_load_explicit(&r->theirs->word[UMP_CLOSED], memory_order_seq_cst) != 0;
}

bool ump_ring_room(struct ump_ring *r, uint32_t messages)
{
    return credit_left(&r->credit) >= messages ||
           (credit_acknowledged(&r->credit, newest_ack(r)) && credit_left(&r->credit) >= messages);
}

bool ump_ring_closed(const struct ump_ring *r)
{
    return peer_closed(r) || is_broken(r);
}

/* An acknowledgement of its own: due when half the ring is owed.  With less the peer has credit left. */
OUT_OF_LINE static err_t acknowledge(struct ump_ring *r)
{
    r->credit.told = r->credit.taken;
    atomic_store_explicit(&r->mine->word[UMP_ACK], r->credit.taken, memory_order_seq_cst);      /* O2, (a) of O3 */
    err_ignore(wake_peer(r));
    return ok();
}

/* --- messages --- */

/* No credit is known of.  @return OK: there is some after all */
static err_t find_credit(struct ump_ring *r)
{
    REQUIRE(credit_acknowledged(&r->credit, newest_ack(r)), E_BINDING_MALFORMED);
    const bool starved = credit_left(&r->credit) == 0;
    atomic_store_explicit(&r->starved_at, credit_acked(&r->credit), memory_order_relaxed);
    atomic_store_explicit(&r->starved, starved, memory_order_relaxed);
    if (starved) {
        return ERR(ump_ring_closed(r) ? E_RPC_CLOSED : E_TX_BUSY);
    }
    return OK;
}

static inline err_t send_with_credit(struct ump_ring *r, uint32_t head, const uint64_t *word, unsigned words)
{
    const uint64_t sent = r->credit.sent;
    struct ump_line *const slot = slot_at(r, r->out, sent);

    put_words(&slot->word[1], word, words);
    const uint64_t header = epoch_of(r, sent) | (uint64_t)words << WORDS_SHIFT |
                            (uint64_t)credit_tell(&r->credit) << ACK_SHIFT | head;
    r->credit.sent = sent + 1;
    atomic_store_explicit(&slot->word[0], header, memory_order_seq_cst);                        /* O1, O2, (a) */
    return wake_peer(r);
}

OUT_OF_LINE static err_t send_without_credit(struct ump_ring *r, uint32_t head, const uint64_t *word, unsigned words)
{
    TRY(find_credit(r));
    return send_with_credit(r, head, word, words);
}

err_t ump_ring_send(struct ump_ring *r, uint32_t head, const uint64_t *word, unsigned words)
{
    if (__builtin_expect(credit_left(&r->credit) == 0, 0)) {
        return send_without_credit(r, head, word, words);
    }
    if (__builtin_expect(atomic_load_explicit(&r->starved, memory_order_relaxed), 0)) {
        atomic_store_explicit(&r->starved, false, memory_order_relaxed);
    }
    return send_with_credit(r, head, word, words);
}

/* @p slot holds a new message with this header, the one at @p taken: what was loaded once is not loaded again. */
static inline err_t receive_new(struct ump_ring *r, const struct ump_line *slot, uint64_t header, uint64_t taken,
                                uint32_t *head, uint64_t word[UMP_WORDS], unsigned *words)
{
    *head = (uint32_t)header;
    *words = (unsigned)(header >> WORDS_SHIFT) & WORDS_MASK;
    get_words(word, &slot->word[1], (unsigned)(header >> WORDS_SHIFT) & WORDS_MASK);
    REQUIRE(!is_broken(r), E_RPC_CLOSED);               /* these may be zeroes of a page that is not the peer's */
    const uint64_t count = credit_count(&r->credit, (uint32_t)(header >> ACK_SHIFT) & CREDIT_MASK);
    REQUIRE(credit_acknowledged(&r->credit, count), E_BINDING_MALFORMED);
    credit_set_taken(&r->credit, taken + 1);
    return taken + 1 - r->credit.told >= r->credit.slots / 2 ? acknowledge(r) : OK;
}

/* Nothing was there: is it the end? */
OUT_OF_LINE static err_t receive_again(struct ump_ring *r, uint32_t *head, uint64_t word[UMP_WORDS], unsigned *words)
{
    const bool closed = ump_ring_closed(r);     /* before the ring: what was sent before the end is there then */
    const struct ump_line *const slot = slot_at(r, r->in, r->credit.taken);
    const uint64_t header = atomic_load_explicit(&slot->word[0], memory_order_acquire);         /* O1, O2 */

    if (!is_new(r, header, r->credit.taken)) {
        return ERR(closed ? E_RPC_CLOSED : E_CHANNEL_EMPTY);
    }
    return receive_new(r, slot, header, r->credit.taken, head, word, words);
}

err_t ump_ring_receive(struct ump_ring *r, uint32_t *head, uint64_t word[UMP_WORDS], unsigned *words)
{
    const uint64_t taken = r->credit.taken, epoch = epoch_of(r, taken);
    const struct ump_line *const slot = slot_at(r, r->in, taken);
    const uint64_t header = atomic_load_explicit(&slot->word[0], memory_order_acquire);         /* O1, O2 */

    if (__builtin_expect((header ^ epoch) >> EPOCH_SHIFT != 0, 0)) {
        return receive_again(r, head, word, words);
    }
    return receive_new(r, slot, header, taken, head, word, words);
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
    store_then_load();
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
    err_ignore(wake_peer(r));
}
