/**
 * @file direct_cpu.h  What direct calls (os/direct.h) need of the processor and the scheduler, in line; a test on the
 * build machine has another one.
 */
#ifndef OS_DIRECT_CPU_H
#define OS_DIRECT_CPU_H

#include <os/event.h>
#include <os/thread.h>

/** Take the events lock (os/waiting.h).  Until it is released only DIRECT_STACK bytes below the caller's frame may be
 *  written to: stacks may be lazy. */
#define DIRECT_STACK 256
static inline struct dispatcher_frame *direct_enter(void)
{
    struct dispatcher_frame *const frame = frame_self();

    __asm__ volatile("ldur xzr, [sp, #-%0]" : : "i"(DIRECT_STACK) : "memory");
    *(volatile uint64_t *)&frame->disabled = (uint64_t)frame;       /* any number but 0, and this one is at hand */
    __asm__ volatile("" : : : "memory");
    return frame;
}

static inline struct dispatcher_frame *direct_self(void)
{
    return frame_self();
}

/** The same for a caller that has been in before, in the same frame. */
static inline void direct_enter_again(struct dispatcher_frame *frame)
{
    *(volatile uint64_t *)&frame->disabled = (uint64_t)frame;
    __asm__ volatile("" : : : "memory");
}

/** direct_enter() for whoever makes calls meanwhile. */
static inline struct dispatcher_frame *direct_enter_deep(void)
{
    return thread_disable_inline();
}

/** Release it, having been alone and having woken nobody since; else events_leave(). */
static inline void direct_leave(struct dispatcher_frame *frame)
{
    thread_enable_alone(frame);
}

/** Events lock held.  Can no other thread run? */
static inline bool direct_alone(void)
{
    return thread_alone_inline();
}

/** Events lock held, and alone.  sys_xfer_words(); E_WOKEN: it is not held any more. */
static inline struct xfer_came direct_xfer(cptr_t dest, uint64_t accept, uint64_t tag, uint64_t word[XFER_WORDS])
{
    return sys_xfer_words(dest, accept, tag, word);
}

/** Who is called for event @p id, or NULL. */
static inline struct event_handler *direct_handler(uint64_t id)
{
    return event_handler_of(id);
}

/** Events lock held.  Will a park end by @p when? */
static inline bool direct_wakes_by(uint64_t when)
{
    return thread_wakes_by(when);
}

/** Keep @p value, and not what it was made of. */
static inline uint64_t direct_keep(uint64_t value)
{
    __asm__ volatile("" : "+r"(value));
    return value;
}

#endif
