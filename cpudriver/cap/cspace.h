/**
 * @file cspace.h  From an address in a CSpace to a slot.
 * Believes nothing: an address that leads nowhere is E_CAP_LOOKUP.  Two memory reads per lookup, no loop.
 */
#ifndef CAP_CSPACE_H
#define CAP_CSPACE_H

#include <cap/cte.h>
#include <dispatch/dcb.h>
#include <shoal/err.h>

/** A slot and what kind of CNode it lies in. */
struct slot_ref {
    struct cte *slot;
    bool in_l1;          /**< an L1 slot: holds L2 CNodes only */
};

/** Slot that @p addr names in the CSpace whose L1 CNode has @p slots slots at @p l1.  NULL: none in two levels. */
static inline struct cte *cspace_slot(struct cte *l1, uint64_t slots, cptr_t addr)
{
    const uint64_t index = addr >> 8;   /* also refuses anything above bit 31, as no L1 has 2^24 slots */
    if (__builtin_expect(index >= slots, 0) || l1[index].type != CAP_L2CNODE) {
        return NULL;
    }
    return (struct cte *)cte_object(&l1[index]) + (addr & (L2_SLOTS - 1));
}

/** The L1 slot that @p addr, with CPTR_L1_FLAG, names.  @return E_CAP_LOOKUP */
err_t cspace_l1_slot(struct cte *l1, uint64_t slots, cptr_t addr, struct cte **slot);

/** The capability at @p addr in the CSpace of @p d, ready for use.
 * @return E_CAP_LOOKUP no slot there, E_CAP_EMPTY nothing in it, or it is being deleted. */
static inline err_t cspace_cap(const struct dcb *d, cptr_t addr, struct cte **cap)
{
    struct cte *c = cspace_slot(d->l1, d->l1_slots, addr);
    REQUIRE(addr != CPTR_NULL, E_CAP_LOOKUP);
    if (__builtin_expect(!c, 0)) {
        TRY(cspace_l1_slot(d->l1, d->l1_slots, addr, &c));
    }
    REQUIRE(c->type != CAP_NULL && !(c->type & CTE_DYING), E_CAP_EMPTY);
    *cap = c;
    return OK;
}

/** As cspace_cap, and the capability must be a @p type (E_CAP_TYPE) with all of @p rights (E_CAP_RIGHTS). */
err_t cspace_cap_of(const struct dcb *d, cptr_t addr, enum cap_type type, unsigned rights, struct cte **cap);

/** The slot, empty or not, that (@p root, @p addr) names for @p d (shoal/invoke.h).  @p root_cap: the root's slot, NULL
 *  for the caller's own CSpace.  @p rights: what the root must carry (WRITE to change a slot, READ to copy from it).
 * @return E_CAP_LOOKUP, E_CAP_TYPE the root is no CNode, E_CAP_RIGHTS. */
err_t cspace_slot_in(const struct dcb *d, const struct cte *root_cap, cptr_t addr, unsigned rights,
                     struct slot_ref *ref);

/** As cspace_slot_in, with the root given by its address (0: own). */
err_t cspace_slot_at(const struct dcb *d, cptr_t root, cptr_t addr, unsigned rights, struct slot_ref *ref);

/** An empty slot to put a @p type into: as cspace_slot_at with WRITE, and E_SLOT_OCCUPIED, E_SLOT_KIND. */
err_t cspace_empty_at(const struct dcb *d, cptr_t root, cptr_t addr, enum cap_type type, struct cte **slot);

/** The same, without a call where it is simplest: an empty slot two levels down in the caller's own CSpace. */
static inline err_t cspace_empty_near(const struct dcb *d, cptr_t root, cptr_t addr, enum cap_type type,
                                      struct cte **slot)
{
    struct cte *const c = root == CPTR_NULL && addr != CPTR_NULL ? cspace_slot(d->l1, d->l1_slots, addr) : NULL;
    if (__builtin_expect(c && cte_empty(c), 1)) {
        *slot = c;
        return OK;
    }
    return cspace_empty_at(d, root, addr, type, slot);
}

/** @p count consecutive empty slots of one CNode, for capabilities of @p type.  Errors as above; E_CAP_LOOKUP also if
 *  they run over the end of the CNode. */
err_t cspace_empty_run(const struct dcb *d, cptr_t root, cptr_t addr, uint64_t count, enum cap_type type,
                       struct cte **first);

/** The slot at @p ref holds a capability that can be used: E_CAP_EMPTY if not. */
static inline err_t cspace_live(const struct cte *c)
{
    REQUIRE(c->type != CAP_NULL && !(c->type & CTE_DYING), E_CAP_EMPTY);
    return OK;
}

#endif
