/**
 * @file tlb.h  TLB and cache maintenance of this core's VSpaces (docs/memory.md).
 * A VSpace is used on one core only, so all of it is non-shareable.
 */
#ifndef ARCH_TLB_H
#define ARCH_TLB_H

#include <stdint.h>

/** After new, formerly invalid entries were stored: make the stores visible to the walker.  DSB NSHST.  The ERET that
 *  ends the system call is the context synchronisation. */
static inline void tlb_publish_entries(void)
{
    __asm__ volatile("dsb nshst" ::: "memory");
}

/** After valid leaf entries for @p va were cleared or changed. */
static inline void tlb_flush_page(uint64_t asid, uint64_t va)
{
    __asm__ volatile("tlbi vale1, %0" ::"r"(asid << 48 | (va << 4 >> 16)) : "memory");
}

/** All of an ASID, walk caches included. */
static inline void tlb_flush_asid(uint64_t asid)
{
    __asm__ volatile("tlbi aside1, %0" ::"r"(asid << 48) : "memory");
}

/** Between clearing entries and the flushes, and after the flushes. */
static inline void tlb_begin_flush(void)
{
    __asm__ volatile("dsb nshst" ::: "memory");
}

static inline void tlb_end_flush(void)
{
    __asm__ volatile("dsb nsh" ::: "memory");
}

/** New code may be in an executable mapping: right for VIPT instruction caches too. */
static inline void icache_invalidate_all(void)
{
    __asm__ volatile("ic iallu\n\tdsb nsh\n\tisb" ::: "memory");
}

#endif
