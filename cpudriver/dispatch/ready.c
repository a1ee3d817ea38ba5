/** @file ready.c  See ready.h. */
#include <core/panic.h>
#include <dispatch/ready.h>

#define WORD_BITS 64u

static void mark_ready(struct kcb *kcb, struct dcb *d)
{
    ASSERT(!d->queued && d->priority < KCB_PRIORITIES);
    d->queued = 1;
    kcb->ready.bitmap[d->priority / WORD_BITS] |= 1ull << d->priority % WORD_BITS;
    if (kcb->top_ready <= d->priority) {
        kcb->top_ready = d->priority + 1;
    }
}

void ready_push_tail(struct kcb *kcb, struct dcb *d)
{
    struct dcb **const head = &kcb->ready.level[d->priority].head, **const tail = &kcb->ready.level[d->priority].tail;

    mark_ready(kcb, d);
    d->next = NULL;
    d->prev = *tail;
    *(*tail ? &(*tail)->next : head) = d;
    *tail = d;
}

void ready_push_head(struct kcb *kcb, struct dcb *d)
{
    struct dcb **const head = &kcb->ready.level[d->priority].head, **const tail = &kcb->ready.level[d->priority].tail;

    mark_ready(kcb, d);
    d->prev = NULL;
    d->next = *head;
    *(*head ? &(*head)->prev : tail) = d;
    *head = d;
}

/** Highest priority with its bit set, plus 1, among those in the word of @p priority and below; 0 if there is none. */
static uint64_t top_from(const struct ready_queues *ready, uint64_t priority)
{
    for (uint64_t word = priority / WORD_BITS + 1; word-- > 0;) {
        if (ready->bitmap[word]) {
            return (word + 1) * WORD_BITS - (unsigned)__builtin_clzll(ready->bitmap[word]);
        }
    }
    return 0;
}

void ready_remove(struct kcb *kcb, struct dcb *d)
{
    struct dcb **const head = &kcb->ready.level[d->priority].head, **const tail = &kcb->ready.level[d->priority].tail;

    ASSERT(d->queued);
    *(d->prev ? &d->prev->next : head) = d->next;
    *(d->next ? &d->next->prev : tail) = d->prev;
    d->next = d->prev = NULL;
    d->queued = 0;
    if (!*head) {
        kcb->ready.bitmap[d->priority / WORD_BITS] &= ~(1ull << d->priority % WORD_BITS);
        if (kcb->top_ready == d->priority + 1) {
            kcb->top_ready = top_from(&kcb->ready, d->priority);
        }
    }
}

struct dcb *ready_pop_highest(struct kcb *kcb)
{
    struct dcb *d;

    if (kcb->top_ready == 0) {
        return NULL;
    }
    d = kcb->ready.level[kcb->top_ready - 1].head;
    ready_remove(kcb, d);
    return d;
}
