/** @file ready_test.c  The ready queues against one array per priority. */
#include "../lib/test.h"

#include <dispatch/ready.h>

#define DCBS 96

static struct dcb dcb[DCBS];
static struct kcb *kcb;

/** The model: the queue of each priority, in order. */
static struct {
    struct dcb *d[DCBS];
    unsigned count;
} queue[KCB_PRIORITIES];

static void start(void)
{
    memset(dcb, 0, sizeof(dcb));
    memset(queue, 0, sizeof(queue));
    kcb = aligned_alloc(_Alignof(struct kcb), sizeof(struct kcb));
    if (!kcb) {
        abort();
    }
    memset(kcb, 0, sizeof(*kcb));
}

static void check(void)
{
    uint64_t top = 0;

    for (unsigned p = 0; p < KCB_PRIORITIES; p++) {
        const struct dcb *d = kcb->ready.level[p].head, *prev = NULL;
        for (unsigned i = 0; i < queue[p].count; i++) {
            EXPECT(d == queue[p].d[i], "priority %u, place %u", p, i);
            if (!d) {
                break;
            }
            EXPECT(d->prev == prev && d->queued == 1, "priority %u, place %u", p, i);
            prev = d;
            d = d->next;
        }
        EXPECT(!d && kcb->ready.level[p].tail == prev, "end of priority %u", p);
        EXPECT((kcb->ready.bitmap[p / 64] >> p % 64 & 1) == (queue[p].count > 0), "bit of priority %u", p);
        top = queue[p].count ? p + 1 : top;
    }
    EXPECT_EQ(kcb->top_ready, top, "top_ready");
}

static void model_insert(struct dcb *d, unsigned place)
{
    struct dcb **const at = &queue[d->priority].d[place];

    memmove(at + 1, at, (queue[d->priority].count++ - place) * sizeof(*at));
    *at = d;
}

static void model_remove(const struct dcb *d)
{
    for (unsigned i = 0; i < queue[d->priority].count; i++) {
        struct dcb **const at = &queue[d->priority].d[i];
        if (*at == d) {
            memmove(at, at + 1, (--queue[d->priority].count - i) * sizeof(*at));
            return;
        }
    }
}

static void pop(void)
{
    const uint64_t top = kcb->top_ready;
    struct dcb *const want = top ? queue[top - 1].d[0] : NULL, *const got = ready_pop_highest(kcb);

    EXPECT(got == want, "the first of the highest");
    if (got) {
        EXPECT(!got->queued && !got->next && !got->prev, "popped, but still linked");
        model_remove(got);
    }
}

static void push(struct dcb *d, uint64_t priority, bool tail)
{
    d->priority = priority;
    if (tail) {
        ready_push_tail(kcb, d);
    } else {
        ready_push_head(kcb, d);
    }
    model_insert(d, tail ? queue[priority].count : 0);
}

TEST(ready, agrees_with_arrays)
{
    static const uint8_t edge[] = { 0, 1, 62, 63, 64, 65, 127, 128, 191, 192, 254, 255 };
    uint64_t random = test_seed();

    start();
    for (int i = 0; i < 20000; i++) {
        struct dcb *const d = &dcb[test_random(&random) % DCBS];
        const uint64_t r = test_random(&random) >> 32;
        if (r % 8 == 0) {
            pop();
        } else if (d->queued && r % 8 < 5) {
            ready_remove(kcb, d);
            EXPECT(!d->queued && !d->next && !d->prev, "removed, but still linked");
            model_remove(d);
        } else if (!d->queued) {
            push(d, r & 256 ? edge[(r >> 9) % sizeof(edge)] : r >> 9 & 255, r >> 20 & 1);
        }
        if (i % 16 == 0) {
            check();
        }
    }
    while (kcb->top_ready) {
        pop();
        check();
    }
    EXPECT(!ready_pop_highest(kcb), "empty");
    free(kcb);
}

TEST(ready, every_priority_is_found_alone)
{
    start();
    for (unsigned p = 0; p < KCB_PRIORITIES; p++) {
        push(&dcb[0], p, p & 1);
        check();
        pop();
        check();
    }
    for (unsigned p = 0; p < KCB_PRIORITIES; p++) { /* and above one that stays */
        push(&dcb[1], 0, true);
        push(&dcb[0], p, true);
        check();
        ready_remove(kcb, &dcb[0]);
        model_remove(&dcb[0]);
        check();
        pop();
    }
    free(kcb);
}

TEST(ready, order_within_a_priority)
{
    start();
    push(&dcb[0], 7, true);
    push(&dcb[1], 7, true);
    push(&dcb[2], 7, false);
    EXPECT(ready_pop_highest(kcb) == &dcb[2], "pushed at the head");
    EXPECT(ready_pop_highest(kcb) == &dcb[0], "then who came first");
    EXPECT(ready_pop_highest(kcb) == &dcb[1], "then who came last");
    EXPECT(!ready_pop_highest(kcb), "then none");
    free(kcb);
}
