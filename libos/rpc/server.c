/** @file server.c  The loop of a server with one thread: reply and park, one system call for each request. */
#include <os/caps.h>
#include <os/rpc_lmp.h>

#include "rpc_tag.h"
#include "server_internal.h"

static void close_session(struct rpc_server *server, struct rpc_session *s)
{
    rpc_session_leave(server, s);
    s->closed(s);
}

/* A kept request of the client that has sent another one, tagged @p tag: the client does not wait for it any more.  If
 * one capability came since, the other has left the receive slot before. */
static void cancel_kept(struct rpc_session *s, uint64_t tag)
{
    if (!(tag & TAG_CAP)) {
        rpc_drop_received(&s->kept);
    }
    s->kept.number = 0;
}

static bool is_kept(const struct rpc_message *m)
{
    return (m->number & (RPC_KEPT | RPC_REPLY)) == RPC_KEPT;
}

/* The answer to a request of our own; any other message of that peer is dropped. */
static void take_answer(struct rpc_session *s, uint64_t tag, const uint64_t *word)
{
    struct rpc_message message;

    rpc_unpack(&message, tag, word, s->end.receive);
    if (rpc_token(tag) != rpc_token(s->tag)) {
        rpc_drop_received(&message);
        return;
    }
    s->answered(s, &message);
}

/* Let @p s answer the message at @p tag and @p word; pending->to stays NULL if nothing is owed.  A capability that came
 * with it is the handler's: the stub drops it, or the handler has moved it out of the receive slot when it returns. */
static void serve(struct rpc_session *s, uint64_t tag, const uint64_t *word, struct rpc_pending *pending)
{
    const uint64_t closings = s->closings;

    pending->to = NULL;
    if (s->answered) {
        take_answer(s, tag, word);
        return;
    }
    if (rpc_waits(s)) {
        cancel_kept(s, tag);
    }
    rpc_unpack(&pending->reply, tag, word, s->end.receive);
    s->serve(s, &pending->reply);
    if (s->closings != closings) {                  /* by what it asked for; the session can be another client's */
        return;
    }
    if (is_kept(&pending->reply)) {
        s->kept = pending->reply;
        s->tag = tag;
        return;
    }
    pending->to = s;
    pending->tag = tag;
}

static struct xfer reply_of(const struct rpc_pending *pending, uint64_t accept)
{
    struct xfer x = { .dest = pending->to->end.send, .accept = accept, .cap = pending->reply.cap,
                      .tag = rpc_tag(&pending->reply, rpc_token(pending->tag)) };

    for (unsigned i = 0; i < pending->reply.length; i++) {
        x.word[i] = pending->reply.word[i];
    }
    return x;
}

/* The answer in @p pending could not be sent to @p s.  That is the client's fault, unless the capability that was to go
 * along has been revoked by whom it came from: then the client hears that, and keeps its binding. */
static void refused(struct rpc_server *server, struct rpc_session *s, struct rpc_pending *pending, err_t err)
{
    if (err_root(err) == E_CAP_EMPTY && pending->reply.cap) {
        pending->to = s;
        pending->reply.cap = CPTR_NULL;
        rpc_fail(&pending->reply, err);
        struct xfer x = reply_of(pending, (uint64_t)XFER_NO_PARK);
        pending->to = NULL;
        err = sys_xfer(&x);
    }
    if (!err_ok(err)) {
        close_session(server, s);
    }
}

void rpc_server_answer(struct rpc_server *server, struct rpc_pending *pending)
{
    struct rpc_session *const s = pending->to;
    struct xfer x = reply_of(pending, (uint64_t)XFER_NO_PARK);
    const err_t err = sys_xfer(&x);

    pending->to = NULL;
    if (!err_ok(err)) {
        refused(server, s, pending, err);
    }
}

void rpc_server_drain(struct rpc_server *server, uint64_t event)
{
    struct rpc_session *const s = event < server->events ? server->session[event] : NULL;
    struct ring_message message;

    if (!s) {
        return;
    }
    if (s->link) {
        s->link->ops->event(server, s);
        return;
    }
    if (s->notified) {
        s->notified(s);
        return;
    }
    const uint64_t closings = s->closings;
    const bool closed = lmp_closed(&s->end);        /* before the ring is found empty */
    while (s->closings == closings && lmp_take(&s->end, &message)) {
        struct rpc_pending pending;
        serve(s, message.tag, message.word, &pending);
        if (pending.to) {
            rpc_server_answer(server, &pending);
        }
    }
    if (closed && s->closings == closings) {
        close_session(server, s);
    }
}

/* All channels whose bit is set.  The bits are taken first: what comes afterwards sets pending again. */
static void drain_all(struct rpc_server *server)
{
    struct dispatcher_frame *const frame = frame_self();

    for (uint64_t group = 0; group * 4096 < server->events; group++) {
        uint64_t words = __atomic_exchange_n(&frame->summary[group], 0, __ATOMIC_RELAXED);
        for (; words; words &= words - 1) {
            const uint64_t word = group * 64 + (uint64_t)__builtin_ctzll(words);
            uint64_t bits = __atomic_exchange_n(&frame->events[word], 0, __ATOMIC_RELAXED);
            for (; bits; bits &= bits - 1) {
                rpc_server_drain(server, word * 64 + (uint64_t)__builtin_ctzll(bits));
            }
        }
    }
}

static bool events_posted(const struct rpc_server *server, const struct dispatcher_frame *frame)
{
    uint64_t any = 0;

    for (uint64_t group = 0; group * 4096 < server->events; group++) {
        any |= *(const volatile uint64_t *)&frame->summary[group];
    }
    return any != 0;
}

/* Sessions of other links want to be looked at, so nobody sleeps. */
static void look_around(struct rpc_server *server, struct rpc_pending *pending)
{
    if (pending->to) {
        rpc_server_answer(server, pending);
    }
    if (events_posted(server, frame_self())) {
        drain_all(server);
    }
    if (server->active) {
        server->active->ops->round(server);
    }
}

/* server_threads.c has another, which comes with thread_start_library() only. */
__attribute__((weak)) bool (*const os_rpc_server_threads)(struct rpc_server *server, struct rpc_pending *pending) = NULL;

void rpc_server_step(struct rpc_server *server, struct rpc_pending *pending)
{
    struct dispatcher_frame *const frame = frame_self();
    struct rpc_session *const owed = pending->to;
    /* volatile: see rpc_call() */
    bool (*const threads)(struct rpc_server *, struct rpc_pending *) =
        *(bool (*const volatile *)(struct rpc_server *, struct rpc_pending *))&os_rpc_server_threads;
    struct xfer x;

    if (threads && threads(server, pending)) {
        return;
    }
    if (server->active) {
        look_around(server, pending);
        return;
    }
    /* Disabled from the look to the sleep: what is posted later makes the kernel not sleep, but what was posted while
     * enabled has had its upcall. */
    disable(frame);
    if (events_posted(server, frame)) {
        enable(frame);
        if (owed) {
            rpc_server_answer(server, pending);
        }
        drain_all(server);
        return;
    }
    if (owed) {
        x = reply_of(pending, (uint64_t)XFER_ANY);
        pending->to = NULL;
    } else {
        x = (struct xfer){ .accept = (uint64_t)XFER_ANY };
    }
    x.deadline = server->deadline;
    const err_t err = sys_xfer(&x);
    if (err_root(err) == E_WOKEN) {                 /* enabled by the run upcall; the reply is out */
        drain_all(server);
        return;
    }
    enable(frame);
    if (!err_ok(err)) {                             /* the reply could not be sent, so nothing was waited for */
        if (owed) {
            refused(server, owed, pending, err);
        }
        return;
    }
    if (x.event < server->events && server->session[x.event]) {
        serve(server->session[x.event], x.tag, x.word, pending);
    }
}

void rpc_retry(struct rpc_server *server, struct rpc_session *session)
{
    if (session->link) {
        session->link->ops->retry(server, session);
        return;
    }
    struct rpc_pending pending = { .to = session, .tag = session->tag, .reply = session->kept };

    if (!rpc_waits(session)) {
        return;
    }
    const uint64_t closings = session->closings;
    session->kept.number = 0;
    pending.reply.number &= (uint16_t)~RPC_KEPT;
    session->serve(session, &pending.reply);
    if (session->closings != closings) {
        return;
    }
    if (is_kept(&pending.reply)) {
        session->kept = pending.reply;
        return;
    }
    rpc_server_answer(server, &pending);
}

err_t rpc_post(struct rpc_session *session, struct rpc_message *m)
{
    if (session->link) {
        return session->link->ops->post(session, m);
    }
    const uint64_t tag = rpc_tag(m, rpc_token(session->tag) + 1);
    struct xfer x = { .dest = session->end.send, .accept = (uint64_t)XFER_NO_PARK, .cap = m->cap, .tag = tag };

    for (unsigned i = 0; i < m->length; i++) {
        x.word[i] = m->word[i];
    }
    session->tag = tag;
    return sys_xfer(&x);
}
