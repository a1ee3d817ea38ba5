/**
 * @file init_run.h  init of any core: from its image to its first instruction.  What it is given beside that differs between the
 * boot core (core/init_start.c) and the others (core/core_main.c).
 */
#ifndef CORE_INIT_RUN_H
#define CORE_INIT_RUN_H

#include <core/init_build.h>
#include <shoal/bootinfo.h>

#define INIT_VA_MIN 0x10000ull              /* nothing is ever mapped below: null pointers with an offset fault */

/** A capability that is made of nothing, in the empty slot @p slot, owned by this core.  @return @p slot */
struct cte *init_root_cap(struct kcb *k, struct cte *slot, enum cap_type type, uint64_t base, uint64_t bytes, unsigned rights);

/** CNodes, dispatcher and memory of init, its image copied from @p file.  @p b has k and ram filled in.
 * @return its boot information page, with image and machine described; the rest is the caller's */
struct bootinfo *init_image(struct init_builder *b, const struct elf_image *elf, const uint8_t *file, bool from_el2);

/** Kernel and identities: what init gets on every core. */
void init_own_singletons(struct init_builder *b);

/** Close the boot information page and leave the kernel for init.  Fills in kcb->init. */
_Noreturn void init_run(struct init_builder *b, struct bootinfo *info);

#endif
