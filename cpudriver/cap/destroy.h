/**
 * @file destroy.h  What happens to objects when the capabilities they hold, or are named by, go.
 */
#ifndef CAP_DESTROY_H
#define CAP_DESTROY_H

#include <cap/asid.h>
#include <cap/cspace.h>
#include <cap/vnode.h>

/** The capability in @p slot, inside a kernel object or the KCB, is about to go: its holder drops the pointers derived
 *  from it.  A dispatcher that loses its CSpace, VSpace or frame stops; an endpoint that loses its ring or its dispatcher
 *  is dead; an interrupt that loses its Notify is masked. */
void embed_lost(struct kcb *k, struct cte *slot);

/** The last send capability is gone: say so in the ring and post the event (dispatch/endpoint.c). */
void endpoint_closed(struct kcb *k, struct endpoint *ep);

/** The last capability of this interrupt is gone: mask it for good and forget its Notify (dispatch/irq.c). */
void irq_lost(struct kcb *k, uint32_t intid);

#endif
