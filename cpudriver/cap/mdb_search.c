/** @file mdb_search.c  The mapping database: neighbours, look-up by key and by range.  Nothing here changes it. */
#include <cap/mdb_node.h>

static inline int compare(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

int mdb_compare_same_base(const struct mdb_key *k, const struct cte *c)
{
    const uint64_t size = mdb_size_key(c), minor = mdb_minor(cte_type(c), c->gen, mdb_sub(c));

    if (k->size != size) {
        return compare(size, k->size);
    }
    if (k->minor != minor || cte_type(c) != CAP_MAPPING) {
        return compare(k->minor, minor);
    }
    if (k->word[0] != c->word[0]) {
        return compare(k->word[0], c->word[0]);
    }
    return compare(k->word[1], c->word[1]);
}

/** The next node in tree order towards @p side. */
MDB_INLINE struct cte *neighbour(const struct cte *c, unsigned side)
{
    struct cte *n = mdb_child(c, side);

    if (n) {
        struct cte *next;
        while ((next = mdb_child(n, !side))) {
            n = next;
        }
        return n;
    }
    n = mdb_parent(c);
    while (n && mdb_side(n, c) == side) {
        c = n;
        n = mdb_parent(c);
    }
    return n;
}

bool mdb_is_inner(const struct cte *c)
{
    return mdb_child(c, 0) && mdb_child(c, 1);
}

struct cte *mdb_next(const struct cte *c)
{
    return neighbour(c, 1);
}

struct cte *mdb_prev(const struct cte *c)
{
    return neighbour(c, 0);
}

/** The node under @p n that is the last towards !@p side of those that end above @p beyond.  n->max_end is above it. */
MDB_INLINE struct cte *outermost_reaching(struct cte *n, unsigned side, uint64_t beyond)
{
    for (;;) {
        struct cte *const outer = mdb_child(n, !side);
        if (outer && outer->max_end > beyond) {
            n = outer;
        } else if (mdb_end(n) > beyond) {
            return n;
        } else {
            n = mdb_child(n, side);
        }
    }
}

MDB_INLINE struct cte *neighbour_reaching(const struct cte *c, unsigned side, uint64_t beyond)
{
    for (;;) {
        struct cte *n = mdb_child(c, side);
        if (n && n->max_end > beyond) {
            return outermost_reaching(n, side, beyond);
        }
        n = mdb_parent(c);
        while (n && mdb_side(n, c) == side) {
            c = n;
            n = mdb_parent(c);
        }
        if (!n || mdb_end(n) > beyond) {
            return n;
        }
        c = n;
    }
}

struct cte *mdb_next_reaching(const struct cte *c, uint64_t beyond)
{
    return neighbour_reaching(c, 1, beyond);
}

struct cte *mdb_prev_reaching(const struct cte *c, uint64_t beyond)
{
    return neighbour_reaching(c, 0, beyond);
}

struct cte *mdb_bound(const struct mdb *db, const struct mdb_key *k, bool ties)
{
    struct cte *n = db->root, *found = NULL;

    while (n) {
        const unsigned side = mdb_descend(k, n, ties);
        if (side == 0) {
            found = n;
        }
        n = mdb_child(n, side);
    }
    return found;
}

struct cte *mdb_lower_bound(const struct mdb *db, uint64_t base, uint64_t bytes, enum cap_type type, uint64_t word0,
                            uint64_t word1)
{
    const bool mapping = type == CAP_MAPPING;
    const struct mdb_key k = {
        base, mapping ? 0 : bytes, mdb_minor(type, 0, mapping ? MDB_SUB_PLAIN : MDB_SUB_RECV), { word0, word1 }
    };

    return mdb_bound(db, &k, true);
}

/** First node behind @p c and all its copies that ends above @p beyond. */
__attribute__((noinline)) static struct cte *reaching_behind_copies(const struct mdb *db, const struct cte *c,
                                                                    uint64_t beyond)
{
    struct mdb_key k = mdb_key_of(c);
    struct cte *n;

    k.minor = mdb_minor(cte_type(c), c->gen, MDB_SUB_LAST);
    n = mdb_bound(db, &k, false);
    return !n || mdb_end(n) > beyond ? n : mdb_next_reaching(n, beyond);
}

struct cte *mdb_first_inside(const struct mdb *db, const struct cte *c, uint64_t lo, uint64_t hi)
{
    struct cte *n;

    if (cte_type(c) == CAP_MAPPING) {
        return NULL;
    }
    n = neighbour_reaching(c, 1, lo);
    if (n && mdb_is_copy(c, n)) {
        n = reaching_behind_copies(db, c, lo);
    }
    return n && n->base < hi ? n : NULL;
}

/** First of the copies that @p c belongs to, perhaps @p c itself. */
static const struct cte *first_copy(const struct cte *c)
{
    const struct mdb_key k = { c->base, c->bytes, mdb_minor(cte_type(c), c->gen, MDB_SUB_RECV), { 0, 0 } };
    struct mdb db = { (struct cte *)c, 0 };

    for (struct cte *above; (above = mdb_parent(db.root));) {
        db.root = above;
    }
    return mdb_bound(&db, &k, true);
}

struct cte *mdb_other_copy(const struct cte *c, bool strong)
{
    struct cte *n = mdb_next(c);

    if (n && mdb_is_copy(c, n) && !(strong && n->flags & CTE_WEAK)) {
        return n;
    }
    n = mdb_prev(c);
    if (!n || !mdb_is_copy(c, n)) {
        return NULL;
    }
    if (strong && n->flags & CTE_WEAK) {
        n = (struct cte *)first_copy(c); /* the strong ones stand first */
        return n->flags & CTE_WEAK ? NULL : n;
    }
    return n;
}

/** The last node before @p k that ends above @p beyond. */
static struct cte *reaching_before(const struct mdb *db, const struct mdb_key *k, uint64_t beyond)
{
    const struct cte *behind = mdb_bound(db, k, true);

    if (behind) {
        return mdb_prev_reaching(behind, beyond);
    }
    return db->root && db->root->max_end > beyond ? outermost_reaching(db->root, 0, beyond) : NULL;
}

struct cte *mdb_ancestor(const struct mdb *db, uint64_t base, uint64_t bytes, enum cap_type type)
{
    const uint64_t last = base + bytes - 1;
    struct mdb_key k = { base, bytes, mdb_minor(type, UINT8_MAX, MDB_SUB_LAST), { 0, 0 } };
    struct cte *n;

    while ((n = reaching_before(db, &k, last)) && cte_type(n) != type) {
        /* on before its copies; of a Mapping, before all that start where it does */
        k = (struct mdb_key){ n->base, mdb_size_key(n), mdb_minor(cte_type(n), 0, MDB_SUB_RECV), { 0, 0 } };
    }
    return n;
}

struct cte *mdb_first_overlap(const struct mdb *db, uint64_t lo, uint64_t hi)
{
    struct cte *const n = db->root && db->root->max_end > lo ? outermost_reaching(db->root, 1, lo) : NULL;
    return n && n->base < hi ? n : NULL;
}

bool mdb_nests(const struct mdb *db, uint64_t lo, uint64_t hi)
{
    const struct mdb_key k = { lo, UINT64_MAX, 0, { 0, 0 } };
    const struct cte *const before = reaching_before(db, &k, lo);   /* of a chain, the smallest: all others hold it */
    const struct cte *after = mdb_bound(db, &k, true);

    if (before && mdb_end(before) < hi) {
        return false;
    }
    if (after && mdb_end(after) <= hi) {
        after = mdb_next_reaching(after, hi);
    }
    return !after || after->base >= hi || after->base == lo;
}
