/** @file core.h  Fake architecture: what a new core's first instructions would find.  Same words, another entry. */
#ifndef ARCH_CORE_H
#define ARCH_CORE_H

#include <arch/mem.h>

struct kcb;

struct core_words {
    uint64_t ttbr0, ttbr1, empty, kcb;
};

#define FAKE_CORE_ENTRY 0x123000ull         /* behind image_pa */

paddr_t arch_core_entry(const struct kcb *k);

#endif
