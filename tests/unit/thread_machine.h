/**
 * @file thread_machine.h  What the scheduler of libos/thread stands on, on the build machine: threads are contexts of the
 * C library, and a kernel in miniature has one dispatcher, a clock, a deadline and events.
 *
 * Wherever the library becomes enabled or is about to be disabled, and in machine_point(), time passes and the kernel may
 * interrupt: so any interleaving of critical sections comes up, sooner or later, and each seed is one that is repeatable.
 */
#ifndef THREAD_MACHINE_H
#define THREAD_MACHINE_H

#include "../../libos/thread/core.h"

#define MACHINE_THREADS 16u
#define MACHINE_EVENTS  64u
#define MACHINE_SLICE   200u            /* ticks */

struct machine {
    struct thread thread[MACHINE_THREADS];      /* those of the test; main() is not among them */
    unsigned threads, living;
    uint64_t now, deadline;             /* of the kernel; 0: none */
    uint64_t interrupts, idles, parks;
    unsigned chance;                    /* an interrupt at one in so many points; 0: only when something is due */
    uint64_t random;
    bool frozen;                        /* no time passes, nothing interrupts, until somebody else runs */
    uint64_t wanted;                    /* events that may be posted when all sleep: bit per id */
    void (*before_disabled)(void);      /* once: what happens before the next critical section; may be NULL */
    void (*blocks)(struct thread *t);   /* t stands in its queue now; may be NULL */
    err_t (*message)(struct xfer *x);   /* the kernel gets a message, or is to park for one */
    void (*clock)(void);                /* somebody reads the time; may be NULL */
    void (*idle)(void);                 /* others run, since no thread can; may be NULL, and may post events */
};
extern struct machine machine;

/** Everything as at the start, with this seed. */
void machine_start(uint64_t seed);

/** A thread that runs @p fn(@p arg) and ends. */
struct thread *machine_thread(void (*fn)(void *arg), void *arg, unsigned priority);

/** The calling thread, which is main(), waits until all others have ended; their memory goes. */
void machine_join(void);

/** Some instructions of a program: time passes, and it may be interrupted. */
void machine_point(void);

/** Post event @p id, as the kernel does. */
void machine_post(uint64_t id);

/** Come back through a run upcall, as from a park that was interrupted. */
void machine_interrupt(void);

#endif
