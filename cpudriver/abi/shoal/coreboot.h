/**
 * @file coreboot.h  How a core is started: what lies in the memory lent to it (CORE_START; docs/cores.md).
 *
 * The loan is one RAM capability.  Whoever starts a core writes struct core_boot at its beginning, through a Frame that it
 * deletes again, and hands the loan over.  Behind that page the kernel lays the core's KCB, the memory of the core's init, and,
 * as RAM capabilities of that init, all the rest.
 */
#ifndef SHOAL_COREBOOT_H
#define SHOAL_COREBOOT_H

#include <shoal/bootinfo.h>
#include <shoal/elf.h>

#define CORE_BOOT_MAGIC      0x31544f4f4243ull  /* "CBOOT1" */
#define CORE_IMAGE_BYTES_MAX (64ull << 20)      /**< of all segments of init together                                 */

struct core_boot {
    uint64_t magic;
    uint64_t pool_bytes;        /**< of TASK_POOL, in pages; what is left beyond it becomes the one RAM capability of INIT_L2_RAM.
                                     0: TASK_POOL gets everything                                                     */
    uint64_t archive_bytes, archive_offset;     /**< in the image's Frame: told to init                               */
    uint64_t argument[BOOTINFO_ARGUMENTS];      /**< handed on to init: the kernel does not look at them              */
    struct elf_image image;     /**< as elf_list gives it; file_offset counts from the start of the image's Frame     */
};

/** What CORE_STATE says of a core: the answer of PSCI AFFINITY_INFO. */
enum core_state { CORE_IS_ON = 0, CORE_IS_OFF = 1, CORE_IS_STARTING = 2 };

#endif
