/* ranges_test.c  Sorted lists of ranges, against a map of bits. */
#include "test.h"

#include <core/ranges.h>

#define MAX 8

struct list {
    struct range r[MAX];
    size_t count;
};

static bool add(struct list *l, uint64_t base, uint64_t bytes)
{
    return ranges_add(l->r, &l->count, MAX, (struct range){ base, bytes });
}

static void expect_list(const struct list *l, const struct range *want, size_t count, const char *why)
{
    EXPECT_EQ(l->count, count, "%s", why);
    for (size_t i = 0; i < l->count && i < count; i++) {
        EXPECT(l->r[i].base == want[i].base && l->r[i].bytes == want[i].bytes, "%s: entry %zu", why, i);
    }
}

TEST(ranges, sorts_and_merges)
{
    struct list l = { 0 };

    EXPECT(add(&l, 40, 10) && add(&l, 0, 10) && add(&l, 20, 10), "room");
    expect_list(&l, (struct range[]){ { 0, 10 }, { 20, 10 }, { 40, 10 } }, 3, "sorted");
    EXPECT(add(&l, 10, 5), "room");
    expect_list(&l, (struct range[]){ { 0, 15 }, { 20, 10 }, { 40, 10 } }, 3, "touches the one before");
    EXPECT(add(&l, 35, 5), "room");
    expect_list(&l, (struct range[]){ { 0, 15 }, { 20, 10 }, { 35, 15 } }, 3, "touches the one after");
    EXPECT(add(&l, 22, 3), "room");
    expect_list(&l, (struct range[]){ { 0, 15 }, { 20, 10 }, { 35, 15 } }, 3, "inside");
    EXPECT(add(&l, 15, 5), "room");
    expect_list(&l, (struct range[]){ { 0, 30 }, { 35, 15 } }, 2, "closes a gap");
    EXPECT(add(&l, 100, 1) && add(&l, 1, 200), "room");
    expect_list(&l, (struct range[]){ { 0, 201 } }, 1, "swallows all");
}

TEST(ranges, goes_up_to_the_last_address)
{
    struct list l = { 0 };

    EXPECT(add(&l, -20ull, 19) && add(&l, 0, 1) && add(&l, -40ull, 20), "room");
    expect_list(&l, (struct range[]){ { 0, 1 }, { -40ull, 39 } }, 2, "nothing wraps round");
}

TEST(ranges, a_full_list_still_merges)
{
    struct list l = { 0 };

    for (uint64_t i = 0; i < MAX; i++) {
        EXPECT(add(&l, i * 10, 5), "entry %d", (int)i);
    }
    const struct list before = l;
    EXPECT(!add(&l, 6, 1), "no room between two");
    EXPECT(!add(&l, 1000, 1), "no room at the end");
    expect_list(&l, before.r, before.count, "a refusal changes nothing");
    EXPECT(add(&l, 5, 1), "merged with the one before");
    EXPECT(add(&l, 5, 5) && l.count == MAX - 1, "merged with both");
    EXPECT(add(&l, 1000, 1), "room again");
}

TEST(ranges, agrees_with_a_map_of_bits)
{
    enum { SPACE = 64 };
    uint64_t state = test_seed();

    for (int round = 0; round < 2000; round++) {
        struct list l = { 0 };
        bool map[SPACE] = { 0 };
        for (int step = 0; step < 10; step++) {
            const uint64_t base = test_random(&state) % SPACE, bytes = 1 + test_random(&state) % (SPACE - base) / 4;
            if (add(&l, base, bytes)) {
                memset(map + base, 1, bytes);
            }
            bool listed[SPACE] = { 0 };
            for (size_t i = 0; i < l.count; i++) {
                EXPECT(i == 0 || l.r[i - 1].base + l.r[i - 1].bytes < l.r[i].base, "sorted, apart");
                memset(listed + l.r[i].base, 1, l.r[i].bytes);
            }
            EXPECT(memcmp(map, listed, sizeof(map)) == 0, "round %d, step %d", round, step);

            const uint64_t at = test_random(&state) % SPACE, wide = 1 + test_random(&state) % (SPACE - at);
            size_t set = 0;
            for (uint64_t i = at; i < at + wide; i++) {
                set += map[i];
            }
            EXPECT(ranges_hold(l.r, l.count, (struct range){ at, wide }) == (set == wide), "hold");
            EXPECT(ranges_meet(l.r, l.count, (struct range){ at, wide }) == (set > 0), "meet");
        }
    }
}
