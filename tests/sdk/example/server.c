/** @file server.c  A server: one seat for the monitor, which connects clients, and one for each of those. */
#include "server.h"

#include <os/names.h>
#include <os/rpc_lmp.h>
#include <os/startup.h>
#include <stubs/adder.h>
#include <stubs/service.h>

#define SEATS       16u
#define EVENT_SEATS 64u                 /* event ids below are those of event_new() */

static struct rpc_session *sessions[EVENT_SEATS + SEATS];
static struct rpc_server server = { sessions, EVENT_SEATS + SEATS };
static struct rpc_seats seats;

static err_t on_add(void *session, uint64_t a, uint64_t b, uint64_t *sum)
{
    (void)session;
    REQUIRE(!__builtin_add_overflow(a, b, sum), E_ARG);
    return OK;
}

static void serve_adder(struct rpc_session *session, struct rpc_message *m)
{
    static const struct adder_ops ops = { .add = on_add };

    adder_serve(&ops, session, m);
}

static void client_gone(struct rpc_session *session)
{
    rpc_seat_close(&seats, session->state);
}

static err_t on_connect(void *session, uint64_t pid, cptr_t reply, cptr_t *binding)
{
    static cptr_t outgoing;             /* a slot that is empty again when the answer has gone */
    struct rpc_seat *seat;

    (void)session, (void)pid;
    TRY(rpc_seat_open(&seats, &seat));
    seat->rpc.serve = serve_adder;
    seat->rpc.closed = client_gone;
    seat->rpc.state = seat;
    if (outgoing == CPTR_NULL) {
        TRY(slots_alloc(&os_stock()->slots, &outgoing));
    }
    TRY(rpc_seat_mint(seat, CPTR_NULL, outgoing));
    TRY(cap_move(CPTR_NULL, seat->rpc.end.send, CPTR_NULL, reply));
    *binding = outgoing;
    return OK;
}

static void serve_monitor(struct rpc_session *session, struct rpc_message *m)
{
    static const struct service_ops ops = { .connect = on_connect, .renew = name_renew };

    service_serve(&ops, session, m);
}

static void monitor_gone(struct rpc_session *session)
{
    (void)session;
}

static err_t offer(void)
{
    struct rpc_seat *seat;
    iref_t iref;

    TRY(rpc_seats_init(&seats, &server, os_stock(), os_vspace(), TASK_DISPATCHER, EVENT_SEATS, EVENT_SEATS + SEATS));
    TRY(rpc_seat_open(&seats, &seat));
    seat->rpc.serve = serve_monitor;
    seat->rpc.closed = monitor_gone;
    return service_offer(seat, "adder", &iref);
}

err_t serve(void)
{
    struct rpc_pending pending = { 0 };

    TRY(offer());
    for (;;) {
        rpc_server_step(&server, &pending);
    }
}
