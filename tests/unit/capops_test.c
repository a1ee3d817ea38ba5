/** @file capops_test.c  Capabilities across cores, case by case. */
#include "capops_world.h"

#define A 0u            /* owner */
#define B 1u
#define C 2u

static uint64_t base_of(unsigned core, cptr_t slot)
{
    struct sim_cap cap = { 0 };
    (void)sim_slot(core, slot, &cap);
    return cap.base;
}

/* A Frame of @p core's own in @p slot. */
static void frame(unsigned core, cptr_t slot)
{
    EXPECT_EQ(make(core, unit(0), CAP_FRAME, 0, SIM_PAGE, slot), E_OK, "a Frame");
}

static void start(unsigned cores)
{
    world_start(cores, test_seed() * 7919 + 1);
}

/* Send, and run until it has arrived.  @return where */
static cptr_t sent(unsigned from, cptr_t slot, unsigned to)
{
    struct operation *op;
    EXPECT_EQ(begin_send(from, slot, to, &op), E_OK, "send");
    run();
    EXPECT(op->done && op->err == E_OK, "send: %u", (unsigned)op->err);
    return w.arrived;
}

TEST(capops, a_frame_travels_and_comes_to_its_end)
{
    start(3);
    frame(A, arena(0));
    const cptr_t at_b = sent(A, arena(0), B);
    struct sim_cap cap;
    EXPECT(sim_slot(B, at_b, &cap) && cap.foreign && cap.owner == A && cap.base == base_of(A, arena(0)), "a copy");
    EXPECT_EQ(cap.rights, RIGHTS_ALL & ~(unsigned)RIGHT_OWN, "rights");
    check_settled();
    const cptr_t at_c = sent(B, at_b, C);
    EXPECT(sim_slot(C, at_c, &cap) && cap.owner == A, "from B to C");
    const cptr_t back = sent(C, at_c, A);
    EXPECT(sim_slot(A, back, &cap) && !cap.foreign, "and back");
    check_settled();
    drop(B, at_b);
    drop(C, at_c);
    run();
    check_settled();
    EXPECT(!object_first(&w.node[A].co, A) && !w.node[B].co.objects && !w.node[C].co.objects, "no records are left");
    drop(A, back);
    drop(A, arena(0));
    EXPECT_EQ(caps_in(A, sim_memory(), sim_memory() + SIM_UNIT), 0, "all gone");
}

TEST(capops, revoke_reaches_every_core)
{
    start(3);
    struct operation *op;
    frame(A, arena(0));
    const cptr_t at_b = sent(A, arena(0), B);
    sent(B, at_b, C);
    uint64_t r[6];
    EXPECT_EQ(map(B, at_b, empty_arena(B)), E_OK, "mapped at B");
    EXPECT_EQ(sim_call(A, 0, CNODE_REVOKE, r, unit(0), 0, SIM_UNIT), E_REMOTE, "the kernel alone cannot");
    EXPECT_EQ(begin_revoke(A, unit(0), 0, SIM_UNIT, &op), E_OK, "revoke");
    run();
    EXPECT(op->done && op->err == E_OK, "revoke: %u", (unsigned)op->err);
    check_settled();
    for (unsigned c = 0; c < 3; c++) {
        EXPECT_EQ(caps_in(c, sim_memory(), sim_memory() + SIM_UNIT), 0, "core %u", c);
        EXPECT(!w.node[c].co.objects, "core %u: no records", c);
    }
}
