#include <core/devtree_prop.h>
#include <core/devtree_reg.h>
#include <core/lib.h>

const char *prop_string(const void *tree, int node, const char *name)
{
    int bytes;
    const char *text = fdt_getprop(tree, node, name, &bytes);

    return text && bytes > 0 && memchr(text, '\0', (size_t)bytes) ? text : NULL;
}

bool prop_is(const void *tree, int node, const char *name, const char *wanted)
{
    const char *text = prop_string(tree, node, name);

    return text && strcmp(text, wanted) == 0;
}

bool node_enabled(const void *tree, int node)
{
    return !fdt_getprop(tree, node, "status", NULL) || prop_is(tree, node, "status", "okay") ||
           prop_is(tree, node, "status", "ok");
}

bool prop_number(const void *tree, int node, const char *name, uint64_t *value)
{
    int bytes;
    const fdt32_t *at = fdt_getprop(tree, node, name, &bytes);

    if (!at || (bytes != 4 && bytes != 8)) {
        return false;
    }
    *value = devtree_cells(at, bytes / 4);
    return true;
}
