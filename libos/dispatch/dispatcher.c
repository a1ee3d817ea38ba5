/** @file dispatcher.c  Events and waiting of a program with one thread; contracts in os/dispatcher.h. */
#include <os/dispatcher.h>
#include <os/string.h>

/* what the assembly files know */
_Static_assert(offsetof(struct xfer, accept) == 8 && offsetof(struct xfer, deadline) == 16 &&
               offsetof(struct xfer, tag) == 24 && offsetof(struct xfer, word) == 32 &&
               offsetof(struct xfer, cap) == 96 && offsetof(struct xfer, event) == 104 &&
               offsetof(struct xfer, badge) == 112, "arch/aarch64/syscall.S");

void frame_init(struct dispatcher_frame *frame, uint64_t entry, uint64_t arg, uint64_t stack_top,
                uint64_t upcall_stack_top)
{
    memset(frame, 0, SHOAL_PAGE_SIZE);
    frame->run_entry = (uint64_t)os_run_entry;
    frame->user[0] = upcall_stack_top;
    frame->enabled.x[0] = arg;
    frame->enabled.sp = stack_top;
    frame->enabled.pc = entry;
}

bool event_take(struct dispatcher_frame *frame, uint64_t id)
{
    const uint64_t bit = 1ull << id % 64;
    uint64_t *word = &frame->events[id / 64];

    if (!(*(volatile uint64_t *)word & bit)) {
        return false;
    }
    /* An interrupt may post another bit of this word between load and store; the exclusive pair notices.  The summary
     * keeps its bit: it only says where to look. */
    __atomic_fetch_and(word, ~bit, __ATOMIC_RELAXED);
    return true;
}

bool event_wait(uint64_t id, uint64_t deadline)
{
    struct dispatcher_frame *frame = frame_self();

    for (;;) {
        disable(frame);
        const bool there = event_take(frame, id);
        if (there || (deadline != (uint64_t)XFER_NO_DEADLINE && time_now() >= deadline)) {
            enable(frame);
            return there;
        }
        /* Posted since the look: pending is set, and the kernel does not sleep. */
        struct xfer x = { .accept = EVENT_NONE, .deadline = deadline };
        if (err_root(sys_xfer(&x)) != E_WOKEN) {
            enable(frame);
        }
    }
}
