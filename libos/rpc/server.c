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

/* Let @p s answer the message that lies in @p pending but for its tag; pending->to stays NULL if nothing is owed.  A
 * capability that came with it is the handler's: the stub drops it, or the handler has moved it out of the receive slot
 * when it returns. */
static inline void serve_in_place(struct rpc_session *s, uint64_t tag, struct rpc_pending *pending)
{
    const uint64_t closings = s->closings;

    if (__builtin_expect(s->answered != NULL, 0)) {
        take_answer(s, tag, pending->reply.word);
        return;
    }
    if (__builtin_expect(rpc_waits(s), 0)) {
        cancel_kept(s, tag);
    }
    rpc_from_tag(&pending->reply, tag, s->end.receive);
    s->serve(s, &pending->reply);
    if (__builtin_expect(s->closings != closings, 0)) {     /* by what it asked for; the session can be another client's */
        return;
    }
    if (__builtin_expect(is_kept(&pending->reply), 0)) {
        s->kept = pending->reply;
        s->tag = tag;
        return;
    }
    pending->to = s;
    pending->tag = tag;
}

/* The same for a message somewhere else. */
static void serve(struct rpc_session *s, uint64_t tag, const uint64_t *word, struct rpc_pending *pending)
{
    pending->to = NULL;
    rpc_unpack(&pending->reply, tag, word, s->end.receive);
    serve_in_place(s, tag, pending);
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
    uint64_t any = *(const volatile uint64_t *)&frame->summary[0];

    for (uint64_t group = 1; group * 4096 < server->events; group++) {
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

/* What was not a message in registers. */
__attribute__((noinline)) static void step_otherwise(struct rpc_server *server, struct rpc_pending *pending, err_t err)
{
    struct rpc_session *const owed = pending->to;

    pending->to = NULL;
    if (err_root(err) == E_WOKEN) {                 /* enabled by the run upcall; the reply is out */
        drain_all(server);
        return;
    }
    enable(frame_self());
    if (owed) {                                     /* the reply could not be sent, so nothing was waited for */
        refused(server, owed, pending, err);
    }
}

__attribute__((noinline)) static void step_events(struct rpc_server *server, struct rpc_pending *pending)
{
    enable(frame_self());
    if (pending->to) {
        rpc_server_answer(server, pending);
    }
    drain_all(server);
}

static inline void step_message(struct rpc_server *server, struct rpc_pending *pending, uint64_t event, uint64_t tag)
{
    enable(frame_self());
    pending->to = NULL;
    struct rpc_session *const s = event < server->events ? server->session[event] : NULL;
    if (s) {
        serve_in_place(s, tag, pending);
    }
}

/* Nothing is owed, or a capability goes along; or there is a deadline. */
__attribute__((noinline)) static void step_slowly(struct rpc_server *server, struct rpc_pending *pending)
{
    struct xfer x = pending->to ? reply_of(pending, (uint64_t)XFER_ANY) : (struct xfer){ .accept = (uint64_t)XFER_ANY };

    x.deadline = server->deadline;
    const err_t err = sys_xfer(&x);
    if (!err_ok(err)) {
        step_otherwise(server, pending, err);
        return;
    }
    for (unsigned i = 0; i < XFER_WORDS; i++) {
        pending->reply.word[i] = x.word[i];
    }
    step_message(server, pending, x.event, x.tag);
}

/* server_threads.c has another, which comes with thread_start_library() only. */
__attribute__((weak)) bool (*const os_rpc_server_threads)(struct rpc_server *server, struct rpc_pending *pending) = NULL;

void rpc_server_step(struct rpc_server *server, struct rpc_pending *pending)
{
    struct dispatcher_frame *const frame = frame_self();
    /* volatile: see rpc_call() */
    bool (*const threads)(struct rpc_server *, struct rpc_pending *) =
        *(bool (*const volatile *)(struct rpc_server *, struct rpc_pending *))&os_rpc_server_threads;

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
    if (__builtin_expect(events_posted(server, frame), 0)) {
        step_events(server, pending);
        return;
    }
    const struct rpc_session *const owed = pending->to;
    if (__builtin_expect(!owed || pending->reply.cap || server->deadline, 0)) {
        step_slowly(server, pending);
        return;
    }
    /* What comes takes the place of the reply.  What lies behind the length of a reply goes along: it is the client's. */
    const struct xfer_came came = sys_xfer_words(owed->end.send, (uint64_t)XFER_ANY,
                                                 rpc_tag_of_words(&pending->reply, rpc_token(pending->tag)),
                                                 pending->reply.word);
    if (__builtin_expect(!err_ok(came.err), 0)) {
        step_otherwise(server, pending, came.err);
        return;
    }
    step_message(server, pending, came.event, came.tag);
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
