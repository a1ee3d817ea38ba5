/**
 * @file ready.h  The ready queues: who may run, by priority, in order of arrival within one.
 * R1  a bit of ready.bitmap is set exactly if the queue of that priority is not empty.
 * R2  kcb->top_ready is the highest priority whose bit is set, plus 1; 0 if none is.  The system call path in assembly
 *     reads it to learn whether anybody else wants the CPU.
 * R3  a dispatcher is in the queue of its `priority` exactly if `queued` is 1.  Remove it before changing `priority`.
 * The queues borrow the dispatchers: a dispatcher must be removed before its object is destroyed.  All O(1), and inline: each
 * of them is on the way of every switch.
 */
#ifndef DISPATCH_READY_H
#define DISPATCH_READY_H

#include <core/kcb.h>
#include <core/panic.h>

#define READY_WORD_BITS 64u

static inline void ready_mark(struct kcb *kcb, struct dcb *d)
{
    ASSERT(!d->queued && d->priority < KCB_PRIORITIES);
    d->queued = 1;
    kcb->ready.bitmap[d->priority / READY_WORD_BITS] |= 1ull << d->priority % READY_WORD_BITS;
    if (kcb->top_ready <= d->priority) {
        kcb->top_ready = d->priority + 1;
    }
}

/** Queue @p d (not queued) behind all others of its priority: its slice is used up, or it has just become ready. */
static inline void ready_push_tail(struct kcb *kcb, struct dcb *d)
{
    struct dcb **const head = &kcb->ready.level[d->priority].head, **const tail = &kcb->ready.level[d->priority].tail;

    ready_mark(kcb, d);
    d->next = NULL;
    d->prev = *tail;
    *(*tail ? &(*tail)->next : head) = d;
    *tail = d;
}

/** Queue @p d (not queued) before all others of its priority: it lost the CPU with some of its slice left. */
static inline void ready_push_head(struct kcb *kcb, struct dcb *d)
{
    struct dcb **const head = &kcb->ready.level[d->priority].head, **const tail = &kcb->ready.level[d->priority].tail;

    ready_mark(kcb, d);
    d->prev = NULL;
    d->next = *head;
    *(*head ? &(*head)->prev : tail) = d;
    *head = d;
}

/** Highest priority with its bit set, plus 1, among those in the word of @p priority and below; 0 if there is none. */
static inline uint64_t ready_top_from(const struct ready_queues *ready, uint64_t priority)
{
    for (uint64_t word = priority / READY_WORD_BITS + 1; word-- > 0;) {
        if (ready->bitmap[word]) {
            return (word + 1) * READY_WORD_BITS - (unsigned)__builtin_clzll(ready->bitmap[word]);
        }
    }
    return 0;
}

/** Take @p d (queued) out, wherever it stands. */
static inline void ready_remove(struct kcb *kcb, struct dcb *d)
{
    struct dcb **const head = &kcb->ready.level[d->priority].head, **const tail = &kcb->ready.level[d->priority].tail;

    ASSERT(d->queued);
    *(d->prev ? &d->prev->next : head) = d->next;
    *(d->next ? &d->next->prev : tail) = d->prev;
    d->next = d->prev = NULL;
    d->queued = 0;
    if (!*head) {
        kcb->ready.bitmap[d->priority / READY_WORD_BITS] &= ~(1ull << d->priority % READY_WORD_BITS);
        if (kcb->top_ready == d->priority + 1) {
            kcb->top_ready = ready_top_from(&kcb->ready, d->priority);
        }
    }
}

/** Take out the first of the highest priority.  @return NULL if no queue holds any. */
static inline struct dcb *ready_pop_highest(struct kcb *kcb)
{
    struct dcb *d;

    if (kcb->top_ready == 0) {
        return NULL;
    }
    d = kcb->ready.level[kcb->top_ready - 1].head;
    ready_remove(kcb, d);
    return d;
}

#endif
