/** @file crash_internal.h  Between crash.c and crash_trace.c. */
#ifndef PROC_CRASH_INTERNAL_H
#define PROC_CRASH_INTERNAL_H

#include "crash.h"
#include <os/process.h>
#include "symbols.h"

/* Registers by the numbers of dispatcher_read_regs(). */
enum {
    CRASH_X29 = 29, CRASH_X30 = 30, CRASH_PSTATE = 33, CRASH_TPIDR = 34, CRASH_REGS = 35,
};

struct report {
    const struct crash *crash;
    char pid[PID_TEXT_BYTES];
    struct symbols symbols;
    err_t regs_err;             /**< why reg[] means nothing                                                          */
    uint64_t reg[CRASH_REGS];
};

/** Format one line, make it printable, hand it over. */
void crash_say(const struct report *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Two words at @p address.  @return false: not a multiple of 8, or not to be read */
bool crash_peek_two(const struct report *r, uint64_t address, uint64_t words[2]);

/** The instruction at @p address.  @return false: not a multiple of 4, or not to be read */
bool crash_instruction(const struct report *r, uint64_t address, uint32_t *instruction);

#define CRASH_PLACE_BYTES (SYMBOL_NAME_MAX + 20)

/** "main+0x14" for @p address, in the function that @p inside lies in.  @return false: in no function */
bool crash_place(const struct report *r, uint64_t address, uint64_t inside, char out[CRASH_PLACE_BYTES]);

/** Say who called whom. */
void crash_trace(const struct report *r);

#endif
