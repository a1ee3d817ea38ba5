/** @file notify.h  Notify: a signal without value.  Bound, it posts its event; unbound, it remembers one signal. */
#ifndef DISPATCH_NOTIFY_H
#define DISPATCH_NOTIFY_H

#include <core/kcb.h>
#include <shoal/err.h>

void notify_signal(struct kcb *k, struct notify *n);                                  /**< O(1)                       */

/** Deliver to @p dispatcher as event @p id, at once if a signal is remembered.  @return E_BOUND, E_EVENT */
err_t notify_bind(struct kcb *k, struct notify *n, struct cte *dispatcher, uint64_t id);
void monitor_signal(struct kcb *k);         /**< the Notify of KERNEL_BIND, if there is one */
err_t notify_unbind(struct kcb *k, struct notify *n);                                 /**< E_UNBOUND                  */

#endif
