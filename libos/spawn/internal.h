/** @file internal.h  Between the parts of spawn. */
#ifndef SPAWN_INTERNAL_H
#define SPAWN_INTERNAL_H

#include <os/spawn.h>

static inline uint64_t page_down(uint64_t x)
{
    return x & ~(uint64_t)(SHOAL_PAGE_SIZE - 1);
}

static inline uint64_t page_up(uint64_t x)
{
    return page_down(x + SHOAL_PAGE_SIZE - 1);
}

/** Bytes of a startup block for @p request with @p list_bytes for the list of the address space: a multiple of 8. */
uint64_t block_bytes(const struct spawn_request *request, uint64_t list_bytes);

/** Write the block of @p plan to @p block, zeroed memory of plan->startup_bytes.  The list's place is left empty.
 *  @p ram_base: physical address of PSLOT_RAM. */
void block_write(struct startup *block, const struct spawn_plan *plan, uint64_t ram_base);

/** Map all that the child's addresses hold.  Errors of vspace_map_at(), vspace_reserve_at(). */
err_t build_vspace(struct spawn *s, const struct spawn_plan *plan);

/** Fill PSLOT_MEMORY and the dispatcher frame, through a window of the maker's.  Nothing is mapped for the child after
 *  this: its address space is written down here.  @p ram_base: of s->ram.
 *  Errors of vspace_map(), vspace_unmap() and vspace_export(). */
err_t build_content(struct spawn *s, const struct spawn_plan *plan, uint64_t ram_base);

/** Unmap the window if there is one.  Errors of vspace_unmap(); it is then still there. */
err_t close_window(struct spawn *s);

#endif
