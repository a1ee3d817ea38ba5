/** @file set.c  Free ranges that merge and split.  Contracts in os/ranges.h. */
#include <os/bug.h>
#include <os/ranges.h>

void ranges_init(struct range_set *set, struct slab *slab)
{
    range_tree_init(&set->tree, RANGES_FREE, 0, UINT64_MAX);
    set->slab = slab;
    set->bytes = 0;
}

static err_t insert_new(struct range_set *set, uint64_t base, uint64_t end)
{
    struct range *const n = slab_alloc(set->slab);

    REQUIRE(n, E_SLAB_EMPTY);
    n->base = base;
    n->end = end;
    const bool inserted = range_insert(&set->tree, n);
    OS_ASSERT(inserted);
    return OK;
}

err_t ranges_add(struct range_set *set, uint64_t base, uint64_t bytes, uint64_t lo, uint64_t hi)
{
    const uint64_t end = base + bytes;

    REQUIRE(base < end, E_ARG);
    struct range *const after = range_from(&set->tree, base);
    REQUIRE(!after || after->base >= end, E_RANGE_OVERLAP);
    struct range *const before = range_below(&set->tree, base);
    const bool join_before = before && before->end == base && base != lo;
    const bool join_after = after && after->base == end && end != hi;

    if (join_before && join_after) {
        const uint64_t last = after->end;
        range_remove(&set->tree, after);
        slab_free(set->slab, after);
        range_resize(&set->tree, before, before->base, last);
    } else if (join_before) {
        range_resize(&set->tree, before, before->base, end);
    } else if (join_after) {
        range_resize(&set->tree, after, base, after->end);
    } else {
        TRY(insert_new(set, base, end));
    }
    set->bytes += bytes;
    return OK;
}

err_t ranges_remove(struct range_set *set, uint64_t base, uint64_t bytes)
{
    const uint64_t end = base + bytes;

    REQUIRE(base < end, E_ARG);
    struct range *const n = range_find(&set->tree, base);
    REQUIRE(n && n->end >= end, E_RANGE_MISSING);

    if (n->base == base && n->end == end) {
        range_remove(&set->tree, n);
        slab_free(set->slab, n);
    } else if (n->base == base) {
        range_resize(&set->tree, n, end, n->end);
    } else if (n->end == end) {
        range_resize(&set->tree, n, n->base, base);
    } else {
        const uint64_t last = n->end;
        range_resize(&set->tree, n, n->base, base);
        const err_t err = insert_new(set, end, last);
        if (!err_ok(err)) {
            range_resize(&set->tree, n, n->base, last);
            return err;
        }
    }
    set->bytes -= bytes;
    return OK;
}

err_t ranges_take(struct range_set *set, const struct range_want *want, uint64_t *base)
{
    uint64_t at;

    REQUIRE(want->bytes != 0, E_ARG);
    REQUIRE(range_fit(&set->tree, want, &at), E_RANGE_NONE);
    TRY(ranges_remove(set, at, want->bytes));
    *base = at;
    return OK;
}
