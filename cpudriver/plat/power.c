/** @file power.c  The end of the machine.  Source: Arm DEN 0022 (PSCI). */
#include <arch/cpu.h>
#include <arch/semihost.h>
#include <core/print.h>
#include <plat/plat.h>

#define PSCI_SYSTEM_OFF   0x84000008
#define PSCI_SYSTEM_RESET 0x84000009

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

_Noreturn void plat_reset(struct plat *p)
{
    psci_call(p, PSCI_SYSTEM_RESET, 0, 0, 0);
    p->console_given = false;
    kprintf("shoal: the firmware does not reset\n");
    cpu_halt();
}
