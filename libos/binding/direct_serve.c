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

/* --- in registers --- */

/* What the thread that serves knows between two system calls. */
struct server {
    struct waitset *ws;
    struct dispatcher_frame *frame;
    struct binding *owed;               /* whose answer has not gone out; NULL: none */
    uint64_t tag;                       /* of what comes, of what goes out */
    struct direct_words w;
};

/* Is nothing else to be done, as far as this process can see? */
static inline bool quiet(const struct waitset *ws)
{
    return !ws->list[WAITSET_PENDING].last && !ws->list[WAITSET_POLLED].last && !ws->destroyed && direct_alone() &&
           (!ws->timers || direct_wakes_by(ws->timers->when));
}

/* The row of a call that is the next message of @p h, and may be served now.  NULL: it must go the usual way. */
static inline const struct direct_row *row_of(const struct server *s, const struct event_handler *h)
{
    const struct binding *const b = h ? h->binding : NULL;

    if (!b || b->direct != s->ws) {
        return NULL;
    }
    const struct lmp_channel *const c = (const struct lmp_channel *)b->transport;
    const uint64_t number = number_of(s->tag);
    if (number >= b->interface->direct_count || (s->tag >> ACK_SHIFT) != (c->credit.sent & CREDIT_MASK)) {
        return NULL;
    }
    const struct direct_row *const row = &b->interface->direct[number];
    return row->call == (s->tag & CODE_MASK) ? row : NULL;
}

/* Events lock held, before and after.  Afterwards an answer may be owed. */
static inline void serve(struct server *s, struct binding *b, const struct direct_row *row)
{
    struct lmp_channel *const c = (struct lmp_channel *)b->transport;
    const uint64_t call = s->tag;

    c->credit.acked = c->credit.sent;
    c->credit.taken++;
    b->direct = NULL;
    b->answering = call;
    direct_leave(s->frame);
    const bool served = row->serve(b, &s->w);
    s->frame = direct_enter();
    if (__builtin_expect(!served || b->answering != call, 0)) {
        events_leave();
        (served ? answer_by_frames : deliver_by_frames)(b, call, &s->w);
        s->frame = direct_enter();
        return;
    }
    b->answering = 0;
    b->direct = s->ws;
    c->credit.sent++;
    c->credit.told = c->credit.taken;
    s->tag = row->response | (call >> TOKEN_SHIFT & 0xffff) << TOKEN_SHIFT | c->credit.taken << ACK_SHIFT;
    s->owed = b;
}

/* The answer could not be sent, so nothing was waited for. */
static void broken(struct server *s, struct binding *b, err_t err)
{
    events_leave();
    binding_enter(b);
    binding_fail(b, err_root(err) == E_DEAD ? ERR(E_RPC_CLOSED) : err);
    binding_leave(b);
    s->frame = direct_enter();
}

/* Send what is owed, and, if @p park, wait for a message.  @return whether one has come */
static inline bool exchange(struct server *s, uint64_t accept, uint64_t *event)
{
    struct binding *const b = s->owed;
    const cptr_t dest = b ? ((const struct lmp_channel *)b->transport)->end.send : CPTR_NULL;

    s->owed = NULL;
    const err_t err = direct_xfer(dest, accept, &s->tag, s->w.word, event);
    if (__builtin_expect(err_ok(err), 1)) {
        return true;
    }
    if (err_root(err) == E_WOKEN) {
        s->frame = direct_enter();
    } else if (b) {
        broken(s, b, err);
    }
    return false;
}

/* A message that is nothing for us, or not now: as if it had come through the ring. */
static void by_ring(const struct server *s, struct event_handler *h)
{
    if (h && h->end) {
        lmp_put_back(h->end, s->tag, s->w.word);
        h->fire(h);
    }
}

/* Answer calls as long as that is all there is to do. */
static void serve_direct(struct waitset *ws)
{
    struct server s = { .ws = ws, .frame = direct_enter() };
    uint64_t event;

    while (quiet(ws)) {
        ws->parked = true;
        const bool came = exchange(&s, (uint64_t)XFER_ANY, &event);
        ws->parked = false;
        if (!came) {
            continue;
        }
        struct event_handler *const h = direct_handler(event);
        const struct direct_row *const row = row_of(&s, h);
        if (__builtin_expect(row != NULL, 1)) {
            serve(&s, h->binding, row);
        } else {
            by_ring(&s, h);
        }
    }
    if (s.owed) {
        (void)exchange(&s, (uint64_t)XFER_NO_PARK, &event);
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
