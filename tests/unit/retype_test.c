/**
 * @file retype_test.c  Retype: every refusal and that it changes nothing (R2), the edges of 64 bits, what each type
 * comes out as.  Random calls against models: retype_random_test.c.
 */
#include "world.h"

#include <cap/types.h>

/* ---- refusals ---------------------------------------------------------------------------------------------------- */

/* All of fake RAM, but the arguments and results of the call. */
static uint64_t *snapshot(struct world *w)
{
    memset(w->k->arg, 0, sizeof w->k->arg);
    memset(w->k->ret, 0, sizeof w->k->ret);
    uint64_t *const copy = malloc(8 * MIB);
    if (!copy) {
        abort();
    }
    return memcpy(copy, fake_ram, 8 * MIB);
}

TEST(retype, refusals_change_nothing)
{
    struct world w;
    world_init(&w);
    const cptr_t empty = world_slot(&w), full = world_copy(&w, W_ID, RIGHT_READ),
                 ram = world_make(&w, CAP_RAM, 8 * PAGE);
    const cptr_t no_own = world_copy(&w, ram, RIGHTS_ALL & ~RIGHT_OWN), small = world_make(&w, CAP_RAM, PAGE);
    const cptr_t ro_root = world_copy(&w, CPTR_L1(9), RIGHT_READ), half = world_make(&w, CAP_RAM, 2 * PAGE);
    world_must(world_invoke(&w, half, MEMORY_RETYPE, CAP_DISPATCHER, PAGE, 0, 1, 0, world_slot(&w)), "half used");
    const cptr_t run = CPTR(9, 0), end = CPTR(9, 250);
    const struct { cptr_t from; uint64_t type, offset, size, count; cptr_t root, dst; uint64_t err; } row[] = {
        { empty, CAP_FRAME, 0, PAGE, 1, 0, run, E_CAP_EMPTY },
        { CPTR(63, 0), CAP_FRAME, 0, PAGE, 1, 0, run, E_CAP_LOOKUP },
        { ram, CAP_NULL, 0, PAGE, 1, 0, run, E_CAP_TYPE },
        { ram, CAP_TYPE_COUNT, 0, PAGE, 1, 0, run, E_CAP_TYPE },
        { ram, UINT64_MAX, 0, PAGE, 1, 0, run, E_CAP_TYPE },
        { ram, CAP_FRAME | 1ull << 32, 0, PAGE, 1, 0, run, E_CAP_TYPE },
        { ram, CAP_MAPPING, 0, PAGE, 1, 0, run, E_CAP_TYPE },
        { ram, CAP_DEVFRAME, 0, PAGE, 1, 0, run, E_CAP_TYPE },
        { ram, CAP_IRQ, 0, 1, 1, 0, run, E_CAP_TYPE },
        { ram, CAP_KERNEL, 0, 1, 1, 0, run, E_CAP_TYPE },
        { W_DEV, CAP_FRAME, 0, PAGE, 1, 0, run, E_CAP_TYPE },
        { W_DEV, CAP_RAM, 0, PAGE, 1, 0, run, E_CAP_TYPE },
        { W_IRQTABLE, CAP_IRQTABLE, 0, 1, 1, 0, run, E_CAP_TYPE },
        { W_ID, CAP_RAM, 0, PAGE, 1, 0, run, E_CAP_TYPE },
        { no_own, CAP_FRAME, 0, PAGE, 1, 0, run, E_CAP_RIGHTS },
        { ram, CAP_FRAME, 0, 0, 1, 0, run, E_CAP_SIZE },
        { ram, CAP_FRAME, 0, PAGE - 1, 1, 0, run, E_CAP_SIZE },
        { ram, CAP_RAM, 0, UINT64_MAX, 1, 0, run, E_CAP_SIZE },
        { ram, CAP_L1CNODE, 0, 5, 1, 0, run, E_CAP_SIZE },
        { ram, CAP_L1CNODE, 0, 13, 1, 0, run, E_CAP_SIZE },
        { ram, CAP_L1CNODE, 0, 64 + 6, 1, 0, run, E_CAP_SIZE },
        { W_ID, CAP_ID, 0, 0, 1, 0, run, E_CAP_SIZE },
        { ram, CAP_FRAME, 0, PAGE, 0, 0, run, E_CAP_COUNT },
        { ram, CAP_FRAME, 0, PAGE, 65, 0, run, E_CAP_COUNT },
        { ram, CAP_FRAME, 0, PAGE, UINT64_MAX, 0, run, E_CAP_COUNT },
        { W_RAM, CAP_L2CNODE, 0, 0, 17, 0, run, E_CAP_COUNT },
        { W_RAM, CAP_L1CNODE, 0, 12, 2, 0, run, E_CAP_COUNT },
        { ram, CAP_FRAME, 8 * PAGE, PAGE, 1, 0, run, E_CAP_RANGE },
        { ram, CAP_FRAME, 0, 9 * PAGE, 1, 0, run, E_CAP_RANGE },
        { ram, CAP_FRAME, PAGE, 8 * PAGE, 1, 0, run, E_CAP_RANGE },
        { ram, CAP_FRAME, 0, PAGE, 9, 0, run, E_CAP_RANGE },
        { ram, CAP_FRAME, UINT64_MAX - PAGE + 1, PAGE, 1, 0, run, E_CAP_RANGE },
        { ram, CAP_FRAME, UINT64_MAX - PAGE + 1, PAGE, 2, 0, run, E_CAP_RANGE },
        { ram, CAP_FRAME, 0, 1ull << 63, 2, 0, run, E_CAP_RANGE },
        { ram, CAP_FRAME, 0, 1ull << 58, 64, 0, run, E_CAP_RANGE },
        { small, CAP_L2CNODE, 0, 0, 1, 0, run, E_CAP_RANGE },
        { small, CAP_NOTIFY, 0, 0, 33, 0, run, E_CAP_COUNT },
        { small, CAP_NOTIFY, 0, 0, 32, 0, run, E_OK },
        { ram, CAP_FRAME, 1, PAGE, 1, 0, run, E_CAP_ALIGN },
        { ram, CAP_L2CNODE, 2048, 0, 1, 0, run, E_CAP_ALIGN },
        { ram, CAP_DISPATCHER, 1024, 0, 1, 0, run, E_CAP_ALIGN },
        { ram, CAP_ENDPOINT, 128, 0, 1, 0, run, E_CAP_ALIGN },
        { ram, CAP_NOTIFY, 32, 0, 1, 0, run, E_CAP_ALIGN },
        { half, CAP_FRAME, 0, 2 * PAGE, 1, 0, run, E_CAP_OVERLAP },
        { half, CAP_ENDPOINT, PAGE + 2048 - 256, 0, 2, 0, run, E_CAP_OVERLAP },
        { half, CAP_RAM, 0, 2 * PAGE, 1, 0, run, E_CAP_OVERLAP },
        { ram, CAP_FRAME, 0, PAGE, 1, 0, full, E_SLOT_OCCUPIED },
        { ram, CAP_FRAME, 0, PAGE, 2, 0, full - 1, E_SLOT_OCCUPIED },
        { ram, CAP_FRAME, 0, PAGE, 7, 0, end, E_CAP_LOOKUP },
        { ram, CAP_FRAME, 0, PAGE, 1, 0, 0, E_CAP_LOOKUP },
        { ram, CAP_FRAME, 0, PAGE, 1, 0, CPTR(64, 0), E_CAP_LOOKUP },
        { ram, CAP_FRAME, 0, PAGE, 1, W_L0, 5, E_CAP_TYPE },
        { ram, CAP_FRAME, 0, PAGE, 1, empty, 5, E_CAP_EMPTY },
        { ram, CAP_FRAME, 0, PAGE, 1, ro_root, 5, E_CAP_RIGHTS },
        { ram, CAP_FRAME, 0, PAGE, 1, CPTR_L1(9), 256, E_CAP_LOOKUP },
        { ram, CAP_FRAME, 0, PAGE, 8, CPTR_L1(9), 249, E_CAP_LOOKUP },
        { ram, CAP_FRAME, 0, PAGE, 1, 0, CPTR_L1(20), E_SLOT_KIND },
        { ram, CAP_FRAME, 0, PAGE, 1, 0, CPTR_L1(20) + 1, E_CAP_LOOKUP },
        { W_RAM, CAP_L2CNODE, MIB, 0, 4, 0, CPTR_L1(61), E_CAP_LOOKUP },
    };
    for (unsigned i = 0; i < sizeof row / sizeof row[0]; i++) {
        uint64_t *const before = snapshot(&w);
        const uint64_t err = world_invoke(&w, row[i].from, MEMORY_RETYPE, row[i].type, row[i].offset, row[i].size,
                                          row[i].count, row[i].root, row[i].dst);
        EXPECT_EQ(err, row[i].err, "row %u", i);
        uint64_t *const after = snapshot(&w);
        EXPECT(err == E_OK || memcmp(before, after, 8 * MIB) == 0, "row %u: a refused call changed something", i);
        free(before);
        free(after);
        if (err == E_OK) {
            world_revoke(&w, row[i].from, 0, world_cte(&w, row[i].from)->bytes);
        }
    }
    world_check(&w, "refusals");
}

TEST(retype, run_does_not_cross_into_the_next_cnode)
{
    struct world w;
    world_init(&w);
    /* World's CNodes lie one behind the other in memory as in the address: still the run ends with the CNode. */
    EXPECT_EQ(world_invoke(&w, W_MEM, MEMORY_RETYPE, CAP_FRAME, 0, PAGE, 10, 0, CPTR(3, 250)), E_CAP_LOOKUP,
              "6 slots are left");
    EXPECT_EQ(world_invoke(&w, W_MEM, MEMORY_RETYPE, CAP_FRAME, 0, PAGE, 6, 0, CPTR(3, 250)), E_OK, "these are");
    world_check(&w, "run");
}

TEST(retype, depth_of_equal_ranges)
{
    struct world w;
    world_init(&w);
    cptr_t ram = world_make(&w, CAP_RAM, PAGE);
    for (unsigned gen = 1; gen <= 255; gen++) {
        const cptr_t next = world_retype(&w, ram, CAP_RAM, 0, PAGE);
        EXPECT_EQ(world_cte(&w, next)->gen, gen, "made from its like");
        EXPECT_EQ(world_invoke(&w, ram, MEMORY_RETYPE, CAP_RAM, 0, PAGE, 1, 0, world_slot(&w)), E_CAP_OVERLAP,
                  "in use");
        ram = next;
    }
    EXPECT_EQ(world_invoke(&w, ram, MEMORY_RETYPE, CAP_RAM, 0, PAGE, 1, 0, world_slot(&w)), E_CAP_DEPTH,
              "255 is the most");
    EXPECT_EQ(world_invoke(&w, ram, MEMORY_RETYPE, CAP_FRAME, 0, PAGE, 1, 0, world_slot(&w)), E_OK, "another type");
    world_check(&w, "deep");
    world_revoke(&w, W_RAM, 0, PAGE);
    EXPECT_EQ(world_invoke(&w, W_RAM, MEMORY_RETYPE, CAP_FRAME, 0, PAGE, 1, 0, world_slot(&w)), E_OK,
              "all revoked at once");
}

/* ---- results ----------------------------------------------------------------------------------------------------- */

TEST(retype, every_type)
{
    static const struct { uint8_t type; uint64_t size, bytes; } row[] = {
        { CAP_RAM, 3 * PAGE, 3 * PAGE }, { CAP_FRAME, PAGE, PAGE }, { CAP_L1CNODE, 6, 4096 },
        { CAP_L1CNODE, 12, 262144 },
        { CAP_L2CNODE, 77, 16384 }, { CAP_VNODE_L0, 0, 4096 }, { CAP_VNODE_L1, 0, 4096 }, { CAP_VNODE_L2, 0, 4096 },
        { CAP_VNODE_L3, 0, 4096 }, { CAP_DISPATCHER, 0, 2048 }, { CAP_ENDPOINT, 0, 256 }, { CAP_NOTIFY, 0, 64 },
    };
    for (unsigned i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct world w;
        world_init(&w);
        const uint64_t count = row[i].bytes == 262144 ? 1 : 3, offset = 5 * PAGE;
        memset(phys_to_virt(WORLD_RAM_BASE), 0xaa, MIB);
        const cptr_t ram = world_slot(&w);
        world_must(world_invoke(&w, 0, CNODE_COPY, ram, 0, W_RAM, RIGHT_OWN | RIGHT_READ | RIGHT_WRITE), "parent");
        EXPECT_EQ(world_invoke(&w, ram, MEMORY_RETYPE, row[i].type, offset, row[i].size, count, CPTR_L1(9), 7), E_OK,
                  "type %u", row[i].type);
        for (unsigned n = 0; n < count; n++) {
            const struct cte *const c = world_cte(&w, CPTR(9, 7 + n));
            EXPECT(c->type == row[i].type && c->bytes == row[i].bytes, "type %u", row[i].type);
            EXPECT_EQ(c->base, WORLD_RAM_BASE + offset + n * row[i].bytes, "one behind the other");
            EXPECT_EQ(c->rights, RIGHT_OWN | RIGHT_READ | RIGHT_WRITE, "rights of what it was made from");
            EXPECT_EQ(c->flags, row[i].type == CAP_ENDPOINT ? CTE_RECV : 0, "the receive capability");
            EXPECT_EQ(c->word[0] != 0, row[i].type == CAP_VNODE_L0, "an address-space identifier");
        }
        const uint8_t *const memory = phys_to_virt(WORLD_RAM_BASE + offset);
        const bool kernel_object = row[i].type >= CAP_L1CNODE;
        for (uint64_t b = 0; b < count * row[i].bytes; b += 8) {
            const bool set = row[i].type == CAP_DISPATCHER && memory[b];    /* priority and ceiling */
            EXPECT(set || memory[b] == (kernel_object ? 0 : 0xaa), "type %u byte %" PRIu64, row[i].type, b);
        }
        EXPECT(memory[-1] == 0xaa && memory[count * row[i].bytes] == 0xaa, "type %u: only its own memory", row[i].type);
        world_check(&w, "type %u", row[i].type);
    }
}

TEST(retype, other_number_lines)
{
    struct world w;
    world_init(&w);
    const cptr_t dev = world_retype(&w, W_DEV, CAP_DEVRANGE, PAGE, 2 * PAGE),
                 page = world_retype(&w, dev, CAP_DEVFRAME, PAGE, PAGE);
    EXPECT_EQ(world_cte(&w, page)->base, WORLD_DEV_BASE + 2 * PAGE, "a device page");
    const cptr_t id = world_retype(&w, W_ID, CAP_ID, 1000, 100), one = world_retype(&w, id, CAP_ID, 99, 1);
    EXPECT(cte_addr(world_cte(&w, one)) == 1099 && world_cte(&w, one)->bytes == 1, "an identity");
    const cptr_t irq = world_retype(&w, W_IRQTABLE, CAP_IRQ, WORLD_IRQS - 1, 123456);
    EXPECT(cte_addr(world_cte(&w, irq)) == WORLD_IRQS - 1 && world_cte(&w, irq)->bytes == 1, "an interrupt");
    world_check(&w, "other lines");
    EXPECT(!w.k->plat.console_given, "the console is the kernel's");
    w.k->plat.console_pa = WORLD_DEV_BASE + 10 * PAGE + 5;
    world_retype(&w, W_DEV, CAP_DEVRANGE, 8 * PAGE, 8 * PAGE);
    EXPECT(!w.k->plat.console_given, "still, as a range");
    world_retype(&w, W_DEV, CAP_DEVFRAME, 3 * PAGE, 4 * PAGE);
    EXPECT(!w.k->plat.console_given, "another page");
    world_invoke(&w, CPTR(W_L2_FIRST, 0) + w.slots_used - 2, MEMORY_RETYPE, CAP_DEVFRAME, 2 * PAGE, PAGE, 1, 0,
                 world_slot(&w));
    EXPECT(w.k->plat.console_given, "given to its driver");
}

TEST(retype, address_space_identifiers_run_out)
{
    struct world w;
    world_init(&w);
    w.k->asid_count = 64;       /* 1 to 63, of which me has one; then 32 more are taken */
    EXPECT_EQ(world_invoke(&w, W_RAM, MEMORY_RETYPE, CAP_VNODE_L0, 2 * MIB, 0, 32, 0, CPTR(9, 200)), E_OK, "32");
    EXPECT_EQ(world_invoke(&w, W_RAM, MEMORY_RETYPE, CAP_VNODE_L0, 0, 0, 31, 0, CPTR(9, 0)), E_ASID_NONE,
              "30 are left");
    world_check(&w, "none was taken");
    EXPECT(cte_empty(world_cte(&w, CPTR(9, 0))), "no slot was filled");
    EXPECT_EQ(world_invoke(&w, W_RAM, MEMORY_RETYPE, CAP_VNODE_L0, 0, 0, 30, 0, CPTR(9, 0)), E_OK, "30");
    for (unsigned i = 0; i < 30; i++) {
        for (unsigned j = 0; j < i; j++) {
            EXPECT(world_cte(&w, CPTR(9, i))->word[0] != world_cte(&w, CPTR(9, j))->word[0], "each its own");
        }
        EXPECT(world_cte(&w, CPTR(9, i))->word[0] != 0, "0 is the empty table's");
    }
    EXPECT_EQ(world_invoke(&w, W_RAM, MEMORY_RETYPE, CAP_VNODE_L0, MIB, 0, 1, 0, CPTR(9, 100)), E_ASID_NONE, "no more");
    const uint64_t asid = world_cte(&w, CPTR(9, 29))->word[0];
    fake_tlb.last_asid = 0;
    world_delete(&w, CPTR(9, 29));
    EXPECT_EQ(fake_tlb.last_asid, asid, "flushed before it is free");
    EXPECT_EQ(world_invoke(&w, W_RAM, MEMORY_RETYPE, CAP_VNODE_L0, MIB, 0, 1, 0, CPTR(9, 100)), E_OK,
              "one is free again");
    EXPECT_EQ(world_cte(&w, CPTR(9, 100))->word[0], asid, "that one");
    world_check(&w, "asids");
}
