/**
 * @file crash.h  What is told about a process that crashed: cause, registers, backtrace.
 *
 * Everything about the process is a claim: its registers, its memory, its frame records, its program file.  A report ends
 * whatever they hold, and its lines are printable text.
 */
#ifndef PROC_CRASH_H
#define PROC_CRASH_H

#include <shoal/dispframe.h>
#include <shoal/err.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CRASH_LINE_BYTES 320u       /* of the longest line, terminator included */
#define CRASH_LINES_MAX  64u        /* of a backtrace; frames that repeat are one line */
#define CRASH_FRAMES_MAX 1024u

struct crash {
    const char *name;               /**< of the program                                                               */
    uint64_t pid;
    uint64_t cause, address, pc, sp, syndrome;      /**< the words of the fault message; cause: enum fault_cause      */
    uint64_t stack;                 /**< lowest address of its stack, below which a page is never mapped; 0: unknown  */
    const void *file;               /**< its ELF file, borrowed; NULL: unknown                                        */
    size_t file_bytes;
    void *context;                  /**< of the functions below                                                       */
    /** As dispatcher_read_regs() and dispatcher_peek(), which they are in the process server. */
    err_t (*read_regs)(void *context, uint64_t first, uint64_t regs[5]);
    err_t (*peek)(void *context, uint64_t address, uint64_t words[4]);
    /** Takes one line, without a line's end. */
    void (*line)(void *context, const char *text);
};

/** Tell about @p crash.  In order: a sentence that says what failed, where and why; 9 lines of registers; the backtrace.
 *  A process that could not start (BRK_START), or whose capabilities were revoked, gets the sentence only.
 *  BRK_EXIT is no crash and none of this function's business.
 * Cost: 8 reads of registers, 2 + CRASH_FRAMES_MAX looks at memory, CRASH_LINES_MAX searches of the symbol table, each
 *       linear in it.  About 1 KiB of stack; no allocation */
void crash_report(const struct crash *crash);

/** "write"; "unknown" for what is no cause.  FAULT_NONE is "killed": a process that ended without exit and without fault. */
const char *crash_cause_name(uint64_t cause);

/** The exit status of a process that ended by @p cause: 128 to 255. */
static inline unsigned crash_status(uint64_t cause)
{
    return 128 + (unsigned)(cause <= FAULT_REVOKED ? cause : FAULT_OTHER);
}

/** It stopped at a BRK: then *number is the instruction's. */
static inline bool crash_brk(uint64_t cause, uint64_t syndrome, uint64_t *number)
{
    *number = syndrome & 0xffff;
    return cause == FAULT_BREAKPOINT;
}

#endif
