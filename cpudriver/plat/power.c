/** @file power.c  Cores on and off, and the end of the machine.  Source: Arm DEN 0022 (PSCI). */
#include <arch/cpu.h>
#include <arch/semihost.h>
#include <core/print.h>
#include <plat/plat.h>

#define PSCI_CPU_OFF       0x84000002
#define PSCI_CPU_ON        0xc4000003
#define PSCI_AFFINITY_INFO 0xc4000004
#define PSCI_SYSTEM_OFF    0x84000008
#define PSCI_SYSTEM_RESET  0x84000009

_Noreturn void plat_power_off(struct plat *p, unsigned status)
{
    p->console_given = false;           /* its driver runs no more */
    kprintf("shoal: exit status %u\n", status);
    if (p->semihosting) {
        p->semihosting = false;         /* if nobody listens after all, the exception ends here again: not twice */
        semihost_exit(status);
    }
    psci_call(p, PSCI_SYSTEM_OFF, 0, 0, 0);
    kprintf("shoal: the firmware does not switch off\n");
    cpu_halt();
}

int64_t plat_core_on(const struct plat *p, uint64_t affinity, uint64_t entry, uint64_t context)
{
    return psci_call(p, PSCI_CPU_ON, affinity, entry, context);
}

int64_t plat_core_state(const struct plat *p, uint64_t affinity)
{
    return psci_call(p, PSCI_AFFINITY_INFO, affinity, 0, 0);
}

_Noreturn void plat_core_off(struct plat *p)
{
    timer_off();
    gic_leave_core();
    psci_call(p, PSCI_CPU_OFF, 0, 0, 0);
    p->console_given = false;
    kprintf("shoal: the firmware does not switch this core off\n");
    cpu_halt();
}

_Noreturn void plat_reset(struct plat *p)
{
    psci_call(p, PSCI_SYSTEM_RESET, 0, 0, 0);
    p->console_given = false;
    kprintf("shoal: the firmware does not reset\n");
    cpu_halt();
}
