/**
 * @file init_build.h  Build init: its memory, its CSpace and VSpace, its dispatcher.
 * The same objects that user space makes for a child, made with the same functions (retype, vnode_map,
 * dispatcher_configure), so that the mapping database is whole from the first moment.  Layout: shoal/bootinfo.h.
 */
#ifndef CORE_INIT_BUILD_H
#define CORE_INIT_BUILD_H

#include <core/kcb.h>
#include <shoal/elf.h>

struct init_builder {
    struct kcb *k;
    struct cte *ram;            /**< RAM for init's own objects, kept by the kernel                                   */
    uint64_t used;              /**< bytes taken of it                                                                */
    struct cte *l1;             /**< slots of init's L1 CNode                                                         */
    struct cte *task, *own;     /**< slots of its L2 CNodes                                                           */
    uint64_t own_count;
    struct cte *vspace;         /**< VNode_L0                                                                         */
};

/** Bytes of RAM that a builder needs for init with image @p elf, generously. */
uint64_t init_own_bytes(const struct elf_image *elf);

/** CNodes, page-table root and dispatcher, in @p b->ram. */
void init_build_objects(struct init_builder *b);

/** The next empty slot of init's own CNode. */
struct cte *init_own_slot(struct init_builder *b);

/** A zeroed Frame of @p bytes of the builder's RAM.  @return @p slot, where it is now */
struct cte *init_frame(struct init_builder *b, struct cte *slot, uint64_t bytes);

/** Map all of @p frame at @p va, making page tables as needed; the Mappings go into own slots. */
void init_map(struct init_builder *b, struct cte *frame, uint64_t va, uint64_t flags);

/** Address of a slot of init's, as init names it. */
cptr_t init_own_address(const struct init_builder *b, const struct cte *slot);

#endif
