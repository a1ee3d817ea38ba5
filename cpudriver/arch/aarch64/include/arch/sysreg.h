/** @file sysreg.h  What start.S writes into system registers.  Source: Arm ARM D13. */
#ifndef ARCH_SYSREG_H
#define ARCH_SYSREG_H

/* LINEAR_BASE and DEVICE_BASE of arch/mem.h for assembly; mmu.c asserts that they agree. */
#define ASM_LINEAR_BASE 0xffff000000000000
#define ASM_DEVICE_BASE 0xffff800000000000

#define HCR_EL2_RW             0x80000000       /* EL1 is AArch64; nothing trapped, no second stage, no E2H */
#define HCR_EL2_APK_API        0x30000000000    /* bits 40, 41 */
#define CNTHCTL_EL2_EL1        3                /* EL1PCTEN, EL1PCEN */
#define CPTR_EL2_NO_TRAPS      0x33ff           /* RES1 bits; SVE and SME are refused by CPACR_EL1 before this counts */
#define SPSR_EL1H_MASKED       0x3c5
#define ICC_SRE_EL2_SRE        1
#define ICC_SRE_EL2_ENABLE     8                /* EL1 may set its own */

#define ICC_SRE_EL2 s3_4_c12_c9_5
#define ICH_HCR_EL2 s3_4_c12_c11_0

/* Attr0 write-back, Attr1 non-cacheable, Attr2 Device-nGnRE, Attr3 Device-nGnRnE: the indices of arch/pte.h. */
#define MAIR_VALUE 0x000444ff

/* 48-bit addresses in both halves, 4 KiB granule, tables walked write-back inner shareable, ASID from TTBR0.
 * T0SZ, T1SZ 16; IRGN, ORGN 1; SH 3; TG0 0, TG1 2.  IPS and AS are added at run time. */
#define TCR_VALUE (16 | 1 << 8 | 1 << 10 | 3 << 12 | 16 << 16 | 1 << 24 | 1 << 26 | 3 << 28 | 2 << 30)

/* Bits 29, 28, 23 (SPAN), 22, 20, 11: one where the extension that defines them is missing, and wanted as one where it
 * is there, but for SPAN. */
#define SCTLR_EL1_RES1 0x30d00800
#define SCTLR_EL1_SPAN (1 << 23)
/* M, C, SA, SA0, I; for EL0: DZE, UCT, UCI (cache maintenance by address and its line size), nTWI, nTWE (WFI and WFE
 * are harmless: an interrupt ends both).  A is off: user code makes unaligned accesses.  WXN is off: W^X is upheld where
 * entries are made (ktables, the Map operation); WXN would silently repair a mistake there that tests should find. */
#define SCTLR_EL1_ON                                                                                                   \
    (SCTLR_EL1_RES1 | 1 << 0 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 12 | 1 << 14 | 1 << 15 | 1 << 16 | 1 << 18 | 1 << 26)

#endif
