/** @file peek.h  Read memory of another VSpace through its page tables: backtraces without a mapping. */
#ifndef CAP_PEEK_H
#define CAP_PEEK_H

#include <cap/vnode.h>

/** Four words at @p va of the VSpace whose root table is at @p root.  Only write-back memory is read, which the kernel's
 *  linear map has, too.  @return E_ARG not a multiple of 8; E_PEEK not mapped, or other memory.  At most 16 reads. */
err_t peek(paddr_t root, uint64_t va, uint64_t word[4]);

#endif
