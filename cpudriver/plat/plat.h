/**
 * @file plat.h  The devices the CPU driver itself uses: console, interrupt controller, timer, PSCI.
 * Their addresses and state live in the KCB (struct plat); nothing here is global.
 */
#ifndef PLAT_PLAT_H
#define PLAT_PLAT_H

#include <core/devtree.h>
#include <stdbool.h>
#include <stdint.h>

struct plat {
    enum console_kind console_kind;
    uint64_t console_va;        /**< 0: none                                                                          */
    uint64_t console_pa, console_bytes;
    bool console_given;         /**< a driver has the device: only a panic prints                                     */
    uint64_t gicd_va;
    uint64_t gicr_all_va, gicr_bytes, gicr_stride;   /**< all redistributors, as in struct machine                    */
    uint64_t gicr_va;           /**< this core's redistributor, found by affinity                                     */
    uint32_t irq_count;         /**< INTIDs 0 … irq_count - 1 exist                                                   */
    uint32_t timer_irq;
    uint64_t timer_hz;
    enum psci_conduit psci;
    bool semihosting;           /**< as in struct machine                                                             */
};

/* console.c: polled output.  Works with MMU off too, if console_va is then a physical address.  A device that never
 * becomes ready costs a bounded time for each byte, and the byte is written all the same. */
void console_putc(const struct plat *p, char c);

#define GIC_DOORBELL 0u     /* the software-generated interrupt by which kernels call each other */

/* gicv3.c.  Distributor once, on the boot core; CPU interface and redistributor on each core.
 * Sources: Arm IHI 0069, GICv3 architecture specification. */
void gic_init_distributor(struct plat *p);
const char *gic_init_core(struct plat *p);             /**< NULL, or why this core has no interrupts                  */
static inline uint32_t gic_acknowledge(void);          /**< INTID, 1020..1023: none.  ICC_IAR1_EL1                    */
static inline void gic_end(uint32_t intid);            /**< ICC_EOIR1_EL1: priority drop and deactivate               */
void gic_mask(const struct plat *p, uint32_t intid);   /**< write-one register only; completes before it returns (RWP) */
void gic_unmask(const struct plat *p, uint32_t intid);
void gic_signal_core(uint64_t affinity);               /**< GIC_DOORBELL to that core; what was stored before is visible to
                                                            it then (DSB ISHST first)                                 */
void gic_leave_core(void);                             /**< no interrupt reaches this core any more                   */
void gic_set_trigger(const struct plat *p, uint32_t intid, bool edge);  /**< boot core only; line masked meanwhile   */
void gic_set_target(const struct plat *p, uint32_t intid, uint64_t affinity);       /**< the same; not of INTIDs below 32 */

/* timer.c: virtual timer (CNTV), absolute compare.  Source: Arm ARM D11. */
void timer_init(struct plat *p);                       /**< off, EL0 may read the counter; PPI unmasked               */
static inline uint64_t timer_now(void);                /**< CNTVCT_EL0 (ISB before it is the caller's)                */
static inline void timer_set(uint64_t when);           /**< raise the PPI when CNTVCT reaches @p when                 */
static inline void timer_off(void);

/** Firmware call by the machine's conduit (arch/…/psci.c).  @return the function's result; -1: no conduit.
 * Source: Arm DEN 0022. */
int64_t psci_call(const struct plat *p, uint64_t fn, uint64_t a, uint64_t b, uint64_t c);

/* power.c */
/** Print "shoal: exit status N" on the console (also one that a driver has), report the status through semihosting
 *  where the machine offers it, then PSCI SYSTEM_OFF; where that fails, this core stops. */
_Noreturn void plat_power_off(struct plat *p, unsigned status);
#define PLAT_DONE 0
/** Start the core with this affinity at @p entry, a physical address, with @p context in x0.  @return PLAT_DONE, else refused */
int64_t plat_core_on(const struct plat *p, uint64_t affinity, uint64_t entry, uint64_t context);
/** @return enum core_state of the core with this affinity; below 0: refused */
int64_t plat_core_state(const struct plat *p, uint64_t affinity);
_Noreturn void plat_core_off(struct plat *p);          /**< this core only; stops if the firmware refuses             */
_Noreturn void plat_reset(struct plat *p);

#include <arch/plat_inline.h>   /* the static inline ones above */

#endif
