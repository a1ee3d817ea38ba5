/** @file main.c  The pipe server (README.md): start, and the loop. */
#include "state.h"
#include <os/err.h>
#include <os/names.h>
#include <os/startup.h>

struct pipes pipes;

static void monitor_gone(struct rpc_session *session)
{
    (void)session;                          /* those who are connected stay so */
}

/* The monitor calls service.connect for each client. */
static err_t offer(void)
{
    struct rpc_seat *seat;
    iref_t service;

    TRY(rpc_seat_open(&pipes.seats, &seat));
    seat->rpc.serve = service_request;
    seat->rpc.closed = monitor_gone;
    return service_offer(seat, "pipe", &service);
}

static err_t start(void)
{
    pipes.stock = os_stock();
    pipes.server = (struct rpc_server){ .session = pipes.events, .events = EVENTS };
    slab_init(&pipes.session_slab, sizeof(struct session), &pipes.stock->pool, SLAB_KEEP);
    slab_init(&pipes.pipe_slab, sizeof(struct piped), &pipes.stock->pool, SLAB_KEEP);
    TRY(stock_add_slab(pipes.stock, &pipes.session_slab, E_REFILL_SESSIONS));
    TRY(stock_add_slab(pipes.stock, &pipes.pipe_slab, E_REFILL_SESSIONS));
    TRY(rpc_seats_init(&pipes.seats, &pipes.server, pipes.stock, os_vspace(), TASK_DISPATCHER, EVENT_SEATS, EVENTS));
    return offer();
}

/* Ends only if it cannot start: then its maker sees the status. */
int main(int argc, char **argv, char **envp)
{
    struct rpc_pending pending = { 0 };

    (void)argc, (void)argv, (void)envp;
    const err_t err = start();
    if (!err_ok(err)) {
        err_print("pipe", err);
        return 1;
    }
    for (;;) {
        settle();
        rpc_server_step(&pipes.server, &pending);
    }
}
