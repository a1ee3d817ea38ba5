/**
 * @file internal.h  Private to the binding runtime.
 *
 * Functions here are called with the binding's lock held unless they say otherwise; the events lock comes after it.
 * The lock is left while a handler runs, so after each call into user code the state is looked at again.
 */
#ifndef BINDING_INTERNAL_H
#define BINDING_INTERNAL_H

#include <os/binding.h>
#include <os/bug.h>
#include <os/heap.h>
#include <os/loopback.h>
#include <os/string.h>

/* The head of the first frame of a packet: number, bits 15..0, and token, bits 31..16; of all others 0. */
#define HEAD_RESPONSE 0x8000u
#define HEAD_CONTROL  0x4000u
#define HEAD_HELLO    (HEAD_CONTROL | 1u)       /* one word: the fingerprint */
#define HEAD_WELCOME  (HEAD_CONTROL | 2u)       /* one word: the error, 0: welcome */
/* And FRAME_SHARED, two words: the head of a packet, and what would be its first word; the capability is its first one. */
#define HEAD_TOKEN_SHIFT 16

struct binding_parked {
    struct binding_parked *next;
    uint16_t token;
    struct wire_packet packet;
};

/* --- binding.c --- */

/** Take the lock and stay alive; give both back.  Between them b is there, torn or not. */
void binding_enter(struct binding *b);
void binding_leave(struct binding *b);

/** Enter as the handler of @p chan.  A binding whose handler is about to run is not freed, torn or not. */
void binding_enter_handler(struct binding *b, struct waitset_chan *chan);

/** With the lock left, as while a handler runs. */
void binding_pause(struct binding *b);
void binding_resume(struct binding *b);

/** Something changed that a waiting call might wait for. */
void binding_news(struct binding *b);

/** Make the waitset call binding_run(). */
void binding_kick(struct binding *b);

/** Register the run channel again, and see whether there is something to do already. */
void binding_rearm(struct binding *b);

/** Close; the error handler is called from the waitset. */
void binding_fail(struct binding *b, err_t err);

/** The run channel's handler, without the lock. */
void binding_run(void *b);

/** Why nothing can be sent, or OK. */
err_t binding_usable(const struct binding *b);

/** Call the error handler if that is due.  Leaves the lock meanwhile. */
void binding_report(struct binding *b);

/** A binding over @p t, without the lock.  NULL: no room, and @p t is closed. */
struct binding *binding_new(const struct binding_interface *interface, enum binding_role role, struct transport *t,
                            struct waitset *ws);

/* --- connect.c --- */

err_t binding_hello(struct binding *b);
/** Nobody needs b->export any more. */
void binding_forget_export(struct binding *b);
err_t binding_take_control(struct binding *b, const struct frame *f);

/* --- send.c --- */

/** Take over @p p and begin to send it; there is no other one. */
void binding_start(struct binding *b, struct wire_packet *p, uint32_t head);

/** Send what can be sent.  Closes the binding if the channel is broken. */
void binding_flush(struct binding *b);

/** Nothing is half sent, and no continuation waits. */
bool binding_idle(const struct binding *b);

void binding_move_packet(struct wire_packet *to, struct wire_packet *from);
err_t binding_packable(struct binding *b, struct wire_packet *p, const struct wire_message *m, const void *args);
bool binding_pay(struct binding *b, uint16_t number, uint16_t *token);

/* --- receive.c --- */

/** Take frames until a message for a handler is complete.
 * @return OK it is in b->in; E_CHANNEL_EMPTY none is; else why the binding must be closed */
err_t binding_pull(struct binding *b);

/* --- share.c --- */

/** Packets of so many words and more, beyond 200 bytes, go through shared memory, unless they are flat. */
#define SHARE_WORDS 26u

/** wire_pack(), into memory that is shared with the peer if the packet is long and nothing else is on its way. */
err_t binding_pack(struct binding *b, struct wire_packet *p, const struct wire_message *m, const void *args);

/** Before the first frame of b->out, which is long and not lent: it lies in shared memory afterwards, or goes in frames if there is none.
 * @return E_TX_BUSY the peer has not read the last one yet */
err_t binding_share_out(struct binding *b);

/** Make of the first frame of a packet that is lent the one that announces it. */
void binding_announcement(const struct binding *b, struct frame *f);

/** A packet was announced: b->in is lent, or a copy.  @return E_BINDING_MALFORMED; errors of wire_packet_own() */
err_t binding_packet_in(struct binding *b, const struct wire_message *m, uint32_t words, uint32_t caps);

/** What was received and may have to stay, is copied if it is lent.  Errors of wire_packet_own() */
err_t binding_own(struct binding *b, struct wire_packet *p);

/** What was lent has been read, or never will be. */
void binding_taken(struct binding *b);

/** wire_packet_drop() of what was received. */
static inline void binding_drop_packet(struct binding *b, struct wire_packet *p)
{
    if (p->lent && p->word) {
        binding_taken(b);
    }
    wire_packet_drop(p);
}

/** wire_unpack() of what was received, and there is nothing left of @p p. */
static inline err_t binding_unpack(struct binding *b, struct wire_packet *p, void *args)
{
    const err_t err = wire_unpack(p, args);

    binding_drop_packet(b, p);
    return err;
}

/* --- deliver.c --- */

/** Deliver the oldest message, if there is one and it may be.  Leaves the lock meanwhile.  @return whether one was */
bool binding_deliver(struct binding *b);

/** Send the answer @p p to a call, before or behind what is being sent. */
void binding_send_answer(struct binding *b, const struct wire_message *m, uint16_t token, struct wire_packet *p);

/* --- direct_call.c and direct_serve.c, events lock held --- */

/** The call or answer that is under way in registers, if there is one, becomes an ordinary one, and whoever makes it a
 *  user of @p b; nothing stays in registers until binding_rest(). */
void binding_settle(struct binding *b);

/** Nobody is inside any more: decide whether messages may stay in registers. */
void binding_rest(struct binding *b);

/** binding_settle() for the server's side. */
void binding_settle_answer(struct binding *b);

/* --- call.c --- */

/** A future for a call that is not started yet. */
void binding_future(struct binding *b, struct rpc_future *f, const struct wire_message *response);

/** Enter the call in @p slot, which is free. */
void binding_call_enter(struct binding *b, struct rpc_future *f, unsigned slot, uint16_t generation);

/** Wait for the answer, and hand out its words.  The call is over in any case. */
err_t binding_finish_words(struct binding *b, struct rpc_future *f, uint64_t deadline, struct direct_words *w);

/** binding_call_words() by frames. */
err_t binding_call_frames(struct binding *b, uint32_t call, struct direct_words *w);

/** The answer with @p token is in b->in.  @return E_BINDING_MALFORMED nobody waits for it */
err_t binding_answered(struct binding *b, uint16_t token);

/** End all calls with @p err. */
void binding_end_calls(struct binding *b, err_t err);

#endif
