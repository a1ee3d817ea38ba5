/** @file capops_check.c  See capops_world.h: what must hold, and what the cases share. */
#include "capops_world.h"

/* ---- checks -------------------------------------------------------------------------------------------------------- */

/* The owner's record of what @p cap, on @p core, is a copy of. */
static struct capops_object *record(unsigned core, const struct sim_cap *cap)
{
    struct node *const owner = &w.node[cap->owner];
    const struct capops_request r = { .type = cap->type, .base = cap->base, .bytes = cap->bytes };
    return object_named(&owner->co, core, &r);
}

static bool frame_of(const struct sim_cap *cap)
{
    return cap->type == CAP_FRAME || cap->type == CAP_IRQ || cap->type == CAP_DEVFRAME || cap->type == CAP_REMOTENOTIFY;
}

static void check_core(unsigned core)
{
    struct sim_cap cap[1200];
    const unsigned n = sim_caps(core, cap, 1200);
    for (unsigned i = 0; i < n; i++) {
        const struct sim_cap *const c = &cap[i];
        if (!c->foreign || !frame_of(c) || w.node[c->owner].state != NODE_RUNS || w.node[core].peers[c->owner].state > CAPOPS_UP ||
            w.node[c->owner].peers[core].state == CAPOPS_LEFT) {
            continue;
        }
        const struct capops_object *const o = record(core, c);
        if (c->type == CAP_REMOTENOTIFY && !o) {
            continue;                           /* signals nothing any more; purged soon */
        }
        EXPECT(o && o->cores & BIT(core), "C1: core %u has a copy of %#llx, of which its owner %u does not know", core,
               (unsigned long long)c->base, (unsigned)c->owner);
    }
}

void check(void)
{
    for (unsigned c = 0; c < w.cores; c++) {
        if (w.node[c].state == NODE_RUNS) {
            check_core(c);
        }
    }
}


static void check_object(struct node *n, struct capops_object *o)
{
    for (unsigned c = 0; c < w.cores; c++) {
        const bool in = (o->cores & BIT(c)) != 0;
        if (c == n->core || n->peers[c].state == CAPOPS_QUARANTINED) {
            continue;
        }
        const struct cap_name name = name_there(&n->co, o, c);
        EXPECT(w.node[c].state == NODE_RUNS || !in, "core %u is off, and in the set of %#llx", c, (unsigned long long)o->name.base);
        if (w.node[c].state == NODE_RUNS) {
            const struct capops_object *const t = object_find(&w.node[c].co, &name);
            EXPECT(in == (t != NULL), "core %u: in the set of %#llx: %d, a tally there: %d", c, (unsigned long long)o->name.base, in,
                   t != NULL);
            EXPECT(!in || !t || t->latest == o->to[c].count, "counts of %#llx on core %u: %u here, %u there",
                   (unsigned long long)o->name.base, c, o->to[c].count, t->latest);
        }
    }
}

static void check_tally(const struct node *n, const struct capops_object *o)
{
    struct sim_cap cap[1200];
    const unsigned count = sim_caps(n->core, cap, 1200);
    unsigned copies = 0;
    for (unsigned i = 0; i < count; i++) {
        copies += cap[i].owner == o->name.owner && cap[i].line == type_line(o->name.type) && cap[i].base >= o->name.base &&
                  cap[i].base < o->name.base + o->name.bytes;
    }
    EXPECT(copies >= 2, "core %u keeps a tally of %#llx, which nobody has", n->core, (unsigned long long)o->name.base);
    EXPECT(w.node[o->name.owner].state == NODE_RUNS, "a tally of a core that is gone");
}

/* What a test that fails says about what did not end. */
static void tell_jobs(const struct node *n)
{
    for (const struct capops_job *j = n->co.first; j; j = j->next) {
        fprintf(stderr, "    core %u: kind %u state %u from %d todo %#llx out %#llx runnable %d\n", n->core, j->kind, j->state,
                (int)j->from, (unsigned long long)j->todo, (unsigned long long)j->out, j->runnable);
    }
    for (unsigned p = 0; n->co.first && p < w.cores; p++) {
        fprintf(stderr, "    core %u: peer %u state %u, %u under way, pump %#llx, wanted %d, state of the node %u\n", n->core, p,
                n->peers[p].state, (unsigned)n->peers[p].under_way, (unsigned long long)n->co.pump, n->wanted[p], w.node[p].state);
    }
}

void check_settled(void)
{
    check();
    for (unsigned c = 0; c < w.cores; c++) {
        struct node *const n = &w.node[c];
        const char *const wrong = sim_wrong(c);
        EXPECT(!wrong, "core %u: %s", c, wrong);
        if (n->state != NODE_RUNS) {
            continue;
        }
        tell_jobs(n);
        EXPECT(!n->co.first && n->jobs.used == 0 && !n->co.sweeping && n->co.revokes == 0, "core %u has jobs under way", c);
        EXPECT_EQ(sim_sweeps(c), 0, "core %u: closed ranges", c);
        for (unsigned p = 0; p < w.cores; p++) {
            EXPECT_EQ(n->peers[p].under_way, 0, "core %u waits for core %u", c, p);
            EXPECT(!n->peers[p].drop_first || n->peers[p].state != CAPOPS_UP, "core %u has tallies that are alone", c);
            EXPECT(w.node[p].state != NODE_RUNS || w.ring[p][c].count == 0, "messages to core %u", c);
            for (unsigned i = 0; i < CAPOPS_WINDOW; i++) {
                EXPECT(n->peers[p].forward[i].from == CAPOPS_NOBODY && n->peers[p].job[i].from == CAPOPS_NOBODY, "unanswered");
            }
        }
        for (unsigned owner = 0; owner < w.cores; owner++) {
            for (struct capops_object *o = object_first(&n->co, owner); o; o = object_next(o)) {
                if (!o->of) {
                    owner == c ? check_object(n, o) : check_tally(n, o);
                }
            }
        }
    }
    for (unsigned i = 0; i < OPERATIONS; i++) {
        const struct operation *const op = &w.operation[i];
        EXPECT(op->kind == OP_FREE || op->done || op->dropped, "operation %u of core %u, kind %u, has not ended", i, op->core, op->kind);
    }
}

void check_empty(void)
{
    for (unsigned c = 0; c < w.cores; c++) {
        const struct node *const n = &w.node[c];
        struct sim_cap cap[1200];
        if (n->state != NODE_RUNS) {
            continue;
        }
        EXPECT_EQ(sim_caps(c, cap, 1200), n->caps + (c == 0 ? SIM_UNITS : 0), "core %u: capabilities", c);
        EXPECT(!n->co.objects && !n->co.loans, "core %u: records", c);
        EXPECT_EQ(n->anchors.used + n->tallies.used + n->loans.used, 0, "core %u: records", c);
        for (unsigned i = 0; i < SIM_SLOTS * L2_SLOTS; i++) {
            EXPECT(!n->used[i], "core %u: slot %u is in use", c, i);
        }
        for (unsigned i = 0; i < SIM_CORES * L2_SLOTS; i++) {
            EXPECT(!n->index[i / L2_SLOTS][i % L2_SLOTS], "core %u: index %u", c, i);
        }
    }
}

/* ---- cases ------------------------------------------------------------------------------------------------------- */

void start(unsigned cores)
{
    world_start(cores, test_seed() * 7919 + 1);
}

void frame(unsigned core, cptr_t slot)
{
    EXPECT_EQ(make(core, unit(0), CAP_FRAME, 0, SIM_PAGE, slot), E_OK, "a Frame");
}

void ended(const struct operation *op, uint64_t err, const char *what)
{
    EXPECT(op->done, "%s: has not ended", what);
    EXPECT_EQ(op->err, err, "%s", what);
}

cptr_t sent(unsigned from, cptr_t slot, unsigned to)
{
    struct operation *op;
    EXPECT_EQ(begin_send(from, slot, to, &op), E_OK, "send");
    run();
    ended(op, E_OK, "send");
    return w.arrived;
}

void steps(unsigned core)
{
    while (step(core)) {
    }
}

struct operation *purges_out(unsigned core)
{
    struct operation *op;
    EXPECT_EQ(begin_revoke(core, unit(0), 0, SIM_UNIT, &op), E_OK, "revoke");
    steps(core);
    EXPECT(!op->done, "it waits for answers");
    return op;
}

void nothing_left(unsigned cores)
{
    for (unsigned c = 0; c < cores; c++) {
        EXPECT(w.node[c].state != NODE_RUNS || caps_in(c, UNIT_LO, UNIT_HI) == 0, "core %u has something of it", c);
        EXPECT(w.node[c].state != NODE_RUNS || !w.node[c].co.objects, "core %u has records", c);
    }
    check_settled();
}
