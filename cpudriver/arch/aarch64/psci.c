/** @file psci.c  Calls into the firmware.  Sources: Arm DEN 0022 (PSCI), DEN 0028 (SMC calling convention). */
#include <plat/plat.h>

#define PSCI_NOT_SUPPORTED (-1)

/* x4 … x17 may be lost (SMCCC 1.0); what is held in x18 and above survives. */
#define LOST "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "memory"

int64_t psci_call(const struct plat *p, uint64_t fn, uint64_t a, uint64_t b, uint64_t c)
{
    register uint64_t x0 __asm__("x0") = fn;
    register uint64_t x1 __asm__("x1") = a;
    register uint64_t x2 __asm__("x2") = b;
    register uint64_t x3 __asm__("x3") = c;

    switch (p->psci) {
    case PSCI_HVC:
        __asm__ volatile("hvc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3) :: LOST);
        return (int64_t)x0;
    case PSCI_SMC:
        __asm__ volatile("smc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3) :: LOST);
        return (int64_t)x0;
    default:
        return PSCI_NOT_SUPPORTED;
    }
}
