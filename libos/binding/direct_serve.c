/** @file direct_serve.c  Calls that stay in registers: the server's side, and its loop (os/direct.h). */
#include "direct.h"

/* --- the usual way --- */

static uint16_t number_of(uint64_t tag)
{
    return (uint16_t)(tag >> TAG_USER_SHIFT);
}

void binding_settle_answer(struct binding *b)
{
    b->owed[b->owed_count++] = (struct binding_owed){ number_of(b->answering), (uint16_t)(b->answering >> TOKEN_SHIFT) };
    b->answering = 0;
    b->serving = true;
    b->users++;
}

/* The handler has returned, or there was none.  @return whether its call still waits for an answer */
static bool end_serving(struct binding *b, uint64_t tag, uint16_t *token)
{
    binding_enter(b);
    b->serving = false;
    b->users--;
    return binding_pay(b, number_of(tag), token) && b->state == BINDING_OPEN;
}

/* While it was served binding_run() has done nothing. */
static void go_on(struct binding *b)
{
    if (b->again) {
        binding_kick(b);
    }
    if (b->run.state == WAITSET_UNREGISTERED && !b->torn) {
        binding_rearm(b);
    }
    binding_leave(b);
}

static void fill(struct wire_packet *p, const struct wire_message *m, const struct direct_words *w)
{
    if (err_ok(wire_packet_room(p, m, m->words_min, 0))) {      /* which a packet always has for eight words */
        for (uint32_t i = 0; i < m->words_min; i++) {
            p->word[i] = w->word[i];
        }
    }
}

/* Somebody has come in while the handler ran: the answer goes out when its turn has come. */
static void answer_by_frames(struct binding *b, uint64_t tag, const struct direct_words *w)
{
    const struct wire_message *const m = &b->interface->responses[number_of(tag) - 1];
    struct wire_packet p;
    uint16_t token;

    if (end_serving(b, tag, &token)) {
        fill(&p, m, w);
        binding_send_answer(b, m, token, &p);
    }
    go_on(b);
}

/* No handler that answers at once, or a word that does not fit: as if it had come through the ring. */
static void deliver_by_frames(struct binding *b, uint64_t tag, const struct direct_words *w)
{
    uint16_t token;

    if (end_serving(b, tag, &token)) {
        fill(&b->in, &b->interface->messages[number_of(tag) - 1], w);
        b->in_token = token;
        b->in_started = b->in_complete = true;
        b->again = true;
    }
    go_on(b);
}

/* The answer could not be sent, so nothing was waited for.  Events lock held, and given back. */
static void fail(struct binding *b, err_t err)
{
    b->direct = NULL;
    b->users++;                         /* it was at rest; nobody takes it from us */
    direct_leave(direct_self());
    binding_enter(b);
    b->users--;
    binding_fail(b, err_root(err) == E_DEAD ? ERR(E_RPC_CLOSED) : err);
    binding_leave(b);
}

/* A message that is nothing for us, or not now: as if it had come through the ring.  Events lock held. */
static void by_ring(struct event_handler *h, uint64_t tag, const struct direct_words *w)
{
    if (h && h->end) {
        lmp_put_back(h->end, tag, w->word);
        h->fire(h);
    }
}

/* --- in registers --- */

#define NO_EVENT UINT64_MAX

/* Is nothing else to be done, as far as this process can see?  Events lock held. */
static inline bool quiet(const struct waitset *ws)
{
    const uint64_t work = (uint64_t)ws->list[WAITSET_POLLED].last | (uint64_t)ws->list[WAITSET_PENDING].first | ws->destroyed;

    return __builtin_expect((work | (uint64_t)ws->timers) == 0 || (work == 0 && direct_wakes_by(ws->timers->when)), 1) &&
           direct_alone();
}

/* The binding that @p h is of, if it is at rest and on this waitset; else NULL. */
static inline struct binding *at_rest(const struct event_handler *h, const struct waitset *ws)
{
    return h && h->binding && h->binding->direct == ws ? h->binding : NULL;
}

/* The function for a call that came to @p b, which is at rest.  NULL: it must go the usual way. */
static inline const struct direct_row *row_of(const struct binding *b, const struct lmp_channel *c, uint64_t tag)
{
    const struct binding_interface *const i = b->interface;
    const uint64_t number = number_of(tag);
    const uint64_t no_token = ~(0xffffull << TOKEN_SHIFT);

    /* Number, length, and that all we sent is acknowledged, in one look. */
    return number < i->direct_count && ((tag ^ c->credit.sent << DIRECT_ACK_SHIFT) & no_token) == i->direct[number].call
               ? &i->direct[number] : NULL;
}

/* Answer calls as long as that is all there is to do. */
static void serve_direct(struct waitset *ws)
{
    struct dispatcher_frame *const frame = direct_enter_deep();
    uint64_t last = NO_EVENT;           /* of the binding served last: since then nothing else has happened */
    struct binding *b = NULL;
    struct lmp_channel *c = NULL;
    cptr_t dest = CPTR_NULL;            /* where the answer goes; CPTR_NULL: none is owed */
    uint64_t answer = 0;
    struct direct_words w = { { 0 } };

    while (quiet(ws)) {
        ws->parked = ws;
        const struct xfer_came came = direct_xfer(dest, (uint64_t)XFER_ANY, answer, w.word);
        if (__builtin_expect(!err_ok(came.err), 0)) {
            if (err_root(came.err) != E_WOKEN) {
                fail(b, came.err);
            }
            (void)direct_enter_deep();
            ws->parked = NULL;
            last = NO_EVENT;
            dest = CPTR_NULL;
            continue;
        }
        ws->parked = NULL;
        if (came.event != last) {
            struct event_handler *const h = direct_handler(came.event);
            b = at_rest(h, ws);
            if (!b) {
                by_ring(h, came.tag, &w);
                last = NO_EVENT;
                dest = CPTR_NULL;
                continue;
            }
            c = (struct lmp_channel *)b->transport;
            last = came.event;
        }
        const struct direct_row *const row = row_of(b, c, came.tag);
        if (__builtin_expect(!row, 0)) {
            by_ring(&c->handler, came.tag, &w);
            last = NO_EVENT;
            dest = CPTR_NULL;
            continue;
        }
        c->credit.taken++;
        c->credit.acked = c->credit.sent;
        b->direct = NULL;
        b->answering = came.tag;
        direct_leave(frame);
        const struct direct_answer a = row->serve(b, &w);
        direct_enter_again(frame);
        if (__builtin_expect(a.code == 0 || b->answering != came.tag, 0)) {
            direct_leave(frame);
            w.word[0] = a.code ? a.first : w.word[0];
            (a.code ? answer_by_frames : deliver_by_frames)(b, came.tag, &w);
            (void)direct_enter_deep();
            last = NO_EVENT;
            dest = CPTR_NULL;
            continue;
        }
        b->direct = ws;
        b->answering = 0;
        w.word[0] = a.first;
        c->credit.told = c->credit.taken;
        c->credit.sent++;
        answer = a.code | (came.tag & 0xffffull << TOKEN_SHIFT) | c->credit.taken << DIRECT_ACK_SHIFT;
        dest = c->end.send;
    }
    if (dest != CPTR_NULL) {
        const struct xfer_came came = direct_xfer(dest, (uint64_t)XFER_NO_PARK, answer, w.word);
        if (!err_ok(came.err)) {
            fail(b, came.err);
            return;
        }
    }
    events_leave();
}

err_t event_serve(struct waitset *ws)
{
    for (;;) {
        serve_direct(ws);
        TRY(event_dispatch(ws));
    }
}
