/** @file binding_lmp.c  Connector and acceptor of bindings over LMP; contracts in os/binding_lmp.h. */
#include <os/binding_lmp.h>
#include <os/caps.h>
#include <os/err.h>
#include <os/event.h>
#include <os/fault.h>
#include <os/heap.h>
#include <os/lmp_channel.h>
#include <os/names.h>
#include <os/services.h>
#include <os/startup.h>
#include <os/sync.h>
#include <stubs/monitor.h>
#include <stubs/service.h>

_Static_assert(LMP_RING_SLOTS >= LMP_SLOTS_MIN, "os/lmp_channel.h");

/* Event ids: behind those of service_bind() (bind.c). */
#define EVENT_FIRST 8192u
#define EVENT_END   16384u

/** One side of a connection. */
struct connection {
    struct lmp_channel channel;             /* first */
    struct rpc_seat *seat;
};

/** Where the monitor calls for each client of an export. */
struct listener {
    struct event_handler handler;
    struct waitset_chan chan;
    struct waitset *waitset;
    struct rpc_seat *seat;
    iref_t iref;
};

static struct {
    struct mutex lock;                      /* of the seats */
    struct rpc_seats channels, listeners;
} state;

static err_t open_seat(struct rpc_seats *seats, struct rpc_seat **seat)
{
    mutex_lock(&state.lock);
    const err_t err = rpc_seat_open(seats, seat);
    mutex_unlock(&state.lock);
    return err;
}

static void close_seat(struct rpc_seats *seats, struct rpc_seat *seat)
{
    mutex_lock(&state.lock);
    rpc_seat_close(seats, seat);
    mutex_unlock(&state.lock);
}

/* --- connections --- */

static void connection_released(struct lmp_channel *channel)
{
    struct connection *const c = (struct connection *)channel;

    event_unregister(channel->end.event);
    close_seat(&state.channels, c->seat);
    heap_free(c);
}

static err_t make_connection(struct rpc_seat *seat, struct transport **t)
{
    struct connection *const c = heap_alloc(sizeof(*c));

    REQUIRE(c, E_HEAP);
    c->seat = seat;
    lmp_channel_init(&c->channel, &seat->rpc.end, connection_released);
    const err_t err = event_register(seat->rpc.end.event, &c->channel.handler);
    if (!err_ok(err)) {
        heap_free(c);
        return err;
    }
    *t = &c->channel.transport;
    return OK;
}

/* --- the client's side --- */

static err_t bind_and_make(struct rpc_seat *seat, iref_t iref, struct transport **t)
{
    TRY(service_bind_seat(seat, iref));
    return make_connection(seat, t);
}

static err_t reach(iref_t iref, struct transport **t)
{
    struct rpc_seat *seat;

    TRY(open_seat(&state.channels, &seat));
    const err_t err = bind_and_make(seat, iref, t);
    if (!err_ok(err)) {
        close_seat(&state.channels, seat);
    }
    return err;
}

err_t binding_lookup(const char *name, bool wait, iref_t *iref)
{
    return name_lookup(name, wait, iref);
}

/* --- the server's side --- */

/* The capability for answers lies in the listener's receive slot; the one for the client takes its place. */
static err_t take_client(struct rpc_seat *seat, cptr_t receive, cptr_t reply, struct transport **t)
{
    TRY(cap_move(CPTR_NULL, seat->rpc.end.send, CPTR_NULL, reply));
    TRY(rpc_seat_mint(seat, CPTR_NULL, receive));
    return make_connection(seat, t);
}

static err_t do_connect(void *session, uint64_t pid, cptr_t reply, cptr_t *binding)
{
    struct listener *const l = ((struct rpc_session *)session)->state;
    const cptr_t receive = l->seat->rpc.end.receive;
    struct rpc_seat *seat;
    struct transport *t;

    (void)pid;
    err_t err = open_seat(&state.channels, &seat);
    if (err_ok(err)) {
        err = take_client(seat, receive, reply, &t);
        if (!err_ok(err)) {
            close_seat(&state.channels, seat);
        }
    }
    if (err_ok(err)) {
        err = binding_accept(l->iref, t);
    }
    if (!err_ok(err)) {
        rpc_drop_cap(receive);
        return err;
    }
    *binding = receive;
    return OK;
}

static void serve_connect(struct rpc_session *session, struct rpc_message *m)
{
    static const struct service_ops ops = { .connect = do_connect, .renew = name_renew };

    service_serve(&ops, session, m);
}

static void listen(void *arg)
{
    struct listener *const l = arg;

    rpc_answer_all(&l->seat->rpc);      /* a connection whose capability is dropped ends, as any that loses its peer */
    events_enter();
    if (err_ok(waitset_chan_register_entered(l->waitset, &l->chan, MKCONT(listen, l))) &&
        lmp_ready(&l->seat->rpc.end)) {
        waitset_chan_trigger_entered(&l->chan);
    }
    events_leave();
}

static void listener_event(struct event_handler *handler)
{
    waitset_chan_trigger_entered(&((struct listener *)((char *)handler - offsetof(struct listener, handler)))->chan);
}

static err_t export_seat(struct rpc_seat *seat, iref_t *iref)
{
    struct rpc_client *const m = os_monitor();
    cptr_t slot, got;

    TRY(binding_new_slot(&slot));
    err_t err = rpc_seat_mint(seat, CPTR_NULL, slot);
    if (err_ok(err)) {
        rpc_receive_into(m, seat->rpc.end.send);
        err = monitor_export(m, 0, slot, iref, &got);
    }
    binding_drop_cap(slot);                         /* empty, if it was sent */
    return err;
}

/* Nobody is connected before the listener is on the waitset, and then the export has this number. */
static err_t begin(struct listener *l, iref_t iref)
{
    TRY(binding_rename(iref, l->iref, &l->waitset));
    return event_register(l->seat->rpc.end.event, &l->handler);
}

static err_t publish(struct listener *l, iref_t *iref, const char *name)
{
    l->seat->rpc.state = l;
    l->seat->rpc.serve = serve_connect;
    l->handler = (struct event_handler){ .fire = listener_event, .end = &l->seat->rpc.end };
    TRY(export_seat(l->seat, &l->iref));
    if (*name) {
        TRY(name_publish(name, l->iref));
    }
    const err_t err = begin(l, *iref);
    if (!err_ok(err)) {
        if (*name) {
            err_ignore(name_withdraw(name));
        }
        return err;
    }
    *iref = l->iref;
    listen(l);
    return OK;
}

err_t binding_publish(iref_t *iref, const char *name)
{
    struct listener *const l = heap_alloc(sizeof(*l));

    REQUIRE(l, E_HEAP);
    err_t err = open_seat(&state.listeners, &l->seat);
    if (err_ok(err)) {
        err = publish(l, iref, name);
        if (!err_ok(err)) {
            close_seat(&state.listeners, l->seat);  /* the monitor ends the service */
        }
    }
    if (!err_ok(err)) {
        heap_free(l);
    }
    return err;
}

/* Once; what failed can be tried again. */
static err_t need_seats(struct rpc_seats *seats, uint64_t first_event, uint64_t end_event)
{
    if (seats->stock) {
        return OK;
    }
    const err_t err = rpc_seats_init(seats, NULL, os_stock(), os_vspace(), TASK_DISPATCHER, first_event, end_event);
    if (!err_ok(err)) {
        seats->stock = NULL;
    }
    return err;
}

err_t binding_lmp_start(void)
{
    TRY(need_seats(&state.channels, EVENT_FIRST + 64, EVENT_END));
    state.channels.ring_log2 = LMP_RING_LOG2;
    os_shared_start();
    TRY(need_seats(&state.listeners, EVENT_FIRST, EVENT_FIRST + 64));
    binding_set_connector(reach);
    return OK;
}
