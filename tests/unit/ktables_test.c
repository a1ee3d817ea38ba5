/** @file ktables_test.c  arch/aarch64/ktables.c: what the processor would find in the tables, by a walk of our own. */
#include "../../cpudriver/arch/aarch64/ktables.h"

#include "test.h"

#define TABLES_PA 0x123456000ull
#define GIB       0x40000000ull

struct world {
    uint64_t pages[64][512];
    size_t used;
    struct ktables t;
    size_t root;
};

static struct world *world_new(size_t max)
{
    struct world *w = calloc(1, sizeof(*w));
    w->t = (struct ktables){ w->pages, TABLES_PA, &w->used, max };
    w->root = ktables_take(&w->t);
    return w;
}

/** The leaf that translates @p va, 0: none.  @p level gets its level. */
static uint64_t walk(const struct world *w, uint64_t va, unsigned *level)
{
    size_t table = w->root;
    for (*level = 0;; (*level)++) {
        const uint64_t e = w->pages[table][va >> (39 - 9 * *level) & 511];
        if (!(e & 1)) {
            return 0;
        }
        if (*level == 3 || !(e & 2)) {
            EXPECT(*level > 0 && (*level < 3 || (e & 2)), "a leaf of level %u", *level);
            return e;
        }
        EXPECT_EQ(e & 0xfff, 3, "no attributes in a table entry");
        table = ((e & 0xfffffffff000ull) - TABLES_PA) / KPAGE;
        EXPECT(table < w->used, "table %zu was taken", table);
    }
}

static void expect_page(const struct world *w, uint64_t va, uint64_t pa, uint64_t attrs)
{
    unsigned level;
    const uint64_t e = walk(w, va, &level), inside = (1ull << (39 - 9 * level)) - 1;
    EXPECT(e != 0, "%" PRIx64 " is mapped", va);
    EXPECT_EQ((e & 0xfffffffff000ull & ~inside) | (va & inside), pa, "va %" PRIx64, va);
    EXPECT_EQ(e & ~0xfffffffff003ull, attrs, "va %" PRIx64, va);
}

static void expect_nothing(const struct world *w, uint64_t va)
{
    unsigned level;
    EXPECT_EQ(walk(w, va, &level), 0, "va %" PRIx64, va);
}

TEST(ktables, attributes_never_allow_both_writing_and_execution)
{
    const uint64_t all[] = { KATTR_TEXT, KATTR_RODATA, KATTR_RW, KATTR_DEVICE };
    for (size_t i = 0; i < 4; i++) {
        const bool writable = !(all[i] >> 7 & 1), executable = !(all[i] >> 53 & 1);
        EXPECT(!(writable && executable), "attributes %zu", i);
        EXPECT(all[i] >> 54 & 1, "never executable at EL0: attributes %zu", i);
        EXPECT(!(all[i] >> 6 & 1), "never for EL0: attributes %zu", i);
        EXPECT(all[i] >> 10 & 1, "access flag: attributes %zu", i);
    }
}

TEST(ktables, random_ranges_translate_page_by_page)
{
    uint64_t seed = test_seed();
    for (int round = 0; round < 300; round++) {
        struct world *w = world_new(64);
        const uint64_t pages = test_random(&seed) % 2000 + 1;
        const uint64_t pa = (test_random(&seed) % 0x100000) * KPAGE;
        const uint64_t elsewhere = test_random(&seed) % 0x100000 * KPAGE;
        const uint64_t va = 0xffff000000000000ull + (test_random(&seed) % 2 ? pa : elsewhere);
        EXPECT(!ktables_map(&w->t, w->root, va, pa, pages * KPAGE, KATTR_RW), "room");
        for (uint64_t i = 0; i < pages; i++) {
            expect_page(w, va + i * KPAGE, pa + i * KPAGE, KATTR_RW);
        }
        expect_nothing(w, va - KPAGE);
        expect_nothing(w, va + pages * KPAGE);
        free(w);
    }
}

TEST(ktables, largest_leaves)
{
    struct world *w = world_new(64);
    unsigned level;
    /* 4 KiB before a GiB, three GiB, 2 MiB and 4 KiB behind */
    const uint64_t va = 0xffff000000000000ull + 4 * GIB - KPAGE, pa = 4 * GIB - KPAGE;
    EXPECT(!ktables_map(&w->t, w->root, va, pa, 3 * GIB + KBLOCK + 2 * KPAGE, KATTR_RW), "room");
    EXPECT(walk(w, va, &level) && level == 3, "page before");
    for (uint64_t i = 0; i < 3; i++) {
        EXPECT(walk(w, va + KPAGE + i * GIB, &level) && level == 1, "GiB %" PRIu64, i);
    }
    EXPECT(walk(w, va + KPAGE + 3 * GIB, &level) && level == 2, "2 MiB");
    EXPECT(walk(w, va + KPAGE + 3 * GIB + KBLOCK, &level) && level == 3, "page behind");
    EXPECT_EQ(w->used, 6, "root, level 1, and two each of level 2 and 3");
    free(w);
}

TEST(ktables, larger_leaf_goes_around_the_same_smaller_ones)
{
    struct world *w = world_new(64);
    const uint64_t va = 0xffff800000000000ull;
    EXPECT(!ktables_map(&w->t, w->root, va + KPAGE, KPAGE, KPAGE, KATTR_DEVICE), "one page");
    EXPECT(!ktables_map(&w->t, w->root, va, 0, 2 * KBLOCK, KATTR_DEVICE), "4 MiB around it");
    EXPECT(!ktables_map(&w->t, w->root, va + KBLOCK, KBLOCK, KPAGE, KATTR_DEVICE), "a page inside a block");
    for (uint64_t i = 0; i < 2 * KBLOCK; i += KPAGE) {
        expect_page(w, va + i, i, KATTR_DEVICE);
    }
    expect_nothing(w, va + 2 * KBLOCK);
    free(w);
}

TEST(ktables, refuses_other_contents)
{
    struct world *w = world_new(64);
    const uint64_t va = 0xffff000000000000ull;
    EXPECT(!ktables_map(&w->t, w->root, va, 0, KBLOCK, KATTR_RW), "a block");
    EXPECT(ktables_map(&w->t, w->root, va, 0, KBLOCK, KATTR_RODATA), "other attributes");
    EXPECT(ktables_map(&w->t, w->root, va, KBLOCK, KBLOCK, KATTR_RW), "other address");
    EXPECT(ktables_map(&w->t, w->root, va + KPAGE, 0, KPAGE, KATTR_RW), "other address, one page of it");
    expect_page(w, va, 0, KATTR_RW);
    free(w);
}

TEST(ktables, says_when_no_table_is_left)
{
    for (size_t max = 1; max <= 4; max++) {
        struct world *w = world_new(max);
        const char *wrong = ktables_map(&w->t, w->root, 0xffff000000000000ull, 0, KPAGE, KATTR_RW);
        EXPECT_EQ(wrong != NULL, max < 4, "%zu tables, 4 are needed", max);
        EXPECT_EQ(w->used, max, "none beyond the last");
        EXPECT_EQ(ktables_take(&w->t), SIZE_MAX, "none left");
        free(w);
    }
}
