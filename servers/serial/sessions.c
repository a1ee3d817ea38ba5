/** @file sessions.c  Contracts in state.h. */
#include "state.h"
#include <os/bug.h>
#include <os/err.h>
#include <os/services.h>
#include <stubs/proc.h>

/* --- who waits for room --- */

void session_block(struct session *s)
{
    if (s->blocked) {
        return;
    }
    s->blocked = true;
    s->behind = NULL;
    if (serial.first_blocked) {
        serial.last_blocked->behind = s;
    } else {
        serial.first_blocked = s;
    }
    serial.last_blocked = s;
}

void session_unblock(struct session *s)
{
    struct session *before = NULL;

    if (!s->blocked) {
        return;
    }
    for (struct session *at = serial.first_blocked; at != s; at = at->behind) {
        before = at;
    }
    if (before) {
        before->behind = s->behind;
    } else {
        serial.first_blocked = s->behind;
    }
    if (serial.last_blocked == s) {
        serial.last_blocked = before;
    }
    s->blocked = false;
}

void session_retry(struct session *s)
{
    OS_ASSERT(rpc_waits(&s->seat->rpc));
    s->again = true;                                /* until the handler has seen it */
    rpc_retry(&serial.server, &s->seat->rpc);       /* s may be gone now */
}

/* --- open and close --- */

/* The end of a session whose client is gone and whose last line is out. */
static void release(struct session *s)
{
    struct session **link = &serial.sessions;

    while (*link != s) {
        link = &(*link)->next;
    }
    *link = s->next;
    if (s->notify != CPTR_NULL) {
        rpc_drop_cap(s->notify);
        slots_free(&serial.stock->slots, s->notify);
    }
    rpc_seat_close(&serial.seats, s->seat);
    slab_free(&serial.session_slab, s);
}

static void finish(struct session *s)
{
    if (terminal_close(&serial.terminal, &s->client)) {
        release(s);
    } else {
        session_block(s);
    }
}

static void session_closed(struct rpc_session *rpc)
{
    struct session *const s = rpc->state;

    session_unblock(s);
    s->gone = true;
    s->asked = 0;
    finish(s);
}

bool sessions_unblock(void)
{
    bool any = false;

    while (serial.first_blocked && terminal_room(&serial.terminal)) {
        struct session *const s = serial.first_blocked;
        session_unblock(s);
        if (s->gone) {
            finish(s);
        } else {
            session_retry(s);
        }
        any = true;
    }
    return any;
}

static err_t check_pid(uint64_t pid)
{
    unsigned count = 0;

    for (const struct session *s = serial.sessions; s; s = s->next) {
        count += s->pid == pid && !s->gone;
    }
    REQUIRE(count < SESSIONS_OF_PID, E_STREAM_SESSIONS);
    return OK;
}

/* @p seat is the session's, or closed on an error. */
static err_t session_of(uint64_t pid, struct rpc_seat *seat, struct session **made)
{
    struct session *const s = slab_alloc(&serial.session_slab);
    if (!s) {
        rpc_seat_close(&serial.seats, seat);
        return ERR(E_SLAB_EMPTY);
    }
    seat->rpc.serve = serial_request;
    seat->rpc.closed = session_closed;
    seat->rpc.state = s;
    *s = (struct session){ .next = serial.sessions, .seat = seat, .pid = pid };
    serial.sessions = s;
    *made = s;
    return OK;
}

static err_t session_new(uint64_t pid, struct session **made)
{
    struct rpc_seat *seat;

    TRY(check_pid(pid));
    TRY(rpc_seat_open(&serial.seats, &seat));
    return session_of(pid, seat, made);
}

err_t session_open_remote(uint64_t connection, uint64_t pid, cptr_t page)
{
    struct rpc_seat *seat;
    struct session *s;

    TRY(check_pid(pid));
    TRY(remote_seat_open(&serial.remote, connection, page, &seat));
    return session_of(pid, seat, &s);
}

/* A capability to send to the session, to give away.  If the latest one is still there nobody could take it: nobody can
 * send to that session, and it closes. */
static err_t make_outgoing(const struct session *s)
{
    if (serial.outgoing == CPTR_NULL) {
        TRY(slots_alloc(&serial.stock->slots, &serial.outgoing));
    } else {
        rpc_drop_cap(serial.outgoing);
    }
    return rpc_seat_mint(s->seat, CPTR_NULL, serial.outgoing);
}

err_t session_open(uint64_t pid, cptr_t reply, cptr_t *binding)
{
    struct session *s;

    TRY(session_new(pid, &s));
    err_t err = make_outgoing(s);
    if (err_ok(err)) {
        err = cap_move(CPTR_NULL, s->seat->rpc.end.send, CPTR_NULL, reply);
    }
    if (!err_ok(err)) {
        rpc_drop_cap(serial.outgoing);
        release(s);
        return err;
    }
    *binding = serial.outgoing;
    return OK;
}

err_t session_open_manager(iref_t service)
{
    struct rpc_client *const manager = os_proc();
    struct session *s;
    cptr_t got;

    TRY(session_new(0, &s));
    TRY(make_outgoing(s));
    manager->cap_slot = s->seat->rpc.end.send;
    return proc_console(manager, service, serial.outgoing, &got);
}

/* --- Ctrl-C --- */

err_t session_on_interrupt(struct session *s, cptr_t cap)
{
    struct cap_info info;

    TRY(cap_identify(CPTR_NULL, cap, &info));
    REQUIRE((info.type == CAP_NOTIFY || info.type == CAP_REMOTENOTIFY) && info.rights & RIGHT_WRITE, E_STREAM_NOTIFY);
    if (s->notify == CPTR_NULL) {
        TRY(stock_refill(serial.stock));
        TRY(slots_alloc(&serial.stock->slots, &s->notify));
    } else {
        rpc_drop_cap(s->notify);
    }
    s->asked = 0;
    TRY(cap_move(CPTR_NULL, s->notify, CPTR_NULL, cap));
    s->asked = ++serial.asked;
    return OK;
}

static struct session *asked_last(void)
{
    struct session *last = NULL;

    for (struct session *s = serial.sessions; s; s = s->next) {
        if (s->asked > (last ? last->asked : 0)) {
            last = s;
        }
    }
    return last;
}

bool sessions_interrupt(void)
{
    for (struct session *s = asked_last(); s; s = asked_last()) {
        if (err_ok(notify_signal(s->notify))) {
            return true;
        }
        s->asked = 0;               /* its Notify is bound to nothing, or gone */
    }
    return false;
}
