/** @file host.h  The build machine's side of bindings: what is allocated, and capabilities that are only numbers. */
#ifndef BINDING_HOST_H
#define BINDING_HOST_H

#include <shoal/cap.h>
#include <test.h>

/** Blocks of the heap, and capabilities, that are there now. */
long host_blocks(void);
long host_caps(void);

/** Let heap_alloc() succeed @p count times and fail from then on; -1: never fail. */
void host_fail_after(long count);

/** A capability to @p what; copies say the same. */
cptr_t host_cap(unsigned what);
unsigned host_cap_what(cptr_t cap);

#endif
