#include <cap/copy.h>

err_t cap_check_copy(const struct cte *src)
{
    REQUIRE(src->type != CAP_MAPPING && !(src->flags & CTE_RECV), E_CAP_COPY);
    return OK;
}

/* The capability without its place in the tree. */
static struct cte content(const struct cte *src, uint64_t rights)
{
    return (struct cte){
        .type = src->type,
        .rights = (uint8_t)rights,
        .flags = src->flags & CTE_FOREIGN,
        .owner = src->owner,
        .gen = src->gen,
        .base = src->base,
        .bytes = src->bytes,
        .word = { src->word[0] },
    };
}

void cap_copy(struct kcb *k, struct cte *src, struct cte *dst, uint64_t mask)
{
    *dst = content(src, src->rights & mask);
    mdb_insert_copy(&k->mdb, src, dst);
}

err_t cap_mint(struct kcb *k, struct cte *src, struct cte *dst, uint64_t mask, uint64_t badge)
{
    REQUIRE(src->type != CAP_MAPPING, E_CAP_COPY);
    REQUIRE(src->type == CAP_ENDPOINT, E_CAP_BADGE);
    if (!(src->flags & CTE_RECV)) {
        REQUIRE(src->word[0] == 0 && badge != 0, E_CAP_BADGE);
    }
    *dst = content(src, src->rights & mask & ~(uint64_t)RIGHT_OWN);
    dst->word[0] = badge;
    mdb_insert_copy(&k->mdb, src, dst);
    return OK;
}

void cap_embed(struct kcb *k, struct cte *src, struct cte *dst, unsigned embed, unsigned flags)
{
    *dst = content(src, src->rights);
    dst->flags |= (uint8_t)(CTE_EMBEDDED | flags);
    dst->embed = (uint8_t)embed;
    if (flags & CTE_WEAK) {
        mdb_insert(&k->mdb, dst);       /* behind all strong ones: by key */
    } else {
        mdb_insert_copy(&k->mdb, src, dst);
    }
}
