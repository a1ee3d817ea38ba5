/**
 * @file boot.h  From the image's first instruction to init.
 *
 *   start.S    MMU off, EL2 or EL1: NOLOAD area invalidated and zeroed, EL2 set up and left, early tables (identity of
 *              the image, image window, built-in console page), MMU on, jump to the image window, stack and TPIDR_EL1 set
 *              to the boot core's KCB.  Calls boot_main.
 *   boot_main  (core/boot.c) reads the device tree, builds the kernel's tables (mmu_build), starts plat devices, prints
 *              the banner, finds init in the archive, builds init (core/init_build.c), leaves through schedule.
 */
#ifndef CORE_BOOT_H
#define CORE_BOOT_H

#include <arch/mem.h>
#include <core/kcb.h>
#include <core/devtree.h>
#include <core/ranges_boot.h>
#include <stdbool.h>

/** The NOLOAD area behind the image: all writable memory the boot core has before capabilities exist.  The KCB comes
 *  first and stays for good, and so do the machine, which all cores read, and the tables; the rest is used while booting
 *  only. */
struct boot_area {
    struct kcb kcb;
    struct machine machine;
    struct range ranges[BOOT_RANGES_MAX];    /**< scratch of mmu_build, then the list that init_start gets            */
    size_t tables_used;                      /**< pages of @c tables taken                                           */
    _Alignas(4096) uint64_t tables[][512];   /**< page tables, to the end of the area                                 */
};
_Static_assert(offsetof(struct boot_area, tables) <= 1 << 20, "half of the NOLOAD area is left for page tables");

/** Of the boot core, while booting. */
static inline struct boot_area *boot_area(void)
{
    return (struct boot_area *)kcb_get();
}

/** What start.S found out.  In registers: x0 … x2. */
_Noreturn void boot_main(paddr_t device_tree, paddr_t image, bool from_el2);

/* core/init_build.c */

/** Build init from the first file of the archive (m->initrd) and run it.  Errors are sentences on the console.
 * @param free  RAM that belongs to nobody: page-aligned, sorted, disjoint; what is left of memory without image, NOLOAD
 *              area, tree, initrd and reserved memory.  It and @p m lie in the NOLOAD area and need not be copied.
 * @param tree  physical address of the device tree, which is valid and lies in memory */
_Noreturn void init_start(const struct machine *m, const struct range *free, size_t free_count, paddr_t tree,
                          bool from_el2);

/* arch/aarch64/mmu.c */

/** Map [pa, pa + bytes) read-only in the linear map for reading it early (device tree); in 2 MiB blocks.  Only before
 *  mmu_build.  @return the address, or NULL: it does not fit the linear map, or no table is left. */
const void *mmu_map_early(paddr_t pa, uint64_t bytes);

/** Build the final kernel tables: image window (text RX, rodata R), linear map of all memory less no_map (largest blocks,
 *  RW, the image's 2 MiB blocks R), console, GICD, GICR pages at DEVICE_BASE + pa; switch to them; drop the identity map.
 *  They never change afterwards.  @return NULL or a sentence (a bank above 2^47, no room for tables, …); then the early
 *  tables are still in use. */
const char *mmu_build(const struct machine *m, paddr_t image);

/** The device window's address of a device at @p pa (mapped by mmu_build, or the built-in console early). */
static inline uint64_t device_va(paddr_t pa)
{
    return DEVICE_BASE + pa;
}

#endif
