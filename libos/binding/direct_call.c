/** @file direct_call.c  A call that stays in registers: the client's side (os/direct.h). */
#include "direct.h"

/** Of a call under way.  Filled in by who settles it, but for the response. */
struct direct_call {
    uint32_t response;
    struct rpc_future future;
};

static struct lmp_channel *channel_of(const struct binding *b)
{
    return (struct lmp_channel *)b->transport;
}

/* --- settle and rest --- */

/* From here on whoever finds the answer ends the call as any other. */
static void settle_call(struct binding *b)
{
    struct direct_call *const d = b->calling;

    binding_future(b, &d->future, &b->interface->responses[(d->response >> 8 & ~HEAD_RESPONSE) - 1]);
    binding_call_enter(b, &d->future, 0, channel_of(b)->credit.sent & GENERATION_MASK);
    b->calling = NULL;
    b->users++;
}

void binding_settle(struct binding *b)
{
    b->direct = NULL;
    if (b->calling) {
        settle_call(b);
    } else if (b->answering) {
        binding_settle_answer(b);
    }
}

void binding_rest(struct binding *b)
{
    const struct transport *const t = b->transport;

    if (b->state != BINDING_OPEN || !t->handler || b->out_busy || b->reply_busy || b->in_started) {
        return;
    }
    if (b->role == BINDING_SERVER) {
        b->direct = binding_idle(b) && !b->parked && b->owed_count == 0 ? b->waitset : NULL;
    } else {
        b->direct = b->call[0].state == CALL_FREE && b->timeout == 0 ? t : NULL;
    }
}

/* --- the call --- */

/* Not what a direct call ends with: it goes on as an ordinary one, or was none. */
__attribute__((noinline)) static err_t otherwise(struct binding *b, struct direct_call *d, uint32_t call, err_t err,
                                                 uint64_t tag, struct direct_words *w)
{
    if (err_ok(err)) {                          /* something else of the same channel */
        lmp_put_back(&channel_of(b)->end, tag, w->word);
        transport_ready_entered(b);
        events_leave();
    } else if (err_root(err) != E_WOKEN) {      /* nothing was sent; the usual way finds out what that means */
        b->calling = NULL;
        channel_of(b)->credit.sent--;
        events_leave();
        return binding_call_frames(b, call, w);
    }
    binding_enter(b);                           /* settles it, if nobody has */
    err = binding_finish_words(b, &d->future, EVENTS_FOREVER, w);
    b->users--;
    binding_leave(b);
    return err;
}

err_t binding_call_words(struct binding *b, uint32_t call, uint32_t response, struct direct_words *w)
{
    struct direct_call d;
    struct dispatcher_frame *const frame = direct_enter();
    struct lmp_channel *const c = (struct lmp_channel *)b->direct;

    if (!c || !direct_alone() || !lmp_quiet(&c->end) || !credit_in_step(&c->credit)) {
        events_leave();
        return binding_call_frames(b, call, w);
    }
    const uint64_t sent = c->credit.sent + 1;
    uint64_t tag = call | (sent & GENERATION_MASK) << GENERATION_SHIFT | c->credit.taken << ACK_SHIFT, event;
    const uint64_t answer = response | (sent & GENERATION_MASK) << GENERATION_SHIFT | sent << ACK_SHIFT;
    if ((sent & GENERATION_MASK) == 0) {        /* no token is 0 */
        events_leave();
        return binding_call_frames(b, call, w);
    }
    d.response = response;
    b->direct = NULL;
    b->calling = &d;
    c->credit.sent = sent;
    c->credit.told = c->credit.taken;
    const err_t err = direct_xfer(c->end.send, c->end.event, &tag, w->word, &event);
    if (!err_ok(err) || tag != answer) {
        return otherwise(b, &d, call, err, tag, w);
    }
    /* It is what we wait for, and acknowledges all that we sent. */
    c->credit.acked = sent;
    c->credit.taken++;
    b->calling = NULL;
    b->direct = c;
    direct_leave(frame);
    return OK;
}
