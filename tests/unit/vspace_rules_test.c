/* libos/vspace on the fake kernel: blocks, new memory, what is refused, what cannot be split. */
#include "libos_world.h"

#define EXPECT_OK(err, what) EXPECT(err_ok(err), "%s: %#" PRIx64, what, (err).trail)

#define PAGE  0x1000ull
#define MIB   0x100000ull
#define GIB   0x40000000ull
#define ARENA 0x4000000000ull
#define RW    (MAP_READ | MAP_WRITE)

static struct world w;

static void audit(const char *when, uint64_t n)
{
    const char *const wrong = world_audit(&w);
    EXPECT(!wrong, "%s %" PRIu64 ": %s", when, n, wrong);
}

/* --- large pages --- */

/* Map all of a frame somewhere; the level that the first page is mapped at. */
static unsigned level_of(cptr_t cap, uint64_t offset, uint64_t bytes, uint64_t *va, uint64_t *invocations)
{
    struct fake_place p = { 0, 0, 0 };

    EXPECT_OK(stock_refill(&w.stock), "refill");
    EXPECT_OK(vspace_trim(&w.vs), "trim");
    fake_fail(0, FAKE_ALL);
    EXPECT_OK(vspace_map(&w.vs, cap, offset, bytes, RW, va), "map");
    *invocations = fake_calls();
    EXPECT(fake_translate(fake_base(CPTR(0, TASK_VSPACE)), *va, &p), "mapped");
    EXPECT_EQ(p.pa, fake_base(cap) + offset, "to the right place");
    EXPECT(fake_translate(fake_base(CPTR(0, TASK_VSPACE)), *va + bytes - 1, &p), "mapped to its end");
    EXPECT_EQ(p.pa, fake_base(cap) + offset + bytes - 1, "to the right place");
    EXPECT(fake_translate(fake_base(CPTR(0, TASK_VSPACE)), *va, &p), "mapped");
    return p.level;
}

TEST(vspace, blocks_where_alignment_allows)
{
    uint64_t va, calls;

    world_start(&w, 0x200000, test_seed());
    w.frames = 4;
    const struct world_use before = world_use(&w);
    const cptr_t mib64 = fake_object(CAP_FRAME, 64 * MIB, 2 * MIB, 0);
    EXPECT_EQ(level_of(mib64, 0, 64 * MIB, &va, &calls), 2, "64 MiB in blocks of 2 MiB");
    EXPECT(va % (2 * MIB) == 0 && calls <= 6, "one Mapping, two tables, one look at the frame: %" PRIu64, calls);
    const uint64_t first = va;
    EXPECT_EQ(level_of(mib64, 4 * PAGE, 62 * MIB, &va, &calls), 3, "an odd beginning is mapped in pages");
    struct fake_place p = { 0 };
    EXPECT(fake_translate(fake_base(CPTR(0, TASK_VSPACE)), va + 2 * MIB, &p) && p.level == 2, "and the rest in blocks");
    EXPECT_OK(vspace_unmap(&w.vs, va, 62 * MIB), "unmap");
    EXPECT_OK(vspace_unmap(&w.vs, first, 64 * MIB), "unmap");

    const cptr_t gib = fake_object(CAP_FRAME, GIB, GIB, 0);
    EXPECT_EQ(level_of(gib, 0, GIB, &va, &calls), 1, "1 GiB in one block");
    EXPECT(calls <= 4, "%" PRIu64, calls);
    EXPECT_OK(vspace_unmap(&w.vs, va, GIB), "unmap");
    const cptr_t skewed = fake_object(CAP_FRAME, GIB, GIB, 6 * MIB);
    EXPECT_EQ(level_of(skewed, 0, GIB, &va, &calls), 2, "1 GiB at an odd address, in 2 MiB");
    EXPECT_EQ(w.vs.mappings.count, 2, "over two tables");
    EXPECT_OK(vspace_unmap(&w.vs, va, GIB), "unmap");
    const cptr_t pages = fake_object(CAP_FRAME, GIB, GIB, 0);
    EXPECT_OK(vspace_map_at(&w.vs, ARENA + PAGE, pages, 0, GIB, RW), "1 GiB that no block can map");
    EXPECT_EQ(w.vs.mappings.count, 513, "a Mapping per table");
    audit("pages", 0);
    EXPECT_OK(vspace_unmap(&w.vs, ARENA + PAGE, GIB), "unmap");
    EXPECT_OK(stock_trim(&w.stock), "trim");
    EXPECT(world_same(before, world_use(&w)), "something is left");
    audit("end", 0);
}

/* A block where tables were a moment ago, and pages where a block was. */
TEST(vspace, blocks_take_the_place_of_tables)
{
    struct fake_place p = { 0 };

    world_start(&w, 0x40000, test_seed());
    w.frames = 1;
    const cptr_t cap = fake_object(CAP_FRAME, 4 * MIB, 2 * MIB, 0);
    for (int i = 0; i < 3; i++) {
        EXPECT_OK(vspace_map_at(&w.vs, ARENA + PAGE, cap, 0, 2 * PAGE, RW), "pages");
        EXPECT_OK(vspace_unmap(&w.vs, ARENA + PAGE, 2 * PAGE), "unmap");
        EXPECT(w.vs.spare && w.vs.empty == 1, "one table is kept");
        EXPECT_OK(vspace_map_at(&w.vs, ARENA, cap, 0, 4 * MIB, RW), "blocks");
        EXPECT(fake_translate(fake_base(CPTR(0, TASK_VSPACE)), ARENA, &p) && p.level == 2, "in spite of the table");
        EXPECT_OK(vspace_unmap(&w.vs, ARENA + PAGE, 4 * MIB - 2 * PAGE), "unmap all but the ends");
        EXPECT(fake_translate(fake_base(CPTR(0, TASK_VSPACE)), ARENA, &p) && p.level == 3, "first page");
        EXPECT(fake_translate(fake_base(CPTR(0, TASK_VSPACE)), ARENA + 4 * MIB - PAGE, &p), "last page");
        EXPECT_EQ(p.pa, fake_base(cap) + 4 * MIB - PAGE, "last page");
        EXPECT(!fake_translate(fake_base(CPTR(0, TASK_VSPACE)), ARENA + PAGE, &p), "the rest is gone");
        EXPECT_OK(vspace_unmap(&w.vs, ARENA, PAGE), "unmap");
        EXPECT_OK(vspace_unmap(&w.vs, ARENA + 4 * MIB - PAGE, PAGE), "unmap");
        audit("round", (uint64_t)i);
    }
}

TEST(vspace, blocks_in_a_reservation)
{
    struct fake_place p = { 0 };

    world_start(&w, 0x40000, test_seed());
    w.frames = 1;
    const cptr_t cap = fake_object(CAP_FRAME, 2 * MIB, 2 * MIB, 0);
    EXPECT_OK(vspace_reserve_at(&w.vs, ARENA, 4 * MIB), "reserve");
    EXPECT_OK(vspace_map_in(&w.vs, ARENA + 2 * MIB, cap, 0, PAGE, RW), "a page");
    EXPECT_OK(vspace_unmap(&w.vs, ARENA + 2 * MIB, PAGE), "leaves its table");
    EXPECT_OK(vspace_map_in(&w.vs, ARENA + 2 * MIB, cap, 0, 2 * MIB, RW), "just one block");
    EXPECT(fake_translate(fake_base(CPTR(0, TASK_VSPACE)), ARENA + 2 * MIB, &p) && p.level == 2, "in its place");
    EXPECT_EQ(err_root(vspace_map_in(&w.vs, ARENA + 4 * MIB - PAGE, cap, 0, PAGE, RW)), E_VSPACE_OVERLAP, "occupied");
    EXPECT_OK(vspace_unreserve(&w.vs, ARENA, 4 * MIB), "unreserve");
    audit("end", 0);
}

/* New memory of 2 MiB is one block if the reserve has such a one, and pages if not. */
TEST(vspace, back_of_two_mib)
{
    struct fake_place p = { 0 };

    world_start(&w, 10 * MIB, test_seed());     /* its chunks begin at multiples of 2 MiB */
    const struct world_use before = world_use(&w);
    EXPECT_OK(vspace_reserve_at(&w.vs, WORLD_LAZY, 8 * MIB), "reserve");
    EXPECT_OK(vspace_back(&w.vs, WORLD_LAZY, 2 * MIB, RW), "back");
    EXPECT(fake_translate(fake_base(CPTR(0, TASK_VSPACE)), WORLD_LAZY, &p) && p.level == 2, "a block");
    EXPECT_EQ(err_root(vspace_protect(&w.vs, WORLD_LAZY, PAGE, MAP_READ)), E_VSPACE_SPLIT, "its first page alone");
    EXPECT_EQ(err_root(vspace_protect(&w.vs, WORLD_LAZY + 2 * MIB - PAGE, PAGE, MAP_READ)), E_VSPACE_SPLIT, "its last");
    EXPECT_OK(vspace_back(&w.vs, WORLD_LAZY + 4 * MIB, PAGE, RW), "a page elsewhere");
    EXPECT_OK(vspace_unmap(&w.vs, WORLD_LAZY + 4 * MIB, PAGE), "leaves its table");
    EXPECT(w.vs.spare, "as the spare one");
    EXPECT_OK(vspace_back(&w.vs, WORLD_LAZY + 4 * MIB, 2 * MIB, RW), "2 MiB there");
    EXPECT(fake_translate(fake_base(CPTR(0, TASK_VSPACE)), WORLD_LAZY + 4 * MIB, &p) && p.level == 2, "a block too");
    EXPECT_OK(vspace_unmap(&w.vs, WORLD_LAZY + 4 * MIB, 2 * MIB), "unmap");
    memset((void *)WORLD_LAZY, 0x11, 2 * MIB);
    struct ram_block block;
    EXPECT_OK(reserve_take(&w.stock.reserve, 256, PAGE, &block), "odd pages");
    while (err_ok(reserve_take(&w.stock.reserve, 512, 2 * MIB, &block))) {
        EXPECT(block.first == 0, "a whole chunk");
    }
    EXPECT_OK(vspace_unmap(&w.vs, WORLD_LAZY, 2 * MIB), "unmap: the only 2 MiB in hand");
    EXPECT_OK(vspace_back(&w.vs, WORLD_LAZY + 2 * MIB, 2 * MIB, MAP_READ), "back again");
    EXPECT(fake_translate(fake_base(CPTR(0, TASK_VSPACE)), WORLD_LAZY + 2 * MIB, &p), "mapped");
    EXPECT_EQ(p.flags, MAP_READ, "as asked");
    for (uint64_t at = 0; at < 2 * MIB; at += 8) {
        EXPECT(*(uint64_t *)(WORLD_LAZY + 2 * MIB + at) == 0, "used memory comes back as zero");
    }
    EXPECT_EQ(err_root(vspace_back(&w.vs, WORLD_LAZY + 4 * MIB, 2 * MIB, RW)), E_RESERVE_NONE, "no more");
    EXPECT_OK(vspace_unreserve(&w.vs, WORLD_LAZY, 8 * MIB), "unreserve");
    EXPECT(world_same(before, world_use(&w)), "something is left");

    world_start(&w, 0x40000, test_seed());
    const cptr_t odd = fake_ram(FAKE_RAM_BASE + 0x60001000, 2 * MIB);
    EXPECT_OK(stock_add_ram(&w.stock, odd), "2 MiB at an odd address");
    EXPECT_OK(vspace_reserve_at(&w.vs, WORLD_LAZY, 2 * MIB), "reserve");
    EXPECT_OK(vspace_back(&w.vs, WORLD_LAZY, 2 * MIB, RW), "back");
    EXPECT(fake_translate(fake_base(CPTR(0, TASK_VSPACE)), WORLD_LAZY, &p) && p.level == 3, "in pages");
}

/* --- refusals --- */

TEST(vspace, refuses_and_changes_nothing)
{
    world_start(&w, 0x40000, test_seed());
    w.frames = 2;
    const cptr_t cap = fake_object(CAP_FRAME, 4 * MIB, 2 * MIB, 0), small = fake_object(CAP_FRAME, PAGE, PAGE, 0);
    EXPECT_OK(vspace_map_at(&w.vs, ARENA, cap, 0, 4 * MIB, RW), "map");
    EXPECT_OK(vspace_reserve_at(&w.vs, ARENA + GIB, MIB), "reserve");
    EXPECT_OK(vspace_reserve_at(&w.vs, VSPACE_LOW, PAGE), "the lowest legal page");
    EXPECT_OK(vspace_reserve_at(&w.vs, VSPACE_HIGH - PAGE, PAGE), "the highest");
    const struct world_use before = world_use(&w);
    uint64_t va = 77;
    const struct {
        const char *why;
        err_t err;
        enum err_code want;
    } refused[] = {
        { "address not in pages", vspace_map_at(&w.vs, ARENA + 8, cap, 0, PAGE, RW), E_VSPACE_ALIGN },
        { "size not in pages", vspace_map(&w.vs, cap, 0, 100, RW, &va), E_VSPACE_ALIGN },
        { "offset not in pages", vspace_map(&w.vs, cap, 1, PAGE, RW, &va), E_VSPACE_ALIGN },
        { "nothing", vspace_map(&w.vs, cap, 0, 0, RW, &va), E_VSPACE_ALIGN },
        { "more than there is", vspace_map(&w.vs, cap, 0, VSPACE_HIGH, RW, &va), E_VSPACE_NONE },
        { "no gap so large", vspace_map(&w.vs, cap, 0, VSPACE_HIGH - PAGE, RW, &va), E_VSPACE_NONE },
        { "null page", vspace_map_at(&w.vs, 0, cap, 0, PAGE, RW), E_VSPACE_LEGAL },
        { "last of the first 64 KiB", vspace_map_at(&w.vs, 0xf000, cap, 0, PAGE, RW), E_VSPACE_LEGAL },
        { "beyond 2^47", vspace_map_at(&w.vs, VSPACE_HIGH - PAGE, cap, 0, 2 * PAGE, RW), E_VSPACE_LEGAL },
        { "kernel half", vspace_map_at(&w.vs, 0xffff000000000000ull, cap, 0, PAGE, RW), E_VSPACE_LEGAL },
        { "end wraps", vspace_map_at(&w.vs, ARENA, cap, 0, -PAGE, RW), E_VSPACE_LEGAL },
        { "overlap at the end", vspace_map_at(&w.vs, ARENA - PAGE, cap, 0, 2 * PAGE, RW), E_VSPACE_OVERLAP },
        { "overlap at the beginning", vspace_map_at(&w.vs, ARENA + 4 * MIB - PAGE, cap, 0, MIB, RW), E_VSPACE_OVERLAP },
        { "over a reservation", vspace_map_at(&w.vs, ARENA + GIB, cap, 0, PAGE, RW), E_VSPACE_OVERLAP },
        { "reserved twice", vspace_reserve_at(&w.vs, ARENA + GIB, PAGE), E_VSPACE_OVERLAP },
        { "the pool's window", vspace_reserve_at(&w.vs, WORLD_POOL, PAGE), E_VSPACE_OVERLAP },
        { "frame too short", vspace_map(&w.vs, small, 0, 2 * PAGE, RW, &va), E_CAP_RANGE },
        { "frame too short, large", vspace_map(&w.vs, cap, 2 * MIB, 4 * MIB, RW, &va), E_CAP_RANGE },
        { "W and X", vspace_map(&w.vs, cap, 0, PAGE, RW | MAP_EXEC, &va), E_MAP_WX },
        { "device memory type", vspace_map(&w.vs, cap, 0, PAGE, RW | MAP_DEVICE, &va), E_MAP_ATTR },
        { "no frame", vspace_map(&w.vs, CPTR(0, TASK_L1), 0, PAGE, RW, &va), E_CAP_TYPE },
        { "empty slot", vspace_map(&w.vs, CPTR(0, 250), 0, 2 * MIB, RW, &va), E_CAP_EMPTY },
        { "not reserved", vspace_map_in(&w.vs, ARENA + 2 * GIB, cap, 0, PAGE, RW), E_VSPACE_UNRESERVED },
        { "half reserved", vspace_map_in(&w.vs, ARENA + GIB, cap, 0, 2 * MIB, RW), E_VSPACE_UNRESERVED },
        { "mapped, not reserved", vspace_map_in(&w.vs, ARENA, cap, 0, PAGE, RW), E_VSPACE_UNRESERVED },
        { "offset in a reservation", vspace_map_in(&w.vs, ARENA + GIB, cap, 8, PAGE, RW), E_VSPACE_ALIGN },
        { "back: two tables", vspace_back(&w.vs, ARENA + GIB + PAGE, 2 * MIB, RW), E_VSPACE_ALIGN },
        { "back: unreserved", vspace_back(&w.vs, ARENA + 2 * GIB, PAGE, RW), E_VSPACE_UNRESERVED },
        { "back: W and X", vspace_back(&w.vs, ARENA + GIB, PAGE, RW | MAP_EXEC), E_MAP_WX },
        { "unmap nothing", vspace_unmap(&w.vs, ARENA + 8 * GIB, PAGE), E_VSPACE_NOT_MAPPED },
        { "unmap too much", vspace_unmap(&w.vs, ARENA, 4 * MIB + PAGE), E_VSPACE_NOT_MAPPED },
        { "unmap null", vspace_unmap(&w.vs, 0, PAGE), E_VSPACE_NOT_MAPPED },
        { "unmap the pool", vspace_unmap(&w.vs, WORLD_POOL, PAGE), E_VSPACE_NOT_MAPPED },
        { "unmap half a page", vspace_unmap(&w.vs, ARENA, 8), E_VSPACE_ALIGN },
        { "protect nothing", vspace_protect(&w.vs, ARENA + 8 * GIB, PAGE, MAP_READ), E_VSPACE_NOT_MAPPED },
        { "protect null", vspace_protect(&w.vs, 0, PAGE, MAP_READ), E_VSPACE_NOT_MAPPED },
        { "protect: memory type", vspace_protect(&w.vs, ARENA, 4 * MIB, MAP_READ | MAP_DEVICE), E_ARG },
        { "protect: W and X", vspace_protect(&w.vs, ARENA, 4 * MIB, RW | MAP_EXEC), E_MAP_WX },
        { "reserve: alignment", vspace_reserve(&w.vs, PAGE, 3 * PAGE, &va), E_VSPACE_ALIGN },
        { "reserve: alignment below a page", vspace_reserve(&w.vs, PAGE, 8, &va), E_VSPACE_ALIGN },
        { "reserve: no gap", vspace_reserve(&w.vs, VSPACE_HIGH, 0, &va), E_VSPACE_NONE },
    };
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        EXPECT_EQ(err_root(refused[i].err), refused[i].want, "%s", refused[i].why);
        EXPECT(refused[i].err.trail >> 16, "%s: who refused", refused[i].why);
    }
    EXPECT_EQ(va, 77, "written on success only");
    EXPECT(world_same(before, world_use(&w)), "something has changed");
    audit("end", 0);

    /* Another call is at work there, and has let go of the lock. */
    struct vspace_region *const r = (struct vspace_region *)range_find(&w.vs.regions, ARENA);
    r->busy = 1;
    EXPECT_EQ(err_root(vspace_unmap(&w.vs, ARENA, PAGE)), E_VSPACE_BUSY, "unmap");
    EXPECT_EQ(err_root(vspace_protect(&w.vs, ARENA, PAGE, MAP_READ)), E_VSPACE_BUSY, "protect");
    r->busy = 0;
}

TEST(vspace, what_cannot_be_split_says_so)
{
    world_start(&w, 0x40000, test_seed());
    w.frames = 1;
    const cptr_t cap = fake_object(CAP_FRAME, 4 * MIB, 2 * MIB, 0);
    EXPECT_OK(vspace_map_at(&w.vs, ARENA, cap, 0, 4 * MIB, RW), "map");
    EXPECT_OK(vspace_reserve_at(&w.vs, WORLD_LAZY, MIB), "reserve");
    EXPECT_OK(vspace_back(&w.vs, WORLD_LAZY, 8 * PAGE, RW), "back");
    EXPECT_EQ(err_root(vspace_unmap(&w.vs, WORLD_LAZY, PAGE)), E_VSPACE_SPLIT, "half of new memory");
    EXPECT_OK(vspace_protect(&w.vs, WORLD_LAZY + PAGE, PAGE, MAP_READ), "but its pages can be protected");
    EXPECT_OK(cap_delete(CPTR_NULL, cap), "the frame's capability goes");
    w.frames = 0;
    EXPECT_EQ(err_root(vspace_unmap(&w.vs, ARENA, PAGE)), E_CAP_EMPTY, "a block without its frame");
    audit("refused", 0);
    EXPECT_OK(vspace_unmap(&w.vs, ARENA, 4 * MIB), "but all of it can go");
    EXPECT_OK(vspace_unreserve(&w.vs, WORLD_LAZY, MIB), "and this");
    audit("end", 0);
}
