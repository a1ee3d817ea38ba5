/**
 * @file gicv3.c  GICv3 with affinity routing; all interrupts in non-secure group 1, one priority.
 * Source: Arm IHI 0069.  The distributor is shared by all cores: after boot only its write-one registers are written,
 * but for the trigger (boot core only).  Nothing written is verified by reading back: with firmware on the secure side, the
 * group registers read as zero.
 */
#include <arch/cpu.h>
#include <core/attr.h>
#include <core/panic.h>
#include <plat/plat.h>

#define GICD_CTLR       0x0000
#define GICD_TYPER      0x0004
#define GICD_IGROUPR    0x0080
#define GICD_ISENABLER  0x0100
#define GICD_ICENABLER  0x0180
#define GICD_ICPENDR    0x0280
#define GICD_ICACTIVER  0x0380
#define GICD_IPRIORITYR 0x0400
#define GICD_ICFGR      0x0c00
#define GICD_IROUTER    0x6000

#define GICD_CTLR_GROUP1 (1u << 1)      /* EnableGrp1A in the non-secure view, EnableGrp1 with one security state */
#define GICD_CTLR_ARE    (1u << 4)
#define GICD_CTLR_RWP    (1u << 31)

#define GICR_CTLR      0x0000
#define GICR_TYPER     0x0008
#define GICR_WAKER     0x0014
#define GICR_SGI_FRAME 0x10000          /* registers of INTIDs 0 to 31, at the offsets of the distributor's */
#define GICR_CTLR_RWP  (1u << 3)
#define GICR_TYPER_VLPIS (1u << 1)      /* GICv4: four frames for each core instead of two */
#define GICR_TYPER_LAST  (1u << 4)
#define GICR_WAKER_SLEEP  (1u << 1)
#define GICR_WAKER_ASLEEP (1u << 2)

#define PRIVATE_IRQS 32
#define SPECIAL_IRQS 1020               /* 1020 to 1023 are no interrupts */
#define PRIORITY     0xa0a0a0a0u        /* four interrupts; any value that the mask below lets through */
#define PRIORITY_MASK 0xf0
#define POLLS_MAX    1000000            /* register writes take effect within microseconds */

static volatile uint32_t *reg32(uint64_t base, uint64_t offset)
{
    return (volatile uint32_t *)(base + offset);
}

static volatile uint64_t *reg64(uint64_t base, uint64_t offset)
{
    return (volatile uint64_t *)(base + offset);
}

__attribute__((noinline)) static void poll_clear(uint64_t base, unsigned offset, uint32_t bits)
{
    for (unsigned i = 0; *reg32(base, offset) & bits; i++) {
        if (i == POLLS_MAX) {
            panic("gic: register %x at %lx never settles", offset, base);
        }
    }
}

static inline void wait_clear(uint64_t base, unsigned offset, uint32_t bits)
{
    if (*reg32(base, offset) & bits) {      /* rarely: it has settled by the time it is read */
        poll_clear(base, offset, bits);
    }
}

/** The registers of @p intid: the distributor's, or this core's redistributor's. */
static inline uint64_t frame_of(const struct plat *p, uint32_t intid)
{
    return intid < PRIVATE_IRQS ? p->gicr_va + GICR_SGI_FRAME : p->gicd_va;
}

static inline void wait_for_writes(const struct plat *p, uint32_t intid)
{
    if (intid < PRIVATE_IRQS) {
        wait_clear(p->gicr_va, GICR_CTLR, GICR_CTLR_RWP);
    } else {
        wait_clear(p->gicd_va, GICD_CTLR, GICD_CTLR_RWP);
    }
}

/** INTIDs @p first … + 31: disabled, neither pending nor active, group 1, one priority. */
RARE static void init_32(uint64_t frame, uint32_t first)
{
    *reg32(frame, GICD_ICENABLER + first / 8) = ~0u;
    *reg32(frame, GICD_IGROUPR + first / 8) = ~0u;
    *reg32(frame, GICD_ICPENDR + first / 8) = ~0u;
    *reg32(frame, GICD_ICACTIVER + first / 8) = ~0u;
    for (uint32_t i = first; i < first + 32; i += 4) {
        *reg32(frame, GICD_IPRIORITYR + i) = PRIORITY;
    }
}

RARE void gic_init_distributor(struct plat *p)
{
    const uint64_t d = p->gicd_va;
    *reg32(d, GICD_CTLR) = *reg32(d, GICD_CTLR) & GICD_CTLR_ARE;   /* once set it must not be cleared */
    wait_clear(d, GICD_CTLR, GICD_CTLR_RWP);
    *reg32(d, GICD_CTLR) = GICD_CTLR_ARE;           /* must not change together with an enabled group */
    wait_clear(d, GICD_CTLR, GICD_CTLR_RWP);

    const uint32_t lines = 32 * ((*reg32(d, GICD_TYPER) & 31) + 1);
    p->irq_count = lines < SPECIAL_IRQS ? lines : SPECIAL_IRQS;
    for (uint32_t i = PRIVATE_IRQS; i < p->irq_count; i += 32) {
        init_32(d, i);
    }
    for (uint32_t i = PRIVATE_IRQS; i < p->irq_count; i++) {
        *reg64(d, GICD_IROUTER + 8ull * i) = cpu_affinity();
    }
    wait_clear(d, GICD_CTLR, GICD_CTLR_RWP);
    *reg32(d, GICD_CTLR) = GICD_CTLR_ARE | GICD_CTLR_GROUP1;
    wait_clear(d, GICD_CTLR, GICD_CTLR_RWP);
}

/** This core's redistributor; 0: there is none in the region. */
RARE static uint64_t find_redistributor(const struct plat *p)
{
    const uint64_t affinity = cpu_affinity();
    const uint32_t want = (uint32_t)(affinity >> 32 << 24 | (affinity & 0xffffff));
    for (uint64_t at = 0; at < p->gicr_bytes;) {
        const uint64_t type = *reg64(p->gicr_all_va + at, GICR_TYPER);
        const uint64_t frames = type & GICR_TYPER_VLPIS ? 0x40000 : 0x20000;
        if (type >> 32 == want) {
            return p->gicr_all_va + at;
        }
        if (type & GICR_TYPER_LAST) {
            break;
        }
        at += p->gicr_stride > frames ? p->gicr_stride : frames;
    }
    return 0;
}

RARE const char *gic_init_core(struct plat *p)
{
    uint64_t sre;
    p->gicr_va = find_redistributor(p);
    if (!p->gicr_va) {
        return "the interrupt controller has no redistributor for this core";
    }
    *reg32(p->gicr_va, GICR_WAKER) &= ~GICR_WAKER_SLEEP;
    wait_clear(p->gicr_va, GICR_WAKER, GICR_WAKER_ASLEEP);
    init_32(p->gicr_va + GICR_SGI_FRAME, 0);
    wait_for_writes(p, 0);

    __asm__ volatile("mrs %0, s3_0_c12_c12_5" : "=r"(sre));                     /* ICC_SRE_EL1 */
    __asm__ volatile("msr s3_0_c12_c12_5, %0\n\tisb" :: "r"(sre | 1));
    __asm__ volatile("mrs %0, s3_0_c12_c12_5" : "=r"(sre));
    if (!(sre & 1)) {
        return "the firmware keeps the interrupt controller's system registers to itself";
    }
    __asm__ volatile("msr s3_0_c12_c12_4, %0" :: "r"(0ull));                    /* ICC_CTLR_EL1: end drops and deactivates */
    __asm__ volatile("msr s3_0_c12_c12_3, %0" :: "r"(0ull));                    /* ICC_BPR1_EL1 */
    __asm__ volatile("msr s3_0_c4_c6_0, %0" :: "r"((uint64_t)PRIORITY_MASK));   /* ICC_PMR_EL1 */
    __asm__ volatile("msr s3_0_c12_c12_7, %0\n\tisb" :: "r"(1ull));             /* ICC_IGRPEN1_EL1 */
    return NULL;
}

void gic_mask(const struct plat *p, uint32_t intid)
{
    *reg32(frame_of(p, intid), GICD_ICENABLER + intid / 32 * 4) = 1u << intid % 32;
    wait_for_writes(p, intid);
}

void gic_unmask(const struct plat *p, uint32_t intid)
{
    *reg32(frame_of(p, intid), GICD_ISENABLER + intid / 32 * 4) = 1u << intid % 32;
}

void gic_signal_core(uint64_t affinity)
{
    const uint64_t aff0 = affinity & 0xff, aff1 = affinity >> 8 & 0xff, aff2 = affinity >> 16 & 0xff;
    const uint64_t aff3 = affinity >> 32 & 0xff;
    const uint64_t value = aff3 << 48 | (aff0 >> 4) << 44 | aff2 << 32 | (uint64_t)GIC_DOORBELL << 24 | aff1 << 16 |
                           1ull << (aff0 & 15);
    __asm__ volatile("dsb ishst\n\tmsr s3_0_c12_c11_5, %0\n\tisb" :: "r"(value) : "memory");    /* ICC_SGI1R_EL1 */
}

RARE void gic_leave_core(void)
{
    __asm__ volatile("msr s3_0_c12_c12_7, %0\n\tisb" :: "r"(0ull));                               /* ICC_IGRPEN1_EL1 */
}

RARE void gic_set_trigger(const struct plat *p, uint32_t intid, bool edge)
{
    const uint64_t frame = frame_of(p, intid);
    const uint32_t bit = 2u << intid % 16 * 2;
    const uint32_t enabled = *reg32(frame, GICD_ISENABLER + intid / 32 * 4) & 1u << intid % 32;
    gic_mask(p, intid);                             /* changing the trigger of an enabled line is unpredictable */
    volatile uint32_t *config = reg32(frame, GICD_ICFGR + intid / 16 * 4);
    *config = edge ? *config | bit : *config & ~bit;
    if (enabled) {
        gic_unmask(p, intid);
    }
}

RARE void gic_set_target(const struct plat *p, uint32_t intid, uint64_t affinity)
{
    const uint32_t enabled = *reg32(p->gicd_va, GICD_ISENABLER + intid / 32 * 4) & 1u << intid % 32;
    gic_mask(p, intid);                             /* so that it is not on its way to the old one when this returns */
    *reg64(p->gicd_va, GICD_IROUTER + 8ull * intid) = affinity;
    if (enabled) {
        gic_unmask(p, intid);
    }
}
