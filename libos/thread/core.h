/**
 * @file core.h  What the files of libos/thread share: the state of the scheduler, and its entries from assembly.
 */
#ifndef THREAD_CORE_H
#define THREAD_CORE_H

#include "checks.h"
#include "queue.h"

struct thread_core {
    struct thread *current;             /* runs, or ran until the upcall; NULL: idle */
    struct ready ready;
    struct timer *timers;               /* of blocked threads */
    uint64_t programmed;                /* the dispatcher's deadline, as the kernel has it, or THREAD_NO_DEADLINE */
    uint64_t slice_end;                 /* when to look whether the running thread's turn is over; THREAD_NO_DEADLINE:
                                           nobody waits for it */
    uint64_t slice_switches;            /* switches when slice_end was set: the same, and it ran all the time */
    uint64_t switches;
    uint64_t slice_ticks;
    bool slice_over;                    /* of the running thread, and it has not given way yet */
    bool check;                         /* a thread became ready that may come before the running one */
};

/* Pinned, and touched disabled only, but for `current`: whoever runs finds itself there. */
extern struct thread_core os_thread_core;

/** thread_disable(), in line.  @return the own frame */
static inline struct dispatcher_frame *enter(void)
{
    check_enabled(frame_self());
    return thread_disable_inline();
}

/** Be disabled, on a thread's stack.  Store what calls keep of the running thread, go over to the upcall stack and to
 *  os_thread_schedule().  Returns, enabled, when the thread runs again. */
void os_thread_pause(void);

/** Be disabled, not on the stack of @p t: go on where it was paused, enabled. */
_Noreturn void os_thread_load(struct thread *t);

/** sys_xfer() that keeps all it needs in registers and in @p x, and changes @p x only if it returns OK. */
err_t os_thread_xfer(struct xfer *x);

/** As os_bug(), from wherever this code is: no thread runs any more, and printing, which may be an RPC, works as in a
 *  program with one thread. */
_Noreturn void os_thread_bug(const char *file, int line, const char *text);
#define THREAD_BUG(text) os_thread_bug(__FILE__, __LINE__, (text))

/** First instructions of a thread: x19 its function, x20 the argument. */
void os_thread_begin(void);

/** q0 … q31, FPCR, FPSR. */
void os_fp_save(uint64_t *area);
void os_fp_load(const uint64_t *area);

/** Disabled, on the upcall stack; the running thread is paused, whatever its state is. */
_Noreturn void os_thread_schedule(void);

/** The run upcall (upcall_run_fn): pending is cleared already. */
void os_thread_upcall(struct dispatcher_frame *frame);

/** Be disabled.  @p t is in no queue: it can run. */
void os_thread_ready(struct thread *t);

/** Be disabled.  Call the handlers of all events that were posted. */
void os_events_collect(struct dispatcher_frame *frame);

/** Set up the slab of the tables of handlers.  Errors of stock_add_slab(). */
err_t os_events_init(void);

struct stock;

/** From now on threads refill and trim @p stock one at a time (refill.c). */
void os_refill_start(struct stock *stock);

struct mutex;

/** Be disabled.  The running thread, whose @p m is, releases it; os_bug if it is not. */
void os_mutex_release(struct mutex *m);

/** Be disabled.  @p t, blocked in no queue, takes @p m.  @return false: it stands in the mutex's queue now */
bool os_mutex_give(struct mutex *m, struct thread *t);

#endif
