/** @file sessions.c  Contracts in state.h. */
#include "state.h"
#include <os/bug.h>
#include <os/caps.h>
#include <os/err.h>

bool session_gone(const struct session *s)
{
    const struct rpc_session *const rpc = &s->seat->rpc;

    return rpc->link ? ump_end_closed(&((const struct ump_session *)rpc->link)->end) : lmp_closed(&rpc->end);
}

void session_forget(struct session *s)
{
    while (s->owner.first) {
        struct entry *const e = s->owner.first;
        book_remove(&names.book, e);
        slab_free(&names.entry_slab, e);
    }
}

static void release(struct session *s)
{
    struct session **link = &names.sessions;

    while (*link != s) {
        link = &(*link)->next;
    }
    *link = s->next;
    book_stop_waiting(&names.book, &s->owner);
    session_forget(s);
    rpc_seat_close(&names.seats, s->seat);
    slab_free(&names.session_slab, s);
}

static void session_closed(struct rpc_session *rpc)
{
    release(rpc->state);
}

static err_t check_pid(uint64_t pid)
{
    unsigned count = 0;

    for (const struct session *s = names.sessions; s; s = s->next) {
        count += s->pid == pid;
    }
    REQUIRE(count < SESSIONS_OF_NAMES, E_NAMES_SESSIONS);
    return OK;
}

/* @p seat is the session's, or closed on an error. */
static err_t session_of(uint64_t pid, struct rpc_seat *seat, struct session **made)
{
    struct session *const s = slab_alloc(&names.session_slab);

    if (!s) {
        rpc_seat_close(&names.seats, seat);
        return ERR(E_SLAB_EMPTY);
    }
    seat->rpc.serve = names_request;
    seat->rpc.closed = session_closed;
    seat->rpc.state = s;
    *s = (struct session){ .next = names.sessions, .seat = seat, .pid = pid };
    names.sessions = s;
    *made = s;
    return OK;
}

err_t session_open_remote(uint64_t connection, uint64_t pid, cptr_t page)
{
    struct rpc_seat *seat;
    struct session *s;

    TRY(check_pid(pid));
    TRY(remote_seat_open(&names.remote, connection, page, &seat));
    return session_of(pid, seat, &s);
}

/* A capability to send to the session, to give away.  If the latest one is still there nobody could take it: nobody can
 * send to that session, and it closes. */
static err_t make_outgoing(const struct session *s)
{
    if (names.outgoing == CPTR_NULL) {
        TRY(slots_alloc(&names.stock->slots, &names.outgoing));
    } else {
        rpc_drop_cap(names.outgoing);
    }
    return rpc_seat_mint(s->seat, CPTR_NULL, names.outgoing);
}

err_t session_open(uint64_t pid, cptr_t reply, cptr_t *binding)
{
    struct rpc_seat *seat;
    struct session *s;

    TRY(check_pid(pid));
    TRY(rpc_seat_open(&names.seats, &seat));
    TRY(session_of(pid, seat, &s));
    err_t err = make_outgoing(s);
    if (err_ok(err)) {
        err = cap_move(CPTR_NULL, s->seat->rpc.end.send, CPTR_NULL, reply);
    }
    if (!err_ok(err)) {
        if (names.outgoing != CPTR_NULL) {
            rpc_drop_cap(names.outgoing);
        }
        release(s);
        return err;
    }
    *binding = names.outgoing;
    return OK;
}

void settle(void)
{
    struct owner *o;

    if (!names.entered) {
        return;
    }
    names.entered = false;
    while ((o = book_due(&names.book))) {
        struct session *const s = (struct session *)o;
        OS_ASSERT(rpc_waits(&s->seat->rpc));
        s->again = true;                                /* until the handler has seen it */
        rpc_retry(&names.server, &s->seat->rpc);        /* s may be gone now */
    }
}
