#include <cap/vnode.h>

#include <arch/tlb.h>
#include <cap/sweep.h>
#include <core/attr.h>

#define FLUSH_PAGES_MAX 64u     /* beyond this many pages the whole ASID is flushed */

struct cte *vnode_link(const struct mdb *db, struct cte *vnode)
{
    struct cte *m = mdb_next(vnode);        /* unless there are other copies, it is this one */
    if (m && m->base == vnode->base && m->type != CAP_MAPPING) {
        m = mdb_lower_bound(db, vnode->base, 0, CAP_MAPPING, 0, 0);
    }
    return m && m->base == vnode->base ? m : NULL;
}

struct cte *vnode_mapping_at(const struct mdb *db, uint64_t vnode, unsigned entry)
{
    const pte_t e = ((const pte_t *)phys_to_virt(vnode))[entry];
    const uint64_t word0 = mapping_word0(vnode, entry, 1, 0, false);
    struct cte *const m = mdb_lower_bound(db, pte_addr(e), 0, CAP_MAPPING, word0, 0);
    if (!m || m->base != pte_addr(e) || cte_type(m) != CAP_MAPPING || mapping_vnode(m) != vnode ||
        mapping_first(m) != entry) {
        return NULL;
    }
    return m;
}

/* Address and ASID at which the first entry of @p vnode is seen (V2). */
static inline err_t vnode_position(const struct mdb *db, struct cte *vnode, uint64_t *va, uint64_t *asid)
{
    if (vnode->type == CAP_VNODE_L0) {
        *va = 0;
        *asid = vnode->word[0];
        return OK;
    }
    const struct cte *const link = vnode_link(db, vnode);
    REQUIRE(link, E_VNODE_UNLINKED);
    *va = mapping_va(link);
    *asid = mapping_asid(link);
    return OK;
}

/* V3: an unlinked table that still has entries must be emptied before it is linked. */
static err_t check_stale(pte_t *table)
{
    if (table[0] & PTE_STALE) {
        for (unsigned i = 0; i < VNODE_ENTRIES; i++) {
            REQUIRE(!pte_valid(table[i]), E_VNODE_LINKED);
        }
        table[0] = 0;
    }
    return OK;
}

static void insert_mapping(struct kcb *k, const struct vnode_map_args *a, uint64_t base, uint64_t bytes,
                           uint64_t rights, bool table, uint64_t va, uint64_t asid)
{
    const unsigned level = vnode_level(cte_type(a->vnode));
    struct cte *const m = a->dst;           /* empty, so all that is not set here is zero */
    m->type = CAP_MAPPING;
    m->rights = (uint8_t)rights;
    m->owner = a->source->owner;
    m->base = base;
    m->bytes = bytes;
    m->word[0] = mapping_word0(a->vnode->base, (unsigned)a->first, (unsigned)a->count, level, table);
    m->word[1] = va >> 12 << 16 | asid;
    /* Often nothing lies between what is mapped and this place: at the first mapping of it, and where a Frame is mapped part by
     * part from its end downwards.  Then no search is needed. */
    struct cte *const behind = mdb_next(a->source);
    if (!behind || behind->base > base) {
        mdb_insert_between(&k->mdb, a->source, behind, m);
    } else {
        mdb_insert(&k->mdb, m);
    }
}

RARE static err_t link_vnode(struct kcb *k, const struct vnode_map_args *a)
{
    const unsigned level = vnode_level(cte_type(a->vnode));
    pte_t *const entry = (pte_t *)cte_object(a->vnode) + a->first;
    uint64_t va, asid;

    REQUIRE(a->first < VNODE_ENTRIES && a->count == 1 && a->offset == 0 && a->flags == 0, E_ARG);
    REQUIRE(a->source->rights & RIGHT_WRITE, E_CAP_RIGHTS);
    TRY(vnode_position(&k->mdb, a->vnode, &va, &asid));
    REQUIRE(!pte_valid(*entry), E_VNODE_OCCUPIED);
    REQUIRE(!vnode_link(&k->mdb, a->source), E_VNODE_LINKED);
    TRY(check_stale(cte_object(a->source)));

    *entry = pte_table(a->source->base) | (*entry & PTE_STALE);
    tlb_publish_entries();
    insert_mapping(k, a, a->source->base, a->source->bytes, 0, true, va + (a->first << vnode_entry_shift(level)), asid);
    return OK;
}

static err_t check_flags(const struct cte *source, uint64_t flags)
{
    const uint64_t kind = flags & ~(uint64_t)(MAP_READ | MAP_WRITE | MAP_EXEC);
    REQUIRE((flags & ~(uint64_t)MAP_FLAGS_MASK) == 0 && (flags & MAP_READ), E_ARG);
    REQUIRE((flags & (MAP_WRITE | MAP_EXEC)) != (MAP_WRITE | MAP_EXEC), E_MAP_WX);
    /* A DevFrame is never Normal cacheable, a Frame never Device: mismatched aliases of the kernel's linear map. */
    REQUIRE(source->type == CAP_FRAME ? kind <= MAP_UNCACHED : kind >= MAP_UNCACHED, E_MAP_ATTR);
    REQUIRE((flags & 7 & ~source->rights) == 0, E_CAP_RIGHTS);
    return OK;
}

static err_t map_frame(struct kcb *k, const struct vnode_map_args *a)
{
    const unsigned level = vnode_level(cte_type(a->vnode));
    const unsigned shift = vnode_entry_shift(level);
    const uint64_t base = a->source->base + a->offset, bytes = a->count << shift;
    pte_t *const entry = (pte_t *)cte_object(a->vnode) + a->first;
    uint64_t va, asid;

    REQUIRE(level >= 1, E_CAP_TYPE);
    REQUIRE(a->count >= 1, E_CAP_COUNT);
    REQUIRE(a->first < VNODE_ENTRIES && a->count <= VNODE_ENTRIES - a->first, E_ARG);
    REQUIRE(bytes <= a->source->bytes && a->offset <= a->source->bytes - bytes, E_CAP_RANGE);
    REQUIRE((base & ((1ull << shift) - 1)) == 0, E_CAP_ALIGN);
    REQUIRE(!cap_closed(k, a->source), E_REVOKED);
    TRY(check_flags(a->source, a->flags));
    TRY(vnode_position(&k->mdb, a->vnode, &va, &asid));
    for (uint64_t i = 0; i < a->count; i++) {
        REQUIRE(!pte_valid(entry[i]), E_VNODE_OCCUPIED);
    }

    const pte_t leaf = pte_leaf(level, base, a->flags);
    const pte_t stale = a->first == 0 ? entry[0] & PTE_STALE : 0;
    for (uint64_t i = 0; i < a->count; i++) {
        entry[i] = leaf + (i << shift);
    }
    entry[0] |= stale;
    tlb_publish_entries();
    if (a->flags & MAP_EXEC) {
        icache_invalidate_all();
    }
    insert_mapping(k, a, base, bytes, a->source->rights, false, va + (a->first << shift), asid);
    return OK;
}

err_t vnode_map(struct kcb *k, const struct vnode_map_args *a)
{
    if (a->source->type == CAP_FRAME || a->source->type == CAP_DEVFRAME) {
        return map_frame(k, a);
    }
    REQUIRE(a->vnode->type < CAP_VNODE_L3 && a->source->type == a->vnode->type + 1, E_CAP_TYPE);
    return link_vnode(k, a);
}

static void flush(const struct cte *m, unsigned first, unsigned count)
{
    const unsigned shift = vnode_entry_shift(mapping_level(m));
    tlb_begin_flush();
    if (mapping_is_table(m) || count > FLUSH_PAGES_MAX) {
        tlb_flush_asid(mapping_asid(m));
    } else {
        const uint64_t va = mapping_va(m) + ((uint64_t)first << shift);
        for (unsigned i = 0; i < count; i++) {
            tlb_flush_page(mapping_asid(m), va + ((uint64_t)i << shift));
        }
    }
    tlb_end_flush();
}

void mapping_clear(struct cte *m)
{
    pte_t *const entry = (pte_t *)phys_to_virt(mapping_vnode(m)) + mapping_first(m);
    const unsigned count = mapping_count(m);
    const pte_t stale = mapping_first(m) == 0 ? entry[0] & PTE_STALE : 0;

    for (unsigned i = 0; i < count; i++) {
        entry[i] = 0;
    }
    entry[0] = stale;
    if (mapping_is_table(m)) {
        ((pte_t *)phys_to_virt(m->base))[0] |= PTE_STALE;
    }
    flush(m, 0, count);
}

RARE err_t mapping_protect(struct cte *m, uint64_t first, uint64_t count, uint64_t flags)
{
    pte_t *const entry = (pte_t *)phys_to_virt(mapping_vnode(m)) + mapping_first(m);

    REQUIRE(!mapping_is_table(m) && (flags & ~7ull) == 0 && (flags & MAP_READ), E_ARG);
    REQUIRE(count >= 1, E_CAP_COUNT);
    REQUIRE(count <= mapping_count(m) && first <= mapping_count(m) - count, E_ARG);
    REQUIRE((flags & (MAP_WRITE | MAP_EXEC)) != (MAP_WRITE | MAP_EXEC), E_MAP_WX);
    REQUIRE((flags & ~m->rights) == 0, E_CAP_RIGHTS);
    /* Only permissions change, not the address: no break before make is needed (Arm ARM D5.10.1). */
    for (uint64_t i = first; i < first + count; i++) {
        entry[i] = pte_with_permissions(entry[i], flags);
    }
    flush(m, (unsigned)first, (unsigned)count);
    if (flags & MAP_EXEC) {
        icache_invalidate_all();
    }
    return OK;
}

const char *vnode_check(const struct mdb *db, const struct cte **at)
{
    for (struct cte *m = mdb_lower_bound(db, 0, UINT64_MAX, CAP_NULL, 0, 0); m; m = mdb_next(m)) {
        if (cte_type(m) != CAP_MAPPING) {
            continue;
        }
        *at = m;
        const pte_t *const entry = (const pte_t *)phys_to_virt(mapping_vnode(m)) + mapping_first(m);
        const uint64_t step = mapping_is_table(m) ? 0 : 1ull << vnode_entry_shift(mapping_level(m));
        for (unsigned i = 0; i < mapping_count(m); i++) {
            if (!pte_valid(entry[i])) {
                return "V1: a Mapping names an invalid entry";
            }
            if (pte_addr(entry[i]) != m->base + i * step) {
                return "V1: an entry leads elsewhere than its Mapping";
            }
            if (pte_is_table(entry[i], mapping_level(m)) != mapping_is_table(m)) {
                return "V1: an entry is a table and its Mapping is not, or the reverse";
            }
        }
    }
    return NULL;
}
