/* devtree_test.c  Reading a device tree: the board's name, memory, reserved memory, the initial RAM disk. */
#include "devtree_maker.h"
#include "test.h"

#define MEMORY "/memory@40000000"

#define EXPECT_RANGES(list, why, ...)                                                                                  \
    maker_expect_ranges(m.list, m.list##_count, (const struct range[]){ __VA_ARGS__ },                                 \
                        sizeof((const struct range[]){ __VA_ARGS__ }) / sizeof(struct range), why)

TEST(devtree, reads_a_whole_board)
{
    struct maker t;
    struct machine m;

    maker_board(&t);
    maker_expect(&t, NULL, &m, "as made");
    EXPECT_RANGES(memory, "memory", { 0x40000000, 0x10000000 });
    EXPECT_EQ(m.reserved_count, 0, "nothing reserved");
    EXPECT_EQ(m.no_map_count, 0, "nothing reserved");
    EXPECT_EQ(m.initrd.bytes, 0, "no initrd");
    EXPECT_EQ(m.gicd, 0x8000000, "GIC");
    EXPECT_EQ(m.gicd_bytes, 0x10000, "GIC");
    EXPECT_EQ(m.gicr, 0x80a0000, "GIC");
    EXPECT_EQ(m.gicr_bytes, 0x40000, "GIC");
    EXPECT_EQ(m.gicr_stride, 0x20000, "GIC");
    EXPECT_EQ(m.timer_irq, 27, "timer");
    EXPECT_EQ(m.console, CONSOLE_PL011, "console");
    EXPECT_EQ(m.console_base, 0x10005000, "console, through its bus");
    EXPECT_EQ(m.console_bytes, 0x1000, "console");
    EXPECT_EQ(m.psci, PSCI_HVC, "PSCI");
    EXPECT_EQ(m.cpu_count, 2, "cores");
    EXPECT(m.cpu[0] == 0 && m.cpu[1] == 1, "cores");
    EXPECT(strcmp(m.board, "Board of the tests") == 0, "board: %s", m.board);
}

TEST(devtree, names_the_board)
{
    struct maker t;
    struct machine m;
    char longest[200];

    maker_board(&t);
    maker_drop(&t, "/", "model");
    maker_expect(&t, NULL, &m, "without model");
    EXPECT(strcmp(m.board, "shoal,test") == 0, "first of compatible: %s", m.board);
    maker_drop(&t, "/", "compatible");
    maker_expect(&t, NULL, &m, "without both");
    EXPECT(m.board[0] == '\0', "no name: %s", m.board);
    maker_bytes(&t, "/", "model", "never ends", 10);
    maker_expect(&t, NULL, &m, "model without end");
    EXPECT(m.board[0] == '\0', "no name: %s", m.board);
    maker_text(&t, "/", "model", " ~");
    maker_expect(&t, NULL, &m, "model with the first and the last printable character");
    EXPECT(strcmp(m.board, " ~") == 0, "as it is: %s", m.board);
    maker_text(&t, "/", "model", "a\033[2J\n\x7f");
    maker_expect(&t, NULL, &m, "model with control characters");
    EXPECT(strcmp(m.board, "a?[2J??") == 0, "made printable: %s", m.board);
    memset(longest, 'x', sizeof(longest));
    longest[sizeof(longest) - 1] = '\0';
    maker_text(&t, "/", "model", longest);
    maker_expect(&t, NULL, &m, "long model");
    EXPECT_EQ(strlen(m.board), sizeof(m.board) - 1, "cut");
}

TEST(devtree, reads_the_command_line)
{
    struct maker t;
    struct machine m;

    maker_board(&t);
    maker_expect(&t, NULL, &m, "no command line");
    EXPECT(!m.semihosting, "not asked for");
    maker_text(&t, "/chosen", "bootargs", "console=x semihosting quiet");
    maker_expect(&t, NULL, &m, "three words");
    EXPECT(m.semihosting, "one of them");
    maker_text(&t, "/chosen", "bootargs", "semihosting=off");
    maker_expect(&t, NULL, &m, "another word");
    EXPECT(!m.semihosting, "part of a word");
    maker_bytes(&t, "/chosen", "bootargs", "semihosting", 11);
    maker_expect(&t, NULL, &m, "a command line without end");
    EXPECT(!m.semihosting, "not read");
}

TEST(devtree, collects_memory)
{
    struct maker t;
    struct machine m;

    maker_board(&t);
    MAKER_CELLS(&t, MEMORY, "reg", 1, 0, 0, 0x2000, 0, 0, 0, 0, 0, 0x40000000, 0, 0x1000);
    maker_expect(&t, NULL, &m, "three entries, one empty, not in order");
    EXPECT_RANGES(memory, "two banks", { 0x40000000, 0x1000 }, { 0x100000000, 0x2000 });

    maker_node(&t, "/bank");
    maker_text(&t, "/bank", "device_type", "memory");
    MAKER_CELLS(&t, "/bank", "reg", 0, 0x40001000, 0, 0x3000, 0, 0x40002000, 0, 0x1000);
    maker_expect(&t, NULL, &m, "a second node");
    EXPECT_RANGES(memory, "touching and overlapping", { 0x40000000, 0x4000 }, { 0x100000000, 0x2000 });

    maker_text(&t, "/bank", "status", "disabled");
    maker_expect(&t, NULL, &m, "secure memory, as QEMU lists it");
    EXPECT_RANGES(memory, "not ours", { 0x40000000, 0x1000 }, { 0x100000000, 0x2000 });
    maker_text(&t, "/bank", "status", "okay");
    maker_text(&t, "/bank", "device_type", "memory-controller");
    maker_expect(&t, NULL, &m, "another device type");
    EXPECT_RANGES(memory, "no memory", { 0x40000000, 0x1000 }, { 0x100000000, 0x2000 });
    maker_text(&t, "/bank", "device_type", "memory");
    maker_drop(&t, "/bank", "reg");
    maker_expect(&t, NULL, &m, "a node without reg adds nothing");
}

TEST(devtree, reads_memory_in_one_cell)
{
    struct maker t;
    struct machine m;

    maker_board(&t);
    MAKER_CELLS(&t, "/", "#address-cells", 1);
    MAKER_CELLS(&t, "/", "#size-cells", 1);
    MAKER_CELLS(&t, MEMORY, "reg", 0x80000000, 0x80000000);
    MAKER_CELLS(&t, "/gic@8000000", "reg", 0x8000000, 0x10000, 0x80a0000, 0x40000);
    MAKER_CELLS(&t, "/soc@10000000", "ranges", 0, 0x10000000, 0x1000000);
    maker_expect(&t, NULL, &m, "one cell everywhere");
    EXPECT_RANGES(memory, "up to 4 GiB", { 0x80000000, 0x80000000 });
    EXPECT_EQ(m.console_base, 0x10005000, "console");

    MAKER_CELLS(&t, "/", "#address-cells", 2);
    MAKER_CELLS(&t, MEMORY, "reg", 1, 0x80000000, 0x1000);
    MAKER_CELLS(&t, "/gic@8000000", "reg", 0, 0x8000000, 0x10000, 0, 0x80a0000, 0x40000);
    MAKER_CELLS(&t, "/soc@10000000", "ranges", 0, 1, 0x10000000, 0x1000000);
    maker_expect(&t, NULL, &m, "two for addresses, one for sizes");
    EXPECT_RANGES(memory, "above 4 GiB", { 0x180000000, 0x1000 });
    EXPECT_EQ(m.console_base, 0x110005000, "console above 4 GiB");

    maker_drop(&t, "/", "#address-cells");
    maker_drop(&t, "/", "#size-cells");
    maker_expect(&t, NULL, &m, "2 and 1 is what holds without a word");
    EXPECT_RANGES(memory, "above 4 GiB", { 0x180000000, 0x1000 });
}

TEST(devtree, aligns_memory_inwards)
{
    struct maker t;
    struct machine m;

    maker_board(&t);
    MAKER_CELLS(&t, MEMORY, "reg", 0, 0x40000800, 0, 0x2000, 0, 0x50000001, 0, 0x1ffe, 0, 0x60000800, 0, 0x800, 0,
                0x60001000, 0, 0x1800, 0, 0x70000000, 0, 0xfff);
    maker_expect(&t, NULL, &m, "odd sizes");
    EXPECT_RANGES(memory, "whole pages; halves are put together first", { 0x40001000, 0x1000 }, { 0x60001000, 0x1000 });
}

TEST(devtree, refuses_broken_memory)
{
    struct maker t;

    maker_board(&t);
    MAKER_CELLS(&t, MEMORY, "reg", 0, 0x40000000, 0);
    maker_expect(&t, "a memory node of the device tree has a broken reg", NULL, "three cells of four");
    MAKER_CELLS(&t, MEMORY, "reg", 0, 0x40000000, 0, 0, 0, 0x40000800, 0, 0x10);
    maker_expect(&t, "the device tree has no memory", NULL, "none, and less than a page");
    MAKER_CELLS(&t, MEMORY, "reg", 0xffff, 0xfffff000, 0, 0x1000);
    maker_expect(&t, NULL, NULL, "up to the last byte of 48 bits");
    MAKER_CELLS(&t, MEMORY, "reg", 0xffff, 0xfffff000, 0, 0x1001);
    maker_expect(&t, "the device tree has memory beyond 48-bit addresses", NULL, "one byte more");
    MAKER_CELLS(&t, MEMORY, "reg", 0xffffffff, 0xfffff000, 0, 0x2000);
    maker_expect(&t, "the device tree has memory beyond 48-bit addresses", NULL, "wraps round");
    MAKER_CELLS(&t, MEMORY, "reg", 0, 0x1000, 0xffffffff, 0xffffffff);
    maker_expect(&t, "the device tree has memory beyond 48-bit addresses", NULL, "wraps round");

    MAKER_CELLS(&t, "/", "#size-cells", 0);
    maker_expect(&t, "a memory node of the device tree has a broken reg", NULL, "no sizes");
    MAKER_CELLS(&t, "/", "#size-cells", 3);
    maker_expect(&t, "a memory node of the device tree has a broken reg", NULL, "sizes of 96 bits");
    MAKER_CELLS(&t, "/", "#size-cells", 2);
    MAKER_CELLS(&t, "/", "#address-cells", 0);
    maker_expect(&t, "a memory node of the device tree has a broken reg", NULL, "no addresses");
    MAKER_CELLS(&t, "/", "#address-cells", 0x80000002);
    maker_expect(&t, "a memory node of the device tree has a broken reg", NULL, "a negative number of cells");
    maker_drop_node(&t, MEMORY);
    maker_expect(&t, "the device tree has no memory", NULL, "no node");
}

TEST(devtree, holds_128_ranges)
{
    struct maker t;
    struct machine m;
    uint32_t reg[4 * (MACHINE_RANGES_MAX + 1)];

    for (uint32_t i = 0; i <= MACHINE_RANGES_MAX; i++) {
        const uint32_t entry[4] = { 0, 0x40000000 + i * 0x2000, 0, 0x1000 };
        memcpy(reg + 4 * i, entry, sizeof(entry));
    }
    maker_board(&t);
    maker_cells(&t, MEMORY, "reg", reg, 4 * MACHINE_RANGES_MAX);
    maker_expect(&t, NULL, &m, "128 ranges of memory");
    EXPECT_EQ(m.memory_count, MACHINE_RANGES_MAX, "all of them");
    maker_cells(&t, MEMORY, "reg", reg, 4 * (MACHINE_RANGES_MAX + 1));
    maker_expect(&t, "the device tree has too many ranges of memory", NULL, "one more");

    maker_board(&t);
    maker_node(&t, "/reserved-memory");
    MAKER_CELLS(&t, "/reserved-memory", "#address-cells", 2);
    MAKER_CELLS(&t, "/reserved-memory", "#size-cells", 2);
    maker_node(&t, "/reserved-memory/many");
    maker_cells(&t, "/reserved-memory/many", "reg", reg, 4 * MACHINE_RANGES_MAX);
    maker_expect(&t, NULL, &m, "128 reserved ranges");
    maker_reserve(&t, 0x40000800, 1);
    maker_expect(&t, NULL, &m, "one that needs no place of its own");
    maker_reserve(&t, 0x50000000, 1);
    maker_expect(&t, "the device tree has too many ranges of reserved memory", NULL, "one more");
}

TEST(devtree, collects_reserved_memory)
{
    struct maker t;
    struct machine m;

    maker_board(&t);
    maker_reserve(&t, 0x41000010, 0x20);
    maker_reserve(&t, 0x48000000, 0x1001);
    maker_node(&t, "/reserved-memory");
    MAKER_CELLS(&t, "/reserved-memory", "#address-cells", 1);
    MAKER_CELLS(&t, "/reserved-memory", "#size-cells", 1);
    maker_bytes(&t, "/reserved-memory", "ranges", "", 0);
    maker_node(&t, "/reserved-memory/firmware");
    MAKER_CELLS(&t, "/reserved-memory/firmware", "reg", 0x42000000, 0x1000, 0x42001000, 0x1000);
    maker_node(&t, "/reserved-memory/dsp");
    MAKER_CELLS(&t, "/reserved-memory/dsp", "reg", 0x42001800, 0x1000);
    maker_bytes(&t, "/reserved-memory/dsp", "no-map", "", 0);
    maker_node(&t, "/reserved-memory/anywhere");
    MAKER_CELLS(&t, "/reserved-memory/anywhere", "size", 0x100000);
    maker_node(&t, "/reserved-memory/unused");
    MAKER_CELLS(&t, "/reserved-memory/unused", "reg", 0x44000000, 0x1000);
    maker_text(&t, "/reserved-memory/unused", "status", "disabled");
    maker_expect(&t, NULL, &m, "reserved");
    EXPECT_RANGES(reserved, "reserved", { 0x41000000, 0x1000 }, { 0x42000000, 0x3000 }, { 0x48000000, 0x2000 });
    EXPECT_RANGES(no_map, "no-map", { 0x42001000, 0x2000 });
}

TEST(devtree, reserves_whatever_the_numbers_say)
{
    struct maker t;
    struct machine m;

    maker_board(&t);
    maker_reserve(&t, 0xfffffffff000, 0xffffffffffffffff);
    maker_expect(&t, NULL, &m, "a size that wraps round");
    EXPECT_RANGES(reserved, "to the end of memory", { 0xfffffffff000, 0x1000 });
    maker_reserve(&t, 0x1000000000000, 0x1000);
    maker_reserve(&t, 0xfffffffffffff000, 0x1000);
    maker_expect(&t, NULL, &m, "beyond all memory");
    EXPECT_RANGES(reserved, "nothing new", { 0xfffffffff000, 0x1000 });
    maker_reserve(&t, 1, 0xffffffffffffffff);
    maker_expect(&t, NULL, &m, "everything");
    EXPECT_RANGES(reserved, "all", { 0, 0x1000000000000 });
}

TEST(devtree, refuses_broken_reserved_memory)
{
    static const char want[] = "a node of reserved memory in the device tree has a broken reg";
    struct maker t;

    maker_board(&t);
    maker_node(&t, "/reserved-memory");
    maker_node(&t, "/reserved-memory/a");
    maker_expect(&t, NULL, NULL, "2 and 1 is what holds without a word; no reg");
    MAKER_CELLS(&t, "/reserved-memory/a", "reg", 0, 0x42000000);
    maker_expect(&t, want, NULL, "two cells of three");
    MAKER_CELLS(&t, "/reserved-memory", "#size-cells", 0);
    maker_expect(&t, want, NULL, "no sizes");
    MAKER_CELLS(&t, "/reserved-memory", "#size-cells", 4);
    maker_expect(&t, want, NULL, "sizes of 128 bits");
    maker_text(&t, "/reserved-memory/a", "status", "disabled");
    maker_expect(&t, NULL, NULL, "nobody reads it then");
}

TEST(devtree, finds_the_initrd)
{
    struct maker t;
    struct machine m;

    maker_board(&t);
    MAKER_CELLS(&t, "/chosen", "linux,initrd-start", 0x44000000);
    MAKER_CELLS(&t, "/chosen", "linux,initrd-end", 0, 0x44000123);
    maker_expect(&t, NULL, &m, "32 and 64 bits");
    EXPECT_EQ(m.initrd.base, 0x44000000, "start");
    EXPECT_EQ(m.initrd.bytes, 0x123, "size");
    MAKER_CELLS(&t, "/chosen", "linux,initrd-end", 0x50000000);
    maker_expect(&t, NULL, &m, "up to the last byte of memory");
    maker_reserve(&t, 0x44000000, 0x1000);
    maker_expect(&t, NULL, &m, "boot loaders reserve it");
    MAKER_CELLS(&t, "/chosen", "linux,initrd-end", 0x44000000);
    maker_expect(&t, NULL, &m, "empty");
    EXPECT_EQ(m.initrd.bytes, 0, "none");
    MAKER_CELLS(&t, MEMORY, "reg", 1, 0, 0, 0x10000000);
    MAKER_CELLS(&t, "/chosen", "linux,initrd-start", 1, 0x1000);
    MAKER_CELLS(&t, "/chosen", "linux,initrd-end", 1, 0x2000);
    maker_expect(&t, NULL, &m, "above 4 GiB");
    EXPECT_EQ(m.initrd.base, 0x100001000, "start");
}

TEST(devtree, refuses_a_broken_initrd)
{
    static const char ends[] = "the device tree gives the initial RAM disk no start and end";
    static const char place[] = "the initial RAM disk does not lie in usable memory";
    struct maker t;

    maker_board(&t);
    MAKER_CELLS(&t, "/chosen", "linux,initrd-start", 0x44000000);
    maker_expect(&t, ends, NULL, "no end");
    MAKER_CELLS(&t, "/chosen", "linux,initrd-end", 0x43ffffff);
    maker_expect(&t, ends, NULL, "ends before it starts");
    MAKER_CELLS(&t, "/chosen", "linux,initrd-end", 0, 0, 0x45000000);
    maker_expect(&t, ends, NULL, "end of 96 bits");
    MAKER_CELLS(&t, "/chosen", "linux,initrd-end", 0x50000001);
    maker_expect(&t, place, NULL, "one byte beyond memory");
    MAKER_CELLS(&t, "/chosen", "linux,initrd-end", 0xffffffff, 0xffffffff);
    maker_expect(&t, place, NULL, "to the end of all addresses");
    MAKER_CELLS(&t, "/chosen", "linux,initrd-end", 0x44001000);
    maker_node(&t, "/reserved-memory");
    maker_node(&t, "/reserved-memory/a");
    MAKER_CELLS(&t, "/reserved-memory/a", "reg", 0, 0x44000fff, 1);
    maker_expect(&t, NULL, NULL, "reserved, but mapped");
    maker_bytes(&t, "/reserved-memory/a", "no-map", "", 0);
    maker_expect(&t, place, NULL, "its last byte is not mapped");
    maker_drop(&t, "/chosen", "linux,initrd-start");
    maker_expect(&t, ends, NULL, "no start");
    maker_drop_node(&t, "/chosen");
    maker_expect(&t, NULL, NULL, "nothing chosen");
}
