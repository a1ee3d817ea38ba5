/** @file bind.c  Bindings beyond those a process is started with, events, Notifys; contracts in os/services.h. */
#include <os/bug.h>
#include <os/err.h>
#include <os/event.h>
#include <os/services.h>
#include <os/startup.h>
#include <stubs/monitor.h>

#include "internal.h"

/* Whoever registered a handler has linked it. */
#pragma weak event_unregister

/* Event ids: what a program asks for one by one, the seats of a server, the bindings of a client. */
#define EVENT_END        64u
#define EVENT_CLIENT     4096u
#define EVENT_CLIENT_END 7168u     /* then those of remote.c */

static struct {
    struct rpc_seats seats;
    bool seats_ready;
    uint64_t events;                    /* handed out */
} state;

/* What is set up may take memory: whoever refills the stock meanwhile must not wait for us to let go before it can set up
 * the binding to the memory server. */
void services_lock(void)
{
    const struct rpc_threads *const threads = rpc_threads();

    if (threads) {
        (void)os_mem();
        threads->lock();
    }
}

void services_unlock(void)
{
    const struct rpc_threads *const threads = rpc_threads();

    if (threads) {
        threads->unlock();
    }
}

uint64_t event_new(void)
{
    services_lock();
    const uint64_t event = PEVENT_FREE + state.events < EVENT_END ? PEVENT_FREE + state.events++ : 0;
    services_unlock();
    return event;
}

static err_t ready(void)
{
    if (!state.seats_ready) {
        TRY(rpc_seats_init(&state.seats, NULL, os_stock(), os_vspace(), TASK_DISPATCHER, EVENT_CLIENT,
                           EVENT_CLIENT_END));
        state.seats_ready = true;
    }
    return OK;
}

err_t service_bind_seat(struct rpc_seat *seat, iref_t service)
{
    struct rpc_client *const m = os_monitor();
    struct stock *const stock = os_stock();
    cptr_t reply, got;

    TRY(slots_alloc(&stock->slots, &reply));
    err_t err = rpc_seat_mint(seat, CPTR_NULL, reply);
    if (err_ok(err)) {
        rpc_receive_into(m, seat->rpc.end.send);
        err = monitor_bind(m, service, reply, &got);
        if (!err_ok(err)) {
            rpc_drop_cap(reply);        /* if it was not sent */
        }
    }
    slots_free(&stock->slots, reply);
    return err;
}

static void close_seat(struct rpc_seat *seat)
{
    services_lock();
    rpc_seat_close(&state.seats, seat);
    services_unlock();
}

static err_t open_seat(struct rpc_client *c, iref_t service, struct rpc_seat **seat)
{
    services_lock();
    err_t err = ready();
    if (err_ok(err)) {
        err = rpc_seat_open(&state.seats, seat);
    }
    services_unlock();
    TRY(err);
    err = service_bind_seat(*seat, service);        /* which may take its time */
    if (!err_ok(err)) {
        close_seat(*seat);
        return err;
    }
    c->end = (*seat)->rpc.end;
    return OK;
}

err_t service_bind_any(struct rpc_client *c, iref_t service, struct rpc_seat **seat)
{
    if (id_core(service) == id_core(os_startup()->pid)) {
        return open_seat(c, service, seat);
    }
    *seat = NULL;
    services_lock();
    const err_t err = service_bind_remote(c, service);
    services_unlock();
    return err;
}

err_t service_bind(struct rpc_client *c, iref_t service)
{
    struct rpc_seat *seat;

    return service_bind_any(c, service, &seat);
}

void service_unbind(struct rpc_client *c, struct rpc_seat *seat)
{
    if (c->threads.handler.fire) {
        event_unregister(c->end.event);
    }
    if (seat) {
        close_seat(seat);
    } else {
        services_lock();
        service_unbind_remote(c);
        services_unlock();
    }
}

err_t notify_new(cptr_t *notify, uint64_t *event)
{
    struct stock *const stock = os_stock();
    uint64_t id = 0;
    struct ram_block ram;
    cptr_t slot;

    TRY(stock_refill(stock));
    TRY(slots_alloc(&stock->slots, &slot));
    err_t err = reserve_make(&stock->reserve, CAP_NOTIFY, 0, CPTR_NULL, slot, &ram);
    if (err_ok(err)) {
        id = event_new();                   /* last: there are few, and none comes back */
        err = id ? notify_bind(slot, TASK_DISPATCHER, id) : ERR(E_RPC_SEATS);
        if (!err_ok(err)) {
            const err_t undo = reserve_unmake(&stock->reserve, &ram);
            OS_ASSERT(err_ok(undo));    /* ours alone */
        }
    }
    if (!err_ok(err)) {
        slots_free(&stock->slots, slot);
        return err;
    }
    *notify = slot;
    *event = id;
    return OK;
}
