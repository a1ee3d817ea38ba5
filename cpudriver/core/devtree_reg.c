#include <core/devtree_reg.h>

static bool one_or_two(int cells)
{
    return cells == 1 || cells == 2;
}

uint64_t devtree_cells(const fdt32_t *at, int cells)
{
    uint64_t value = 0;

    while (cells-- > 0) {
        value = value << 32 | fdt32_ld(at++);
    }
    return value;
}

bool reg_begin(struct reg_iter *it, const void *tree, int parent, int node)
{
    int bytes;

    *it = (struct reg_iter){ .address_cells = fdt_address_cells(tree, parent),
                             .size_cells = fdt_size_cells(tree, parent) };
    if (!one_or_two(it->address_cells) || (it->size_cells != 0 && !one_or_two(it->size_cells))) {
        return false;
    }
    it->at = fdt_getprop(tree, node, "reg", &bytes);
    if (!it->at) {
        return true;
    }
    const size_t entry = (size_t)(it->address_cells + it->size_cells) * sizeof(fdt32_t);
    it->left = (size_t)bytes / entry;
    return (size_t)bytes % entry == 0;
}

bool reg_next(struct reg_iter *it, struct range *r)
{
    if (it->left == 0) {
        return false;
    }
    r->base = devtree_cells(it->at, it->address_cells);
    r->bytes = devtree_cells(it->at + it->address_cells, it->size_cells);
    it->at += it->address_cells + it->size_cells;
    it->left--;
    return true;
}

bool tree_path_find(struct tree_path *path, const void *tree, int node)
{
    int depth = -1;                         /* fdt_next_node counts the root as it enters it */

    for (int at = fdt_next_node(tree, -1, &depth); at >= 0 && depth >= 0; at = fdt_next_node(tree, at, &depth)) {
        path->node[depth] = at;             /* depth < DEVTREE_DEPTH_MAX: devtree_check */
        if (at == node) {
            path->depth = depth;
            return depth > 0;
        }
    }
    return false;
}

/** One step towards the root: from the children of @p bus to the bus that @p parent is. */
static bool translate_step(const void *tree, int parent, int bus, struct range *r)
{
    int bytes;
    const fdt32_t *at = fdt_getprop(tree, bus, "ranges", &bytes);
    const int child_cells = fdt_address_cells(tree, bus), size_cells = fdt_size_cells(tree, bus);
    const int parent_cells = fdt_address_cells(tree, parent);

    if (!at) {
        return false;                       /* not reachable by loads and stores */
    }
    if (bytes == 0) {
        return true;                        /* same addresses on both sides */
    }
    if (!one_or_two(child_cells) || !one_or_two(parent_cells) || !one_or_two(size_cells)) {
        return false;
    }
    const int entry_cells = child_cells + parent_cells + size_cells;
    for (size_t left = (size_t)bytes / sizeof(fdt32_t) / (size_t)entry_cells; left > 0; left--, at += entry_cells) {
        const uint64_t child = devtree_cells(at, child_cells);
        const uint64_t size = devtree_cells(at + child_cells + parent_cells, size_cells);
        if (r->base >= child && r->base - child < size && r->bytes <= size - (r->base - child)) {
            return !__builtin_add_overflow(devtree_cells(at + child_cells, parent_cells), r->base - child, &r->base);
        }
    }
    return false;
}

bool tree_path_translate(const struct tree_path *path, const void *tree, struct range *r)
{
    for (int level = path->depth - 1; level > 0; level--) {
        if (!translate_step(tree, path->node[level - 1], path->node[level], r)) {
            return false;
        }
    }
    return r->bytes > 0 && r->base < PHYSICAL_END && r->bytes <= PHYSICAL_END - r->base;
}
