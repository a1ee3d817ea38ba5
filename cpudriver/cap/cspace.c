#include <cap/cspace.h>

#include <core/attr.h>

err_t cspace_cap_of(const struct dcb *d, cptr_t addr, enum cap_type type, unsigned rights, struct cte **cap)
{
    struct cte *c;
    TRY(cspace_cap(d, addr, &c));
    REQUIRE(c->type == type, E_CAP_TYPE);
    REQUIRE((c->rights & rights) == rights, E_CAP_RIGHTS);
    *cap = c;
    return OK;
}

err_t cspace_l1_slot(struct cte *l1, uint64_t slots, cptr_t addr, struct cte **slot)
{
    const uint64_t index = (addr & ~CPTR_L1_FLAG) >> 8;
    REQUIRE(addr & CPTR_L1_FLAG && index < slots && (addr & (L2_SLOTS - 1)) == 0, E_CAP_LOOKUP);
    *slot = &l1[index];
    return OK;
}

/* Two levels from an L1 CNode, or one with CPTR_L1_FLAG.  Address 0 is no slot's: as a root it means something else. */
static err_t slot_from_l1(struct cte *l1, uint64_t slots, cptr_t addr, struct slot_ref *ref)
{
    if (addr & CPTR_L1_FLAG) {
        ref->in_l1 = true;
        return cspace_l1_slot(l1, slots, addr, &ref->slot);
    }
    *ref = (struct slot_ref){ cspace_slot(l1, slots, addr), false };
    REQUIRE(ref->slot && addr != CPTR_NULL, E_CAP_LOOKUP);
    return OK;
}

err_t cspace_slot_in(const struct dcb *d, const struct cte *root_cap, cptr_t addr, unsigned rights,
                     struct slot_ref *ref)
{
    if (!root_cap) {
        return slot_from_l1(d->l1, d->l1_slots, addr, ref);
    }
    REQUIRE(root_cap->type == CAP_L1CNODE || root_cap->type == CAP_L2CNODE, E_CAP_TYPE);
    REQUIRE((root_cap->rights & rights) == rights, E_CAP_RIGHTS);
    struct cte *const slots = cte_object(root_cap);
    if (root_cap->type == CAP_L1CNODE) {
        return slot_from_l1(slots, root_cap->bytes / SLOT_BYTES, addr, ref);
    }
    REQUIRE(addr < L2_SLOTS, E_CAP_LOOKUP);
    *ref = (struct slot_ref){ &slots[addr], false };
    return OK;
}

err_t cspace_slot_at(const struct dcb *d, cptr_t root, cptr_t addr, unsigned rights, struct slot_ref *ref)
{
    struct cte *root_cap = NULL;
    if (root != CPTR_NULL) {
        TRY(cspace_cap(d, root, &root_cap));
    }
    return cspace_slot_in(d, root_cap, addr, rights, ref);
}

err_t cspace_empty_at(const struct dcb *d, cptr_t root, cptr_t addr, enum cap_type type, struct cte **slot)
{
    struct slot_ref ref;
    TRY(cspace_slot_at(d, root, addr, RIGHT_WRITE, &ref));
    REQUIRE(cte_empty(ref.slot), E_SLOT_OCCUPIED);
    REQUIRE(!ref.in_l1 || type == CAP_L2CNODE, E_SLOT_KIND);
    *slot = ref.slot;
    return OK;
}

RARE err_t cspace_empty_run(const struct dcb *d, cptr_t root, cptr_t addr, uint64_t count, enum cap_type type,
                       struct cte **first)
{
    struct slot_ref ref, last;
    const bool in_l1 = addr & CPTR_L1_FLAG;
    TRY(cspace_slot_at(d, root, addr, RIGHT_WRITE, &ref));
    if (in_l1) {        /* the last by its own address, which counts in steps of 256 */
        TRY(cspace_slot_at(d, root, addr + (count - 1) * L2_SLOTS, RIGHT_WRITE, &last));
    }
    REQUIRE(in_l1 || count <= L2_SLOTS - (addr & (L2_SLOTS - 1)), E_CAP_LOOKUP);
    for (uint64_t i = 0; i < count; i++) {
        REQUIRE(cte_empty(&ref.slot[i]), E_SLOT_OCCUPIED);
    }
    REQUIRE(!ref.in_l1 || type == CAP_L2CNODE, E_SLOT_KIND);
    *first = ref.slot;
    return OK;
}
