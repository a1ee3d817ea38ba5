/** @file foreign.h  Capabilities of what another core's kernel made, and RAM that was lent to this one. */
#ifndef CAP_FOREIGN_H
#define CAP_FOREIGN_H

#include <core/kcb.h>
#include <shoal/err.h>

/** A capability of @p bytes from @p base on, an object that core @p owner made, in the empty slot @p dst; never with *own*.  It may
 *  be a further one of what is known here; an identity may be this core's own.
 * @return E_CAP_TYPE none that travels (Frame, DevFrame, IRQ, ID); E_ARG owner or rights; E_CAP_ALIGN; E_CAP_RANGE not where such
 *         objects can lie; E_REVOKED it is being purged; E_CAP_OVERLAP something else is known there.  O(log n + ranges) */
err_t foreign_make(struct kcb *k, uint64_t type, uint64_t rights, uint64_t owner, uint64_t base, uint64_t bytes, struct cte *dst);

/** RAM that this core has borrowed, as its own.  @return E_BOOT_CORE it lends, and borrows from nobody; E_CAP_ALIGN, E_CAP_RANGE,
 *         E_CAP_OVERLAP */
err_t foreign_root(struct kcb *k, uint64_t base, uint64_t bytes, struct cte *dst);

#endif
