/** @file mdb.c  The mapping database: what changes it.  Look-ups are in cap/mdb_search.c. */
#include <cap/mdb_node.h>

static inline void link_child(struct cte *parent, unsigned side, struct cte *child)
{
    mdb_set_child(parent, side, child);
    if (child) {
        mdb_set_parent(child, parent);
    }
}

void mdb_insert(struct mdb *db, struct cte *c)
{
    const struct mdb_key key = mdb_key_of(c);
    const uint64_t end = mdb_end(c);
    struct cte *parent = NULL;
    unsigned side = 0;

    for (struct cte *n = db->root; n; n = mdb_child(n, side)) {
        if (n->max_end < end) {
            n->max_end = end;
        }
        parent = n;
        side = mdb_descend(&key, n, false);
    }
    mdb_attach(db, parent, side, c);
}

void mdb_insert_between(struct mdb *db, struct cte *before, struct cte *after, struct cte *c)
{
    struct cte *const parent = mdb_child(before, 1) ? after : before;   /* after has no left child then */
    const uint64_t end = mdb_end(c);

    for (struct cte *n = parent; n && n->max_end < end; n = mdb_parent(n)) {
        n->max_end = end;
    }
    mdb_attach(db, parent, parent == before, c);
}

void mdb_insert_behind(struct mdb *db, struct cte *before, struct cte *c)
{
    struct cte *after = mdb_child(before, 1);

    for (struct cte *n = after; n; n = mdb_child(n, 0)) {
        after = n;
    }
    mdb_insert_between(db, before, after, c);
}

void mdb_insert_copy(struct mdb *db, struct cte *of, struct cte *c)
{
    if ((of->flags ^ c->flags) & CTE_WEAK) {
        mdb_insert(db, c); /* another sub-order: its place may be behind further copies, or before of */
        return;
    }
    mdb_insert_behind(db, of, c);
}

/** A node that ended at @p gone has left the subtrees of @p n and of those above it, up to but without @p stop. */
static void shrink_max_end(struct cte *n, const struct cte *stop, uint64_t gone)
{
    while (n != stop && n->max_end == gone) {
        const uint64_t max = mdb_true_max_end(n);
        if (max == gone) {
            return;
        }
        n->max_end = max;
        n = mdb_parent(n);
    }
}

/** Where a subtree has become one lower. */
struct gap {
    struct cte *parent; /* NULL: the tree has */
    unsigned side;
};

/** @p c has two children: its neighbour on @p side, the higher one, takes its place, so that fewer rotations follow. */
MDB_INLINE struct gap remove_inner(struct mdb *db, struct cte *c, unsigned side)
{
    struct cte *const above = mdb_parent(c), *const far = mdb_child_some(c, !side),
                      *const inner = mdb_child_some(c, side);
    const uint64_t below = c->link[side];
    struct cte *heir = inner, *next;
    struct gap gap;

    while ((next = mdb_child(heir, !side))) {
        heir = next;
    }
    if (heir == inner) {
        gap = (struct gap){ heir, side };
        heir->link[side] = (heir->link[side] & MDB_LINK_MASK) | (below & ~MDB_LINK_MASK);
    } else {
        gap = (struct gap){ mdb_parent(heir), !side };
        link_child(gap.parent, !side, mdb_child(heir, side));
        heir->link[side] = below;
        mdb_set_parent(inner, heir);
    }
    heir->link[!side] = c->link[!side];
    heir->balance = c->balance;
    heir->max_end = c->max_end;
    mdb_set_parent(far, heir);
    mdb_replace_child(db, above, c, heir);
    shrink_max_end(gap.parent, heir, mdb_end(heir));
    shrink_max_end(heir, NULL, mdb_end(c));
    return gap;
}

/** @p c has the only child number @p child, which is a leaf then, or none (0). */
MDB_INLINE struct gap remove_outer(struct mdb *db, struct cte *c, uint64_t child)
{
    struct cte *const parent = mdb_parent(c);

    if (child) {
        struct cte *const leaf = mdb_slot_some(child);
        leaf->link[0] = c->link[0] & ~MDB_LINK_MASK;
        leaf->link[1] = c->link[1] & ~MDB_LINK_MASK;
    }
    if (!parent) {
        db->root = mdb_slot(child);
        return (struct gap){ NULL, 0 };
    }
    const unsigned side = mdb_side(parent, c);
    parent->link[side] = (parent->link[side] & ~MDB_LINK_MASK) | child;
    shrink_max_end(parent, NULL, mdb_end(c));
    return (struct gap){ parent, side };
}

void mdb_remove(struct mdb *db, struct cte *c)
{
    const uint64_t left = c->link[0] & MDB_LINK_MASK, right = c->link[1] & MDB_LINK_MASK;

    struct gap gap;

    if (!left || !right) {
        gap = remove_outer(db, c, left | right);
    } else if (c->balance < 0) {
        gap = remove_inner(db, c, 0);
    } else {
        gap = remove_inner(db, c, 1);
    }
    c->link[0] = c->link[1] = 0;
    c->balance = 0;
    c->max_end = 0;
    db->count--;
    if (gap.parent) {
        mdb_rebalance_shrunk(db, gap.parent, gap.side); /* last, so that it is a jump */
    }
}

void mdb_move(struct mdb *db, struct cte *from, struct cte *to)
{
    cte_assign(to, from);
    for (unsigned side = 0; side < 2; side++) {
        struct cte *const child = mdb_child(to, side);
        if (child) {
            mdb_set_parent(child, to);
        }
    }
    mdb_replace_child(db, mdb_parent(to), from, to);
    *from = (struct cte){ 0 };
}
