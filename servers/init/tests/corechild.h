/**
 * @file corechild.h  A second core for self-tests: init's own image with another first instruction, which does what it is told
 * through a shared page.
 */
#ifndef INIT_CORECHILD_H
#define INIT_CORECHILD_H

#include "../test.h"
#include <shoal/coreboot.h>

#define CORES_MAX          8u           /* that the tests start at the same time, this one counted */
#define CORE_LOAN_BYTES    (2ull << 20)
#define CORE_POOL_BYTES    (256ull << 10)
#define CORE_CHANNEL_BYTES (48ull << 10)

enum core_command {
    CORE_DO_NOTHING,        /* answers: result[0] = arg[0] + 1 */
    CORE_DO_STOP,           /* switches its core off: no answer */
    CORE_DO_INSPECT,        /* result[0] = how much of what it was given is wrong, result[1] = which check was the last wrong */
    CORE_DO_COUNT,          /* counts in page->count until the next command */
    CORE_DO_FAULT,          /* init faults, so its kernel panics: no answer */
    CORE_DO_CONNECT,        /* with core arg[0], over the channel or, if arg[1] is set, the Frame that was imported last:
                               result[0] = the error */
    CORE_DO_IMPORT,         /* arg[0] base, arg[1] bytes, arg[2] owner: a foreign Frame, watched, and a copy of it, mapped, where arg[3] is
                               written; result[0] = the error, result[1] the word that was there */
    CORE_DO_DROP,           /* delete the copy and its Mapping; result[0] = the error of asking who is lonely then, result[1] its base */
    CORE_DO_PURGE,          /* arg[0] base, arg[1] bytes (0: all), arg[2] owner; result[0] = the error, result[1] = how many of
                               tally, copy, Mapping are left */
    CORE_DO_ECHO,           /* arg[0] times: wait for the Notify with index 1, signal index arg[1] of core arg[2];
                               result[0] = errors, result[1] = waits that failed */
    CORE_DO_SIGNAL,         /* arg[0] times index arg[1] + (i % arg[3]) of core arg[2]; result[0] = errors */
};

#define CORE_MAILBOX_AT (16ull << 10)   /* in the channel */
#define CORE_ECHO_INDEX 1u              /* of the child's Notify */

/** At the start of the channel.  Each word has one writer. */
struct core_page {
    uint64_t up;            /* by the child: 1 + argument[0] */
    uint64_t done;          /* by the child: the last command it has answered */
    uint64_t count;
    uint64_t result[4];
    _Alignas(64) uint64_t asked;    /* by the test: how many commands there were */
    uint64_t command;
    uint64_t arg[6];
};

struct core {
    struct test *test;
    uint64_t index;
    uint64_t husk;
    cptr_t loan;            /* slot of the RAM while it is not lent */
    cptr_t boot;            /* slot for the Frame of its boot block */
    cptr_t channel;
    struct core_page *page;
};

/** How many cores the machine has, CORES_MAX at most. */
unsigned cores_count(void);

/** Memory for core @p index.  False, here and below: the test is marked failed. */
bool core_make(struct test *t, struct core *c, uint64_t index);

/** Write the boot block into the loan; @p change may spoil it first (NULL: leave it). */
bool core_write_block(struct core *c, void (*change)(struct core_boot *));

/** Start it and wait until it has reached its init. */
bool core_launch(struct core *c);

/** Connect with it, both sides.  @p l1: names init's Notifys that it may signal. */
bool core_connect(struct core *c, cptr_t l1);

/** Send a command, and wait for the answer; the caller fills in the arguments before. */
void core_send(struct core *c, enum core_command command);
bool core_wait(struct core *c);
static inline bool core_ask(struct core *c, enum core_command command)
{
    core_send(c, command);
    return core_wait(c);
}

/** Wait until the firmware says that it is off, and take the loan back. */
bool core_reclaim(struct core *c);

/** CORE_DO_STOP and core_reclaim. */
bool core_shut(struct core *c);

/** Where the child begins (corechild.S), and its C function. */
extern const uint8_t core_child_start[];
_Noreturn void core_child(void);

#endif
