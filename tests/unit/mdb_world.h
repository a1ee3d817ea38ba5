/**
 * @file mdb_world.h  A random but valid set of capabilities in a mapping database, beside a plain list of them.
 * The list is the model: what the tree answers is compared with a scan of the list or of the tree's own walk.
 */
#ifndef MDB_WORLD_H
#define MDB_WORLD_H

#include "../lib/test.h"

#include <cap/mdb.h>
#include <cap/mdb_node.h>

#define WORLD_SLOTS 512u

struct world {
    struct mdb db;
    struct cte *slot;                 /**< WORLD_SLOTS of them, in the fake RAM                                       */
    struct cte *live[WORLD_SLOTS];    /**< after world_walk(): in tree order                                          */
    size_t count;
    uint64_t random, steps;
};

/** Fresh fake RAM, and the root capabilities: RAM at address 0 and up to 2^48, and one of each other number line. */
void world_init(struct world *w, uint64_t seed);

uint64_t world_below(struct world *w, uint64_t bound);
struct cte *world_any(struct world *w);               /**< any live capability, NULL if there is none                 */
struct cte *world_empty(struct world *w);             /**< any empty slot, NULL if all are taken                      */
struct cte world_cap(enum cap_type type, uint64_t base, uint64_t bytes);
struct cte *world_insert(struct world *w, struct cte cap);        /**< through mdb_insert                             */
struct cte *world_copy(struct world *w, struct cte *of, struct cte cap);    /**< through mdb_insert_copy              */
void world_remove(struct world *w, struct cte *c);
void world_move(struct world *w, struct cte *from);

/** One random operation: copy, retype, map, delete or move. */
void world_step(struct world *w);

/** The order that cap/mdb.h states, written down a second time.  Below 0, 0, above 0. */
int world_compare(const struct cte *a, const struct cte *b);

/** Check all invariants, and that walks in both directions see each live capability once, in order. */
void world_walk(struct world *w);

bool world_inside(const struct cte *c, const struct cte *outer);    /**< was @p c made from @p outer?                 */

#endif
