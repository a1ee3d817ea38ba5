/**
 * @file mdb_node.h  Links and keys of a node of the mapping database.  Private to cap/mdb*.c and its test.
 *
 * A link is a slot number: physical address / SLOT_BYTES, 42 bits, so memory below 2^48.  Number 0 is "none": no slot
 * may lie at physical address 0.  link[0] holds the left child below the parent's low 22 bits, link[1] the right child
 * below the parent's high bits (20 are used).  A `side` is the index of a child: 0 left, 1 right.
 */
#ifndef CAP_MDB_NODE_H
#define CAP_MDB_NODE_H

#include <cap/mdb.h>
#include <stddef.h>

#define MDB_LINK_BITS   42
#define MDB_LINK_MASK   ((1ull << MDB_LINK_BITS) - 1)
#define MDB_PARENT_LOW  (64 - MDB_LINK_BITS)

/** For what is called with a constant `side`: the hot paths are worth their code twice. */
#define MDB_INLINE __attribute__((always_inline)) static inline

/* mdb_..._some: of what is known not to be none. */

static inline struct cte *mdb_slot_some(uint64_t number)
{
    struct cte *c = phys_to_virt(number * SLOT_BYTES);

    /* Without this, clang builds the address of each field anew from the number: three instructions instead of none. */
    __asm__("" : "+r"(c));
    return c;
}

static inline struct cte *mdb_slot(uint64_t number)
{
    return number ? phys_to_virt(number * SLOT_BYTES) : NULL;
}

static inline uint64_t mdb_number_some(const struct cte *c)
{
    return virt_to_phys(c) / SLOT_BYTES;
}

static inline uint64_t mdb_number(const struct cte *c)
{
    return c ? mdb_number_some(c) : 0;
}

/** What the parent @p number adds to link[@p side]. */
static inline uint64_t mdb_parent_bits(uint64_t number, unsigned side)
{
    return (side ? number >> MDB_PARENT_LOW : number) << MDB_LINK_BITS;
}

static inline struct cte *mdb_child(const struct cte *c, unsigned side)
{
    return mdb_slot(c->link[side] & MDB_LINK_MASK);
}

static inline struct cte *mdb_child_some(const struct cte *c, unsigned side)
{
    return mdb_slot_some(c->link[side] & MDB_LINK_MASK);
}

static inline struct cte *mdb_parent(const struct cte *c)
{
    return mdb_slot(c->link[0] >> MDB_LINK_BITS | c->link[1] >> MDB_LINK_BITS << MDB_PARENT_LOW);
}

static inline void mdb_set_child(struct cte *c, unsigned side, const struct cte *child)
{
    c->link[side] = (c->link[side] & ~MDB_LINK_MASK) | mdb_number(child);
}

static inline void mdb_set_parent(struct cte *c, const struct cte *parent)
{
    const uint64_t number = mdb_number(parent);

    for (unsigned side = 0; side < 2; side++) {
        c->link[side] = (c->link[side] & MDB_LINK_MASK) | mdb_parent_bits(number, side);
    }
}

/** Which child of @p parent @p c is. */
static inline unsigned mdb_side(const struct cte *parent, const struct cte *c)
{
    return (parent->link[1] & MDB_LINK_MASK) == mdb_number_some(c);
}

/** One past the range.  Never wraps: the highest space ends at 2^58. */
static inline uint64_t mdb_end(const struct cte *c)
{
    return c->base + c->bytes;
}

/** max_end of @p c from its own range and its children. */
static inline uint64_t mdb_true_max_end(const struct cte *c)
{
    uint64_t max = mdb_end(c);

    for (unsigned side = 0; side < 2; side++) {
        const struct cte *child = mdb_child(c, side);
        if (child && child->max_end > max) {
            max = child->max_end;
        }
    }
    return max;
}

/** Place in the order of the database: base, then size from large to small, then minor, then the words. */
struct mdb_key {
    uint64_t base;
    uint64_t size;       /**< 0 for a Mapping                                                                         */
    uint64_t minor;      /**< type, gen, sub-order, from high to low, 8 bits each                                     */
    uint64_t word[2];    /**< of a Mapping; else not compared                                                         */
};

/** Order among equal base, size, type and gen. */
enum mdb_sub { MDB_SUB_RECV = 0, MDB_SUB_PLAIN = 1, MDB_SUB_WEAK = 2, MDB_SUB_LAST = 255 };

static inline uint64_t mdb_minor(enum cap_type type, unsigned gen, unsigned sub)
{
    return (uint64_t)type << 16 | gen << 8 | sub;
}

/** CTE_RECV is set on Endpoints only and CTE_WEAK on Dispatchers only, so the type need not be asked. */
static inline unsigned mdb_sub(const struct cte *c)
{
    return c->flags & CTE_RECV ? MDB_SUB_RECV : c->flags & CTE_WEAK ? MDB_SUB_WEAK : MDB_SUB_PLAIN;
}

static inline uint64_t mdb_size_key(const struct cte *c)
{
    return cte_type(c) == CAP_MAPPING ? 0 : c->bytes;
}

static inline struct mdb_key mdb_key_of(const struct cte *c)
{
    return (struct mdb_key){ c->base, mdb_size_key(c), mdb_minor(cte_type(c), c->gen, mdb_sub(c)),
                             { c->word[0], c->word[1] } };
}

/** Below 0: @p k sorts before @p c; above 0: behind it; 0: equal keys.  Their bases are equal. */
int mdb_compare_same_base(const struct mdb_key *k, const struct cte *c);

/** The child of @p c to go to in search of @p k; with @p ties, an equal key is sought on the left.  Bases nearly always
 *  differ, so only their comparison is inlined. */
static inline unsigned mdb_descend(const struct mdb_key *k, const struct cte *c, bool ties)
{
    if (k->base != c->base) {
        return k->base > c->base;
    }
    return mdb_compare_same_base(k, c) >= (int)ties;
}

/** Nearest node behind @p c in tree order whose end is above @p beyond; NULL if none.
 *  O(log n): a subtree is entered only if its max_end says that the node is in it. */
struct cte *mdb_next_reaching(const struct cte *c, uint64_t beyond);

/** The same before @p c. */
struct cte *mdb_prev_reaching(const struct cte *c, uint64_t beyond);

/** First node with a key behind @p k, or NULL; with @p ties, also one equal to it. */
struct cte *mdb_bound(const struct mdb *db, const struct mdb_key *k, bool ties);

/* cap/mdb_balance.c */

/** Hang the leaf @p c under @p parent (NULL: the tree is empty), where no child is, and rebalance.  Sets link, balance
 *  and max_end of @p c.  The max_end of its ancestors must count @p c already. */
void mdb_attach(struct mdb *db, struct cte *parent, unsigned side, struct cte *c);

/** The subtree on @p side of @p parent has become one lower: rebalance.  Every max_end must be true. */
void mdb_rebalance_shrunk(struct mdb *db, struct cte *parent, unsigned side);

/** Put @p c where @p old hangs under @p parent (NULL: root).  Touches neither @p old nor the parent link of @p c. */
static inline void mdb_replace_child(struct mdb *db, struct cte *parent, const struct cte *old, struct cte *c)
{
    if (parent) {
        mdb_set_child(parent, mdb_side(parent, old), c);
    } else {
        db->root = c;
    }
}

#endif
