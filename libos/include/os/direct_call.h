/**
 * @file direct_call.h  The client's side of a call that stays in registers (os/direct.h), in line: for the stubs' sources.
 */
#ifndef OS_DIRECT_CALL_H
#define OS_DIRECT_CALL_H

#include <os/binding.h>
#include <os/direct_cpu.h>
#include <os/lmp_channel.h>

/* In a tag: the acknowledgement, and the token, slot and generation (os/lmp_channel.h, libos/binding/call.c).  Direct calls
 * have the last slot, so no token is 0, and the count of what was sent is their generation: with all that was sent
 * acknowledged, no two of the 4,095 last ones are alike. */
#define DIRECT_ACK_SHIFT        40u
#define DIRECT_GENERATION_SHIFT 28u
#define DIRECT_GENERATION_MASK  0xfffull
#define DIRECT_SLOT             (BINDING_CALLS_MAX - 1)
#define DIRECT_SLOT_SHIFT       24u

/* Ways to go on when not all is as it should be, each to the end of the call; the answer's words, or none, are in @p w
 * then. */

/** Make the call by frames. */
struct direct_result direct_call_frames(struct binding *b, uint32_t call, struct direct_words *w);
/** It was sent, and its answer did not come in registers. */
struct direct_result direct_call_woken(struct binding *b, struct direct_words *w);
/** It could not be sent; the lock is released. */
struct direct_result direct_call_unsent(struct binding *b, err_t err, struct direct_words *w);
/** Something else came over the channel, tagged @p tag, with the words @p w; the lock is released. */
struct direct_result direct_call_other(struct binding *b, uint64_t tag, struct direct_words *w);

/** Make the call with the words @p w, and wait, as long as the binding's timeout.  @p w: the answer's words then, of which
 *  nothing was checked but how many there are.  @return errors of binding_call_start() and binding_call_finish() */
static inline __attribute__((always_inline)) struct direct_result
direct_call(struct binding *b, uint32_t call, uint32_t response, struct direct_words *w)
{
    const uint32_t slot = DIRECT_SLOT << DIRECT_SLOT_SHIFT;
    struct dispatcher_frame *const frame = direct_enter();
    struct lmp_channel *const c = (struct lmp_channel *)b->direct;
    struct direct_result result;
    struct direct_words copy;                   /* so that *w may stay in registers */

    if (__builtin_expect(!c || !direct_alone(), 0)) {
        copy = *w;
        direct_leave(frame);
        result = direct_call_frames(b, call, &copy);
        *w = copy;
        return result;
    }
    const uint64_t sent = c->credit.sent + 1, taken = c->credit.taken;
    const uint64_t generation = (sent & DIRECT_GENERATION_MASK) << DIRECT_GENERATION_SHIFT;
    const uint64_t answer = direct_keep(response | slot | generation | sent << DIRECT_ACK_SHIFT);
    b->direct = NULL;
    b->under_way = call | slot;
    c->credit.told = taken;
    c->credit.sent = sent;
    const struct xfer_came came =
        direct_xfer(c->end.send, c->end.event, call | slot | generation | taken << DIRECT_ACK_SHIFT, w->word);
    if (__builtin_expect(err_ok(came.err) && came.tag == answer, 1)) {
        /* It is what we wait for, and acknowledges all that we sent. */
        c->credit.taken++;
        c->credit.acked = c->credit.sent;
        b->direct = c;
        b->under_way = 0;
        direct_leave(frame);
        return (struct direct_result){ OK, w->word[0] };
    }
    if (err_ok(came.err)) {
        copy = *w;
        result = direct_call_other(b, came.tag, &copy);
    } else {                                    /* c may be gone */
        result = err_root(came.err) == E_WOKEN ? direct_call_woken(b, &copy) : direct_call_unsent(b, came.err, &copy);
    }
    *w = copy;
    return result;
}

#endif
