#include <cap/husk.h>

#include <cap/watch.h>

/* @return KCB_HUSKS: all are in use */
static uint64_t free_number(const struct kcb *k)
{
    uint64_t i = 0;
    while (i < KCB_HUSKS && !cte_empty(&k->husk[i])) {
        i++;
    }
    return i;
}

static bool occupied(const struct kcb *k, const struct cte *ram)
{
    return mdb_first_inside(&k->mdb, ram, ram->base, ram->base + ram->bytes) != NULL;
}

err_t husk_check(struct kcb *k, struct cte *ram)
{
    const unsigned rights = RIGHT_READ | RIGHT_WRITE | RIGHT_OWN;

    REQUIRE(ram->type == CAP_RAM, E_CAP_TYPE);
    REQUIRE((ram->rights & rights) == rights, E_CAP_RIGHTS);
    REQUIRE(!cap_closed(k, ram), E_REVOKED);
    REQUIRE(!mdb_other_copy(ram, false), E_CAP_OVERLAP);
    REQUIRE(!occupied(k, ram), E_CAP_OVERLAP);
    REQUIRE(free_number(k) < KCB_HUSKS, E_KERNEL_FULL);
    return OK;
}

uint64_t husk_make(struct kcb *k, struct cte *ram, uint64_t owner)
{
    const uint64_t number = free_number(k);
    struct cte *const h = &k->husk[number];

    cap_move(k, ram, h);
    h->flags = CTE_HUSK | CTE_EMBEDDED;
    h->owner = (uint8_t)owner;
    return number;
}

err_t husk_take(struct kcb *k, uint64_t number, struct cte *dst)
{
    REQUIRE(number < KCB_HUSKS && !cte_empty(&k->husk[number]), E_CAP_EMPTY);
    const struct cte *const h = &k->husk[number];
    REQUIRE(!range_closed(k, h->base, h->base + h->bytes, k->core), E_REVOKED);
    REQUIRE(!occupied(k, h), E_CAP_OVERLAP);
    mdb_move(&k->mdb, &k->husk[number], dst);
    dst->flags = 0;
    dst->owner = (uint8_t)k->core;
    return OK;
}

err_t husk_drop(struct kcb *k, uint64_t number)
{
    REQUIRE(number < KCB_HUSKS && !cte_empty(&k->husk[number]), E_CAP_EMPTY);
    REQUIRE(!occupied(k, &k->husk[number]), E_CAP_OVERLAP);
    cap_drop(k, &k->husk[number]);
    return OK;
}

const struct cte *husk_around(const struct kcb *k, uint64_t base, uint64_t bytes, uint64_t owner)
{
    const struct cte *const ram = mdb_ancestor(&k->mdb, base, bytes, CAP_RAM);
    return ram && ram->flags & CTE_HUSK && ram->owner == owner ? ram : NULL;
}
