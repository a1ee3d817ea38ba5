#include <core/devtree_check.h>
#include <core/lib.h>
#include <libfdt.h>
#include <stdbool.h>
#include <stdint.h>

/** What is left of the structure block, and the strings block. */
struct walk {
    const uint8_t *at;
    size_t left;
    const char *strings;
    size_t strings_bytes;
};

static bool has_name(const char *name, size_t left)
{
    return memchr(name, '\0', left < DEVTREE_NAME_MAX ? left : DEVTREE_NAME_MAX);
}

/** Pass over @p bytes, rounded up to tags.  The block's size is a multiple of a tag, so the padding is there too. */
static void advance(struct walk *w, size_t bytes)
{
    const size_t padded = (bytes + FDT_TAGSIZE - 1) / FDT_TAGSIZE * FDT_TAGSIZE;

    w->at += padded;
    w->left -= padded;
}

static const char *pass_node_name(struct walk *w)
{
    const char *name = (const char *)w->at;

    if (!has_name(name, w->left)) {
        return "the device tree has a node whose name does not end";
    }
    advance(w, strlen(name) + 1);
    return NULL;
}

static const char *pass_property(struct walk *w)
{
    if (w->left < 8) {
        return "the device tree ends within a property";
    }
    const uint32_t bytes = fdt32_ld((const fdt32_t *)w->at);
    const uint32_t name = fdt32_ld((const fdt32_t *)(w->at + 4));
    advance(w, 8);
    if (bytes > w->left) {
        return "the device tree has a property that reaches beyond the tree";
    }
    if (name >= w->strings_bytes || !has_name(w->strings + name, w->strings_bytes - name)) {
        return "the device tree has a property whose name does not end";
    }
    advance(w, bytes);
    return NULL;
}

static const char *check_structure(struct walk w)
{
    const char *broken = NULL;
    unsigned depth = 0;
    bool root_seen = false;

    while (!broken && w.left >= FDT_TAGSIZE) {
        const uint32_t tag = fdt32_ld((const fdt32_t *)w.at);
        advance(&w, FDT_TAGSIZE);
        switch (tag) {
        case FDT_BEGIN_NODE:
            if (depth == 0 && root_seen) {
                return "the device tree has two roots";
            }
            if (depth == DEVTREE_DEPTH_MAX) {
                return "the device tree is too deep";
            }
            root_seen = true;
            depth++;
            broken = pass_node_name(&w);
            break;
        case FDT_END_NODE:
            if (depth == 0) {
                return "the device tree ends a node that has not begun";
            }
            depth--;
            break;
        case FDT_PROP:
            if (depth == 0) {
                return "the device tree has a property outside of a node";
            }
            broken = pass_property(&w);
            break;
        case FDT_NOP:
            break;
        case FDT_END:
            return depth == 0 && root_seen ? NULL : "the device tree ends within a node";
        default:
            return "the device tree has an unknown tag";
        }
    }
    return broken ? broken : "the device tree has no end";
}

const char *devtree_check(const void *blob, size_t bytes)
{
    if ((uintptr_t)blob % 8 != 0) {
        return "the device tree is not aligned to 8 bytes";
    }
    if (bytes < sizeof(struct fdt_header) || fdt_magic(blob) != FDT_MAGIC) {
        return "there is no device tree";
    }
    if (fdt_version(blob) < 17) {
        return "the device tree is of a version before 17";
    }
    if (fdt_check_header(blob) != 0) {
        return "the device tree has a broken header";
    }
    if (fdt_totalsize(blob) > bytes) {
        return "the device tree is larger than the memory it lies in";
    }
    if (fdt_totalsize(blob) > DEVTREE_BYTES_MAX) {
        return "the device tree is larger than 2 MiB";
    }
    if (fdt_off_mem_rsvmap(blob) % 8 != 0 || fdt_off_dt_struct(blob) % FDT_TAGSIZE != 0 ||
        fdt_size_dt_struct(blob) % FDT_TAGSIZE != 0) {
        return "the device tree has a misaligned part";
    }
    if (fdt_num_mem_rsv(blob) < 0) {
        return "the device tree's memory reservations do not end";
    }
    return check_structure((struct walk){
        .at = (const uint8_t *)blob + fdt_off_dt_struct(blob),
        .left = fdt_size_dt_struct(blob),
        .strings = (const char *)blob + fdt_off_dt_strings(blob),
        .strings_bytes = fdt_size_dt_strings(blob),
    });
}
