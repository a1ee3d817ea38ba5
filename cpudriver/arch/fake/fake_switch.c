/** @file fake_switch.c  Fake architecture: the ways out of the kernel.  Host tests only. */
#include <arch/switch.h>
#include <string.h>

struct fake_left fake_left;
struct fake_cpu fake_cpu;
jmp_buf fake_exit;

_Noreturn static void leave(enum fake_how how)
{
    fake_left.how = how;
    longjmp(fake_exit, 1);
}

_Noreturn void leave_upcall(struct dispatcher_frame *frame)
{
    frame->disabled = 1;
    fake_left.frame = frame;
    fake_left.pending = frame->pending;
    leave(LEFT_UPCALL);
}

_Noreturn void leave_fault_upcall(struct dispatcher_frame *frame, uint64_t cause, uint64_t address, uint64_t syndrome)
{
    frame->disabled = 1;
    fake_left.frame = frame;
    fake_left.cause = cause;
    fake_left.address = address;
    fake_left.syndrome = syndrome;
    leave(LEFT_FAULT_UPCALL);
}

_Noreturn void leave_restore(const struct save_area *area)
{
    fake_left.area = area;
    leave(LEFT_RESTORE);
}

_Noreturn void leave_message(struct dispatcher_frame *frame, uint64_t event, uint64_t badge, uint64_t tag,
                             const uint64_t *words)
{
    fake_left.frame = frame;
    fake_left.event = event;
    fake_left.badge = badge;
    fake_left.tag = tag;
    memcpy(fake_left.word, words, sizeof fake_left.word);
    leave(LEFT_MESSAGE);
}

static void save_kept(const struct kcb *k, struct save_area *area)
{
    memcpy(&area->x[19], k->saved, 12 * sizeof k->saved[0]);
    area->sp = k->saved[12];
    area->pc = k->saved[13];
    area->tpidr = fake_cpu.tpidr;
}

void arch_save_parked(struct kcb *k, struct dispatcher_frame *frame)
{
    save_kept(k, &frame->enabled);
}

void arch_save_syscall(struct kcb *k, struct save_area *area, uint64_t status)
{
    memset(area->x, 0, sizeof area->x);
    area->x[0] = status;
    memcpy(&area->x[1], k->ret, sizeof k->ret);
    area->pstate = 0;
    save_kept(k, area);
}

void arch_wait_for_interrupt(void)
{
    fake_cpu.waits++;
    if (fake_irq != FAKE_NO_IRQ) {
        return;
    }
    if (!fake_timer) {
        leave(LEFT_IDLE);
    }
    if (fake_now < fake_timer) {
        fake_now = fake_timer;
    }
    fake_irq = kcb_get()->plat.timer_irq;
}

_Noreturn void plat_power_off(struct plat *p, unsigned status)
{
    (void)p;
    fake_left.status = status;
    leave(LEFT_POWER_OFF);
}

_Noreturn void plat_reset(struct plat *p)
{
    (void)p;
    fake_left.status = UINT64_MAX;
    leave(LEFT_POWER_OFF);
}

_Noreturn void plat_core_off(struct plat *p)
{
    (void)p;
    leave(LEFT_CORE_OFF);
}
