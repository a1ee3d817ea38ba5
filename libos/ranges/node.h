/**
 * @file node.h  What a node stands for.  Private to libos/ranges.
 */
#ifndef RANGES_NODE_H
#define RANGES_NODE_H

#include <os/ranges.h>
#include <stddef.h>

/* A tree of 2^44 pages is at most 1.44 * 44 + 2 = 65.4 deep; no address space or memory has so many ranges. */
#define RANGE_DEPTH 64

static inline uint64_t space_from(const struct range_tree *tree, const struct range *n)
{
    return tree->kind == RANGES_FREE ? n->base : n->gap_from;
}

static inline uint64_t space_end(const struct range_tree *tree, const struct range *n)
{
    return tree->kind == RANGES_FREE ? n->end : n->base;
}

/** Bytes of [from, end) counted from its first multiple of RANGE_LARGE. */
static inline uint64_t space_large(uint64_t from, uint64_t end)
{
    const uint64_t first = (from + (RANGE_LARGE - 1)) & ~(RANGE_LARGE - 1);
    return first >= from && first < end ? end - first : 0;
}

#endif
