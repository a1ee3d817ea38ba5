/** @file cache.h  Cache maintenance that programs may do. */
#ifndef OS_CACHE_H
#define OS_CACHE_H

#include <stdint.h>

/** Bytes that will be executed were written at @p code: make them visible to instruction fetches.  The kernel
 *  invalidates the instruction cache when an executable mapping is made. */
void cache_clean_code(const void *code, uint64_t bytes);

#endif
