/** @file timer.c  The virtual timer of each core.  Source: Arm ARM D11. */
#include <plat/plat.h>

#define CNTKCTL_EL0VCTEN 2      /* EL0 reads CNTVCT_EL0 and CNTFRQ_EL0; everything else of the timers is refused */

void timer_init(struct plat *p)
{
    uint64_t hz;
    timer_off();
    __asm__ volatile("msr cntkctl_el1, %0\n\tisb" :: "r"((uint64_t)CNTKCTL_EL0VCTEN));
    __asm__ volatile("mrs %0, cntfrq_el0" : "=r"(hz));
    p->timer_hz = hz;
    gic_unmask(p, p->timer_irq);
}
