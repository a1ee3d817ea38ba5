/**
 * @file mdb_balance.c  AVL balance of the mapping database.
 * Rotations keep the set of nodes under the top, so the top's max_end moves with the place and only the node that went
 * down is computed anew.  Walks up end where a height does not change: on average after two nodes.
 * Source: Knuth, The Art of Computer Programming, vol. 3, 6.2.3.
 */
#include <cap/mdb_node.h>

/** What `balance` is when @p side is the higher one. */
static inline int lean(unsigned side)
{
    return side ? 1 : -1;
}

static inline uint64_t max_of(uint64_t max, uint64_t child)
{
    const struct cte *c = mdb_slot(child);

    return c && c->max_end > max ? c->max_end : max;
}

/** Lift the child on @p side of @p p into the place of @p p.  Balances are the caller's.
 *  Each link word is put together once: the top's parent bits are those that @p p had, word for word. */
MDB_INLINE struct cte *rotate(struct mdb *db, struct cte *p, unsigned side)
{
    const uint64_t near = p->link[side], far = p->link[!side], top_number = near & MDB_LINK_MASK;
    struct cte *const top = mdb_slot_some(top_number), *const above = mdb_parent(p);
    const uint64_t inner = top->link[!side] & MDB_LINK_MASK, max = p->max_end;

    mdb_replace_child(db, above, p, top);
    top->link[side] = (top->link[side] & MDB_LINK_MASK) | (near & ~MDB_LINK_MASK);
    top->link[!side] = mdb_number_some(p) | (far & ~MDB_LINK_MASK);
    p->link[side] = inner | mdb_parent_bits(top_number, side);
    p->link[!side] = (far & MDB_LINK_MASK) | mdb_parent_bits(top_number, !side);
    if (inner) {
        mdb_set_parent(mdb_slot_some(inner), p);
    }
    top->max_end = max;
    p->max_end = max_of(max_of(mdb_end(p), inner), far & MDB_LINK_MASK);
    return top;
}

/** @p p is two higher on @p side, where its child @p c is higher on the other side: the grandchild between comes up. */
__attribute__((noinline)) static struct cte *rotate_twice(struct mdb *db, struct cte *p, struct cte *c, unsigned side)
{
    const int d = lean(side);
    struct cte *top;

    if (side) {
        rotate(db, c, 0);
        top = rotate(db, p, 1);
    } else {
        rotate(db, c, 1);
        top = rotate(db, p, 0);
    }
    p->balance = (int8_t)(top->balance == d ? -d : 0);
    c->balance = (int8_t)(top->balance == -d ? d : 0);
    top->balance = 0;
    return top;
}

/** @p p is two higher on @p side than on the other.  @return the node now in its place; its balance is 0 if the subtree
 *  became one lower. */
MDB_INLINE struct cte *restore(struct mdb *db, struct cte *p, unsigned side)
{
    struct cte *const c = mdb_child_some(p, side);
    const int d = lean(side), was = c->balance;

    if (was == -d) {
        return rotate_twice(db, p, c, side);
    }
    p->balance = (int8_t)(d - was); /* d if both sides of c were equally high, after a removal only; else 0 */
    c->balance = (int8_t)(was - d);
    return rotate(db, p, side);
}

/** The child on @p side of @p p has become one higher.  @return whether @p p has too. */
MDB_INLINE bool grown(struct mdb *db, struct cte *p, unsigned side)
{
    const int d = lean(side), was = p->balance;

    if (was == d) {
        restore(db, p, side);
        return false;
    }
    p->balance = (int8_t)(was + d);
    return was == 0;
}

/** The child on @p side of @p p has become one lower.  @return what is now in the place of @p p if that has too; NULL
 * if it has not. */
MDB_INLINE struct cte *shrunk(struct mdb *db, struct cte *p, unsigned side)
{
    const int d = lean(side), was = p->balance;

    if (was == -d) {
        struct cte *const top = restore(db, p, !side);
        return top->balance == 0 ? top : NULL;
    }
    p->balance = (int8_t)(was - d);
    return was != 0 ? p : NULL;
}

void mdb_attach(struct mdb *db, struct cte *parent, unsigned side, struct cte *c)
{
    const uint64_t number = mdb_number(parent);

    c->link[0] = mdb_parent_bits(number, 0);
    c->link[1] = mdb_parent_bits(number, 1);
    c->balance = 0;
    c->max_end = mdb_end(c);
    db->count++;
    if (!parent) {
        db->root = c;
        return;
    }
    mdb_set_child(parent, side, c);
    while (side ? grown(db, parent, 1) : grown(db, parent, 0)) {
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
    for (;;) {
        const struct cte *const top = side ? shrunk(db, parent, 1) : shrunk(db, parent, 0);
        if (!top || !(parent = mdb_parent(top))) {
            return;
        }
        side = mdb_side(parent, top);
    }
}
