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
    struct direct_call *const d = b->calling;

    binding_future(b, &d->future, &b->interface->responses[(d->call >> TAG_USER_SHIFT) - 1]);
    binding_call_enter(b, &d->future, DIRECT_SLOT, channel_of(b)->credit.sent & DIRECT_GENERATION_MASK);
    b->calling = NULL;
    b->users++;
}

void binding_settle(struct binding *b)
{
    b->direct = NULL;
    if (b->role == BINDING_SERVER) {
        if (b->answering) {
            binding_settle_answer(b);
        }
    } else if (b->calling) {
        settle_call(b);
    }
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

struct direct_result direct_frames(struct binding *b, uint32_t call, struct direct_words *w)
{
    const err_t err = binding_call_frames(b, call, w);

    return (struct direct_result){ err, w->word[0] };
}

struct direct_result direct_woken(struct direct_call *d, struct direct_words *w)
{
    struct binding *const b = d->binding;

    binding_enter(b);                           /* settles it, if nobody has */
    const err_t err = binding_finish_words(b, &d->future, EVENTS_FOREVER, w);
    b->users--;
    binding_leave(b);
    return (struct direct_result){ err, w->word[0] };
}

/* Whatever it was, nothing can be sent any more: as with a frame. */
struct direct_result direct_unsent(struct direct_call *d, err_t err, struct direct_words *w)
{
    struct binding *const b = d->binding;

    *w = (struct direct_words){ { 0 } };
    direct_leave(direct_self());
    binding_enter(b);
    const bool gone = b->state != BINDING_CLOSED && lmp_closed(&channel_of(b)->end);
    binding_fail(b, gone || err_root(err) == E_DEAD ? ERR(E_RPC_CLOSED) : err);
    err = d->future.err;                        /* or why somebody else has closed it */
    b->users--;
    binding_leave(b);
    return (struct direct_result){ err, 0 };
}

struct direct_result direct_other(struct direct_call *d, uint64_t tag, struct direct_words *w)
{
    lmp_put_back(&channel_of(d->binding)->end, tag, w->word);
    direct_leave(direct_self());
    transport_ready(d->binding);
    return direct_woken(d, w);
}
