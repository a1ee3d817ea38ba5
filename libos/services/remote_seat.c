/** @file remote_seat.c  A server's side of bindings to clients of other cores; contracts in os/remote_seat.h. */
#include <os/bug.h>
#include <os/err.h>
#include <os/remote_seat.h>
#include <os/services.h>
#include <os/startup.h>
#include <stubs/monitor.h>

#include "internal.h"

static struct remote_seat *remote_of(struct rpc_seat *seat)
{
    return (struct remote_seat *)seat;
}

err_t remote_seats_init(struct remote_seats *remote, struct rpc_seats *seats)
{
    *remote = (struct remote_seats){ .seats = seats };
    slab_init(&remote->slab, sizeof(struct remote_seat), &seats->stock->pool, SLAB_KEEP);
    return stock_add_slab(seats->stock, &remote->slab, E_REFILL_SESSIONS);
}

/* Notify, event and slots are made once, and kept for the next client. */
static err_t make(struct remote_seats *remote, struct remote_seat **made)
{
    struct rpc_seats *const seats = remote->seats;
    cptr_t first;

    REQUIRE(seats->next_event < seats->end_event, E_RPC_SEATS);
    TRY(slots_alloc_run(&seats->stock->slots, 4, &first));
    struct remote_seat *const s = slab_alloc(&remote->slab);
    err_t err = s ? OK : ERR(E_SLAB_EMPTY);
    if (s) {
        *s = (struct remote_seat){ .notify = first, .page = first + 1, .wake = first + 2, .end.receive = first + 3,
                                    .event = seats->next_event };
        err = remote_notify(&s->ram, s->event, s->notify);
    }
    if (!err_ok(err)) {
        slots_free_run(&seats->stock->slots, first, 4);
        if (s) {
            slab_free(&remote->slab, s);
        }
        return err;
    }
    seats->next_event++;
    *made = s;
    return OK;
}

static void remote_close(struct rpc_seats *seats, struct rpc_seat *seat)
{
    struct remote_seat *const s = remote_of(seat), **link = &s->owner->used;

    while (*link != s) {
        link = &(*link)->next;
    }
    *link = s->next;
    if (s->awake) {
        rpc_session_leave(seats->server, &s->seat.rpc);
    }
    err_ignore(vspace_unmap(seats->vspace, s->address, CONNECTION_BYTES));
    rpc_drop_cap(s->page);
    rpc_drop_cap(s->wake);
    rpc_drop_cap(s->end.receive);
    err_ignore(monitor_remote_close(os_monitor(), s->end.connection));      /* it may have ended it itself */
    s->next = s->owner->unused;
    s->owner->unused = s;
}

err_t remote_seat_open(struct remote_seats *remote, uint64_t connection, cptr_t page, struct rpc_seat **seat)
{
    struct remote_seat *s = remote->unused;
    struct cap_info info;

    TRY(stock_refill(remote->seats->stock));
    if (!s) {
        TRY(make(remote, &s));
        s->next = remote->unused;
        remote->unused = s;
    }
    REQUIRE(err_ok(cap_identify(CPTR_NULL, page, &info)) && info.type == CAP_FRAME && info.bytes == CONNECTION_BYTES,
            E_RPC_REPLY);
    TRY(cap_move(CPTR_NULL, s->page, CPTR_NULL, page));
    const err_t err = vspace_map(remote->seats->vspace, s->page, 0, CONNECTION_BYTES, MAP_READ | MAP_WRITE, &s->address);
    if (!err_ok(err)) {
        rpc_drop_cap(s->page);
        return err;
    }
    remote->unused = s->next;
    s->seat = (struct rpc_seat){ .close = remote_close, .rpc.closings = s->seat.rpc.closings };
    s->end.connection = connection;
    s->awake = false;
    s->owner = remote;
    s->next = remote->used;
    remote->used = s;
    *seat = &s->seat;
    return OK;
}

static struct remote_seat *find(const struct remote_seats *remote, uint64_t connection)
{
    struct remote_seat *s = remote->used;

    while (s && s->end.connection != connection) {
        s = s->next;
    }
    return s;
}

static err_t wake(struct remote_seats *remote, uint64_t connection, cptr_t client, cptr_t slot)
{
    struct remote_seat *const s = find(remote, connection);

    REQUIRE(s && !s->awake, E_MONITOR_CONNECTION);
    TRY(cap_copy(CPTR_NULL, slot, CPTR_NULL, s->notify, RIGHT_READ | RIGHT_WRITE | RIGHT_GRANT));
    TRY(cap_move(CPTR_NULL, s->wake, CPTR_NULL, client));
    const struct ump_seat at = {
        .frame = (void *)s->address, .side = 0, .slots = UMP_RPC_SLOTS, .event = s->event, .wake = s->wake,
        .poll = ump_poll_ticks(2), .caps = &remote_server_caps, .state = &s->end,
    };
    s->ump = (struct ump_session){ .kept = NULL };
    rpc_session_init_ump(remote->seats->server, &s->seat.rpc, &s->ump, &at);
    s->awake = true;
    return OK;
}

err_t remote_seats_wake(struct remote_seats *remote, uint64_t connection, cptr_t client, cptr_t *server)
{
    err_t err = OK;

    if (remote->outgoing == CPTR_NULL) {
        err = slots_alloc(&remote->seats->stock->slots, &remote->outgoing);
    } else {
        rpc_drop_cap(remote->outgoing);         /* if the latest could not be sent */
    }
    if (err_ok(err)) {
        err = wake(remote, connection, client, remote->outgoing);
    }
    if (!err_ok(err)) {
        rpc_drop_cap(client);
        return err;
    }
    *server = remote->outgoing;
    return OK;
}

err_t remote_seats_deliver(struct remote_seats *remote, uint64_t connection, cptr_t cap)
{
    struct remote_seat *const s = find(remote, connection);
    err_t err = s && s->awake ? OK : ERR(E_MONITOR_CONNECTION);

    if (err_ok(err)) {
        err = cap_move(CPTR_NULL, s->end.receive, CPTR_NULL, cap);
    }
    if (!err_ok(err)) {
        rpc_drop_cap(cap);
        return err;
    }
    remote_arrived(&s->ump.end, s->end.receive, OK);
    return OK;
}
