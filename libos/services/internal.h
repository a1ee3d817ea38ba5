/** @file internal.h  What the parts of libos/services share. */
#ifndef SERVICES_INTERNAL_H
#define SERVICES_INTERNAL_H

#include <os/stock.h>

/** A Notify bound to @p event of this process, in the empty slot @p slot.  Errors of reserve and bind */
err_t remote_notify(struct ram_block *ram, uint64_t event, cptr_t slot);

#endif
