/** @file server.c  The loop of a server with one thread: reply and park, one system call for each request. */
#include <os/caps.h>
#include <os/rpc_lmp.h>

#include "rpc_tag.h"

static void close_session(struct rpc_server *server, struct rpc_session *s)
{
    server->session[s->end.event] = NULL;
    s->kept.number = 0;                             /* its capability lies in the receive slot: closed() drops it */
    s->closed(s);
}

/* A kept request of the client that has sent another one: the client does not wait for it any more. */
static void cancel_kept(struct rpc_session *s)
{
    rpc_drop_received(&s->kept);
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

/* Did the handler end the session that it served?  Then nobody is owed an answer. */
static bool has_ended(const struct rpc_server *server, const struct rpc_session *s)
{
    return server->session[s->end.event] != s;
}

/* Let @p s answer the message at @p tag and @p word; pending->to stays NULL if nothing is owed.  A capability that came
 * with it is the handler's: the stub drops it, or the handler has moved it out of the receive slot when it returns. */
static void serve(struct rpc_server *server, struct rpc_session *s, uint64_t tag, const uint64_t *word,
                  struct rpc_pending *pending)
{
    pending->to = NULL;
    if (s->answered) {
        take_answer(s, tag, word);
        return;
    }
    if (rpc_waits(s)) {
        cancel_kept(s);
    }
    rpc_unpack(&pending->reply, tag, word, s->end.receive);
    s->serve(s, &pending->reply);
    if (has_ended(server, s)) {
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

/* Send what is owed, without waiting. */
static void answer(struct rpc_server *server, struct rpc_pending *pending)
{
    struct rpc_session *const s = pending->to;
    struct xfer x = reply_of(pending, (uint64_t)XFER_NO_PARK);

    pending->to = NULL;
    if (!err_ok(sys_xfer(&x))) {
        close_session(server, s);
    }
}

static void drain(struct rpc_server *server, uint64_t event)
{
    struct rpc_session *const s = event < server->events ? server->session[event] : NULL;
    struct ring_message message;

    if (!s) {
        return;
    }
    if (s->notified) {
        s->notified(s);
        return;
    }
    const bool closed = lmp_closed(&s->end);        /* before the ring is found empty */
    while (server->session[event] == s && lmp_take(&s->end, &message)) {
        struct rpc_pending pending;
        serve(server, s, message.tag, message.word, &pending);
        if (pending.to) {
            answer(server, &pending);
        }
    }
    if (closed && server->session[event] == s) {
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
                drain(server, word * 64 + (uint64_t)__builtin_ctzll(bits));
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

void rpc_server_step(struct rpc_server *server, struct rpc_pending *pending)
{
    struct dispatcher_frame *const frame = frame_self();
    struct rpc_session *const owed = pending->to;
    struct xfer x;

    /* Disabled from the look to the sleep: what is posted later makes the kernel not sleep, but what was posted while
     * enabled has had its upcall. */
    disable(frame);
    if (events_posted(server, frame)) {
        enable(frame);
        if (owed) {
            answer(server, pending);
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
    const err_t err = sys_xfer(&x);
    if (err_root(err) == E_WOKEN) {                 /* enabled by the run upcall; the reply is out */
        drain_all(server);
        return;
    }
    enable(frame);
    if (!err_ok(err)) {                             /* the reply could not be sent, so nothing was waited for */
        if (owed) {
            close_session(server, owed);
        }
        return;
    }
    if (x.event < server->events && server->session[x.event]) {
        serve(server, server->session[x.event], x.tag, x.word, pending);
    }
}

void rpc_retry(struct rpc_server *server, struct rpc_session *session)
{
    struct rpc_pending pending = { .to = session, .tag = session->tag, .reply = session->kept };

    if (!rpc_waits(session)) {
        return;
    }
    session->kept.number = 0;
    pending.reply.number &= (uint16_t)~RPC_KEPT;
    session->serve(session, &pending.reply);
    if (has_ended(server, session)) {
        return;
    }
    if (is_kept(&pending.reply)) {
        session->kept = pending.reply;
        return;
    }
    answer(server, &pending);
}

err_t rpc_post(struct rpc_session *session, struct rpc_message *m)
{
    const uint64_t tag = rpc_tag(m, rpc_token(session->tag) + 1);
    struct xfer x = { .dest = session->end.send, .accept = (uint64_t)XFER_NO_PARK, .cap = m->cap, .tag = tag };

    for (unsigned i = 0; i < m->length; i++) {
        x.word[i] = m->word[i];
    }
    session->tag = tag;
    return sys_xfer(&x);
}
