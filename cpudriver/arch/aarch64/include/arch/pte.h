/**
 * @file pte.h  Page-table entries: VMSAv8-64, 4 KiB granule, 48-bit addresses, stage 1, user half.
 * Source: Arm ARM D5.3 (descriptor formats).  Levels are 0 to 3; a leaf is a block at 1 and 2, a page at 3.
 */
#ifndef ARCH_PTE_H
#define ARCH_PTE_H

#include <shoal/invoke.h>
#include <stdbool.h>
#include <stdint.h>

typedef uint64_t pte_t;

#define PTE_ADDR_MASK 0x0000fffffffff000ull
#define PTE_STALE     (1ull << 55)     /* software bit, kept in entry 0 of a table: "was unlinked with entries in it" */

/* MAIR_EL1 indices, set up by arch/aarch64/mmu.c */
#define MAIR_NORMAL   0u
#define MAIR_UNCACHED 1u
#define MAIR_DEVICE   2u               /* nGnRE  */
#define MAIR_STRICT   3u               /* nGnRnE */

static inline bool pte_valid(pte_t e)
{
    return e & 1;
}

static inline uint64_t pte_addr(pte_t e)
{
    return e & PTE_ADDR_MASK;
}

static inline bool pte_is_table(pte_t e, unsigned level)
{
    return level < 3 && (e & 3) == 3;
}

static inline pte_t pte_table(uint64_t pa)
{
    return pa | 3;
}

/** AP, UXN and PXN of user permissions; PXN always, UXN unless executable. */
static inline pte_t pte_permissions(uint64_t map_flags)
{
    pte_t e = 1ull << 53;                                   /* PXN */
    e |= map_flags & MAP_EXEC ? 0 : 1ull << 54;             /* UXN */
    e |= map_flags & MAP_WRITE ? 1ull << 6 : 3ull << 6;     /* AP: EL0 read/write, or read only */
    return e;
}

/** Leaf at @p level for user space.  @p map_flags: MAP_READ is implied by the others (the architecture has no
 *  write-only or execute-only here).  AF set, nG set. */
static inline pte_t pte_leaf(unsigned level, uint64_t pa, uint64_t map_flags)
{
    const uint64_t kind = map_flags >> 4 & 3;               /* the MAP_ kinds are numbered like the MAIR indices */
    pte_t e = pa | (level == 3 ? 3 : 1);
    e |= kind << 2;
    e |= kind <= 1 ? 3ull << 8 : 2ull << 8;                 /* Normal: inner shareable; Device: ignored, written as outer */
    e |= 1ull << 10 | 1ull << 11;                           /* AF, nG */
    return e | pte_permissions(map_flags);
}

static inline pte_t pte_with_permissions(pte_t e, uint64_t map_flags)
{
    return (e & ~(3ull << 53 | 3ull << 6)) | pte_permissions(map_flags);
}

static inline bool pte_writable(pte_t e)
{
    return !(e >> 7 & 1);
}

static inline bool pte_executable(pte_t e)
{
    return !(e >> 54 & 1);
}

/** Normal write-back memory: what the kernel's linear map has, too. */
static inline bool pte_cacheable(pte_t e)
{
    return (e >> 2 & 7) == MAIR_NORMAL;
}

#endif
