/** @file binding.c  Life and death of bindings, and their event handler. */
#include "internal.h"

/* --- locks --- */

void binding_pause(struct binding *b)
{
    events_mutex_unlock(&b->lock);
}

void binding_resume(struct binding *b)
{
    events_mutex_lock(&b->lock);
}

void binding_enter(struct binding *b)
{
    events_enter();
    events_mutex_lock_entered(&b->lock);
    binding_settle(b);
    b->users++;
    events_leave();
}

void binding_enter_handler(struct binding *b, struct waitset_chan *chan)
{
    binding_enter(b);
    events_enter();
    chan->delivered = false;
    events_leave();
}

void binding_leave(struct binding *b)
{
    events_enter();
    /* A waitset may have handed out a closure that has not been called yet: its handler will be the last then. */
    const bool last = --b->users == 0 && b->torn && !b->run.delivered && !b->sent.delivered;
    events_mutex_unlock_entered(&b->lock);
    if (b->users == 0 && !last) {
        binding_rest(b);
    }
    events_leave();
    if (last) {
        binding_forget_export(b);
        heap_free(b);
    }
}

/* --- events --- */

void transport_ready_entered(struct binding *b)
{
    b->direct = NULL;
    b->news++;
    waitset_chan_trigger_entered(&b->run);
    events_wake(&b->callers, true);
}

void transport_ready(struct binding *b)
{
    events_enter();
    transport_ready_entered(b);
    events_leave();
}

void binding_news(struct binding *b)
{
    events_enter();
    b->news++;
    events_wake(&b->callers, true);
    events_leave();
}

void binding_kick(struct binding *b)
{
    b->again = true;                    /* for binding_rearm(), should the handler be running */
    waitset_chan_trigger(&b->run);
}

static struct binding *binding_of(struct waitset_chan *chan)
{
    return (struct binding *)((char *)chan - offsetof(struct binding, run));
}

static bool poll_channel(struct waitset_chan *chan)
{
    struct transport *t = binding_of(chan)->transport;

    return t->ops->poll(t);
}

static bool arm_channel(struct waitset_chan *chan)
{
    struct transport *t = binding_of(chan)->transport;

    return t->ops->arm(t, true);
}

static const struct waitset_poll polled = { poll_channel, arm_channel };

void binding_rearm(struct binding *b)
{
    /* A call that may not be delivered yet keeps all behind it on the channel, and only credit is worth waiting for. */
    const bool receive = !b->in_complete, want = b->transport && (receive || b->out_busy);

    events_enter();
    b->run.poll = want && receive && b->transport->ops->poll ? &polled : NULL;
    const err_t err = waitset_chan_register_entered(b->waitset, &b->run, MKCONT(binding_run, b));
    const bool now = b->again || (want && !b->run.poll && b->transport->ops->arm(b->transport, receive));
    if (err_ok(err) && now) {
        waitset_chan_trigger_entered(&b->run);
    }
    events_leave();
}

void binding_run(void *arg)
{
    struct binding *const b = arg;

    binding_enter_handler(b, &b->run);
    if (b->serving) {                                           /* handlers run one after another: it goes on when that is done */
        b->again = true;
        binding_leave(b);
        return;
    }
    b->again = false;
    if (b->state != BINDING_CLOSED) {
        const err_t err = binding_pull(b);
        if (!err_ok(err) && err_root(err) != E_CHANNEL_EMPTY) {
            while (b->parked && binding_deliver(b)) {           /* these came before the end */
            }
            binding_fail(b, err);
        }
        binding_flush(b);
    }
    if (binding_deliver(b)) {
        b->again = true;                                        /* one at a time: others of the waitset have their turn */
        binding_flush(b);
    }
    binding_report(b);
    if (!b->torn && b->state != BINDING_CLOSED) {
        binding_rearm(b);
    }
    binding_leave(b);
}

/* --- begin --- */

struct binding *binding_new(const struct binding_interface *interface, enum binding_role role, struct transport *t,
                            struct waitset *ws)
{
    struct binding *b = heap_alloc(interface->bytes);

    if (!b) {
        t->ops->close(t);
        return NULL;
    }
    b->interface = interface;
    b->role = role;
    b->state = role == BINDING_CLIENT ? BINDING_HELLO : BINDING_ACCEPT;
    b->waitset = ws ? ws : get_default_waitset();
    b->transport = t;
    b->lock = (struct events_mutex){ .held = false };
    t->owner = b;
    if (t->handler) {
        t->handler->binding = b;
    }
    return b;
}

err_t binding_usable(const struct binding *b)
{
    return b->state == BINDING_OPEN ? OK : b->state == BINDING_CLOSED ? b->why : ERR(E_TX_BUSY);
}

/* --- end --- */

static void drop_parked(struct binding *b)
{
    while (b->parked) {
        struct binding_parked *p = b->parked;
        b->parked = p->next;
        wire_packet_drop(&p->packet);
        heap_free(p);
    }
    b->parked_last = NULL;
    b->parked_count = 0;
}

/* Capabilities that an answer gave away are nobody's but ours. */
static void drop_out(struct binding *b)
{
    if (b->out_busy && b->out_served) {
        for (uint32_t i = b->out_cap; i < b->out.caps; i++) {
            if (b->out.give >> i & 1) {
                binding_drop_cap(b->out.cap[i]);
            }
        }
    }
    for (uint32_t i = 0; b->reply_busy && i < b->reply.caps; i++) {
        if (b->reply.give >> i & 1) {
            binding_drop_cap(b->reply.cap[i]);
        }
    }
    wire_packet_free(&b->out);
    wire_packet_free(&b->reply);
    b->out_busy = b->reply_busy = false;
}

static void cancel(struct waitset_chan *chan)
{
    events_enter();
    if (chan->state != WAITSET_UNREGISTERED && !err_ok(waitset_chan_deregister_entered(chan))) {
        OS_ASSERT(false);
    }
    events_leave();
}

static void close_channel(struct binding *b)
{
    struct transport *const t = b->transport;

    events_enter();
    if (b->run.state == WAITSET_POLLED && err_ok(waitset_chan_deregister_entered(&b->run))) {
        b->run.poll = NULL;
        if (!err_ok(waitset_chan_register_entered(b->waitset, &b->run, MKCONT(binding_run, b)))) {
            b->again = true;
        }
    }
    if (t->handler) {
        t->handler->binding = NULL;
    }
    b->transport = NULL;                /* whoever polls does so with the events lock held: nobody looks at it now */
    events_leave();
    t->ops->close(t);
}

void binding_fail(struct binding *b, err_t err)
{
    if (b->state == BINDING_CLOSED) {
        return;
    }
    b->report_due = b->state == BINDING_OPEN;
    b->bound_due |= b->state == BINDING_HELLO;
    b->torn |= b->state == BINDING_ACCEPT;                      /* nobody has seen it yet */
    b->state = BINDING_CLOSED;
    b->why = err;
    close_channel(b);
    drop_out(b);
    if (b->in_started) {
        wire_packet_drop(&b->in);
        b->in_started = b->in_complete = false;
    }
    drop_parked(b);
    binding_end_calls(b, err);
    cancel(&b->sent);
    b->continuation = NOP_CONT;
    cancel(&b->writable);
    binding_kick(b);
    binding_news(b);
}

void binding_report(struct binding *b)
{
    if (b->bound_due) {                                         /* the bind is over, one way or the other */
        const bool failed = b->state == BINDING_CLOSED;
        b->bound_due = false;
        b->torn |= failed;
        if (b->bound) {
            binding_pause(b);
            b->interface->bound(b->bound, b->bound_st, failed ? b->why : OK, failed ? NULL : b);
            binding_resume(b);
        }
    }
    if (b->report_due) {
        b->report_due = false;
        binding_pause(b);
        const bool heard = b->interface->report(b, b->why);
        binding_resume(b);
        b->torn |= !heard && b->role == BINDING_SERVER;         /* nobody has asked to keep it */
    }
}

static void teardown(struct binding *b)
{
    binding_fail(b, ERR(E_RPC_CLOSED));
    b->torn = true;
    cancel(&b->run);
    binding_report(b);
}

err_t binding_control(struct binding *b, enum idc_control control)
{
    binding_enter(b);
    switch (control) {
    case IDC_CONTROL_TEARDOWN:
        teardown(b);
        break;
    case IDC_CONTROL_SET_SYNC:
        b->sync = true;
        break;
    case IDC_CONTROL_CLEAR_SYNC:
        b->sync = false;
        break;
    default:
        binding_leave(b);
        return ERR(E_ARG);
    }
    binding_leave(b);
    return OK;
}

/* --- where it runs --- */

err_t binding_change_waitset(struct binding *b, struct waitset *ws)
{
    binding_enter(b);
    if (b->out_busy || b->reply_busy || b->in_started || b->sent.state != WAITSET_UNREGISTERED) {
        binding_leave(b);
        return ERR(E_BINDING_BUSY);
    }
    const bool running = b->run.state == WAITSET_UNREGISTERED;  /* its handler will register it */
    cancel(&b->run);
    b->waitset = ws;
    if (!running && b->state != BINDING_CLOSED) {
        b->again = true;
        binding_rearm(b);
    }
    binding_leave(b);
    return OK;
}

void binding_set_timeout(struct binding *b, uint64_t ticks)
{
    binding_enter(b);
    b->timeout = ticks;
    binding_leave(b);
}
