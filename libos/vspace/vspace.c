/** @file vspace.c  Setting up.  Contracts in os/vspace.h. */
#include "internal.h"

err_t vspace_slabs_init(struct vspace_slabs *slabs, struct stock *stock)
{
    slab_init(&slabs->regions, sizeof(struct vspace_region), &stock->pool, SLAB_KEEP);
    /* Unmapping the middle of a mapping splits it twice, with six records each time, before anything is refilled. */
    slab_init(&slabs->mappings, sizeof(struct vspace_mapping), &stock->pool, 2 * SLAB_KEEP);
    slab_init(&slabs->tables, sizeof(struct vspace_table), &stock->pool, SLAB_KEEP);
    TRY(stock_add_slab(stock, &slabs->regions, E_REFILL_REGIONS));
    TRY(stock_add_slab(stock, &slabs->mappings, E_REFILL_MAPPINGS));
    return stock_add_slab(stock, &slabs->tables, E_REFILL_TABLES);
}

void vspace_init(struct vspace *vs, cptr_t root, struct stock *stock, struct vspace_slabs *slabs, struct slots *slots,
                 struct reserve *reserve)
{
    *vs = (struct vspace){
        .root = root, .stock = stock, .slots = slots, .reserve = reserve,
        .region_slab = &slabs->regions, .mapping_slab = &slabs->mappings, .table_slab = &slabs->tables,
    };
    range_tree_init(&vs->regions, RANGES_USED, VSPACE_LOW, VSPACE_HIGH);
    range_tree_init(&vs->mappings, RANGES_PLAIN, 0, VSPACE_HIGH);
    for (unsigned level = 1; level <= 3; level++) {
        range_tree_init(&vs->tables[level], RANGES_PLAIN, 0, VSPACE_HIGH);
    }
}

err_t vspace_init_own(struct vspace *vs, cptr_t root, struct stock *stock, struct vspace_slabs *slabs)
{
    const uint64_t entry = table_bytes(1);

    vspace_init(vs, root, stock, slabs, &stock->slots, &stock->reserve);
    return vspace_exclude(vs, stock->pool.base / entry * entry, entry);
}

static void forget_all(struct range_tree *tree, struct slab *slab)
{
    struct range *r;

    while ((r = range_take_any(tree))) {
        slab_free(slab, r);
    }
}

void vspace_forget(struct vspace *vs)
{
    os_low_lock(LOW_VSPACE);
    forget_all(&vs->mappings, vs->mapping_slab);
    forget_all(&vs->regions, vs->region_slab);
    for (unsigned level = 1; level <= 3; level++) {
        forget_all(&vs->tables[level], vs->table_slab);
    }
    vs->spare = NULL;
    vs->empty = 0;
    os_low_unlock(LOW_VSPACE);
}

err_t vspace_trim(struct vspace *vs)
{
    os_low_lock(LOW_VSPACE);
    err_t err = groups_trim(vs);
    if (err_ok(err)) {
        err = tables_trim(vs);
    }
    os_low_unlock(LOW_VSPACE);
    return err;
}
