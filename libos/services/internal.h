/** @file internal.h  What the parts of libos/services share. */
#ifndef SERVICES_INTERNAL_H
#define SERVICES_INTERNAL_H

#include <os/remote_seat.h>
#include <os/services.h>
#include <os/stock.h>

/** A Notify bound to @p event of this process, in the empty slot @p slot.  Errors of reserve and bind */
err_t remote_notify(struct ram_block *ram, uint64_t event, cptr_t slot);

/** Both of a client and of a server: struct ump_seat's state is one. */
extern const struct ump_cap_ops remote_client_caps, remote_server_caps;

/** service_bind() for a binding that can be closed: with service_unbind().  @param seat  NULL if it is one to another core */
err_t service_bind_any(struct rpc_client *c, iref_t service, struct rpc_seat **seat);

/** The end of what service_bind_remote() made; no handler of its event is registered. */
void service_unbind_remote(struct rpc_client *c);

/** ump_cap_arrived(), from outside of upcalls. */
void remote_arrived(struct ump_end *end, cptr_t slot, err_t err);

#endif
