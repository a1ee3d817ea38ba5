/**
 * @file child_vspace.h  The state of an address space on its way from the process that built it to the one that runs in
 * it.
 *
 * The maker puts all VNodes and Mappings of the child into one L2 CNode that both CSpaces hold, from some slot of it
 * on, so a slot has the same index for both.  The list names slots by that index and lies in a page that the child can
 * read.  Addresses and lengths are in pages.  What it says is checked when it is read: a list that is not one is
 * refused as a whole.
 */
#ifndef OS_CHILD_VSPACE_H
#define OS_CHILD_VSPACE_H

#include <os/vspace.h>

#define CHILD_VSPACE_MAGIC 0x5650414345ull  /* "VPACE" */

struct child_vspace {
    uint64_t magic;
    uint32_t tables, mappings, regions;     /**< entries that follow, in this order                                   */
    uint32_t next_slot;                     /**< first slot of the CNode that is free; those before it are taken      */
};

struct child_table {                        /* lower levels behind higher ones */
    uint64_t page;                          /**< first one it translates                                              */
    uint16_t level, vnode, link;            /**< level 1 to 3; slots                                                  */
    uint16_t zero;
};

struct child_mapping {
    uint64_t page;
    uint16_t level, entries;                /**< of the table, and how many it takes of it: 1 to 512                  */
    uint16_t slot, flags;
};

struct child_region {
    uint64_t page;
    uint64_t pages : 40, kind : 7, blocks : 1, flags : 16;
};

_Static_assert(sizeof(struct child_vspace) == 24 && sizeof(struct child_table) == 16 &&
               sizeof(struct child_mapping) == 16 && sizeof(struct child_region) == 16, "the list has no holes");

/** Write down @p vs, whose slots all lie in one CNode, into @p bytes from @p list on, which is pinned memory.
 * @return E_CHILD_ROOM; E_CHILD_SLOTS a slot is in another CNode, or memory of vspace_back() or of a fault is mapped */
err_t vspace_export(struct vspace *vs, void *list, size_t bytes);

/** Slots of a CNode that a list's VNodes and Mappings lie in. */
struct child_slots {
    unsigned l1;                            /**< entry of the reader's L1 CNode that holds it                         */
    unsigned first, end;                    /**< [first, end)                                                         */
};

/** Which slots @p list may use, if its maker had those from @p first on of the CNode in @p l1.  The reader takes them
 *  as in use, and all behind as empty, before it adopts the list.
 * @return E_CHILD_LIST it is none, or names an end that is not in [first, L2_SLOTS] */
err_t child_slots(struct child_slots *slots, unsigned l1, unsigned first, const void *list, size_t bytes);

/** Fill @p vs, of the running process, from @p list, whose @p slots are those of child_slots().  Frames are not in the
 *  list, so what was mapped by the maker cannot be split.
 * @return E_CHILD_LIST it is malformed, contradicts itself or names other slots; errors of stock_refill() and slabs; @p
 *         vs is then empty, what was excluded before included */
err_t vspace_adopt(struct vspace *vs, const void *list, size_t bytes, const struct child_slots *slots);

#endif
