#include <dispatch/exception.h>

#include <cap/vnode.h>
#include <core/panic.h>
#include <dispatch/dispatcher.h>
#include <dispatch/irq.h>
#include <dispatch/sched.h>
#include <shoal/syscall.h>

/* Where the vectors have put current's registers.  They looked at the same word; if somebody changes it in between, they
 * and we disagree about registers of that process only. */
static struct save_area *saved_area(struct dcb *d)
{
    d->resume = d->frame->disabled ? RESUME_DISABLED : RESUME_ENABLED;
    return d->resume == RESUME_DISABLED ? &d->frame->disabled_area : &d->frame->enabled;
}

_Noreturn void exception_irq(struct kcb *k)
{
    saved_area(k->current);
    irq_handle(k);
    sched_leave(k);
}

/* Exception classes of ESR_EL1 (Arm ARM D13.2.36) that EL0 can cause. */
enum {
    EC_FP_TRAP = 0x07,
    EC_INSTRUCTION_ABORT = 0x20,
    EC_PC_ALIGNMENT = 0x22,
    EC_DATA_ABORT = 0x24,
    EC_SP_ALIGNMENT = 0x26,
    EC_SOFTWARE_STEP = 0x32,
    EC_SERROR = 0x2f,
    EC_BRK = 0x3c,
};

static uint64_t abort_cause(uint64_t esr, enum fault_cause cause)
{
    const uint64_t status = esr & 0x3f;     /* DFSC, IFSC */
    if (status == 0x10 || (status >= 0x14 && status <= 0x1f)) {
        return FAULT_ABORT;
    }
    return status == 0x21 ? FAULT_ALIGN : cause;
}

static uint64_t fault_cause(uint64_t esr)
{
    switch (esr >> 26 & 63) {
    case EC_INSTRUCTION_ABORT:
        return abort_cause(esr, FAULT_EXEC);
    case EC_DATA_ABORT: {
        /* Cache maintenance (CM) counts as a read whatever WnR says. */
        const bool write = esr & 1 << 6 && !(esr & 1 << 8);
        return abort_cause(esr, write ? FAULT_WRITE : FAULT_READ);
    }
    case EC_PC_ALIGNMENT:
    case EC_SP_ALIGNMENT:
        return FAULT_ALIGN;
    case EC_SERROR:
        return FAULT_ABORT;
    case EC_BRK:
        return FAULT_BREAKPOINT;
    case 0x00:
    case 0x01:
    case 0x0e:
    case 0x18:
        return FAULT_ILLEGAL;
    default:
        return FAULT_OTHER;
    }
}

/* FAR_EL1 was written by this exception.  Not so for a misaligned SP, and an external abort may say so (FnV): then it holds
 * what an earlier fault, perhaps of another process, left there. */
static bool has_address(uint64_t esr, uint64_t cause)
{
    const uint64_t class = esr >> 26 & 63;
    if (class == EC_SP_ALIGNMENT || class == EC_SERROR || (cause == FAULT_ABORT && esr & 1 << 10)) {
        return false;
    }
    return cause == FAULT_READ || cause == FAULT_WRITE || cause == FAULT_EXEC || cause == FAULT_ALIGN ||
           cause == FAULT_ABORT;
}

_Noreturn void exception_fault(struct kcb *k, uint64_t esr, uint64_t far)
{
    struct dcb *const d = k->current;
    struct save_area *const area = saved_area(d);

    if ((esr >> 26 & 63) == EC_FP_TRAP) {
        arch_fp_trap(false);
        arch_fp_switch(k->fp_owner, d);
        k->fp_owner = d;
        leave_restore(area);
    }
    const uint64_t cause = fault_cause(esr), address = has_address(esr, cause) ? far : area->pc;
    if (d->resume == RESUME_ENABLED && d->frame->fault_entry) {
        leave_fault_upcall(d->frame, cause, address, esr);
    }
    dispatcher_fault(k, d, cause, address, esr, area);
    sched_leave(k);
}

_Noreturn void sys_yield(struct kcb *k)
{
    k->resched |= RESCHED_YIELD;
    syscall_leave(k, OK);
}

#ifdef SHOAL_DEBUG
static void check_invariants(struct kcb *k)
{
    const struct cte *at = NULL;
    const char *wrong = mdb_check(&k->mdb, &at);
    if (!wrong) {
        wrong = vnode_check(&k->mdb, &at);
    }
    if (wrong) {
        panic("invariant: %s (slot %p type %u base 0x%lx bytes 0x%lx)", wrong, (const void *)at, at ? at->type : 0,
              at ? at->base : 0, at ? at->bytes : 0);
    }
    if (k->canary != KCB_CANARY) {
        panic("the kernel stack has grown into its canary");
    }
}

err_t sys_debug(struct kcb *k, uint64_t op, uint64_t arg)
{
    (void)arg;
    switch (op) {
    case DEBUG_CHECK:
        check_invariants(k);
        return OK;
    case DEBUG_CAPS:
        k->ret[0] = k->mdb.count;
        return OK;
    default:
        return ERR(E_ARG);
    }
}
#else
err_t sys_debug(struct kcb *k, uint64_t op, uint64_t arg)
{
    (void)k, (void)op, (void)arg;
    return ERR(E_SYSCALL);
}
#endif
