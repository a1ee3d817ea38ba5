/**
 * @file retype.h  Turn ranges of RAM, device memory, interrupt numbers and identities into objects.
 * R1 (exclusive use): no two typed objects of this core overlap; between cores the monitors uphold it.
 * R2 (no partial effect): a refused call leaves every slot and the mapping database as it found them.
 */
#ifndef CAP_RETYPE_H
#define CAP_RETYPE_H

#include <core/kcb.h>
#include <shoal/err.h>

/** Create @p count objects of @p type in consecutive ranges of @p parent, from @p offset on.
 * @param parent  a capability with RIGHT_OWN; borrowed, gains @p count descendants
 * @param size    see MEMORY_RETYPE (shoal/invoke.h)
 * @param dst     first of @p count consecutive empty slots
 * @return E_CAP_TYPE no such rule in the type table; E_CAP_RIGHTS no RIGHT_OWN; E_CAP_SIZE; E_CAP_COUNT 0 or more than
 *         RETYPE_MAX_COUNT, or more than RETYPE_MAX_OBJECTS kernel objects or RETYPE_MAX_KOBJ bytes of them; E_CAP_RANGE leaves the parent;
 *         E_CAP_ALIGN; E_CAP_DEPTH; E_REVOKED; E_CAP_OVERLAP; E_ASID_NONE
 * Cost:   O(count * log capabilities), plus zeroing of kernel objects; bounded by the two limits. */
err_t retype(struct kcb *k, struct cte *parent, uint64_t type, uint64_t offset, uint64_t size, uint64_t count,
             struct cte *dst);

/** Create them.  retype_check was passed with the same arguments, and @p dst are @p count empty slots.
 * @return OK or E_ASID_NONE (nothing changed) */
err_t retype_commit(struct kcb *k, struct cte *parent, enum cap_type type, uint64_t offset, uint64_t bytes,
                    uint64_t count, struct cte *dst);

/** The checks of retype that need no destination, in the order above: R2 rests on them. */
err_t retype_check(struct kcb *k, const struct cte *parent, uint64_t type, uint64_t offset, uint64_t size,
                   uint64_t count, uint64_t *bytes);

#endif
