/** @file boot.c  The boot core from the first C function to init.  Whatever goes wrong is said on the console. */
#include <arch/cpu.h>
#include <core/boot.h>
#include <core/print.h>
#include <core/ranges.h>
#include <plat/builtin_console.h>

#ifndef SHOAL_VERSION
#define SHOAL_VERSION "0.1.0"
#endif

#define BOOT_FAILED_STATUS 1
#define TREE_HEADER_BYTES  40
#define TREE_BYTES_MAX     0x200000u      /* Linux's boot protocol allows no larger one */

_Noreturn static void boot_fail(const char *sentence)
{
    kprintf("boot: %s\n", sentence);
    plat_power_off(&kcb_get()->plat, BOOT_FAILED_STATUS);
}

/** Until the tree has been read. */
static void use_builtin_devices(struct plat *p, bool from_el2)
{
    p->console_kind = BUILTIN_CONSOLE_KIND;
    p->console_pa = BUILTIN_CONSOLE_BASE;
    p->console_bytes = 0x1000;
    p->console_va = BUILTIN_CONSOLE_BASE ? device_va(BUILTIN_CONSOLE_BASE) : 0;
    p->psci = from_el2 ? PSCI_SMC : PSCI_HVC;       /* who started us at EL1 sits at EL2; at EL2: it sits at EL3 */
}

/** How to end, which is known even if the rest of the tree is broken. */
static void use_machine_firmware(struct plat *p, const struct machine *m)
{
    if (m->psci != PSCI_NONE) {
        p->psci = m->psci;
    }
    p->semihosting = m->semihosting;
}

static void use_machine_devices(struct plat *p, const struct machine *m)
{
    p->console_kind = m->console;
    p->console_pa = m->console_base;
    p->console_bytes = m->console_bytes;
    p->console_va = m->console == CONSOLE_NONE ? 0 : device_va(m->console_base);
    p->gicd_va = device_va(m->gicd);
    p->gicr_all_va = device_va(m->gicr);
    p->gicr_bytes = m->gicr_bytes;
    p->gicr_stride = m->gicr_stride;
    p->timer_irq = m->timer_irq;
    p->psci = m->psci;              /* none: then nothing is called, rather than something undefined */
}

/** Big-endian word @p index of the tree's header. */
static uint32_t header_word(const uint8_t *header, unsigned index)
{
    const uint8_t *b = header + 4 * index;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

_Noreturn static void no_tree(paddr_t tree)
{
    kprintf("boot: no device tree at %p\n", (void *)tree);
    plat_power_off(&kcb_get()->plat, BOOT_FAILED_STATUS);
}

/** Find the tree and read it into @p m.  @return where it lies */
static struct range read_tree(paddr_t tree, struct machine *m)
{
    if (tree == 0 || tree % 8 != 0 || tree >= cpu_physical_limit()) {
        no_tree(tree);
    }
    const uint8_t *header = mmu_map_early(tree, TREE_HEADER_BYTES);
    if (!header || header_word(header, 0) != 0xd00dfeed) {
        no_tree(tree);
    }
    const uint32_t bytes = header_word(header, 1);
    if (bytes < TREE_HEADER_BYTES || bytes > TREE_BYTES_MAX) {
        boot_fail("the device tree has an impossible size");
    }
    if (!mmu_map_early(tree, bytes)) {
        boot_fail("the device tree cannot be mapped");
    }
    const char *wrong = devtree_read(header, bytes, m);
    use_machine_firmware(&kcb_get()->plat, m);
    if (wrong) {
        boot_fail(wrong);
    }
    if (m->console == CONSOLE_NONE) {
        kprintf("boot: the device tree names no console that this kernel knows; nothing more is printed\n");
    }
    return (struct range){ tree, bytes };
}

/** Core 0 is the one that boots, whatever the tree's order. */
static void put_boot_core_first(struct machine *m)
{
    for (size_t i = 0; i < m->cpu_count; i++) {
        if (m->cpu[i] == cpu_affinity()) {
            m->cpu[i] = m->cpu[0];
            m->cpu[0] = cpu_affinity();
            return;
        }
    }
    boot_fail("the device tree does not list this core");
}

/** The tree and the archive are read through the linear map from now on: they must be there, and whole.  That the
 *  archive lies in mapped memory is devtree_read's promise. */
static void check_places(const struct machine *m, struct range image, struct range tree)
{
    struct range *mapped = boot_area()->ranges;
    size_t count = 0;
    for (size_t i = 0; i < m->memory_count; i++) {
        mapped[count++] = m->memory[i];
    }
    for (size_t i = 0; i < m->no_map_count; i++) {
        ranges_remove(mapped, &count, BOOT_RANGES_MAX, m->no_map[i]);
    }
    if (!ranges_hold(mapped, count, tree)) {
        boot_fail("the device tree does not lie in the memory it lists");
    }
    if (m->initrd.bytes == 0) {
        boot_fail("no initial RAM disk");
    }
    if (ranges_meet(&m->initrd, 1, image) || ranges_meet(&m->initrd, 1, tree)) {
        boot_fail("the initial RAM disk overlaps the kernel or the device tree");
    }
}

static void start_devices(struct plat *p)
{
    gic_init_distributor(p);
    const char *wrong = gic_init_core(p);
    if (wrong) {
        boot_fail(wrong);
    }
    timer_init(p);
    gic_unmask(p, GIC_DOORBELL);
}

static void print_banner(const struct machine *m, bool from_el2)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < m->memory_count; i++) {
        bytes += m->memory[i].bytes;
    }
    kprintf("Shoal %s, %s, %zu core%s, %lu MiB, entered at EL%d\n", SHOAL_VERSION, m->board, m->cpu_count,
            m->cpu_count == 1 ? "" : "s", bytes >> 20, from_el2 ? 2 : 1);
}

_Noreturn void boot_main(paddr_t device_tree, paddr_t image, bool from_el2)
{
    struct boot_area *area = boot_area();
    struct kcb *k = &area->kcb;
    struct machine *m = &area->machine;

    k->canary = KCB_CANARY;
    use_builtin_devices(&k->plat, from_el2);
    cpu_init(k);
    const struct range tree = read_tree(device_tree, m);
    put_boot_core_first(m);
    k->core_count = m->cpu_count;
    k->machine = m;
    const char *wrong = mmu_build(m, image);
    if (wrong) {
        boot_fail(wrong);
    }
    use_machine_devices(&k->plat, m);
    print_banner(m, from_el2);
    check_places(m, boot_image_range(image), tree);
    start_devices(&k->plat);
    const size_t count = ranges_free(m, boot_image_range(image), tree, area->ranges);
    init_start(m, area->ranges, count, device_tree, from_el2);
}
