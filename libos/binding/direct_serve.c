/** @file direct_serve.c  Calls that stay in registers: the server's side, and its loop (os/direct.h). */
#include "direct.h"

/* --- the usual way --- */

static uint16_t number_of(uint64_t tag)
{
    return (uint16_t)(tag >> TAG_USER_SHIFT);
}

void binding_settle_answer(struct binding *b)
{
    b->owed[b->owed_count++] = (struct binding_owed){ number_of(b->under_way), (uint16_t)(b->under_way >> TOKEN_SHIFT) };
    b->serving = true;
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

/* The handler has not run, or has and somebody has come in meanwhile: go on as if the call had come through the ring.
 * Events lock held, before and after. */
__attribute__((noinline))
static void serve_by_frames(struct binding *b, uint64_t tag, struct direct_answer a, struct direct_words *w)
{
    const unsigned index = number_of(tag) - 1u;
    struct wire_packet p;
    uint16_t token;

    direct_leave(direct_self());
    if (end_serving(b, tag, &token)) {
        if (a.code) {
            w->word[0] = a.first;
            fill(&p, &b->interface->responses[index], w);
            binding_send_answer(b, p.message, token, &p);
        } else {
            fill(&b->in, &b->interface->messages[index], w);
            b->in_token = token;
            b->in_started = b->in_complete = true;
            b->again = true;
        }
    }
    go_on(b);
    (void)direct_enter_deep();
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

/* The row of the call @p tag that came to @p b, which is at rest.  @return false: it must go the usual way */
static inline bool find_row(const struct binding *b, const struct lmp_channel *c, uint64_t tag, struct direct_row *row)
{
    const struct direct_table table = b->interface->direct;
    const uint64_t number = number_of(tag);
    const uint64_t no_token = ~(0xffffull << TOKEN_SHIFT);

    if (__builtin_expect(number >= table.count, 0)) {
        return false;
    }
    *row = table.row[number];
    /* Number, length, and that all we sent is acknowledged, in one look. */
    return __builtin_expect(((tag ^ c->credit.sent << DIRECT_ACK_SHIFT) & no_token) == row->call, 1);
}

/* What a thread that serves knows between two messages. */
struct server {
    struct waitset *ws;
    uint64_t last;                      /* event of the binding served last, and nothing else has happened since; or NO_EVENT */
    struct binding *b;
    struct lmp_channel *c;
    cptr_t dest;                        /* where the answer goes; CPTR_NULL: none is owed */
    uint64_t answer;                    /* its tag */
};

static inline void forget(struct server *s)
{
    s->last = NO_EVENT;
    s->dest = CPTR_NULL;
}

/* Run the handler of the call @p tag.  Events lock held, before and after, but not meanwhile. */
static inline void serve(struct server *s, struct dispatcher_frame *frame, direct_serve_fn *function, uint64_t tag,
                         struct direct_words *w)
{
    struct binding *const b = s->b;
    struct credit *const credit = &s->c->credit;

    credit->taken++;
    credit->acked = credit->sent;
    b->direct = NULL;
    b->under_way = tag;
    direct_leave(frame);
    const struct direct_answer a = function(b, w);
    direct_enter_again(frame);
    if (__builtin_expect(a.code == 0 || b->under_way != tag, 0)) {
        serve_by_frames(b, tag, a, w);
        forget(s);
        return;
    }
    b->direct = s->ws;
    b->under_way = 0;
    w->word[0] = a.first;
    credit->told = credit->taken;
    credit->sent++;
    s->answer = a.code | (tag & 0xffffull << TOKEN_SHIFT) | credit->taken << DIRECT_ACK_SHIFT;
    s->dest = s->c->end.send;
}

/* A message has come.  Events lock held, before and after. */
static inline void take(struct server *s, struct dispatcher_frame *frame, uint64_t event, uint64_t tag,
                        struct direct_words *w)
{
    if (event != s->last) {
        struct event_handler *const h = direct_handler(event);
        s->b = at_rest(h, s->ws);
        if (!s->b) {
            by_ring(h, tag, w);
            forget(s);
            return;
        }
        s->c = (struct lmp_channel *)s->b->transport;
        s->last = event;
    }
    struct direct_row row;
    if (!find_row(s->b, s->c, tag, &row)) {
        by_ring(&s->c->handler, tag, w);
        forget(s);
        return;
    }
    serve(s, frame, row.serve, tag, w);
}

/* Answer calls as long as that is all there is to do. */
static void serve_direct(struct waitset *ws)
{
    struct dispatcher_frame *const frame = direct_enter_deep();
    struct server s = { .ws = ws, .last = NO_EVENT };
    struct direct_words w = { { 0 } };

    while (quiet(ws)) {
        const struct xfer_came came = direct_xfer(s.dest, (uint64_t)XFER_ANY, s.answer, w.word);
        if (__builtin_expect(err_ok(came.err), 1)) {
            take(&s, frame, came.event, came.tag, &w);
            continue;
        }
        if (err_root(came.err) != E_WOKEN) {
            fail(s.b, came.err);
        }
        forget(&s);
        (void)direct_enter_deep();
    }
    if (s.dest != CPTR_NULL) {
        const struct xfer_came came = direct_xfer(s.dest, (uint64_t)XFER_NO_PARK, s.answer, w.word);
        if (!err_ok(came.err)) {
            fail(s.b, came.err);
            return;
        }
    }
    events_leave();
}

err_t event_serve(struct waitset *ws)
{
    for (;;) {
        struct event_closure event;
        serve_direct(ws);
        /* Woken for nothing, it may be that calls can be served in registers again: another thread took the event. */
        TRY(waitset_event_or_wake(ws, &event));
        if (event.handler) {
            event.handler(event.arg);
        }
    }
}
