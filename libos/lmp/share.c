/** @file share.c  Frames for packets too long for messages.  Contracts in os/transport.h; how, in os/lmp_channel.h. */
#include "internal.h"

#include <os/err.h>
#include <shoal/cap.h>

/* --- ours --- */

static void end_out(struct lmp_share *s)
{
    if (s->offer != CPTR_NULL) {
        binding_drop_cap(s->offer);
        s->offer = CPTR_NULL;
    }
    binding_share_end(&s->out);
}

/* At least twice as large as the one before, so that few are made. */
static uint64_t next_size(const struct lmp_share *s, size_t bytes)
{
    const uint64_t pages = (bytes + SHOAL_PAGE_SIZE - 1) / SHOAL_PAGE_SIZE * SHOAL_PAGE_SIZE;
    const uint64_t twice = s->out.bytes ? 2 * s->out.bytes : LMP_SHARE_MIN;
    const uint64_t size = pages > twice ? pages : twice;

    return size < BINDING_SHARE_MAX ? size : BINDING_SHARE_MAX;
}

/* Nothing lies in the one before: it goes first, so that its memory can be used again. */
static err_t grow(struct lmp_share *s, size_t bytes)
{
    const uint64_t size = next_size(s, bytes);

    REQUIRE(bytes <= BINDING_SHARE_MAX, E_TOO_LONG);
    end_out(s);
    const err_t err = binding_share_make(&s->out, size, &s->offer);
    if (!err_ok(err)) {
        s->offer = CPTR_NULL;
    }
    return err;
}

static err_t share_room(struct transport *t, size_t bytes, uint64_t **at)
{
    struct lmp_channel *const c = lmp_channel_of(t);

    TRY(lmp_channel_acked(c, c->share.sent));
    if (c->share.out.bytes < bytes) {
        TRY(grow(&c->share, bytes));
    }
    *at = c->share.out.at;
    return OK;
}

/* The offer, if it has not been sent. */
static err_t send_offer(struct lmp_channel *c)
{
    const struct frame f = { .head = FRAME_OFFER, .cap = c->share.offer, .give = true };

    if (c->share.offer != CPTR_NULL) {
        TRY(lmp_channel_send(c, &f));
        c->share.offer = CPTR_NULL;
    }
    return OK;
}

err_t lmp_share_send(struct lmp_channel *c, const struct frame *f)
{
    TRY(send_offer(c));
    TRY(lmp_channel_send(c, f));
    c->share.sent = c->credit.sent;
    return OK;
}

/* --- the peer's --- */

static err_t take_offer(struct lmp_channel *c, struct frame *f)
{
    REQUIRE(f->words == 0 && f->cap != CPTR_NULL, E_BINDING_MALFORMED);
    binding_share_end(&c->share.in);
    TRY(binding_share_map(&c->share.in, f->cap));
    f->cap = CPTR_NULL;
    lmp_channel_took(c);
    return ERR(E_CHANNEL_EMPTY);
}

err_t lmp_share_take(struct lmp_channel *c, struct frame *f)
{
    if (f->head == FRAME_OFFER) {
        return take_offer(c, f);
    }
    c->share.held = true;
    return OK;
}

static const uint64_t *share_packet(struct transport *t, size_t bytes)
{
    const struct lmp_share *const s = &lmp_channel_of(t)->share;

    return s->held && bytes <= s->in.bytes ? s->in.at : NULL;
}

static void share_taken(struct transport *t)
{
    struct lmp_channel *const c = lmp_channel_of(t);

    if (c->share.held) {
        c->share.held = false;
        c->awaited = true;
        lmp_channel_took(c);
    }
}

const struct share_ops lmp_share_ops = {
    .room = share_room,
    .packet = share_packet,
    .fetch = binding_share_fetch,
    .taken = share_taken,
};

void lmp_share_end(struct lmp_channel *c)
{
    end_out(&c->share);
    binding_share_end(&c->share.in);
}
