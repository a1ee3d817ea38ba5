/**
 * @file devtree_prop.h  Properties of a device tree's nodes, read as what they are meant to be.
 * All functions take a tree that devtree_check has passed.  A node that does not exist has no properties.
 */
#ifndef CORE_DEVTREE_PROP_H
#define CORE_DEVTREE_PROP_H

#include <libfdt.h>
#include <stdbool.h>
#include <stdint.h>

/** The (first) string of property @p name, inside the tree.  @return NULL: absent, or without an end. */
const char *prop_string(const void *tree, int node, const char *name);

/** Whether the (first) string of property @p name is @p wanted. */
bool prop_is(const void *tree, int node, const char *name, const char *wanted);

/** A number of one or two cells.  @return false: absent, or of another length; @p value is then unchanged. */
bool prop_number(const void *tree, int node, const char *name, uint64_t *value);

/** Whether the node's device may be used: no status, or "okay". */
bool node_enabled(const void *tree, int node);

#endif
