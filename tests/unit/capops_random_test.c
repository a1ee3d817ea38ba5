/**
 * @file capops_random_test.c  Processes on several cores do anything at all with their capabilities, cores come, leave, die and hang, and
 * messages are delivered in any order that rings allow.  After each step: C1.  All the time: what capops_world.h says.  At the end
 * of each episode everything ends, the sets are exact, and nothing is left.
 */
#include "capops_world.h"

#ifndef EPISODES
#define EPISODES 20u
#endif
#define PER_EPISODE 5000u       /* operations of processes */

enum stage { STAGE_NONE, STAGE_REVOKE, STAGE_RETURN, STAGE_LEAVE, STAGE_GONE };

/* What is being done with a core. */
struct fate {
    enum stage stage;
    unsigned unit;
    struct operation *op;
};

static struct fate fate[SIM_CORES];
static unsigned faults;         /* allowed */
static struct {
    uint64_t hung, restarted, quarantined;
} count;
static uint64_t total[OP_KINDS][2];

static cptr_t any_cap(unsigned core)
{
    cptr_t slot = arena((unsigned)below(ARENA_SLOTS));
    for (unsigned i = 0; i < 8 && !has(core, slot); i++) {
        slot = arena((unsigned)below(ARENA_SLOTS));
    }
    return slot;
}

static cptr_t any_ram(unsigned core)
{
    for (unsigned i = 0; i < 6; i++) {
        struct sim_cap cap;
        const cptr_t slot = below(3) ? unit((unsigned)below(SIM_UNITS)) : any_cap(core);
        if (sim_slot(core, slot, &cap) && cap.type == CAP_RAM) {
            return slot;
        }
    }
    return unit(0);
}

static void make_something(unsigned core)
{
    const cptr_t to = empty_arena(core);
    const uint64_t page = below(6) * SIM_PAGE;

    if (to == CPTR_NULL) {
        return;
    }
    switch (below(8)) {
    case 0:
        make(core, any_ram(core), CAP_RAM, 0, 4 * SIM_PAGE, to);
        break;
    case 1:
        make(core, SIM_PRIVATE, CAP_NOTIFY, page, 0, to);
        break;
    case 2:
        make(core, SIM_IRQTABLE, CAP_IRQ, 32 + below(4), 0, to);
        break;
    case 3:
        make(core, SIM_ID, CAP_ID, below(100), 10, to);
        break;
    default:
        make(core, any_ram(core), CAP_FRAME, page, (1 + below(2)) * SIM_PAGE, to);
        break;
    }
}

static void revoke_something(unsigned core)
{
    const cptr_t slot = below(4) ? any_cap(core) : below(3) ? unit((unsigned)below(SIM_UNITS)) : SIM_PRIVATE;
    struct sim_cap cap;
    uint64_t r[6], err = E_AGAIN;

    if (!sim_slot(core, slot, &cap) || cap.type == CAP_ID) {
        return;
    }
    const uint64_t pages = cap.line == 0 ? cap.bytes / SIM_PAGE : 1, most = pages > 8 ? 8 : pages ? pages : 1;
    const uint64_t first = below(most), n = 1 + below(most - first);
    const bool whole = pages == 0 || cap.line != 0 || below(3) == 0;
    const uint64_t offset = whole ? 0 : first * SIM_PAGE, bytes = whole ? cap.bytes : n * SIM_PAGE;
    for (unsigned i = 0; below(2) && i < 1000 && err == E_AGAIN; i++) {
        err = sim_call(core, 0, CNODE_REVOKE, r, slot, offset, bytes);
    }
    if (err == E_REMOTE || err == E_AGAIN) {
        begin_revoke(core, slot, offset, bytes, NULL);
    }
}

static void memory(unsigned core)
{
    const unsigned u = (unsigned)below(SIM_UNITS), to = 1 + (unsigned)below(w.cores - 1);

    if (core != 0) {
        begin_return(core, u, NULL);
    } else if (w.node[to].state == NODE_RUNS) {
        begin_lend(to, u, NULL);
    }
}

static void process(unsigned core)
{
    const unsigned to = (unsigned)below(w.cores);

    switch (below(16)) {
    case 0:
    case 1:
    case 2:
        make_something(core);
        break;
    case 3:
    case 4: {
        const cptr_t dst = empty_arena(core);
        if (dst != CPTR_NULL) {
            copy(core, dst, any_cap(core), below(2) ? (uint64_t)RIGHTS_ALL : below(RIGHTS_ALL + 1));
        }
        break;
    }
    case 5: {
        const cptr_t dst = empty_arena(core);
        if (dst != CPTR_NULL) {
            map(core, any_cap(core), dst);
        }
        break;
    }
    case 6:
    case 7:
        drop(core, any_cap(core));
        break;
    case 8:
        revoke_something(core);
        break;
    case 9:
        memory(core);
        break;
    default:
        begin_send(core, any_cap(core), to, NULL);
        break;
    }
}

/* ---- cores --------------------------------------------------------------------------------------------------------- */

static void give_units_back(unsigned core)
{
    struct fate *const f = &fate[core];

    if (f->op && !f->op->done) {
        return;
    }
    if (f->stage == STAGE_RETURN && f->op) {
        f->unit++;                              /* back, or it cannot be returned */
    }
    if (f->stage == STAGE_REVOKE && f->op && f->op->err == E_OK) {
        f->stage = STAGE_RETURN;
        if (begin_return(core, f->unit, &f->op) == E_OK) {
            return;
        }
        f->op = NULL;
    } else if (f->stage == STAGE_REVOKE && f->op) {
        f->unit++;                              /* in quarantine: a part of it stays in use */
    }
    f->stage = STAGE_REVOKE;
    f->op = NULL;
    while (f->unit < SIM_UNITS && !has(core, unit(f->unit))) {
        f->unit++;
    }
    if (f->unit < SIM_UNITS) {
        if (begin_revoke(core, unit(f->unit), 0, SIM_UNIT, &f->op) != E_OK) {
            f->op = NULL;
        }
    } else if (begin_leave(core, &f->op) == E_OK) {
        f->stage = STAGE_LEAVE;
    } else {
        f->op = NULL;
    }
}

static void go_on(unsigned core)
{
    struct fate *const f = &fate[core];
    struct node *const n = &w.node[core];

    switch (f->stage) {
    case STAGE_NONE:
        break;
    case STAGE_REVOKE:
    case STAGE_RETURN:
        kill_processes(core);
        give_units_back(core);
        break;
    case STAGE_LEAVE:
        if (f->op->done && n->state == NODE_RUNS) {
            EXPECT_EQ(f->op->err, E_OK, "leave");
            n->state = NODE_OFF;
        } else if (n->state == NODE_OFF && w.node[0].told_leaving[core] && below(50) == 0) {
            w.node[0].told_leaving[core] = false;
            capops_core_off(&w.node[0].co, core);
            *f = (struct fate){ 0 };
            restart(core);
            count.restarted++;
        }
        break;
    case STAGE_GONE:
        if (!f->op && n->state == NODE_DEAD && below(20) == 0) {
            const bool off = below(4) != 0;
            if (begin_gone(core, off, &f->op) != E_OK) {
                f->op = NULL;
            } else if (off) {
                n->state = NODE_OFF;
            } else {
                count.quarantined++;
            }
        } else if (f->op && f->op->done && n->state == NODE_OFF && below(50) == 0) {
            EXPECT(f->op->err == E_OK || f->op->err == E_QUARANTINED, "gone: %u", (unsigned)f->op->err);
            *f = (struct fate){ 0 };
            restart(core);
            count.restarted++;
        }
        break;
    }
}

static bool parting(unsigned core)
{
    return fate[core].stage != STAGE_NONE && w.node[core].state == NODE_RUNS;
}

static void strike(void)
{
    const unsigned core = 1 + (unsigned)below(w.cores - 1);
    struct fate *const f = &fate[core];

    if (faults == 0 || w.node[core].state != NODE_RUNS || (f->stage != STAGE_NONE && below(4))) {
        return;
    }
    faults--;
    switch (below(8)) {
    case 0:
        if (begin_gone(core, false, NULL) == E_OK) {    /* it is only slow */
            *f = (struct fate){ .stage = STAGE_GONE };
            w.node[core].state = NODE_HUNG;
            count.hung++;
            break;
        }
        break;
    case 1:
    case 2:
    case 3:
        *f = (struct fate){ .stage = STAGE_GONE };
        w.node[core].state = NODE_DEAD;
        break;
    default:
        if (f->stage == STAGE_NONE) {
            capops_refuse(&w.node[core].co);
            *f = (struct fate){ .stage = STAGE_REVOKE };
        }
        break;
    }
}

/* ---- the whole ----------------------------------------------------------------------------------------------------- */

static bool happen(void)
{
    const unsigned a = (unsigned)below(w.cores), b = (unsigned)below(w.cores);
    const uint64_t what = below(100);

    if (what < 45) {
        deliver(a, b);
    } else if (what < 72) {
        step(a);
    } else if (what < 77) {
        look(a);
    } else if (what < 80) {
        open_wanted(a, b);
    } else if (what < 99) {
        if ((w.node[a].state == NODE_RUNS && !parting(a)) || w.node[a].state == NODE_HUNG) {
            process(a);
            return true;
        }
    } else if (below(10) == 0) {
        strike();
    }
    return false;
}

static void settle(void)
{
    for (unsigned i = 0; i < 400; i++) {
        run();
        for (unsigned c = 1; c < w.cores; c++) {
            go_on(c);
        }
    }
    run();
    check_settled();
}

static void clean_up(void)
{
    struct operation *op;

    for (unsigned c = 0; c < w.cores; c++) {
        if (w.node[c].state == NODE_RUNS) {
            kill_processes(c);
        }
    }
    run();
    for (unsigned c = w.cores; c-- > 0;) {
        for (unsigned u = 0; u < SIM_UNITS && w.node[c].state == NODE_RUNS; u++) {
            if (has(c, unit(u))) {
                EXPECT_EQ(begin_revoke(c, unit(u), 0, SIM_UNIT, &op), E_OK, "revoke");
                run();
                EXPECT(op->done && (op->err == E_OK || op->err == E_QUARANTINED), "revoke: %u", (unsigned)op->err);
                if (c != 0 && op->err == E_OK) {
                    EXPECT_EQ(begin_return(c, u, &op), E_OK, "return");
                    run();
                    EXPECT(op->done && op->err == E_OK, "return: %u", (unsigned)op->err);
                }
            }
        }
    }
    run();
}

static void episode(unsigned cores, uint64_t random)
{
    bool hurt = false;

    world_start(cores, random);
    memset(fate, 0, sizeof fate);
    faults = below(3) == 0 ? 0 : (unsigned)below(12);
    const uint64_t hung = count.hung, quarantined = count.quarantined;
    for (unsigned done = 0; done < PER_EPISODE;) {
        done += happen();
        for (unsigned c = 1; c < w.cores; c++) {
            go_on(c);
        }
        check();
    }
    faults = 0;
    settle();
    hurt = count.hung != hung || count.quarantined != quarantined;
    clean_up();
    check_settled();
    if (!hurt) {
        check_empty();
    }
    for (unsigned i = 0; i < OP_KINDS; i++) {
        total[i][0] += w.ended[i][0];
        total[i][1] += w.ended[i][1];
    }
}

TEST(capops_random, invariants)
{
    uint64_t random = test_seed() * 0x9e3779b97f4a7c15ull + 1;

    for (unsigned i = 0; i < EPISODES; i++) {
        (void)test_random(&random);
        episode(2 + i % 4, random);
    }
    for (unsigned i = OP_SEND; i < OP_KINDS; i++) {
        fprintf(stderr, "%s: %u well, %u not\n", (const char *[]){ "", "send", "revoke", "lend", "return", "recall", "leave", "gone" }[i],
                (unsigned)total[i][1], (unsigned)total[i][0]);
    }
    EXPECT(total[OP_SEND][1] > 2000 && total[OP_SEND][0] > 100 && total[OP_REVOKE][1] > 100 && total[OP_REVOKE][0] > 10 &&
           total[OP_LEND][1] > 20 && total[OP_RETURN][1] > 20 && total[OP_LEAVE][1] > 3 && total[OP_GONE][1] + total[OP_GONE][0] > 3 &&
           count.restarted > 5, "little happened");
}
