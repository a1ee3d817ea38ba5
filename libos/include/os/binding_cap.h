/**
 * @file binding_cap.h  Capabilities of bindings.  Each lies in a slot of its own, and the slot goes with it: who gets a
 * capability owns the slot (one of os_stock()'s on the target), and who gives one away has neither afterwards.
 *
 * Whoever has slots brings these functions: libos/services/binding_cap.c, and a test on the build machine.
 */
#ifndef OS_BINDING_CAP_H
#define OS_BINDING_CAP_H

#include <shoal/cap.h>
#include <shoal/err.h>

/** An empty slot for a capability.  @return errors of stock_refill(), E_SLOTS_NONE */
err_t binding_new_slot(cptr_t *slot);

/** Copy a capability to a slot of its own, with its rights but own. */
err_t binding_copy_cap(cptr_t cap, cptr_t *copy);

/** Move a capability out of the receive slot to one of its own.  @return an error: it is where it was */
err_t binding_take_cap(cptr_t receive, cptr_t *cap);

/** Delete a capability, if there is one in the slot, and free the slot. */
void binding_drop_cap(cptr_t cap);

/** The kernel has moved a capability away: free its slot. */
void binding_gave_cap(cptr_t cap);

#endif
