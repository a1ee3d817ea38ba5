/**
 * @file checks.h  Misuse that only debug builds look for; each ends the process with a sentence (os/sync.h).  In release
 * builds all of it is nothing.
 */
#ifndef THREAD_CHECKS_H
#define THREAD_CHECKS_H

#include "tcb.h"

struct mutex;
struct condition;

#ifdef SHOAL_DEBUG

/** Disabled mode is not nested, and neither event handlers nor critical sections call what enters it. */
void check_enabled(const struct dispatcher_frame *frame);

/** A mutex is about to be taken: enabled, and no low lock is held.  docs/threads.md, "Order of locks" */
void check_may_take(void);

/** Be disabled.  The running thread is about to wait for @p m, for ever: not for a thread that waits for it in turn. */
void check_no_circle(const struct mutex *m);

/** @p t has one mutex more, or fewer. */
static inline void check_takes(struct thread *t)
{
    t->held++;
}
static inline void check_releases(struct thread *t)
{
    t->held--;
}

/** Let low locks look whether they are taken by a thread in disabled mode: only upcalls may. */
void check_low_locks(void);

/** The running thread has; without looking who that is in release builds. */
static inline void check_took(void)
{
    check_takes(thread_self_inline());
}
static inline void check_released(void)
{
    check_releases(thread_self_inline());
}

/** The running thread is about to end. */
void check_has_none(void);

void check_mutex_unused(const struct mutex *m);
void check_condition_unused(const struct condition *c);

#else

static inline void check_enabled(const struct dispatcher_frame *frame) { (void)frame; }
static inline void check_may_take(void) { }
static inline void check_no_circle(const struct mutex *m) { (void)m; }
static inline void check_takes(struct thread *t) { (void)t; }
static inline void check_releases(struct thread *t) { (void)t; }
static inline void check_took(void) { }
static inline void check_released(void) { }
static inline void check_low_locks(void) { }
static inline void check_has_none(void) { }
static inline void check_mutex_unused(const struct mutex *m) { (void)m; }
static inline void check_condition_unused(const struct condition *c) { (void)c; }

#endif
#endif
