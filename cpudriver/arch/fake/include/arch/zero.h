/** @file zero.h  Fake architecture: zeroing of kernel objects. */
#ifndef ARCH_ZERO_H
#define ARCH_ZERO_H

#include <string.h>

static inline void arch_zero(void *p, size_t bytes)
{
    memset(p, 0, bytes);
}

#endif
