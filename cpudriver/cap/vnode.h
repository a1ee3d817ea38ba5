/**
 * @file vnode.h  Page tables as capabilities.
 *
 * A Mapping capability stands for up to 512 consecutive entries of one VNode: leaves of one Frame, or a single entry that
 * leads to the next VNode.  Its range is the memory mapped, so it is a descendant of the RAM there: revoking that RAM, or
 * the Frame, deletes the Mapping, and deleting a Mapping unmaps.
 *
 * V1  Entries of a VNode are valid only where a Mapping says so, and then as it says.
 * V2  A VNode is linked at most once, and only a linked one (or a root) can be mapped into.  So each Mapping knows, for
 *     good, the ASID and the address it is seen at, and unmapping need not walk upwards.
 * V3  A VNode that is unlinked with entries in it carries PTE_STALE in entry 0 and cannot be linked again before it is
 *     empty: else the addresses of V2 would become wrong.
 * V4  A valid entry is never replaced by another address: unmap first (break before make).
 */
#ifndef CAP_VNODE_H
#define CAP_VNODE_H

#include <arch/pte.h>
#include <core/kcb.h>
#include <shoal/err.h>

#define VNODE_ENTRIES 512u

/* word[0] of a Mapping: VNode / 4096 << 28 | first entry << 19 | (count - 1) << 10 | level << 8 | leads to a VNode.
 * word[1]: address / 4096 << 16 | ASID. */
static inline uint64_t mapping_vnode(const struct cte *m)
{
    return m->word[0] >> 28 << 12;
}

static inline unsigned mapping_first(const struct cte *m)
{
    return m->word[0] >> 19 & 511;
}

static inline unsigned mapping_count(const struct cte *m)
{
    return (m->word[0] >> 10 & 511) + 1;
}

static inline unsigned mapping_level(const struct cte *m)
{
    return m->word[0] >> 8 & 3;
}

static inline bool mapping_is_table(const struct cte *m)
{
    return m->word[0] & 1;
}

static inline uint64_t mapping_va(const struct cte *m)
{
    return m->word[1] >> 16 << 12;
}

static inline uint64_t mapping_asid(const struct cte *m)
{
    return m->word[1] & 0xffff;
}

static inline uint64_t mapping_word0(uint64_t vnode, unsigned first, unsigned count, unsigned level, bool table)
{
    return vnode >> 12 << 28 | (uint64_t)first << 19 | (uint64_t)(count - 1) << 10 | level << 8 | table;
}

/** log2 of what one entry at @p level covers. */
static inline unsigned vnode_entry_shift(unsigned level)
{
    return 39 - 9 * level;
}

static inline unsigned vnode_level(enum cap_type type)
{
    return (unsigned)type - CAP_VNODE_L0;
}

struct vnode_map_args {
    struct cte *vnode;      /**< where: any level, RIGHT_WRITE checked by the caller                                  */
    struct cte *source;     /**< Frame, DevFrame or the next level's VNode                                            */
    uint64_t first, count, offset, flags;
    struct cte *dst;        /**< empty slot for the Mapping                                                           */
};

/** Map @p a->source into @p a->vnode.
 * @return E_CAP_TYPE this level cannot hold that; E_ARG entries beyond the table, or other arguments of a VNode than
 *         count 1, offset 0, flags 0; E_CAP_COUNT 0; E_CAP_RANGE beyond the frame; E_CAP_ALIGN; E_REVOKED; E_MAP_WX; E_MAP_ATTR;
 *         E_CAP_RIGHTS; E_VNODE_UNLINKED; E_VNODE_LINKED; E_VNODE_OCCUPIED.  Nothing is changed then.
 * Cost: O(log capabilities + count). */
err_t vnode_map(struct kcb *k, const struct vnode_map_args *a);

/** Clear the entries of @p m and flush what the TLB holds of them.  The capability itself is the caller's to remove.
 *  Cost: O(count): up to 512 stores and 64 flushes. */
void mapping_clear(struct cte *m);

/** New permissions for entries @p first … of @p m.
 * @return E_ARG, E_CAP_COUNT, E_MAP_WX, E_CAP_RIGHTS more than the frame's capability allowed when it was mapped */
err_t mapping_protect(struct cte *m, uint64_t first, uint64_t count, uint64_t flags);

/** The Mapping that links @p vnode (not a root) into its parent, or NULL. */
struct cte *vnode_link(const struct mdb *db, struct cte *vnode);

/** The Mapping that the valid entry @p entry of @p vnode, a table of @p level, belongs to, provided it is its first. */
struct cte *vnode_mapping_at(const struct mdb *db, uint64_t vnode, unsigned entry);

/** V1 for every Mapping of @p db.  @return NULL, or what is wrong. */
const char *vnode_check(const struct mdb *db, const struct cte **at);

#endif
