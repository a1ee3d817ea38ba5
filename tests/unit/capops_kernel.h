/**
 * @file capops_kernel.h  Several cores' kernels in one process, each the CPU driver's own code over the fake architecture,
 * for tests of servers/init/capops.  In a file of its own because kernel and libos have functions of the same names.
 *
 * Each core has a KCB, an init with a CSpace, and private memory in which kernel objects can be made.  All cores know one
 * large memory in which nothing lies, for Frames: core 0 has RAM of it.
 */
#ifndef CAPOPS_KERNEL_H
#define CAPOPS_KERNEL_H

#include <shoal/cap.h>
#include <shoal/err.h>
#include <shoal/invoke.h>
#include <stdbool.h>
#include <stdint.h>

#define SIM_CORES  5u
#define SIM_PAGE   4096ull
#define SIM_UNIT   (2ull << 20)
#define SIM_UNITS  6u
#define SIM_IRQS   64u

/* Addresses in each init's CSpace */
#define SIM_KERNEL   CPTR(1, 1)
#define SIM_PRIVATE  CPTR(1, 2)         /**< RAM of its own, SIM_PRIVATE_BYTES                                        */
#define SIM_MEMORY   CPTR(1, 3)         /**< core 0: RAM, SIM_UNITS units                                             */
#define SIM_IRQTABLE CPTR(1, 4)         /**< core 0                                                                   */
#define SIM_ID       CPTR(1, 5)
#define SIM_DISP     CPTR(1, 6)
#define SIM_TABLE    CPTR(1, 7)         /**< a linked VNode_L3                                                        */
#define SIM_FREE     20u                /**< from CPTR(1, 20) on: empty                                               */
#define SIM_SLOTS    2u                 /**< L1 slots 2, 3: the monitor's                                             */
#define SIM_ARENA    4u                 /**< processes'                                                               */
#define SIM_INDEX    8u                 /**< by core: what it may signal                                              */

#define SIM_PRIVATE_BYTES (1ull << 20)

struct sim_cap {
    enum cap_type type;
    uint64_t line, base, bytes, rights, owner;
    bool foreign, watched, husk, lonely;
};

void sim_start(void);
void sim_core_start(unsigned core);     /**< as after power-on                                                        */

/** One invocation by init.  @return the error's root code; results in @p r */
uint64_t sim_call_args(unsigned core, cptr_t cap, uint64_t op, const uint64_t *a, uint64_t r[6]);
#define sim_call(core, cap, op, r, ...) sim_call_args(core, cap, op, &(const uint64_t[7]){ 0, __VA_ARGS__ }[1], r)

uint64_t sim_memory(void);              /**< address of the first unit                                                */
bool sim_slot(unsigned core, cptr_t slot, struct sim_cap *cap);                 /**< false: empty                     */
unsigned sim_caps(unsigned core, struct sim_cap *cap, unsigned most);           /**< all, in order                    */
bool sim_lonely(unsigned core);         /**< the monitor's Notify would be signalled                                  */
unsigned sim_sweeps(unsigned core);
const char *sim_wrong(unsigned core);   /**< NULL, or which invariant is broken                                       */
unsigned sim_irq_target(unsigned irq);

#endif
