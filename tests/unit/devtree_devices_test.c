/* devtree_devices_test.c  Reading a device tree: cores, GIC, timer, PSCI, console, and translation of addresses. */
#include "devtree_maker.h"
#include "test.h"

#define GIC    "/gic@8000000"
#define SOC    "/soc@10000000"
#define SERIAL "/soc@10000000/serial@5000"

static void add_cpu(struct maker *t, uint32_t high, uint32_t low)
{
    char path[40];

    snprintf(path, sizeof(path), "/cpus/cpu@%x%08x", high, low);
    maker_node(t, path);
    maker_text(t, path, "device_type", "cpu");
    MAKER_CELLS(t, path, "reg", high, low);
}

/** The board with no cores yet, their affinities in two cells. */
static void board_without_cpus(struct maker *t)
{
    maker_board(t);
    maker_drop_node(t, "/cpus/cpu@0");
    maker_drop_node(t, "/cpus/cpu@1");
    MAKER_CELLS(t, "/cpus", "#address-cells", 2);
    MAKER_CELLS(t, GIC, "reg", 0, 0x8000000, 0, 0x10000, 0, 0x80a0000, 0, 0x4000000);
}

TEST(devtree_cpus, lists_enabled_cores)
{
    struct maker t;
    struct machine m;

    board_without_cpus(&t);
    add_cpu(&t, 0xff, 0xffffff);
    add_cpu(&t, 0, 0x100);
    add_cpu(&t, 0, 0);
    add_cpu(&t, 0, 2);
    maker_text(&t, "/cpus/cpu@000000002", "status", "disabled");
    add_cpu(&t, 0, 3);
    maker_text(&t, "/cpus/cpu@000000003", "status", "fail");
    add_cpu(&t, 0, 4);
    maker_text(&t, "/cpus/cpu@000000004", "status", "ok");
    maker_node(&t, "/cpus/cpu-map");
    maker_node(&t, "/cpus/l2-cache");
    maker_text(&t, "/cpus/l2-cache", "device_type", "cache");
    maker_expect(&t, NULL, &m, "two clusters");
    EXPECT_EQ(m.cpu_count, 4, "enabled ones");
    EXPECT(m.cpu[0] == 4 && m.cpu[1] == 0 && m.cpu[2] == 0x100 && m.cpu[3] == 0xff00ffffff, "in the tree's order");
}

TEST(devtree_cpus, holds_256_cores)
{
    struct maker t;
    struct machine m;

    board_without_cpus(&t);
    for (uint32_t i = 0; i < MACHINE_CPUS_MAX; i++) {
        add_cpu(&t, 0, i / 16 << 8 | i % 16);
    }
    maker_expect(&t, NULL, &m, "256 cores");
    EXPECT_EQ(m.cpu_count, MACHINE_CPUS_MAX, "all of them");
    add_cpu(&t, 1, 0);
    maker_expect(&t, "the device tree has too many cores", NULL, "one more");
}

TEST(devtree_cpus, refuses_broken_cores)
{
    static const char no_affinity[] = "the device tree has a core whose reg is no affinity";
    struct maker t;

    maker_board(&t);
    MAKER_CELLS(&t, "/cpus/cpu@1", "reg", 0);
    maker_expect(&t, "the device tree has two cores of the same affinity", NULL, "twice core 0");
    MAKER_CELLS(&t, "/cpus/cpu@1", "reg", 0x80000001);
    maker_expect(&t, no_affinity, NULL, "MPIDR as read from the register");
    MAKER_CELLS(&t, "/cpus/cpu@1", "reg", 0x01000000);
    maker_expect(&t, no_affinity, NULL, "the multithreading bit");
    maker_bytes(&t, "/cpus/cpu@1", "reg", "abc", 3);
    maker_expect(&t, no_affinity, NULL, "part of a cell");
    maker_bytes(&t, "/cpus/cpu@1", "reg", "", 0);
    maker_expect(&t, no_affinity, NULL, "no cell");
    maker_drop(&t, "/cpus/cpu@1", "reg");
    maker_expect(&t, no_affinity, NULL, "no reg");
    maker_drop_node(&t, "/cpus/cpu@1");
    MAKER_CELLS(&t, "/cpus", "#address-cells", 3);
    MAKER_CELLS(&t, "/cpus/cpu@0", "reg", 0, 0, 0);
    maker_expect(&t, no_affinity, NULL, "96 bits");
    maker_drop_node(&t, "/cpus/cpu@0");
    maker_expect(&t, "the device tree has no cores", NULL, "none");
    maker_drop_node(&t, "/cpus");
    maker_expect(&t, "the device tree has no cores", NULL, "no node for them");
}

TEST(devtree_gic, reads_strides_and_regions)
{
    static const char small[] = "the GIC's first region of redistributors is too small for all cores";
    struct maker t;
    struct machine m;

    maker_board(&t);
    MAKER_CELLS(&t, GIC, "redistributor-stride", 0x20000);
    maker_expect(&t, NULL, &m, "stride of one cell");
    MAKER_CELLS(&t, GIC, "redistributor-stride", 0, 0x40000);
    maker_expect(&t, small, NULL, "room for one core only");
    MAKER_CELLS(&t, GIC, "#redistributor-regions", 2);
    MAKER_CELLS(&t, GIC, "reg", 0, 0x8000000, 0, 0x10000, 0, 0x80a0000, 0, 0x80000, 0x40, 0, 0, 0x4000000);
    maker_expect(&t, NULL, &m, "two regions, the first is enough");
    EXPECT_EQ(m.gicr_stride, 0x40000, "stride of two cells");
    EXPECT_EQ(m.gicr, 0x80a0000, "first region");
    EXPECT_EQ(m.gicr_bytes, 0x80000, "first region");
    MAKER_CELLS(&t, GIC, "reg", 0, 0x8000000, 0, 0x10000, 0, 0x80a0000, 0, 0x7ffff, 0x40, 0, 0, 0x4000000);
    maker_expect(&t, small, NULL, "two regions, the first is not enough");
}

TEST(devtree_gic, takes_the_first_that_is_enabled)
{
    struct maker t;
    struct machine m;

    maker_board(&t);
    maker_node(&t, "/gic@9000000");
    maker_bytes(&t, "/gic@9000000", "compatible", "vendor,gic\0arm,gic-v3", 22);
    maker_text(&t, "/gic@9000000", "status", "disabled");
    maker_expect(&t, NULL, &m, "the first one is disabled");
    EXPECT_EQ(m.gicd, 0x8000000, "the second");
    maker_text(&t, GIC, "status", "disabled");
    maker_expect(&t, "the device tree has no GICv3", NULL, "both disabled");
    maker_text(&t, GIC, "status", "okay");
    maker_text(&t, GIC, "compatible", "arm,cortex-a15-gic");
    maker_expect(&t, "the device tree has no GICv3", NULL, "a GICv2");
    maker_bytes(&t, GIC, "compatible", "arm,gic-v3", 10);
    maker_expect(&t, "the device tree has no GICv3", NULL, "a name without end");
}

TEST(devtree_gic, refuses_broken_registers)
{
    static const char stride[] = "the GIC of the device tree has a broken redistributor-stride";
    static const struct {
        const char *why;
        uint32_t cells[8];
        size_t count;
    } refused[] = {
        { "distributor alone", { 0, 0x8000000, 0, 0x10000 }, 4 },
        { "part of an entry", { 0, 0x8000000, 0, 0x10000, 0, 0x80a0000, 0 }, 7 },
        { "nothing", { 0 }, 0 },
        { "misaligned distributor", { 0, 0x8001000, 0, 0x10000, 0, 0x80a0000, 0, 0x40000 }, 8 },
        { "small distributor", { 0, 0x8000000, 0, 0xf000, 0, 0x80a0000, 0, 0x40000 }, 8 },
        { "misaligned redistributors", { 0, 0x8000000, 0, 0x10000, 0, 0x80a8000, 0, 0x40000 }, 8 },
        { "no bytes of redistributors", { 0, 0x8000000, 0, 0x10000, 0, 0x80a0000, 0, 0 }, 8 },
        { "redistributors beyond 48 bits", { 0, 0x8000000, 0, 0x10000, 0xffff, 0xffff0000, 0, 0x40000 }, 8 },
        { "redistributors wrap round", { 0, 0x8000000, 0, 0x10000, 0, 0x80a0000, ~0u, ~0u }, 8 },
    };
    struct maker t;

    maker_board(&t);
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        maker_cells(&t, GIC, "reg", refused[i].cells, refused[i].count);
        maker_expect(&t, "the GIC of the device tree has a broken reg", NULL, refused[i].why);
    }
    maker_drop(&t, GIC, "reg");
    maker_expect(&t, "the GIC of the device tree has a broken reg", NULL, "no reg");

    maker_board(&t);
    MAKER_CELLS(&t, GIC, "redistributor-stride", 0);
    maker_expect(&t, stride, NULL, "stride 0");
    MAKER_CELLS(&t, GIC, "redistributor-stride", 0x10000);
    maker_expect(&t, stride, NULL, "stride too small");
    MAKER_CELLS(&t, GIC, "redistributor-stride", 0x28000);
    maker_expect(&t, stride, NULL, "stride of half a frame");
    MAKER_CELLS(&t, GIC, "redistributor-stride", 0, 0, 0x20000);
    maker_expect(&t, stride, NULL, "stride of 96 bits");
    MAKER_CELLS(&t, GIC, "redistributor-stride", ~0u, 0xffff0000);
    maker_expect(&t, "the GIC's first region of redistributors is too small for all cores", NULL, "stride near 2^64");
}

TEST(devtree_timer, finds_the_virtual_interrupt)
{
    struct maker t;
    struct machine m;

    maker_board(&t);
    MAKER_CELLS(&t, "/timer", "interrupts", 1, 1, 4, 1, 2, 4, 1, 3, 4);
    maker_expect(&t, NULL, &m, "third entry");
    EXPECT_EQ(m.timer_irq, 19, "PPI 3");
    maker_bytes(&t, "/timer", "interrupt-names", "phys\0virt\0hyp-phys", 19);
    maker_expect(&t, NULL, &m, "entries with names");
    EXPECT_EQ(m.timer_irq, 18, "PPI 2");
    maker_bytes(&t, "/timer", "interrupt-names", "virt\0phys\0hyp-phys", 19);
    maker_expect(&t, NULL, &m, "another order");
    EXPECT_EQ(m.timer_irq, 17, "PPI 1");
    maker_bytes(&t, "/timer", "interrupt-names", "phys\0virt\0hyp-phys", 19);
    MAKER_CELLS(&t, GIC, "#interrupt-cells", 4);
    MAKER_CELLS(&t, "/timer", "interrupts", 1, 1, 4, 0, 1, 15, 4, 0, 1, 3, 4, 0);
    maker_expect(&t, NULL, &m, "entries of four cells");
    EXPECT_EQ(m.timer_irq, 31, "PPI 15");
    maker_drop(&t, GIC, "#interrupt-cells");
    MAKER_CELLS(&t, "/timer", "interrupts", 1, 1, 4, 1, 0, 4);
    maker_expect(&t, NULL, &m, "three cells without a word");
    EXPECT_EQ(m.timer_irq, 16, "PPI 0");
    maker_drop(&t, "/timer", "interrupts");
    maker_expect(&t, NULL, &m, "no interrupts");
    EXPECT_EQ(m.timer_irq, 27, "the usual one");
    maker_drop_node(&t, "/timer");
    maker_expect(&t, NULL, &m, "no timer");
    EXPECT_EQ(m.timer_irq, 27, "the usual one");
}

TEST(devtree_timer, refuses_what_is_no_ppi)
{
    static const char none[] = "the timer of the device tree has no virtual interrupt";
    static const char no_ppi[] = "the virtual timer's interrupt in the device tree is no PPI";
    struct maker t;

    maker_board(&t);
    MAKER_CELLS(&t, "/timer", "interrupts", 1, 13, 4, 1, 14, 4, 0, 11, 4);
    maker_expect(&t, no_ppi, NULL, "an SPI");
    MAKER_CELLS(&t, "/timer", "interrupts", 1, 13, 4, 1, 14, 4, 1, 16, 4);
    maker_expect(&t, no_ppi, NULL, "PPI 16");
    MAKER_CELLS(&t, "/timer", "interrupts", 1, 13, 4, 1, 14, 4, 1, 0xfffffff0, 4);
    maker_expect(&t, no_ppi, NULL, "a number near 2^32");
    MAKER_CELLS(&t, "/timer", "interrupts", 1, 13, 4, 1, 14, 4, 1, 11);
    maker_expect(&t, none, NULL, "the third one cut");
    maker_bytes(&t, "/timer", "interrupts", "", 0);
    maker_expect(&t, none, NULL, "empty");
    MAKER_CELLS(&t, "/timer", "interrupts", 1, 13, 4, 1, 14, 4, 1, 11, 4);
    MAKER_CELLS(&t, GIC, "#interrupt-cells", 0);
    maker_expect(&t, none, NULL, "entries of no cells");
    MAKER_CELLS(&t, GIC, "#interrupt-cells", ~0u, ~0u);
    maker_expect(&t, none, NULL, "entries of 2^64 cells");
}

TEST(devtree_psci, reads_the_method)
{
    struct maker t;
    struct machine m;

    maker_board(&t);
    maker_text(&t, "/psci", "method", "smc");
    maker_expect(&t, NULL, &m, "smc");
    EXPECT_EQ(m.psci, PSCI_SMC, "smc");
    maker_text(&t, "/psci", "compatible", "arm,psci-0.2");
    maker_expect(&t, NULL, &m, "version 0.2");
    EXPECT_EQ(m.psci, PSCI_SMC, "smc");
    maker_text(&t, "/psci", "method", "hvcs");
    maker_expect(&t, NULL, &m, "an unknown method");
    EXPECT_EQ(m.psci, PSCI_NONE, "none");
    maker_bytes(&t, "/psci", "method", "smc", 3);
    maker_expect(&t, NULL, &m, "a method without end");
    EXPECT_EQ(m.psci, PSCI_NONE, "none");
    maker_text(&t, "/psci", "method", "smc");
    maker_text(&t, "/psci", "compatible", "arm,psci");
    maker_expect(&t, NULL, &m, "version 0.1");
    EXPECT_EQ(m.psci, PSCI_NONE, "none");
    maker_drop_node(&t, "/psci");
    maker_expect(&t, NULL, &m, "no node");
    EXPECT_EQ(m.psci, PSCI_NONE, "none");
}

static void expect_console(struct maker *t, enum console_kind kind, uint64_t base, uint64_t bytes, const char *why)
{
    struct machine m;

    maker_expect(t, NULL, &m, why);
    EXPECT_EQ(m.console, kind, "%s: kind", why);
    EXPECT_EQ(m.console_base, base, "%s: base", why);
    EXPECT_EQ(m.console_bytes, bytes, "%s: bytes", why);
}

static void expect_no_console(struct maker *t, const char *why)
{
    expect_console(t, CONSOLE_NONE, 0, 0, why);
}

TEST(devtree_console, knows_the_kinds)
{
    static const struct {
        const char *compatible;
        enum console_kind kind;
    } known[] = {
        { "arm,pl011", CONSOLE_PL011 },
        { "fsl,imx8qxp-lpuart", CONSOLE_LPUART },
        { "fsl,imx7ulp-lpuart", CONSOLE_LPUART },
        { "fsl,imx8mp-uart", CONSOLE_IMX_UART },
        { "fsl,imx6q-uart", CONSOLE_IMX_UART },
    };
    struct maker t;

    maker_board(&t);
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        maker_text(&t, SERIAL, "compatible", known[i].compatible);
        expect_console(&t, known[i].kind, 0x10005000, 0x1000, known[i].compatible);
    }
    maker_text(&t, SERIAL, "compatible", "ns16550a");
    expect_no_console(&t, "another kind");
    maker_text(&t, SERIAL, "compatible", "fsl,vf610-lpuart");
    expect_no_console(&t, "the LPUART with registers of 8 bits");
    maker_drop(&t, SERIAL, "compatible");
    expect_no_console(&t, "no kind");
}

TEST(devtree_console, follows_stdout_path)
{
    static const char *const found[] = { SERIAL,        SERIAL ":115200", SERIAL "/",     "serial0", "serial0:115200n8",
                                         "/soc/serial", "/soc//serial",   "//soc/serial" };
    static const char *const lost[] = { "",       ":",        "/",          "/:115200", "//",               "serial1",
                                        "serial", "serial00", "0:115200n8", "/soc",     "/soc/serial@6000", "/serial" };
    struct maker t;

    maker_board(&t);
    for (size_t i = 0; i < sizeof(found) / sizeof(found[0]); i++) {
        maker_text(&t, "/chosen", "stdout-path", found[i]);
        expect_console(&t, CONSOLE_PL011, 0x10005000, 0x1000, found[i]);
    }
    for (size_t i = 0; i < sizeof(lost) / sizeof(lost[0]); i++) {
        maker_text(&t, "/chosen", "stdout-path", lost[i]);
        expect_no_console(&t, lost[i]);
    }
    maker_bytes(&t, "/chosen", "stdout-path", "serial0", 7);
    expect_no_console(&t, "a path without end");
    maker_drop(&t, "/chosen", "stdout-path");
    expect_no_console(&t, "no path");
    maker_text(&t, "/chosen", "stdout", "serial0");
    expect_console(&t, CONSOLE_PL011, 0x10005000, 0x1000, "the old name of the property");
    maker_drop_node(&t, "/chosen");
    expect_no_console(&t, "nothing chosen");
}

TEST(devtree_console, aliases_cannot_form_a_circle)
{
    struct maker t;

    maker_board(&t);
    maker_text(&t, "/aliases", "serial0", "serial0");
    expect_no_console(&t, "an alias of itself");
    maker_text(&t, "/aliases", "serial0", "serial1");
    maker_text(&t, "/aliases", "serial1", "serial0");
    expect_no_console(&t, "two of each other");
    maker_bytes(&t, "/aliases", "serial0", SERIAL, sizeof(SERIAL) - 1);
    expect_no_console(&t, "an alias without end");
    maker_bytes(&t, "/aliases", "serial0", "", 0);
    expect_no_console(&t, "an empty alias");
    maker_drop_node(&t, "/aliases");
    expect_no_console(&t, "no aliases");
}

TEST(devtree_console, must_be_reachable)
{
    struct maker t;

    maker_board(&t);
    maker_text(&t, SERIAL, "status", "disabled");
    expect_no_console(&t, "disabled: may have no clock");
    maker_drop(&t, SERIAL, "status");

    MAKER_CELLS(&t, SERIAL, "reg", 0, 0x1000);
    expect_console(&t, CONSOLE_PL011, 0x10000000, 0x1000, "the first page of the bus");
    MAKER_CELLS(&t, SERIAL, "reg", 0xfff000, 0x1000);
    expect_console(&t, CONSOLE_PL011, 0x10fff000, 0x1000, "the last page of the bus");
    MAKER_CELLS(&t, SERIAL, "reg", 0xfff000, 0x1001);
    expect_no_console(&t, "one byte more than the bus shows");
    MAKER_CELLS(&t, SERIAL, "reg", 0xfffff000, 0x2000);
    expect_no_console(&t, "wraps round");
    MAKER_CELLS(&t, SERIAL, "reg", 0x5000, 0);
    expect_no_console(&t, "no bytes");
    MAKER_CELLS(&t, SERIAL, "reg", 0x5000);
    expect_no_console(&t, "no size");
    maker_drop(&t, SERIAL, "reg");
    expect_no_console(&t, "no reg");

    MAKER_CELLS(&t, SERIAL, "reg", 0x5000, 0x1000);
    maker_drop(&t, SOC, "ranges");
    expect_no_console(&t, "a bus that shows nothing");
    maker_bytes(&t, SOC, "ranges", "", 0);
    expect_console(&t, CONSOLE_PL011, 0x5000, 0x1000, "a bus that changes nothing");
    MAKER_CELLS(&t, SOC, "ranges", 0, 0, 0x10000000);
    expect_no_console(&t, "part of an entry");
    MAKER_CELLS(&t, SOC, "ranges", 0, 0xffff, 0xffffa001, 0x10000);
    expect_no_console(&t, "beyond 48 bits");
    MAKER_CELLS(&t, SOC, "ranges", 0, 0xffff, 0xffffa000, 0x10000);
    expect_console(&t, CONSOLE_PL011, 0xfffffffff000, 0x1000, "the last page of 48 bits");
    MAKER_CELLS(&t, SOC, "ranges", 0, ~0u, 0xfffff000, 0x10000);
    expect_no_console(&t, "beyond 64 bits");
}

TEST(devtree_console, goes_through_several_buses)
{
    struct maker t;

    /* /soc/bridge shows its 0x100 as 0x4000; addresses take 2 cells there, and sizes 1. */
    maker_board(&t);
    maker_node(&t, SOC "/bridge");
    MAKER_CELLS(&t, SOC "/bridge", "#address-cells", 2);
    MAKER_CELLS(&t, SOC "/bridge", "#size-cells", 1);
    MAKER_CELLS(&t, SOC "/bridge", "ranges", 7, 0, 0x6000, 0x100, 0, 0x100, 0x4000, 0x2000);
    maker_node(&t, SOC "/bridge/serial");
    maker_text(&t, SOC "/bridge/serial", "compatible", "arm,pl011");
    MAKER_CELLS(&t, SOC "/bridge/serial", "reg", 0, 0x200, 0x400);
    maker_text(&t, "/chosen", "stdout-path", SOC "/bridge/serial");
    expect_console(&t, CONSOLE_PL011, 0x10004100, 0x400, "second entry");
    MAKER_CELLS(&t, SOC "/bridge/serial", "reg", 7, 0x40, 0x40);
    expect_console(&t, CONSOLE_PL011, 0x10006040, 0x40, "first entry");
    MAKER_CELLS(&t, SOC "/bridge", "ranges", 0, 0x100, 0, 0, 0x4000, 0x2000);
    MAKER_CELLS(&t, SOC "/bridge/serial", "reg", 0, 0x200, 0x400);
    MAKER_CELLS(&t, SOC, "#address-cells", 3);
    MAKER_CELLS(&t, SOC, "ranges", 0, 0, 0, 0, 0x10000000, 0x1000000);
    expect_no_console(&t, "three cells on the way");
    MAKER_CELLS(&t, SOC, "#address-cells", 1);
    MAKER_CELLS(&t, SOC, "#size-cells", 3);
    MAKER_CELLS(&t, SOC, "ranges", 0, 0, 0x10000000, 0, 0, 0x1000000);
    MAKER_CELLS(&t, SOC "/bridge", "ranges", 0, 0x100, 0x4000, 0x2000);
    expect_no_console(&t, "sizes of three cells on the way");
    MAKER_CELLS(&t, SOC, "#size-cells", 1);
    MAKER_CELLS(&t, SOC, "ranges", 0, 0, 0x10000000, 0x1000000);
    expect_console(&t, CONSOLE_PL011, 0x10004100, 0x400, "one cell on the way");
    MAKER_CELLS(&t, SOC "/bridge", "#address-cells", 3);
    MAKER_CELLS(&t, SOC "/bridge", "ranges", 0, 0, 0x200, 0x4000, 0x1000);
    MAKER_CELLS(&t, SOC "/bridge/serial", "reg", 0, 0, 0x200, 0x400);
    expect_no_console(&t, "a bus with three cells, as PCI has");

    maker_board(&t);
    MAKER_CELLS(&t, SOC, "#size-cells", 0);
    MAKER_CELLS(&t, SERIAL, "reg", 0x50);
    expect_no_console(&t, "a bus without sizes, as I2C has");
}

TEST(devtree_console, the_root_must_have_one_or_two_cells)
{
    struct maker t;
    struct machine m;

    maker_board(&t);
    MAKER_CELLS(&t, "/", "#address-cells", 3);
    MAKER_CELLS(&t, SOC, "ranges", 0, 0, 0, 0x10000000, 0x1000000);
    maker_expect(&t, "a memory node of the device tree has a broken reg", &m, "three cells");
    EXPECT_EQ(m.console, CONSOLE_NONE, "nor is the console found");
}

TEST(devtree_console, a_gic_on_a_bus_is_translated_too)
{
    struct maker t;
    struct machine m;

    maker_board(&t);
    maker_drop_node(&t, GIC);
    maker_node(&t, SOC "/gic@100000");
    maker_text(&t, SOC "/gic@100000", "compatible", "arm,gic-v3");
    MAKER_CELLS(&t, SOC "/gic@100000", "reg", 0x100000, 0x10000, 0x200000, 0xc0000);
    maker_expect(&t, NULL, &m, "in order");
    EXPECT_EQ(m.gicd, 0x10100000, "distributor");
    EXPECT_EQ(m.gicr, 0x10200000, "redistributors");
    MAKER_CELLS(&t, SOC "/gic@100000", "reg", 0x100000, 0x10000, 0x1000000, 0xc0000);
    maker_expect(&t, "the GIC of the device tree has a broken reg", NULL, "redistributors outside of the bus");
}

TEST(devtree_console, is_known_before_the_tree_is_refused)
{
    struct maker t;
    struct machine m;

    maker_board(&t);
    maker_drop_node(&t, "/memory@40000000");
    maker_expect(&t, "the device tree has no memory", &m, "refused");
    EXPECT_EQ(m.console, CONSOLE_PL011, "so that somebody can be told");
    EXPECT_EQ(m.console_base, 0x10005000, "so that somebody can be told");
    EXPECT_EQ(m.psci, PSCI_HVC, "and the machine switched off");
}
