/** @file tree.c  The balanced tree: insert, remove, resize.  Contracts in os/ranges.h. */
#include "node.h"

/* Links from the root down to a node: what changes when that node changes. */
struct path {
    struct range **link[RANGE_DEPTH];
    unsigned depth;
};

static unsigned height(const struct range *n)
{
    return n ? n->height : 0;
}

/* R2 and R3 for one node whose children are right already. */
static void update(const struct range_tree *tree, struct range *n)
{
    const uint64_t from = space_from(tree, n), end = space_end(tree, n);
    unsigned tallest = 0;

    n->space[0] = end - from;
    n->space[1] = space_large(from, end);
    for (unsigned side = 0; side < 2; side++) {
        const struct range *const c = n->child[side];
        if (c) {
            tallest = c->height > tallest ? c->height : tallest;
            n->space[0] = c->space[0] > n->space[0] ? c->space[0] : n->space[0];
            n->space[1] = c->space[1] > n->space[1] ? c->space[1] : n->space[1];
        }
    }
    n->height = tallest + 1;
}

/* The child on @p side becomes the parent. */
static void rotate(const struct range_tree *tree, struct range **link, unsigned side)
{
    struct range *const n = *link, *const c = n->child[side];

    n->child[side] = c->child[!side];
    c->child[!side] = n;
    *link = c;
    update(tree, n);
    update(tree, c);
}

static void balance(const struct range_tree *tree, struct range **link)
{
    struct range *const n = *link;
    const unsigned left = height(n->child[0]), right = height(n->child[1]);

    if (left > right + 1 || right > left + 1) {
        const unsigned side = right > left;
        const struct range *const c = n->child[side];
        if (height(c->child[!side]) > height(c->child[side])) {
            rotate(tree, &n->child[side], !side);
        }
        rotate(tree, link, side);
    } else {
        update(tree, n);
    }
}

static void balance_path(const struct range_tree *tree, const struct path *path)
{
    for (unsigned i = path->depth; i-- > 0;) {
        balance(tree, path->link[i]);
    }
}

/* The path to the place of @p base, without what is found there. */
static struct range **descend(struct range_tree *tree, uint64_t base, struct path *path)
{
    struct range **link = &tree->root;

    path->depth = 0;
    while (*link && (*link)->base != base) {
        path->link[path->depth++] = link;
        link = &(*link)->child[base > (*link)->base];
    }
    return link;
}

/* Go on from @p link, which is in the path, to the next node in order, if it lies below. */
static struct range **descend_next(struct range **link, struct path *path)
{
    struct range **next = &(*link)->child[1];

    while (*next) {
        path->link[path->depth++] = next;
        next = &(*next)->child[0];
    }
    return path->link[path->depth - 1];
}

static void set_gap(struct range_tree *tree, struct range *node, uint64_t from)
{
    if (node && tree->kind == RANGES_USED) {
        node->gap_from = from;
    }
}

void range_tree_init(struct range_tree *tree, enum range_kind kind, uint64_t lo, uint64_t hi)
{
    *tree = (struct range_tree){ .kind = kind, .lo = lo, .hi = hi };
}

bool range_insert(struct range_tree *tree, struct range *node)
{
    struct range *before = NULL, *after = NULL;
    struct range **link = &tree->root;
    struct path path = { .depth = 0 };

    if (node->base >= node->end || node->base < tree->lo || node->end > tree->hi) {
        return false;
    }
    while (*link) {
        struct range *const n = *link;
        path.link[path.depth++] = link;
        if (node->end <= n->base) {
            after = n;
            link = &n->child[0];
        } else if (node->base >= n->end) {
            before = n;
            link = &n->child[1];
        } else {
            return false;
        }
    }
    node->child[0] = node->child[1] = NULL;
    node->gap_from = before ? before->end : tree->lo;
    set_gap(tree, after, node->end);        /* it is in the path: a new leaf's neighbours are above it */
    update(tree, node);
    *link = node;
    balance_path(tree, &path);
    tree->count++;
    return true;
}

void range_remove(struct range_tree *tree, struct range *node)
{
    struct path path;
    struct range **const link = descend(tree, node->base, &path);

    if (node->child[0] && node->child[1]) {
        const unsigned at = path.depth;
        path.link[path.depth++] = link;
        struct range **const next_link = descend_next(link, &path);
        struct range *const next = *next_link;
        path.depth--;                           /* the place where it was has no node of the path */
        *next_link = next->child[1];            /* before next takes over node's children: it may be one */
        next->child[0] = node->child[0];
        next->child[1] = node->child[1];
        *link = next;
        if (path.depth > at + 1) {
            path.link[at + 1] = &next->child[1];
        }
        set_gap(tree, next, node->gap_from);
    } else {
        struct range *const child = node->child[node->child[0] ? 0 : 1];
        struct range *const after = range_from(tree, node->end);
        *link = child;
        set_gap(tree, after, node->gap_from);   /* the child, or above it */
        if (child) {
            update(tree, child);
        }
    }
    balance_path(tree, &path);
    tree->count--;
}

void range_resize(struct range_tree *tree, struct range *node, uint64_t base, uint64_t end)
{
    struct range *const after = range_from(tree, node->end);
    struct path path;
    struct range **const link = descend(tree, node->base, &path);

    path.link[path.depth++] = link;
    if (node->child[1]) {
        descend_next(link, &path);
    }
    node->base = base;
    node->end = end;
    set_gap(tree, after, end);                  /* below the node, or above it: in the path both times */
    balance_path(tree, &path);
}
