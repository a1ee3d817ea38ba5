/**
 * @file tcb.h  The record of a thread; private to libos/thread; arch/aarch64/thread.S knows offsets.
 */
#ifndef THREAD_TCB_H
#define THREAD_TCB_H

#include "timers.h"
#include <os/thread.h>
#include <os/thread_fault.h>

enum thread_state {
    THREAD_RUNNING,         /* core.current */
    THREAD_READY,           /* in the queue of its priority */
    THREAD_BLOCKED,
    THREAD_ENDED,
};

/* A thread that does not run left by itself, through a call, and only what calls keep was stored; or it was preempted,
 * and everything was. */
enum thread_kind { CONTEXT_PAUSED, CONTEXT_PREEMPTED };

struct thread {
    union {
        struct {
            uint64_t x[12], sp, tpidr, d[8], fpcr, fpsr;
        } paused;
        struct {
            struct save_area area;
            uint64_t reserved_;
            uint64_t q[64], fpcr, fpsr;
        } preempted;
    } context;
    uint64_t fp;                        /* 0: it has no FP registers */
    enum thread_kind kind;
    enum thread_state state;
    enum thread_reason reason;          /* while blocked */
    unsigned priority;
    bool timed_out, detached;
    bool owned;                         /* the record is of the slab: not so the first */
    struct thread_queue *in;            /* the queue it stands in, ready or waiting */
    struct thread *next, *before;
    struct timer timer;
    struct thread *joiner;
    uint64_t value;                     /* once ended */
    uint64_t stack, stack_bytes;        /* of ours, the page below not counted; 0: the caller's */
    struct mutex *mutex;                /* that it waits for, or will take when a condition is signalled */
    struct thread_call call;
    uint64_t low;                       /* of its stack, if that may be lazy: os_low_stack while it runs; else 0 */
    bool lazy;                          /* the stack of ours is */
    unsigned id;
    char name[THREAD_NAME_BYTES];
    struct thread_fault fault;
    unsigned held;                      /* mutexes, in debug builds */
};

/* what the assembly file knows */
_Static_assert(offsetof(struct thread, context.paused.x) == 0 && offsetof(struct thread, context.paused.sp) == 96 &&
               offsetof(struct thread, context.paused.tpidr) == 104 && offsetof(struct thread, context.paused.d) == 112 &&
               offsetof(struct thread, context.paused.fpcr) == 176 &&
               offsetof(struct thread, context.paused.fpsr) == 184 && offsetof(struct thread, fp) == 816,
               "arch/aarch64/thread.S");
#endif
