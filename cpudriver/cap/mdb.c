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

void mdb_insert_copy(struct mdb *db, struct cte *of, struct cte *c)
{
    struct cte *parent = of, *n = mdb_child(of, 1);
    const uint64_t end = mdb_end(c);

    if ((of->flags ^ c->flags) & CTE_WEAK) {
        mdb_insert(db, c); /* another sub-order: its place may be behind further copies, or before of */
        return;
    }
    while (n) {
        parent = n;
        n = mdb_child(n, 0);
    }
    for (n = parent; n->max_end < end; n = mdb_parent(n)) {
        n->max_end = end; /* goes no further than of, which reaches as far */
    }
    mdb_attach(db, parent, parent == of, c);
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

/** @p c has two children: its neighbour from the higher side takes its place, so that fewer rotations follow. */
static void remove_inner(struct mdb *db, struct cte *c)
{
    const unsigned side = c->balance > 0;
    struct cte *const above = mdb_parent(c), *const inner = mdb_child(c, side);
    struct cte *heir = inner, *shrunk, *next;
    unsigned shrunk_side = side;

    while ((next = mdb_child(heir, !side))) {
        heir = next;
    }
    shrunk = heir;
    if (heir != inner) {
        shrunk = mdb_parent(heir);
        shrunk_side = !side;
        link_child(shrunk, !side, mdb_child(heir, side));
        link_child(heir, side, inner);
    }
    link_child(heir, !side, mdb_child(c, !side));
    mdb_replace_child(db, above, c, heir);
    mdb_set_parent(heir, above);
    heir->balance = c->balance;
    heir->max_end = c->max_end;
    shrink_max_end(shrunk, heir, mdb_end(heir));
    shrink_max_end(heir, NULL, mdb_end(c));
    mdb_rebalance_shrunk(db, shrunk, shrunk_side);
}

/** @p c has the only child @p child, or none (NULL). */
static inline void remove_outer(struct mdb *db, struct cte *c, struct cte *child)
{
    struct cte *const parent = mdb_parent(c);

    if (child) {
        mdb_set_parent(child, parent);
    }
    if (!parent) {
        db->root = child;
        return;
    }
    const unsigned side = mdb_side(parent, c);
    mdb_set_child(parent, side, child);
    shrink_max_end(parent, NULL, mdb_end(c));
    mdb_rebalance_shrunk(db, parent, side);
}

void mdb_remove(struct mdb *db, struct cte *c)
{
    struct cte *const left = mdb_child(c, 0), *const right = mdb_child(c, 1);

    if (left && right) {
        remove_inner(db, c);
    } else {
        remove_outer(db, c, left ? left : right);
    }
    c->link[0] = c->link[1] = 0;
    c->balance = 0;
    c->max_end = 0;
    db->count--;
}

void mdb_move(struct mdb *db, struct cte *from, struct cte *to)
{
    *to = *from;
    for (unsigned side = 0; side < 2; side++) {
        struct cte *const child = mdb_child(to, side);
        if (child) {
            mdb_set_parent(child, to);
        }
    }
    mdb_replace_child(db, mdb_parent(to), from, to);
    *from = (struct cte){ 0 };
}
