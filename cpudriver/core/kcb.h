/**
 * @file kcb.h  Kernel control block: all state of one core's CPU driver.
 * The boot core's lies in the NOLOAD area behind the image; TPIDR_EL1 points to it.  The CPU driver has no writable
 * globals: the link fails if .data or .bss is not empty.
 */
#ifndef CORE_KCB_H
#define CORE_KCB_H

#include <cap/mdb.h>
#include <core/offsets.h>
#include <dispatch/dcb.h>
#include <plat/plat.h>

#define KCB_PRIORITIES  256
#define KCB_ASIDS       65536
#define KCB_IRQS        1024
#define KCB_HUSKS       256
#define KCB_SWEEPS      32
#define KCB_LOG_BYTES   32768u
#define KCB_STACK_BYTES 16384u
#define KCB_CANARY      0x5afe57acc5afe57aull

struct ready_queues {
    struct { struct dcb *head, *tail; } level[KCB_PRIORITIES];
    uint64_t bitmap[KCB_PRIORITIES / 64];
};

/** What a core was started with; all zero on the boot core.  Physical addresses. */
struct core_gift {
    struct range loan;              /**< begins with struct core_boot, page 0; then this KCB                          */
    struct range image;             /**< of init: a Frame of the boot core's                                          */
    struct range channel;           /**< bytes 0: none                                                                */
};

/** A revocation or purge that a monitor has begun (cap/sweep.h). */
struct sweep {
    struct cte *slot;               /**< revocation: the invoked capability; NULL: purge                              */
    uint64_t lo, hi;                /**< absolute; hi 0: the entry is free                                            */
    uint64_t at;                    /**< what begins before it has been swept                                         */
    uint64_t owner;                 /**< of what is swept                                                             */
    uint64_t begun;                 /**< counts up with each use of the entry: tells handles apart                    */
};

struct mailbox;

/** Another core, as this kernel knows it (dispatch/mailbox.h). */
struct peer {
    struct cte frame, l1;           /**< empty: not connected                                                         */
    struct mailbox *out;            /**< in frame, written by this kernel alone; NULL: not connected, or frame is gone */
    const struct mailbox *in;       /**< written by the other's                                                       */
    uint64_t written, taken;        /**< entries ever put into out, ever taken from in                                */
    uint64_t dead;                  /**< its kernel has said so                                                       */
};

struct kcb {
    /* touched by assembly: core/offsets.h */
    struct dcb *current;            /**< NULL: idle                                                                   */
    uint64_t resched;               /**< leave the kernel through the scheduler                                       */
    struct dcb *fp_owner;           /**< whose FP/SIMD registers are in the CPU                                       */
    uint64_t switched;              /**< CNTVCT when current was switched to                                          */
    uint64_t top_ready;             /**< highest priority in the ready queues + 1; 0: none is ready                    */
    uint64_t ret[6];                /**< results of the invocation being served                                       */
    uint64_t arg[13];               /**< arguments of the system call being served                                    */
    uint64_t saved[14];             /**< x19..x30, SP, PC of the system call being served                             */
    uint64_t switches, irqs;
    uint64_t loaded_ttbr0;          /**< what TTBR0_EL1 holds                                                         */
    uint64_t stack_top;             /**< SP_EL1 whenever EL0 runs                                                       */

    struct dcb *next;               /**< READY, more urgent than current and all in the queues: who runs next; in no queue */
    struct mdb mdb;
    uint64_t sweeps;                /**< entries of sweep in use: while it is 0, nothing is being revoked by a monitor */
    uint64_t special;               /**< sweeps + watched capabilities: while it is 0, nothing is looked for when a slot is
                                         emptied or moved                                                             */
    struct ready_queues ready;
    struct deadline_node *deadlines;    /**< root of the heap: the earliest                                           */
    uint64_t slice_end;             /**< CNTVCT                                                                       */
    uint64_t timer_programmed;      /**< 0: off                                                                       */
    uint64_t slice_ticks;
    struct cte *dead;               /**< zombies, newest first                                                        */
    struct cte *unfinished;         /**< slot whose deletion goes on before any other begins (cap/delete.c)            */
    struct cte swap;                /**< only within one deletion step                                                */
    uint64_t asid_count;            /**< 256 or 65536                                                                 */
    uint64_t asid_hint;
    uint64_t asid[KCB_ASIDS / 64];
    uint64_t empty_ttbr0;           /**< a page table without entries, ASID 0                                         */
    struct plat plat;
    uint64_t core, core_count;
    const struct machine *machine;  /**< the device tree's content, in the boot core's memory; never changes after boot */
    uint64_t image_pa;              /**< where the CPU driver lies, and what a core needs to get there: */
    uint64_t kernel_ttbr1, identity_ttbr0;  /**< the kernel's tables; those of the image at its physical address       */
    struct core_gift gift;
    uint64_t log_head;              /**< bytes ever written to the log                                                */
    uint64_t panicking;
    uint64_t log_only;              /**< klog(): nothing goes to the console                                          */
    struct dcb *init;               /**< whose fault is the end of this core                                          */
    struct cte root[8];             /**< capabilities the kernel itself keeps (boot: the image's range, …)            */
    struct cte irq[KCB_IRQS];       /**< Notify bound to each interrupt                                               */
    struct sweep sweep[KCB_SWEEPS];
    struct cte *lonely;             /**< newest first: through the slots (CTE_LONELY)                                 */
    struct cte monitor;             /**< Notify for what only the monitor can do something about                      */
    uint64_t peer_first;            /**< whose mailbox is looked at first at the next doorbell                        */
    struct peer peer[MACHINE_CPUS_MAX];
    struct cte husk[KCB_HUSKS];     /**< RAM that is lent to other cores (cap/husk.h)                                 */
    char log[KCB_LOG_BYTES];
    uint64_t canary;
    _Alignas(16) uint8_t stack[KCB_STACK_BYTES];
};

_Static_assert(offsetof(struct kcb, current) == KCB_CURRENT && offsetof(struct kcb, resched) == KCB_RESCHED &&
               offsetof(struct kcb, fp_owner) == KCB_FP_OWNER && offsetof(struct kcb, switched) == KCB_SWITCHED &&
               offsetof(struct kcb, top_ready) == KCB_TOP_READY && offsetof(struct kcb, ret) == KCB_RET &&
               offsetof(struct kcb, arg) == KCB_ARG && offsetof(struct kcb, saved) == KCB_SAVED &&
               offsetof(struct kcb, switches) == KCB_SWITCHES && offsetof(struct kcb, stack_top) == KCB_STACK_TOP &&
               offsetof(struct kcb, loaded_ttbr0) == KCB_TTBR0,
               "core/offsets.h");
_Static_assert(offsetof(struct cte, type) == CTE_TYPE && offsetof(struct cte, rights) == CTE_RIGHTS &&
               offsetof(struct cte, base) == CTE_BASE && offsetof(struct cte, word) == CTE_WORD0,
               "core/offsets.h");
_Static_assert(_Alignof(struct kcb) >= 16, "");

#include <arch/kcb.h>   /* static inline struct kcb *kcb_get(void): TPIDR_EL1, or the host test's */

#endif
