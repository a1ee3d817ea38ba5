/**
 * @file ranges.h  Sets of disjoint address ranges, ordered, with the question "where is the next hole of this size".
 *
 * Two levels.  A *tree* links nodes the caller owns (a struct range inside something larger); it never merges.  A *set*
 * is a tree whose nodes come from a slab: it merges neighbours and splits.
 *
 * Each node stands for one *space*, which is what range_fit() searches: in a tree of free ranges the range itself, in a
 * tree of ranges in use the gap below it.  Every node knows the largest space in its subtree, counted from any address
 * and from a multiple of RANGE_LARGE, so both searches descend without looking at what cannot fit.
 *
 * R1  Nodes are disjoint, ordered by base, inside [lo, hi) of their tree, never empty.
 * R2  The heights of two siblings differ by at most one (AVL): a tree of 2^44 nodes is 64 deep.
 * R3  space[] of a node is the maximum over its subtree.
 * R4  In a tree of gaps, gap_from of a node is the end of the range before it, or lo.
 *     In a plain tree there is neither R3 nor R4.
 * range_check() tests all four.  Nothing here locks, calls the kernel or recurses; whoever owns a tree guards it.
 */
#ifndef OS_RANGES_H
#define OS_RANGES_H

#include <os/slab.h>
#include <shoal/err.h>
#include <stdbool.h>
#include <stdint.h>

#define RANGE_LARGE 0x200000ull     /* alignment for which a search is exact beside 1, 2 MiB: a block of level 2      */
#define RANGE_TRIES 64              /* spaces a search of another alignment looks at before it takes a sure one       */

struct range {
    uint64_t base, end;             /**< [base, end); the caller sets both before range_insert()                      */
    struct range *child[2];         /**< private from here on                                                         */
    uint64_t gap_from;
    uint64_t space[2];              /**< largest in the subtree: from anywhere, from a multiple of RANGE_LARGE        */
    unsigned height;
};

enum range_kind {
    RANGES_FREE,                    /**< nodes are what can be given out                                              */
    RANGES_USED,                    /**< nodes are in use; the gaps between them can be given out                     */
    RANGES_PLAIN,                   /**< nodes are only looked for: no spaces are kept (space[] and gap_from are 0), and
                                         range_fit() finds nothing.  Adding one costs half                            */
};

struct range_tree {
    struct range *root;
    uint64_t lo, hi;
    uint64_t count;
    enum range_kind kind;
};

void range_tree_init(struct range_tree *tree, enum range_kind kind, uint64_t lo, uint64_t hi);

/** Link @p node; the tree borrows it until range_remove().  @return false: it is empty, outside [lo, hi) or meets
 *  another; nothing is changed.  Cost: O(log n). */
bool range_insert(struct range_tree *tree, struct range *node);

/** range_insert() into a plain tree of a node that meets no other, which the caller knows. */
void range_insert_vacant(struct range_tree *tree, struct range *node);

/** Unlink @p node, which is in the tree.  Cost: O(log n). */
void range_remove(struct range_tree *tree, struct range *node);

/** Unlink the first node, for an owner that lets go of all: R2 to R4 are given up, and nothing else may be done with
 *  the tree until it is empty.  @return NULL: it is.  Cost: O(1), on the average over all nodes. */
struct range *range_take_any(struct range_tree *tree);

/** Move the ends of @p node, which is in the tree, without passing or meeting a neighbour.  Cost: O(log n). */
void range_resize(struct range_tree *tree, struct range *node, uint64_t base, uint64_t end);

/** The node that holds @p address, or NULL.  Cost: O(log n). */
struct range *range_find(const struct range_tree *tree, uint64_t address);

/** The first node that ends above @p address (so it holds the address, or is the next one), or NULL.  To go through a
 *  tree: n = range_from(tree, 0), then n = range_from(tree, n->end).  Cost: O(log n). */
struct range *range_from(const struct range_tree *tree, uint64_t address);

/** The last node that begins below @p address, or NULL.  Cost: O(log n). */
struct range *range_below(const struct range_tree *tree, uint64_t address);

/** Whether a node has an address in common with [base, end).  Cost: O(log n). */
bool range_meets(const struct range_tree *tree, uint64_t base, uint64_t end);

struct range_want {
    uint64_t bytes;                 /**< > 0                                                                          */
    uint64_t align;                 /**< power of two; 0 as 1                                                         */
    uint64_t offset;                /**< the result is this much above a multiple of align; < align, or 0             */
    uint64_t from;                  /**< lowest result                                                                */
};

/** The lowest place for @p want in a space of the tree.  Exact and O(log n) if align is at most 4096 with all ranges in
 *  pages, or RANGE_LARGE, and offset 0.  Else the lowest among RANGE_TRIES spaces that are large enough, and after that
 *  the lowest that is large enough wherever it begins: so it can fail although one place is left.  Never worse than
 *  O(RANGE_TRIES * log n).  @return false: none; *base is unchanged */
bool range_fit(const struct range_tree *tree, const struct range_want *want, uint64_t *base);

/** R1 to R4.  @return NULL, or the sentence that is broken.  Cost: O(n). */
const char *range_check(const struct range_tree *tree);

/** Free ranges that merge and split; nodes from @p slab (objects of at least sizeof(struct range)). */
struct range_set {
    struct range_tree tree;
    struct slab *slab;
    uint64_t bytes;                 /**< sum over all ranges                                                          */
};

void ranges_init(struct range_set *set, struct slab *slab);

/** Put [base, base + bytes) in, and merge it with neighbours that touch it, but never across @p lo or @p hi (which lie
 *  at or beyond its ends): 0 and UINT64_MAX for no such limit.
 * @return E_ARG it is empty or wraps; E_RANGE_OVERLAP a part is in already; E_SLAB_EMPTY.  Nothing is changed then.
 * Cost: O(log n); at most one node taken or one given back */
err_t ranges_add(struct range_set *set, uint64_t base, uint64_t bytes, uint64_t lo, uint64_t hi);

/** Take [base, base + bytes) out of the one range that holds all of it.
 * @return E_ARG; E_RANGE_MISSING no range holds all of it; E_SLAB_EMPTY it is in the middle.  Nothing is changed then.
 * */
err_t ranges_remove(struct range_set *set, uint64_t base, uint64_t bytes);

/** range_fit(), then ranges_remove().  @return E_ARG, E_RANGE_NONE, E_SLAB_EMPTY; *base is written on success only */
err_t ranges_take(struct range_set *set, const struct range_want *want, uint64_t *base);

#endif
