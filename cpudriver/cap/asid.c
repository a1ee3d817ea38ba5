#include <cap/asid.h>

#include <arch/tlb.h>

uint64_t asid_take(struct kcb *k)
{
    const uint64_t words = k->asid_count / 64;
    for (uint64_t i = 0; i < words; i++) {
        const uint64_t w = (k->asid_hint + i) % words;
        const uint64_t free = ~k->asid[w] & (w == 0 ? ~1ull : ~0ull);
        if (free) {
            const uint64_t bit = (uint64_t)__builtin_ctzll(free);
            k->asid[w] |= 1ull << bit;
            k->asid_hint = w;
            return w * 64 + bit;
        }
    }
    return 0;
}

void asid_give(struct kcb *k, uint64_t asid)
{
    tlb_begin_flush();
    tlb_flush_asid(asid);
    tlb_end_flush();
    k->asid[asid / 64] &= ~(1ull << asid % 64);
}
