/** @file timers.c  See timers.h. */
#include "timers.h"

#include <os/bug.h>
#include <stddef.h>

static uint64_t rank(const struct timer *t)
{
    return t ? t->rank : 0;
}

static void order_children(struct timer *t)
{
    if (rank(t->left) < rank(t->right)) {
        struct timer *const left = t->left;
        t->left = t->right;
        t->right = left;
    }
    t->rank = 1 + rank(t->right);
}

/* One heap of two, with @p parent above it; the link down is the caller's.  Down along both right paths, then up again. */
static struct timer *join(struct timer *a, struct timer *b, struct timer *parent)
{
    struct timer *root = NULL, *above = parent, **link = &root;

    while (a && b) {
        struct timer *const earlier = b->when < a->when ? b : a, *const later = earlier == a ? b : a;
        *link = earlier;
        earlier->parent = above;
        above = earlier;
        link = &earlier->right;
        a = earlier->right;
        b = later;
    }
    *link = a ? a : b;
    if (*link) {
        (*link)->parent = above;
    }
    for (; above != parent; above = above->parent) {
        order_children(above);
    }
    return root;
}

void timers_add(struct timer **first, struct timer *t, uint64_t when)
{
    OS_ASSERT(t->when == 0 && when != 0);
    *t = (struct timer){ .when = when, .rank = 1 };
    *first = join(*first, t, NULL);
}

void timers_remove(struct timer **first, struct timer *t)
{
    struct timer *parent = t->parent;
    struct timer *const rest = join(t->left, t->right, parent);

    OS_ASSERT(t->when != 0);
    if (!parent) {
        *first = rest;
    } else if (parent->left == t) {
        parent->left = rest;
    } else {
        parent->right = rest;
    }
    *t = (struct timer){ 0 };
    for (uint64_t was; parent; parent = parent->parent) {       /* ranks end with the first that stays as it was */
        was = parent->rank;
        order_children(parent);
        if (parent->rank == was) {
            return;
        }
    }
}
