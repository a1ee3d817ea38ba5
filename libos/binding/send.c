/** @file send.c  One outgoing message, cut into frames; continuations. */
#include "internal.h"

bool binding_idle(const struct binding *b)
{
    return !b->out_busy && !b->reply_busy && !b->continuation.handler;
}

void binding_move_packet(struct wire_packet *to, struct wire_packet *from)
{
    *to = *from;
    if (from->word == from->small) {
        to->word = to->small;
    }
    if (from->cap == &from->one) {
        to->cap = &to->one;
    }
    from->word = NULL;
    from->words = from->caps = 0;
}

/* --- continuations --- */

static void tell_writable(struct binding *b)
{
    if (binding_idle(b)) {
        waitset_chan_trigger(&b->writable);
    }
    if (b->in_complete || b->parked) {
        binding_kick(b);                /* it may be a call that had to wait */
    }
}

static void run_continuation(void *arg)
{
    struct binding *const b = arg;

    binding_enter_handler(b, &b->sent);
    const struct event_closure c = b->continuation;
    b->continuation = NOP_CONT;
    tell_writable(b);
    binding_pause(b);
    if (c.handler) {                    /* else the binding was closed after this was delivered */
        c.handler(c.arg);
    }
    binding_resume(b);
    binding_leave(b);
}

static void all_sent(struct binding *b)
{
    wire_packet_free(&b->out);
    b->out_busy = false;
    if (b->reply_busy) {
        b->reply_busy = false;
        struct wire_packet reply;
        binding_move_packet(&reply, &b->reply);
        binding_start(b, &reply, b->reply_head);
        b->out_served = true;
    } else if (b->continuation.handler && b->sent.state == WAITSET_UNREGISTERED) {
        events_enter();
        if (err_ok(waitset_chan_register_entered(b->waitset, &b->sent, MKCONT(run_continuation, b)))) {
            waitset_chan_trigger_entered(&b->sent);
        } else {
            b->continuation = NOP_CONT;         /* the waitset is destroyed: nobody would run it */
        }
        events_leave();
    }
    tell_writable(b);
    binding_news(b);
}

/* --- frames --- */

void binding_start(struct binding *b, struct wire_packet *p, uint32_t head)
{
    binding_move_packet(&b->out, p);
    b->out_head = head;
    b->out_word = b->out_cap = 0;
    b->out_busy = true;
    b->out_served = false;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* The words of the next frame.  @return for how many of the packet they stand */
static uint32_t put_words(const struct binding *b, struct frame *f)
{
    const struct wire_packet *const p = &b->out;
    const uint32_t left = p->words - b->out_word;

    if (p->lent) {
        f->words = 0;
        if (left) {
            binding_announcement(b, f);
        }
        return left;
    }
    f->words = (uint8_t)smaller(left, b->transport->ops->frame_words);
    for (unsigned i = 0; i < f->words; i++) {
        f->word[i] = p->word[b->out_word + i];
    }
    return f->words;
}

static err_t send_frame(struct binding *b)
{
    struct transport *const t = b->transport;
    const struct wire_packet *const p = &b->out;
    const bool first = b->out_word == 0 && b->out_cap == 0;
    struct frame f;

    if (first && p->words >= SHARE_WORDS && !p->lent) {
        TRY(binding_share_out(b));
    }
    f.head = first ? b->out_head : 0;
    f.cap = b->out_cap < p->caps ? p->cap[b->out_cap] : CPTR_NULL;
    f.give = b->out_cap < p->caps && (p->give >> b->out_cap & 1);
    const uint32_t words = put_words(b, &f);
    TRY(t->ops->send(t, &f));
    b->out_word += words;
    b->out_cap += f.cap != CPTR_NULL;
    return OK;
}

void binding_flush(struct binding *b)
{
    while (b->out_busy && b->state != BINDING_CLOSED) {
        const err_t err = send_frame(b);
        if (err_root(err) == E_TX_BUSY) {
            return;
        }
        if (!err_ok(err)) {
            binding_fail(b, err);
        } else if (b->out_word == b->out.words && b->out_cap == b->out.caps) {
            all_sent(b);
        }
    }
}

/* --- for the stubs and their users --- */

err_t binding_packable(struct binding *b, struct wire_packet *p, const struct wire_message *m, const void *args)
{
    TRY(m->flat ? wire_pack(p, m, args, NULL) : binding_pack(b, p, m, args));
    if (p->caps && !b->transport->ops->caps) {
        wire_packet_free(p);
        return ERR(E_BINDING_CAP);
    }
    return OK;
}

/* The oldest call with this number is answered now. */
bool binding_pay(struct binding *b, uint16_t number, uint16_t *token)
{
    unsigned i = 0;

    while (i < b->owed_count && b->owed[i].number != number) {
        i++;
    }
    if (i == b->owed_count) {
        return false;
    }
    *token = b->owed[i].token;
    for (b->owed_count--; i < b->owed_count; i++) {
        b->owed[i] = b->owed[i + 1];
    }
    return true;
}

static err_t transmit(struct binding *b, const struct wire_message *m, struct event_closure continuation,
                      const void *args)
{
    struct wire_packet p;
    uint16_t token = 0;

    TRY(binding_usable(b));
    REQUIRE(binding_idle(b), E_TX_BUSY);
    TRY(binding_packable(b, &p, m, args));
    if (m->response && !binding_pay(b, m->number, &token)) {
        wire_packet_free(&p);
        return ERR(E_BINDING_CALL);
    }
    b->continuation = continuation;
    binding_start(b, &p, m->number | (m->response ? HEAD_RESPONSE : 0) | (uint32_t)token << HEAD_TOKEN_SHIFT);
    binding_flush(b);
    return b->state == BINDING_CLOSED ? b->why : OK;
}

err_t binding_transmit(struct binding *b, const struct wire_message *m, struct event_closure continuation,
                       const void *args)
{
    binding_enter(b);
    const err_t err = transmit(b, m, continuation, args);
    void (*const yield)(void) = b->sync && err_ok(err) && b->transport ? b->transport->ops->yield : NULL;
    binding_leave(b);
    if (yield) {
        yield();
    }
    return err;
}

bool binding_can_send(struct binding *b)
{
    binding_enter(b);
    const bool can = b->state == BINDING_OPEN && binding_idle(b);
    binding_leave(b);
    return can;
}

static err_t register_send(struct binding *b, struct waitset *ws, struct event_closure closure)
{
    REQUIRE(b->state != BINDING_CLOSED, E_RPC_CLOSED);
    const err_t err = waitset_chan_register(ws, &b->writable, closure);
    REQUIRE(err_root(err) != E_WAITSET_STATE, E_TX_BUSY);
    TRY(err);
    if (b->state == BINDING_OPEN && binding_idle(b)) {
        waitset_chan_trigger(&b->writable);
    }
    return OK;
}

err_t binding_register_send(struct binding *b, struct waitset *ws, struct event_closure closure)
{
    binding_enter(b);
    const err_t err = register_send(b, ws, closure);
    binding_leave(b);
    return err;
}
