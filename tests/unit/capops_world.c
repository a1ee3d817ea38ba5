/** @file capops_world.c  See capops_world.h: the tables of functions that capops is given, and what drives it. */
#include "capops_world.h"

#include <stdlib.h>

struct world w;

uint64_t below(uint64_t bound)
{
    return test_random(&w.random) % bound;
}

/* ---- slabs: of malloc(), so that a record that is used too long is found ---------------------------------------------- */

void slab_init(struct slab *slab, size_t bytes, struct pool *pool, uint64_t keep)
{
    *slab = (struct slab){ .object_bytes = bytes, .pool = pool, .keep = keep };
}

void *slab_alloc(struct slab *slab)
{
    struct node *const n = (struct node *)slab->pool;
    if (slab->used == slab->keep || (n->fail != 0 && --n->fail == 0)) {
        return NULL;
    }
    slab->used++;
    return malloc(slab->object_bytes);
}

void slab_free(struct slab *slab, void *object)
{
    slab->used--;
    free(object);
}

/* ---- cores --------------------------------------------------------------------------------------------------------- */

static void slabs_free(struct node *n)
{
    while (n->co.objects) {             /* of a monitor that is gone */
        struct capops_object *o = n->co.objects;
        while (o->left || o->right) {
            o = o->left ? o->left : o->right;
        }
        *(!o->parent ? &n->co.objects : o->parent->left == o ? &o->parent->left : &o->parent->right) = NULL;
        free(o);
    }
    for (struct capops_job *j = n->co.first, *next; j; j = next) {
        next = j->next;
        if (j->pooled) {
            free(j);
        }
    }
    for (struct capops_loan *l = n->co.loans, *next; l; l = next) {
        next = l->next;
        free(l);
    }
}

static void monitor_start(unsigned core)
{
    struct node *const n = &w.node[core];

    slabs_free(n);
    *n = (struct node){ .core = core, .state = NODE_RUNS };
    slab_init(&n->anchors, capops_anchor_bytes(SIM_CORES), (struct pool *)n, 1000);
    slab_init(&n->tallies, sizeof(struct capops_object), (struct pool *)n, 1000);
    slab_init(&n->jobs, sizeof(struct capops_job), (struct pool *)n, JOBS);
    slab_init(&n->loans, sizeof(struct capops_loan), (struct pool *)n, SIM_UNITS);
    const struct capops_config config = {
        .context = n, .kernel = &world_kernel, .net = &world_net, .events = &world_events, .core = core, .cores = SIM_CORES, .boot = 0,
        .anchors = &n->anchors, .tallies = &n->tallies, .jobs = &n->jobs, .loans = &n->loans, .peers = n->peers,
    };
    capops_init(&n->co, &config);
    struct sim_cap cap[1200];
    n->caps = sim_caps(core, cap, 1200);
}

void world_start(unsigned cores, uint64_t random)
{
    for (unsigned i = 0; i < SIM_CORES; i++) {
        slabs_free(&w.node[i]);
    }
    w = (struct world){ .cores = cores, .random = random };
    sim_start();
    for (unsigned i = 0; i < cores; i++) {
        monitor_start(i);
    }
    for (unsigned i = 1; i < cores; i++) {
        join(0, i);
    }
    for (unsigned i = 0; i < SIM_UNITS; i++) {
        uint64_t r[6];
        EXPECT_EQ(sim_call(0, SIM_MEMORY, MEMORY_RETYPE, r, CAP_RAM, i * SIM_UNIT, SIM_UNIT, 1, 0, unit(i)), E_OK, "a unit");
    }
}

void restart(unsigned core)
{
    EXPECT(w.node[core].state == NODE_OFF, "it is not off");
    sim_core_start(core);
    monitor_start(core);
    memset(w.handle[core], 0, sizeof w.handle[core]);
    for (unsigned i = 0; i < w.cores; i++) {
        w.ring[i][core] = w.ring[core][i] = (struct ring){ .closed = true };
    }
    join(0, core);
}

/* ---- processes ----------------------------------------------------------------------------------------------------- */

unsigned caps_in(unsigned core, uint64_t lo, uint64_t hi)
{
    struct sim_cap cap[1200];
    const unsigned n = sim_caps(core, cap, 1200);
    unsigned found = 0;
    for (unsigned i = 0; i < n; i++) {
        found += cap[i].line == 0 && cap[i].base < hi && lo < cap[i].base + cap[i].bytes && cap[i].type != CAP_RAM;
    }
    return found;
}

/* Nobody who runs, or may run, has anything of what lay there before. */
static void check_fresh(unsigned core, uint64_t lo, uint64_t hi)
{
    for (unsigned c = 0; c < w.cores; c++) {
        if (w.node[c].state == NODE_OFF) {
            continue;
        }
        EXPECT(c == core || caps_in(c, lo, hi) == 0, "core %u uses memory anew that core %u has", core, c);
        EXPECT(w.node[c].state != NODE_RUNS || !import_under_way(lo, hi, c), "core %u uses memory anew that is being imported", core);
    }
}

uint64_t make(unsigned core, cptr_t ram, enum cap_type type, uint64_t offset, uint64_t bytes, cptr_t dst)
{
    struct sim_cap cap;
    uint64_t r[6];
    const uint64_t err = sim_call(core, ram, MEMORY_RETYPE, r, type, offset, bytes, 1, 0, dst);
    if (err == E_OK && sim_slot(core, dst, &cap) && cap.line == 0 && cap.type != CAP_RAM) {
        check_fresh(core, cap.base, cap.base + cap.bytes);
    }
    return err;
}

uint64_t copy(unsigned core, cptr_t dst, cptr_t src, uint64_t rights)
{
    uint64_t r[6];
    return sim_call(core, 0, CNODE_COPY, r, dst, 0, src, rights);
}

uint64_t map(unsigned core, cptr_t frame, cptr_t dst)
{
    uint64_t r[6];
    for (unsigned i = 0; i < 512; i++) {
        const uint64_t err = sim_call(core, SIM_TABLE, VNODE_MAP, r, frame, i | 1 << 16, 0, MAP_READ, 0, dst);
        if (err != E_VNODE_OCCUPIED) {
            return err;
        }
    }
    return E_VNODE_OCCUPIED;
}

void drop(unsigned core, cptr_t slot)
{
    uint64_t r[6], err = E_AGAIN;
    for (unsigned i = 0; i < 100000 && err == E_AGAIN; i++) {
        err = sim_call(core, 0, CNODE_DELETE, r, slot);
    }
    EXPECT_EQ(err, E_OK, "delete");
}

bool has(unsigned core, cptr_t slot)
{
    struct sim_cap cap;
    return sim_slot(core, slot, &cap);
}

cptr_t empty_arena(unsigned core)
{
    for (unsigned i = 0; i < ARENA_SLOTS; i++) {
        if (!has(core, arena(i))) {
            return arena(i);
        }
    }
    return CPTR_NULL;
}

static struct operation *begin(enum operation_kind kind, unsigned core, uint64_t *cookie)
{
    for (unsigned i = 0; i < OPERATIONS; i++) {
        struct operation *const op = &w.operation[w.operations];
        *cookie = w.operations;
        w.operations = (w.operations + 1) % OPERATIONS;
        if (op->kind == OP_FREE || op->done || op->dropped) {
            *op = (struct operation){ .kind = kind, .core = core, .dropped = w.node[core].state == NODE_HUNG };
            return op;
        }
    }
    abort();
}

static uint64_t begun(err_t err, struct operation *made, struct operation **op)
{
    if (!err_ok(err)) {
        made->kind = OP_FREE;
    }
    if (op) {
        *op = made;
    }
    return err_root(err);
}

uint64_t begin_send(unsigned core, cptr_t slot, unsigned to, struct operation **op)
{
    uint64_t cookie;
    struct operation *const o = begin(OP_SEND, core, &cookie);
    return begun(capops_send(&w.node[core].co, slot, RIGHTS_ALL, to, 7, cookie), o, op);
}

uint64_t begin_revoke(unsigned core, cptr_t slot, uint64_t offset, uint64_t bytes, struct operation **op)
{
    uint64_t cookie;
    struct operation *const o = begin(OP_REVOKE, core, &cookie);
    return begun(capops_revoke(&w.node[core].co, below(2) ? SIM_DISP : CPTR_NULL, slot, offset, bytes, cookie), o, op);
}

uint64_t begin_lend(unsigned core, unsigned u, struct operation **op)
{
    uint64_t cookie;
    struct operation *const o = begin(OP_LEND, 0, &cookie);
    return begun(capops_lend(&w.node[0].co, unit(u), core, cookie), o, op);
}

uint64_t begin_return(unsigned core, unsigned u, struct operation **op)
{
    uint64_t cookie;
    struct operation *const o = begin(OP_RETURN, core, &cookie);
    return begun(capops_return(&w.node[core].co, unit(u), cookie), o, op);
}

uint64_t begin_leave(unsigned core, struct operation **op)
{
    uint64_t cookie;
    struct operation *const o = begin(OP_LEAVE, core, &cookie);
    return begun(capops_leave(&w.node[core].co, cookie), o, op);
}

uint64_t begin_gone(unsigned core, bool off, struct operation **op)
{
    uint64_t cookie;
    struct operation *const o = begin(OP_GONE, 0, &cookie);
    o->about = core;
    for (unsigned i = 0; i < OPERATIONS; i++) {
        w.operation[i].dropped |= w.operation[i].core == core && w.operation[i].kind != OP_FREE;
    }
    return begun(capops_core_gone(&w.node[0].co, core, off, cookie), o, op);
}

void kill_processes(unsigned core)
{
    for (unsigned i = 0; i < ARENA_SLOTS; i++) {
        drop(core, arena(i));
    }
}
