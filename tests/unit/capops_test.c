/** @file capops_test.c  Capabilities across cores, case by case: the rows of the table in docs/cores.md, "Outcome of pairs". */
#include "capops_world.h"

#define A 0u            /* owner */
#define B 1u
#define C 2u

TEST(capops, a_frame_travels_and_comes_to_its_end)
{
    start(3);
    frame(A, arena(0));
    const cptr_t at_b = sent(A, arena(0), B);
    struct sim_cap cap, own;
    EXPECT(sim_slot(A, arena(0), &own) && sim_slot(B, at_b, &cap) && cap.foreign && cap.owner == A && cap.base == own.base, "a copy");
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
    nothing_left(3);
    check_empty();
}

/* ---- revoke meets … ------------------------------------------------------------------------------------------------- */

TEST(outcome, revoke_meets_copy_map_export_on_the_owner)
{
    struct operation *op, *export;
    start(3);
    frame(A, arena(0));
    sent(A, arena(0), B);
    EXPECT_EQ(copy(A, arena(1), arena(0), RIGHTS_ALL), E_OK, "before: a copy");
    EXPECT_EQ(map(A, arena(0), arena(2)), E_OK, "before: a Mapping");
    EXPECT_EQ(begin_send(A, arena(1), C, &export), E_OK, "before: an export, which waits for its turn");
    EXPECT_EQ(begin_revoke(A, unit(0), 0, SIM_UNIT, &op), E_OK, "revoke");
    EXPECT_EQ(copy(A, arena(3), arena(0), RIGHTS_ALL), E_REVOKED, "after: a copy");
    EXPECT_EQ(map(A, arena(0), arena(3)), E_REVOKED, "after: a Mapping");
    EXPECT_EQ(begin_send(A, arena(0), C, NULL), E_REVOKED, "after: an export");
    run();
    ended(op, E_OK, "revoke");
    ended(export, E_REVOKED, "the export that waited");
    nothing_left(3);
}

TEST(outcome, revoke_meets_copy_and_map_on_a_holder)
{
    start(2);
    frame(A, arena(0));
    const cptr_t at_b = sent(A, arena(0), B);
    struct operation *const op = purges_out(A);
    EXPECT_EQ(copy(B, arena(5), at_b, RIGHTS_ALL), E_OK, "before the purge: a copy");
    EXPECT_EQ(map(B, at_b, arena(6)), E_OK, "before the purge: a Mapping");
    EXPECT(deliver(A, B), "the purge");
    EXPECT(step(B), "is begun");
    if (has(B, at_b)) {
        EXPECT_EQ(copy(B, arena(7), at_b, RIGHTS_ALL), E_REVOKED, "a copy while it is swept");
    }
    run();
    ended(op, E_OK, "revoke");
    EXPECT(!has(B, at_b) && !has(B, arena(5)) && !has(B, arena(6)), "gone");
    nothing_left(2);
}

TEST(outcome, revoke_meets_a_forward_under_way)
{
    for (unsigned early = 0; early < 2; early++) {
        struct operation *forward;
        start(3);
        frame(A, arena(0));
        const cptr_t at_b = sent(A, arena(0), B);
        EXPECT_EQ(begin_send(B, at_b, C, &forward), E_OK, "forward");
        steps(B);
        if (early) {
            EXPECT(deliver(B, A), "the owner has it first");
            steps(A);                   /* the import is in the ring */
        }
        struct operation *const op = purges_out(A);
        run();
        ended(op, E_OK, "revoke");
        ended(forward, early ? E_OK : E_REVOKED, "forward");
        nothing_left(3);
    }
}

TEST(outcome, revoke_meets_a_forward_that_comes_too_late)
{
    struct operation *forward;
    start(3);
    frame(A, arena(0));
    const cptr_t at_b = sent(A, arena(0), B);
    EXPECT_EQ(begin_send(B, at_b, C, &forward), E_OK, "forward");
    steps(B);
    struct operation *const op = purges_out(A);
    while (deliver(A, B) || step(B)) {          /* B's answer is behind its forward */
    }
    EXPECT(deliver(B, A), "the forward");
    run();
    ended(forward, E_REVOKED, "forward");
    ended(op, E_OK, "revoke");
    EXPECT_EQ(begin_send(B, at_b, C, NULL), E_CAP_EMPTY, "and nothing is left to send");
    nothing_left(3);
}

TEST(outcome, revoke_meets_retype_on_the_owner)
{
    start(2);
    frame(A, arena(0));
    sent(A, arena(0), B);
    EXPECT_EQ(make(A, unit(0), CAP_FRAME, SIM_PAGE, SIM_PAGE, arena(1)), E_OK, "before");
    EXPECT_EQ(make(A, unit(0), CAP_RAM, 4 * SIM_PAGE, SIM_PAGE, arena(2)), E_OK, "before");
    struct operation *const op = purges_out(A);
    EXPECT(!has(A, arena(1)) && !has(A, arena(2)), "swept");
    EXPECT_EQ(make(A, unit(0), CAP_FRAME, SIM_PAGE, SIM_PAGE, arena(3)), E_REVOKED, "after");
    EXPECT_EQ(make(A, SIM_MEMORY, CAP_FRAME, SIM_PAGE, SIM_PAGE, arena(3)), E_REVOKED, "after, by an ancestor");
    run();
    ended(op, E_OK, "revoke");
    frame(A, arena(0));
    drop(A, arena(0));
    nothing_left(2);
}

TEST(outcome, revoke_meets_revoke)
{
    for (unsigned order = 0; order < 3; order++) {
        struct operation *first, *second;
        start(3);
        EXPECT_EQ(make(A, unit(0), CAP_RAM, 0, 4 * SIM_PAGE, arena(1)), E_OK, "RAM");
        EXPECT_EQ(make(A, arena(1), CAP_FRAME, 0, SIM_PAGE, arena(0)), E_OK, "a Frame in it");
        EXPECT_EQ(copy(A, arena(2), arena(0), RIGHTS_ALL), E_OK, "another capability of it");
        sent(A, arena(0), B);
        sent(A, arena(0), C);
        const cptr_t slot[] = { unit(0), arena(1), arena(0) };
        const uint64_t bytes[] = { SIM_UNIT, 4 * SIM_PAGE, SIM_PAGE };
        EXPECT_EQ(begin_revoke(A, slot[2 - order], 0, bytes[2 - order], &first), E_OK, "the first");
        for (unsigned i = 0; i < order; i++) {
            step(A);
        }
        EXPECT_EQ(begin_revoke(A, slot[order == 2 ? 0 : order], 0, bytes[order == 2 ? 0 : order], &second), E_OK, "the second");
        run();
        EXPECT(first->done && (first->err == E_OK || first->err == E_GONE), "the first: %u", (unsigned)first->err);
        ended(second, E_OK, "the second, of the enclosing range or the same");
        EXPECT(!object_first(&w.node[A].co, A), "no anchor");
        EXPECT(!w.node[B].co.objects && !w.node[C].co.objects, "no tally");
        check_settled();
    }
}

TEST(outcome, revoke_meets_delete_of_the_invoked_capability)
{
    start(2);
    EXPECT_EQ(make(A, unit(0), CAP_RAM, 0, 4 * SIM_PAGE, arena(1)), E_OK, "RAM");
    EXPECT_EQ(make(A, arena(1), CAP_FRAME, 0, SIM_PAGE, arena(0)), E_OK, "a Frame in it");
    sent(A, arena(0), B);
    struct operation *op, *export;
    EXPECT_EQ(begin_revoke(A, arena(1), 0, 4 * SIM_PAGE, &op), E_OK, "revoke");
    steps(A);                                   /* swept; the purge is in the ring */
    drop(A, arena(1));                          /* and the kernel has forgotten it */
    EXPECT_EQ(make(A, unit(0), CAP_FRAME, 0, SIM_PAGE, arena(2)), E_CAP_OVERLAP, "the anchor holds the range");
    steps(A);
    EXPECT(!op->done, "the purge is waited for");
    EXPECT_EQ(make(A, unit(0), CAP_FRAME, 2 * SIM_PAGE, SIM_PAGE, arena(2)), E_OK, "what was not shared is free");
    EXPECT_EQ(begin_send(A, arena(2), B, &export), E_OK, "and can be sent");
    run();
    ended(op, E_GONE, "revoke");
    ended(export, E_OK, "export");
    EXPECT_EQ(caps_in(B, UNIT_LO, UNIT_LO + SIM_PAGE), 0, "what was swept stays swept");
    EXPECT_EQ(make(A, unit(0), CAP_FRAME, 0, SIM_PAGE, arena(3)), E_OK, "the anchor is gone");
    check_settled();
}

TEST(outcome, revoke_whose_capability_goes_at_once)
{
    start(2);
    EXPECT_EQ(make(A, unit(0), CAP_RAM, 0, 4 * SIM_PAGE, arena(1)), E_OK, "RAM");
    EXPECT_EQ(make(A, arena(1), CAP_FRAME, 0, SIM_PAGE, arena(0)), E_OK, "a Frame in it");
    const cptr_t at_b = sent(A, arena(0), B);
    struct operation *op;
    EXPECT_EQ(begin_revoke(A, arena(1), 0, 4 * SIM_PAGE, &op), E_OK, "revoke");
    drop(A, arena(1));
    run();
    ended(op, E_GONE, "revoke");
    EXPECT(has(B, at_b), "nothing was swept on B");
    check_settled();
}

/* ---- delete, retype ------------------------------------------------------------------------------------------------- */

TEST(outcome, last_delete_on_a_holder_meets_an_import)
{
    struct operation *op;
    start(2);
    frame(A, arena(0));
    drop(B, sent(A, arena(0), B));
    EXPECT(look(B), "it is alone");
    EXPECT_EQ(begin_send(A, arena(0), B, &op), E_OK, "another one");
    steps(B);                                   /* dropped is in the ring */
    steps(A);                                   /* so is the import */
    EXPECT(deliver(B, A), "dropped");
    EXPECT(object_first(&w.node[A].co, A) && object_first(&w.node[A].co, A)->cores == BIT(B), "the counts differ: B stays in the set");
    run();
    ended(op, E_OK, "send");
    EXPECT(has(B, w.arrived), "it has arrived");
    check_settled();
}

TEST(outcome, the_owners_processes_delete_it)
{
    start(2);
    frame(A, arena(0));
    const cptr_t at_b = sent(A, arena(0), B);
    drop(A, arena(0));
    run();
    EXPECT(has(B, at_b) && caps_in(A, UNIT_LO, UNIT_HI) == 1, "the anchor stays");
    EXPECT_EQ(make(A, unit(0), CAP_FRAME, 0, SIM_PAGE, arena(1)), E_CAP_OVERLAP, "and its memory is in use");
    check_settled();
    const cptr_t back = sent(B, at_b, A);
    EXPECT(has(A, back), "it can come back");
    drop(A, back);
    drop(B, at_b);
    run();
    EXPECT_EQ(make(A, unit(0), CAP_FRAME, 0, SIM_PAGE, arena(1)), E_OK, "until B drops it");
    drop(A, arena(1));
    nothing_left(2);
}

TEST(outcome, retype_meets_retype)
{
    start(2);
    frame(A, arena(0));
    EXPECT_EQ(make(A, SIM_MEMORY, CAP_FRAME, 0, SIM_PAGE, arena(1)), E_CAP_OVERLAP, "the same core: the second is refused");
    const cptr_t at_b = sent(A, arena(0), B);
    EXPECT_EQ(make(B, at_b, CAP_FRAME, 0, SIM_PAGE, arena(1)), E_OP, "and nowhere else can it be done");
}

/* ---- lend, return --------------------------------------------------------------------------------------------------- */

TEST(outcome, lend_meets_use)
{
    struct operation *op;
    start(3);
    frame(A, arena(0));
    EXPECT_EQ(begin_lend(B, 0, NULL), E_CAP_OVERLAP, "a Frame was made of it");
    sent(A, arena(0), C);
    drop(A, arena(0));
    EXPECT_EQ(begin_lend(B, 0, NULL), E_CAP_OVERLAP, "and lives on another core");
    EXPECT_EQ(begin_revoke(A, unit(0), 0, SIM_UNIT, &op), E_OK, "revoke");
    EXPECT_EQ(begin_lend(B, 0, NULL), E_REVOKED, "not while it is being revoked");
    run();
    ended(op, E_OK, "revoke");
    EXPECT_EQ(begin_lend(B, 0, &op), E_OK, "unused");
    EXPECT_EQ(make(A, SIM_MEMORY, CAP_FRAME, 0, SIM_PAGE, arena(0)), E_CAP_OVERLAP, "from then on A has it no more");
    run();
    ended(op, E_OK, "lend");
    frame(B, arena(0));
    sent(B, arena(0), A);
    EXPECT_EQ(begin_revoke(A, SIM_MEMORY, 0, SIM_UNITS * SIM_UNIT, &op), E_OK, "A revokes all its memory");
    run();
    ended(op, E_LENT, "and hears that a part is lent");
    EXPECT(has(B, unit(0)) && has(B, arena(0)), "which is untouched");
    check_settled();
}

TEST(outcome, return_meets_use)
{
    struct operation *op;
    start(2);
    EXPECT_EQ(begin_lend(B, 0, &op), E_OK, "lend");
    run();
    ended(op, E_OK, "lend");
    frame(B, arena(0));
    EXPECT_EQ(begin_return(B, 0, NULL), E_CAP_OVERLAP, "in use");
    sent(B, arena(0), A);
    drop(B, arena(0));
    EXPECT_EQ(begin_return(B, 0, NULL), E_CAP_OVERLAP, "in use on another core");
    EXPECT_EQ(begin_revoke(B, unit(0), 0, SIM_UNIT, &op), E_OK, "revoke");
    run();
    ended(op, E_OK, "revoke");
    EXPECT_EQ(begin_return(B, 0, &op), E_OK, "unused");
    EXPECT_EQ(make(B, unit(0), CAP_FRAME, 0, SIM_PAGE, arena(0)), E_CAP_EMPTY, "from then on B has it no more");
    run();
    ended(op, E_OK, "return");
    frame(A, arena(0));
    drop(A, arena(0));
    nothing_left(2);
    check_empty();
}

TEST(outcome, return_meets_a_revoke_of_what_encloses_it)
{
    struct operation *op, *back;
    start(3);
    EXPECT_EQ(begin_lend(B, 0, &op), E_OK, "lend");
    run();
    EXPECT_EQ(make(A, unit(1), CAP_FRAME, 0, SIM_PAGE, arena(0)), E_OK, "a Frame of another unit");
    sent(A, arena(0), C);
    EXPECT_EQ(begin_revoke(A, SIM_MEMORY, 0, 2 * SIM_UNIT, &op), E_OK, "revoke of both");
    steps(A);
    EXPECT_EQ(begin_return(B, 0, &back), E_OK, "return");
    steps(B);
    EXPECT(deliver(B, A), "it comes while the range is closed");
    steps(A);
    EXPECT(!back->done && !has(A, unit(0)), "and has to wait");
    run();
    ended(op, E_LENT, "revoke");
    ended(back, E_OK, "return");
    EXPECT(has(A, unit(0)), "it is back");
    check_settled();
}
