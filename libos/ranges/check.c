/** @file check.c  R1 to R4 of os/ranges.h, for tests and debug builds. */
#include "node.h"

/* What is known of a subtree that has been checked. */
struct seen {
    uint64_t last_end;      /* of the node before the one that comes next in order */
    uint64_t count;
    const char *wrong;
};

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* Recursion as deep as the tree, in order; the only one in this module. */
static unsigned check_subtree(const struct range_tree *tree, const struct range *n, unsigned depth, struct seen *seen)
{
    if (!n || seen->wrong) {
        return 0;
    }
    if (depth >= RANGE_DEPTH) {
        seen->wrong = "R2: a path is too long";
        return 0;
    }
    const unsigned left = check_subtree(tree, n->child[0], depth + 1, seen);
    if (n->base >= n->end || n->base < seen->last_end || n->base < tree->lo || n->end > tree->hi) {
        seen->wrong = seen->wrong ? seen->wrong : "R1: a range is empty, out of order, or outside the tree's limits";
    }
    if (tree->kind == RANGES_USED && n->gap_from != (seen->count ? seen->last_end : tree->lo)) {
        seen->wrong = seen->wrong ? seen->wrong : "R4: a gap does not begin at the end of the range before";
    }
    seen->last_end = n->end;
    seen->count++;
    const unsigned right = check_subtree(tree, n->child[1], depth + 1, seen);
    if (left > right + 1 || right > left + 1 || n->height != (left > right ? left : right) + 1) {
        seen->wrong = seen->wrong ? seen->wrong : "R2: out of balance, or a wrong height";
    }
    const bool spaces = tree->kind != RANGES_PLAIN;
    uint64_t all = spaces ? space_end(tree, n) - space_from(tree, n) : 0;
    uint64_t large = spaces ? space_large(space_from(tree, n), space_end(tree, n)) : 0;
    for (unsigned side = 0; side < 2; side++) {
        all = n->child[side] ? larger(all, n->child[side]->space[0]) : all;
        large = n->child[side] ? larger(large, n->child[side]->space[1]) : large;
    }
    if (n->space[0] != all || n->space[1] != large) {
        seen->wrong = seen->wrong ? seen->wrong : "R3: the largest space of a subtree is wrong";
    }
    return n->height;
}

const char *range_check(const struct range_tree *tree)
{
    struct seen seen = { .last_end = tree->lo };

    check_subtree(tree, tree->root, 0, &seen);
    if (!seen.wrong && seen.count != tree->count) {
        seen.wrong = "R1: the number of ranges is wrong";
    }
    return seen.wrong;
}
