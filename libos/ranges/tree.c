/** @file tree.c  The balanced tree: insert, remove, resize.  Contracts in os/ranges.h. */
#include "node.h"

/* Links from the root down to a node: what changes when that node changes. */
struct path {
    struct range **link[RANGE_DEPTH];
    unsigned depth;
    unsigned left;      /* links up to and with the last node that was left by its left side: the first one, in order,
                           behind all that is below; 0: there is none */
};

static unsigned height(const struct range *n)
{
    return n ? n->height : 0;
}

/* R2 and R3 for one node whose children are right already. */
static void update(const struct range_tree *tree, struct range *n)
{
    unsigned tallest = 0;

    if (tree->kind == RANGES_PLAIN) {
        const unsigned left = height(n->child[0]), right = height(n->child[1]);
        n->height = (left > right ? left : right) + 1;
        return;
    }
    const uint64_t from = space_from(tree, n), end = space_end(tree, n);
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

/* @return whether what those above must know of the subtree has changed. */
static bool balance(const struct range_tree *tree, struct range **link)
{
    struct range *const n = *link;
    const unsigned left = height(n->child[0]), right = height(n->child[1]);
    const uint64_t height_before = n->height, all = n->space[0], large = n->space[1];

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
    return (*link)->height != height_before || (*link)->space[0] != all || (*link)->space[1] != large;
}

/* The same without spaces: up to where the height stays. */
static void balance_plain(const struct range_tree *tree, const struct path *path)
{
    for (unsigned i = path->depth; i-- > 0;) {
        struct range *const n = *path->link[i];
        const unsigned left = height(n->child[0]), right = height(n->child[1]), before = n->height;

        if (left > right + 1 || right > left + 1) {
            (void)balance(tree, path->link[i]);
        } else {
            n->height = (left > right ? left : right) + 1;
        }
        if ((*path->link[i])->height == before) {
            return;
        }
    }
}

/* Upwards from the end of @p path: the links from @p least on always, and further as long as anything changes. */
static void balance_path(const struct range_tree *tree, const struct path *path, unsigned least)
{
    bool changed = true;

    if (tree->kind == RANGES_PLAIN) {
        balance_plain(tree, path);
        return;
    }
    for (unsigned i = path->depth; i-- > 0 && (changed || i >= least);) {
        changed = balance(tree, path->link[i]);
    }
}

/* The path to the place of @p base, without what is found there. */
static struct range **descend(struct range_tree *tree, uint64_t base, struct path *path)
{
    struct range **link = &tree->root;

    path->depth = path->left = 0;
    while (*link && (*link)->base != base) {
        const bool right = base > (*link)->base;
        path->link[path->depth++] = link;
        path->left = right ? path->left : path->depth;
        link = &(*link)->child[right];
    }
    return link;
}

/* Go on from @p link, which is in the path and has a right child, to the next node in order. */
static struct range **descend_next(struct range **link, struct path *path)
{
    struct range **next = &(*link)->child[1];

    while (*next) {
        path->link[path->depth++] = next;
        next = &(*next)->child[0];
    }
    return path->link[path->depth - 1];
}

/* The node behind all that lies below the path's end, before which a gap now begins at @p from.
 * @return the first link that must be balanced for that */
static unsigned set_gap_behind(const struct range_tree *tree, const struct path *path, uint64_t from)
{
    if (path->left == 0 || tree->kind != RANGES_USED) {
        return path->depth;
    }
    (*path->link[path->left - 1])->gap_from = from;
    return path->left - 1;
}

void range_tree_init(struct range_tree *tree, enum range_kind kind, uint64_t lo, uint64_t hi)
{
    *tree = (struct range_tree){ .kind = kind, .lo = lo, .hi = hi };
}

bool range_insert(struct range_tree *tree, struct range *node)
{
    struct range *before = NULL;
    struct range **link = &tree->root;
    struct path path;       /* its links are written as they are passed, so not 512 bytes of zeros first */

    path.depth = path.left = 0;
    if (node->base >= node->end || node->base < tree->lo || node->end > tree->hi) {
        return false;
    }
    while (*link) {
        struct range *const n = *link;
        path.link[path.depth++] = link;
        if (node->end <= n->base) {
            path.left = path.depth;
            link = &n->child[0];
        } else if (node->base >= n->end) {
            before = n;
            link = &n->child[1];
        } else {
            return false;
        }
    }
    node->child[0] = node->child[1] = NULL;
    node->gap_from = tree->kind == RANGES_PLAIN ? 0 : before ? before->end : tree->lo;
    node->space[0] = node->space[1] = 0;
    const unsigned least = set_gap_behind(tree, &path, node->end);
    node->height = 1;
    if (tree->kind != RANGES_PLAIN) {
        update(tree, node);
    }
    *link = node;
    balance_path(tree, &path, least);
    tree->count++;
    return true;
}

void range_insert_vacant(struct range_tree *tree, struct range *node)
{
    struct range **path[RANGE_DEPTH], **link = &tree->root;
    const uint64_t base = node->base;
    unsigned depth = 0;

    for (struct range *n; (n = *link);) {
        path[depth++] = link;
        link = &n->child[base > n->base];
    }
    node->child[0] = node->child[1] = NULL;
    node->gap_from = node->space[0] = node->space[1] = 0;
    node->height = 1;
    *link = node;
    tree->count++;
    for (unsigned grown = 1; depth-- > 0;) {        /* height of the side that has the node */
        struct range *const n = *path[depth];
        const unsigned other = height(n->child[base <= n->base]);
        if (grown > other + 1) {
            (void)balance(tree, path[depth]);       /* afterwards as high as before the insertion */
            return;
        }
        if (grown <= other) {
            return;
        }
        n->height = ++grown;
    }
}

/* Put the next node in order, which lies below, into the place of @p node at @p link. */
static void replace_by_next(const struct range *node, struct range **link, struct path *path)
{
    const unsigned at = path->depth;

    path->link[path->depth++] = link;
    struct range **const next_link = descend_next(link, path);
    struct range *const next = *next_link;
    path->depth--;                              /* the place where it was has no node of the path */
    *next_link = next->child[1];                /* before next takes over node's children: it may be one */
    const uint64_t base = next->base, end = next->end;
    *next = *node;                              /* with what those above know of the subtree */
    next->base = base;
    next->end = end;
    *link = next;
    if (path->depth > at + 1) {
        path->link[at + 1] = &next->child[1];
    }
}

void range_remove(struct range_tree *tree, struct range *node)
{
    struct path path;
    struct range **const link = descend(tree, node->base, &path);
    unsigned least = path.depth;

    if (node->child[0] && node->child[1]) {
        replace_by_next(node, link, &path);
    } else if (node->child[1]) {
        struct range *const next = node->child[1];
        next->gap_from = node->gap_from;
        update(tree, next);
        *link = next;
    } else {
        *link = node->child[0];
        least = set_gap_behind(tree, &path, node->gap_from);
    }
    balance_path(tree, &path, least);
    tree->count--;
}

struct range *range_take_any(struct range_tree *tree)
{
    struct range *n = tree->root;

    if (!n) {
        return NULL;
    }
    while (n->child[0]) {           /* up with the left child: each node comes up once, and is taken then */
        struct range *const c = n->child[0];
        n->child[0] = c->child[1];
        c->child[1] = n;
        n = c;
    }
    tree->root = n->child[1];
    tree->count--;
    return n;
}

void range_resize(struct range_tree *tree, struct range *node, uint64_t base, uint64_t end)
{
    struct path path;
    struct range **const link = descend(tree, node->base, &path);
    unsigned least = path.depth;

    if (node->child[1]) {
        path.link[path.depth++] = link;
        struct range *const next = *descend_next(link, &path);
        next->gap_from = tree->kind == RANGES_PLAIN ? 0 : end;
    } else {
        const unsigned behind = set_gap_behind(tree, &path, end);
        least = behind < least ? behind : least;
        path.link[path.depth++] = link;
    }
    node->base = base;
    node->end = end;
    balance_path(tree, &path, least);
}
