/** @file fault.c  The fault upcall.  Contracts in os/fault.h and internal.h. */
#include "internal.h"

#include <os/bug.h>
#include <os/err.h>
#include <os/lowlock.h>
#include <os/startup.h>

/* Set up by fault_start(): os_vspace() may not be called in an upcall before it has been once. */
static struct vspace *own;

/* Of the fault that is refused: who, why.  The thread runs into it once more, and then it is told. */
static struct {
    struct thread *thread;
    uint64_t address;
    err_t err;
} refused;

void fault_refused(struct thread *thread, err_t err)
{
    refused.thread = thread;
    refused.address = thread_fault_of(thread)->address;
    refused.err = err;
}

uint64_t fault_access(const struct thread_fault *fault)
{
    static const uint64_t right[] = { [FAULT_READ] = MAP_READ, [FAULT_WRITE] = MAP_WRITE, [FAULT_EXEC] = MAP_EXEC };

    return fault->cause < sizeof(right) / sizeof(right[0]) ? right[fault->cause] : 0;
}

/* A BRK that is the end of the process, not a mistake. */
static bool is_end(const struct thread_fault *fault)
{
    const uint64_t number = fault->syndrome & 0xffff;

    return fault->cause == FAULT_BREAKPOINT && (number == BRK_EXIT || number == BRK_START);
}

/* Nobody can help. */
static void tell(struct dispatcher_frame *frame, struct thread *t, enum vspace_fill fill, err_t err)
{
    static char reason[160];            /* until the process ends, or its handler has read it */
    struct thread_fault *const f = thread_fault_of(t);

    fault_reason(reason, sizeof(reason), t, f, fill, err);
    if (!exception_deliver(frame, f, reason)) {
        fault_end(f, reason, &frame->enabled);
    }
}

static void serve(struct dispatcher_frame *frame, struct thread *t, const struct thread_fault *f)
{
    err_t err = OK;

    if (refused.thread == t && refused.address == f->address) {
        refused.thread = NULL;
        tell(frame, t, FILL_ERROR, refused.err);
        return;
    }
    const uint64_t low = os_low_stack;
    os_low_stack = 0;                   /* this stack is mapped */
    const enum vspace_fill fill = vspace_fill(own, f->address, fault_access(f), false, &err);
    os_low_stack = low;
    switch (fill) {
    case FILL_DONE:
        if (__builtin_expect(vspace_fill_low(own), 0)) {
            pager_refill(frame);
        }
        break;
    case FILL_PRESENT:
        break;
    case FILL_LOW:
    case FILL_LOW_BLOCK:
    case FILL_PROMISE:
    case FILL_ERROR:
        pager_serve(frame);
    default:
        tell(frame, t, fill, err);
    }
}

static void on_fault(struct dispatcher_frame *frame, uint64_t cause, uint64_t address, uint64_t syndrome)
{
    struct thread *const t = thread_interrupted();
    struct thread_fault *const f = thread_fault_of(t);

    if (os_fault_shared(frame, cause)) {
        return;
    }
    f->cause = cause;
    f->address = address;
    f->syndrome = syndrome;
    if (fault_access(f) && os_low_none()) {
        serve(frame, t, f);
    } else if (is_end(f)) {
        frame->fault_entry = 0;         /* the same again, and this time it is the kernel's */
    } else {
        tell(frame, t, FILL_NONE, OK);
    }
}

void fault_start(void)
{
    struct dispatcher_frame *const frame = frame_self();

    own = os_vspace();
    frame->user[(DFU_FAULT_HANDLER - DF_USER) / 8] = (uint64_t)on_fault;
    frame->fault_entry = (uint64_t)os_fault_entry;
}
