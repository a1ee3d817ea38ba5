/**
 * @file devtree_reg.h  Addresses in a device tree: `reg` properties, and their translation to what the cores see.
 * All functions take a tree that devtree_check has passed, and offsets of nodes as libfdt gives them.
 * Source: Devicetree Specification 0.4, sections 2.3.5 to 2.3.8.
 */
#ifndef CORE_DEVTREE_REG_H
#define CORE_DEVTREE_REG_H

#include <core/devtree.h>
#include <core/devtree_check.h>
#include <libfdt.h>
#include <stdbool.h>

#define PHYSICAL_END (1ull << 48)   /* no AArch64 core that we run on has wider addresses                             */

/** Entries of a `reg` property not yet read.  Points into the tree. */
struct reg_iter {
    const fdt32_t *at;
    size_t left;                    /**< entries                                                                      */
    int address_cells, size_cells;  /**< 1 or 2; size_cells may be 0                                                  */
};

/** Nodes from the root (node[0]) down to one (node[depth]). */
struct tree_path {
    int node[DEVTREE_DEPTH_MAX];
    int depth;
};

/** Number in @p cells cells (0, 1 or 2) at @p at. */
uint64_t devtree_cells(const fdt32_t *at, int cells);

/** Start before the first entry of @p node's `reg`, counted in the cells of its @p parent.  No `reg`: no entries.
 * @return false: the cells are not 1 or 2 (sizes: 0 too), or `reg` is no whole number of entries. */
bool reg_begin(struct reg_iter *it, const void *tree, int parent, int node);

/** @return false: no more.  Without size cells, r->bytes is 0. */
bool reg_next(struct reg_iter *it, struct range *r);

/** Find the way to @p node, which must not be the root.  @return false: no such node.  Cost: O(tree). */
bool tree_path_find(struct tree_path *path, const void *tree, int node);

/** Turn @p r from an address on the bus of path's last node into one of the root's.
 * @return false: a bus on the way has no `ranges`, or none that holds all of @p r, or cells that are not 1 or 2; or the
 *         result is empty or reaches beyond PHYSICAL_END.   Cost: O(length of all `ranges` on the way). */
bool tree_path_translate(const struct tree_path *path, const void *tree, struct range *r);

#endif
