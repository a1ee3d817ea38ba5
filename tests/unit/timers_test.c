/** @file timers_test.c  The heap of timers against an array that is searched. */
#include "../../libos/thread/timers.h"
#include "test.h"

#define TIMERS 200u

static struct timer timer[TIMERS];
static struct timer *first;

/* M1, M2, and the links.  @return nodes */
static unsigned check(const struct timer *t, const struct timer *parent)
{
    if (!t) {
        return 0;
    }
    const uint64_t left = t->left ? t->left->rank : 0, right = t->right ? t->right->rank : 0;
    EXPECT(t->parent == parent, "parent of %p", (const void *)t);
    EXPECT(!parent || parent->when <= t->when, "child earlier than its parent");
    EXPECT(left >= right && t->rank == right + 1, "ranks %" PRIu64 ", %" PRIu64 ", %" PRIu64, left, right, t->rank);
    return 1 + check(t->left, t) + check(t->right, t);
}

static uint64_t earliest(unsigned *count)
{
    uint64_t when = 0;

    *count = 0;
    for (unsigned i = 0; i < TIMERS; i++) {
        if (timer[i].when) {
            ++*count;
            when = when == 0 || timer[i].when < when ? timer[i].when : when;
        }
    }
    return when;
}

TEST(timers, as_an_array)
{
    uint64_t random = test_seed() * 77 + 1;

    for (unsigned step = 0; step < 20000; step++) {
        const uint64_t fill = 20 + (step / 2000) * 20;       /* from nearly empty to full, and many of the same time */
        struct timer *const t = &timer[test_random(&random) % TIMERS];
        unsigned count;
        if (t->when) {
            timers_remove(&first, t);
        } else if (test_random(&random) % 200 < fill) {
            timers_add(&first, t, 1 + test_random(&random) % (step % 3 ? 50 : ~0ull - 1));
        } else if (first) {
            timers_remove(&first, first);
        }
        const uint64_t when = earliest(&count);
        EXPECT_EQ(first ? first->when : 0, when, "step %u", step);
        if (step % 16 == 0) {
            EXPECT_EQ(check(first, NULL), count, "step %u", step);
        }
    }
    while (first) {
        timers_remove(&first, first);
    }
}

TEST(timers, path_is_short)
{
    for (unsigned order = 0; order < 3; order++) {
        for (unsigned i = 0; i < TIMERS; i++) {
            timers_add(&first, &timer[i], order == 0 ? i + 1 : order == 1 ? TIMERS - i : 5);
        }
        unsigned right = 0;
        for (const struct timer *t = first; t; t = t->right) {
            right++;
        }
        EXPECT(right <= 8, "%u nodes to the right of %u", right, TIMERS);
        for (unsigned i = 0; i < TIMERS; i++) {
            timers_remove(&first, &timer[i]);
        }
        EXPECT(!first, "left over");
    }
}
