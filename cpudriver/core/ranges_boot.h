/**
 * @file ranges_boot.h  Lists of physical ranges while booting: what is left of memory.  Pure; runs on the host too.
 * A list is sorted, disjoint, and made of whole pages.  What finds something in a list stands in core/ranges.h.
 */
#ifndef CORE_RANGES_BOOT_H
#define CORE_RANGES_BOOT_H

#include <core/devtree.h>
#include <stdbool.h>

/* Each hole splits at most one range in two: banks, reserved ranges, image, tree, initrd. */
#define BOOT_RANGES_MAX (2 * MACHINE_RANGES_MAX + 3)

/** Take @p hole, rounded outwards to pages, out of the @p *count ranges at @p list.
 * @return false: @p max is too small (the list is then what it was).  Cost: O(count). */
bool ranges_remove(struct range *list, size_t *count, size_t max, struct range hole);

/** RAM that belongs to nobody: @p m's memory less its reserved ranges and initrd, @p image and @p tree.
 * @param out  room for BOOT_RANGES_MAX
 * @return how many ranges.  Cost: O(ranges squared). */
size_t ranges_free(const struct machine *m, struct range image, struct range tree, struct range *out);

/** Physical range of image and NOLOAD area, 2 MiB aligned at both ends (arch/…/mmu.c). */
struct range boot_image_range(uint64_t image);

#endif
