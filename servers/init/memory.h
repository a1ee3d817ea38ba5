/**
 * @file memory.h  The memory server, started from the archive on a test's memory, with all RAM that init does not use.
 */
#ifndef INIT_MEMORY_H
#define INIT_MEMORY_H

#include "maker.h"
#include "process.h"
#include <os/rpc_lmp.h>

#define MEMORY_EVENT (EVENT_TEST + 40)      /* init's first binding; others follow */

/** One binding of init's, or of a child's that init made. */
struct memory_client {
    struct rpc_client rpc;
    struct proc_endpoint back;
};

struct memory {
    struct test *test;
    struct maker maker;
    struct spawn spawn;
    struct proc proc;               /* test, badge and dispatcher only */
    struct memory_client manager;
    uint64_t total;                 /* bytes of RAM it was given */
    uint64_t base[L2_SLOTS], bytes[L2_SLOTS];       /* of each RAM capability of INIT_L2_RAM */
    unsigned bindings;
};

/** Start it and give it the RAM.  False: the test is marked failed. */
bool memory_start(struct test *t, struct memory *m);

/** Bytes that are free there. */
uint64_t memory_unused(struct memory *m);

/** Whether this machine has RAM for such a grant, leaving the server some of each piece for its own records. */
bool memory_holds(const struct memory *m, uint64_t bytes, uint64_t align);

/** Take the RAM back, all of it, check that the server still runs, and stop it. */
void memory_stop(struct memory *m);

/** A second binding of init's, for @p account. */
bool memory_connect(struct memory *m, struct memory_client *c, uint64_t account, bool manager);

/** A binding for child @p p, whose ring has two slots: the service's capability comes to its slot *service, its receive
 *  slot to *receive. */
bool memory_connect_child(struct memory *m, struct proc *p, struct proc_endpoint *back, uint64_t event,
                          uint64_t account, cptr_t *service, cptr_t *receive);

#endif
