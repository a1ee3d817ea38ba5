/**
 * @file numbers.h  Numbers that were typed.  No system calls.
 */
#ifndef SHELL_NUMBERS_H
#define SHELL_NUMBERS_H

#include <stdbool.h>
#include <stdint.h>

/** Decimal digits, the whole word, at most @p most. */
bool read_number(const char *word, uint64_t most, uint64_t *value);

/** A process number as it is shown: of the boot core a number, of core N "N.number"; the whole word. */
bool read_pid(const char *word, uint64_t *pid);

/** Seconds with at most nine digits behind a point ("2", "0.25", ".5"), the whole word, at most @p most seconds; in
 *  nanoseconds. */
bool read_seconds(const char *word, uint64_t most, uint64_t *nanoseconds);

/** @p count * @p to / @p from without overflow in between, for from and to up to 2^30. */
uint64_t convert(uint64_t count, uint64_t from, uint64_t to);

#endif
