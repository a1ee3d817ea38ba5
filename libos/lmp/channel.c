/** @file channel.c  Frames as LMP messages. */
#include "internal.h"

#include <os/caps.h>
#include <os/err.h>
#include <os/waiting.h>
#include <shoal/syscall.h>

#define HEAD_SHIFT TAG_USER_SHIFT
#define ACK_SHIFT  (TAG_USER_SHIFT + 32)

static uint32_t ack_of(uint64_t tag)
{
    return (uint32_t)(tag >> ACK_SHIFT) & CREDIT_MASK;
}

/* --- credit --- */

/* What the peer says it has taken, in messages that nobody has taken yet: else two sides that both wait for credit
 * might wait for ever. */
static uint64_t newest_ack(const struct lmp_channel *c)
{
    const struct ring_message *const slot = (const struct ring_message *)(c->end.ring + 1);
    uint64_t newest = credit_acked(&c->credit);

    for (uint64_t at = c->end.ring->consumed; at != c->end.ring->produced; at++) {
        const uint64_t tag = *(const volatile uint64_t *)&slot[at & c->end.mask].tag;
        const uint64_t count = credit_count(&c->credit, ack_of(tag));
        newest = count > newest ? count : newest;
    }
    return newest;
}

static bool may_send(const struct credit *credit, uint64_t acked, uint64_t cap_sent, bool cap)
{
    return credit->slots - (credit->sent - acked) > 1 && (!cap || acked >= cap_sent);
}

/* --- sending --- */

static err_t xfer(struct lmp_channel *c, struct xfer *x)
{
    x->dest = c->end.send;
    x->accept = (uint64_t)XFER_NO_PARK;
    x->tag |= (uint64_t)credit_tell(&c->credit) << ACK_SHIFT;
    c->awaited = false;
    c->credit.sent++;
    const err_t err = sys_xfer(x);
    return err_root(err) == E_DEAD ? ERR(E_RPC_CLOSED) : err;
}

/* With the last credit, if need be.  A channel that is broken is found so by the next receive. */
static void acknowledge(struct lmp_channel *c)
{
    struct xfer x = { .tag = 0 };

    if (credit_left(&c->credit) > 0) {
        err_ignore(xfer(c, &x));
    }
}

/* Note what is missing, for arm. */
static err_t starve(struct lmp_channel *c)
{
    c->starved_at = credit_acked(&c->credit);
    c->starved = true;
    return ERR(E_TX_BUSY);
}

err_t lmp_channel_acked(struct lmp_channel *c, uint64_t count)
{
    if (c->credit.acked < count) {
        REQUIRE(credit_acknowledged(&c->credit, newest_ack(c)), E_BINDING_MALFORMED);
    }
    return c->credit.acked < count ? starve(c) : OK;
}

err_t lmp_channel_send(struct lmp_channel *c, const struct frame *f)
{
    const bool cap = f->cap != CPTR_NULL;
    struct xfer x = { .cap = f->cap };

    REQUIRE(!lmp_closed(&c->end), E_RPC_CLOSED);
    if (!may_send(&c->credit, c->credit.acked, c->cap_sent, cap)) {
        REQUIRE(credit_acknowledged(&c->credit, newest_ack(c)), E_BINDING_MALFORMED);
    }
    if (!may_send(&c->credit, c->credit.acked, c->cap_sent, cap)) {
        return starve(c);
    }
    c->starved = false;
    x.tag = f->words | (cap ? TAG_CAP | (f->give ? TAG_GIVE : 0) : 0) | (uint64_t)f->head << HEAD_SHIFT;
    for (unsigned i = 0; i < f->words; i++) {
        x.word[i] = f->word[i];
    }
    TRY(xfer(c, &x));
    if (cap) {
        c->cap_sent = c->credit.sent;
        if (f->give) {
            binding_gave_cap(f->cap);
        }
    }
    return OK;
}

static err_t channel_send(struct transport *t, const struct frame *f)
{
    struct lmp_channel *const c = lmp_channel_of(t);

    return f->head == FRAME_SHARED ? lmp_share_send(c, f) : lmp_channel_send(c, f);
}

/* --- receiving --- */

static err_t take_cap(struct lmp_channel *c, uint64_t tag, struct frame *f)
{
    f->cap = CPTR_NULL;
    if (!(tag & TAG_CAP)) {
        return OK;
    }
    c->awaited = true;
    const err_t err = binding_take_cap(c->end.receive, &f->cap);
    if (!err_ok(err)) {
        f->cap = CPTR_NULL;
    }
    return err;
}

static inline void took(struct lmp_channel *c)
{
    credit_take(&c->credit);
    if (credit_owed(&c->credit) >= c->credit.slots / 2) {
        acknowledge(c);
    }
}

void lmp_channel_took(struct lmp_channel *c)
{
    took(c);
}

/* @return whether it is a frame, and not only news of credit */
static bool unpack(const struct ring_message *m, struct frame *f)
{
    f->head = (uint32_t)(m->tag >> HEAD_SHIFT);
    f->words = m->tag & TAG_LENGTH_MASK;
    for (unsigned i = 0; i < f->words; i++) {
        f->word[i] = m->word[i];
    }
    return f->head != 0 || f->words != 0 || f->cap != CPTR_NULL;
}

/* @return E_CHANNEL_EMPTY: it was for the channel */
static err_t take(struct lmp_channel *c, const struct ring_message *m, struct frame *f)
{
    REQUIRE(credit_acknowledged(&c->credit, credit_count(&c->credit, ack_of(m->tag))), E_BINDING_MALFORMED);
    TRY(take_cap(c, m->tag, f));
    const bool is_frame = unpack(m, f);
    if (f->head == FRAME_SHARED || f->head == FRAME_OFFER) {
        return lmp_share_take(c, f);
    }
    took(c);
    return is_frame ? OK : ERR(E_CHANNEL_EMPTY);
}

static err_t channel_receive(struct transport *t, struct frame *f)
{
    struct lmp_channel *const c = lmp_channel_of(t);
    struct ring_message m;
    err_t err;

    if (c->share.held) {
        lmp_share_ops.taken(t);
    }
    do {
        const bool closed = lmp_closed(&c->end);        /* before the ring is found empty */
        f->cap = CPTR_NULL;
        if (!lmp_take(&c->end, &m)) {
            return ERR(closed ? E_RPC_CLOSED : E_CHANNEL_EMPTY);
        }
        err = take(c, &m, f);
    } while (err_root(err) == E_CHANNEL_EMPTY);
    if (!err_ok(err) && f->cap != CPTR_NULL) {
        binding_drop_cap(f->cap);
        f->cap = CPTR_NULL;
    }
    return err_ok(err) || !lmp_closed(&c->end) ? err : ERR(E_RPC_CLOSED);    /* what it sent is gone as well */
}

/* A peer with more capabilities to send waits until it hears that the receive slot is empty, one with another long packet
 * until the last one was read.  That is said here, when this side has nothing more to do, because most answers say it on
 * their way. */
static bool channel_arm(struct transport *t, bool receive)
{
    struct lmp_channel *const c = lmp_channel_of(t);

    if (c->awaited) {
        acknowledge(c);
    }
    return (receive && lmp_ready(&c->end)) || lmp_closed(&c->end) ||
           (c->starved && newest_ack(c) > c->starved_at);
}

static void channel_close(struct transport *t)
{
    struct lmp_channel *const c = lmp_channel_of(t);

    err_ignore(cap_delete(CPTR_NULL, c->end.send));
    lmp_share_end(c);
    c->released(c);
}

static const struct transport_ops lmp_ops = {
    .frame_words = FRAME_WORDS_MAX,
    .caps = true,
    .share = &lmp_share_ops,
    .send = channel_send,
    .receive = channel_receive,
    .arm = channel_arm,
    .yield = sys_yield,
    .close = channel_close,
};

static void fire(struct event_handler *handler)
{
    lmp_channel_event((struct lmp_channel *)((char *)handler - offsetof(struct lmp_channel, handler)));
}

void lmp_channel_init(struct lmp_channel *c, const struct lmp_end *end, void (*released)(struct lmp_channel *c))
{
    *c = (struct lmp_channel){ .transport = { .ops = &lmp_ops, .handler = &c->handler }, .end = *end,
                               .released = released };
    c->handler = (struct event_handler){ .fire = fire, .end = &c->end };
    c->credit.slots = (uint32_t)end->mask + 1;
}

void lmp_channel_event(struct lmp_channel *c)
{
    if (c->transport.owner) {
        transport_ready_entered(c->transport.owner);
    }
}
