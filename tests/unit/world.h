/**
 * @file world.h  A small machine for tests of the CPU driver's core logic: fake RAM with a KCB in it, and one
 * dispatcher ("me") with CSpace, VSpace and frame, made by the kernel's own functions.  Tests act through invocations
 * and system calls of whoever is kcb->current, as a program would; entering and leaving the kernel follows
 * arch/aarch64/entry.S.
 *
 * Fake RAM, from FAKE_PHYS_BASE: 1 MiB for the KCB; 1 MiB of which me is made; W_RAM, 4 MiB, for objects; W_MEM, 2
 * MiB, for frames.  W_BIG and W_DEV are ranges without bytes behind them: for frames that are mapped and never
 * touched.
 */
#ifndef WORLD_H
#define WORLD_H

#include "test.h"

#include <arch/fake_plat.h>
#include <arch/pte.h>
#include <arch/switch.h>
#include <arch/tlb.h>
#include <cap/cspace.h>
#include <cap/delete.h>
#include <cap/invoke.h>
#include <cap/vnode.h>
#include <dispatch/dispatcher.h>
#include <dispatch/endpoint.h>
#include <dispatch/exception.h>
#include <dispatch/irq.h>
#include <dispatch/sched.h>
#include <shoal/syscall.h>

#define PAGE 4096ull
#define MIB  (1ull << 20)
#define GIB  (1ull << 30)

#define WORLD_RAM_BASE (FAKE_PHYS_BASE + 2 * MIB)
#define WORLD_RAM      (4 * MIB)
#define WORLD_MEM_BASE (FAKE_PHYS_BASE + 6 * MIB)
#define WORLD_MEM      (2 * MIB)
#define WORLD_BIG_BASE (FAKE_PHYS_BASE + 7 * GIB)     /* a multiple of 1 GiB */
#define WORLD_BIG      (8 * GIB)
#define WORLD_FAR_BASE (FAKE_PHYS_BASE + 32 * GIB)    /* memory of other cores: no capability of it, no bytes behind it */
#define WORLD_FAR      GIB
#define WORLD_DEV_BASE 0x10000000ull
#define WORLD_DEV      (256 * MIB)
#define WORLD_IRQS     256u
#define WORLD_CORES    4u                             /* of the machine; this is core 0, affinities are 0 to 3 */
#define WORLD_TIMER    27u

/* What me finds in its CSpace.  L1 slot 1 holds these; 2 to 9 hold empty CNodes, for world_slot(); 10 to 63 are
 * empty. */
enum { W_L1_SLOTS = 64, W_L2_FIRST = 2, W_L2_COUNT = 8 };
#define W_ROOT     CPTR(1, 1)     /**< RAM around W_RAM, W_MEM and me: all of fake RAM but the KCB                   */
#define W_RAM      CPTR(1, 2)
#define W_MEM      CPTR(1, 3)
#define W_BIG      CPTR(1, 4)
#define W_DEV      CPTR(1, 5)
#define W_IRQTABLE CPTR(1, 6)
#define W_ID       CPTR(1, 7)
#define W_KERNEL   CPTR(1, 8)
#define W_CORE     CPTR(1, 9)
#define W_L1       CPTR(1, 10)
#define W_L0       CPTR(1, 11)
#define W_DISP     CPTR(1, 12)
#define W_FRAME    CPTR(1, 13)
#define W_OWN      CPTR(1, 14)    /**< the RAM me is made of                                                          */

/** A dispatcher and what it is made of; addresses in me's CSpace, which all share unless a test says otherwise. */
struct proc {
    cptr_t disp, l1, l0, frame;
    struct dcb *d;
    struct dispatcher_frame *f;
};

struct world {
    struct kcb *k;
    uint64_t random;
    uint64_t ram_used, mem_used;    /**< of W_RAM and W_MEM, by world_make and world_frame                            */
    unsigned slots_used;
    uint64_t stamp;                 /**< registers of the last entry hold stamp * 256 + number                        */
    struct proc me;
};

#define WORLD_LEFT UINT64_MAX       /**< a system call did not return to its caller: see fake_left                    */

void world_init(struct world *w);
uint64_t world_below(struct world *w, uint64_t bound);

/** The slot at @p addr in me's CSpace; NULL if there is none. */
struct cte *world_cte(struct world *w, cptr_t addr);

/** A slot that was never used since world_init. */
cptr_t world_slot(struct world *w);

/** Invoke, and nothing else: whoever is current stays so unless the operation changes it.  @return the error's root
 *  code; results in w->k->ret */
uint64_t world_invoke_args(struct world *w, cptr_t cap, uint64_t op, const uint64_t *a);
#define world_invoke(w, cap, op, ...) world_invoke_args(w, cap, op, &(const uint64_t[7]){ 0, __VA_ARGS__ }[1])

/** Those that the test relies on: a failure is reported. */
void world_must(uint64_t err, const char *what);
cptr_t world_retype(struct world *w, cptr_t from, enum cap_type type, uint64_t offset, uint64_t size);
cptr_t world_make(struct world *w, enum cap_type type, uint64_t size);      /**< from unused W_RAM                    */
cptr_t world_frame(struct world *w, uint64_t bytes);                        /**< from unused W_MEM                    */
cptr_t world_copy(struct world *w, cptr_t src, uint64_t rights);
cptr_t world_mint(struct world *w, cptr_t endpoint, uint64_t badge);        /**< a send capability, all rights        */
void world_delete(struct world *w, cptr_t addr);                            /**< until it is done                     */
void world_revoke(struct world *w, cptr_t addr, uint64_t offset, uint64_t bytes);
void *world_object(struct world *w, cptr_t addr);

/** A dispatcher in me's CSpace with VSpace and frame of its own, configured and not started.
 *  @p fault: send cap or 0. */
struct proc world_proc(struct world *w, uint64_t priority, cptr_t fault);

/** An endpoint of @p p: receive capability, bound to event @p event, with a ring of 2^@p log2 messages in a frame
 *  of its own. */
struct channel {
    cptr_t recv, ring;
    struct endpoint *ep;
    struct ring_control *control;
    struct ring_message *message;
};
struct channel world_channel(struct world *w, const struct proc *p, uint64_t event, uint64_t log2);

/* ---- system calls, interrupts, faults of current, as entry.S makes them ------------------------------------------ */

/** @return the status, if the call returned to its caller; else WORLD_LEFT */
uint64_t world_syscall_args(struct world *w, cptr_t cap, uint64_t op, const uint64_t *a);
#define world_syscall(w, cap, op, ...) world_syscall_args(w, cap, op, &(const uint64_t[7]){ 0, __VA_ARGS__ }[1])

#define ANY  ((uint64_t)XFER_ANY)
#define IDLE ((uint64_t)XFER_IDLE)
struct xfer_args {
    uint64_t dest, accept, deadline, tag, word[8], cap;
};
uint64_t world_xfer_args(struct world *w, const struct xfer_args *a);
#define world_send(w, ...)                                                                                             \
    world_xfer_args(w, &(const struct xfer_args){ .accept = (uint64_t)XFER_NO_PARK, __VA_ARGS__ })
#define world_park(w, accept_, ...) world_xfer_args(w, &(const struct xfer_args){ .accept = (accept_), __VA_ARGS__ })

void world_yield(struct world *w);
void world_interrupt(struct world *w, uint32_t intid);
void world_fault(struct world *w, uint64_t esr, uint64_t far);

/** The timer interrupt, at the time it is programmed for. */
void world_timer(struct world *w);

/** Leave the kernel for whoever is to run, current (if any) being in its thread: how a test begins. */
void world_schedule(struct world *w);

/** Whether x19 to x30, SP and PC in @p area are those of entry @p stamp. */
bool world_kept(const struct save_area *area, uint64_t stamp);

/** Take the events of @p p as libos does.  @return how many bits were set; *@p last is one of them. */
unsigned world_events(const struct proc *p, uint64_t *last);

/** Every invariant that can be checked from outside: mdb_check, vnode_check and its converse, every occupied slot
 *  in the database once, D1 and D2 of dispatcher.h, R1 and R2 of ready.h, ASIDs (tests/unit/world_check.c). @return
 *  NULL, or what is wrong */
const char *world_wrong(struct world *w);
#define world_check(w, ...)                                                                                            \
    do {                                                                                                               \
        const char *wrong_ = world_wrong(w);                                                                           \
        test_count();                                                                                                  \
        if (wrong_) {                                                                                                  \
            test_fail(__FILE__, __LINE__, "%s", wrong_);                                                               \
            fprintf(stderr, "    " __VA_ARGS__);                                                                       \
            fputc('\n', stderr);                                                                                       \
        }                                                                                                              \
    } while (0)

#endif
