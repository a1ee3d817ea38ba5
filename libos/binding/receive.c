/** @file receive.c  Frames become packets.  Nothing a peer says is used before it was compared with the interface. */
#include "internal.h"

/** Frames that one event takes at most, so that one peer does not keep a thread to itself. */
#define FRAMES_MAX 256u

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* The message that a first frame begins, if this side may get it. */
static const struct wire_message *message_of(const struct binding *b, uint32_t number)
{
    const struct binding_interface *i = b->interface;
    const uint32_t index = (number & (HEAD_RESPONSE - 1)) - 1;      /* of 0: too large */

    if (index >= i->count) {
        return NULL;
    }
    if (number & HEAD_RESPONSE) {
        const bool rpc = i->responses && i->responses[index].number != 0;
        return rpc && b->role == BINDING_CLIENT ? &i->responses[index] : NULL;
    }
    return i->messages[index].call && b->role == BINDING_CLIENT ? NULL : &i->messages[index];
}

/* @p shared: it announces a packet. */
static err_t begin(struct binding *b, const struct frame *f, bool shared)
{
    const uint64_t head = shared ? f->word[0] : f->head, first = f->word[shared];
    const struct wire_message *m = message_of(b, head & 0xffff);
    uint64_t words, caps;

    REQUIRE(b->state == BINDING_OPEN && m && head <= UINT32_MAX, E_BINDING_MALFORMED);
    if (m->flat) {
        words = m->words_min;
        caps = f->cap != CPTR_NULL;
    } else {
        REQUIRE(f->words > shared, E_BINDING_MALFORMED);
        words = (first & UINT32_MAX) + 1;
        caps = first >> 32;
    }
    REQUIRE(words >= m->words_min && words <= wire_words_max(m), E_BINDING_MALFORMED);
    REQUIRE(caps <= m->caps_max && caps <= WIRE_CAPS_MAX, E_BINDING_MALFORMED);
    TRY(shared ? binding_packet_in(b, m, (uint32_t)words, (uint32_t)caps)
               : wire_packet_room(&b->in, m, (uint32_t)words, (uint32_t)caps));
    b->in_started = true;
    b->in_token = (uint16_t)(head >> HEAD_TOKEN_SHIFT);
    b->in_word = b->in_cap = 0;
    return OK;
}

/* Every frame but the last is full, and capabilities come with the first frames: there is one way to cut a packet. */
static err_t append(struct binding *b, const struct frame *f, bool shared)
{
    struct wire_packet *const p = &b->in;
    const uint32_t left = p->words - b->in_word, words = shared ? 2 : smaller(left, b->transport->ops->frame_words);
    const bool cap = b->in_cap < p->caps;

    REQUIRE(f->words == words && (f->cap != CPTR_NULL) == cap, E_BINDING_MALFORMED);
    for (uint32_t i = 0; i < words && !shared; i++) {
        p->word[b->in_word + i] = f->word[i];
    }
    b->in_word += shared ? left : words;
    if (cap) {
        p->cap[b->in_cap++] = f->cap;
    }
    b->in_complete = b->in_word == p->words && b->in_cap == p->caps;
    return OK;
}

static err_t take_frame(struct binding *b, const struct frame *f)
{
    const bool first = !b->in_started, shared = first && f->head == FRAME_SHARED;

    if (first && !shared && (f->head & (HEAD_CONTROL | HEAD_RESPONSE)) == HEAD_CONTROL) {
        REQUIRE(f->cap == CPTR_NULL, E_BINDING_MALFORMED);
        return binding_take_control(b, f);
    }
    if (first) {
        TRY(begin(b, f, shared));
    } else {
        REQUIRE(f->head == 0, E_BINDING_MALFORMED);
    }
    return append(b, f, shared);
}

err_t binding_pull(struct binding *b)
{
    for (unsigned i = 0; !b->in_complete; i++) {
        struct frame f;
        if (i == FRAMES_MAX) {
            b->again = true;
            return ERR(E_CHANNEL_EMPTY);
        }
        TRY(b->transport->ops->receive(b->transport, &f));
        const err_t err = take_frame(b, &f);
        if (!err_ok(err)) {
            if (f.cap != CPTR_NULL) {
                binding_drop_cap(f.cap);
            }
            return err;
        }
        if (b->in_complete && b->in.message->response && b->in_token != 0) {
            TRY(binding_answered(b, b->in_token));
            b->in_started = b->in_complete = false;
        }
    }
    return OK;
}
