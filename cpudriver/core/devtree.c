/*
 * devtree.c  See core/devtree.h.  Here: the board's name and its memory; cores and devices are in devtree_devices.c.
 * One function per thing wanted: it fills in its part of the machine or says what is broken.
 * Sources: Devicetree Specification 0.4; device tree binding of reserved-memory.
 */
#include <core/bootargs.h>
#include <core/devtree.h>
#include <core/devtree_check.h>
#include <core/devtree_devices.h>
#include <core/devtree_prop.h>
#include <core/devtree_reg.h>
#include <core/ranges.h>

#define PAGE 4096ull

static void read_board(const void *tree, struct machine *m)
{
    const char *name = prop_string(tree, 0, "model");

    if (!name) {
        name = prop_string(tree, 0, "compatible");
    }
    for (size_t i = 0; name && name[i] != '\0' && i + 1 < sizeof(m->board); i++) {
        m->board[i] = name[i] >= ' ' && name[i] <= '~' ? name[i] : '?';     /* it will be printed on a console */
    }
}

static const char *read_memory_node(const void *tree, int node, struct machine *m)
{
    struct reg_iter it;
    struct range r;

    if (!reg_begin(&it, tree, 0, node) || it.size_cells == 0) {
        return "a memory node of the device tree has a broken reg";
    }
    while (reg_next(&it, &r)) {
        if (r.bytes == 0) {
            continue;                           /* a place for the boot loader to fill in */
        }
        if (r.base >= PHYSICAL_END || r.bytes > PHYSICAL_END - r.base) {
            return "the device tree has memory beyond 48-bit addresses";
        }
        if (!ranges_add(m->memory, &m->memory_count, MACHINE_RANGES_MAX, r)) {
            return "the device tree has too many ranges of memory";
        }
    }
    return NULL;
}

static const char *read_memory(const void *tree, struct machine *m)
{
    int node;

    fdt_for_each_subnode(node, tree, 0) {
        if (prop_is(tree, node, "device_type", "memory") && node_enabled(tree, node)) {
            const char *broken = read_memory_node(tree, node, m);
            if (broken) {
                return broken;
            }
        }
    }

    size_t kept = 0;
    for (size_t i = 0; i < m->memory_count; i++) {
        const uint64_t base = (m->memory[i].base + PAGE - 1) & -PAGE;
        const uint64_t end = (m->memory[i].base + m->memory[i].bytes) & -PAGE;
        if (base < end) {
            m->memory[kept++] = (struct range){ base, end - base };
        }
    }
    m->memory_count = kept;
    return kept > 0 ? NULL : "the device tree has no memory";
}

/** Round @p r outwards to pages and put it on the list.  What lies beyond all memory need not be kept. */
static const char *reserve(struct range *list, size_t *count, struct range r)
{
    if (r.bytes == 0 || r.base >= PHYSICAL_END) {
        return NULL;
    }
    const uint64_t end = r.bytes < PHYSICAL_END - r.base ? r.base + r.bytes : PHYSICAL_END;
    const uint64_t base = r.base & -PAGE;
    const uint64_t bytes = ((end + PAGE - 1) & -PAGE) - base;

    return ranges_add(list, count, MACHINE_RANGES_MAX, (struct range){ base, bytes })
        ? NULL
        : "the device tree has too many ranges of reserved memory";
}

/** Regions without `reg` may be placed anywhere by a system that uses them; we use none. */
static const char *read_reserved_node(const void *tree, int parent, int node, struct machine *m)
{
    const bool no_map = fdt_getprop(tree, node, "no-map", NULL);
    struct reg_iter it;
    struct range r;

    if (!reg_begin(&it, tree, parent, node) || it.size_cells == 0) {
        return "a node of reserved memory in the device tree has a broken reg";
    }
    while (reg_next(&it, &r)) {
        const char *broken = reserve(m->reserved, &m->reserved_count, r);
        if (!broken && no_map) {
            broken = reserve(m->no_map, &m->no_map_count, r);
        }
        if (broken) {
            return broken;
        }
    }
    return NULL;
}

static const char *read_reserved(const void *tree, struct machine *m)
{
    const int count = fdt_num_mem_rsv(tree);
    const int parent = fdt_path_offset(tree, "/reserved-memory");
    const char *broken = NULL;
    struct range r;
    int node;

    for (int i = 0; !broken && i < count; i++) {
        if (fdt_get_mem_rsv(tree, i, &r.base, &r.bytes) == 0) {
            broken = reserve(m->reserved, &m->reserved_count, r);
        }
    }
    if (broken || parent < 0) {
        return broken;
    }
    fdt_for_each_subnode(node, tree, parent) {
        if (node_enabled(tree, node)) {
            broken = read_reserved_node(tree, parent, node, m);
            if (broken) {
                return broken;
            }
        }
    }
    return NULL;
}

static const char *read_initrd(const void *tree, struct machine *m)
{
    const int chosen = fdt_path_offset(tree, "/chosen");
    uint64_t start, end;

    if (chosen < 0 || (!fdt_getprop(tree, chosen, "linux,initrd-start", NULL) &&
                       !fdt_getprop(tree, chosen, "linux,initrd-end", NULL))) {
        return NULL;
    }
    if (!prop_number(tree, chosen, "linux,initrd-start", &start) ||
        !prop_number(tree, chosen, "linux,initrd-end", &end) || end < start) {
        return "the device tree gives the initial RAM disk no start and end";
    }
    const struct range initrd = { start, end - start };
    if (initrd.bytes == 0) {
        return NULL;
    }
    if (!ranges_hold(m->memory, m->memory_count, initrd) || ranges_meet(m->no_map, m->no_map_count, initrd)) {
        return "the initial RAM disk does not lie in usable memory";
    }
    m->initrd = initrd;
    return NULL;
}

static void read_bootargs(const void *tree, struct machine *m)
{
    const int chosen = fdt_path_offset(tree, "/chosen");
    const char *args = chosen < 0 ? NULL : prop_string(tree, chosen, "bootargs");

    m->semihosting = args && bootargs_have(args, "semihosting");
}

const char *devtree_read(const void *blob, size_t bytes, struct machine *m)
{
    const char *broken = devtree_check(blob, bytes);

    *m = (struct machine){ 0 };
    if (broken) {
        return broken;
    }
    read_board(blob, m);
    devtree_read_console(blob, m);
    devtree_read_psci(blob, m);
    read_bootargs(blob, m);
    broken = read_memory(blob, m);
    broken = broken ? broken : read_reserved(blob, m);
    broken = broken ? broken : read_initrd(blob, m);
    broken = broken ? broken : devtree_read_cpus(blob, m);
    broken = broken ? broken : devtree_read_gic(blob, m);
    return broken ? broken : devtree_read_timer(blob, m);
}
