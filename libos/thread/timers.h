/**
 * @file timers.h  What happens at which time: a leftist heap (Crane, 1972) of records that lie in their owners.
 *
 * M1  No child is earlier than its parent.
 * M2  rank is the number of nodes on the path that always goes right, and no left child has a lower one than the right.
 *     So that path has at most log2(n + 1) nodes.
 *
 * The kernel keeps dispatchers' deadlines the same way; user space sees none of its code.
 */
#ifndef THREAD_TIMERS_H
#define THREAD_TIMERS_H

#include <stdint.h>

struct timer {
    uint64_t when;                      /* 0: in no heap */
    struct timer *left, *right, *parent;
    uint64_t rank;
};

/** @p when: not 0.  @p t is in no heap.  Cost: O(log n) */
void timers_add(struct timer **first, struct timer *t, uint64_t when);

/** @p t is in the heap.  Cost: O(log n) */
void timers_remove(struct timer **first, struct timer *t);

#endif
