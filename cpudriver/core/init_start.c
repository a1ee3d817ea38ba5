/* From boot_main to init's first instruction: find init in the archive, hand out all the machine has, run. */
#include <arch/cpu.h>
#include <core/boot.h>
#include <core/init_run.h>
#include <core/lib.h>
#include <core/print.h>
#include <shoal/archive.h>

#define PAGE         ((uint64_t)SHOAL_PAGE_SIZE)
#define POOL_BYTES   (32ull << 20)
#define OWN_ALIGN    (2ull << 20)

_Noreturn static void fail(const char *sentence)
{
    kprintf("boot: %s\n", sentence);
    plat_power_off(&kcb_get()->plat, 1);
}

static uint64_t page_up(uint64_t v)
{
    return (v + PAGE - 1) & ~(PAGE - 1);
}

/* ---- capabilities that are not made from others ---------------------------------------------------------------------- */

/* Slots of one of init's CNodes, filled one after the other. */
struct filler {
    struct kcb *k;
    struct cte *slot;
    uint64_t count;
    const char *what;
};

static void add_root(struct filler *f, enum cap_type type, uint64_t base, uint64_t bytes, unsigned rights)
{
    if (bytes == 0) {
        return;
    }
    if (f->count == L2_SLOTS) {
        kprintf("kernel: no slot for %s 0x%lx, 0x%lx bytes: not used\n", f->what, base, bytes);
        return;
    }
    init_root_cap(f->k, &f->slot[f->count++], type, base, bytes, rights);
}

/* Everything below the processor's limit that is neither memory nor reserved nor the interrupt controller's.  The lists
 * are sorted, so this walks upwards: next hole from `at` on is the nearest range that covers or follows it. */
static void nearest(const struct range *list, size_t count, uint64_t at, struct range *best)
{
    for (size_t i = 0; i < count; i++) {
        const uint64_t end = page_up(list[i].base + list[i].bytes), start = list[i].base & ~(PAGE - 1);
        if (end > at && start < best->base) {
            *best = (struct range){ start, end - start };
        }
    }
}

static uint64_t hand_out_devices(struct kcb *k, struct cte *slots, const struct machine *m)
{
    struct filler f = { k, slots, 0, "device range" };
    const struct range gic[] = { { m->gicd, m->gicd_bytes }, { m->gicr, m->gicr_bytes } };
    const uint64_t limit = cpu_physical_limit();

    for (uint64_t at = 0; at < limit;) {
        struct range hole = { limit, 0 };
        nearest(m->memory, m->memory_count, at, &hole);
        nearest(m->reserved, m->reserved_count, at, &hole);
        nearest(gic, ARRAY_LEN(gic), at, &hole);
        if (hole.base > at) {
            add_root(&f, CAP_DEVRANGE, at, hole.base - at, RIGHT_READ | RIGHT_WRITE | RIGHT_GRANT | RIGHT_OWN);
        }
        at = hole.base + hole.bytes > at ? hole.base + hole.bytes : at;
        if (hole.bytes == 0) {
            break;
        }
    }
    return f.count;
}

static void hand_out_singletons(struct kcb *k, struct cte *task)
{
    init_root_cap(k, &task[TASK_CORECONTROL], CAP_CORECONTROL, SPACE_BASE(SPACE_CORE) + (1ull << 32), 1, RIGHTS_ALL);
    init_root_cap(k, &task[TASK_IRQTABLE], CAP_IRQTABLE, SPACE_BASE(SPACE_IRQ), k->plat.irq_count, RIGHTS_ALL);
}

/* A read-only Frame over bytes that somebody else put into memory. */
static void hand_out_blob(struct kcb *k, struct cte *slot, struct range blob, uint64_t *bytes, uint64_t *offset)
{
    const uint64_t base = blob.base & ~(PAGE - 1);
    *bytes = blob.bytes;
    *offset = blob.base - base;
    init_root_cap(k, slot, CAP_FRAME, base, page_up(blob.base + blob.bytes) - base,
             RIGHT_READ | RIGHT_EXEC | RIGHT_GRANT | RIGHT_OWN);
}

/* ---- init's image ---------------------------------------------------------------------------------------------------- */

static struct archive_file find_init(const struct machine *m)
{
    struct archive_iter it;
    struct archive_file file;
    int found = 0;

    archive_begin(&it, phys_to_virt(m->initrd.base), m->initrd.bytes);
    const char *wrong = archive_next(&it, &file, &found);
    if (wrong) {
        fail(wrong);
    }
    if (!found) {
        fail("the archive holds no file: init is missing");
    }
    if (strcmp(file.name, "init") != 0) {
        fail("the first file of the archive is not init");
    }
    return file;
}

/* ---- memory ---------------------------------------------------------------------------------------------------------- */

/* init's own memory and its pool come from the largest free range, its first 2 MiB boundary on; the rest of it and all
 * other ranges go to init untouched. */
static void hand_out_ram(struct init_builder *b, const struct range *free, size_t count, struct range own,
                         uint64_t pool_bytes, struct bootinfo *info)
{
    struct filler f = { b->k, cte_object(&b->l1[INIT_L2_RAM]), 0, "memory" };
    const uint64_t own_end = own.base + own.bytes, pool_end = own_end + pool_bytes;

    for (size_t i = 0; i < count; i++) {
        const uint64_t end = free[i].base + free[i].bytes;
        if (own.base < free[i].base || own.base >= end) {
            add_root(&f, CAP_RAM, free[i].base, free[i].bytes, RIGHTS_ALL);
            continue;
        }
        add_root(&f, CAP_RAM, free[i].base, own.base - free[i].base, RIGHTS_ALL);
        init_root_cap(b->k, &b->task[TASK_POOL], CAP_RAM, own_end, pool_bytes, RIGHTS_ALL);
        add_root(&f, CAP_RAM, pool_end, end - pool_end, RIGHTS_ALL);
    }
    info->ram_count = f.count;
    info->pool_bytes = pool_bytes;
}

static struct range choose_own(const struct range *free, size_t count, uint64_t bytes)
{
    struct range best = { 0, 0 };
    for (size_t i = 0; i < count; i++) {
        if (free[i].bytes > best.bytes) {
            best = free[i];
        }
    }
    const uint64_t skip = -best.base & (OWN_ALIGN - 1);
    if (best.bytes < skip + bytes + POOL_BYTES) {
        fail("not enough memory for init: no free range is large enough");
    }
    return (struct range){ best.base + skip, bytes };
}

_Noreturn void init_start(const struct machine *m, const struct range *free, size_t free_count, paddr_t tree,
                          bool from_el2)
{
    struct kcb *const k = kcb_get();
    const struct archive_file file = find_init(m);
    struct elf_image elf;

    const char *wrong = elf_read(file.data, file.bytes, INIT_VA_MIN, INIT_FRAME_VA, &elf);
    if (wrong) {
        kprintf("boot: init: ");
        fail(wrong);
    }
    const uint64_t own_bytes = (init_own_bytes(&elf) + OWN_ALIGN - 1) & ~(OWN_ALIGN - 1);
    const struct range own = choose_own(free, free_count, own_bytes);
    struct init_builder b = { .k = k, .ram = init_root_cap(k, &k->root[0], CAP_RAM, own.base, own.bytes, RIGHTS_ALL) };
    struct bootinfo *const info = init_image(&b, &elf, file.data, from_el2);

    const struct range tree_range = { tree, (uint64_t)__builtin_bswap32(((const uint32_t *)phys_to_virt(tree))[1]) };
    hand_out_ram(&b, free, free_count, own, POOL_BYTES, info);
    hand_out_blob(k, &b.task[TASK_ARCHIVE], m->initrd, &info->archive_bytes, &info->archive_offset);
    hand_out_blob(k, &b.task[TASK_DEVICE_TREE], tree_range, &info->tree_bytes, &info->tree_offset);
    info->dev_count = hand_out_devices(k, cte_object(&b.l1[INIT_L2_DEV]), m);
    hand_out_singletons(k, b.task);
    init_own_singletons(&b);
    init_run(&b, info);
}
