/**
 * @file dcb.h  Kernel objects of dispatch: Dispatcher, Endpoint, Notify.  All lie in RAM that user space retyped.
 * Whatever one holds of another is a slot in the mapping database (struct cte); beside each slot stand pointers that are
 * derived from it, for speed, and cleared by embed_lost() when the slot goes (cap/delete.c).
 */
#ifndef DISPATCH_DCB_H
#define DISPATCH_DCB_H

#include <cap/cte.h>
#include <core/offsets.h>
#include <shoal/dispframe.h>
#include <shoal/ring.h>
#include <stddef.h>

/** How a READY dispatcher goes on. */
enum dcb_resume {
    RESUME_UPCALL = 0,      /**< run upcall; its context, if any, lies complete in the enabled area                    */
    RESUME_DISABLED = 1,    /**< load the disabled area                                                               */
    RESUME_ENABLED = 2,     /**< load the enabled area: interrupted while enabled, nothing posted, not switched away   */
};

struct deadline_node {
    uint64_t when;                                   /**< CNTVCT ticks; 0: not in the heap                            */
    struct deadline_node *left, *right, *parent;
    uint64_t rank;
};

struct dcb {
    struct cte zombie;              /**< empty while alive: the last cap moves here when the dispatcher dies           */
    struct cte cspace, vspace, frame_cap, fault;

    struct dispatcher_frame *frame; /**< linear-map address; NULL: not configured, or lost                            */
    uint64_t frame_va;
    struct cte *l1;                 /**< NULL: no CSpace                                                              */
    uint64_t l1_slots;              /**< 0 with it, so that every lookup fails                                        */
    uint64_t ttbr0;                 /**< ASID << 48 | VNode_L0; 0: none                                               */
    uint64_t accept;                /**< while parked: event id, XFER_ANY or XFER_IDLE                                */
    uint64_t state;                 /**< enum dispatcher_state, with DISP_HELD                                        */
    uint64_t priority;
    uint64_t time_used;             /**< ticks                                                                        */
    uint64_t event_ids;             /**< how many its frame has                                                       */
    uint64_t resume;                /**< enum dcb_resume                                                              */
    struct dcb *next, *prev;        /**< ready queue, while in it                                                     */
    uint64_t queued;
    uint64_t ceiling;
    uint64_t fault_cause, fault_address, fault_syndrome;
    struct deadline_node deadline;
    uint64_t fp_control[2];         /**< FPCR, FPSR                                                                   */
    __uint128_t fp[32];             /**< lazily switched: valid unless kcb->fp_owner is this                          */
    uint64_t slice_left;            /**< ticks of its slice left when something more urgent took the core; 0: a new one */
};

struct endpoint {
    struct cte disp;                /**< CTE_WEAK Dispatcher; empty: not bound                                        */
    struct cte ring_cap;
    struct dcb *dcb;                /**< of disp; NULL: not bound                                                     */
    struct ring_control *ring;      /**< linear-map address; NULL: not bound, or the ring's frame is gone             */
    uint64_t event;
    uint64_t mask;                  /**< message slots - 1                                                            */
    uint64_t produced;              /**< the kernel's own count                                                       */
    uint64_t recv_slot;             /**< address in the CSpace of dcb; 0: none                                        */
    uint64_t dead;                  /**< the receive capability is gone                                               */
};

/** A Notify is nothing but a slot: a CTE_WEAK Dispatcher cap, word[0] the event id, or, while unbound, the sticky bit in
 *  word[0] of an empty slot. */
struct notify {
    struct cte disp;
};

_Static_assert(sizeof(struct dcb) <= 2048 && sizeof(struct endpoint) <= 256 && sizeof(struct notify) == 64, "objects");
_Static_assert(offsetof(struct dcb, frame) == DCB_FRAME && offsetof(struct dcb, frame_va) == DCB_FRAME_VA &&
               offsetof(struct dcb, l1) == DCB_L1 && offsetof(struct dcb, l1_slots) == DCB_L1_SLOTS &&
               offsetof(struct dcb, ttbr0) == DCB_TTBR0 && offsetof(struct dcb, accept) == DCB_ACCEPT &&
               offsetof(struct dcb, state) == DCB_STATE && offsetof(struct dcb, priority) == DCB_PRIORITY &&
               offsetof(struct dcb, time_used) == DCB_TIME_USED && offsetof(struct dcb, resume) == DCB_RESUME &&
               offsetof(struct dcb, fp_control) == DCB_FP_CONTROL && offsetof(struct dcb, fp) == DCB_FP &&
               offsetof(struct dcb, deadline.when) == DCB_DEADLINE,
               "core/offsets.h");
_Static_assert(offsetof(struct endpoint, dcb) == EP_DCB && offsetof(struct endpoint, ring) == EP_RING &&
               offsetof(struct endpoint, event) == EP_EVENT && offsetof(struct endpoint, produced) == EP_PRODUCED,
               "core/offsets.h");
#endif
