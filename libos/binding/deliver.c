/** @file deliver.c  Packets become calls of handlers. */
#include "internal.h"

#define SMALL_ARGS 64u          /* words of arguments that need no heap */

/** Memory for a message's arguments. */
struct args {
    void *at;
    uint64_t small[SMALL_ARGS];
};

static err_t args_room(struct args *a, const struct wire_message *m)
{
    a->at = a->small;
    if (m->args_bytes > sizeof(a->small)) {
        a->at = heap_alloc(m->args_bytes);
        REQUIRE(a->at, E_HEAP);
    } else {
        memset(a->small, 0, m->args_bytes);
    }
    return OK;
}

static void args_free(struct args *a)
{
    if (a->at != a->small) {
        heap_free(a->at);
    }
}

/* --- answers of handlers that answer at once --- */

/* What an error leaves is the error. */
static void only_error(const struct wire_message *m, void *out, err_t err)
{
    wire_release(m, out, WIRE_DROP_CAPS);
    memset(out, 0, m->args_bytes);
    *(err_t *)out = err;
}

static bool failed(const struct wire_message *m, const void *out)
{
    return m->error && !err_ok(*(const err_t *)out);
}

void binding_send_answer(struct binding *b, const struct wire_message *m, uint16_t token, struct wire_packet *p)
{
    const uint32_t head = m->number | HEAD_RESPONSE | (uint32_t)token << HEAD_TOKEN_SHIFT;

    if (b->out_busy) {                                  /* the handler sent something else meanwhile */
        binding_move_packet(&b->reply, p);
        b->reply_head = head;
        b->reply_busy = true;
    } else {
        binding_start(b, p, head);
        b->out_served = true;
        binding_flush(b);
    }
}

/* With the lock held again; the binding may have been closed meanwhile. */
static void answer(struct binding *b, const struct wire_message *m, uint16_t token, void *out)
{
    struct wire_packet p;

    if (failed(m, out)) {
        only_error(m, out, *(err_t *)out);
    }
    if (b->state != BINDING_OPEN) {
        wire_release(m, out, WIRE_DROP_CAPS);
        return;
    }
    err_t err = binding_packable(b, &p, m, out);
    if (!err_ok(err) && m->error) {                     /* too long, say: the client hears that instead */
        only_error(m, out, err);
        err = binding_packable(b, &p, m, out);
    }
    if (!err_ok(err)) {
        wire_release(m, out, WIRE_DROP_CAPS);
        binding_fail(b, err);
        return;
    }
    wire_release(m, out, WIRE_KEEP_CAPS);
    binding_send_answer(b, m, token, &p);
}

/* @return whether there is a handler; then @p in is released */
static bool serve(struct binding *b, const struct wire_message *m, uint16_t token, void *in)
{
    const struct wire_message *const response = &b->interface->responses[m->number - 1];
    struct args out;

    const err_t err = args_room(&out, response);
    if (!err_ok(err)) {
        wire_release(m, in, WIRE_DROP_CAPS);
        binding_fail(b, err);
        return true;
    }
    binding_pause(b);
    const bool served = m->serve(b, in, out.at);
    binding_resume(b);
    if (served) {
        wire_release(m, in, WIRE_KEEP_CAPS);
        if (binding_pay(b, m->number, &token)) {
            answer(b, response, token, out.at);
        } else {
            wire_release(response, out.at, WIRE_DROP_CAPS);
        }
    }
    args_free(&out);
    return served;
}

/* --- */

static void run_handler(struct binding *b, const struct wire_message *m, uint16_t token, void *args)
{
    if (m->call) {
        b->owed[b->owed_count++] = (struct binding_owed){ m->number, token };
    }
    binding_pause(b);
    const bool delivered = m->deliver(b, args);
    binding_resume(b);
    if (delivered || (m->call && serve(b, m, token, args))) {
        return;
    }
    wire_release(m, args, WIRE_DROP_CAPS);
    binding_fail(b, ERR(E_BINDING_HANDLER));
}

static void deliver_packet(struct binding *b, struct wire_packet *p, uint16_t token)
{
    const struct wire_message *const m = p->message;
    struct args args;

    err_t err = args_room(&args, m);
    if (!err_ok(err)) {
        wire_packet_drop(p);
        binding_fail(b, err);
        return;
    }
    err = binding_unpack(b, p, args.at);
    if (err_ok(err)) {
        run_handler(b, m, token, args.at);
    } else {
        binding_fail(b, err);
    }
    args_free(&args);
}

/* A call is taken only when its answer can go out, so that no client makes us keep answers. */
static bool may_deliver(const struct binding *b, const struct wire_message *m)
{
    return !m->call || (binding_idle(b) && b->owed_count < BINDING_CALLS_MAX);
}

bool binding_deliver(struct binding *b)
{
    struct wire_packet p;
    struct binding_parked *const parked = b->parked;
    uint16_t token = b->in_token;

    if (b->state != BINDING_OPEN || !(parked || b->in_complete) ||
        !may_deliver(b, parked ? parked->packet.message : b->in.message)) {
        return false;
    }
    if (parked) {
        token = parked->token;
        binding_move_packet(&p, &parked->packet);
        b->parked = parked->next;
        b->parked_last = b->parked ? b->parked_last : NULL;
        b->parked_count--;
        heap_free(parked);
    } else {
        binding_move_packet(&p, &b->in);
        b->in_started = b->in_complete = false;
    }
    binding_news(b);                    /* there is room again for a call that waits and may have to park */
    deliver_packet(b, &p, token);
    return true;
}
