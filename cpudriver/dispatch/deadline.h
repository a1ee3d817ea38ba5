/**
 * @file deadline.h  Who wants to be woken when: a leftist heap with parent links, the earliest deadline at its root.
 * D1 (heap)     no node is earlier than its parent.
 * D2 (leftist)  rank is 1 for a node without a right child, else 1 + rank of the right child; the left child's rank is
 *               never below the right one's.  So the way down to the right has at most log2(n + 1) nodes.
 * D3            when is 0 exactly for nodes that are in no heap.
 * The nodes are part of the dispatchers (dispatch/dcb.h) and only borrowed: remove one before its object is destroyed.
 * Source: Knuth, The Art of Computer Programming, vol. 3, 5.2.3 (leftist trees).
 *
 * Cost: both are O(log n), also of a node that is not the earliest.  A merge goes down two right spines and back.
 * After it, ranks are mended from the removed node's parent upwards until one does not change.  If they fall, each node
 * that changed has just become the right child of the next, whose rank is one higher; if they rise, each was the right
 * child before.  So either the new or the old ranks on the way count up by one, and none is above log2(n + 1).
 */
#ifndef DISPATCH_DEADLINE_H
#define DISPATCH_DEADLINE_H

#include <dispatch/dcb.h>

/** Put @p n (in no heap) into the heap @p root (NULL: empty), to be woken at @p when (CNTVCT ticks, not 0).  Of equal
 *  deadlines, any comes first. */
void deadline_insert(struct deadline_node **root, struct deadline_node *n, uint64_t when);

/** Take @p n, which is in the heap @p root, out.  All of @p n is zero afterwards. */
void deadline_remove(struct deadline_node **root, struct deadline_node *n);

#endif
