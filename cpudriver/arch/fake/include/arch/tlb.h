/** @file tlb.h  Fake architecture: counts what was flushed, so that tests can check that it was. */
#ifndef ARCH_TLB_H
#define ARCH_TLB_H

#include <stdint.h>

struct fake_tlb {
    uint64_t publishes, page_flushes, asid_flushes, icache_flushes;
    uint64_t last_asid, last_va;
};
extern struct fake_tlb fake_tlb;

static inline void tlb_publish_entries(void) { fake_tlb.publishes++; }
static inline void tlb_flush_page(uint64_t asid, uint64_t va)
{
    fake_tlb.page_flushes++;
    fake_tlb.last_asid = asid;
    fake_tlb.last_va = va;
}
static inline void tlb_flush_asid(uint64_t asid)
{
    fake_tlb.asid_flushes++;
    fake_tlb.last_asid = asid;
}
static inline void tlb_begin_flush(void) {}
static inline void tlb_end_flush(void) {}
static inline void icache_invalidate_all(void) { fake_tlb.icache_flushes++; }

#endif
