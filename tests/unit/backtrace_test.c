/** @file backtrace_test.c  core/backtrace.c: whole chains, and chains that would lead it astray. */
#include <core/backtrace.h>

#include "test.h"

#define WORDS 64

static _Alignas(16) uint64_t stack[WORDS];

static uint64_t at(size_t word)
{
    return (uint64_t)&stack[word];
}

static void record(size_t word, uint64_t next, uint64_t pc)
{
    stack[word] = next;
    stack[word + 1] = pc;
}

static size_t walk(uint64_t fp, uint64_t *pc, size_t max)
{
    return backtrace_walk(fp, at(0), at(0) + sizeof(stack), pc, max);
}

TEST(backtrace, follows_the_chain)
{
    uint64_t pc[8];
    record(2, at(10), 100);
    record(10, at(62), 200);
    record(62, 0, 300);                 /* the last record that fits */
    EXPECT_EQ(walk(at(2), pc, 8), 3, "three records");
    EXPECT(pc[0] == 100 && pc[1] == 200 && pc[2] == 300, "in order");
    EXPECT_EQ(walk(at(2), pc, 2), 2, "no more than there is room for");
}

TEST(backtrace, stops_where_the_chain_is_broken)
{
    const struct { const char *why; uint64_t next; size_t want; } cases[] = {
        { "points to itself", at(4), 1 },
        { "points down", at(2), 1 },
        { "overlaps the record before", at(5) - 8, 1 },
        { "below the stack", at(0) - 16, 1 },
        { "behind the stack", at(0) + sizeof(stack), 1 },
        { "reaches over the end", at(63), 1 },
        { "not aligned", at(10) + 4, 1 },
        { "aligned to 8 only", at(11), 1 },
        { "the end of the address space", ~15ull, 1 },
        { "right", at(10), 2 },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t pc[8];
        memset(stack, 0, sizeof(stack));
        record(4, cases[i].next, 100);
        record(10, 0, 200);
        EXPECT_EQ(walk(at(4), pc, 8), cases[i].want, "%s", cases[i].why);
    }
}

TEST(backtrace, ends_at_a_return_address_of_zero)
{
    uint64_t pc[8];
    record(4, at(10), 100);
    record(10, at(20), 0);
    record(20, 0, 300);
    EXPECT_EQ(walk(at(4), pc, 8), 1, "the first C function has no caller");
}
