/** @file boot_ranges_test.c  core/ranges_boot.c, against a map with one byte per page. */
#include <core/ranges_boot.h>

#include "test.h"

#define PAGE  4096ull
#define PAGES 512ull
#define BASE  0x40000000ull

static bool in_list(const struct range *list, size_t count, uint64_t page)
{
    for (size_t i = 0; i < count; i++) {
        if (BASE + page * PAGE - list[i].base < list[i].bytes) {
            return true;
        }
    }
    return false;
}

static void expect_sorted(const struct range *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        EXPECT(list[i].bytes > 0 && list[i].base % PAGE == 0 && list[i].bytes % PAGE == 0, "entry %zu", i);
        EXPECT(i == 0 || list[i - 1].base + list[i - 1].bytes <= list[i].base, "entry %zu", i);
    }
}

/** A random range, not aligned; sometimes empty. */
static struct range random_hole(uint64_t *seed)
{
    const uint64_t first = test_random(seed) % (PAGES * PAGE), bytes = test_random(seed) % (40 * PAGE);
    return (struct range){ BASE + first - 8 * PAGE, test_random(seed) % 8 ? bytes : 0 };
}

TEST(boot_ranges, remove_takes_whole_pages)
{
    uint64_t seed = test_seed();
    for (int round = 0; round < 500; round++) {
        struct range list[16] = {
            { BASE, 100 * PAGE }, { BASE + 100 * PAGE, 100 * PAGE }, { BASE + 300 * PAGE, PAGE },
        };
        size_t count = 3;
        bool free[PAGES];
        for (uint64_t i = 0; i < PAGES; i++) {
            free[i] = in_list(list, count, i);
        }
        for (int i = 0; i < 13; i++) {
            const struct range hole = random_hole(&seed);
            EXPECT(ranges_remove(list, &count, 16, hole), "13 holes split 3 ranges into 16 at most");
            for (uint64_t page = 0; page < PAGES && hole.bytes; page++) {
                const uint64_t at = BASE + page * PAGE;
                free[page] &= !(at < hole.base + hole.bytes && at + PAGE > hole.base);
            }
        }
        expect_sorted(list, count);
        for (uint64_t page = 0; page < PAGES; page++) {
            EXPECT_EQ(in_list(list, count, page), free[page], "page %" PRIu64 " round %d", page, round);
        }
    }
}

TEST(boot_ranges, remove_at_the_edges)
{
    struct range list[2] = { { BASE, 10 * PAGE } };
    size_t count = 1;
    EXPECT(ranges_remove(list, &count, 1, (struct range){ BASE + 10 * PAGE, PAGE }), "just behind");
    EXPECT(ranges_remove(list, &count, 1, (struct range){ BASE - PAGE, PAGE }), "just before");
    EXPECT(count == 1 && list[0].base == BASE && list[0].bytes == 10 * PAGE, "untouched");
    EXPECT(!ranges_remove(list, &count, 1, (struct range){ BASE + PAGE, 1 }), "no room for a second half");
    EXPECT(count == 1 && list[0].bytes == 10 * PAGE, "refused and unchanged");
    EXPECT(ranges_remove(list, &count, 2, (struct range){ BASE + PAGE, 1 }), "room for it");
    EXPECT_EQ(count, 2, "halves");
    EXPECT(ranges_remove(list, &count, 2, (struct range){ BASE + PAGE, UINT64_MAX }), "wraps: up to the end of all");
    EXPECT(count == 1 && list[0].bytes == PAGE, "the first page is left");
    EXPECT(ranges_remove(list, &count, 2, (struct range){ 0, UINT64_MAX }), "everything");
    EXPECT_EQ(count, 0, "nothing left");
}

TEST(boot_ranges, free_memory)
{
    static struct machine m;
    static struct range out[BOOT_RANGES_MAX];
    m.memory[0] = (struct range){ BASE, 256 * PAGE };
    m.memory[1] = (struct range){ BASE + 512 * PAGE, 256 * PAGE };
    m.memory_count = 2;
    m.reserved[0] = (struct range){ BASE + 250 * PAGE, 300 * PAGE };    /* over both banks and the gap */
    m.reserved_count = 1;
    m.initrd = (struct range){ BASE + 600 * PAGE + 5, 10 };
    const struct range image = { BASE, 32 * PAGE }, tree = { BASE + 40 * PAGE, 2 * PAGE + 1 };
    const size_t n = ranges_free(&m, image, tree, out);
    const struct range want[] = {
        { BASE + 32 * PAGE, 8 * PAGE }, { BASE + 43 * PAGE, 207 * PAGE }, { BASE + 550 * PAGE, 50 * PAGE },
        { BASE + 601 * PAGE, 167 * PAGE },
    };
    EXPECT_EQ(n, 4, "pieces");
    for (size_t i = 0; i < 4; i++) {
        EXPECT_EQ(out[i].base, want[i].base, "piece %zu", i);
        EXPECT_EQ(out[i].bytes, want[i].bytes, "piece %zu", i);
    }
}

/** As many ranges as a machine may have, each reserved range splitting one: the list is large enough. */
TEST(boot_ranges, free_memory_at_the_limits)
{
    static struct machine m;
    static struct range out[BOOT_RANGES_MAX];
    for (size_t i = 0; i < MACHINE_RANGES_MAX; i++) {
        m.memory[i] = (struct range){ i << 32, 100 * PAGE };
        m.reserved[i] = (struct range){ (i << 32) + 10 * PAGE, PAGE };
    }
    m.memory_count = m.reserved_count = MACHINE_RANGES_MAX;
    m.initrd = (struct range){ 60 * PAGE, PAGE };
    const struct range image = { 20 * PAGE, PAGE }, tree = { 40 * PAGE, PAGE };
    EXPECT_EQ(ranges_free(&m, image, tree, out), BOOT_RANGES_MAX, "every hole splits");
}
