/** @file memory.c  Large frames: all of them is there, each byte once, and all of it comes back. */
#include "proctest.h"
#include <stubs/mem.h>

#define STRIDE 64u                  /* bytes: what is written and checked is one word of each */
#define BLOCK  0x200000ull

/* A word that says where it lies, in a frame of round @p round. */
static uint64_t pattern(uint64_t offset, uint64_t round)
{
    return (offset + 1) * 0x9e3779b97f4a7c15ull ^ round;
}

/* New memory is zero; then each word keeps what is written to it, whatever is written to the others. */
static void check_memory(struct test *t, uint64_t address, uint64_t bytes, uint64_t round)
{
    volatile uint64_t *const word = (volatile uint64_t *)address;
    uint64_t wrong = 0;

    for (uint64_t at = 0; at < bytes; at += STRIDE) {
        wrong += word[at / 8] != 0;
        word[at / 8] = pattern(at, round);
    }
    CHECK(t, wrong == 0, "%lu words were not zero", wrong);
    wrong = 0;
    for (uint64_t at = 0; at < bytes; at += STRIDE) {
        wrong += word[at / 8] != pattern(at, round);
    }
    CHECK(t, wrong == 0, "%lu words have changed", wrong);
}

static void map_and_check(struct test *t, cptr_t frame, uint64_t bytes)
{
    static uint64_t round;
    struct vspace_info info;
    uint64_t address;

    MUST(t, vspace_map(os_vspace(), frame, 0, bytes, MAP_READ | MAP_WRITE, &address));
    CHECK(t, vspace_lookup(os_vspace(), address, &info) && info.end - info.base == bytes && info.present, "no region");
    check_memory(t, address, bytes, ++round);
    /* a hole, and the rest */
    EXPECT_OK(t, vspace_unmap(os_vspace(), address + bytes / 2, SHOAL_PAGE_SIZE));
    CHECK(t, !vspace_lookup(os_vspace(), address + bytes / 2, &info), "it is still mapped");
    CHECK_EQ(t, *(volatile uint64_t *)(address + bytes / 2 - STRIDE), pattern(bytes / 2 - STRIDE, round));
    CHECK_EQ(t, *(volatile uint64_t *)(address + bytes / 2 + SHOAL_PAGE_SIZE),
             pattern(bytes / 2 + SHOAL_PAGE_SIZE, round));
    EXPECT_OK(t, vspace_unmap(os_vspace(), address, bytes / 2));
    EXPECT_OK(t, vspace_unmap(os_vspace(), address + bytes / 2 + SHOAL_PAGE_SIZE, bytes / 2 - SHOAL_PAGE_SIZE));
    CHECK(t, !vspace_lookup(os_vspace(), address, &info), "it is still mapped");
    CHECK(t, !vspace_check(os_vspace()), "%s", vspace_check(os_vspace()));
}

static void large_frame(struct test *t, uint64_t bytes)
{
    struct slots *const slots = &os_stock()->slots;
    cptr_t frame, slot, ram;

    MUST(t, stock_refill(os_stock()));
    MUST(t, slots_alloc(slots, &slot));
    MUST(t, slots_alloc(slots, &frame));
    const uint64_t before = test_unused(t);         /* the stock may have been refilled */
    os_mem()->cap_slot = slot;
    MUST(t, mem_alloc(os_mem(), bytes, BLOCK, &ram));
    CHECK_EQ(t, test_unused(t), before - bytes);
    if (EXPECT_OK(t, cap_retype(ram, CAP_FRAME, 0, bytes, 1, CPTR_NULL, frame))) {
        map_and_check(t, frame, bytes);
        EXPECT_OK(t, slots_delete(slots, frame));
    }
    MUST(t, mem_free(os_mem(), ram));
    slots_free(slots, slot);
}

static void frame_64m(struct test *t)
{
    large_frame(t, 64ull << 20);
}

void memory_64m(struct test *t)
{
    test_same_memory(t, frame_64m);
}

/* A machine with less is not asked. */
void memory_1g(struct test *t)
{
    const uint64_t before = test_unused(t);

    if (before < 2ull << 30) {
        print("# memory-1g: the machine has only %lu MiB to give, left out\n", before >> 20);
        return;
    }
    large_frame(t, 1ull << 30);         /* page tables and records that we have not needed yet */
    const uint64_t between = test_unused(t);
    large_frame(t, 1ull << 30);
    CHECK_EQ(t, test_unused(t), between);
}
