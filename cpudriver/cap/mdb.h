/**
 * @file mdb.h  The mapping database: all capabilities of one core, in one balanced tree (AVL, with parent links).
 *
 * Order: (base, which holds the space; size descending; type; gen; sub-order).  A Mapping sorts as if its size were 0,
 * behind everything else at its base, and then by word[0], word[1]: so the mapping behind a page-table entry is found by
 * (address, VNode, entry) in O(log n).  Sub-order among equal (base, size, type, gen): of a Dispatcher, strong before
 * CTE_WEAK; of an Endpoint, CTE_RECV first.  Capabilities equal in all that are copies; their order is arbitrary.
 *
 * M1 (order)      an in-order walk never descends.
 * M2 (balance)    AVL: balance is -1, 0 or 1 and true.
 * M3 (max_end)    each node holds the largest end in its subtree.
 * M4 (nesting)    ranges nest or are disjoint, Mappings aside (which lie inside a Frame, DevFrame or VNode, or where one
 *                 was: deleting a Frame cap does not unmap).
 * M5 (parentage)  what is not a root type lies inside an ancestor of a type that may give it, while one exists; no two
 *                 typed objects overlap unless they are copies.
 *
 * Ranges do not wrap: base + bytes is at most the base of the next space (2^58 for the last one), in space 0 at most
 * 2^48.  A slot must not lie at physical address 0, whose number in a link means "none".
 *
 * Context: kernel, one core, never allocates.  Every operation is O(log n) in the number of capabilities, except
 * mdb_check.  No recursion.
 */
#ifndef CAP_MDB_H
#define CAP_MDB_H

#include <cap/cte.h>

struct mdb {
    struct cte *root;
    uint64_t count;
};

/** Insert @p c (not in the tree, capability fields filled in) by its key; behind those equal to it. */
void mdb_insert(struct mdb *db, struct cte *c);

/** Insert @p c behind @p of, of which it is a copy; @p c is no receive capability.  Directly behind it, no key is
 *  compared: cheaper than mdb_insert; but by its key if just one of the two is CTE_WEAK. */
void mdb_insert_copy(struct mdb *db, struct cte *of, struct cte *c);

/** Insert @p c directly behind @p before: for callers that know that its key belongs there.  No key is compared. */
void mdb_insert_behind(struct mdb *db, struct cte *before, struct cte *c);

/** As mdb_insert_behind, when the caller knows the neighbour @p after (NULL: @p before is the last). */
void mdb_insert_between(struct mdb *db, struct cte *before, struct cte *after, struct cte *c);

/** Take @p c out.  Its link, balance and max_end are zeroed, the capability stays. */
void mdb_remove(struct mdb *db, struct cte *c);

/** @p to (empty slot) takes the whole content and the place in the tree of @p from; @p from is zeroed. */
void mdb_move(struct mdb *db, struct cte *from, struct cte *to);

struct cte *mdb_next(const struct cte *c);    /**< in order, NULL at the end. Amortised O(1) over a walk               */
struct cte *mdb_prev(const struct cte *c);

/** Whether @p c has two children in the tree: taking it out costs more then. */
bool mdb_is_inner(const struct cte *c);

/** Same range, type, gen: copies of one object (whatever rights, badge, flags). */
static inline bool mdb_is_copy(const struct cte *a, const struct cte *b)
{
    return a->base == b->base && a->bytes == b->bytes && cte_type(a) == cte_type(b) && a->gen == b->gen &&
           cte_type(a) != CAP_MAPPING;
}

/** First capability at or behind the key (base, size, type, gen 0, first in sub-order).  For CAP_MAPPING @p bytes is
 *  ignored and (word0, word1) is the sub-order. */
struct cte *mdb_lower_bound(const struct mdb *db, uint64_t base, uint64_t bytes, enum cap_type type, uint64_t word0,
                            uint64_t word1);

/** First capability, in tree order, that stands behind @p c and all its copies and overlaps @p lo … @p hi - 1
 *  (absolute, lo < hi, within the range of @p c): a descendant of @p c.  NULL: there is none, or @p c is a Mapping.
 *  Requires that descendants of @p c nest (M4): then whatever overlaps and stands behind lies inside @p c.
 *  O(log n); of the next node in the tree, if that is the answer, no key is compared. */
struct cte *mdb_first_inside(const struct mdb *db, const struct cte *c, uint64_t lo, uint64_t hi);

/** First capability, in tree order, that overlaps @p lo … @p hi - 1 (absolute, lo < hi), or NULL.  O(log n) */
struct cte *mdb_first_overlap(const struct mdb *db, uint64_t lo, uint64_t hi);

/** Whether the range @p lo … @p hi - 1 would nest with all others (M4): none begins or ends in its middle and reaches out of it.
 *  O(log n) */
bool mdb_nests(const struct mdb *db, uint64_t lo, uint64_t hi);

/** The smallest range of type @p type that encloses @p base … base + bytes - 1 (bytes > 0), or NULL.  Of copies, any;
 *  of equal ranges, the highest gen.  @p type is not CAP_MAPPING.
 *  O(log n) for each object of another type that encloses the range and is smaller (a valid tree has one at most), and
 *  for each address below @p base at which Mappings start that enclose it (a frame mapped in overlapping windows). */
struct cte *mdb_ancestor(const struct mdb *db, uint64_t base, uint64_t bytes, enum cap_type type);

/** Any other copy of @p c's object, or NULL.  @p strong: skip CTE_WEAK ones.  O(log n), by the neighbours.  The next in
 *  order is preferred, so for a send capability the answer is the receive capability only if there is no other send. */
struct cte *mdb_other_copy(const struct cte *c, bool strong);

/** Check M1 to M5 and the links (M0).  @return NULL, or what is wrong: a static string that starts with the invariant's
 *  name; *@p at is the slot then, NULL if it is the count that is wrong.  O(n log n), no memory. */
const char *mdb_check(const struct mdb *db, const struct cte **at);

#endif
