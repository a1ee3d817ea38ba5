/** @file exception.c  Exception handlers of threads.  Contracts in os/fault.h and internal.h. */
#include "internal.h"

#include <os/err.h>
#include <os/lowlock.h>
#include <os/startup.h>

#define STACK_BYTES (16u * 1024)

/* At the top of the stack that the handler runs on, all of which is mapped. */
struct exception_handler {
    exception_fn fn;
    void *arg;
    uint64_t stack;                     /* lowest address */
    uint64_t low;                       /* of the thread's own stack (thread_set_stack_low) */
    bool active;
    struct exception e;
    uint64_t fp[66];
};

static void release(struct exception_handler *h)
{
    err_ignore(vspace_unreserve(os_vspace(), h->stack - SHOAL_PAGE_SIZE, STACK_BYTES + SHOAL_PAGE_SIZE));
    err_ignore(os_commit(-(int64_t)STACK_BYTES));       /* less is never refused */
}

static err_t make(struct exception_handler **made)
{
    uint64_t stack;

    TRY(os_commit(STACK_BYTES));
    const err_t err = vspace_lazy_stack(os_vspace(), STACK_BYTES, STACK_BYTES, STACK_BYTES, &stack);
    if (!err_ok(err)) {
        err_ignore(os_commit(-(int64_t)STACK_BYTES));
        return err;
    }
    struct exception_handler *const h = (struct exception_handler *)((stack + STACK_BYTES - sizeof(*h)) & ~15ull);
    *h = (struct exception_handler){ .stack = stack };
    *made = h;
    return OK;
}

err_t exception_set(exception_fn fn, void *arg)
{
    struct thread_fault *const f = thread_fault_of(thread_self());
    struct exception_handler *h = f->handler;

    os_exception_release = release;
    if (!fn) {
        f->handler = NULL;
        if (h) {
            release(h);
        }
        return OK;
    }
    if (!h) {
        const err_t err = make(&h);
        if (!err_ok(err)) {
            return err_wrap(err, E_EXCEPTION_STACK);
        }
    }
    h->fn = fn;
    h->arg = arg;
    f->handler = h;
    return OK;
}

bool exception_stack_guard(const struct thread_fault *fault, uint64_t address)
{
    const struct exception_handler *const h = fault->handler;

    return h && address < h->stack && address >= h->stack - SHOAL_PAGE_SIZE;
}

/* Be disabled, on the handler's stack: the thread goes on where it was, or elsewhere. */
_Noreturn static void go_on(struct exception_handler *h)
{
    struct dispatcher_frame *const frame = frame_self();

    h->active = false;
    thread_fp_load(h->fp);
    (void)thread_set_stack_low(h->low);
    frame->enabled = h->e.regs;
    sys_resume();
}

/* First and last function of the handler's stack. */
_Noreturn static void run(struct exception_handler *h)
{
    const enum exception_action action = h->fn(&h->e, h->arg);
    struct dispatcher_frame *const frame = frame_self();

    if (action == EXCEPTION_EXIT) {
        thread_exit(0);
    }
    h->e.regs.pc += action == EXCEPTION_SKIP ? 4 : 0;
    disable(frame);
    if (action == EXCEPTION_END) {
        const struct thread_fault fault = { .cause = h->e.cause, .address = h->e.address };
        thread_fp_load(h->fp);
        fault_end(&fault, h->e.reason, &h->e.regs);
    }
    go_on(h);
}

bool exception_deliver(struct dispatcher_frame *frame, struct thread_fault *fault, const char *reason)
{
    struct exception_handler *const h = fault->handler;

    if (!h || h->active || !os_low_none()) {
        return false;
    }
    h->active = true;
    h->e = (struct exception){ (enum fault_cause)fault->cause, fault->address, fault->syndrome, reason,
                               frame->enabled };
    thread_fp_save(h->fp);
    h->low = thread_set_stack_low(0);
    const uint64_t tpidr = frame->enabled.tpidr;
    frame->enabled = (struct save_area){ .x[0] = (uint64_t)h, .sp = (uint64_t)h, .pc = (uint64_t)run, .tpidr = tpidr };
    return true;
}
