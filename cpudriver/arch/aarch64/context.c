/* Registers of a system call into save areas, and the numbers that assembly has to repeat. */
#include <arch/switch.h>
#include <shoal/invoke.h>
#include <shoal/syscall.h>

_Static_assert(CAP_L2CNODE == 6 && CAP_ENDPOINT == 12, "fastpath.S");
_Static_assert(RIGHT_WRITE << 8 == 0x200 && CTE_RECV == 1, "fastpath.S");
_Static_assert(DISP_READY == 1 && DISP_PARKED == 2 && XFER_ANY == -2 && E_SYSCALL == 1, "fastpath.S, entry.S");
_Static_assert(offsetof(struct ring_control, consumed) == 0 && LINEAR_BASE == 0xffff000000000000, "fastpath.S");

static uint64_t read_tpidr(void)
{
    uint64_t v;
    __asm__ volatile("mrs %0, tpidr_el0" : "=r"(v));
    return v;
}

static void save_kept(const struct kcb *k, struct save_area *area)
{
    for (unsigned i = 0; i < 12; i++) {
        area->x[19 + i] = k->saved[i];
    }
    area->sp = k->saved[12];
    area->pc = k->saved[13];
    area->tpidr = read_tpidr();
}

void arch_save_parked(struct kcb *k, struct dispatcher_frame *frame)
{
    save_kept(k, &frame->enabled);
}

void arch_save_syscall(struct kcb *k, struct save_area *area, uint64_t status)
{
    area->x[0] = status;
    for (unsigned i = 0; i < 6; i++) {
        area->x[1 + i] = k->ret[i];
    }
    for (unsigned i = 7; i < 19; i++) {
        area->x[i] = 0;
    }
    area->pstate = 0;
    save_kept(k, area);
}
