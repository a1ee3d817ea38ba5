/*
 * devtree_boards_test.c  Reading the device trees of real machines: what QEMU makes for `virt`, and the compiled trees
 * of the two i.MX boards from a kernel package (fetched when the build is configured; missing is a failure).
 * The wanted addresses are those of QEMU's and NXP's memory maps.
 */
#include "devtree_maker.h"
#include "test.h"

#include <errno.h>
#include <libfdt.h>
#include <unistd.h>

#define MIB 0x100000ull
#define GIB 0x40000000ull

#define EXPECT_RANGES(list, why, ...)                                                                                  \
    maker_expect_ranges(m.list, m.list##_count, (const struct range[]){ __VA_ARGS__ },                                 \
                        sizeof((const struct range[]){ __VA_ARGS__ }) / sizeof(struct range), why)

/** Read @p path into @p t, with room for changes.  @return false: it is not there; the test has failed. */
static bool load(struct maker *t, const char *path, const char *what)
{
    FILE *in = fopen(path, "rb");
    const size_t bytes = in ? fread(t->blob, 1, sizeof(t->blob), in) : 0;

    EXPECT(in && bytes > 0, "%s: %s: %s", what, path, strerror(errno));
    if (in) {
        fclose(in);
    }
    if (bytes == 0) {
        return false;
    }
    const int opened = fdt_open_into(t->blob, t->blob, sizeof(t->blob));
    EXPECT(opened == 0, "%s: %s", what, fdt_strerror(opened));
    return opened == 0;
}

/** The tree that QEMU makes with these arguments. */
static bool load_virt(struct maker *t, const char *machine, const char *arguments)
{
    char path[64], command[1024];

    snprintf(path, sizeof(path), "/tmp/shoal-devtree-%d.dtb", (int)getpid());
    snprintf(command, sizeof(command), "%s -M virt-7.2,dumpdtb=%s,%s %s -nodefaults -display none >/dev/null 2>&1", QEMU, path,
             machine, arguments);
    const int status = system(command);
    EXPECT(status == 0, "%s: status %d", command, status);
    const bool loaded = status == 0 && load(t, path, command);
    remove(path);
    return loaded;
}

static void expect_virt(const struct machine *m, const char *why)
{
    EXPECT_EQ(m->gicd, 0x8000000, "%s", why);
    EXPECT_EQ(m->gicd_bytes, 0x10000, "%s", why);
    EXPECT_EQ(m->gicr, 0x80a0000, "%s", why);
    EXPECT_EQ(m->gicr_bytes, 0xf60000, "%s", why);
    EXPECT_EQ(m->gicr_stride, 0x20000, "%s", why);
    EXPECT_EQ(m->timer_irq, 27, "%s", why);
    EXPECT_EQ(m->console, CONSOLE_PL011, "%s", why);
    EXPECT_EQ(m->console_base, 0x9000000, "%s", why);
    EXPECT_EQ(m->console_bytes, 0x1000, "%s", why);
    EXPECT(strcmp(m->board, "linux,dummy-virt") == 0, "%s: board %s", why, m->board);
}

TEST(devtree_virt, sizes)
{
    static const struct {
        const char *machine, *arguments;
        uint64_t memory;
        size_t cpus;
        enum psci_conduit psci;
    } sizes[] = {
        { "gic-version=3", "-cpu cortex-a53 -smp 1 -m 256M", 256 * MIB, 1, PSCI_HVC },
        { "gic-version=3", "-cpu cortex-a57 -smp 4 -m 1G", GIB, 4, PSCI_HVC },
        { "gic-version=3", "-cpu cortex-a35 -smp 8 -m 8G", 8 * GIB, 8, PSCI_HVC },
        { "gic-version=3", "-smp 4 -m 1G", GIB, 4, PSCI_HVC },      /* a 32-bit core; the timer node has another name */
        { "gic-version=3,virtualization=on", "-cpu cortex-a53 -smp 4 -m 1G", GIB, 4, PSCI_SMC },
        { "gic-version=3,secure=on", "-cpu cortex-a53 -smp 4 -m 1G", GIB, 4, PSCI_NONE },
        { "gic-version=3", "-cpu cortex-a53 -smp 123 -m 1G", GIB, 123, PSCI_HVC },
    };

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct maker t;
        struct machine m;
        const char *why = sizes[i].arguments;
        if (!load_virt(&t, sizes[i].machine, sizes[i].arguments)) {
            continue;
        }
        maker_expect(&t, NULL, &m, why);
        expect_virt(&m, why);
        EXPECT_RANGES(memory, why, { 0x40000000, sizes[i].memory });
        EXPECT_EQ(m.reserved_count, 0, "%s: reserved", why);
        EXPECT_EQ(m.psci, sizes[i].psci, "%s: PSCI", why);
        EXPECT_EQ(m.cpu_count, sizes[i].cpus, "%s: cores", why);
        for (size_t c = 0; c < m.cpu_count; c++) {
            EXPECT_EQ(m.cpu[c], c / 16 << 8 | c % 16, "%s: core %zu", why, c);
        }
    }
}

TEST(devtree_virt, memory_of_two_nodes)
{
    struct maker t;
    struct machine m;

    if (load_virt(&t, "gic-version=3",
                  "-cpu cortex-a53 -smp 2 -m 1G -object memory-backend-ram,id=a,size=256M "
                  "-object memory-backend-ram,id=b,size=768M -numa node,memdev=a,cpus=0 -numa node,memdev=b,cpus=1")) {
        EXPECT(fdt_path_offset(t.blob, "/memory@50000000") >= 0, "QEMU lists two nodes");
        maker_expect(&t, NULL, &m, "two nodes that touch");
        EXPECT_RANGES(memory, "one range", { 0x40000000, GIB });
    }
}

TEST(devtree_virt, refusals)
{
    struct maker t;

    if (load_virt(&t, "gic-version=3", "-cpu cortex-a53 -smp 124 -m 1G")) {
        maker_expect(&t, "the GIC's first region of redistributors is too small for all cores", NULL, "124 cores");
    }
    if (load_virt(&t, "gic-version=2", "-cpu cortex-a53 -m 1G")) {
        maker_expect(&t, "the device tree has no GICv3", NULL, "GICv2");
    }
}

TEST(devtree_imx8mp, evaluation_kit)
{
    struct maker t;
    struct machine m;

    if (!load(&t, DTB_IMX8MP, "tree of a kernel package, fetched when the build is configured")) {
        return;
    }
    maker_expect(&t, NULL, &m, "as packaged");
    EXPECT_RANGES(memory, "two banks that touch", { 0x40000000, 0x180000000 });
    EXPECT_RANGES(reserved, "the DSP's", { 0x92400000, 0x2000000 });
    EXPECT_RANGES(no_map, "the DSP's", { 0x92400000, 0x2000000 });
    EXPECT_EQ(m.gicd, 0x38800000, "distributor, through soc@0");
    EXPECT_EQ(m.gicr, 0x38880000, "redistributors, through soc@0");
    EXPECT_EQ(m.gicr_bytes, 0xc0000, "redistributors");
    EXPECT_EQ(m.timer_irq, 27, "timer");
    EXPECT_EQ(m.console, CONSOLE_IMX_UART, "UART2");
    EXPECT_EQ(m.console_base, 0x30890000, "UART2, through two buses");
    EXPECT_EQ(m.console_bytes, 0x10000, "UART2");
    EXPECT_EQ(m.psci, PSCI_SMC, "PSCI");
    EXPECT_EQ(m.cpu_count, 4, "cores");
    EXPECT_EQ(m.cpu[3], 3, "last core");
    EXPECT(strcmp(m.board, "NXP i.MX8MPlus EVK board") == 0, "board: %s", m.board);
}

TEST(devtree_colibri, evaluation_board)
{
    struct maker t;
    struct machine m;

    if (!load(&t, DTB_COLIBRI, "tree of a kernel package, fetched when the build is configured")) {
        return;
    }
    maker_expect(&t, "the device tree has no memory", &m, "as packaged: U-Boot adds it");
    EXPECT_EQ(m.console_base, 0x5a090000, "LPUART3: the sentence can be printed");

    maker_node(&t, "/memory");
    maker_text(&t, "/memory", "device_type", "memory");
    MAKER_CELLS(&t, "/memory", "reg", 0, 0x80200000, 0, 0x3fe00000, 8, 0x80000000, 0, 0);
    MAKER_CELLS(&t, "/chosen", "linux,initrd-start", 0, 0x9d500000);
    MAKER_CELLS(&t, "/chosen", "linux,initrd-end", 0, 0x9d5abcde);
    maker_reserve(&t, 0x9d400000, 0x1b000);
    maker_expect(&t, NULL, &m, "with what U-Boot adds");
    EXPECT_RANGES(memory, "1022 MiB; the second bank is empty", { 0x80200000, 0x3fe00000 });
    EXPECT_RANGES(no_map, "VPU and DSP", { 0x84000000, 0x2200000 }, { 0x92000000, 0x100000 },
                  { 0x92400000, 0x2700000 });
    EXPECT_RANGES(reserved, "VPU, DSP, tree", { 0x84000000, 0x2200000 }, { 0x92000000, 0x100000 },
                  { 0x92400000, 0x2700000 }, { 0x9d400000, 0x1b000 });
    EXPECT_EQ(m.initrd.base, 0x9d500000, "initrd");
    EXPECT_EQ(m.initrd.bytes, 0xabcde, "initrd");
    EXPECT_EQ(m.gicd, 0x51a00000, "distributor");
    EXPECT_EQ(m.gicr, 0x51b00000, "redistributors");
    EXPECT_EQ(m.gicr_bytes, 0xc0000, "redistributors");
    EXPECT_EQ(m.timer_irq, 27, "timer");
    EXPECT_EQ(m.console, CONSOLE_LPUART, "LPUART3");
    EXPECT_EQ(m.console_bytes, 0x1000, "LPUART3");
    EXPECT_EQ(m.psci, PSCI_SMC, "PSCI");
    EXPECT_EQ(m.cpu_count, 4, "cores");
    EXPECT(strcmp(m.board, "Toradex Colibri iMX8QXP/DX on Colibri Evaluation Board V3") == 0, "board: %s", m.board);
}
