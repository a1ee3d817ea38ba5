/**
 * @file child_vspace.h  The state of an address space on its way from the process that built it to the one that runs in
 * it.
 *
 * The maker puts all VNodes and Mappings of the child into one L2 CNode that both CSpaces hold, so a slot has the same
 * index for both.  The list names slots by that index and lies in a page that the child can read.  Addresses and
 * lengths are in pages.  What it says is checked when it is read: a list that is not one is refused as a whole.
 */
#ifndef OS_CHILD_VSPACE_H
#define OS_CHILD_VSPACE_H

#include <os/vspace.h>

#define CHILD_VSPACE_MAGIC 0x5650414345ull  /* "VPACE" */

struct child_vspace {
    uint64_t magic;
    uint32_t tables, mappings, regions;     /**< entries that follow, in this order                                   */
    uint32_t next_slot;                     /**< first slot of the CNode that is free; those before it are in use     */
};

struct child_table {                        /* in order of level */
    uint64_t page : 36, level : 4, : 24;    /**< first page it translates                                             */
    uint16_t vnode, link;                   /**< slots                                                                */
    uint32_t zero;
};

struct child_mapping {
    uint64_t page : 36, level : 4, entries : 10, : 14;  /**< level of the table whose entries it takes                */
    uint16_t slot, flags;
    uint32_t zero;
};

struct child_region {
    uint64_t page : 36, kind : 4, flags : 16, : 8;
    uint64_t pages;
};

/** Write down @p vs, whose slots all lie in one CNode, into @p bytes from @p list on.
 * @return E_CHILD_ROOM; E_CHILD_SLOTS a slot is in another CNode, or memory of vspace_back() is mapped */
err_t vspace_export(const struct vspace *vs, void *list, size_t bytes);

/** Give back all records of @p vs and leave it empty: what they stand for is another's to look after, or is gone.  No
 *  capability is touched.  Cost: O(records) */
void vspace_forget(struct vspace *vs);

/** Fill @p vs of the running process, fresh from vspace_init_own(), from @p list, whose CNode lies in L1 entry @p l1;
 *  its free slots are adopted.
 * @return E_CHILD_LIST it is malformed or contradicts itself; errors of stock_refill(), slots and slabs; @p vs is then
 *         empty */
err_t vspace_adopt(struct vspace *vs, const void *list, size_t bytes, unsigned l1);

#endif
