#include <cap/retype.h>

#include <arch/tlb.h>
#include <arch/zero.h>
#include <cap/asid.h>
#include <cap/sweep.h>
#include <cap/types.h>

#define SGI_COUNT 16u       /* software-generated interrupts: INTIDs 0 to 15 */

/* The timer's and the software-generated interrupts are the kernel's for good.  No capability stands for that: whoever
 * revoked the table would delete it, and the deletion would mask the timer. */
static bool has_kernel_irq(const struct kcb *k, uint64_t first, uint64_t count)
{
    return first < SGI_COUNT || (k->plat.timer_irq >= first && k->plat.timer_irq - first < count);
}

err_t retype_check(struct kcb *k, const struct cte *parent, uint64_t type, uint64_t offset, uint64_t size,
                   uint64_t count, uint64_t *bytes)
{
    REQUIRE(cap_may_become(parent->type, type), E_CAP_TYPE);
    if (__builtin_expect(!(parent->rights & RIGHT_OWN), 0)) {   /* what is foreign never has it */
        return ERR(parent->flags & CTE_FOREIGN ? E_FOREIGN : E_CAP_RIGHTS);
    }
    REQUIRE(cap_object_bytes((enum cap_type)type, size, bytes), E_CAP_SIZE);
    REQUIRE(count >= 1 && count <= RETYPE_MAX_COUNT, E_CAP_COUNT);
    /* A kernel object has at most 2^18 bytes, so this cannot overflow. */
    REQUIRE(!cap_is_kernel_object((enum cap_type)type) ||
            (count <= RETYPE_MAX_OBJECTS && *bytes * count <= RETYPE_MAX_KOBJ), E_CAP_COUNT);
    /* From here one object is no larger than the parent, so that 64 of them cannot overflow: a range is below 2^56. */
    REQUIRE(*bytes <= parent->bytes, E_CAP_RANGE);
    const uint64_t total = *bytes * count;
    REQUIRE(total <= parent->bytes && offset <= parent->bytes - total, E_CAP_RANGE);
    REQUIRE((parent->base + offset) % cap_alignment((enum cap_type)type, *bytes) == 0, E_CAP_ALIGN);
    REQUIRE(!(parent->type == type && *bytes == parent->bytes && parent->gen == UINT8_MAX), E_CAP_DEPTH);
    REQUIRE(type != CAP_IRQ || !has_kernel_irq(k, cte_addr(parent) + offset, total), E_CAP_OVERLAP);
    REQUIRE(!range_closed(k, parent->base + offset, parent->base + offset + total, parent->owner), E_REVOKED);
    REQUIRE(!mdb_first_inside(&k->mdb, parent, parent->base + offset, parent->base + offset + total), E_CAP_OVERLAP);
    return OK;
}

/* A VNode_L0 gets its address-space identifier here, for life.  All or none. */
static err_t take_asids(struct kcb *k, uint64_t count, uint64_t *asid)
{
    for (uint64_t i = 0; i < count; i++) {
        asid[i] = asid_take(k);
        if (!asid[i]) {
            while (i-- > 0) {
                asid_give(k, asid[i]);
            }
            return ERR(E_ASID_NONE);
        }
    }
    return OK;
}

static void init_object(struct kcb *k, struct cte *c)
{
    if (c->type == CAP_DISPATCHER) {
        struct dcb *const d = cte_object(c);
        /* A child starts with its maker's priority and can never be given more than its maker could have. */
        d->priority = k->current ? k->current->priority : KCB_PRIORITIES - 1;
        d->ceiling = k->current ? k->current->ceiling : KCB_PRIORITIES - 1;
    }
    if (c->type == CAP_ENDPOINT) {
        c->flags = CTE_RECV;
    }
    if (c->type == CAP_DEVFRAME && k->plat.console_pa >= c->base && k->plat.console_pa < c->base + c->bytes) {
        k->plat.console_given = true;       /* its driver prints from here on; the kernel only when it panics */
    }
}

err_t retype_commit(struct kcb *k, struct cte *parent, enum cap_type type, uint64_t offset, uint64_t bytes,
                    uint64_t count, struct cte *dst)
{
    const uint8_t gen = parent->type == type && bytes == parent->bytes ? (uint8_t)(parent->gen + 1) : 0;
    const uint64_t base = parent->base + offset;
    uint64_t asid[RETYPE_MAX_COUNT];

    if (type == CAP_VNODE_L0) {
        TRY(take_asids(k, count, asid));
    }
    if (cap_is_kernel_object(type)) {
        arch_zero(phys_to_virt(base), bytes * count);
        /* A table walk is an observer of its own: it must not find a table linked, or in TTBR0, before its zeros. */
        tlb_publish_entries();
    }
    for (uint64_t i = 0; i < count; i++) {
        struct cte *const c = &dst[i];
        c->type = (uint8_t)type;        /* the slot is empty, so all that is not set here is zero */
        c->rights = parent->rights;
        c->owner = parent->owner;
        c->gen = gen;
        c->base = base + i * bytes;
        c->bytes = bytes;
        c->word[0] = type == CAP_VNODE_L0 ? asid[i] : 0;
        init_object(k, c);
        if (i == 0) {
            mdb_insert(&k->mdb, c);
        } else {
            mdb_insert_behind(&k->mdb, &dst[i - 1], c);   /* nothing lies between two neighbours of one retype */
        }
    }
    return OK;
}

err_t retype(struct kcb *k, struct cte *parent, uint64_t type, uint64_t offset, uint64_t size, uint64_t count,
             struct cte *dst)
{
    uint64_t bytes;
    TRY(retype_check(k, parent, type, offset, size, count, &bytes));
    return retype_commit(k, parent, (enum cap_type)type, offset, bytes, count, dst);
}
