/** @file cache.h  Cache maintenance by address. */
#ifndef ARCH_CACHE_H
#define ARCH_CACHE_H

#include <stdint.h>

/** New code at @p p: written back to where instruction fetches see it.  The kernel invalidates the instruction cache when
 *  an executable mapping is made (cap/vnode.c).  Line size: CTR_EL0.DminLine. */
static inline void cache_clean_to_pou(const void *p, uint64_t bytes)
{
    uint64_t ctr;
    __asm__("mrs %0, ctr_el0" : "=r"(ctr));
    const uint64_t line = 4ull << (ctr >> 16 & 15), end = (uint64_t)p + bytes;
    for (uint64_t at = (uint64_t)p & ~(line - 1); at < end; at += line) {
        __asm__ volatile("dc cvau, %0" ::"r"(at) : "memory");
    }
    __asm__ volatile("dsb ish" ::: "memory");
}

/** @p bytes at @p p written back to memory, for somebody who reads with caches off. */
static inline void cache_clean_to_poc(const void *p, uint64_t bytes)
{
    uint64_t ctr;
    __asm__("mrs %0, ctr_el0" : "=r"(ctr));
    const uint64_t line = 4ull << (ctr >> 16 & 15), end = (uint64_t)p + bytes;
    for (uint64_t at = (uint64_t)p & ~(line - 1); at < end; at += line) {
        __asm__ volatile("dc cvac, %0" ::"r"(at) : "memory");
    }
    __asm__ volatile("dsb sy" ::: "memory");
}

#endif
