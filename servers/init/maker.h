/**
 * @file maker.h  init as a maker of processes: the layers of libos, on memory of a test's, in addresses that init's
 * hand-made tables do not reach.
 */
#ifndef INIT_MAKER_H
#define INIT_MAKER_H

#include "test.h"
#include <os/spawn.h>

/** Entries of init's L1 CNode from this one to L1_TEST are the stock's. */
#define MAKER_L1    40u
#define MAKER_BYTES 0x200000ull

struct maker {
    struct stock stock;
    struct vspace_slabs slabs;
    struct vspace vspace;
    struct spawn_maker maker;       /**< the three together                                                           */
};

/** Set up @p m on MAKER_BYTES of the scratch memory of @p t.  Errors of the layers; E_POOL_RAM. */
err_t maker_begin(struct test *t, struct maker *m);

/** Zero @p bytes of scratch memory from the start of @p ram on, from which nothing is made: what the memory server does
 *  before it gives memory to somebody else.  @p slot: empty, before and after.  Errors of retype and revoke; E_ARG */
err_t maker_scrub(struct test *t, cptr_t ram, uint64_t bytes, cptr_t slot);

#endif
