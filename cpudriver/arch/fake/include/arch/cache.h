/** @file cache.h  Fake architecture: remembers what was cleaned last. */
#ifndef ARCH_CACHE_H
#define ARCH_CACHE_H

#include <stdint.h>

extern const void *fake_cleaned;            /**< to memory                                                            */

static inline void cache_clean_to_pou(const void *p, uint64_t bytes)
{
    (void)p, (void)bytes;
}

static inline void cache_clean_to_poc(const void *p, uint64_t bytes)
{
    (void)bytes;
    fake_cleaned = p;
}

#endif
