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

/** Mappings of shared memory (os/binding_share.h) that are there now. */
long host_shares(void);

/** A capability to new memory, which is seen for writing where host_frame_map() says, and the end of both but for the
 *  capability: whoever still sees it cannot read it any more. */
cptr_t host_frame(uint64_t bytes);
void *host_frame_map(cptr_t frame);
void host_frame_end(cptr_t frame, void *at);

/** Called before anything is fetched from a peer's memory; NULL: nobody. */
void host_share_hook(void (*before_fetch)(void));

/** As host_fail_after(), for making memory to share. */
void host_share_fail_after(long count);

#endif
