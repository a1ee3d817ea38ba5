#include "devtree_maker.h"

#include "test.h"

#include <libfdt.h>

#define PAGE 4096

static int must(int result, const char *what, const char *where)
{
    if (result < 0) {
        fprintf(stderr, "devtree_maker: %s %s: %s\n", what, where, fdt_strerror(result));
        abort();
    }
    return result;
}

static int node_at(struct maker *t, const char *path)
{
    return must(fdt_path_offset(t->blob, path), "find", path);
}

void maker_node(struct maker *t, const char *path)
{
    char parent[256];
    const size_t split = (size_t)(strrchr(path, '/') - path);

    snprintf(parent, sizeof(parent), "%.*s", split > 0 ? (int)split : 1, path);
    must(fdt_add_subnode(t->blob, node_at(t, parent), path + split + 1), "add", path);
}

void maker_drop_node(struct maker *t, const char *path)
{
    must(fdt_del_node(t->blob, node_at(t, path)), "drop", path);
}

void maker_bytes(struct maker *t, const char *path, const char *name, const void *value, size_t bytes)
{
    must(fdt_setprop(t->blob, node_at(t, path), name, value, (int)bytes), path, name);
}

void maker_text(struct maker *t, const char *path, const char *name, const char *text)
{
    maker_bytes(t, path, name, text, strlen(text) + 1);
}

void maker_cells(struct maker *t, const char *path, const char *name, const uint32_t *cells, size_t count)
{
    fdt32_t *big = malloc(count * sizeof(*big) + 1);

    for (size_t i = 0; i < count; i++) {
        big[i] = cpu_to_fdt32(cells[i]);
    }
    maker_bytes(t, path, name, big, count * sizeof(*big));
    free(big);
}

void maker_drop(struct maker *t, const char *path, const char *name)
{
    must(fdt_delprop(t->blob, node_at(t, path), name), path, name);
}

void maker_reserve(struct maker *t, uint64_t base, uint64_t bytes)
{
    must(fdt_add_mem_rsv(t->blob, base, bytes), "reserve", "memory");
}

static void make_cpu(struct maker *t, const char *path, uint32_t affinity)
{
    maker_node(t, path);
    maker_text(t, path, "device_type", "cpu");
    MAKER_CELLS(t, path, "reg", affinity);
}

void maker_board(struct maker *t)
{
    must(fdt_create_empty_tree(t->blob, sizeof(t->blob)), "create", "tree");
    maker_text(t, "/", "model", "Board of the tests");
    maker_text(t, "/", "compatible", "shoal,test");
    MAKER_CELLS(t, "/", "#address-cells", 2);
    MAKER_CELLS(t, "/", "#size-cells", 2);

    maker_node(t, "/memory@40000000");
    maker_text(t, "/memory@40000000", "device_type", "memory");
    MAKER_CELLS(t, "/memory@40000000", "reg", 0, 0x40000000, 0, 0x10000000);

    maker_node(t, "/cpus");
    MAKER_CELLS(t, "/cpus", "#address-cells", 1);
    MAKER_CELLS(t, "/cpus", "#size-cells", 0);
    make_cpu(t, "/cpus/cpu@1", 1);
    make_cpu(t, "/cpus/cpu@0", 0);              /* libfdt puts a new node before its siblings */

    maker_node(t, "/gic@8000000");
    maker_text(t, "/gic@8000000", "compatible", "arm,gic-v3");
    MAKER_CELLS(t, "/gic@8000000", "#interrupt-cells", 3);
    MAKER_CELLS(t, "/gic@8000000", "reg", 0, 0x8000000, 0, 0x10000, 0, 0x80a0000, 0, 0x40000);

    maker_node(t, "/timer");
    maker_text(t, "/timer", "compatible", "arm,armv8-timer");
    MAKER_CELLS(t, "/timer", "interrupts", 1, 13, 4, 1, 14, 4, 1, 11, 4, 1, 10, 4);

    maker_node(t, "/psci");
    maker_bytes(t, "/psci", "compatible", "arm,psci-1.0\0arm,psci-0.2", 26);
    maker_text(t, "/psci", "method", "hvc");

    maker_node(t, "/soc@10000000");
    MAKER_CELLS(t, "/soc@10000000", "#address-cells", 1);
    MAKER_CELLS(t, "/soc@10000000", "#size-cells", 1);
    MAKER_CELLS(t, "/soc@10000000", "ranges", 0, 0, 0x10000000, 0x1000000);
    maker_node(t, "/soc@10000000/serial@5000");
    maker_bytes(t, "/soc@10000000/serial@5000", "compatible", "arm,pl011\0arm,primecell", 24);
    MAKER_CELLS(t, "/soc@10000000/serial@5000", "reg", 0x5000, 0x1000);

    maker_node(t, "/aliases");
    maker_text(t, "/aliases", "serial0", "/soc@10000000/serial@5000");
    maker_node(t, "/chosen");
    maker_text(t, "/chosen", "stdout-path", "serial0:115200n8");
}

static void expect_pages(const struct range *r, size_t count, const char *what)
{
    EXPECT(count <= MACHINE_RANGES_MAX, "%s: count", what);
    for (size_t i = 0; i < count; i++) {
        EXPECT(r[i].base % PAGE == 0 && r[i].bytes % PAGE == 0 && r[i].bytes > 0, "%s: pages", what);
        EXPECT(r[i].base + r[i].bytes <= 1ull << 48, "%s: 48 bits", what);
        EXPECT(i == 0 || r[i - 1].base + r[i - 1].bytes < r[i].base, "%s: sorted and merged", what);
    }
}

static void expect_promises(const struct machine *m)
{
    expect_pages(m->memory, m->memory_count, "memory");
    expect_pages(m->reserved, m->reserved_count, "reserved");
    expect_pages(m->no_map, m->no_map_count, "no-map");
    EXPECT(m->memory_count > 0 && m->cpu_count > 0 && m->cpu_count <= MACHINE_CPUS_MAX, "what cannot be missing");
    EXPECT(m->gicd_bytes >= 0x10000 && m->gicr_stride >= 0x20000, "GIC");
    EXPECT(m->gicr_bytes / m->gicr_stride >= m->cpu_count, "a redistributor for each core");
    EXPECT(m->timer_irq >= 16 && m->timer_irq < 32, "timer");
    EXPECT((m->console == CONSOLE_NONE) == (m->console_bytes == 0), "console");
}

const char *maker_read_blob(const void *blob, size_t bytes, struct machine *m)
{
    void *copy = malloc(bytes + !bytes);

    memcpy(copy, blob, bytes);
    memset(m, 0xa5, sizeof(*m));
    const char *broken = devtree_read(copy, bytes, m);
    free(copy);
    if (!broken) {
        expect_promises(m);
    }
    EXPECT(memchr(m->board, '\0', sizeof(m->board)) != NULL, "the board's name ends");
    return broken;
}

const char *maker_read(struct maker *t, struct machine *m)
{
    must(fdt_pack(t->blob), "pack", "tree");
    const char *broken = maker_read_blob(t->blob, fdt_totalsize(t->blob), m);
    must(fdt_open_into(t->blob, t->blob, sizeof(t->blob)), "unpack", "tree");
    return broken;
}

void maker_expect_sentence(const char *got, const char *want, const char *why)
{
    EXPECT(got == want || (got && want && strcmp(got, want) == 0), "%s: got \"%s\", wanted \"%s\"", why,
           got ? got : "no error", want ? want : "no error");
}

void maker_expect(struct maker *t, const char *want, struct machine *m, const char *why)
{
    struct machine scratch;

    maker_expect_sentence(maker_read(t, m ? m : &scratch), want, why);
}

void maker_expect_ranges(const struct range *got, size_t got_count, const struct range *want, size_t count,
                         const char *why)
{
    EXPECT_EQ(got_count, count, "%s: number of ranges", why);
    for (size_t i = 0; i < got_count && i < count; i++) {
        EXPECT_EQ(got[i].base, want[i].base, "%s: range %zu", why, i);
        EXPECT_EQ(got[i].bytes, want[i].bytes, "%s: range %zu", why, i);
    }
}
