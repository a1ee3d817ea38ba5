/** @file cache.c  Contracts in os/cache.h. */
#include <os/cache.h>

void cache_clean_code(const void *code, uint64_t bytes)
{
    uint64_t ctr;

    __asm__("mrs %0, ctr_el0" : "=r"(ctr));
    const uint64_t line = 4ull << (ctr >> 16 & 15);         /* CTR_EL0.DminLine: log2 of words */
    const uint64_t start = (uint64_t)code & ~(line - 1), end = (uint64_t)code + bytes;
    for (uint64_t at = start; at < end; at += line) {
        __asm__ volatile("dc cvau, %0" : : "r"(at) : "memory");
    }
    __asm__ volatile("dsb ish" : : : "memory");
}
