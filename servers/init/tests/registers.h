/**
 * @file registers.h  Children in assembly that look at registers a C function cannot (tests/registers.S).
 */
#ifndef INIT_REGISTERS_H
#define INIT_REGISTERS_H

#include "../process.h"

/** arg[0] seed, arg[1] rounds.  result[0]: the FP registers' bits or'ed at the start (0 in a new process); then fills
 *  q0 … q31 and FPCR's rounding mode from the seed, yields, compares, in each round.  result[1]: rounds that were
 *  wrong. */
void registers_fp(volatile struct shared *page);

/** A run_entry: stores x0 … x30, SP, TPIDR_EL0 in result[0 …], then stops. */
void registers_at_upcall(void);

/** arg[0] dest, arg[1] accept: fills all registers, sends or calls 8 words in disabled mode.  Back: x0 … x30 in
 *  result[0 …], SP as a difference in result[31], TPIDR_EL0 in result[32].  x19 … x28 were 19 … 28, TPIDR_EL0 was
 *  0x7d. */
void registers_after_xfer(volatile struct shared *page);

/** The same for an invocation of Dispatcher arg[0], operation arg[1]. */
void registers_after_invoke(volatile struct shared *page);

/** arg[0] rounds: fills all registers, and sees in each round whether interrupts and switches kept them.  result[0]
 *  rounds seen, result[1] wrong. */
void registers_kept(volatile struct shared *page);

/** Fills every register with 0x5ec2e7…, FP too, and yields for ever: a process with secrets. */
void registers_secret(volatile struct shared *page);

#endif
