/**
 * @file irq.h  Interrupts delivered to user space: each line has a slot in the KCB that holds the Notify bound to it.
 */
#ifndef DISPATCH_IRQ_H
#define DISPATCH_IRQ_H

#include <core/kcb.h>
#include <shoal/err.h>

/** Take one pending interrupt: a line is masked, ended at the CPU interface and its Notify signalled.  More pending ones
 *  raise the exception again. */
void irq_handle(struct kcb *k);

err_t irq_bind(struct kcb *k, uint32_t intid, struct cte *notify);   /**< E_BOUND                                     */
err_t irq_unbind(struct kcb *k, uint32_t intid);                     /**< E_UNBOUND; masks                            */
err_t irq_ack(struct kcb *k, uint32_t intid);                        /**< E_UNBOUND; unmasks                          */

#endif
