/** @file ump_post.c  Requests of a server's own over UMP, several at a time; contract in os/rpc_ump.h. */
#include <os/err.h>

#include "rpc_ump_session.h"

static void append(struct ump_posted_list *list, struct rpc_posted *p)
{
    p->next = NULL;
    if (list->last) {
        list->last->next = p;
    } else {
        list->first = p;
    }
    list->last = p;
}

static struct rpc_posted *take_first(struct ump_posted_list *list)
{
    struct rpc_posted *const p = list->first;

    if (p) {
        list->first = p->next;
        if (!list->first) {
            list->last = NULL;
        }
    }
    return p;
}

static struct rpc_posted *take_token(struct ump_posted_list *list, uint32_t token)
{
    struct rpc_posted *before = NULL, *p = list->first;

    while (p && p->token != token) {
        before = p;
        p = p->next;
    }
    if (!p) {
        return NULL;
    }
    *(before ? &before->next : &list->first) = p->next;
    if (list->last == p) {
        list->last = before;
    }
    return p;
}

static void make_failed(struct rpc_posted *p, err_t err)
{
    if (p->message.cap && p->message.give) {
        rpc_drop_cap(p->message.cap);
    }
    ump_make_error(&p->message, p->message.number, err);
}

/* Send what may go now.  What cannot is answered with its error in the next round, so that rpc_ump_post() calls
 * nobody. */
static void send_waiting(struct ump_session *u)
{
    while (u->waiting.first && u->end.under_way < u->end.window && !(u->waiting.first->has_cap && u->cap_under_way)) {
        struct rpc_posted *const p = take_first(&u->waiting);
        err_t err = ump_send_cap(&u->end, &p->message);

        if (err_ok(err)) {
            p->token = u->next_token++ & UMP_TOKEN_MASK;
            err = ump_send(&u->end, p->token, &p->message);
        }
        if (!err_ok(err)) {
            make_failed(p, err);
            append(&u->failed, p);
            rpc_ump_activate(u);
            continue;
        }
        u->end.under_way++;
        u->cap_under_way |= p->has_cap;
        p->message.cap = CPTR_NULL;
        append(&u->posted, p);
    }
}

err_t rpc_ump_post(struct rpc_session *session, struct rpc_posted *posted, const struct rpc_message *m)
{
    struct ump_session *const u = rpc_ump_session(session);

    REQUIRE(!u->left && !ump_end_closed(&u->end), E_RPC_CLOSED);
    posted->message = *m;
    posted->has_cap = m->cap != CPTR_NULL;
    append(&u->waiting, posted);
    send_waiting(u);
    if (u->end.seat.poll != 0) {
        u->until = time_now() + u->end.seat.poll;       /* the answer may come soon */
        rpc_ump_activate(u);
    }
    return OK;
}

bool rpc_ump_take_answer(struct ump_session *u, uint32_t token, struct rpc_message *m)
{
    struct rpc_posted *const p = ump_is_reply(&u->end, m) ? take_token(&u->posted, token) : NULL;

    if (!p) {
        return false;
    }
    if (p->has_cap) {
        u->cap_under_way = false;
    }
    if (!err_ok(u->end.joined)) {
        ump_make_error(m, m->number, u->end.joined);
    }
    send_waiting(u);
    p->answered(p, m);
    return true;
}

static bool deliver(struct ump_posted_list *list)
{
    struct rpc_posted *const p = take_first(list);

    if (p) {
        p->answered(p, &p->message);
    }
    return p != NULL;
}

bool rpc_ump_deliver_failed(struct ump_session *u)
{
    const uint64_t closings = u->session->closings;
    bool any = false;

    while (u->session->closings == closings && deliver(&u->failed)) {
        any = true;
    }
    return any;
}

/* rpc_post() over LMP: the answer, or closed(). */
static void fail_all(struct ump_posted_list *list, const struct rpc_posted *single)
{
    struct rpc_posted *p;

    while ((p = take_first(list))) {
        if (p != single) {
            make_failed(p, ERR(E_RPC_CLOSED));
            p->answered(p, &p->message);
        }
    }
}

void rpc_ump_end_posts(struct rpc_session *session)
{
    struct ump_session *const u = rpc_ump_session(session);

    fail_all(&u->posted, &u->single);
    fail_all(&u->waiting, &u->single);
    fail_all(&u->failed, &u->single);
}

static void answer_session(struct rpc_posted *posted, struct rpc_message *m)
{
    struct ump_session *const u = (struct ump_session *)((char *)posted - offsetof(struct ump_session, single));

    posted->answered = NULL;
    u->session->answered(u->session, m);
}

err_t rpc_ump_post_single(struct rpc_session *session, struct rpc_message *m)
{
    struct rpc_posted *const single = &rpc_ump_session(session)->single;

    REQUIRE(!single->answered, E_TX_BUSY);
    single->answered = answer_session;
    const err_t err = rpc_ump_post(session, single, m);
    if (!err_ok(err)) {
        single->answered = NULL;
    }
    return err;
}
