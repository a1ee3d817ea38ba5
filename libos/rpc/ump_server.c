/**
 * @file ump_server.c  Sessions over UMP in the loop of rpc_server_step(); contracts in os/rpc_ump.h.
 *
 * A session is *active* or armed.  In each step the server takes what has come for the active ones; one that was
 * quiet for seat.poll ticks is armed, looked at once more, and is no longer active: from then on its event finds it,
 * and until then it costs nothing.  The server sleeps when none is active.  An event posted between arming and
 * sleeping is in the dispatcher frame, where rpc_server_step() looks last.
 */
#include <os/err.h>
#include <os/rpc_ump.h>

#include "rpc_ump_session.h"

/* ---- active sessions: a ring of links; server->active is the last, its next the first ---------------------------- */

void rpc_ump_activate(struct ump_session *u)
{
    struct rpc_link **const last = &u->server->active;

    if (u->active || u->left) {
        return;
    }
    u->active = true;
    u->link.next = &u->link;
    if (*last) {
        u->link.next = (*last)->next;
        (*last)->next = &u->link;
    }
    *last = &u->link;
}

static void deactivate(struct ump_session *u)
{
    struct rpc_link **const last = &u->server->active, *before = *last;

    if (!u->active) {
        return;
    }
    u->active = false;
    while (before->next != &u->link) {
        before = before->next;
    }
    before->next = u->link.next;
    if (*last == &u->link) {
        *last = before == &u->link ? NULL : before;
    }
}

static void changed(struct ump_end *end)
{
    rpc_ump_activate((struct ump_session *)((char *)end - offsetof(struct ump_session, end)));
}

/* ---- the end ----------------------------------------------------------------------------------------------------- */

static void leave(struct rpc_server *server, struct rpc_session *s)
{
    struct ump_session *const u = rpc_ump_session(s);

    (void)server;
    deactivate(u);
    u->left = true;
    for (unsigned i = 0; i < u->kept_places; i++) {
        if (u->kept[i].message.number != 0) {
            rpc_drop_received(&u->kept[i].message);
            u->kept[i].message.number = 0;
        }
    }
    if (u->end.cap_here && err_ok(u->end.cap_error)) {
        rpc_drop_cap(u->end.cap_slot);
        u->end.cap_here = false;
    }
    ump_ring_close(&u->end.ring);
}

/* The peer is gone or has broken a rule. */
static void close_session(struct rpc_session *s)
{
    struct ump_session *const u = rpc_ump_session(s);

    u->end.dead = true;
    rpc_session_leave(u->server, s);
    rpc_ump_end_posts(s);
    s->closed(s);
}

/* ---- requests ---------------------------------------------------------------------------------------------------- */

static void answer(struct rpc_session *s, uint32_t token, struct rpc_message *m)
{
    struct ump_end *const end = &rpc_ump_session(s)->end;
    const err_t err = ump_send_cap(end, m);

    if (!err_ok(err)) {
        if (m->give) {
            rpc_drop_cap(m->cap);                       /* the handler has done with it */
        }
        ump_make_error(m, m->number, err);
    }
    if (!err_ok(ump_send(end, token, m))) {
        close_session(s);
    }
}

static bool is_kept(const struct rpc_message *m)
{
    return (m->number & (RPC_KEPT | RPC_REPLY)) == RPC_KEPT;
}

static void note_kept(struct rpc_session *s)
{
    const struct ump_session *const u = rpc_ump_session(s);

    s->kept.number = 0;                                 /* rpc_waits() */
    for (unsigned i = 0; i < u->kept_places; i++) {
        s->kept.number |= u->kept[i].message.number;
    }
}

static bool keep(struct ump_session *u, uint32_t token, const struct rpc_message *m)
{
    for (unsigned i = 0; i < u->kept_places; i++) {
        if (u->kept[i].message.number == 0) {
            u->kept[i] = (struct ump_kept){ token, *m };
            u->session->kept.number = m->number;
            return true;
        }
    }
    return false;
}

/* The client that has sent @p next does not wait for the kept one any more.  If both came with a capability in the same
 * slot, the first has left it before. */
static void cancel_kept(struct rpc_session *s, const struct rpc_message *next)
{
    struct ump_kept *const kept = &rpc_ump_session(s)->one;
    struct rpc_message m;

    if (kept->message.cap != next->cap) {
        rpc_drop_received(&kept->message);
    }
    ump_make_error(&m, kept->message.number, ERR(E_RPC_CANCELLED));
    kept->message.number = s->kept.number = 0;
    answer(s, kept->token, &m);
}

/* Serve @p m for the first time or again, and answer or keep it. */
static void serve(struct rpc_session *s, uint32_t token, struct rpc_message *m)
{
    struct ump_session *const u = rpc_ump_session(s);
    const uint64_t closings = s->closings;

    u->token = token;
    s->serve(s, m);
    if (s->closings != closings) {                      /* by what it asked for; the session can be another client's */
        return;
    }
    if (!is_kept(m)) {
        answer(s, token, m);
    } else if (!keep(u, token, m)) {
        rpc_drop_received(m);
        close_session(s);                               /* U2: it has more under way than it may */
    }
}

static void take_request(struct rpc_session *s, uint32_t token, struct rpc_message *m)
{
    struct ump_session *const u = rpc_ump_session(s);
    const uint64_t closings = s->closings;

    if (!s->serve) {
        rpc_drop_received(m);
        close_session(s);
        return;
    }
    if (u->kept == &u->one && u->one.message.number != 0) {
        cancel_kept(s, m);
        if (s->closings != closings) {
            rpc_drop_received(m);
            return;
        }
    }
    if (!err_ok(u->end.joined)) {
        ump_make_error(m, m->number, u->end.joined);
        answer(s, token, m);
        return;
    }
    serve(s, token, m);
}

static void retry(struct rpc_server *server, struct rpc_session *s)
{
    struct ump_session *const u = rpc_ump_session(s);
    const uint64_t closings = s->closings;

    (void)server;
    for (unsigned i = 0; i < u->kept_places && s->closings == closings; i++) {
        struct rpc_message m = u->kept[i].message;
        if (m.number == 0) {
            continue;
        }
        u->kept[i].message.number = 0;
        m.number &= (uint16_t)~RPC_KEPT;
        note_kept(s);
        serve(s, u->kept[i].token, &m);
    }
}

/* ---- the loop ---------------------------------------------------------------------------------------------------- */

/* All that has come, but no more than the ring holds: others wait, too.  @return something had come */
static bool take_all(struct rpc_session *s)
{
    struct ump_session *const u = rpc_ump_session(s);
    const uint64_t closings = s->closings;
    bool any = false;

    for (uint32_t i = 0; i < u->end.seat.slots && s->closings == closings; i++) {
        struct rpc_message m;
        uint32_t token;
        const err_t err = ump_receive(&u->end, &token, &m);
        if (err_root(err) == E_CHANNEL_EMPTY) {
            break;
        }
        any = true;
        if (!err_ok(err)) {
            close_session(s);
        } else if (!(m.number & RPC_REPLY)) {
            take_request(s, token, &m);
        } else if (!rpc_ump_take_answer(u, token, &m)) {
            rpc_drop_received(&m);
            close_session(s);
        }
    }
    return any;
}

/* It was active and is not now; make it so again unless it is quiet and armed. */
static void look_at(struct ump_session *u, uint64_t now)
{
    struct rpc_session *const s = u->session;
    const uint64_t closings = s->closings;
    bool stay = rpc_ump_deliver_failed(u);

    stay = (s->closings == closings && take_all(s)) || stay;
    if (s->closings != closings) {
        return;
    }
    if (stay) {
        u->until = now + u->end.seat.poll;
    } else if (u->end.part == UMP_NEEDS_CAP) {
        ump_fetch_cap(&u->end);
        stay = u->end.cap_here || ump_arm(&u->end);
    } else {
        stay = now < u->until || ump_arm(&u->end);
    }
    if (stay) {
        rpc_ump_activate(u);
    }
}

static void look_at_all(struct rpc_server *server)
{
    const uint64_t now = time_now();
    unsigned count = 0;

    for (const struct rpc_link *l = server->active->next; count++, l != server->active; l = l->next) {
    }
    while (count-- > 0 && server->active) {             /* handlers may close any of them */
        struct ump_session *const u = (struct ump_session *)server->active->next;
        deactivate(u);
        look_at(u, now);
    }
}

static void on_event(struct rpc_server *server, struct rpc_session *s)
{
    struct ump_session *const u = rpc_ump_session(s);

    (void)server;
    if (ump_ring_armed(&u->end.ring)) {
        ump_ring_disarm(&u->end.ring);
    }
    rpc_ump_activate(u);
}

static const struct rpc_link_ops session_ops = {
    .event = on_event, .round = look_at_all, .retry = retry, .post = rpc_ump_post_single, .leave = leave,
};

void rpc_session_init_ump(struct rpc_server *server, struct rpc_session *session, struct ump_session *u,
                          const struct ump_seat *seat)
{
    const bool own = u->kept_places == 0 || u->kept == &u->one;

    *u = (struct ump_session){
        .link.ops = &session_ops, .server = server, .session = session,
        .kept = own ? &u->one : u->kept, .kept_places = own ? 1 : u->kept_places,
    };
    for (unsigned i = 0; i < u->kept_places; i++) {
        u->kept[i].message.number = 0;
    }
    ump_end_init(&u->end, seat, session->serve != NULL);
    u->end.changed = changed;
    session->link = &u->link;
    session->end.event = seat->event;
    session->kept.number = 0;
    server->session[seat->event] = session;
    rpc_ump_activate(u);                                /* what came before there was a session to signal */
}
