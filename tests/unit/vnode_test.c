/**
 * @file vnode_test.c  Page tables: every pair of types, every refusal, blocks, tables that were unlinked with entries
 * in them (V3), what is flushed, peek.  Random operations: vnode_random_test.c.
 */
#include "world.h"

#define RW           (MAP_READ | MAP_WRITE)
#define AT(n, count) ((uint64_t)(n) | (uint64_t)(count) << 16)

static const uint8_t vnode_type[] = { CAP_VNODE_L0, CAP_VNODE_L1, CAP_VNODE_L2, CAP_VNODE_L3 };

/* A table of each level, each linked into the one before at its entry 1 (so at address span[level]). */
struct tower {
    struct world w;
    cptr_t table[4], link[4], frame, big, dev;
};

static uint64_t span(unsigned level)        /* of one entry */
{
    return 1ull << (39 - 9 * level);
}

static void build(struct tower *t)
{
    world_init(&t->w);
    t->table[0] = W_L0;
    for (unsigned level = 1; level <= 3; level++) {
        t->table[level] = world_make(&t->w, vnode_type[level], 0);
        t->link[level] = world_slot(&t->w);
        world_must(
            world_invoke(&t->w, t->table[level - 1], VNODE_MAP, t->table[level], AT(1, 1), 0, 0, 0, t->link[level]),
            "link");
    }
    t->frame = world_frame(&t->w, 64 * PAGE);
    t->big = world_retype(&t->w, W_BIG, CAP_FRAME, 0, 4 * GIB);
    t->dev = world_retype(&t->w, W_DEV, CAP_DEVFRAME, 0, 16 * PAGE);
}

static const pte_t *entries(struct tower *t, cptr_t table)
{
    return world_object(&t->w, table);
}

/* ---- one call ---------------------------------------------------------------------------------------------------- */

TEST(vnode, every_pair_of_types)
{
    for (unsigned level = 0; level < 4; level++) {
        struct tower t;
        build(&t);
        cptr_t source[CAP_TYPE_COUNT] = { 0 };
        const cptr_t remote = world_slot(&t.w);
        world_must(world_invoke(&t.w, W_KERNEL, KERNEL_REMOTE_NOTIFY, 1, 7, 0, remote), "a RemoteNotify");
        for (unsigned type = 1; type < CAP_TYPE_COUNT; type++) {
            source[type] = type == CAP_MAPPING ? t.link[1] : type == CAP_FRAME ? t.big : type == CAP_DEVFRAME ? t.dev
                         : type == CAP_DEVRANGE ? W_DEV : type == CAP_IRQTABLE ? W_IRQTABLE : type == CAP_ID ? W_ID
                         : type == CAP_KERNEL ? W_KERNEL : type == CAP_CORECONTROL ? W_CORE
                         : type == CAP_REMOTENOTIFY ? remote
                         : type == CAP_IRQ ? world_retype(&t.w, W_IRQTABLE, CAP_IRQ, 40, 0)
                         : world_make(&t.w, (enum cap_type)type, type == CAP_L1CNODE ? 6 : PAGE);
        }
        for (unsigned type = 1; type < CAP_TYPE_COUNT; type++) {
            const bool frame = type == CAP_FRAME || type == CAP_DEVFRAME,
                       next = level < 3 && type == vnode_type[level] + 1u;
            const uint64_t flags = !frame ? 0 : type == CAP_DEVFRAME ? RW | MAP_DEVICE : RW;
            const bool device_block =
                type == CAP_DEVFRAME && (level == 1 || level == 2); /* 64 KiB is less than a block */
            const uint64_t want = next ? E_OK : !frame || level == 0 ? E_CAP_TYPE : device_block ? E_CAP_RANGE : E_OK;
            EXPECT_EQ(world_invoke(&t.w, t.table[level], VNODE_MAP, source[type], AT(100 + type, 1), 0, flags, 0,
                                   world_slot(&t.w)),
                      want, "type %u into level %u", type, level);
        }
        world_check(&t.w, "level %u", level);
    }
}

TEST(vnode, refusals_change_nothing)
{
    struct tower t;
    build(&t);
    const cptr_t e = world_slot(&t.w), l3 = world_make(&t.w, CAP_VNODE_L3, 0),
                 loose = world_make(&t.w, CAP_VNODE_L2, 0);
    const cptr_t f = t.frame, ro = world_copy(&t.w, f, RIGHT_READ), wo = world_copy(&t.w, f, RIGHT_WRITE);
    const cptr_t rw = world_copy(&t.w, f, RIGHT_READ | RIGHT_WRITE), l3r = world_copy(&t.w, l3, RIGHT_READ);
    const cptr_t t3r = world_copy(&t.w, t.table[3], RIGHT_READ), *const at = t.table, used = world_slot(&t.w);
    world_must(world_invoke(&t.w, at[3], VNODE_MAP, f, AT(10, 4), 0, RW, 0, used), "in use");
    const struct { cptr_t vnode, source; uint64_t where, offset, flags; cptr_t root, dst; uint64_t err; } row[] = {
        { t3r, f, AT(1, 1), 0, RW, 0, e, E_CAP_RIGHTS },
        { at[3], f, AT(1, 513), 0, RW, 0, e, E_ARG }, { at[3], f, UINT64_MAX, 0, RW, 0, e, E_ARG },
        { at[3], e, AT(1, 1), 0, RW, 0, e, E_CAP_EMPTY }, { at[3], CPTR(63, 0), AT(1, 1), 0, RW, 0, e, E_CAP_LOOKUP },
        { at[3], f, AT(1, 1), 0, RW, 0, used, E_SLOT_OCCUPIED },
        { at[3], f, AT(1, 1), 0, RW, 0, CPTR_L1(30), E_SLOT_KIND },
        { at[3], f, AT(1, 1), 0, RW, 0, CPTR(63, 0), E_CAP_LOOKUP }, { at[3], f, AT(1, 1), 0, RW, f, e, E_CAP_TYPE },
        { at[3], f, AT(1, 0), 0, RW, 0, e, E_CAP_COUNT }, { at[3], f, AT(512, 1), 0, RW, 0, e, E_ARG },
        { at[3], f, AT(511, 2), 0, RW, 0, e, E_ARG }, { at[3], f, AT(65535, 1), 0, RW, 0, e, E_ARG },
        { at[3], f, AT(1, 65), 0, RW, 0, e, E_CAP_RANGE }, { at[3], f, AT(1, 1), 64 * PAGE, RW, 0, e, E_CAP_RANGE },
        { at[3], f, AT(1, 2), 63 * PAGE, RW, 0, e, E_CAP_RANGE },
        { at[3], f, AT(1, 1), UINT64_MAX - PAGE + 1, RW, 0, e, E_CAP_RANGE },
        { at[2], f, AT(1, 1), 0, RW, 0, e, E_CAP_RANGE }, { at[1], t.big, AT(1, 5), 0, RW, 0, e, E_CAP_RANGE },
        { at[1], t.big, AT(1, 512), 0, RW, 0, e, E_ARG }, { at[1], t.big, AT(0, 512), 0, RW, 0, e, E_CAP_RANGE },
        { at[3], f, AT(1, 1), 1, RW, 0, e, E_CAP_ALIGN }, { at[2], t.big, AT(1, 1), PAGE, RW, 0, e, E_CAP_ALIGN },
        { at[1], t.big, AT(1, 1), 2 * MIB, RW, 0, e, E_CAP_ALIGN },
        { at[3], f, AT(1, 1), 0, 0, 0, e, E_ARG }, { at[3], f, AT(1, 1), 0, MAP_WRITE, 0, e, E_ARG },
        { at[3], f, AT(1, 1), 0, RW | 8, 0, e, E_ARG }, { at[3], f, AT(1, 1), 0, RW | 64, 0, e, E_ARG },
        { at[3], f, AT(1, 1), 0, RW | 1ull << 63, 0, e, E_ARG },
        { at[3], f, AT(1, 1), 0, RW | MAP_EXEC, 0, e, E_MAP_WX },
        { at[3], f, AT(1, 1), 0, RW | MAP_DEVICE, 0, e, E_MAP_ATTR },
        { at[3], f, AT(1, 1), 0, RW | MAP_DEVICE_STRICT, 0, e, E_MAP_ATTR },
        { at[3], t.dev, AT(1, 1), 0, RW | MAP_NORMAL, 0, e, E_MAP_ATTR },
        { at[3], ro, AT(1, 1), 0, RW, 0, e, E_CAP_RIGHTS },
        { at[3], wo, AT(1, 1), 0, RW, 0, e, E_CAP_RIGHTS },
        { at[3], rw, AT(1, 1), 0, MAP_READ | MAP_EXEC, 0, e, E_CAP_RIGHTS },
        { l3, f, AT(1, 1), 0, RW, 0, e, E_VNODE_UNLINKED }, { loose, l3, AT(1, 1), 0, 0, 0, e, E_VNODE_UNLINKED },
        { at[3], f, AT(10, 1), 0, RW, 0, e, E_VNODE_OCCUPIED }, { at[3], f, AT(7, 4), 0, RW, 0, e, E_VNODE_OCCUPIED },
        { at[3], f, AT(13, 4), 0, RW, 0, e, E_VNODE_OCCUPIED }, { at[2], l3, AT(1, 1), 0, 0, 0, e, E_VNODE_OCCUPIED },
        { at[2], at[3], AT(2, 1), 0, 0, 0, e, E_VNODE_LINKED }, { at[2], l3r, AT(2, 1), 0, 0, 0, e, E_CAP_RIGHTS },
        { at[2], l3, AT(2, 2), 0, 0, 0, e, E_ARG }, { at[2], l3, AT(2, 0), 0, 0, 0, e, E_ARG },
        { at[2], l3, AT(512, 1), 0, 0, 0, e, E_ARG },
        { at[2], l3, AT(2, 1), PAGE, 0, 0, e, E_ARG }, { at[2], l3, AT(2, 1), 0, MAP_READ, 0, e, E_ARG },
    };
    for (unsigned i = 0; i < sizeof row / sizeof row[0]; i++) {
        pte_t before[4][VNODE_ENTRIES];
        const uint64_t count = t.w.k->mdb.count;
        for (unsigned n = 0; n < 4; n++) {
            memcpy(before[n], entries(&t, at[n]), PAGE);
        }
        EXPECT_EQ(world_invoke(&t.w, row[i].vnode, VNODE_MAP, row[i].source, row[i].where, row[i].offset, row[i].flags,
                               row[i].root, row[i].dst),
                  row[i].err, "row %u", i);
        for (unsigned n = 0; n < 4; n++) {
            EXPECT(memcmp(before[n], entries(&t, at[n]), PAGE) == 0, "row %u changes table %u", i, n);
        }
        EXPECT_EQ(t.w.k->mdb.count, count, "row %u makes nothing", i);
    }
    EXPECT(cte_empty(world_cte(&t.w, e)), "the slot is still empty");
    world_check(&t.w, "refusals");
}

TEST(vnode, entries_are_what_was_asked_for)
{
    struct tower t;
    build(&t);
    static const struct { unsigned level; uint64_t first, count, offset, flags; } row[] = {
        { 1, 3, 2, GIB, RW }, { 1, 511, 1, 0, MAP_READ | MAP_EXEC }, { 2, 0, 1, 4 * MIB, RW },
        { 2, 8, 504, 0, MAP_READ },
        { 3, 0, 512, 2 * MIB, RW | MAP_UNCACHED }, { 2, 3, 2, GIB + 2 * MIB, MAP_READ | MAP_EXEC },
    };
    for (unsigned i = 0; i < sizeof row / sizeof row[0]; i++) {
        const unsigned level = row[i].level;
        const cptr_t m = world_slot(&t.w);
        const uint64_t base = WORLD_BIG_BASE + row[i].offset, flags = row[i].flags;
        fake_tlb = (struct fake_tlb){ 0 };
        EXPECT_EQ(world_invoke(&t.w, t.table[level], VNODE_MAP, t.big, AT(row[i].first, row[i].count), row[i].offset,
                               flags, 0, m),
                  E_OK, "row %u", i);
        for (uint64_t n = 0; n < row[i].count; n++) {
            const pte_t e = entries(&t, t.table[level])[row[i].first + n];
            EXPECT(pte_valid(e) && !pte_is_table(e, level), "row %u: a leaf", i);
            EXPECT_EQ(pte_addr(e), base + n * span(level), "row %u: entry %" PRIu64, i, n);
            EXPECT(pte_writable(e) == !!(flags & MAP_WRITE) && pte_executable(e) == !!(flags & MAP_EXEC), "row %u", i);
            EXPECT_EQ(pte_cacheable(e), !(flags & MAP_UNCACHED), "row %u", i);
        }
        EXPECT(fake_tlb.publishes == 1 && fake_tlb.page_flushes == 0 && fake_tlb.asid_flushes == 0,
               "made visible; no flush");
        EXPECT_EQ(fake_tlb.icache_flushes, !!(flags & MAP_EXEC), "code: the instruction cache");
        const struct cte *const c = world_cte(&t.w, m);
        uint64_t va = row[i].first * span(level);
        for (unsigned above = 0; above < level; above++) {
            va += span(above);
        }
        EXPECT(c->base == base && c->bytes == row[i].count * span(level), "the Mapping's range is the memory");
        EXPECT(mapping_va(c) == va && mapping_asid(c) == world_cte(&t.w, W_L0)->word[0], "seen at %#" PRIx64, va);
        world_check(&t.w, "row %u", i);
        world_delete(&t.w, m);
        EXPECT(!pte_valid(entries(&t, t.table[level])[row[i].first]), "unmapped");
        const bool pages = row[i].count <= 64;
        EXPECT(fake_tlb.page_flushes == (pages ? row[i].count : 0) && fake_tlb.asid_flushes == !pages, "row %u flushed",
               i);
        EXPECT(!pages || fake_tlb.last_va == va + (row[i].count - 1) * span(level), "row %u: up to the last", i);
        world_check(&t.w, "row %u unmapped", i);
    }
    for (unsigned kind = 1; kind <= 3; kind++) {
        EXPECT_EQ(
            world_invoke(&t.w, t.table[3], VNODE_MAP, t.dev, AT(20 + kind, 1), 0, RW | kind << 4, 0, world_slot(&t.w)),
            E_OK, "device");
    }
}

TEST(vnode, protect)
{
    struct tower t;
    build(&t);
    const cptr_t m = world_slot(&t.w), ro = world_slot(&t.w),
                 weak = world_copy(&t.w, t.frame, RIGHT_READ | RIGHT_WRITE);
    world_must(world_invoke(&t.w, t.table[3], VNODE_MAP, t.frame, AT(8, 16), 0, RW, 0, m), "map");
    world_must(world_invoke(&t.w, t.table[3], VNODE_MAP, weak, AT(40, 1), 0, RW, 0, ro), "map without EXEC");
    const struct { cptr_t m; uint64_t first, count, flags, err; } row[] = {
        { t.link[3], 0, 1, MAP_READ, E_ARG }, { m, 0, 1, 0, E_ARG }, { m, 0, 1, MAP_WRITE, E_ARG },
        { m, 0, 1, RW | MAP_UNCACHED, E_ARG },
        { m, 0, 0, RW, E_CAP_COUNT }, { m, 16, 1, RW, E_ARG }, { m, 0, 17, RW, E_ARG }, { m, UINT64_MAX, 2, RW, E_ARG },
        { m, 15, 2, RW, E_ARG }, { m, 1, UINT64_MAX, RW, E_ARG }, { m, 0, 1, RW | MAP_EXEC, E_MAP_WX },
        { ro, 0, 1, MAP_READ | MAP_EXEC, E_CAP_RIGHTS }, { ro, 0, 1, MAP_READ, E_OK }, { ro, 0, 1, RW, E_OK },
    };
    for (unsigned i = 0; i < sizeof row / sizeof row[0]; i++) {
        EXPECT_EQ(world_invoke(&t.w, row[i].m, MAPPING_PROTECT, row[i].first, row[i].count, row[i].flags), row[i].err,
                  "row %u", i);
    }
    fake_tlb = (struct fake_tlb){ 0 };
    EXPECT_EQ(world_invoke(&t.w, m, MAPPING_PROTECT, 3, 2, MAP_READ | MAP_EXEC), E_OK, "code");
    EXPECT(fake_tlb.page_flushes == 2 && fake_tlb.icache_flushes == 1, "flushed");
    EXPECT_EQ(fake_tlb.last_va, span(0) + span(1) + span(2) + 12 * PAGE, "those two");
    for (unsigned i = 0; i < 16; i++) {
        const pte_t e = entries(&t, t.table[3])[8 + i];
        const bool code = i == 3 || i == 4;
        EXPECT(pte_executable(e) == code && pte_writable(e) == !code, "entry %u", i);
    }
    world_check(&t.w, "protect");
}

/* ---- tables that come and go ------------------------------------------------------------------------------------- */

TEST(vnode, stale_table_cannot_be_linked_before_it_is_empty)
{
    for (unsigned first = 0; first < 2; first++) {
        struct tower t;
        build(&t);
        const cptr_t m = world_slot(&t.w), again = world_slot(&t.w);
        world_must(world_invoke(&t.w, t.table[3], VNODE_MAP, t.frame, AT(first, 2), 0, RW, 0, m), "map");
        fake_tlb = (struct fake_tlb){ 0 };
        world_delete(&t.w, t.link[3]);
        EXPECT(fake_tlb.asid_flushes == 1 && fake_tlb.page_flushes == 0, "walk caches, too");
        EXPECT_EQ(world_invoke(&t.w, t.table[2], VNODE_MAP, t.table[3], AT(9, 1), 0, 0, 0, again), E_VNODE_LINKED,
                  "it has entries");
        EXPECT_EQ(world_invoke(&t.w, t.table[3], VNODE_MAP, t.frame, AT(100, 1), 0, RW, 0, world_slot(&t.w)),
                  E_VNODE_UNLINKED, "no more");
        EXPECT_EQ(world_invoke(&t.w, m, MAPPING_PROTECT, 0, 2, MAP_READ), E_OK, "what is there can be changed");
        EXPECT_EQ(world_invoke(&t.w, t.table[2], VNODE_MAP, t.table[3], AT(9, 1), 0, 0, 0, again), E_VNODE_LINKED,
                  "still");
        world_check(&t.w, "stale");
        world_delete(&t.w, m);
        EXPECT_EQ(world_invoke(&t.w, t.table[2], VNODE_MAP, t.table[3], AT(9, 1), 0, 0, 0, again), E_OK, "it is empty");
        EXPECT_EQ(world_invoke(&t.w, t.table[3], VNODE_MAP, t.frame, AT(0, 1), 0, RW, 0, m), E_OK, "and can be used");
        EXPECT_EQ(mapping_va(world_cte(&t.w, m)), span(0) + span(1) + 9 * span(2), "at its new address");
        world_check(&t.w, "linked again");
    }
}

TEST(vnode, stale_though_its_first_entry_was_cleared)
{
    struct tower t;
    build(&t);
    const cptr_t m0 = world_slot(&t.w), m5 = world_slot(&t.w), again = world_slot(&t.w);
    world_must(world_invoke(&t.w, t.table[3], VNODE_MAP, t.frame, AT(0, 1), 0, RW, 0, m0),
               "the entry that holds the mark");
    world_must(world_invoke(&t.w, t.table[3], VNODE_MAP, t.frame, AT(5, 1), 0, RW, 0, m5), "another");
    world_delete(&t.w, t.link[3]);
    world_delete(&t.w, m0);
    EXPECT_EQ(world_invoke(&t.w, t.table[2], VNODE_MAP, t.table[3], AT(9, 1), 0, 0, 0, again), E_VNODE_LINKED,
              "one is left");
    world_delete(&t.w, m5);
    EXPECT_EQ(world_invoke(&t.w, t.table[2], VNODE_MAP, t.table[3], AT(9, 1), 0, 0, 0, again), E_OK, "none");
    EXPECT_EQ(entries(&t, t.table[3])[0], 0, "the mark is gone");
    world_check(&t.w, "linked again");
}

TEST(vnode, deleting_the_frame_alone_does_not_unmap)
{
    struct tower t;
    build(&t);
    const cptr_t m = world_slot(&t.w), f = world_frame(&t.w, PAGE);
    const uint64_t offset = world_cte(&t.w, f)->base - WORLD_MEM_BASE;
    world_must(world_invoke(&t.w, t.table[3], VNODE_MAP, f, AT(5, 1), 0, RW, 0, m), "map");
    world_delete(&t.w, f);
    EXPECT(pte_valid(entries(&t, t.table[3])[5]), "still mapped");
    EXPECT_EQ(world_invoke(&t.w, W_MEM, MEMORY_RETYPE, CAP_FRAME, offset, PAGE, 1, 0, f), E_CAP_OVERLAP,
              "so it cannot be used again");
    world_revoke(&t.w, W_MEM, offset, PAGE);
    EXPECT(!pte_valid(entries(&t, t.table[3])[5]) && cte_empty(world_cte(&t.w, m)), "revoking the memory unmaps");
    world_must(world_invoke(&t.w, t.table[3], VNODE_MAP, t.frame, AT(5, 3), 0, RW, 0, m), "map");
    world_revoke(&t.w, t.frame, PAGE, 1);
    EXPECT(!pte_valid(entries(&t, t.table[3])[5]), "revoking the frame, too");
    world_check(&t.w, "revoked");
}

TEST(vnode, peek)
{
    struct tower t;
    build(&t);
    const uint64_t va = span(0) + span(1) + span(2);
    uint64_t *const memory = world_object(&t.w, t.frame);
    for (unsigned i = 0; i < 3 * PAGE / 8; i++) {
        memory[i] = i * 1000;
    }
    world_must(world_invoke(&t.w, t.table[3], VNODE_MAP, t.frame, AT(0, 1), PAGE, RW, 0, world_slot(&t.w)),
               "second page first");
    world_must(world_invoke(&t.w, t.table[3], VNODE_MAP, t.frame, AT(1, 1), 0, MAP_READ, 0, world_slot(&t.w)),
               "then the first");
    world_must(world_invoke(&t.w, t.table[3], VNODE_MAP, t.frame, AT(5, 1), 0, RW | MAP_UNCACHED, 0, world_slot(&t.w)),
               "uncached");
    world_must(world_invoke(&t.w, t.table[3], VNODE_MAP, t.dev, AT(6, 1), 0, RW | MAP_DEVICE, 0, world_slot(&t.w)),
               "a device");
    EXPECT_EQ(world_invoke(&t.w, W_DISP, DISPATCHER_PEEK, va + PAGE - 16), E_OK, "across pages");
    for (unsigned i = 0; i < 4; i++) {
        EXPECT_EQ(t.w.k->ret[i], (i < 2 ? 2 * PAGE / 8 - 2 + i : i - 2) * 1000, "word %u", i);
    }
    const struct { uint64_t va, err; } row[] = {
        { va + 4, E_ARG }, { va + 2 * PAGE - 24, E_PEEK }, { va + 2 * PAGE, E_PEEK }, { va - 8, E_PEEK },
        { va + 5 * PAGE, E_PEEK },
        { va + 6 * PAGE, E_PEEK }, { 0, E_PEEK }, { (1ull << 48) - 8, E_PEEK }, { 1ull << 48, E_PEEK },
        { (1ull << 48) + va, E_PEEK },
        { UINT64_MAX - 7, E_PEEK }, { UINT64_MAX - 31, E_PEEK }, { 0xffff000000000000 + FAKE_PHYS_BASE, E_PEEK },
    };
    for (unsigned i = 0; i < sizeof row / sizeof row[0]; i++) {
        EXPECT_EQ(world_invoke(&t.w, W_DISP, DISPATCHER_PEEK, row[i].va), row[i].err, "row %u", i);
    }
}

/* The last page and the first: what is read at the end of the address space does not go on at its beginning. */
TEST(vnode, peek_does_not_wrap)
{
    struct tower t;
    build(&t);
    for (unsigned end = 0; end < 2; end++) {
        const unsigned e = end ? 511 : 0;
        cptr_t upper = W_L0;
        for (unsigned level = 1; level <= 3; level++) {
            const cptr_t lower = world_make(&t.w, (enum cap_type)vnode_type[level], 0);
            world_must(world_invoke(&t.w, upper, VNODE_MAP, lower, AT(e, 1), 0, 0, 0, world_slot(&t.w)), "link");
            upper = lower;
        }
        world_must(world_invoke(&t.w, upper, VNODE_MAP, t.frame, AT(e, 1), 0, RW, 0, world_slot(&t.w)), "page");
    }
    EXPECT_EQ(world_invoke(&t.w, W_DISP, DISPATCHER_PEEK, 0), E_OK, "the first words");
    EXPECT_EQ(world_invoke(&t.w, W_DISP, DISPATCHER_PEEK, (1ull << 48) - 32), E_OK, "the last words");
    EXPECT_EQ(world_invoke(&t.w, W_DISP, DISPATCHER_PEEK, (1ull << 48) - 24), E_PEEK, "beyond the end");
}
