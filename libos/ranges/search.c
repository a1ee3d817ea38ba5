/** @file search.c  Questions to a tree of ranges.  Contracts in os/ranges.h. */
#include "node.h"

struct range *range_find(const struct range_tree *tree, uint64_t address)
{
    struct range *const n = range_from(tree, address);
    return n && n->base <= address ? n : NULL;
}

struct range *range_from(const struct range_tree *tree, uint64_t address)
{
    struct range *n = tree->root, *found = NULL;

    while (n) {
        if (n->end > address) {
            found = n;
            n = n->child[0];
        } else {
            n = n->child[1];
        }
    }
    return found;
}

struct range *range_below(const struct range_tree *tree, uint64_t address)
{
    struct range *n = tree->root, *found = NULL;

    while (n) {
        if (n->base < address) {
            found = n;
            n = n->child[1];
        } else {
            n = n->child[0];
        }
    }
    return found;
}

bool range_meets(const struct range_tree *tree, uint64_t base, uint64_t end)
{
    const struct range *const n = range_from(tree, base);
    return n && n->base < end;
}

/* Whether @p want fits into [from, end), and where. */
static bool place(const struct range_want *want, uint64_t from, uint64_t end, uint64_t *base)
{
    const uint64_t align = want->align ? want->align : 1;
    const uint64_t start = from > want->from ? from : want->from;
    const uint64_t at = start + ((want->offset - start) & (align - 1));

    if (at < start || at > end || want->bytes > end - at) {
        return false;
    }
    *base = at;
    return true;
}

/* The lowest place in a space of @p least bytes or more (of class @p large), among the first @p tries such spaces.
 * @p more: there were more. */
static bool search(const struct range_tree *tree, const struct range_want *want, unsigned large, uint64_t least,
                   unsigned tries, uint64_t *base, bool *more)
{
    const struct range *stack[RANGE_DEPTH], *n = tree->root;
    unsigned depth = 0;

    *more = false;
    for (;;) {
        while (n && n->space[large] >= least) {
            if (space_end(tree, n) <= want->from) {
                n = n->child[1];        /* neither this nor what is left of it */
            } else {
                stack[depth++] = n;
                n = n->child[0];
            }
        }
        if (!depth) {
            return false;
        }
        n = stack[--depth];
        const uint64_t from = space_from(tree, n), end = space_end(tree, n);
        if ((large ? space_large(from, end) : end - from) >= least) {
            if (place(want, from, end, base)) {
                return true;
            }
            if (tries-- == 0) {
                *more = true;
                return false;
            }
        }
        n = n->child[1];
    }
}

bool range_fit(const struct range_tree *tree, const struct range_want *want, uint64_t *base)
{
    /* In class "large" a place must begin at a multiple of RANGE_LARGE, so what lies below the first one is no help. */
    const bool large = want->align >= RANGE_LARGE && want->offset % RANGE_LARGE == 0;
    const uint64_t unit = large ? RANGE_LARGE : 1;
    const uint64_t sure = want->bytes + (want->align > unit ? want->align - unit : 0);
    bool more;

    if (search(tree, want, large, want->bytes, RANGE_TRIES, base, &more)) {
        return true;
    }
    /* Only the space that holds want->from can be sure and fail. */
    if (more && sure > want->bytes && search(tree, want, large, sure, 1, base, &more)) {
        return true;
    }
    if (tree->kind == RANGES_FREE) {
        return false;
    }
    const struct range *const last = range_below(tree, tree->hi);
    return place(want, last ? last->end : tree->lo, tree->hi, base);
}
