/** @file cpu.c  See arch/cpu.h.  Source: Arm ARM D13 (registers), D7 (performance monitors). */
#include <arch/cpu.h>
#include <core/kcb.h>

#define READ(reg)         ({ uint64_t v_; __asm__ volatile("mrs %0, " #reg : "=r"(v_)); v_; })
#define WRITE(reg, value) __asm__ volatile("msr " #reg ", %0" :: "r"((uint64_t)(value)))

static unsigned field(uint64_t reg, unsigned low)
{
    return reg >> low & 15;
}

/** Cycle counter on, counting at EL0 and EL1; EL0 may read it and nothing else of the PMU. */
static void pmu_init(void)
{
    const unsigned version = field(READ(id_aa64dfr0_el1), 8);
    if (version == 0 || version == 15) {            /* none, or one of the maker's own kind */
        return;
    }
    WRITE(pmcr_el0, 1 | 1 << 1 | 1 << 2 | 1 << 6);  /* E; P, C: reset; LC: 64 bits */
    WRITE(pmintenclr_el1, 0xffffffff);
    WRITE(pmccfiltr_el0, 0);
    WRITE(pmcntenset_el0, 1u << 31);
    WRITE(pmuserenr_el0, 1 << 2);                   /* CR */
}

void cpu_init(struct kcb *k)
{
    WRITE(cpacr_el1, 0);                            /* FP/SIMD (and SVE, SME) trap at EL0 and EL1: switched lazily */
    WRITE(mdscr_el1, 1 << 12);                      /* no debug exceptions; TDCC: the debug channel is not EL0's */
    WRITE(tpidr_el0, 0);
    WRITE(tpidrro_el0, 0);
    pmu_init();
    k->asid_count = field(READ(id_aa64mmfr0_el1), 4) == 2 ? 65536 : 256;
    __asm__ volatile("isb" ::: "memory");
}

uint64_t cpu_affinity(void)
{
    return READ(mpidr_el1) & 0xff00ffffffull;
}

uint64_t cpu_physical_limit(void)
{
    static const uint8_t bits[] = { 32, 36, 40, 42, 44, 48 };   /* PARange; more than 48 needs larger descriptors */
    const unsigned range = READ(id_aa64mmfr0_el1) & 15;
    return 1ull << (range < sizeof(bits) ? bits[range] : 48);
}

_Noreturn void cpu_halt(void)
{
    for (;;) {
        __asm__ volatile("msr daifset, #0xf\n\twfi" ::: "memory");
    }
}
