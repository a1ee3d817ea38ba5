/**
 * @file ktables.h  Filling the kernel's page tables: 4 KiB granule, 48-bit addresses, leaves of 1 GiB, 2 MiB and 4 KiB.
 * Pure: runs with the MMU off, with it on, and on the host.  Used while booting only; no change afterwards.
 * Source: Arm ARM D5.3 (descriptor formats).
 */
#ifndef AARCH64_KTABLES_H
#define AARCH64_KTABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KPAGE  0x1000ull
#define KBLOCK 0x200000ull      /* what one level 2 entry maps */

/* Leaf attributes less address and type.  AF always; Normal memory is inner shareable; global, as there is one kernel
 * half for all; bit 54 (UXN) always, since nothing of the kernel is for EL0.  MAIR indices: arch/pte.h. */
#define KATTR_TEXT   (1ull << 54 | 1ull << 10 | 3ull << 8 | 1ull << 7)                 /* read only, executable */
#define KATTR_RODATA (1ull << 54 | 1ull << 53 | 1ull << 10 | 3ull << 8 | 1ull << 7)
#define KATTR_RW     (1ull << 54 | 1ull << 53 | 1ull << 10 | 3ull << 8)
#define KATTR_DEVICE (1ull << 54 | 1ull << 53 | 1ull << 10 | 2ull << 8 | 2ull << 2)    /* nGnRE, read/write */

/** Where tables are taken from, and how they are reached: zeroed pages pages[*used] … pages[max - 1]; pages[0] has the
 *  physical address @c pa.  Pages are never given back. */
struct ktables {
    uint64_t (*pages)[512];
    uint64_t pa;
    size_t *used;
    size_t max;
};

/** Take a page.  @return its index, or SIZE_MAX: none is left. */
size_t ktables_take(struct ktables *t);

/** Physical address of page @p index. */
static inline uint64_t ktables_pa(const struct ktables *t, size_t index)
{
    return t->pa + index * KPAGE;
}

/** Map @p bytes from @p pa at @p va, in the largest leaves that fit, in the tree whose level 0 table is page @p root.
 * Mapping what is mapped with the same attributes already is no error (device pages may overlap).
 * @p va, @p pa, @p bytes: multiples of 4 KiB.  The caller does the barriers.
 * @return NULL or a sentence: no table left, or an address in use with other contents.  Cost: O(leaves written). */
const char *ktables_map(struct ktables *t, size_t root, uint64_t va, uint64_t pa, uint64_t bytes, uint64_t attrs);

#endif
