#include <cap/foreign.h>

#include <cap/husk.h>
#include <cap/sweep.h>
#include <cap/types.h>
#include <core/ranges_boot.h>

#define FIRST_SHARED_IRQ 32u        /* those below are each core's own */

static bool meets(const struct range *list, size_t count, struct range r)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i].base < r.base + r.bytes && r.base < list[i].base + list[i].bytes) {
            return true;
        }
    }
    return false;
}

static bool holds(const struct range *list, size_t count, struct range r)
{
    for (size_t i = 0; i < count; i++) {
        if (r.base >= list[i].base && r.base - list[i].base < list[i].bytes) {
            return r.bytes <= list[i].bytes - (r.base - list[i].base);
        }
    }
    return false;
}

/* The kernel will reach it through its linear map, so it must be memory, and not the kernel's. */
static bool is_memory(const struct kcb *k, struct range r)
{
    const struct machine *const m = k->machine;
    const struct range image = boot_image_range(k->image_pa);
    return holds(m->memory, m->memory_count, r) && !meets(m->no_map, m->no_map_count, r) && !meets(&image, 1, r);
}

static bool is_device(const struct kcb *k, struct range r)
{
    const struct machine *const m = k->machine;
    const struct range gic[] = { { m->gicd, m->gicd_bytes }, { m->gicr, m->gicr_bytes } };
    return r.base + r.bytes <= 1ull << 48 && !meets(m->memory, m->memory_count, r) && !meets(gic, 2, r);
}

static err_t check_range(const struct kcb *k, uint64_t type, struct range r)
{
    REQUIRE(r.bytes != 0 && r.bytes < SPACE_BASE(1) && r.base <= SPACE_BASE(1) - r.bytes, E_CAP_RANGE);
    switch (type) {
    case CAP_RAM:
    case CAP_FRAME:
    case CAP_DEVFRAME:
        REQUIRE(r.base % SHOAL_PAGE_SIZE == 0 && r.bytes % SHOAL_PAGE_SIZE == 0, E_CAP_ALIGN);
        REQUIRE(type == CAP_DEVFRAME ? is_device(k, r) : is_memory(k, r), E_CAP_RANGE);
        return OK;
    case CAP_IRQ:
        REQUIRE(r.bytes == 1 && r.base >= FIRST_SHARED_IRQ && r.base < k->plat.irq_count, E_CAP_RANGE);
        return OK;
    case CAP_ID:
        return OK;
    default:
        return ERR(E_CAP_TYPE);
    }
}

/* Everything known of the range must be of this very object: capabilities of it, and Mappings that outlived one; and, if it
 * lies in memory that was lent to the owner, the loan and what encloses it. */
static bool fits(const struct kcb *k, const struct cte *c)
{
    const uint64_t end = c->base + c->bytes;
    const struct cte *const lent = husk_around(k, c->base, c->bytes, c->owner);
    const struct cte *const n =
        lent ? mdb_first_inside(&k->mdb, lent, c->base, end) : mdb_first_overlap(&k->mdb, c->base, end);

    if (cte_type(c) == CAP_ID) {        /* identities hold one another */
        return mdb_nests(&k->mdb, c->base, end);
    }
    return !n || (n->owner == c->owner && !(n->flags & CTE_HUSK) &&
                  (mdb_is_copy(n, c) || (cte_type(n) == CAP_MAPPING && n->base >= c->base && n->base + n->bytes <= end)));
}

err_t foreign_make(struct kcb *k, uint64_t type, uint64_t rights, uint64_t owner, uint64_t base, uint64_t bytes, struct cte *dst)
{
    REQUIRE(type == CAP_FRAME || type == CAP_DEVFRAME || type == CAP_IRQ || type == CAP_ID, E_CAP_TYPE);
    REQUIRE(owner < k->core_count && (owner != k->core || type == CAP_ID), E_ARG);
    REQUIRE((rights & ~(uint64_t)(RIGHTS_ALL & ~RIGHT_OWN)) == 0, E_ARG);
    TRY(check_range(k, type, (struct range){ base, bytes }));
    const struct cte c = {
        .type = (uint8_t)type, .rights = (uint8_t)rights, .flags = owner == k->core ? 0 : CTE_FOREIGN, .owner = (uint8_t)owner,
        .base = SPACE_BASE(cap_type_info[type].space) | base, .bytes = bytes,
    };
    REQUIRE(!range_closed(k, c.base, c.base + bytes, owner), E_REVOKED);
    REQUIRE(fits(k, &c), E_CAP_OVERLAP);
    *dst = c;
    mdb_insert(&k->mdb, dst);
    return OK;
}

err_t foreign_root(struct kcb *k, uint64_t base, uint64_t bytes, struct cte *dst)
{
    REQUIRE(k->core != 0, E_BOOT_CORE);
    TRY(check_range(k, CAP_RAM, (struct range){ base, bytes }));
    REQUIRE(!mdb_first_overlap(&k->mdb, base, base + bytes), E_CAP_OVERLAP);
    *dst = (struct cte){ .type = CAP_RAM, .rights = RIGHTS_ALL, .owner = (uint8_t)k->core, .base = base, .bytes = bytes };
    mdb_insert(&k->mdb, dst);
    return OK;
}
