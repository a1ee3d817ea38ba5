/**
 * @file pte.h  Fake page-table entries: same meaning as on AArch64, other bits on purpose, so that logic that peeks at
 * the real layout fails on the host.
 */
#ifndef ARCH_PTE_H
#define ARCH_PTE_H

#include <shoal/invoke.h>
#include <stdbool.h>
#include <stdint.h>

typedef uint64_t pte_t;

#define PTE_ADDR_MASK 0x0000fffffffff000ull
#define PTE_STALE     (1ull << 62)

static inline bool pte_valid(pte_t e) { return e >> 63; }
static inline uint64_t pte_addr(pte_t e) { return e & PTE_ADDR_MASK; }
static inline bool pte_is_table(pte_t e, unsigned level) { return level < 3 && pte_valid(e) && (e & 1); }
static inline pte_t pte_table(uint64_t pa) { return pa | 1ull << 63 | 1; }
static inline pte_t pte_permissions(uint64_t f) { return (f & MAP_WRITE ? 2 : 0) | (f & MAP_EXEC ? 4 : 0); }
static inline pte_t pte_leaf(unsigned level, uint64_t pa, uint64_t f)
{
    return pa | 1ull << 63 | pte_permissions(f) | (uint64_t)level << 48 | (f >> 4 & 3) << 4;
}
static inline pte_t pte_with_permissions(pte_t e, uint64_t f) { return (e & ~6ull) | pte_permissions(f); }
static inline bool pte_writable(pte_t e) { return e & 2; }
static inline bool pte_executable(pte_t e) { return e & 4; }

/** Normal write-back memory: what the kernel's linear map has, too. */
static inline bool pte_cacheable(pte_t e)
{
    return (e >> 4 & 3) == 0;
}

#endif
