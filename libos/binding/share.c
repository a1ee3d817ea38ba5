/** @file share.c  Packets in memory that both sides see (struct share_ops).  Whoever sends packs into it, whoever receives
 * unpacks from it: one copy on each side. */
#include "internal.h"

static const struct share_ops *share_of(const struct binding *b)
{
    return b->transport->ops->share;
}

/* --- sending --- */

struct place {
    struct wire_place place;            /* first */
    struct binding *b;
};

static uint64_t *find_room(struct wire_place *place, uint32_t words)
{
    struct binding *const b = ((struct place *)place)->b;
    uint64_t *at;

    return err_ok(share_of(b)->room(b->transport, (size_t)words * 8, &at)) ? at : NULL;
}

err_t binding_pack(struct binding *b, struct wire_packet *p, const struct wire_message *m, const void *args)
{
    struct place place = { { SHARE_WORDS, find_room }, b };

    /* Only what is sent next may lie there. */
    return wire_pack(p, m, args, share_of(b) && !b->out_busy ? &place.place : NULL);
}

/* What there was no room for when it was packed. */
static err_t move_in(struct binding *b, struct wire_packet *p)
{
    struct wire_packet lent;
    uint64_t *at;

    TRY(share_of(b)->room(b->transport, (size_t)p->words * 8, &at));
    TRY(wire_packet_lend(&lent, p->message, at, p->words, p->caps, NULL));
    memcpy(at, p->word, (size_t)p->words * 8);
    for (uint32_t i = 0; i < p->caps; i++) {
        lent.cap[i] = p->cap[i];
    }
    lent.give = p->give;
    wire_packet_free(p);
    binding_move_packet(p, &lent);
    return OK;
}

err_t binding_share_out(struct binding *b)
{
    struct wire_packet *const p = &b->out;

    if (p->message->flat || !share_of(b)) {
        return OK;
    }
    const err_t err = move_in(b, p);
    return err_root(err) == E_TX_BUSY ? err : OK;
}

void binding_announcement(const struct binding *b, struct frame *f)
{
    f->head = FRAME_SHARED;
    f->words = 2;
    f->word[0] = b->out_head;
    f->word[1] = (b->out.words - 1) | (uint64_t)b->out.caps << 32;
}

/* --- receiving --- */

err_t binding_packet_in(struct binding *b, const struct wire_message *m, uint32_t words, uint32_t caps)
{
    struct transport *const t = b->transport;

    REQUIRE(t->ops->share && !m->flat && words >= SHARE_WORDS, E_BINDING_MALFORMED);
    const uint64_t *const at = t->ops->share->packet(t, (size_t)words * 8);
    REQUIRE(at, E_BINDING_MALFORMED);
    /* Nothing of a packet that was received is written to. */
    TRY(wire_packet_lend(&b->in, m, (uint64_t *)(uintptr_t)at, words, caps, t->ops->share->fetch));
    /* Capabilities come in frames of their own, each of which waits until the one before was taken. */
    const err_t err = caps > 1 ? binding_own(b, &b->in) : OK;
    if (!err_ok(err)) {
        wire_packet_free(&b->in);
    }
    return err;
}

void binding_taken(struct binding *b)
{
    if (b->transport) {
        share_of(b)->taken(b->transport);
    }
}

err_t binding_own(struct binding *b, struct wire_packet *p)
{
    if (p->lent) {
        TRY(wire_packet_own(p));
        binding_taken(b);
    }
    return OK;
}
