/** @file direct_call.c  A call that stays in registers: the client's side (os/direct.h). */
#include "direct.h"

static struct lmp_channel *channel_of(const struct binding *b)
{
    return (struct lmp_channel *)b->transport;
}

/* --- settle and rest --- */

/* From here on whoever finds the answer ends the call as any other. */
static void settle_call(struct binding *b)
{
    const uint16_t number = (uint16_t)(b->under_way >> TAG_USER_SHIFT);

    binding_future(b, &b->ordinary, &b->interface->responses[number - 1]);
    binding_call_enter(b, &b->ordinary, DIRECT_SLOT, channel_of(b)->credit.sent & DIRECT_GENERATION_MASK);
}

void binding_settle(struct binding *b)
{
    b->direct = NULL;
    if (b->under_way == 0) {
        return;
    }
    if (b->role == BINDING_SERVER) {
        binding_settle_answer(b);
    } else {
        settle_call(b);
    }
    b->under_way = 0;
    b->users++;
}

void binding_rest(struct binding *b)
{
    const struct transport *const t = b->transport;

    if (b->state != BINDING_OPEN || !t->handler || b->out_busy || b->reply_busy || b->in_started) {
        return;
    }
    const struct lmp_channel *const c = channel_of(b);
    if (b->role == BINDING_SERVER) {
        b->direct = binding_idle(b) && !b->parked && b->owed_count == 0 ? b->waitset : NULL;
    } else if (b->call[DIRECT_SLOT].state == CALL_FREE && b->timeout == 0 && lmp_quiet(&c->end) && credit_in_step(&c->credit)) {
        b->direct = t;
    }
}

/* --- when not all is as it should be --- */

struct direct_result direct_call_frames(struct binding *b, uint32_t call, struct direct_words *w)
{
    const err_t err = binding_call_frames(b, call, w);

    return (struct direct_result){ err, w->word[0] };
}

struct direct_result direct_call_woken(struct binding *b, struct direct_words *w)
{
    binding_enter(b);                           /* settles it, if nobody has */
    const err_t err = binding_finish_words(b, &b->ordinary, EVENTS_FOREVER, w);
    b->users--;
    binding_leave(b);
    return (struct direct_result){ err, w->word[0] };
}

/* Whatever it was, nothing can be sent any more: as with a frame. */
struct direct_result direct_call_unsent(struct binding *b, err_t err, struct direct_words *w)
{
    *w = (struct direct_words){ { 0 } };
    direct_leave(direct_self());
    binding_enter(b);
    const bool gone = b->state != BINDING_CLOSED && lmp_closed(&channel_of(b)->end);
    binding_fail(b, gone || err_root(err) == E_DEAD ? ERR(E_RPC_CLOSED) : err);
    err = b->ordinary.err;                        /* or why somebody else has closed it */
    b->users--;
    binding_leave(b);
    return (struct direct_result){ err, 0 };
}

struct direct_result direct_call_other(struct binding *b, uint64_t tag, struct direct_words *w)
{
    lmp_put_back(&channel_of(b)->end, tag, w->word);
    direct_leave(direct_self());
    transport_ready(b);
    return direct_call_woken(b, w);
}
