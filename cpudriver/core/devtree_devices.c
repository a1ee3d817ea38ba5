/*
 * devtree_devices.c  See core/devtree_devices.h.
 * Sources: Devicetree Specification 0.4; device tree bindings of arm,gic-v3, arm,armv8-timer, arm,psci and of the
 * serial ports; Arm IHI 0069, the distributor's and redistributors' frames; Arm ARM, MPIDR_EL1.
 */
#include <core/devtree_devices.h>
#include <core/devtree_prop.h>
#include <core/devtree_reg.h>
#include <core/lib.h>

enum {
    PPI_FIRST = 16,                             /* INTID of PPI 0                                                     */
    PPI_COUNT = 16,
    INTERRUPT_IS_PPI = 1,                       /* first cell of an interrupt of the GIC                              */
    TIMER_VIRTUAL = 2,                          /* place in the timer's interrupts                                    */
    TIMER_VIRTUAL_USUAL = 27,
    GIC_FRAME = 0x10000,
    GICR_STRIDE_USUAL = 2 * GIC_FRAME,          /* RD_base and SGI_base                                               */
};

#define MPIDR_AFFINITY 0xff00ffffffull

/** First enabled node that is compatible with @p what, or a negative number. */
static int find_device(const void *tree, const char *what)
{
    int node = fdt_node_offset_by_compatible(tree, -1, what);

    while (node >= 0 && !node_enabled(tree, node)) {
        node = fdt_node_offset_by_compatible(tree, node, what);
    }
    return node;
}

static int find_gic(const void *tree)
{
    return find_device(tree, "arm,gic-v3");
}

static const char *read_cpu(const void *tree, int parent, int node, struct machine *m)
{
    struct reg_iter it;
    struct range r;

    if (!reg_begin(&it, tree, parent, node) || !reg_next(&it, &r) || (r.base & ~MPIDR_AFFINITY) != 0) {
        return "the device tree has a core whose reg is no affinity";
    }
    if (m->cpu_count == MACHINE_CPUS_MAX) {
        return "the device tree has too many cores";
    }
    for (size_t i = 0; i < m->cpu_count; i++) {
        if (m->cpu[i] == r.base) {
            return "the device tree has two cores of the same affinity";
        }
    }
    m->cpu[m->cpu_count++] = r.base;
    return NULL;
}

const char *devtree_read_cpus(const void *tree, struct machine *m)
{
    const int parent = fdt_path_offset(tree, "/cpus");
    int node;

    if (parent >= 0) {
        fdt_for_each_subnode(node, tree, parent) {
            if (prop_is(tree, node, "device_type", "cpu") && node_enabled(tree, node)) {
                const char *broken = read_cpu(tree, parent, node, m);
                if (broken) {
                    return broken;
                }
            }
        }
    }
    return m->cpu_count > 0 ? NULL : "the device tree has no cores";
}

/** Read up to @p wanted leading entries of @p node's `reg`, as the cores see them.  @return how many there are. */
static size_t read_registers(const void *tree, int node, struct range *r, size_t wanted)
{
    struct tree_path path;
    struct reg_iter it;
    size_t got = 0;

    if (!tree_path_find(&path, tree, node) || !reg_begin(&it, tree, path.node[path.depth - 1], node)) {
        return 0;
    }
    while (got < wanted && reg_next(&it, &r[got]) && tree_path_translate(&path, tree, &r[got])) {
        got++;
    }
    return got;
}

const char *devtree_read_gic(const void *tree, struct machine *m)
{
    const int gic = find_gic(tree);
    struct range r[2];                          /* distributor, first region of redistributors */

    if (gic < 0) {
        return "the device tree has no GICv3";
    }
    if (read_registers(tree, gic, r, ARRAY_LEN(r)) != ARRAY_LEN(r) || r[0].base % GIC_FRAME != 0 ||
        r[1].base % GIC_FRAME != 0 || r[0].bytes < GIC_FRAME) {
        return "the GIC of the device tree has a broken reg";
    }
    m->gicr_stride = GICR_STRIDE_USUAL;
    if (fdt_getprop(tree, gic, "redistributor-stride", NULL) &&
        (!prop_number(tree, gic, "redistributor-stride", &m->gicr_stride) || m->gicr_stride < GICR_STRIDE_USUAL ||
         m->gicr_stride % GIC_FRAME != 0)) {
        return "the GIC of the device tree has a broken redistributor-stride";
    }
    if (r[1].bytes / m->gicr_stride < m->cpu_count) {
        return "the GIC's first region of redistributors is too small for all cores";
    }
    m->gicd = r[0].base;
    m->gicd_bytes = r[0].bytes;
    m->gicr = r[1].base;
    m->gicr_bytes = r[1].bytes;
    return NULL;
}

const char *devtree_read_timer(const void *tree, struct machine *m)
{
    const int timer = find_device(tree, "arm,armv8-timer");
    int bytes;
    uint64_t cells = 3;

    m->timer_irq = TIMER_VIRTUAL_USUAL;
    const fdt32_t *at = timer < 0 ? NULL : fdt_getprop(tree, timer, "interrupts", &bytes);
    if (!at) {
        return NULL;
    }
    prop_number(tree, find_gic(tree), "#interrupt-cells", &cells);
    const int named = fdt_stringlist_search(tree, timer, "interrupt-names", "virt");
    const uint64_t place = named >= 0 ? (uint64_t)named : TIMER_VIRTUAL;
    if (cells < 3 || cells > 4 || (place + 1) * cells * sizeof(*at) > (uint64_t)bytes) {
        return "the timer of the device tree has no virtual interrupt";
    }
    at += place * cells;
    const uint32_t ppi = fdt32_ld(at + 1);
    if (fdt32_ld(at) != INTERRUPT_IS_PPI || ppi >= PPI_COUNT) {
        return "the virtual timer's interrupt in the device tree is no PPI";
    }
    m->timer_irq = PPI_FIRST + ppi;
    return NULL;
}

/** Version 0.1 ("arm,psci" alone) has function numbers of its own in the tree; no 64-bit board of today needs it. */
void devtree_read_psci(const void *tree, struct machine *m)
{
    int node = find_device(tree, "arm,psci-1.0");

    if (node < 0) {
        node = find_device(tree, "arm,psci-0.2");
    }
    if (node >= 0 && prop_is(tree, node, "method", "hvc")) {
        m->psci = PSCI_HVC;
    } else if (node >= 0 && prop_is(tree, node, "method", "smc")) {
        m->psci = PSCI_SMC;
    }
}

static size_t length_to(const char *text, char stop)
{
    const char *at = strchr(text, stop);

    return at ? (size_t)(at - text) : strlen(text);
}

/** The node of `stdout-path`: a path or an alias, then perhaps a colon and options.  An alias must be a path itself:
 *  libfdt would follow one alias to the next, and those may form a circle. */
static int find_stdout(const void *tree)
{
    const int chosen = fdt_path_offset(tree, "/chosen");
    const char *path = chosen < 0 ? NULL : prop_string(tree, chosen, "stdout-path");

    if (chosen >= 0 && !path) {
        path = prop_string(tree, chosen, "stdout");
    }
    if (!path) {
        return -FDT_ERR_NOTFOUND;
    }
    size_t bytes = length_to(path, ':');
    if (path[0] != '/') {
        const int aliases = fdt_path_offset(tree, "/aliases");
        int alias_bytes;
        const char *alias = fdt_getprop_namelen(tree, aliases, path, (int)bytes, &alias_bytes);
        if (!alias || alias_bytes == 0 || !memchr(alias, '\0', (size_t)alias_bytes) || alias[0] != '/') {
            return -FDT_ERR_BADPATH;
        }
        path = alias;
        bytes = strlen(alias);
    }
    return fdt_path_offset_namelen(tree, path, (int)bytes);
}

static enum console_kind console_kind_of(const void *tree, int node)
{
    static const struct {
        const char *compatible;
        enum console_kind kind;
    } known[] = {
        { "arm,pl011", CONSOLE_PL011 },
        { "fsl,imx8qxp-lpuart", CONSOLE_LPUART },
        { "fsl,imx7ulp-lpuart", CONSOLE_LPUART },       /* the same registers: 32 bits wide, little-endian            */
        { "fsl,imx8mp-uart", CONSOLE_IMX_UART },
        { "fsl,imx8mm-uart", CONSOLE_IMX_UART },
        { "fsl,imx8mq-uart", CONSOLE_IMX_UART },
        { "fsl,imx6q-uart", CONSOLE_IMX_UART },
    };

    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        if (fdt_node_check_compatible(tree, node, known[i].compatible) == 0) {
            return known[i].kind;
        }
    }
    return CONSOLE_NONE;
}

/** Whatever is wrong here, the machine can still run; it only cannot say so. */
void devtree_read_console(const void *tree, struct machine *m)
{
    const int node = find_stdout(tree);
    struct range r;

    if (node > 0 && node_enabled(tree, node) && console_kind_of(tree, node) != CONSOLE_NONE &&
        read_registers(tree, node, &r, 1) == 1) {
        m->console = console_kind_of(tree, node);
        m->console_base = r.base;
        m->console_bytes = r.bytes;
    }
}
