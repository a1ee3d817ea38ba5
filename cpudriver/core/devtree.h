/**
 * @file devtree.h  What the kernel needs to know of the machine, read from a flattened device tree with libfdt.
 * Pure: no device is touched, no global is written; also runs on the host.
 */
#ifndef CORE_DEVTREE_H
#define CORE_DEVTREE_H

#include <shoal/err.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct range {
    uint64_t base, bytes;
};

enum console_kind { CONSOLE_NONE, CONSOLE_PL011, CONSOLE_LPUART, CONSOLE_IMX_UART };
enum psci_conduit { PSCI_NONE, PSCI_HVC, PSCI_SMC };

#define MACHINE_RANGES_MAX 128   /* of memory, of reserved memory; more than that is refused with a sentence */
#define MACHINE_CPUS_MAX   256

struct machine {
    struct range memory[MACHINE_RANGES_MAX];      /**< sorted, merged, page-aligned inwards                           */
    size_t memory_count;
    struct range reserved[MACHINE_RANGES_MAX];    /**< /reserved-memory and memreserve; sorted, merged, page-aligned
                                                       outwards                                                       */
    size_t reserved_count;
    struct range no_map[MACHINE_RANGES_MAX];      /**< those of the above with `no-map`: outside the linear map       */
    size_t no_map_count;
    struct range initrd;                          /**< bytes 0: none                                                  */
    uint64_t gicd, gicd_bytes, gicr, gicr_bytes;
    uint64_t gicr_stride;                         /**< bytes per core: 0x20000 unless the tree says otherwise         */
    uint32_t timer_irq;                           /**< INTID of the virtual timer (PPI), 27 on all known machines     */
    enum console_kind console;
    uint64_t console_base, console_bytes;
    enum psci_conduit psci;
    bool semihosting;                             /**< /chosen bootargs holds the word `semihosting`: an exit status
                                                       may be reported by HLT 0xf000                                  */
    uint64_t cpu[MACHINE_CPUS_MAX];               /**< MPIDR affinity of each enabled core, in the tree's order       */
    size_t cpu_count;
    char board[96];                               /**< /model, else the first string of /compatible                   */
};

/** Read @p blob (at most @p bytes long; any alignment of 8) into @p m.
 * @return NULL, or a sentence that says what is missing or broken (static string).  Of @p m, only board, console,
 *         psci and semihosting count then, so that somebody can be told.
 * Cost: O(bytes), which may be 2 MiB at most; no recursion. */
const char *devtree_read(const void *blob, size_t bytes, struct machine *m);

#endif
