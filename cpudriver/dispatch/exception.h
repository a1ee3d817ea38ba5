/**
 * @file exception.h  What the vectors (arch/aarch64/entry.S) call.  None of these returns unless it says so.
 */
#ifndef DISPATCH_EXCEPTION_H
#define DISPATCH_EXCEPTION_H

#include <core/kcb.h>
#include <shoal/err.h>

/** IRQ from EL0; current's registers lie in its save area. */
_Noreturn void exception_irq(struct kcb *k);

/** Synchronous exception from EL0 that is no system call; registers likewise. */
_Noreturn void exception_fault(struct kcb *k, uint64_t esr, uint64_t far);

/** SVC_INVOKE, arguments in kcb->arg.  Returns x0; results in kcb->ret. */
err_t invoke(struct kcb *k);

/** SVC_YIELD */
_Noreturn void sys_yield(struct kcb *k);

/** SVC_DEBUG.  Returns x0; x1 in kcb->ret[0]. */
err_t sys_debug(struct kcb *k, uint64_t op, uint64_t arg);

#endif
