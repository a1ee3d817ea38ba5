/**
 * @file ranges.h  Small lists of address ranges, always sorted and merged: no two entries overlap or touch.
 * The caller owns the array.  No range may be empty or reach beyond 2^64 - 1; the list never holds one that does.
 */
#ifndef CORE_RANGES_H
#define CORE_RANGES_H

#include <core/devtree.h>
#include <stdbool.h>

/** Add @p r, merging it with what it overlaps or touches.  @return false: it needs an entry of its own, and all @p max
 *  are in use; the list is then as before.  Cost: O(*count). */
bool ranges_add(struct range *list, size_t *count, size_t max, struct range r);

/** Whether one entry holds all of @p r.  Cost: O(count). */
bool ranges_hold(const struct range *list, size_t count, struct range r);

/** Whether an entry has a byte in common with @p r.  Cost: O(count). */
bool ranges_meet(const struct range *list, size_t count, struct range r);

#endif
