/**
 * @file remote_seat.h  Seats (os/rpc_lmp.h) for clients of other cores.  What a server does with a seat, it does with one of
 * these: its session is served by the same loop, and rpc_seat_close() ends it.
 *
 * The monitor calls service.open and service.wake for each such client: the handlers are remote_seat_open(), behind which
 * the server sets up the session as for any client, and remote_seats_wake().
 */
#ifndef OS_REMOTE_SEAT_H
#define OS_REMOTE_SEAT_H

#include <os/rpc_ump.h>

struct remote_seats;

/** What this side of a connection is to the monitor. */
struct remote_end {
    uint64_t connection;
    cptr_t receive;                     /**< slot where capabilities arrive                                           */
};

struct remote_seat {
    struct rpc_seat seat;               /**< first */
    struct remote_seat *next;
    struct remote_seats *owner;
    struct ump_session ump;
    struct remote_end end;
    uint64_t event, address;
    cptr_t notify, page, wake;
    struct ram_block ram;               /**< of the Notify                                                            */
    bool awake;
};

struct remote_seats {
    struct rpc_seats *seats;            /**< whose events, server and layers these use                                */
    struct slab slab;
    struct remote_seat *used, *unused;
    cptr_t outgoing;                    /**< what the latest wake gave away, or could not                             */
};

/** @p seats is borrowed.  @return errors of stock_add_slab() */
err_t remote_seats_init(struct remote_seats *remote, struct rpc_seats *seats);

/** service.open: @p page is a receive slot, empty afterwards if this succeeds.  The caller sets functions and state of
 *  (*seat)->rpc, but for those that need the peer's messages nothing happens before remote_seats_wake().
 * @return E_RPC_SEATS, E_RPC_REPLY the page is none; errors of the layers; nothing is changed then */
err_t remote_seat_open(struct remote_seats *remote, uint64_t connection, cptr_t page, struct rpc_seat **seat);

/** The whole of service.wake: @p client is moved or dropped; *server: a copy of our Notify to give away, in a slot that is kept
 *  for that.  @return E_MONITOR_CONNECTION; errors of slots, move and copy */
err_t remote_seats_wake(struct remote_seats *remote, uint64_t connection, cptr_t client, cptr_t *server);

/** The whole of service.deliver: @p cap is moved or dropped.  @return E_MONITOR_CONNECTION; errors of move */
err_t remote_seats_deliver(struct remote_seats *remote, uint64_t connection, cptr_t cap);

#endif
