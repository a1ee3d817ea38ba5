/**
 * @file direct_cpu.h  What direct calls (os/direct.h) need of the processor and the scheduler, in line; a test on the
 * build machine has another one.
 */
#ifndef OS_DIRECT_CPU_H
#define OS_DIRECT_CPU_H

#include <os/event.h>
#include <os/thread.h>

/** Take the events lock (os/waiting.h). */
static inline struct dispatcher_frame *direct_enter(void)
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
static inline err_t direct_xfer(cptr_t dest, uint64_t accept, uint64_t *tag, uint64_t word[XFER_WORDS], uint64_t *event)
{
    return sys_xfer_words(dest, accept, tag, word, event);
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

#endif
