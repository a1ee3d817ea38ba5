/** @file roles.c  Contracts in nametest.h. */
#include "nametest.h"
#include <os/remote_seat.h>
#include <stubs/plain.h>
#include <stubs/service.h>

#define EVENTS 128u

static struct rpc_session *session[EVENTS];
static struct rpc_server server = { .session = session, .events = EVENTS };
static struct rpc_seats seats;
static struct remote_seats remote;

static err_t do_nothing(void *s)
{
    (void)s;
    return OK;
}

static err_t do_words(void *s, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f, uint64_t g)
{
    (void)s, (void)a, (void)b, (void)c, (void)d, (void)e, (void)f, (void)g;
    return OK;
}

static void serve_call(struct rpc_session *s, struct rpc_message *m)
{
    static const struct plain_ops ops = { .nothing = do_nothing, .words = do_words };

    plain_serve(&ops, s, m);
}

static void client_gone(struct rpc_session *s)
{
    rpc_seat_close(&seats, s->state);
}

static void set_up(struct rpc_seat *seat)
{
    seat->rpc.serve = serve_call;
    seat->rpc.closed = client_gone;
    seat->rpc.state = seat;
}

static err_t do_connect(void *listen, uint64_t pid, cptr_t reply, cptr_t *binding)
{
    struct rpc_seat *seat;

    (void)listen, (void)pid;
    TRY(rpc_seat_open(&seats, &seat));
    set_up(seat);
    TRY(cap_move(CPTR_NULL, seat->rpc.end.send, CPTR_NULL, reply));
    TRY(rpc_seat_mint(seat, CPTR_NULL, reply));
    *binding = reply;
    return OK;
}

static err_t do_open(void *listen, uint64_t connection, uint64_t pid, uint64_t flags, cptr_t page)
{
    struct rpc_seat *seat;

    (void)listen, (void)pid, (void)flags;
    TRY(remote_seat_open(&remote, connection, page, &seat));
    set_up(seat);
    return OK;
}

static err_t do_wake(void *listen, uint64_t connection, cptr_t client, cptr_t *wakes)
{
    (void)listen;
    return remote_seats_wake(&remote, connection, client, wakes);
}

static err_t do_deliver(void *listen, uint64_t connection, cptr_t sent)
{
    (void)listen;
    return remote_seats_deliver(&remote, connection, sent);
}

static void serve_connect(struct rpc_session *s, struct rpc_message *m)
{
    static const struct service_ops ops = {
        .connect = do_connect, .open = do_open, .wake = do_wake, .deliver = do_deliver, .renew = name_renew,
    };

    service_serve(&ops, s, m);
}

static void monitor_gone(struct rpc_session *s)
{
    (void)s;
}

static err_t offer(const char *name)
{
    struct rpc_seat *seat;
    iref_t iref;

    TRY(rpc_seats_init(&seats, &server, os_stock(), os_vspace(), TASK_DISPATCHER, PEVENT_FREE + 16, EVENTS));
    TRY(remote_seats_init(&remote, &seats));
    TRY(rpc_seat_open(&seats, &seat));
    seat->rpc.serve = serve_connect;
    seat->rpc.closed = monitor_gone;
    return service_offer(seat, name, &iref);
}

int child_serve(const char *name)
{
    struct rpc_pending pending = { 0 };
    const err_t err = offer(name);

    if (!err_ok(err)) {
        return err_root(err) == E_NAMES_TAKEN ? CHILD_TAKEN : CHILD_ERROR;
    }
    for (;;) {
        rpc_server_step(&server, &pending);
    }
}

int child_call(const char *name, uint64_t calls)
{
    static struct rpc_client client;

    err_t err = service_bind_name(&client, name, true);
    while (err_ok(err) && calls-- > 0) {
        err = plain_nothing(&client);
    }
    if (!err_ok(err)) {
        err_print("nametest call", err);
    }
    return err_ok(err) ? CHILD_OK : CHILD_ERROR;
}
