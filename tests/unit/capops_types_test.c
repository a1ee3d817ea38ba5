/** @file capops_types_test.c  What travels and how, and what happens when records, slots or places in a ring run out. */
#include "capops_world.h"

#define A 0u
#define B 1u
#define C 2u

TEST(types, what_stays_on_its_core)
{
    static const enum cap_type local[] = { CAP_RAM, CAP_DEVRANGE, CAP_L1CNODE, CAP_L2CNODE, CAP_VNODE_L0, CAP_VNODE_L3, CAP_MAPPING,
                                           CAP_DISPATCHER, CAP_ENDPOINT, CAP_KERNEL, CAP_CORECONTROL, CAP_IRQTABLE };
    start(2);
    const cptr_t there[] = { unit(0), SIM_KERNEL, SIM_DISP, SIM_IRQTABLE, SIM_TABLE };
    for (unsigned i = 0; i < sizeof there / sizeof there[0]; i++) {
        EXPECT_EQ(begin_send(A, there[i], B, NULL), E_CAP_LOCAL, "slot %u", i);
    }
    EXPECT_EQ(make(A, SIM_PRIVATE, CAP_ENDPOINT, 0, 0, arena(0)), E_OK, "an Endpoint");
    EXPECT_EQ(begin_send(A, arena(0), B, NULL), E_CAP_LOCAL, "an Endpoint");
    frame(A, arena(1));
    EXPECT_EQ(map(A, arena(1), arena(2)), E_OK, "a Mapping");
    EXPECT_EQ(begin_send(A, arena(2), B, NULL), E_CAP_LOCAL, "a Mapping");
    for (unsigned i = 0; i < sizeof local / sizeof local[0]; i++) {
        EXPECT(strlen(capops_local_text(local[i])) > 20, "a text for type %u", local[i]);
    }
    EXPECT(strstr(capops_local_text(CAP_ENDPOINT), "reference") && strstr(capops_local_text(CAP_DISPATCHER), "number"), "what crosses");
    EXPECT_EQ(begin_send(A, arena(9), B, NULL), E_CAP_EMPTY, "an empty slot");
    EXPECT_EQ(begin_send(A, arena(1), A, NULL), E_ARG, "to oneself");
    EXPECT_EQ(begin_send(A, arena(1), SIM_CORES, NULL), E_ARG, "no such core");
    kill_processes(A);
    check_empty();
}

TEST(types, a_notify_arrives_as_a_proxy)
{
    struct operation *op;
    struct sim_cap cap;
    uint64_t r[6];
    start(3);
    EXPECT_EQ(make(A, SIM_PRIVATE, CAP_NOTIFY, 0, 0, arena(0)), E_OK, "a Notify");
    EXPECT_EQ(make(A, SIM_PRIVATE, CAP_NOTIFY, SIM_PAGE, 0, arena(1)), E_OK, "another");
    const cptr_t at_b = sent(A, arena(0), B), other = sent(A, arena(1), B);
    EXPECT(sim_slot(B, at_b, &cap) && cap.type == CAP_REMOTENOTIFY && cap.owner == A && (cap.base & 0xffff) == 1, "a RemoteNotify");
    EXPECT(sim_slot(B, other, &cap) && (cap.base & 0xffff) == 2, "with an index of its own");
    EXPECT_EQ(sim_call(B, at_b, NOTIFY_BIND, r, SIM_DISP, 5), E_OP, "it can only be signalled");
    const cptr_t at_c = sent(B, at_b, C);
    EXPECT(sim_slot(C, at_c, &cap) && cap.type == CAP_REMOTENOTIFY && cap.owner == A, "and sent on");
    const cptr_t back = sent(C, at_c, A);
    EXPECT(sim_slot(A, back, &cap) && cap.type == CAP_NOTIFY, "at home it is the Notify again");
    check_settled();
    EXPECT_EQ(begin_revoke(A, SIM_PRIVATE, 0, SIM_PRIVATE_BYTES, &op), E_OK, "revoke");
    run();
    ended(op, E_OK, "revoke");
    EXPECT(!has(B, at_b) && !has(B, other) && !has(C, at_c), "gone");
    check_settled();
    check_empty();
    EXPECT_EQ(make(A, SIM_PRIVATE, CAP_NOTIFY, 0, 0, arena(0)), E_OK, "a Notify");
    EXPECT_EQ(copy(A, arena(1), arena(0), RIGHT_GRANT), E_OK, "that cannot be signalled");
    EXPECT(sim_slot(B, sent(A, arena(1), B), &cap) && cap.rights == RIGHT_GRANT, "nor can its proxy");
}

/* A purge of an index that another purge holds up must not meet the next Notify of that index. */
TEST(types, an_index_is_free_when_its_purge_is_answered)
{
    struct operation *first, *second, *op;
    start(3);
    EXPECT_EQ(begin_lend(C, 0, &op), E_OK, "lend");
    run();
    frame(C, arena(0));
    sent(C, arena(0), B);
    EXPECT_EQ(make(A, SIM_PRIVATE, CAP_NOTIFY, 0, 0, arena(0)), E_OK, "a Notify");
    EXPECT_EQ(make(A, SIM_PRIVATE, CAP_NOTIFY, SIM_PAGE, 0, arena(1)), E_OK, "another");
    const cptr_t at_b = sent(A, arena(0), B);
    first = purges_out(C);
    EXPECT(deliver(C, B) && step(B), "B is busy with another purge");
    EXPECT_EQ(begin_revoke(A, SIM_PRIVATE, 0, SIM_PAGE, &second), E_OK, "revoke");
    steps(A);
    drop(B, at_b);
    EXPECT(look(B) && deliver(A, B), "B drops it, and the purge has to wait there");
    while (w.ring[B][A].count == 0 && step(B)) {
    }
    EXPECT(deliver(B, A), "dropped");
    EXPECT_EQ(begin_send(A, arena(1), B, &op), E_OK, "the other Notify");
    run();
    ended(first, E_OK, "the other purge");
    ended(second, E_OK, "revoke");
    ended(op, E_OK, "send");
    EXPECT(has(B, w.arrived), "is there");
    check_settled();
}

TEST(types, an_interrupt_is_on_one_core)
{
    struct operation *op;
    start(3);
    EXPECT_EQ(make(A, SIM_IRQTABLE, CAP_IRQ, 40, 0, arena(0)), E_OK, "an IRQ");
    const cptr_t at_b = sent(A, arena(0), B);
    EXPECT_EQ(sim_irq_target(40), B, "and is delivered there");
    EXPECT_EQ(begin_send(A, arena(0), C, &op), E_OK, "to a second core");
    run();
    ended(op, E_IRQ_ELSEWHERE, "to a second core");
    EXPECT_EQ(begin_send(B, at_b, C, &op), E_OK, "from there to a second core");
    run();
    ended(op, E_IRQ_ELSEWHERE, "from there to a second core");
    drop(B, at_b);
    run();
    EXPECT_EQ(sim_irq_target(40), A, "back");
    const cptr_t at_c = sent(A, arena(0), C);
    EXPECT_EQ(begin_revoke(A, SIM_IRQTABLE, 40, 1, &op), E_OK, "revoke");
    run();
    ended(op, E_OK, "revoke");
    EXPECT(!has(C, at_c), "gone");
    check_settled();
    check_empty();
}

TEST(types, an_identity_has_no_owner)
{
    struct sim_cap cap;
    start(3);
    EXPECT_EQ(make(A, SIM_ID, CAP_ID, 100, 10, arena(0)), E_OK, "an ID");
    const cptr_t at_b = sent(A, arena(0), B), at_c = sent(B, at_b, C);
    EXPECT(sim_slot(C, at_c, &cap) && cap.type == CAP_ID && cap.base == 100 && cap.bytes == 10 && cap.owner == A, "by whomever");
    const cptr_t back = sent(C, at_c, A);
    EXPECT(sim_slot(A, back, &cap) && !cap.foreign, "and home");
    EXPECT(!w.node[A].co.objects && !w.node[B].co.objects, "nobody keeps records");
    for (unsigned c = 0; c < 3; c++) {
        kill_processes(c);
    }
    check_settled();
    check_empty();
}

TEST(types, what_a_borrower_made_comes_to_the_lender)
{
    struct operation *op;
    struct sim_cap cap;
    start(3);
    EXPECT_EQ(begin_lend(B, 0, &op), E_OK, "lend");
    run();
    frame(B, arena(0));
    const cptr_t home = sent(B, arena(0), A);
    EXPECT(sim_slot(A, home, &cap) && cap.foreign && cap.owner == B, "inside its husk");
    const cptr_t at_c = sent(A, home, C);
    EXPECT(has(C, at_c), "and from there to C");
    EXPECT_EQ(begin_revoke(B, unit(0), 0, SIM_UNIT, &op), E_OK, "revoke");
    run();
    ended(op, E_OK, "revoke");
    nothing_left(3);
}

TEST(limits, refused_by_the_receiver)
{
    struct operation *op;
    start(2);
    frame(A, arena(0));
    w.node[B].refuse = 1;
    EXPECT_EQ(begin_send(A, arena(0), B, &op), E_OK, "send");
    run();
    ended(op, E_RECV_SLOT, "send");
    EXPECT(!object_first(&w.node[A].co, A), "B holds nothing: no anchor");
    const cptr_t at_b = sent(A, arena(0), B);
    w.node[B].refuse = 1;
    EXPECT_EQ(begin_send(A, arena(0), B, &op), E_OK, "send");
    run();
    ended(op, E_RECV_SLOT, "send");
    check_settled();
    drop(B, at_b);
    run();
    EXPECT(!object_first(&w.node[A].co, A), "the count of the one that failed is right, too");
    EXPECT_EQ(begin_lend(B, 1, &op), E_OK, "lend");
    w.node[B].refuse = 1;
    run();
    ended(op, E_MEM_LIMIT, "lend");
    EXPECT(has(A, unit(1)), "the unit is back");
    EXPECT(err_ok(capops_recall(&w.node[A].co, B, 5, 0)), "recall");
    w.operation[0] = (struct operation){ .kind = OP_RECALL, .core = A };
    run();
    EXPECT_EQ(w.recalled, 5, "recalled");
    drop(A, arena(0));
    check_empty();
}

/* Each allocation of a record fails once, on each side: an error, and nothing is left over. */
TEST(limits, no_records)
{
    for (unsigned core = 0; core < 3; core++) {
        for (unsigned nth = 1; nth < 4; nth++) {
            for (unsigned notify = 0; notify < 2; notify++) {
                struct operation *op = NULL;
                start(3);
                EXPECT_EQ(notify ? make(B, SIM_PRIVATE, CAP_NOTIFY, 0, 0, arena(0)) : E_OK, E_OK, "a Notify");
                if (!notify) {
                    EXPECT_EQ(begin_lend(B, 0, &op), E_OK, "lend");
                    run();
                    frame(B, arena(0));
                }
                w.node[core].fail = nth;
                uint64_t err = begin_send(B, arena(0), A, &op);
                run();
                err = err == E_OK ? op->err : err;
                EXPECT(err == E_OK || err == E_CAPOPS_JOBS || err == E_CAPOPS_OBJECTS, "send: %u", (unsigned)err);
                if (err == E_OK) {
                    err = begin_send(A, w.arrived, C, &op);
                    run();
                    err = err == E_OK ? op->err : err;
                    EXPECT(err == E_OK || err == E_CAPOPS_JOBS || err == E_CAPOPS_OBJECTS, "forward: %u", (unsigned)err);
                }
                w.node[core].fail = 0;
                check_settled();
                for (unsigned c = 0; c < 3; c++) {
                    kill_processes(c);
                }
                run();
                if (!notify) {
                    EXPECT_EQ(begin_return(B, 0, &op), E_OK, "return");
                    run();
                    ended(op, E_OK, "return");
                }
                check_settled();
                check_empty();
            }
        }
    }
}

TEST(limits, more_than_the_window)
{
    struct operation *op[JOBS];
    start(2);
    for (unsigned i = 0; i < JOBS; i++) {
        EXPECT_EQ(make(A, unit(0), CAP_FRAME, i * SIM_PAGE, SIM_PAGE, arena(i)), E_OK, "a Frame");
        EXPECT_EQ(begin_send(A, arena(i), B, &op[i]), E_OK, "send");
    }
    EXPECT_EQ(begin_send(A, arena(0), B, NULL), E_CAPOPS_JOBS, "one too many");
    EXPECT_EQ(begin_revoke(A, unit(0), 0, SIM_UNIT, NULL), E_CAPOPS_JOBS, "a revoke neither");
    steps(A);
    EXPECT_EQ(w.ring[A][B].count, CAPOPS_WINDOW, "so many are under way");
    run();
    for (unsigned i = 0; i < JOBS; i++) {
        ended(op[i], E_OK, "send");
    }
    for (unsigned i = 0; i < JOBS; i++) {       /* all tallies at once: so many dropped */
        drop(B, arena(i));
    }
    look(B);
    steps(B);
    EXPECT_EQ(w.ring[B][A].count, CAPOPS_WINDOW, "dropped waits for room, too");
    run();
    EXPECT(!w.node[A].co.objects && !w.node[B].co.objects, "all are gone");
    check_settled();
}

TEST(limits, no_channel)
{
    struct operation *op;
    start(4);
    w.node[3].state = NODE_OFF;
    EXPECT_EQ(make(A, SIM_ID, CAP_ID, 1, 1, arena(0)), E_OK, "an ID");
    const cptr_t at_b = sent(A, arena(0), B);
    EXPECT_EQ(begin_send(B, at_b, 3, &op), E_OK, "to a core that is off");
    run();
    ended(op, E_GONE, "to a core that is off");
    EXPECT_EQ(w.node[B].peers[3].state, CAPOPS_NONE, "it may come");
    check_settled();
}

/* Answers and requests that do not belong to anything. */
TEST(limits, strays)
{
    start(3);
    const struct capops_answer stray = { .id = 0x100 }, zero = { 0 };
    capops_answered(&w.node[A].co, B, &stray);
    capops_answered(&w.node[A].co, B, &zero);
    const uint64_t page = sim_memory();
    static const enum capops_request_kind kinds[] = { CAPOPS_FORWARD, CAPOPS_DROPPED, CAPOPS_PURGE, CAPOPS_RETURN, CAPOPS_GONE };
    for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const struct capops_request r = { .kind = kinds[i], .id = 1, .type = CAP_FRAME, .base = page, .bytes = SIM_PAGE, .core = C };
        capops_request(&w.node[A].co, B, &r);
        steps(A);
        EXPECT_EQ(w.ring[A][B].count, 1, "one answer to kind %u", kinds[i]);
        EXPECT(kinds[i] == CAPOPS_DROPPED || kinds[i] == CAPOPS_PURGE || w.ring[A][B].slot[w.ring[A][B].first].answer.err != E_OK,
               "an error to kind %u", kinds[i]);
        deliver(A, B);
    }
    const struct capops_request import = { .kind = CAPOPS_IMPORT, .id = 1, .type = CAP_L2CNODE, .base = page, .bytes = SIM_PAGE };
    const struct capops_request lend = { .kind = CAPOPS_LEND, .id = 1, .base = page, .bytes = SIM_UNIT };
    const struct capops_request proxy = { .kind = CAPOPS_IMPORT, .id = 1, .type = CAP_REMOTENOTIFY, .base = 5, .bytes = 1 };
    const struct capops_request *const bad[] = { &import, &lend, &proxy };
    for (unsigned i = 0; i < 3; i++) {
        capops_request(&w.node[A].co, B, bad[i]);
        EXPECT(w.ring[A][B].count == 1 && w.ring[A][B].slot[w.ring[A][B].first].answer.err != E_OK, "an error");
        deliver(A, B);
    }
    capops_request(&w.node[B].co, C, &lend);            /* no channel: not heard */
    EXPECT_EQ(w.ring[B][C].count, 0, "no answer");
    check_settled();
    check_empty();
}
