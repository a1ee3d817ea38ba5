/** @file capops_cores_test.c  Cores that leave, die or hang in the middle of something: the last rows of the table in docs/cores.md. */
#include "capops_world.h"

#define A 1u            /* owner; core 0 is the boot core */
#define B 2u
#define C 3u

/* Core A has unit 0 and a Frame of it, of which core @p to has a copy. */
static cptr_t shared(unsigned to)
{
    struct operation *op;
    start(4);
    EXPECT_EQ(begin_lend(A, 0, &op), E_OK, "lend");
    run();
    ended(op, E_OK, "lend");
    frame(A, arena(0));
    return sent(A, arena(0), to);
}

static struct operation *dies(unsigned core, bool off)
{
    struct operation *op;
    w.node[core].state = NODE_DEAD;
    EXPECT_EQ(begin_gone(core, off, &op), E_OK, "gone");
    if (off) {
        w.node[core].state = NODE_OFF;
    }
    return op;
}

static struct operation *leaves(unsigned core)
{
    struct operation *op;
    capops_refuse(&w.node[core].co);
    kill_processes(core);
    EXPECT_EQ(begin_leave(core, &op), E_OK, "leave");
    return op;
}

static void off(unsigned core)
{
    EXPECT(w.node[0].told_leaving[core], "the boot core knows");
    w.node[core].state = NODE_OFF;
    capops_core_off(&w.node[0].co, core);
}

TEST(outcome, a_holder_stops_during_a_revoke)
{
    shared(B);
    struct operation *const op = purges_out(A), *const stop = leaves(B);
    run();
    ended(op, E_OK, "revoke");
    ended(stop, E_OK, "stop");
    off(B);
    nothing_left(4);
}

TEST(outcome, a_holder_is_proved_off_during_a_revoke)
{
    shared(B);
    sent(A, arena(0), C);
    struct operation *const op = purges_out(A), *const gone = dies(B, true);
    run();
    ended(op, E_OK, "revoke");
    ended(gone, E_OK, "gone");
    nothing_left(4);
    restart(B);
    frame(A, arena(0));
    sent(A, arena(0), B);
    check_settled();
}

TEST(outcome, a_holder_is_proved_off_and_leaves_the_set)
{
    struct operation *op;
    shared(B);
    EXPECT_EQ(begin_send(A, arena(0), B, &op), E_OK, "and an import is under way");
    steps(A);
    dies(B, true);
    run();
    ended(op, E_GONE, "the import");
    EXPECT(!object_first(&w.node[A].co, A), "no anchor");
    drop(A, arena(0));
    EXPECT_EQ(begin_return(A, 0, &op), E_OK, "its memory is unused");
    run();
    ended(op, E_OK, "return");
    nothing_left(4);
}

TEST(outcome, the_owner_stops)
{
    struct operation *op;
    const cptr_t at_b = shared(B);
    EXPECT_EQ(begin_send(B, at_b, C, &op), E_OK, "a forward under way");
    steps(B);
    struct operation *const stop = leaves(A);
    run();
    ended(stop, E_OK, "stop");
    EXPECT(op->done && (op->err == E_GONE || op->err == E_LEAVING), "forward: %u", (unsigned)op->err);
    off(A);
    EXPECT(!has(B, at_b), "the copy is gone");
    nothing_left(4);
}

TEST(outcome, the_owner_dies)
{
    for (unsigned proved = 0; proved < 2; proved++) {
        struct operation *op;
        const cptr_t at_b = shared(B);
        sent(B, at_b, C);
        EXPECT_EQ(begin_send(B, at_b, C, &op), E_OK, "a forward under way");
        steps(B);
        struct operation *const gone = dies(A, proved);
        run();
        ended(op, E_GONE, "forward");
        ended(gone, proved ? E_OK : E_QUARANTINED, "gone");
        EXPECT_EQ(has(0, unit(0)), proved, "its memory comes back if it is proved off");
        EXPECT_EQ(caps_in(B, UNIT_LO, UNIT_HI) + caps_in(C, UNIT_LO, UNIT_HI), 0, "the copies are gone");
        check_settled();
    }
}

TEST(outcome, an_import_of_a_dead_owner_is_not_served)
{
    struct operation *op;
    shared(B);
    EXPECT_EQ(begin_send(A, arena(0), C, &op), E_OK, "send");
    steps(A);
    EXPECT(open_wanted(A, C), "a channel");
    steps(A);                                   /* the import is in the ring */
    dies(A, true);
    run();
    EXPECT_EQ(caps_in(C, UNIT_LO, UNIT_HI), 0, "it came too late");
    nothing_left(4);
    check_empty();
}

TEST(outcome, a_holder_is_not_proved_off)
{
    shared(B);
    sent(A, arena(0), C);
    struct operation *const op = purges_out(A), *const gone = dies(B, false);
    struct operation *again;
    run();
    ended(gone, E_QUARANTINED, "gone");
    ended(op, E_QUARANTINED, "revoke");
    EXPECT_EQ(caps_in(C, UNIT_LO, UNIT_HI), 0, "swept elsewhere");
    EXPECT(caps_in(A, UNIT_LO, UNIT_HI) == 1 && object_first(&w.node[A].co, A)->cores == BIT(B), "core and anchor stay");
    EXPECT_EQ(make(A, unit(0), CAP_FRAME, 0, SIM_PAGE, arena(1)), E_CAP_OVERLAP, "the memory is not used again");
    EXPECT_EQ(begin_return(A, 0, NULL), E_CAP_OVERLAP, "nor returned");
    EXPECT_EQ(begin_revoke(A, unit(0), 0, SIM_UNIT, &again), E_OK, "another revoke");
    run();
    ended(again, E_QUARANTINED, "another revoke");
    check_settled();
}

TEST(outcome, what_a_quarantined_core_may_have_of_a_dead_owner_stays)
{
    shared(B);
    dies(B, false);
    struct operation *const gone = dies(A, true);
    run();
    ended(gone, E_QUARANTINED, "A is off, but B may have something of its memory");
    EXPECT(!has(0, unit(0)), "which stays a husk");
    check_settled();
}

TEST(outcome, nobody_listens_to_a_core_that_was_only_slow)
{
    const cptr_t at_b = shared(B);
    struct operation *gone;
    EXPECT_EQ(begin_gone(B, false, &gone), E_OK, "it is declared dead");
    w.node[B].state = NODE_HUNG;
    run();
    ended(gone, E_QUARANTINED, "gone");
    EXPECT(has(B, at_b), "it goes on");
    EXPECT_EQ(begin_send(B, at_b, C, NULL), E_OK, "and asks for something");
    run();
    EXPECT_EQ(caps_in(C, UNIT_LO, UNIT_HI), 0, "but nothing comes of it");
    EXPECT_EQ(begin_send(A, arena(0), B, NULL), E_GONE, "and nobody sends there");
}

TEST(cores, two_leave_at_once_while_a_third_dies)
{
    shared(B);
    struct operation *const first = leaves(B), *const second = leaves(C);
    steps(B);
    steps(C);
    struct operation *const gone = dies(A, true);
    run();
    ended(first, E_OK, "B");
    ended(second, E_OK, "C");
    off(B);                             /* the boot core told them what became of A until then */
    off(C);
    run();
    ended(gone, E_OK, "A");
    nothing_left(4);
    restart(A);
    restart(B);
    restart(C);
    check_empty();
}

TEST(cores, the_boot_core_stays)
{
    uint64_t none;
    start(2);
    EXPECT_EQ(err_root(capops_leave(&w.node[0].co, 0)), E_BOOT_CORE, "leave");
    EXPECT_EQ(err_root(capops_core_gone(&w.node[0].co, 0, true, 0)), E_ARG, "gone");
    EXPECT_EQ(err_root(capops_core_gone(&w.node[0].co, SIM_CORES, true, 0)), E_ARG, "no such core");
    none = begin_leave(1, NULL);
    EXPECT_EQ(none, E_OK, "the others go");
    EXPECT_EQ(begin_leave(1, NULL), E_LEAVING, "once");
    EXPECT_EQ(begin_send(1, SIM_ID, 0, NULL), E_LEAVING, "and send nothing more");
    run();
}

TEST(cores, gone_twice)
{
    struct operation *op;
    shared(B);
    dies(B, false);
    EXPECT_EQ(begin_gone(B, false, NULL), E_QUARANTINED, "it is in quarantine");
    dies(A, true);
    EXPECT_EQ(begin_gone(A, true, NULL), E_GONE, "it is being cleared up");
    run();
    EXPECT_EQ(begin_lend(B, 1, &op), E_GONE, "nothing is lent to such a core");
    EXPECT_EQ(begin_lend(0, 1, &op), E_ARG, "nor to oneself");
}

TEST(cores, a_leaving_core_takes_nothing)
{
    struct operation *op, *lent;
    start(3);
    EXPECT_EQ(make(0, unit(0), CAP_FRAME, 0, SIM_PAGE, arena(0)), E_OK, "a Frame");
    capops_refuse(&w.node[1].co);
    EXPECT_EQ(begin_send(0, arena(0), 1, &op), E_OK, "send");
    EXPECT_EQ(begin_lend(1, 1, &lent), E_OK, "lend");
    run();
    ended(op, E_LEAVING, "send");
    ended(lent, E_LEAVING, "lend");
    EXPECT(has(0, unit(1)), "the unit is back");
    EXPECT(!object_first(&w.node[0].co, 0), "no anchor");
    struct operation *const stop = leaves(1);
    steps(1);
    EXPECT_EQ(begin_lend(1, 1, &lent), E_OK, "a lend that crosses");
    steps(0);
    EXPECT(deliver(1, 0), "what it says when it leaves");
    run();
    ended(stop, E_OK, "stop");
    ended(lent, E_LEAVING, "lend");
    EXPECT(has(0, unit(1)), "the unit is back");
    off(1);
    check_settled();
}

TEST(cores, what_a_kernel_shared_at_start)
{
    struct operation *op;
    uint64_t r[6];
    start(2);
    EXPECT_EQ(make(0, unit(0), CAP_FRAME, 0, SIM_PAGE, arena(0)), E_OK, "a Frame");
    const uint64_t base = sim_memory();
    EXPECT_EQ(sim_call(1, SIM_KERNEL, KERNEL_MAKE_FOREIGN, r, CAP_FRAME | 3 << 8 | 0 << 16, base, SIM_PAGE, 0, arena(0)), E_OK, "shared");
    EXPECT_EQ(err_root(capops_given(&w.node[0].co, unit(1), 1)), E_CAP_LOCAL, "RAM is none of these");
    EXPECT_EQ(err_root(capops_given(&w.node[1].co, arena(0), 0)), E_FOREIGN, "nor what is not one's own");
    EXPECT_EQ(err_root(capops_got(&w.node[0].co, arena(0))), E_CAP_LOCAL, "nor got what is");
    EXPECT(err_ok(capops_given(&w.node[0].co, arena(0), 1)), "given");
    EXPECT(err_ok(capops_got(&w.node[1].co, arena(0))), "got");
    check_settled();
    EXPECT_EQ(begin_revoke(0, unit(0), 0, SIM_UNIT, &op), E_OK, "revoke");
    run();
    ended(op, E_OK, "revoke");
    nothing_left(2);
}
