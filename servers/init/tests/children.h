/**
 * @file children.h  Entries of children that several groups use.  Results are in shared.result; all end by
 * child_exit().
 */
#ifndef INIT_CHILDREN_H
#define INIT_CHILDREN_H

#include "../process.h"

/** What child_access does at address arg[1]. */
enum access { ACCESS_READ, ACCESS_WRITE, ACCESS_EXEC };

/** arg[0] enum access, arg[1] address, arg[2] value to write; result[0] the value read, result[1] = 1 afterwards. */
void child_access(volatile struct shared *page);

/** Counts in result[0] for ever. */
void child_spin(volatile struct shared *page);

/** Ends at once. */
void child_nothing(volatile struct shared *page);

/** Sends once: arg[0] dest, arg[1] tag, arg[2] cap, arg[4..11] words; result[0] status. */
void child_send(volatile struct shared *page);

/** Serves arg[0] calls: parks for XFER_ANY, replies to endpoint arg[1] with each word + 1.  result[0] calls served,
 *  result[1] last error, result[2] badge, result[3] event, result[4] tag of the last call. */
void child_server(volatile struct shared *page);

/** Sends arg[3] messages of random tags and words to arg[0], with the capability arg[2] if the tag says so, and looks at no
 *  reply.  arg[1] seed; result[0] sent, result[1] refused. */
void child_garbage(volatile struct shared *page);

/** Enter disabled mode, do one xfer, leave it if the kernel did not. */
err_t park(struct xfer *x);

/** A send capability of @p recv, minted into a slot of the test. */
cptr_t mint_send(struct test *t, cptr_t recv, uint64_t rights, uint64_t badge);

#endif
