/**
 * @file vspace.h  One address space: which addresses are in use, by which page tables and Mappings.
 *
 * Three kinds of records, all from slabs, all in trees of ranges:
 *   region   addresses in use, with the gap below each: what is mapped, reserved, or somebody else's
 *   mapping  one Mapping capability: up to 512 entries of one page table, leaves of one Frame
 *   table    one page table below the root, with the number of its entries in use
 *
 * V1  Every mapping lies in regions, every entry in use of a table belongs to one mapping or one lower table.
 * V2  Of our own tables only vspace.spare has no entries in use (so that mapping and unmapping one page in turn builds no
 *     table each time), and those whose removal the kernel refused; vspace_trim() removes them all.
 * V3  Regions never meet; none begins below VSPACE_LOW or ends above VSPACE_HIGH.
 *
 * A call that fails has no effect, but for vspace_unmap(), vspace_unreserve() and vspace_protect(): those may have done
 * a part of the range, keep true records of it, and can be called again.  No call ends with addresses that are in use
 * by no region.  Calls that map first refill the stock and fail if that fails; those that unmap go on with what is in
 * hand.
 *
 * A vspace may be that of a child that does not run yet: the same functions, with slots of a CNode that child and maker
 * both hold, and RAM of the child's account.  vspace_export() then writes down all of it and the child's vspace_adopt()
 * reads it (os/child_vspace.h).
 */
#ifndef OS_VSPACE_H
#define OS_VSPACE_H

#include <os/ranges.h>
#include <os/stock.h>

#define VSPACE_LOW   0x10000ull             /* the first 64 KiB are never mapped: a null pointer with an index faults */
#define VSPACE_HIGH  0x800000000000ull      /* 2^47                                                                   */
#define VSPACE_POOL  0x600000000000ull      /* the pool's window; its entry of the root table is the pool's alone      */
#define VSPACE_FIRST 0x100000000ull         /* vspace_map() chooses addresses above 4 GiB, clear of image and args */

enum region_kind {
    REGION_MAPPED,                          /**< made by vspace_map(); ends when it is unmapped                       */
    REGION_RESERVED,                        /**< made by vspace_reserve(); mappings come and go in it                 */
    REGION_FOREIGN,                         /**< not managed here: the pool's window, tables the kernel built         */
    REGION_LAZY,                            /**< made by vspace_lazy(): a fault maps new memory                       */
    REGION_STACK,                           /**< the same, growing downwards                                          */
    REGION_GUARD,                           /**< nothing is ever mapped here: the page below a stack                  */
};

struct vspace_region {
    struct range range;
    uint64_t flags;                         /**< enum map_flags of what is mapped in it                               */
    enum region_kind kind;
    unsigned busy;                          /**< calls that work in it and have let go of the lock                    */
    uint64_t next;                          /**< lazy: the page whose fault would be the next of a sequence           */
    uint16_t cluster;                       /**< lazy: pages that the last fault mapped, or wanted to                 */
    bool blocks;                            /**< lazy: by 2 MiB where an aligned block is free                        */
    uint64_t promised;                      /**< stack: lowest address whose memory somebody has promised; else 0     */
};

/* Pages for faults that come one here, one there: a Frame costs more than mapping it, so sixteen pages share one. */
#define VSPACE_GROUP_PAGES 16u
struct vspace_group {
    struct vspace_group *next, **link;      /**< of those with a free page; link NULL: in no list                     */
    struct ram_block ram;
    cptr_t frame;                           /**< behind its slot are those of the pages' Mappings                     */
    uint16_t free, dirty;                   /**< bit per page; dirty: not zero                                        */
};

struct vspace_table {
    struct range range;                     /**< addresses it translates                                              */
    struct vspace_table *parent;            /**< NULL: the root                                                       */
    cptr_t vnode, link;                     /**< its capability, and the Mapping in its parent                        */
    struct ram_block ram;                   /**< chunk NULL: made by another                                          */
    unsigned level;                         /**< 1 to 3                                                               */
    unsigned used;                          /**< entries                                                              */
    uint64_t map[8];                        /**< of level 3: bit per entry in use                                     */
};

struct vspace_mapping {
    struct range range;
    struct vspace_table *table;
    cptr_t slot;                            /**< of the Mapping                                                       */
    cptr_t frame;                           /**< borrowed, or ours if ram has a chunk; CPTR_NULL: unknown             */
    uint64_t offset;                        /**< in the frame                                                         */
    struct ram_block ram;                   /**< of vspace_back(), or of a fault                                      */
    struct vspace_group *group;             /**< whose page it is, one; else NULL                                     */
    uint64_t flags;
    bool filled;                            /**< by a fault                                                           */
};

struct vspace {
    cptr_t root;                            /**< VNode_L0                                                             */
    struct stock *stock;                    /**< refilled before each call that takes                                 */
    struct slots *slots;                    /**< where VNodes and Mappings go                                         */
    struct reserve *reserve;                /**< what page tables are made of                                         */
    struct slab *region_slab, *mapping_slab, *table_slab;
    struct slab *group_slab;                /**< of vspace_lazy_init(), or NULL                                       */
    struct vspace_group *groups;            /**< that have a free page                                                */
    struct range_tree regions, mappings, tables[4];     /**< tables[1] to [3], by level                               */
    struct vspace_table *spare;             /**< a table without entries, or NULL                                     */
    uint64_t empty;                         /**< tables of ours without entries                                       */
    uint64_t filled;                        /**< bytes that faults have mapped                                        */
    bool took;                              /**< a fill has taken more than a page of a group since vspace_fill_low() */
};

/** The slabs that all vspaces of a process share. */
struct vspace_slabs {
    struct slab regions, mappings, tables;
};

/** Set up the slabs in @p stock.  Errors of stock_add_slab(). */
err_t vspace_slabs_init(struct vspace_slabs *slabs, struct stock *stock);

/** Own address space: @p slots and @p reserve are those of @p stock.  A child's: see above.  All borrowed.  An address
 *  space with nothing in use: what is, is told by vspace_exclude() or vspace_adopt(). */
void vspace_init(struct vspace *vs, cptr_t root, struct stock *stock, struct vspace_slabs *slabs, struct slots *slots,
                 struct reserve *reserve);

/** vspace_init() for the running process, with the pool's addresses taken out.  Errors of vspace_exclude(). */
err_t vspace_init_own(struct vspace *vs, cptr_t root, struct stock *stock, struct vspace_slabs *slabs);

/** Addresses of which somebody else takes care.  Errors of vspace_reserve_at(). */
err_t vspace_exclude(struct vspace *vs, uint64_t address, uint64_t bytes);

/** Map [offset, offset + bytes) of @p frame (Frame or DevFrame) at an address chosen so that blocks of 1 GiB and 2 MiB
 *  can be used wherever the physical addresses allow.  @p offset, @p bytes: pages.  @p frame is borrowed: as long as it
 *  stays in its slot, parts of the mapping can be unmapped and protected.
 * @return E_VSPACE_ALIGN; E_VSPACE_NONE no gap of this size; errors of stock_refill(), reserve, slots, slabs, identify
 *         and map (rights, memory type, W+X, frame too short); all wrapped in E_VSPACE_MAP.
 * Cost: an invocation per Mapping and per new table (two), one more from 2 MiB on */
err_t vspace_map(struct vspace *vs, cptr_t frame, uint64_t offset, uint64_t bytes, uint64_t map_flags,
                 uint64_t *address);

/** The same at a fixed address.  @return as vspace_map(), and E_VSPACE_LEGAL, E_VSPACE_OVERLAP */
err_t vspace_map_at(struct vspace *vs, uint64_t address, cptr_t frame, uint64_t offset, uint64_t bytes,
                    uint64_t map_flags);

/** Take addresses without mapping anything; @p align: a power of two, 0 for a page.  @return E_VSPACE_ALIGN,
 *  E_VSPACE_NONE, errors of stock_refill(); wrapped in E_VSPACE_RESERVE */
err_t vspace_reserve(struct vspace *vs, uint64_t bytes, uint64_t align, uint64_t *address);
err_t vspace_reserve_at(struct vspace *vs, uint64_t address, uint64_t bytes);

/** Map inside a reservation, where nothing is mapped yet.  @return as vspace_map_at(), and E_VSPACE_UNRESERVED */
err_t vspace_map_in(struct vspace *vs, uint64_t address, cptr_t frame, uint64_t offset, uint64_t bytes,
                    uint64_t map_flags);

/** Map new memory from the reserve inside a reservation of the own address space: @p bytes, at most 2 MiB, that do not
 *  cross a multiple of 2 MiB.  Its Frame goes, and its RAM returns to the reserve, when it is unmapped.  The content is
 *  zero.  Needs no more than one fault may take: the caller, a fault handler too, decides when to refill.
 * @return as vspace_map_in() but for stock_refill() */
err_t vspace_back(struct vspace *vs, uint64_t address, uint64_t bytes, uint64_t map_flags);

/** The same for any range: in pieces as long as the reserve has runs of pages, and the stock is refilled before each.
 * @return as vspace_back(), and errors of stock_refill(); then a part may be mapped: vspace_unreserve() takes it back */
err_t vspace_back_all(struct vspace *vs, uint64_t address, uint64_t bytes, uint64_t map_flags);

/** Unmap all that is mapped in [address, address + bytes), which must lie wholly in regions that are not foreign.
 *  Addresses of vspace_map() become free, those of reservations stay reserved.  What reaches beyond the range is split
 *  (for that, its frame must be where it was, and memory of vspace_back() cannot be split).
 * @return E_VSPACE_ALIGN, E_VSPACE_NOT_MAPPED, E_VSPACE_BUSY, E_VSPACE_SPLIT, errors of revoke and delete; wrapped in
 *         E_VSPACE_UNMAP */
err_t vspace_unmap(struct vspace *vs, uint64_t address, uint64_t bytes);

/** vspace_unmap(), and reservations end too. */
err_t vspace_unreserve(struct vspace *vs, uint64_t address, uint64_t bytes);

/** Change the access rights of [address, address + bytes) to @p access (MAP_READ, MAP_WRITE, MAP_EXEC), within what the
 *  frame's capability allowed.  What is not mapped is left out.
 * @return as vspace_unmap(), and errors of protect; wrapped in E_VSPACE_PROTECT */
err_t vspace_protect(struct vspace *vs, uint64_t address, uint64_t bytes, uint64_t access);

/* --- lazy regions: memory comes with the first access (os/fault.h has the handler that calls vspace_fill) --- */

/** So that single pages of faults share Frames: @p slab is for struct vspace_group, set up and refilled by the caller. */
void vspace_lazy_init(struct vspace *vs, struct slab *slab);

/** Take addresses in which a fault maps new zeroed memory with @p map_flags.  @p bytes, @p align as vspace_reserve();
 *  @p blocks: by 2 MiB where it can be, from the first access on.  Ends by vspace_unreserve(); vspace_unmap() takes the
 *  memory of a part away, and the next access there finds zeroes: whole multiples of 64 KiB (2 MiB with blocks) never
 *  fail by E_VSPACE_SPLIT.  @return as vspace_reserve() */
err_t vspace_lazy(struct vspace *vs, uint64_t bytes, uint64_t align, uint64_t map_flags, bool blocks,
                  uint64_t *address);

/** The same at a fixed address.  @return as vspace_reserve_at() */
err_t vspace_lazy_at(struct vspace *vs, uint64_t address, uint64_t bytes, uint64_t map_flags, bool blocks);

/** Take addresses for a stack of @p bytes above a guard of one page; its highest @p present bytes (pages, at most
 *  64 KiB) are there when this returns.  The memory of the highest @p promised, @p present included, is promised by the caller.
 *  @p stack: the lowest address above the guard.  End both with vspace_unreserve(stack - page, bytes + page).
 *  @return as vspace_reserve(), and errors of vspace_back() */
err_t vspace_lazy_stack(struct vspace *vs, uint64_t bytes, uint64_t present, uint64_t promised, uint64_t *stack);

/** The memory of that stack is promised from @p address on (a page of it), or as far as before if that is further.
 * @return bytes that are promised in all; @p address VSPACE_HIGH: only ask.  Cost: O(log n) */
uint64_t vspace_stack_promise(struct vspace *vs, uint64_t stack, uint64_t address);

enum vspace_fill {
    FILL_DONE,                              /**< mapped: go on                                                        */
    FILL_PRESENT,                           /**< was mapped already, with this right: go on                           */
    FILL_LOW,                               /**< refill the stock, and call again                                     */
    FILL_LOW_BLOCK,                         /**< get 2 MiB of RAM at a multiple of 2 MiB, and call again, or @p last  */
    FILL_NONE,                              /**< no region, or one in which nothing is mapped                         */
    FILL_PROMISE,                           /**< a stack, beyond what is promised: vspace_stack_promise(), and call again */
    FILL_GUARD,                             /**< guard of a stack                                                     */
    FILL_ACCESS,                            /**< there, but not with this right                                       */
    FILL_ERROR,                             /**< no memory, or the kernel refused                                     */
};

/** The memory at @p address that an access with right @p access (MAP_READ, MAP_WRITE or MAP_EXEC, one of them) did not find.  Maps one
 *  page, or as the accesses come in order 2, 4, … 16 pages inside 64 KiB of addresses, or 2 MiB.  May be called by a
 *  fault handler that holds no low lock: no thread switch, no RPC.  @p last: no other call will follow, so make do with what is
 *  in hand.  @p err is written with FILL_ERROR only.
 *  Cost: a system call or two, and O(log n) of regions and mappings */
enum vspace_fill vspace_fill(struct vspace *vs, uint64_t address, uint64_t access, bool last, err_t *err);

/** After a fill: a fault after this one may find less than it needs, so refill soon.  Most fills take a page of a group that is
 *  there, and a record: then it is not looked, until the group has none left.  Cost: some loads */
bool vspace_fill_looks_low(struct vspace *vs);
static inline bool vspace_fill_low(struct vspace *vs)
{
    return vs->took && vspace_fill_looks_low(vs);
}

struct vspace_info {
    uint64_t base, end;                     /**< of the region                                                        */
    uint64_t flags;
    enum region_kind kind;
    bool present;                           /**< something is mapped at the address                                   */
};

/** @return false: the address is in no region */
bool vspace_lookup(struct vspace *vs, uint64_t address, struct vspace_info *info);

/** Remove the table that is kept though it is empty (V2).  Errors of revoke. */
err_t vspace_trim(struct vspace *vs);

/** Let go of all records.  What the kernel has of it stays: for the maker of a child that has been handed over, or whose
 *  account is gone. */
void vspace_forget(struct vspace *vs);

/** V1 to V3, and the trees.  @return NULL, or the sentence that is broken */
const char *vspace_check(const struct vspace *vs);

#endif
