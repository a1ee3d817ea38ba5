/**
 * @file internal.h  What the files of libos/vspace share.  All of it is called with LOW_VSPACE held.
 */
#ifndef VSPACE_INTERNAL_H
#define VSPACE_INTERNAL_H

#include <os/bug.h>
#include <os/err.h>
#include <os/lowlock.h>
#include <os/vspace.h>

#define BLOCK_2M 0x200000ull
#define BLOCK_1G 0x40000000ull

/** log2 of what one entry of a table of @p level translates: 39, 30, 21, 12. */
static inline unsigned entry_shift(unsigned level)
{
    return 39 - 9 * level;
}

/** Bytes that a whole table of @p level translates. */
static inline uint64_t table_bytes(unsigned level)
{
    return 512ull << entry_shift(level);
}

static inline uint64_t entry_index(unsigned level, uint64_t va)
{
    return va >> entry_shift(level) & 511;
}

static inline bool in_pages(uint64_t value)
{
    return value % SHOAL_PAGE_SIZE == 0;
}

/* A struct range is the first member of each record. */
static inline struct vspace_region *region_of(struct range *r)
{
    return (struct vspace_region *)r;
}

static inline struct vspace_mapping *mapping_of(struct range *r)
{
    return (struct vspace_mapping *)r;
}

static inline struct vspace_table *table_of(struct range *r)
{
    return (struct vspace_table *)r;
}

/* --- tables.c --- */

/** The table of @p level for @p va, or NULL. */
struct vspace_table *table_find(const struct vspace *vs, unsigned level, uint64_t va);

/** The table of @p level for @p va, made and linked with those above it if it is not there.  Errors of slabs, slots,
 *  reserve_make() and map; tables made on the way are gone again then. */
err_t table_get(struct vspace *vs, unsigned level, uint64_t va, struct vspace_table **table);

/** Of a table of level 3. */
static inline bool table_present(const struct vspace_table *table, uint64_t va)
{
    return table->map[entry_index(3, va) / 64] >> entry_index(3, va) % 64 & 1;
}

/** The leaves of [lo, hi), if @p table is one of level 3, are in use from now on, or no longer. */
void table_mark_many(struct vspace_table *table, uint64_t lo, uint64_t hi, bool value);
static inline void table_mark(struct vspace_table *table, uint64_t lo, uint64_t hi, bool value)
{
    if (table->level == 3 && hi - lo == SHOAL_PAGE_SIZE) {
        const uint64_t i = entry_index(3, lo), bit = 1ull << i % 64;
        table->map[i / 64] = value ? table->map[i / 64] | bit : table->map[i / 64] & ~bit;
    } else if (table->level == 3) {
        table_mark_many(table, lo, hi, value);
    }
}

/** @p count entries more are in use. */
void table_use(struct vspace *vs, struct vspace_table *table, uint64_t count);

/** @p count entries are no longer in use; at 0 the table becomes the spare one, and the spare one before it goes. */
void table_unuse(struct vspace *vs, struct vspace_table *table, uint64_t count);

/** Remove all empty tables of ours. */
err_t tables_trim(struct vspace *vs);

/** Take up a table, made and linked by another, that translates from @p va on.  E_CHILD_LIST, E_SLAB_EMPTY. */
err_t table_adopt(struct vspace *vs, unsigned level, uint64_t va, cptr_t vnode, cptr_t link);

/* --- regions.c --- */

/** Address and size are in pages, and inside the legal range. */
err_t check_legal(uint64_t address, uint64_t bytes);

/** Take [address, address + bytes) for a new region.  E_VSPACE_OVERLAP, E_SLAB_EMPTY. */
err_t region_add(struct vspace *vs, uint64_t address, uint64_t bytes, uint64_t flags, enum region_kind kind);

/** Whether regions cover every address of [lo, hi): E_VSPACE_NOT_MAPPED if not or if one is foreign, and unless
 *  @p busy_too E_VSPACE_BUSY. */
err_t regions_cover(const struct vspace *vs, uint64_t lo, uint64_t hi, bool busy_too);

/** A region that begins below @p at and ends above becomes two.  E_SLAB_EMPTY. */
err_t region_split(struct vspace *vs, uint64_t at);

/** Remove @p region, in which nothing is mapped. */
void region_remove(struct vspace *vs, struct vspace_region *region);

/** More (or fewer) calls work in the regions of [lo, hi). */
void regions_busy(struct vspace *vs, uint64_t lo, uint64_t hi, int change);

/* --- piece.c --- */

/** A frame, or the part of one that is to be mapped from `va` on. */
struct source {
    cptr_t frame;
    uint64_t offset, flags;
    uint64_t phys;              /**< of offset; meaningful if phys_known                                              */
    bool phys_known;            /**< blocks can be used                                                               */
};

/** The largest leading part of [va, va + bytes) that one Mapping can take: entries of one table, as large as can be. */
struct piece {
    unsigned level;
    uint64_t count, bytes;
};
struct piece piece_plan(const struct vspace *vs, const struct source *source, uint64_t va, uint64_t bytes);

/** Map one piece.  Takes at most 3 tables, 4 records and 7 slots.  Nothing is changed on an error.  @p ram: of a frame
 *  that is ours, else NULL. */
err_t piece_map(struct vspace *vs, const struct source *source, uint64_t va, const struct piece *piece,
                const struct ram_block *ram);

/** The same where nothing is mapped, which is not looked for again; @p filled: for a fault. */
err_t piece_map_vacant(struct vspace *vs, const struct source *source, uint64_t va, const struct piece *piece,
                       const struct ram_block *ram, bool filled);

/** The same for a fault with one page of a group; @p table: where it goes, if that is known, else NULL. */
struct group_page {
    struct vspace_group *group;
    unsigned index;
    bool dirty;
};
err_t piece_map_page(struct vspace *vs, const struct group_page *page, uint64_t va, uint64_t flags,
                     struct vspace_table *table);

/** Delete the Mapping (and Frame, if it is ours) and its record.  Errors of delete and revoke: nothing is changed. */
err_t mapping_remove(struct vspace *vs, struct vspace_mapping *m);

/** Remove all mappings that begin in [lo, hi). */
err_t mappings_remove(struct vspace *vs, uint64_t lo, uint64_t hi);

/** [address, address + bytes) is reserved and nothing is mapped there: E_VSPACE_UNRESERVED, E_VSPACE_OVERLAP. */
err_t check_vacant(const struct vspace *vs, uint64_t address, uint64_t bytes);

/** No mapping begins below @p at and ends above it, afterwards.  E_VSPACE_SPLIT; errors of piece_map(): the mapping is
 *  then as before, if the kernel lets it be made again. */
err_t mapping_split(struct vspace *vs, uint64_t at);

/* --- back.c --- */

/** vspace_back() of addresses that are reserved and where nothing is mapped. */
err_t back_vacant(struct vspace *vs, uint64_t address, uint64_t bytes, uint64_t flags, bool filled);

/** Make the mapping that begins at @p address, of memory that was used before, zero, and give it the rights @p flags;
 *  it was mapped writable for that.  Errors of protect: it is gone then. */
err_t clean_mapping(struct vspace *vs, uint64_t address, uint64_t bytes, uint64_t flags);

/** With what rights memory that is to have @p flags is mapped first. */
static inline uint64_t first_flags(uint64_t flags, bool dirty)
{
    return dirty ? (flags & ~(uint64_t)MAP_EXEC) | MAP_READ | MAP_WRITE : flags;
}

/* --- group.c --- */

/** A page of a group, and whether it is dirty.  E_SLAB_EMPTY, E_SLOTS_NONE, E_RESERVE_NONE, errors of retype. */
err_t group_take(struct vspace *vs, struct group_page *page);

/** Give it back, no longer mapped.  A group without pages in use goes, if the kernel lets it; groups_trim() tries again. */
void group_give(struct vspace *vs, struct vspace_group *group, unsigned page);
err_t groups_trim(struct vspace *vs);

#endif
