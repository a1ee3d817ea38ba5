/** @file client.c  A blocking call of a program with one thread: send, park for the reply, take it from the registers or the ring. */
#include <os/caps.h>
#include <os/err.h>
#include <os/rpc_lmp.h>

#include "rpc_tag.h"

static bool cancelled(const struct rpc_client *c, struct dispatcher_frame *frame)
{
    return c->cancel != 0 && (event_take(frame, c->cancel) || (c->cancel_closed && lmp_closed(c->cancel_closed)));
}

/* Receive into @p m until a message with the token is there. */
static err_t wait_for_reply(struct rpc_client *c, struct rpc_message *m, struct xfer *x, err_t sent)
{
    struct dispatcher_frame *const frame = frame_self();
    err_t err = sent;

    for (;;) {
        struct ring_message message;

        if (err_ok(err)) {                                      /* in registers; still disabled */
            rpc_unpack(m, x->tag, x->word, c->end.receive);
            enable(frame);
            if (rpc_token(x->tag) == c->token) {
                return OK;
            }
            rpc_drop_received(m);                               /* a late reply */
        } else if (err_root(err) != E_WOKEN) {
            enable(frame);
            return err_root(err) == E_DEAD ? ERR(E_RPC_CLOSED) : err;
        }
        /* Disabled from the look to the sleep: an event in between would be taken by an upcall, and its wake be lost. */
        disable(frame);
        const bool closed = lmp_closed(&c->end);                /* before the ring is looked at */
        if (lmp_take(&c->end, &message)) {
            enable(frame);
            rpc_unpack(m, message.tag, message.word, c->end.receive);
            if (rpc_token(message.tag) == c->token) {
                return OK;
            }
            rpc_drop_received(m);                               /* a late reply: look again */
            err = ERR(E_WOKEN);
            continue;
        }
        if (closed || cancelled(c, frame)) {
            enable(frame);
            return ERR(closed ? E_RPC_CLOSED : E_RPC_CANCELLED);
        }
        *x = (struct xfer){ .accept = c->end.event };
        err = sys_xfer(x);
    }
}

/* client_threads.c has another, which comes with thread_start_library() only. */
__attribute__((weak)) const struct rpc_threads *const os_rpc_threads = NULL;

const struct rpc_threads *rpc_threads(void)
{
    /* volatile: clang takes a weak constant for one that is the same wherever it is defined. */
    return *(const struct rpc_threads *const volatile *)&os_rpc_threads;
}

void rpc_want_slot(struct rpc_client *c, cptr_t slot)
{
    c->cap_slot = slot;
    c->cap_once = true;
}

cptr_t rpc_wanted_slot(struct rpc_client *c)
{
    const cptr_t slot = c->cap_slot;

    if (c->cap_once) {
        c->cap_once = false;
        c->cap_slot = CPTR_NULL;
    }
    return slot;
}

void rpc_receive_into(struct rpc_client *c, cptr_t slot)
{
    const struct rpc_threads *const threads = rpc_threads();

    if (threads) {
        threads->receive_into(c, slot);
    } else {
        rpc_want_slot(c, slot);
    }
}

err_t rpc_place_cap(struct rpc_message *m, cptr_t slot)
{
    if (m->cap && slot) {
        const err_t err = cap_move(CPTR_NULL, slot, CPTR_NULL, m->cap);
        if (!err_ok(err)) {
            rpc_drop_received(m);
            return err;
        }
        m->cap = slot;
    }
    return OK;
}

/* With a capability, or an event that cancels it, or over another link. */
__attribute__((noinline)) static err_t call_slowly(struct rpc_client *c, struct rpc_message *m)
{
    if (c->link) {
        return c->link->ops->call(c, m);
    }
    struct xfer x = { .dest = c->end.send, .accept = c->end.event, .tag = rpc_tag(m, ++c->token), .cap = m->cap };
    const cptr_t slot = rpc_wanted_slot(c);

    for (unsigned i = 0; i < m->length; i++) {
        x.word[i] = m->word[i];
    }
    disable(frame_self());
    if (lmp_closed(&c->end) || cancelled(c, frame_self())) {
        enable(frame_self());
        return ERR(lmp_closed(&c->end) ? E_RPC_CLOSED : E_RPC_CANCELLED);
    }
    TRY(wait_for_reply(c, m, &x, sys_xfer(&x)));
    return rpc_place_cap(m, slot);
}

/* The call is under way, and what came is not, or not all of, its reply. */
__attribute__((noinline)) static err_t wait_on(struct rpc_client *c, struct rpc_message *m, struct xfer_came came, cptr_t slot)
{
    struct xfer x = { .tag = came.tag };

    for (unsigned i = 0; i < XFER_WORDS; i++) {
        x.word[i] = m->word[i];
    }
    TRY(wait_for_reply(c, m, &x, came.err));
    return rpc_place_cap(m, slot);
}

err_t rpc_call_alone(struct rpc_client *c, struct rpc_message *m)
{
    struct dispatcher_frame *const frame = frame_self();

    if (__builtin_expect(m->cap != CPTR_NULL || c->cancel != 0 || c->link, 0)) {
        return call_slowly(c, m);
    }
    const uint32_t token = ++c->token;
    const cptr_t slot = rpc_wanted_slot(c);
    disable(frame);
    if (__builtin_expect(lmp_closed(&c->end), 0)) {
        enable(frame);
        return ERR(E_RPC_CLOSED);
    }
    const struct xfer_came came = sys_xfer_words(c->end.send, c->end.event, rpc_tag_of_words(m, token), m->word);
    if (__builtin_expect(!err_ok(came.err) || rpc_token(came.tag) != token || (came.tag & TAG_CAP), 0)) {
        return wait_on(c, m, came, slot);
    }
    enable(frame);
    rpc_from_tag(m, came.tag, CPTR_NULL);
    return OK;
}

err_t rpc_call(struct rpc_client *c, struct rpc_message *m)
{
    const struct rpc_threads *const threads = rpc_threads();

    return threads ? threads->call(c, m) : rpc_call_alone(c, m);
}

void rpc_drop_cap(cptr_t cap)
{
    err_ignore(cap_delete(CPTR_NULL, cap));     /* what was received lies in a slot of our own: that cannot fail */
}
