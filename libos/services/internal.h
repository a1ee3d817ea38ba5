/** @file internal.h  What the parts of libos/services share. */
#ifndef SERVICES_INTERNAL_H
#define SERVICES_INTERNAL_H

#include <os/remote_seat.h>
#include <os/stock.h>

/** A Notify bound to @p event of this process, in the empty slot @p slot.  Errors of reserve and bind */
err_t remote_notify(struct ram_block *ram, uint64_t event, cptr_t slot);

/** Both of a client and of a server: struct ump_seat's state is one. */
extern const struct ump_cap_ops remote_client_caps, remote_server_caps;

/** ump_cap_arrived(), from outside of upcalls. */
void remote_arrived(struct ump_end *end, cptr_t slot, err_t err);

#endif
