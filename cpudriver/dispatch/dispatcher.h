/**
 * @file dispatcher.h  The states of a dispatcher, and what moves it between them.
 *
 *   CREATED --start--> READY <--> (running: kcb->current)
 *   READY --xfer with park--> PARKED --message in registers--> READY, continues where it parked
 *                             PARKED --any other event--> READY, run upcall, its saved x0 is E_WOKEN
 *   READY --fault while disabled, or without a handler--> FAULTED --resume--> READY
 *   any --stop, or its CSpace, VSpace or frame revoked--> STOPPED
 *   DISP_HELD beside any of them: it is not scheduled and takes no message in registers.
 *
 * D1  A dispatcher is in a ready queue exactly if it is READY, not held, and neither kcb->current nor kcb->next.
 * D2  READY, PARKED and FAULTED ones have frame, l1 and ttbr0 (else they are STOPPED).
 * D3  PARKED: x19..x30, SP, PC, TPIDR_EL0 lie in the enabled area, unless it parked idle.
 */
#ifndef DISPATCH_DISPATCHER_H
#define DISPATCH_DISPATCHER_H

#include <arch/switch.h>
#include <core/kcb.h>
#include <shoal/err.h>
#include <shoal/invoke.h>

/** Set CSpace, VSpace, frame and fault endpoint of a new dispatcher.  Types and rights are checked here.
 * @return E_STATE configured already; E_CAP_TYPE, E_CAP_RIGHTS; E_CAP_SIZE the frame is smaller than a page */
err_t dispatcher_configure(struct kcb *k, struct dcb *d, struct cte *l1, struct cte *vnode, struct cte *frame,
                           uint64_t frame_va, struct cte *fault);

/** Another L1 CNode.  @return E_STATE not configured, or the old one has no other capability (it would die here). */
err_t dispatcher_set_cspace(struct kcb *k, struct dcb *d, struct cte *l1);

err_t dispatcher_start(struct kcb *k, struct dcb *d);      /**< E_STATE started before, E_CONFIG                      */
err_t dispatcher_hold(struct kcb *k, struct dcb *d);       /**< E_STATE stopped                                       */
err_t dispatcher_release(struct kcb *k, struct dcb *d);    /**< E_STATE not held                                      */
err_t dispatcher_resume(struct kcb *k, struct dcb *d);     /**< E_STATE not faulted                                   */
err_t dispatcher_set_priority(struct kcb *k, struct dcb *d, uint64_t priority);   /**< E_PRIORITY                     */

/** @p d never runs again.  Its slots stay until it is destroyed. */
void dispatcher_stop(struct kcb *k, struct dcb *d);

/** STOPPED, because something it is made of was revoked; its fault endpoint hears FAULT_REVOKED. */
void dispatcher_revoked(struct kcb *k, struct dcb *d);

/** FAULTED: put away and reported at the fault endpoint.  @p d's registers lie in @p area already.  Faults of a
 *  dispatcher without fault endpoint are reported on the console; init's ends the core. */
void dispatcher_fault(struct kcb *k, struct dcb *d, uint64_t cause, uint64_t address, uint64_t syndrome,
                      const struct save_area *area);

/** Post event @p id and wake: O(1). */
void event_post(struct kcb *k, struct dcb *d, uint64_t id);

/** `pending`, and wake, without an event id (a deadline). */
void event_wake(struct kcb *k, struct dcb *d);

/** PARKED to READY by run upcall; its parked context sees E_WOKEN.  Also used when a park finds events pending. */
void dispatcher_unpark(struct kcb *k, struct dcb *d);

#endif
