/** @file cpu.h  What the CPU driver asks of the processor itself, beside page tables and devices. */
#ifndef ARCH_CPU_H
#define ARCH_CPU_H

#include <stdint.h>

struct kcb;

/** Set this core's control registers that start.S left alone: FP/SIMD trapped, debug off, cycle counter running and
 *  readable at EL0, no other EL0 access to timers or PMU.  Fills in @p k's asid_count.  Once per core, MMU on. */
void cpu_init(struct kcb *k);

/** Affinity of this core as PSCI and the device tree write it: MPIDR_EL1 Aff3 (39:32), Aff2, Aff1, Aff0. */
uint64_t cpu_affinity(void);

/** Physical addresses this processor can issue are below this: 2^32 to 2^48. */
uint64_t cpu_physical_limit(void);

/** Never to run again, with little power used.  Interrupts stay masked. */
_Noreturn void cpu_halt(void);

#endif
