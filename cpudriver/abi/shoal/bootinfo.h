/**
 * @file bootinfo.h  What the kernel hands to init: its CSpace layout and the boot information page.
 */
#ifndef SHOAL_BOOTINFO_H
#define SHOAL_BOOTINFO_H

#include <shoal/cap.h>

/** L2 CNodes of init, by L1 index.  L1 itself has 64 slots. */
enum init_cnode {
    INIT_L2_TASK = 0,     /**< fixed slots below                                                                      */
    INIT_L2_OWN = 1,      /**< Frames, VNodes and Mappings of init's image: bootinfo.own_count of them                */
    INIT_L2_RAM = 2,      /**< bootinfo.ram_count RAM capabilities, untouched                                         */
    INIT_L2_DEV = 3,      /**< bootinfo.dev_count DevRange capabilities                                               */
    INIT_L2_FREE = 4,     /**< first L1 slot that is empty                                                            */
};

/** Slots of the task CNode (L1 slot 0), the same in every process as far as they apply. */
enum task_slot {
    TASK_L1 = 1,
    TASK_DISPATCHER = 2,
    TASK_VSPACE = 3,
    TASK_FRAME = 4,       /**< the dispatcher frame                                                                   */
    TASK_BOOTINFO = 5,    /**< Frame, read-only                                                                       */
    TASK_POOL = 6,        /**< RAM for init's own use                                                                 */
    TASK_ARCHIVE = 7,     /**< Frame, read-only; absent: bootinfo.archive_bytes is 0                                  */
    TASK_DEVICE_TREE = 8, /**< Frame, read-only; boot core only                                                       */
    TASK_KERNEL = 9,
    TASK_CORECONTROL = 10,/**< boot core only                                                                         */
    TASK_IRQTABLE = 11,   /**< boot core only                                                                         */
    TASK_ID = 12,
    TASK_CHANNEL = 13,    /**< Frame, shared with who started this core; not on the boot core                         */
    TASK_FREE = 16,       /**< first slot that is empty                                                               */
};

#define INIT_FRAME_VA     0x7f0000000000ull   /**< dispatcher frame                                                   */
#define INIT_BOOTINFO_VA  0x7f0000100000ull
#define INIT_STACK_TOP    0x7f0000300000ull   /**< top of 64 KiB; the page below is not mapped                        */
#define INIT_STACK_BYTES  0x10000ull
#define INIT_SEGMENTS_MAX 8

#define BOOTINFO_ARGUMENTS 4
#define BOOTINFO_MAGIC    0x314c414f4853ull   /* "SHOAL1" */

struct bootinfo {
    uint64_t magic;
    uint64_t core;                /**< index of this core; 0 is the boot core                                         */
    uint64_t core_count;          /**< listed in the device tree                                                      */
    uint64_t el2;                 /**< 1: the kernel was entered at EL2                                               */
    uint64_t timer_hz;            /**< of CNTVCT_EL0                                                                  */
    uint64_t ram_total;           /**< bytes of memory the device tree lists                                          */
    uint64_t ram_count, dev_count, own_count;
    uint64_t pool_bytes;
    uint64_t archive_bytes;       /**< exact size; the Frame is rounded up to pages                                   */
    uint64_t archive_offset;      /**< of the archive's first byte in its Frame                                       */
    uint64_t tree_bytes, tree_offset;
    uint64_t irq_count;
    uint64_t segment_count;
    struct {
        uint64_t va, bytes;       /**< pages                                                                          */
        uint64_t flags;           /**< enum map_flags                                                                 */
        uint64_t frame;           /**< address of its Frame capability                                                */
    } segment[INIT_SEGMENTS_MAX];
    uint64_t debug;               /**< 1: debug build                                                                 */
    uint64_t argument[BOOTINFO_ARGUMENTS];  /**< from who started this core (shoal/coreboot.h); 0 on the boot core    */
    uint64_t channel_bytes;       /**< of TASK_CHANNEL; 0: there is none                                              */
    char version[32];
    char board[96];               /**< /model or /compatible of the device tree                                       */
};

#endif
