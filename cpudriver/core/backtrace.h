/** @file backtrace.h  Walk the chain of frame records (AAPCS64: x29 points to {previous x29, return address}). */
#ifndef CORE_BACKTRACE_H
#define CORE_BACKTRACE_H

#include <stddef.h>
#include <stdint.h>

/** Collect the return addresses found from the record at @p fp on.  Believes nothing: a record must lie in
 *  [@p low, @p high), be 16-byte aligned, and lie above the one before it.
 * @return how many were written to @p pc, at most @p max */
size_t backtrace_walk(uint64_t fp, uint64_t low, uint64_t high, uint64_t *pc, size_t max);

#endif
