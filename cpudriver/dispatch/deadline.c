/** @file deadline.c  See deadline.h. */
#include <core/panic.h>
#include <dispatch/deadline.h>

static inline uint64_t rank(const struct deadline_node *n)
{
    return n ? n->rank : 0;
}

/** D2 for @p n, whose children are right. */
static inline void mend_rank(struct deadline_node *n)
{
    struct deadline_node *const left = n->left;

    if (rank(left) < rank(n->right)) {
        n->left = n->right;
        n->right = left;
    }
    n->rank = 1 + rank(n->right);
}

/** Merge the heaps @p a and @p b.  @return the root, whose parent link is @p parent; the link down to it is the
 * caller's. */
static struct deadline_node *merge(struct deadline_node *a, struct deadline_node *b, struct deadline_node *parent)
{
    struct deadline_node *root, *last = parent, **link = &root;

    while (a && b) {
        if (b->when < a->when) {
            struct deadline_node *const later = a;
            a = b;
            b = later;
        }
        *link = a;
        a->parent = last;
        last = a;
        link = &a->right;
        a = a->right;
    }
    *link = a ? a : b;
    if (*link) {
        (*link)->parent = last;
    }
    for (struct deadline_node *n = last; n != parent; n = n->parent) {
        mend_rank(n);
    }
    return root;
}

void deadline_insert(struct deadline_node **root, struct deadline_node *n, uint64_t when)
{
    ASSERT(when != 0 && n->when == 0);
    *n = (struct deadline_node){ .when = when, .rank = 1 };
    *root = merge(*root, n, NULL);
}

void deadline_remove(struct deadline_node **root, struct deadline_node *n)
{
    struct deadline_node *parent = n->parent;
    struct deadline_node *const heir = merge(n->left, n->right, parent);

    ASSERT(n->when != 0);
    *(!parent ? root : parent->left == n ? &parent->left : &parent->right) = heir;
    *n = (struct deadline_node){ 0 };
    for (; parent; parent = parent->parent) {
        const uint64_t was = parent->rank;
        mend_rank(parent);
        if (parent->rank == was) {
            return;
        }
    }
}
