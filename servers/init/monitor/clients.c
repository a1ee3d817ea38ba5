/** @file clients.c  The processes of this core; contracts in monitor.h. */
#include "connection.h"
#include "monitor.h"
#include "../state.h"
#include <os/err.h>

struct client *client_find(uint64_t pid)
{
    struct client *c = monitor.bucket[pid % CLIENT_BUCKETS];

    while (c && c->pid != pid) {
        c = c->next;
    }
    return c;
}

static void enter(struct client *c)
{
    struct client **const bucket = &monitor.bucket[c->pid % CLIENT_BUCKETS];

    c->next = *bucket;
    *bucket = c;
    c->after = monitor.all;
    c->link = &monitor.all;
    if (c->after) {
        c->after->link = &c->after;
    }
    monitor.all = c;
}

static void leave(struct client *c)
{
    struct client **link = &monitor.bucket[c->pid % CLIENT_BUCKETS];

    while (*link != c) {
        link = &(*link)->next;
    }
    *link = c->next;
    *c->link = c->after;
    if (c->after) {
        c->after->link = c->link;
    }
}

err_t client_new(uint64_t pid, uint64_t flags, uint64_t account, struct client **made)
{
    struct rpc_seat *seat;

    REQUIRE(pid != 0 && !client_find(pid), E_MONITOR_PID);
    TRY(rpc_seat_open(&monitor.seats, &seat));
    struct client *const c = slab_alloc(&monitor.client_slab);
    if (!c) {
        rpc_seat_close(&monitor.seats, seat);
        return ERR(E_MONITOR_MEMORY);
    }
    *c = (struct client){ .pid = pid, .flags = flags, .account = account, .seat = seat };
    seat->rpc.serve = monitor_request;
    seat->rpc.closed = monitor_closed;
    seat->rpc.state = c;
    enter(c);
    *made = c;
    return OK;
}

err_t client_start(struct client *c, cptr_t dispatcher, uint64_t priority)
{
    cptr_t slot;

    REQUIRE(c->dispatcher == CPTR_NULL, E_MONITOR_PID);
    TRY(stock_refill(&monitor.stock));
    TRY(slots_alloc(&monitor.stock.slots, &slot));
    err_t err = cap_move(CPTR_NULL, slot, CPTR_NULL, dispatcher);
    if (!err_ok(err)) {
        slots_free(&monitor.stock.slots, slot);
        return err;
    }
    c->dispatcher = slot;
    if (priority != 0) {
        TRY(kernel_set_ceiling(TASK_KERNEL, slot, priority));
        TRY(dispatcher_set_priority(slot, priority));
    }
    return dispatcher_start(slot);
}

err_t client_end(struct client *c)
{
    if (c->dispatcher) {
        err_ignore(cap_delete(CPTR_NULL, c->dispatcher));   /* E_CAP_EMPTY: its account was faster */
        slots_free(&monitor.stock.slots, c->dispatcher);
        c->dispatcher = CPTR_NULL;
    }
    bind_abandon(c);
    ends_forget(c);
    services_of_end(c);
    connections_of_end(c);
    if (c->seat) {
        rpc_seat_close(&monitor.seats, c->seat);
    }
    leave(c);
    slab_free(&monitor.client_slab, c);
    return OK;
}

void client_retry(struct client *c)
{
    if (c->seat && rpc_waits(&c->seat->rpc)) {
        c->retrying = true;
        rpc_retry(&monitor.server, &c->seat->rpc);
        c->retrying = false;
    }
}

void monitor_retry_all(const struct client *but)
{
    for (struct client *c = monitor.all; c; c = c->after) {
        if (c != but) {
            client_retry(c);
        }
    }
}
