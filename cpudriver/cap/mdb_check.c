/**
 * @file mdb_check.c  The invariants of the mapping database, M1 to M5 of cap/mdb.h, and of its links (M0).
 *
 * The first pass walks from parents to children and follows a link only when the child points back, so it ends whatever
 * the tree looks like.  The second walks in order, which the first has made safe.  Neither needs a stack: heights are
 * followed along the higher side, and enclosing ranges are found by max_end.
 */
#include <cap/mdb_node.h>

#define MAX_HEIGHT 64u /* an AVL tree of 2^42 nodes is not higher than 61 */

static const struct {
    uint8_t space;
    uint8_t parent; /* CAP_NULL: the kernel makes it, out of nothing that a capability names */
} rule[CAP_TYPE_COUNT] = {
#define CAPTYPE(name, number, space_, fixed, parent_) [number] = { SPACE_##space_, CAP_##parent_ },
#include <shoal/captypes.def>
#undef CAPTYPE
};

/** Height of the subtree @p n, going down where `balance` says it is highest: true if every balance in it is. */
static unsigned height(const struct cte *n)
{
    unsigned h = 0;

    while (n && h <= MAX_HEIGHT) {
        h++;
        n = mdb_child(n, n->balance >= 0);
    }
    return h;
}

static const char *check_node(const struct cte *n)
{
    for (unsigned side = 0; side < 2; side++) {
        const struct cte *child = mdb_child(n, side);
        if (child && mdb_parent(child) != n) {
            return "M0: a child's parent link leads elsewhere";
        }
    }
    if (n->link[0] & MDB_LINK_MASK && !((n->link[0] ^ n->link[1]) & MDB_LINK_MASK)) {
        return "M0: both children are the same slot";
    }
    if (n->balance < -1 || n->balance > 1 ||
        (int)height(mdb_child(n, 1)) - (int)height(mdb_child(n, 0)) != n->balance) {
        return "M2: balance is not the difference of the heights";
    }
    if (n->max_end != mdb_true_max_end(n)) {
        return "M3: max_end is not the largest end in the subtree";
    }
    return NULL;
}

/** Parents before children.  The links of @p n have been checked, so those of its ancestors have been too. */
static const struct cte *next_preorder(const struct cte *n)
{
    const struct cte *child = mdb_child(n, 0), *parent;

    if (!child) {
        child = mdb_child(n, 1);
    }
    while (!child && (parent = mdb_parent(n))) {
        if (mdb_side(parent, n) == 0) {
            child = mdb_child(parent, 1);
        }
        n = parent;
    }
    return child;
}

static const char *check_tree(const struct mdb *db, const struct cte **at)
{
    uint64_t count = 0;

    if (db->root && mdb_parent(db->root)) {
        *at = db->root;
        return "M0: the root has a parent";
    }
    for (const struct cte *n = db->root; n; n = next_preorder(n)) {
        const char *wrong = check_node(n);
        if (wrong) {
            *at = n;
            return wrong;
        }
        count++;
    }
    return count == db->count ? NULL : "M0: the count is not the number of nodes";
}

static const char *check_range(const struct cte *n)
{
    const enum cap_type type = cte_type(n);

    if (type == CAP_NULL || type >= CAP_TYPE_COUNT) {
        return "M1: the slot holds no capability";
    }
    if (n->base >> SPACE_SHIFT != rule[type].space || n->bytes > SPACE_BASE(1) - cte_addr(n)) {
        return "M1: the range is not on the number line of its type";
    }
    return NULL;
}

/** @p n is no Mapping.  Ranges before it nest: so those of them that reach into it form a chain, and the last of the
 * chain is the smallest; if @p n lies inside that, it lies inside all. */
static const char *check_place(const struct cte *n)
{
    const struct cte *outer = mdb_prev_reaching(n, n->base);

    if (!outer || mdb_is_copy(outer, n)) {
        return NULL;
    }
    if (cte_type(outer) == CAP_MAPPING) {
        return "M4: the range begins inside a Mapping";
    }
    if (mdb_end(outer) < mdb_end(n)) {
        return "M4: two ranges overlap, neither inside the other";
    }
    return rule[cte_type(n)].parent == cte_type(outer) ? NULL : "M5: lies inside what cannot give it";
}

/** What a Mapping may lie in: what can be mapped, or what that was made from if it has been deleted since. */
static bool mappable(enum cap_type type)
{
    return type == CAP_FRAME || type == CAP_DEVFRAME || type == CAP_VNODE_L1 || type == CAP_VNODE_L2 ||
           type == CAP_VNODE_L3 || type == CAP_RAM || type == CAP_DEVRANGE;
}

/** @p n is a Mapping, @p before the last before it that is none (NULL: there is none).  No Mapping before @p before
 * reaches into it (check_place), so none is in the way of the search. */
static const char *check_mapping(const struct cte *n, const struct cte *before)
{
    const struct cte *outer = before;

    if (outer && mdb_end(outer) <= n->base) {
        outer = mdb_prev_reaching(outer, n->base);
    }
    if (!outer) {
        return NULL;
    }
    if (mdb_end(outer) < mdb_end(n)) {
        return "M4: a Mapping leaves the range it begins in";
    }
    return mappable(cte_type(outer)) ? NULL : "M5: a Mapping of what cannot be mapped";
}

static const char *check_order(const struct mdb *db, const struct cte **at)
{
    const struct cte *n = db->root, *prev = NULL, *before = NULL;

    while (n && mdb_child(n, 0)) {
        n = mdb_child(n, 0);
    }
    for (; n; prev = n, n = mdb_next(n)) {
        const char *wrong = check_range(n);
        if (!wrong && prev) {
            const struct mdb_key key = mdb_key_of(prev);
            wrong = mdb_descend(&key, n, true) ? "M1: sorts before its predecessor" : NULL;
        }
        if (!wrong) {
            wrong = cte_type(n) == CAP_MAPPING ? check_mapping(n, before) : check_place(n);
        }
        if (wrong) {
            *at = n;
            return wrong;
        }
        if (cte_type(n) != CAP_MAPPING) {
            before = n;
        }
    }
    return NULL;
}

const char *mdb_check(const struct mdb *db, const struct cte **at)
{
    const char *wrong;

    *at = NULL;
    wrong = check_tree(db, at);
    return wrong ? wrong : check_order(db, at);
}
