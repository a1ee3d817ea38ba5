/**
 * @file client_threads.c  A blocking call of a program with threads (os/rpc_lmp.h, os/thread.h).
 *
 * A call is entered in the binding's list before the request goes out.  From there on whoever finds its reply or the
 * binding closed ends it: the thread itself, with the message in its registers; another thread that got it there; the
 * handler of the event; or any of them, from the ring.  The result lies in the thread's call record, so nothing of the
 * caller's stack is touched by others.
 *
 * With nobody else to run, the thread stays the dispatcher's and parks: one system call, reply in registers.
 */
#include <os/caps.h>
#include <os/err.h>
#include <os/event.h>
#include <os/rpc_lmp.h>
#include <os/sync.h>

#include "rpc_tag.h"
#include "rpc_threads.h"
#include "server_internal.h"

static void end_call(struct thread_call *call, enum err_code end)
{
    call->ended = true;
    call->end = end;
    (void)thread_wake(call->thread);                /* it does not block if it is the one that runs */
}

void rpc_give_reply(struct rpc_client *c, uint64_t tag, const uint64_t *word)
{
    for (struct thread_call **link = &c->threads.calls, *call; (call = *link); link = &call->next) {
        if (call->token == rpc_token(tag)) {
            *link = call->next;
            call->x.tag = tag;
            for (unsigned i = 0; i < XFER_WORDS && word != call->x.word; i++) {
                call->x.word[i] = word[i];
            }
            end_call(call, E_OK);
            return;
        }
    }
    if (tag & TAG_CAP) {                            /* of no call that is alive */
        rpc_drop_cap(c->end.receive);
    }
}

void rpc_end_calls(struct rpc_client *c, enum err_code end)
{
    for (struct thread_call *call; (call = c->threads.calls);) {
        c->threads.calls = call->next;
        end_call(call, end);
    }
}

/* Disabled.  All that is in the ring, then the end if it was closed before that. */
static void drain(struct rpc_client *c)
{
    if (c->link) {
        rpc_ump_drain(c);
        return;
    }
    const bool closed = lmp_closed(&c->end);
    struct ring_message message;

    while (lmp_take(&c->end, &message)) {
        rpc_give_reply(c, message.tag, message.word);
    }
    if (closed) {
        rpc_end_calls(c, E_RPC_CLOSED);
    }
}

static void on_event(struct event_handler *handler)
{
    drain((struct rpc_client *)((char *)handler - offsetof(struct rpc_client, threads.handler)));
}

/* A call that an event may end.  On the caller's stack, written and so touched before it is registered. */
struct cancel {
    struct event_handler handler;
    struct rpc_client *client;
    struct thread_call *call;
    bool posted;
};

bool rpc_forget_call(struct rpc_client *c, const struct thread_call *call)
{
    struct thread_call **link = &c->threads.calls;

    while (*link && *link != call) {
        link = &(*link)->next;
    }
    if (!*link) {
        return false;
    }
    *link = call->next;
    return true;
}

static void on_cancel(struct event_handler *handler)
{
    struct cancel *const cancel = (struct cancel *)((char *)handler - offsetof(struct cancel, handler));

    cancel->posted = true;
    drain(cancel->client);                          /* its reply may be there */
    if (rpc_forget_call(cancel->client, cancel->call)) {
        end_call(cancel->call, E_RPC_CANCELLED);
    }
}

/* ---- turns: never more under way than rings have slots, nor two capabilities to one receive slot -------------------- */

static bool may_begin(const struct rpc_client *c, bool cap)
{
    if (c->threads.under_way == 0) {
        return true;
    }
    const uint32_t window = c->window > 1 && c->end.receive == CPTR_NULL ? c->window : 1;

    return c->threads.under_way < window && !(cap && c->threads.with_cap);
}

static void begin(struct rpc_client *c, bool cap)
{
    c->threads.under_way++;
    if (cap) {
        c->threads.with_cap = true;
    }
}

/* Disabled, before and after.  In the order of arrival: who ends a call begins those that may come next. */
static void take_turn(struct rpc_client *c, bool cap)
{
    if (c->threads.turn.first || !may_begin(c, cap)) {
        (void)thread_block(BLOCKED_RPC, &c->threads.turn, THREAD_NO_DEADLINE);
        thread_disable();
        return;
    }
    begin(c, cap);
}

static void pass_turn(struct rpc_client *c, bool cap)
{
    c->threads.under_way--;
    if (cap) {
        c->threads.with_cap = false;
    }
    for (struct thread *t; (t = c->threads.turn.first);) {
        const bool next_cap = thread_call_of(t)->x.tag & TAG_CAP;
        if (!may_begin(c, next_cap)) {
            return;
        }
        begin(c, next_cap);
        (void)thread_wake(t);
    }
}

/* ---- the call ------------------------------------------------------------------------------------------------------ */

/* Disabled.  Park if nobody else can run, else block until the call has ended.  Afterwards disabled. */
static err_t wait_for_end(struct rpc_client *c, struct thread_call *call)
{
    struct xfer *const x = &call->x;

    for (;;) {
        drain(c);                                   /* the event is posted, too, but here it costs no switch */
        if (call->ended) {
            return OK;
        }
        if (!thread_alone()) {
            (void)thread_block(BLOCKED_RPC, NULL, THREAD_NO_DEADLINE);
            thread_disable();
            continue;
        }
        x->dest = CPTR_NULL;
        x->tag = 0;
        x->accept = c->end.event;
        const err_t err = thread_park(x);
        if (err_ok(err)) {
            rpc_give_reply(c, x->tag, x->word);
        } else if (err_root(err) == E_WOKEN) {
            thread_disable();
        } else {
            (void)rpc_forget_call(c, call);
            return err;
        }
    }
}

/* Disabled; afterwards, too. */
static err_t exchange(struct rpc_client *c, struct thread_call *call)
{
    struct xfer *const x = &call->x;
    err_t err;

    if (c->link) {
        return rpc_ump_exchange(c, call);
    }
    REQUIRE(!lmp_closed(&c->end), E_RPC_CLOSED);
    call->token = ++c->token;
    call->ended = false;
    call->next = c->threads.calls;
    c->threads.calls = call;
    x->dest = c->end.send;
    x->tag |= (uint64_t)call->token << RPC_TOKEN_SHIFT;
    if (thread_alone() && !(x->tag & TAG_CAP)) {
        x->accept = c->end.event;
        err = thread_park(x);
        if (err_ok(err)) {
            if (c->threads.calls == call && rpc_token(x->tag) == call->token) {
                c->threads.calls = call->next;
                return OK;
            }
            rpc_give_reply(c, x->tag, x->word);
        } else if (err_root(err) == E_WOKEN) {
            thread_disable();
            err = OK;
        }
    } else {
        x->accept = (uint64_t)XFER_NO_PARK;
        x->deadline = XFER_KEEP_DEADLINE;
        err = thread_send(x);
    }
    if (!err_ok(err)) {
        (void)rpc_forget_call(c, call);
        return err_root(err) == E_DEAD ? ERR(E_RPC_CLOSED) : err;
    }
    TRY(wait_for_end(c, call));
    REQUIRE(call->end == E_OK, call->end);
    return OK;
}

bool os_rpc_threads_started;

__attribute__((used)) static const char *const link_server_threads = &os_rpc_server_threads_here;

/* By the first thread that calls.  Others go on meanwhile: an event that is there already is handled when this is done. */
static err_t attach(struct rpc_client *c)
{
    thread_disable();
    const bool first = !c->threads.handler.fire;
    c->threads.handler = (struct event_handler){ .fire = on_event, .end = c->link ? NULL : &c->end };
    thread_enable();
    if (!first) {
        return OK;
    }
    const err_t err = event_register(c->end.event, &c->threads.handler);
    if (!err_ok(err)) {
        thread_disable();
        c->threads.handler.fire = NULL;
        rpc_end_calls(c, err_root(err));
        thread_enable();
    }
    return err;
}

/* What this thread has said about it, else what the binding says. */
static cptr_t wanted_slot(struct rpc_client *c, struct thread_call *call)
{
    if (call->receive_for == c) {
        call->receive_for = NULL;
        return call->receive;
    }
    return rpc_wanted_slot(c);
}

static err_t make_call(struct rpc_client *c, struct rpc_message *m, const struct cancel *cancel)
{
    struct thread_call *const call = thread_call();
    const bool cap = m->cap != CPTR_NULL;
    const cptr_t slot = wanted_slot(c, call);

    call->x.tag = rpc_tag(m, 0);
    call->x.cap = m->cap;
    for (unsigned i = 0; i < XFER_WORDS; i++) {
        call->x.word[i] = 0;                /* all eight go to the server: nothing of an earlier call's */
    }
    for (unsigned i = 0; i < m->length; i++) {
        call->x.word[i] = m->word[i];
    }
    thread_disable();
    take_turn(c, cap);
    err_t err = cancel && cancel->posted ? ERR(E_RPC_CANCELLED) : exchange(c, call);
    if (err_ok(err) && c->end.receive == CPTR_NULL) {       /* the common case: one critical section for all */
        pass_turn(c, cap);
        thread_enable();
        rpc_unpack(m, call->x.tag, call->x.word, CPTR_NULL);
        return OK;
    }
    thread_enable();
    if (err_ok(err)) {
        rpc_unpack(m, call->x.tag, call->x.word, c->end.receive);
        err = rpc_place_cap(m, slot);
    }
    thread_disable();
    pass_turn(c, cap);
    thread_enable();
    return err;
}

static err_t cancellable_call(struct rpc_client *c, struct rpc_message *m)
{
    struct cancel cancel = { { .fire = on_cancel }, c, thread_call(), false };
    const uint64_t id = c->cancel;

    TRY(event_register(id, &cancel.handler));
    const err_t err = make_call(c, m, &cancel);
    event_unregister(id);
    if (cancel.posted && err_root(err) != E_RPC_CANCELLED) {        /* it came too late, and is somebody else's now */
        __atomic_fetch_or(&frame_self()->events[id / 64], 1ull << id % 64, __ATOMIC_RELAXED);
    }
    return err;
}

static err_t call_threads(struct rpc_client *c, struct rpc_message *m)
{
    if (!os_rpc_threads_started) {
        return rpc_call_alone(c, m);
    }
    if (!c->threads.handler.fire) {
        TRY(attach(c));
    }
    return c->cancel ? cancellable_call(c, m) : make_call(c, m, NULL);
}

static void receive_into(struct rpc_client *c, cptr_t slot)
{
    struct thread_call *const call = thread_call();

    if (!os_rpc_threads_started) {
        rpc_want_slot(c, slot);
        return;
    }
    call->receive_for = c;
    call->receive = slot;
}

/* Recursive: a binding may take memory, and the binding to the memory server be the next to be set up. */
static struct {
    struct mutex mutex;
    struct thread *owner;
    unsigned depth;
} setting_up;

static void lock(void)
{
    if (!os_rpc_threads_started) {
        return;
    }
    if (setting_up.owner != thread_self()) {    /* only the owner finds itself there */
        mutex_lock(&setting_up.mutex);
        setting_up.owner = thread_self();
    }
    setting_up.depth++;
}

static void unlock(void)
{
    if (os_rpc_threads_started && --setting_up.depth == 0) {    /* not started while somebody has it */
        setting_up.owner = NULL;
        mutex_unlock(&setting_up.mutex);
    }
}

static const struct rpc_threads with_threads = { call_threads, receive_into, lock, unlock };
const struct rpc_threads *const os_rpc_threads = &with_threads;
