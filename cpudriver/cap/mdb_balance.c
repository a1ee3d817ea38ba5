/**
 * @file mdb_balance.c  AVL balance of the mapping database.
 * Rotations keep the set of nodes under the top, so the top's max_end moves with the place and only the nodes that went
 * down are computed anew.  Walks up end where a height does not change: on average after two nodes.
 * Source: Knuth, The Art of Computer Programming, vol. 3, 6.2.3.
 */
#include <cap/mdb_node.h>

/** What `balance` is when @p side is the higher one. */
static inline int lean(unsigned side)
{
    return side ? 1 : -1;
}

/** Lift the child on @p side of @p p into the place of @p p.  Balances are the caller's. */
static inline struct cte *rotate(struct mdb *db, struct cte *p, unsigned side)
{
    struct cte *const top = mdb_child(p, side), *const inner = mdb_child(top, !side), *const above = mdb_parent(p);

    mdb_replace_child(db, above, p, top);
    mdb_set_parent(top, above);
    mdb_set_child(top, !side, p);
    mdb_set_parent(p, top);
    mdb_set_child(p, side, inner);
    if (inner) {
        mdb_set_parent(inner, p);
    }
    top->max_end = p->max_end;
    p->max_end = mdb_true_max_end(p);
    return top;
}

/** @p p is two higher on @p side than on the other.  @return the node now in its place; its balance is 0 if the subtree
 *  became one lower. */
static struct cte *restore(struct mdb *db, struct cte *p, unsigned side)
{
    struct cte *const c = mdb_child(p, side);
    const int d = lean(side);
    struct cte *top;

    if (c->balance != -d) {
        const int rest = d - c->balance; /* 0, or d if both sides of c were equally high: after a removal only */
        p->balance = (int8_t)rest;
        c->balance = (int8_t)-rest;
        return rotate(db, p, side);
    }
    rotate(db, c, !side);
    top = rotate(db, p, side);
    p->balance = (int8_t)(top->balance == d ? -d : 0);
    c->balance = (int8_t)(top->balance == -d ? d : 0);
    top->balance = 0;
    return top;
}

void mdb_attach(struct mdb *db, struct cte *parent, unsigned side, struct cte *c)
{
    c->link[0] = c->link[1] = 0;
    c->balance = 0;
    c->max_end = mdb_end(c);
    mdb_set_parent(c, parent);
    db->count++;
    if (!parent) {
        db->root = c;
        return;
    }
    mdb_set_child(parent, side, c);
    for (;;) {
        const int d = lean(side), was = parent->balance;
        if (was == d) {
            restore(db, parent, side);
            return;
        }
        parent->balance = (int8_t)(was + d);
        if (was != 0) {
            return;
        }
        c = parent;
        parent = mdb_parent(c);
        if (!parent) {
            return;
        }
        side = mdb_side(parent, c);
    }
}

void mdb_rebalance_shrunk(struct mdb *db, struct cte *parent, unsigned side)
{
    while (parent) {
        const int d = lean(side), was = parent->balance;
        struct cte *top = parent;

        if (was == -d) {
            top = restore(db, parent, !side);
            if (top->balance != 0) {
                return;
            }
        } else {
            parent->balance = (int8_t)(was - d);
            if (was == 0) {
                return;
            }
        }
        parent = mdb_parent(top);
        if (parent) {
            side = mdb_side(parent, top);
        }
    }
}
