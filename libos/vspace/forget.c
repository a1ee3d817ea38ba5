/** @file forget.c  An address space whose capabilities are another's now; contract in os/child_vspace.h. */
#include <os/child_vspace.h>

/* struct range is the first member of every record */
_Static_assert(offsetof(struct vspace_region, range) == 0 && offsetof(struct vspace_mapping, range) == 0 &&
               offsetof(struct vspace_table, range) == 0, "");

static void forget(struct range_tree *tree, struct slab *slab)
{
    struct range *record;

    while ((record = range_from(tree, 0))) {
        range_remove(tree, record);
        slab_free(slab, record);
    }
}

void vspace_forget(struct vspace *vs)
{
    forget(&vs->mappings, vs->mapping_slab);
    forget(&vs->regions, vs->region_slab);
    for (unsigned level = 1; level <= 3; level++) {
        forget(&vs->tables[level], vs->table_slab);
    }
    vs->spare = NULL;
    vs->empty = 0;
}
