/**
 * @file devtree_check.h  Whether a flattened device tree is well-formed, before libfdt walks it.
 * libfdt checks each access, but it was written for trees that come from a compiler: in the version we use, a property
 * of nearly 4 GiB sends fdt_next_tag round in a circle, and unlimited names and depths make its searches slow.
 * Source: Devicetree Specification 0.4, chapter 5.
 */
#ifndef CORE_DEVTREE_CHECK_H
#define CORE_DEVTREE_CHECK_H

#include <stddef.h>

#define DEVTREE_BYTES_MAX 0x200000      /* limit of the arm64 boot protocol                                           */
#define DEVTREE_DEPTH_MAX 32            /* levels of nodes; real trees have 8 or so                                   */
#define DEVTREE_NAME_MAX  256           /* bytes of a node's or property's name with its NUL; the specification: 32   */

/** Check header, memory reservations and structure of @p blob, of which @p bytes may be read.
 * @return NULL: every tag, name and value lies inside the blob, nodes nest properly and end; else a sentence.
 * Cost: O(bytes), at most DEVTREE_BYTES_MAX. */
const char *devtree_check(const void *blob, size_t bytes);

#endif
