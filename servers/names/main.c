/** @file main.c  The name service (README.md): start, and the loop. */
#include "state.h"
#include <os/err.h>
#include <os/services.h>
#include <os/startup.h>
#include <stubs/monitor.h>

struct names names;

static void monitor_gone(struct rpc_session *session)
{
    (void)session;                          /* those who are connected stay so */
}

/* The monitor keeps this one name, and calls service.connect and service.open for each client. */
static err_t offer(void)
{
    struct rpc_client *const m = os_monitor();
    struct rpc_seat *seat;
    iref_t service;
    cptr_t slot, got;

    TRY(rpc_seat_open(&names.seats, &seat));
    seat->rpc.serve = service_request;
    seat->rpc.closed = monitor_gone;
    TRY(slots_alloc(&names.stock->slots, &slot));
    TRY(rpc_seat_mint(seat, CPTR_NULL, slot));
    rpc_receive_into(m, seat->rpc.end.send);
    TRY(monitor_export(m, service_name("names"), slot, &service, &got));
    slots_free(&names.stock->slots, slot);              /* it was given away */
    return OK;
}

static err_t start(void)
{
    names.stock = os_stock();
    names.server = (struct rpc_server){ .session = names.events, .events = EVENTS };
    slab_init(&names.session_slab, sizeof(struct session), &names.stock->pool, SLAB_KEEP);
    slab_init(&names.entry_slab, sizeof(struct entry), &names.stock->pool, SLAB_KEEP);
    TRY(stock_add_slab(names.stock, &names.session_slab, E_REFILL_SESSIONS));
    TRY(stock_add_slab(names.stock, &names.entry_slab, E_REFILL_SESSIONS));
    TRY(rpc_seats_init(&names.seats, &names.server, names.stock, os_vspace(), TASK_DISPATCHER, EVENT_SEATS, EVENTS));
    TRY(remote_seats_init(&names.remote, &names.seats));
    return offer();
}

/* Ends only if it cannot start: then its maker sees the status. */
int main(int argc, char **argv, char **envp)
{
    struct rpc_pending pending = { 0 };

    (void)argc, (void)argv, (void)envp;
    const err_t err = start();
    if (!err_ok(err)) {
        err_print("names", err);
        return 1;
    }
    for (;;) {
        settle();
        rpc_server_step(&names.server, &pending);
    }
}
