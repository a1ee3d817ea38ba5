/**
 * @file crossing.h  Capabilities across cores (servers/init/capops): what capops runs on in a monitor.
 *
 *   crossing.c      set-up, this core's kernel, whom results go to
 *   crossing_net.c  its messages, as calls of intermon.if
 *   delivery.c      capabilities in the messages of connections
 *   lending.c       RAM between the memory servers
 *   revoking.c      revocations that processes ask for
 */
#ifndef MONITOR_CROSSING_H
#define MONITOR_CROSSING_H

#include "../capops/capops.h"
#include "connection.h"

extern struct capops crossing;
extern const struct capops_net crossing_net;

/** Errors of the layers and of kernel_bind() */
err_t crossing_setup(void);

/** A peer's channel is up. */
static inline void crossing_connected(uint64_t core)
{
    capops_connected(&crossing, core);
}

/** A part of what can be done without waiting.  @return there is more */
bool crossing_step(void);

/** What ends an operation: completed() calls @p done, and the record is its user's again. */
struct crossing_op {
    void (*done)(struct crossing_op *op, err_t err);
};

static inline uint64_t crossing_cookie(struct crossing_op *op)
{
    return (uint64_t)op;
}

/* --- delivery.c --- */

#define SENDING_BYTES 48u               /**< of a record of monitor.sending_slab                                      */

/** monitor.remote_send: @p cap, a receive slot, to the other side of the connection.  @return E_RPC_LATER until it is there or
 *  refused; errors of capops_send() */
err_t delivery_send(struct client *c, uint64_t number, cptr_t cap);

/** monitor.remote_receive: what has come over the connection; E_RPC_LATER until something has. */
err_t delivery_receive(struct client *c, uint64_t number, cptr_t *cap);

err_t delivery_arrived(uint64_t core, uint64_t conn, cptr_t slot);

err_t delivery_post(struct connection *connection, struct rpc_session *session);

/** The connection ends: what lies there is dropped. */
void delivery_forget(struct connection *k);

/* --- crossing_net.c: handlers of intermon.if, whose session's state is the struct peer --- */

err_t net_forward(void *session, uint64_t id, uint64_t type, uint64_t base, uint64_t bytes, uint64_t grant, uint64_t conn);
err_t net_import(void *session, uint64_t id, uint64_t type, uint64_t base, uint64_t bytes, uint64_t rights, uint64_t count,
                 uint64_t conn);
err_t net_dropped(void *session, uint64_t id, uint64_t type, uint64_t base, uint64_t bytes, uint64_t count);
err_t net_purge(void *session, uint64_t id, uint64_t type, uint64_t base, uint64_t bytes);
err_t net_lend(void *session, uint64_t id, uint64_t base, uint64_t bytes);
err_t net_return(void *session, uint64_t id, uint64_t base, uint64_t bytes);
err_t net_recall(void *session, uint64_t id, uint64_t bytes);
err_t net_leaving(void *session, uint64_t id);
err_t net_gone(void *session, uint64_t id, uint64_t core, bool off);
err_t net_answer(void *session, uint64_t id, uint64_t error, bool holds);

/* --- revoking.c --- */

#define REVOKING_BYTES 40u              /**< of a record of monitor.revoking_slab                                     */

/** monitor.revoke.  @return E_RPC_LATER until it is done; errors of capops_revoke() */
err_t revoking_request(struct client *c, cptr_t address, uint64_t offset, uint64_t bytes);

/* --- lending.c --- */

/** Attend to mem (mem.attend), over a binding for @p account.  Errors of the layers and of mem.connect */
err_t lending_setup(uint64_t account);

/** What time brings: as cores_look(). */
void lending_look(void);

/** This core leaves: what it has borrowed it keeps until it is off. */
void lending_close(void);

/** A unit of RAM from home: its memory server gets it.  E_LEAVING; errors of mem.root_add */
err_t lending_lent(cptr_t slot, uint64_t base, uint64_t bytes);

/** What became of what this core asked for (intermon.borrow). */
void lending_borrowed(err_t result);

/** Home: @p core asks for a unit of @p more bytes, or at least of @p bytes.
 * @return E_CORE_HOME, E_ARG, E_CAPOPS_JOBS; errors of mem.alloc and capops_lend() */
err_t lending_borrow(uint64_t core, uint64_t bytes, uint64_t more, uint64_t align);

/** Home: a unit is back. */
void lending_returned(uint64_t core, cptr_t slot, uint64_t base, uint64_t bytes);
void lending_recalled(uint64_t bytes);

#endif
