/**
 * @file bindrandom.h  Random interfaces between two processes: `bindrandom all`, `bindrandom NAME ...`.
 *
 * tests/binding/random_gen.py writes the interfaces while the system is built; unit.c is compiled once for each.  Client
 * and server both know what comes next: each makes the values from the seed, and compares.  The first connection is for
 * messages, both ways, and both halves of each rpc; the second for calls.
 *
 *   main.c   the loop, processes, free memory
 *   unit.c   one interface
 *   world.c  what units share: what was wrong, capabilities, and which seed is next
 *
 * Checks are those of proctest.
 */
#ifndef BINDRANDOM_H
#define BINDRANDOM_H

#include "proctest.h"

#include <os/binding_lmp.h>
#include <os/heap.h>
#include <os/thread.h>

/** An interface. */
struct unit {
    const char *name;
    unsigned halves, rpcs;
    bool (*serve)(const char *service);         /**< both connections.  @return whether nothing was wrong             */
    bool (*talk)(iref_t iref);
};

extern const struct unit unit_every, unit_one, unit_two, unit_three, unit_four;

/** What this process is now, and how far it is. */
struct world {
    bool server;
    uint64_t seed;
    uint64_t wrong;                             /**< checks that failed                                               */
    uint64_t sent, received;                    /**< messages since world_begin(), over both connections              */
    uint64_t to_send;                           /**< messages of ours that are sent, or about to be                   */
};
extern struct world world;

void world_begin(bool server, uint64_t seed);

/** Make the capabilities that world_cap() copies.  @return errors of mem.alloc, stock, retype */
err_t world_frames(void);

/** A copy of one of eight Frames, which differ in size, so that both processes have the same ones; and which it is. */
cptr_t world_cap(unsigned what);
unsigned world_cap_what(cptr_t cap);

/** Seed of the next message of ours, and of the next one of theirs. */
uint64_t world_next(void);
uint64_t world_expected(void);

void world_check(bool right, const char *unit, int line, const char *format, ...) __attribute__((format(printf, 4, 5)));

/** Serve @p ws until *@p counter has reached @p value, for five seconds.  @return whether it has */
bool world_until(struct waitset *ws, const volatile uint64_t *counter, uint64_t value);

uint64_t test_random(uint64_t *state);

#endif
