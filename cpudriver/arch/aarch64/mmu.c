/**
 * @file mmu.c  The kernel's own page tables: the early ones that start.S switches on, then the final ones.
 * Both come from the bump allocator in the NOLOAD area.  Source: Arm ARM D5; layout: arch/mem.h, docs/boot.md.
 */
#include "ktables.h"

#include <arch/core.h>
#include <arch/cpu.h>
#include <arch/sysreg.h>
#include <core/boot.h>
#include <core/ranges.h>
#include <plat/builtin_console.h>

_Static_assert(ASM_LINEAR_BASE == LINEAR_BASE && ASM_DEVICE_BASE == DEVICE_BASE, "arch/sysreg.h");

#define LINEAR_LIMIT (1ull << 47)       /* of the linear map, and of the device window */

/* From the linker script.  Only differences are used in what runs with the MMU off. */
extern const uint8_t __image_start[], __text_end[], __rodata_start[], __image_end[], __noload_start[], __noload_end[];

/** start.S: where PSCI starts another core. */
extern const uint8_t core_entry[];

/** Where start.S puts the stack, from the start of the NOLOAD area. */
const uint64_t kcb_stack_end = offsetof(struct kcb, stack) + KCB_STACK_BYTES;
_Static_assert(offsetof(struct boot_area, kcb) == 0, "start.S");
_Static_assert(offsetof(struct core_words, ttbr0) == CORE_WORDS_TTBR0 && offsetof(struct core_words, ttbr1) == CORE_WORDS_TTBR1 &&
               offsetof(struct core_words, empty) == CORE_WORDS_EMPTY && offsetof(struct core_words, kcb) == CORE_WORDS_KCB,
               "start.S");

void mmu_switch(paddr_t ttbr1, paddr_t empty, paddr_t image);   /* start.S */

/** What start.S loads; both 0: the NOLOAD area is too small. */
struct early_tables {
    uint64_t ttbr0, ttbr1;
};
struct early_tables mmu_early(paddr_t image, paddr_t noload, paddr_t noload_end);

static struct ktables tables_of(struct boot_area *area, paddr_t pa)
{
    const uint64_t before = offsetof(struct boot_area, tables);
    return (struct ktables){ area->tables, pa + before, &area->tables_used,
                             ((uint64_t)(__noload_end - __noload_start) - before) / KPAGE };
}

static struct ktables tables_now(void)
{
    return tables_of(boot_area(), virt_to_phys(boot_area()));
}

static uint64_t round_up(uint64_t n, uint64_t to)
{
    return (n + to - 1) & ~(to - 1);
}

static const char *map_image(struct ktables *t, size_t root, paddr_t image)
{
    const uint64_t text = round_up(__text_end - __image_start, KPAGE), rodata = __rodata_start - __image_start;
    const char *wrong = ktables_map(t, root, IMAGE_BASE, image, text, KATTR_TEXT);
    if (!wrong) {
        wrong = ktables_map(t, root, IMAGE_BASE + rodata, image + rodata,
                            round_up(__image_end - __rodata_start, KPAGE), KATTR_RODATA);
    }
    return wrong;
}

/** Called with MMU and caches off: nothing here may use an absolute address. */
struct early_tables mmu_early(paddr_t image, paddr_t noload, paddr_t noload_end)
{
    const struct early_tables none = { 0, 0 };
    if (noload_end - noload < KBLOCK) {
        return none;
    }
    struct ktables t = tables_of((struct boot_area *)noload, noload);
    const size_t low = ktables_take(&t), high = ktables_take(&t);
    if (ktables_map(&t, low, image, image, noload - image, KATTR_TEXT) || map_image(&t, high, image) ||
        ktables_map(&t, high, LINEAR_BASE + noload, noload, noload_end - noload, KATTR_RW)) {
        return none;
    }
    if (BUILTIN_CONSOLE_BASE &&
        ktables_map(&t, high, DEVICE_BASE + BUILTIN_CONSOLE_BASE, BUILTIN_CONSOLE_BASE, KPAGE, KATTR_DEVICE)) {
        return none;
    }
    return (struct early_tables){ ktables_pa(&t, low), ktables_pa(&t, high) };
}

struct range boot_image_range(paddr_t image)
{
    return (struct range){ image, round_up(__noload_end - __image_start, KBLOCK) };
}

/* Indices of the early trees' roots: the first two pages that mmu_early took.  The identity map stays, for cores that are
 * started later. */
#define EARLY_IDENTITY 0
#define EARLY_ROOT     1

const void *mmu_map_early(paddr_t pa, uint64_t bytes)
{
    const paddr_t image = virt_to_phys(boot_area()) - (uint64_t)(__noload_start - __image_start);
    const struct range own = boot_image_range(image);
    if (pa >= LINEAR_LIMIT || bytes > LINEAR_LIMIT - pa || ranges_meet(&own, 1, (struct range){ pa, bytes })) {
        return NULL;
    }
    struct ktables t = tables_now();
    const uint64_t first = pa & ~(KBLOCK - 1);
    if (ktables_map(&t, EARLY_ROOT, LINEAR_BASE + first, first, round_up(pa + bytes, KBLOCK) - first, KATTR_RODATA)) {
        return NULL;
    }
    __asm__ volatile("dsb nshst\n\tisb" ::: "memory");      /* the entries were invalid: nothing to flush */
    return phys_to_virt(pa);
}

/** Memory less what must not be mapped and less the image's blocks: read/write. */
static const char *map_memory(struct ktables *t, size_t root, const struct machine *m, struct range image)
{
    struct range *list = boot_area()->ranges;
    size_t count = 0;
    const uint64_t limit = cpu_physical_limit() < LINEAR_LIMIT ? cpu_physical_limit() : LINEAR_LIMIT;
    for (size_t i = 0; i < m->memory_count; i++) {
        const struct range r = m->memory[i];
        if (r.base >= limit || r.bytes > limit - r.base) {
            return "memory beyond the processor's addresses, or beyond 2^47";
        }
        list[count++] = r;
    }
    bool fits = ranges_remove(list, &count, BOOT_RANGES_MAX, image);
    for (size_t i = 0; i < m->no_map_count; i++) {
        fits &= ranges_remove(list, &count, BOOT_RANGES_MAX, m->no_map[i]);
    }
    if (!fits) {
        return "too many pieces of memory";
    }
    for (size_t i = 0; i < count; i++) {
        const char *wrong = ktables_map(t, root, LINEAR_BASE + list[i].base, list[i].base, list[i].bytes, KATTR_RW);
        if (wrong) {
            return wrong;
        }
    }
    const uint64_t code = (uint64_t)(__noload_start - __image_start);
    const char *wrong = ktables_map(t, root, LINEAR_BASE + image.base, image.base, code, KATTR_RODATA);
    return wrong ? wrong : ktables_map(t, root, LINEAR_BASE + image.base + code, image.base + code, image.bytes - code,
                                       KATTR_RW);
}

static const char *map_device(struct ktables *t, size_t root, paddr_t pa, uint64_t bytes)
{
    if (pa >= LINEAR_LIMIT || bytes > LINEAR_LIMIT - pa) {
        return "a device beyond 2^47";
    }
    const uint64_t first = pa & ~(KPAGE - 1);
    return ktables_map(t, root, DEVICE_BASE + first, first, round_up(pa + bytes, KPAGE) - first, KATTR_DEVICE);
}

paddr_t arch_core_entry(const struct kcb *k)
{
    return k->image_pa + (uint64_t)(core_entry - __image_start);
}

const char *mmu_build(const struct machine *m, paddr_t image)
{
    struct ktables t = tables_now();
    const size_t root = ktables_take(&t), empty = ktables_take(&t);
    if (root == SIZE_MAX || empty == SIZE_MAX) {
        return "no room for kernel page tables";
    }
    const char *wrong = map_image(&t, root, image);
    wrong = wrong ? wrong : map_memory(&t, root, m, boot_image_range(image));
    wrong = wrong ? wrong : map_device(&t, root, m->console_base, m->console == CONSOLE_NONE ? 0 : m->console_bytes);
    wrong = wrong ? wrong : map_device(&t, root, m->gicd, m->gicd_bytes);
    wrong = wrong ? wrong : map_device(&t, root, m->gicr, m->gicr_bytes);
    if (wrong) {
        return wrong;
    }
    __asm__ volatile("dsb nshst" ::: "memory");
    mmu_switch(ktables_pa(&t, root), ktables_pa(&t, empty), image);
    struct kcb *const k = kcb_get();
    k->empty_ttbr0 = k->loaded_ttbr0 = ktables_pa(&t, empty);
    k->kernel_ttbr1 = ktables_pa(&t, root);
    k->identity_ttbr0 = ktables_pa(&t, EARLY_IDENTITY);
    k->image_pa = image;
    return NULL;
}
