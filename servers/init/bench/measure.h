/**
 * @file measure.h  Measured code: the loops of measure.S, and what their figures become.
 * All costs are differences of PMCCNTR_EL0 less that of an empty measurement; under ./run --icount they are
 * instructions of the whole machine.
 */
#ifndef INIT_MEASURE_H
#define INIT_MEASURE_H

#include "../process.h"

struct cost {
    err_t err;
    uint64_t count;         /**< with the empty measurement still in it                                               */
};

/** One invocation, operands in registers already when the clock starts. */
struct cost measure_invoke(cptr_t cap, uint64_t op, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
                           uint64_t a5);

/** Two readings with nothing between them. */
uint64_t measure_nothing(void);

/* Entries of children, as child_fn.  Samples go to result[], SAMPLES of them; a child that saw an error ends with BRK
 * 1, the error in more[0]; else by child_exit(). */
#define SAMPLES 100

/** Calls: arg[0] dest, arg[1] accept, arg[2] tag, arg[3] capability.  A sample is a whole round trip. */
void measure_caller(volatile struct shared *page);

/** Answers: arg[0] dest, arg[2] bits to set in the reply's tag, arg[3] capability to send along. */
void measure_replier(volatile struct shared *page);

/** Signals Notify arg[0] SAMPLES times; samples are the clock before each. */
void measure_signaller(volatile struct shared *page);

/** Writes the word arg[1] to address arg[0], then the same; samples are the clock before each. */
void measure_writer(volatile struct shared *page);

/** Yields; samples are pairs: the clock before and after, SAMPLES / 2 of them. */
void measure_yielder(volatile struct shared *page);

/** Loads from address arg[0], which faults; a sample is fault, upcall and return. */
void measure_faulter(volatile struct shared *page);

/** A thread that goes idle at once; everything happens in run upcalls. */
void measure_idler(volatile struct shared *page);

/* Upcall entries for those; state is in the shared page.  samples are the clock of the first instruction.  count in
 * more[1]. */
void measure_woken_entry(void);         /**< notes the clock, idles                                                   */
void measure_irq_entry(void);           /**< the same, writes arg[1] to address arg[0], acknowledges IRQ arg[2] */
void measure_fault_entry(void);         /**< steps over the instruction                                               */

/** Sorts @p sample. */
uint64_t median(uint64_t *sample, unsigned count);

#endif
