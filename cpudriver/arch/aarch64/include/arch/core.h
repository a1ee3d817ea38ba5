/** @file core.h  Starting another core: what its first instructions find.  start.S, core_entry; docs/cores.md. */
#ifndef ARCH_CORE_H
#define ARCH_CORE_H

#define CORE_WORDS_TTBR0 0
#define CORE_WORDS_TTBR1 8
#define CORE_WORDS_EMPTY 16
#define CORE_WORDS_KCB   24

#ifndef __ASSEMBLER__
#include <arch/mem.h>

struct kcb;

/** Read by the new core with its caches off, so cleaned to memory before it is started.  Its physical address is the context
 *  that PSCI hands over in x0. */
struct core_words {
    uint64_t ttbr0;     /**< maps the image at its physical address, until the new core is at its final one           */
    uint64_t ttbr1;     /**< the kernel's tables                                                                      */
    uint64_t empty;     /**< TTBR0 from then on                                                                       */
    uint64_t kcb;       /**< address of its KCB in the linear map                                                     */
};

/** The physical address where a new core begins. */
paddr_t arch_core_entry(const struct kcb *k);
#endif
#endif
