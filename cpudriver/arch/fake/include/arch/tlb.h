/** @file tlb.h  Fake architecture: counts and remembers what was flushed, so that tests can check that it was. */
#ifndef ARCH_TLB_H
#define ARCH_TLB_H

#include <stdbool.h>
#include <stdint.h>

#define FAKE_TLB_LOG 1024u

struct fake_flush {
    uint64_t asid, va;
    bool whole;                         /**< all of the ASID                                                          */
};

struct fake_tlb {
    uint64_t publishes, page_flushes, asid_flushes, icache_flushes;
    uint64_t last_asid, last_va;
    uint64_t logged;                    /**< flushes since the test last set this to 0; the log keeps the first       */
    struct fake_flush log[FAKE_TLB_LOG];
};
extern struct fake_tlb fake_tlb;

static inline void fake_tlb_log(uint64_t asid, uint64_t va, bool whole)
{
    if (fake_tlb.logged < FAKE_TLB_LOG) {
        fake_tlb.log[fake_tlb.logged] = (struct fake_flush){ asid, va, whole };
    }
    fake_tlb.logged++;
    fake_tlb.last_asid = asid;
}

static inline void tlb_publish_entries(void)
{
    fake_tlb.publishes++;
}

static inline void tlb_flush_page(uint64_t asid, uint64_t va)
{
    fake_tlb.page_flushes++;
    fake_tlb.last_va = va;
    fake_tlb_log(asid, va, false);
}

static inline void tlb_flush_asid(uint64_t asid)
{
    fake_tlb.asid_flushes++;
    fake_tlb_log(asid, 0, true);
}

static inline void tlb_begin_flush(void) {}
static inline void tlb_end_flush(void) {}

static inline void icache_invalidate_all(void)
{
    fake_tlb.icache_flushes++;
}

#endif
