/**
 * @file queue.h  Queues of threads, and the set of queues of those that can run.
 *
 * A thread is in one queue at most and knows which, so it can leave without being searched for.
 * All of it is O(1), and short enough to stand where it is used.
 * Q1  Bit p of ready.used is set if and only if ready.queue[p] has threads.
 */
#ifndef THREAD_QUEUE_H
#define THREAD_QUEUE_H

#include "tcb.h"
#include <os/bug.h>

static inline void queue_push_tail(struct thread_queue *q, struct thread *t)
{
    OS_ASSERT(!t->in);
    t->in = q;
    t->next = NULL;
    t->before = q->last;
    *(q->last ? &q->last->next : &q->first) = t;
    q->last = t;
}

static inline void queue_push_head(struct thread_queue *q, struct thread *t)
{
    OS_ASSERT(!t->in);
    t->in = q;
    t->before = NULL;
    t->next = q->first;
    *(q->first ? &q->first->before : &q->last) = t;
    q->first = t;
}

static inline void queue_remove(struct thread *t)
{
    struct thread_queue *const q = t->in;

    *(t->before ? &t->before->next : &q->first) = t->next;
    *(t->next ? &t->next->before : &q->last) = t->before;
    t->in = NULL;
}

struct ready {
    uint64_t used;
    struct thread_queue queue[THREAD_PRIORITIES];
};

_Static_assert(THREAD_PRIORITIES == 64, "a bit of ready.used each");

/** The highest priority at which a thread is ready; -1: none. */
static inline int ready_top(const struct ready *r)
{
    return r->used ? 63 - __builtin_clzll(r->used) : -1;
}

static inline void ready_push_tail(struct ready *r, struct thread *t)
{
    queue_push_tail(&r->queue[t->priority], t);
    r->used |= 1ull << t->priority;
}

static inline void ready_push_head(struct ready *r, struct thread *t)
{
    queue_push_head(&r->queue[t->priority], t);
    r->used |= 1ull << t->priority;
}

static inline void ready_remove(struct ready *r, struct thread *t)
{
    queue_remove(t);
    if (!r->queue[t->priority].first) {
        r->used &= ~(1ull << t->priority);
    }
}

/** Take the first of the highest priority; NULL: none. */
static inline struct thread *ready_pop(struct ready *r)
{
    if (!r->used) {
        return NULL;
    }
    struct thread *const t = r->queue[ready_top(r)].first;
    ready_remove(r, t);
    return t;
}

#endif
