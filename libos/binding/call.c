/** @file call.c  Calls and their answers.  A waiting call takes frames itself, and parks what is not for it. */
#include "internal.h"

/* A token is slot and generation, never 0. */
#define SLOT_BITS 4
_Static_assert(BINDING_CALLS_MAX == 1 << SLOT_BITS, "a token has room for the slot");

static uint16_t token_of(const struct binding *b, unsigned slot)
{
    return (uint16_t)(b->call[slot].generation << SLOT_BITS | slot);
}

static void end(struct binding *b, struct rpc_future *f, err_t err)
{
    b->call[f->index].future = NULL;
    b->call[f->index].state = CALL_FREE;
    f->err = err;
    events_enter();
    __atomic_store_n(&f->done, true, __ATOMIC_RELEASE);
    waitset_chan_trigger_entered(&f->ready);
    events_leave();
}

err_t binding_answered(struct binding *b, uint16_t token)
{
    const unsigned slot = token & (BINDING_CALLS_MAX - 1);
    struct binding_call *const call = &b->call[slot];

    REQUIRE(call->state != CALL_FREE && token == token_of(b, slot), E_BINDING_MALFORMED);
    if (call->state == CALL_EXPIRED) {
        binding_drop_packet(b, &b->in);
        call->state = CALL_FREE;
        binding_news(b);
        return OK;
    }
    struct rpc_future *const f = call->future;
    REQUIRE(b->in.message == f->response, E_BINDING_MALFORMED);
    if (b->in.lent && f->out) {                 /* somebody waits in binding_call_finish(), and has room for it */
        TRY(binding_unpack(b, &b->in, f->out));
        f->unpacked = true;
    } else {
        TRY(binding_own(b, &b->in));
        binding_move_packet(&f->reply, &b->in);
    }
    end(b, f, OK);
    binding_news(b);
    return OK;
}

void binding_end_calls(struct binding *b, err_t err)
{
    for (unsigned i = 0; i < BINDING_CALLS_MAX; i++) {
        if (b->call[i].state == CALL_WAITING) {
            end(b, b->call[i].future, err);
        }
        b->call[i].state = CALL_FREE;
    }
}

/* --- waiting --- */

/* Keep the message in b->in for the waitset.  @return false: there are too many already, or no room */
static bool park(struct binding *b)
{
    struct binding_parked *const p = b->parked_count < BINDING_PARKED_MAX ? heap_alloc(sizeof(*p)) : NULL;

    if (!p) {
        return false;
    }
    const err_t err = binding_own(b, &b->in);
    if (!err_ok(err)) {
        heap_free(p);
        if (err_root(err) == E_RPC_CLOSED) {
            binding_fail(b, err);
        }
        return false;
    }
    p->token = b->in_token;
    binding_move_packet(&p->packet, &b->in);
    *(b->parked_last ? &b->parked_last->next : &b->parked) = p;
    b->parked_last = p;
    b->parked_count++;
    b->in_started = b->in_complete = false;
    return true;
}

/* Take all frames that are there. */
static void progress(struct binding *b)
{
    while (b->state != BINDING_CLOSED) {
        const err_t err = binding_pull(b);
        if (err_root(err) == E_CHANNEL_EMPTY) {
            break;
        }
        if (!err_ok(err)) {
            binding_fail(b, err);
            return;
        }
        binding_kick(b);
        if (!park(b)) {
            break;                      /* not before the waitset's thread has made room */
        }
    }
    binding_flush(b);
}

static bool something_there(struct binding *b)
{
    struct transport *const t = b->transport;

    if (b->in_complete) {
        return false;
    }
    for (unsigned i = 0; t->ops->poll && i < WAITSET_POLLS; i++) {
        events_enter();
        const bool there = t->ops->poll(t);
        events_leave();
        if (there) {
            return true;
        }
    }
    events_enter();
    const bool there = t->ops->arm(t, true);
    events_leave();
    return there;
}

/* Wait for news since @p seen.  @return false: @p deadline */
static bool wait_for_news(struct binding *b, uint64_t seen, uint64_t deadline)
{
    bool in_time = true;

    binding_pause(b);
    events_enter();
    while (b->news == seen && in_time) {
        in_time = events_wait(&b->callers, deadline);
    }
    events_leave();
    binding_resume(b);
    return in_time;
}

typedef bool condition_fn(const struct binding *b, const struct rpc_future *f);

static err_t wait_for(struct binding *b, condition_fn *met, const struct rpc_future *f, uint64_t deadline)
{
    for (;;) {
        events_enter();
        const uint64_t seen = b->news;
        events_leave();
        progress(b);
        if (b->state == BINDING_CLOSED || met(b, f)) {
            return OK;
        }
        REQUIRE(deadline == EVENTS_FOREVER || events_now() < deadline, E_TIMEOUT);
        if (!something_there(b) && !wait_for_news(b, seen, deadline)) {
            return ERR(E_TIMEOUT);
        }
    }
}

/* Until @p met, or the binding is closed.  @return E_TIMEOUT */
static err_t wait_until(struct binding *b, condition_fn *met, const struct rpc_future *f, uint64_t deadline)
{
    const err_t err = wait_for(b, met, f, deadline);

    /* We looked in the place of all others, and taking frames has disarmed the channel: another one must look now. */
    if (b->transport && b->transport->ops->poll) {
        binding_kick(b);
        events_enter();
        b->news++;
        events_wake(&b->callers, false);
        events_leave();
    }
    return err;
}

static unsigned free_slot(const struct binding *b)
{
    unsigned i = 0;

    while (i < BINDING_CALLS_MAX && b->call[i].state != CALL_FREE) {
        i++;
    }
    return i;
}

static bool can_start(const struct binding *b, const struct rpc_future *f)
{
    (void)f;
    return !b->out_busy && !b->reply_busy && free_slot(b) < BINDING_CALLS_MAX;
}

static bool is_done(const struct binding *b, const struct rpc_future *f)
{
    (void)b;
    return f->done;
}

static bool is_bound(const struct binding *b, const struct rpc_future *f)
{
    (void)f;
    return b->state != BINDING_HELLO;
}

/* --- calls --- */

uint64_t binding_deadline(const struct binding *b)
{
    return b->timeout ? events_now() + b->timeout : EVENTS_FOREVER;
}

/* Wait until a call can be started. */
static err_t wait_for_turn(struct binding *b, const struct rpc_future *f)
{
    TRY(binding_usable(b));
    if (!can_start(b, f)) {
        TRY(wait_until(b, can_start, f, binding_deadline(b)));
        TRY(binding_usable(b));
    }
    return OK;
}

void binding_call_enter(struct binding *b, struct rpc_future *f, unsigned slot, uint16_t generation)
{
    struct binding_call *const c = &b->call[slot];

    c->state = CALL_WAITING;
    c->generation = generation;
    c->future = f;
    f->index = (uint8_t)slot;
}

static err_t send_call(struct binding *b, struct rpc_future *f, struct wire_packet *p)
{
    const unsigned slot = free_slot(b);
    const uint16_t next = (uint16_t)((b->call[slot].generation + 1) & (0xffff >> SLOT_BITS));

    binding_call_enter(b, f, slot, next + (next == 0));
    binding_start(b, p, p->message->number | (uint32_t)token_of(b, slot) << HEAD_TOKEN_SHIFT);
    binding_flush(b);
    return b->state == BINDING_CLOSED ? b->why : OK;
}

static err_t start(struct binding *b, struct rpc_future *f, const struct wire_message *call, const void *in)
{
    struct wire_packet p;

    TRY(wait_for_turn(b, f));
    TRY(binding_packable(b, &p, call, in));
    return send_call(b, f, &p);
}

void binding_future(struct binding *b, struct rpc_future *f, const struct wire_message *response)
{
    f->binding = b;
    f->response = response;
    f->reply.word = NULL;
    f->reply.words = f->reply.caps = 0;
    f->ready = (struct waitset_chan){ .waitset = NULL };
    f->out = NULL;
    f->err = OK;
    f->done = f->unpacked = false;
}

err_t binding_call_start(struct binding *b, struct rpc_future *f, const struct wire_message *call,
                         const struct wire_message *response, const void *in)
{
    binding_future(b, f, response);
    binding_enter(b);
    const err_t err = start(b, f, call, in);
    binding_leave(b);
    return err;
}

/* Nobody waits any more; the slot is free when the answer has come. */
static void forget(struct binding *b, struct rpc_future *f)
{
    if (!f->done) {
        b->call[f->index].state = CALL_EXPIRED;
        b->call[f->index].future = NULL;
    }
    wire_packet_drop(&f->reply);
    events_enter();
    if (f->ready.state != WAITSET_UNREGISTERED && !err_ok(waitset_chan_deregister_entered(&f->ready))) {
        OS_ASSERT(false);
    }
    events_leave();
}

static err_t unpack_answer(struct binding *b, struct rpc_future *f, void *out)
{
    const struct wire_message *const m = f->response;

    TRY(f->err);
    const err_t err = f->unpacked ? OK : wire_unpack(&f->reply, out);
    if (!err_ok(err)) {
        binding_fail(b, err);
        return err;
    }
    if (m->error && !err_ok(*(err_t *)out)) {
        wire_release(m, out, WIRE_DROP_CAPS);
        return *(err_t *)out;
    }
    return OK;
}

err_t binding_call_finish(struct rpc_future *f, uint64_t deadline, void *out)
{
    struct binding *const b = f->binding;

    binding_enter(b);
    f->out = out;
    err_t err = wait_until(b, is_done, f, deadline);
    if (err_ok(err) || f->unpacked) {           /* it came in the last moment */
        err = unpack_answer(b, f, out);
    }
    forget(b, f);
    binding_leave(b);
    return err;
}

/* --- calls of words only --- */

err_t binding_finish_words(struct binding *b, struct rpc_future *f, uint64_t deadline, struct direct_words *w)
{
    err_t err = wait_until(b, is_done, f, deadline);

    if (err_ok(err)) {
        err = f->err;
    }
    *w = (struct direct_words){ { 0 } };
    for (uint32_t i = 0; err_ok(err) && i < f->reply.words; i++) {
        w->word[i] = f->reply.word[i];
    }
    forget(b, f);
    return err;
}

err_t binding_call_frames(struct binding *b, uint32_t call, struct direct_words *w)
{
    const unsigned index = (call >> 8) - 1;
    const struct wire_message *const m = &b->interface->messages[index];
    struct rpc_future f;
    struct wire_packet p;

    binding_future(b, &f, &b->interface->responses[index]);
    binding_enter(b);
    err_t err = wait_for_turn(b, &f);
    if (err_ok(err)) {
        err = wire_packet_room(&p, m, m->words_min, 0);
    }
    if (err_ok(err)) {
        for (uint32_t i = 0; i < m->words_min; i++) {
            p.word[i] = w->word[i];
        }
        err = send_call(b, &f, &p);
    }
    if (err_ok(err)) {
        err = binding_finish_words(b, &f, binding_deadline(b), w);
    }
    binding_leave(b);
    return err;
}

err_t binding_malformed(struct binding *b)
{
    binding_enter(b);
    binding_fail(b, ERR(E_BINDING_MALFORMED));
    binding_leave(b);
    return ERR(E_BINDING_MALFORMED);
}

void rpc_future_cancel(struct rpc_future *f)
{
    struct binding *const b = f->binding;

    binding_enter(b);
    forget(b, f);
    binding_leave(b);
}

err_t rpc_future_notify(struct rpc_future *f, struct waitset *ws, struct event_closure closure)
{
    events_enter();
    const err_t err = waitset_chan_register_entered(ws, &f->ready, closure);
    if (err_ok(err) && f->done) {
        waitset_chan_trigger_entered(&f->ready);
    }
    events_leave();
    return err;
}

err_t binding_connect(const struct binding_interface *interface, struct transport *t, struct waitset *ws,
                      uint64_t timeout, struct binding **bound)
{
    struct binding *const b = binding_new(interface, BINDING_CLIENT, t, ws);

    REQUIRE(b, E_HEAP);
    binding_enter(b);
    err_t err = binding_hello(b);
    if (err_ok(err)) {
        err = wait_until(b, is_bound, NULL, timeout ? events_now() + timeout : EVENTS_FOREVER);
    }
    if (err_ok(err) && b->state == BINDING_CLOSED) {
        err = b->why;
    }
    b->bound_due = false;
    if (err_ok(err)) {
        binding_rearm(b);
        *bound = b;
    } else {
        binding_fail(b, err);
        b->torn = true;
    }
    binding_leave(b);
    return err;
}
