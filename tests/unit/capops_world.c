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

/* ---- the kernel ---------------------------------------------------------------------------------------------------- */

#define CORE(context) (((const struct node *)(context))->core)
#define CALL(context, op, ...) ERR(sim_call(CORE(context), SIM_KERNEL, op, r, __VA_ARGS__))

static err_t k_slot_alloc(void *context, cptr_t *slot)
{
    struct node *const n = context;
    for (unsigned i = 0; i < SIM_SLOTS * L2_SLOTS; i++) {
        if (!n->used[i]) {
            n->used[i] = true;
            *slot = CPTR(2, 0) + i;
            return OK;
        }
    }
    return ERR(E_SLOTS_NONE);
}

static void k_slot_free(void *context, cptr_t slot)
{
    struct node *const n = context;
    struct sim_cap cap;
    EXPECT(n->used[slot - CPTR(2, 0)], "slot %#llx is free already", (unsigned long long)slot);
    EXPECT(!sim_slot(n->core, slot, &cap), "slot %#llx is not empty", (unsigned long long)slot);
    n->used[slot - CPTR(2, 0)] = false;
}

static err_t k_identify(void *context, cptr_t slot, struct cap_name *name, uint64_t *rights)
{
    uint64_t r[6];
    TRY(ERR(sim_call(CORE(context), 0, CNODE_IDENTIFY, r, slot)));
    *name = (struct cap_name){ (enum cap_type)r[0], r[2], r[3], r[5] };
    *rights = r[1];
    return OK;
}

static err_t k_copy(void *context, cptr_t dst, cptr_t src, uint64_t rights)
{
    return ERR(copy(CORE(context), dst, src, rights));
}

static void k_remove(void *context, cptr_t slot)
{
    drop(CORE(context), slot);
}

static err_t k_make_foreign(void *context, const struct cap_name *name, uint64_t rights, cptr_t dst)
{
    uint64_t r[6];
    return CALL(context, KERNEL_MAKE_FOREIGN, (uint64_t)name->type | rights << 8 | name->owner << 16, name->base, name->bytes, 0, dst);
}

static err_t k_remote_notify(void *context, uint64_t core, uint64_t index, cptr_t dst)
{
    uint64_t r[6];
    return CALL(context, KERNEL_REMOTE_NOTIFY, core, index, 0, dst);
}

static err_t k_make_root(void *context, uint64_t base, uint64_t bytes, cptr_t dst)
{
    uint64_t r[6];
    return CALL(context, KERNEL_MAKE_ROOT, base, bytes, 0, dst);
}

static err_t k_watch(void *context, cptr_t slot, bool on)
{
    uint64_t r[6];
    return CALL(context, KERNEL_WATCH, slot, on);
}

static err_t k_lonely(void *context, struct cap_name *name)
{
    uint64_t r[6];
    TRY(CALL(context, KERNEL_LONELY, 0));
    *name = (struct cap_name){ (enum cap_type)r[0], r[1], r[2], r[3] };
    return OK;
}

static err_t k_revoke_begin(void *context, cptr_t disp, cptr_t address, uint64_t offset, uint64_t bytes, uint64_t *handle)
{
    const unsigned core = CORE(context);
    struct sim_cap cap;
    uint64_t r[6];
    TRY(CALL(context, KERNEL_REVOKE_BEGIN, disp, address, offset, bytes));
    *handle = r[0];
    const unsigned i = *handle & 0xff;
    (void)sim_slot(core, address, &cap);
    w.handle[core][i] = *handle;
    w.lo[core][i] = cap.base + offset;
    w.hi[core][i] = cap.base + offset + bytes;
    return OK;
}

static err_t k_purge_begin(void *context, const struct cap_name *name, uint64_t *handle)
{
    uint64_t r[6];
    TRY(CALL(context, KERNEL_PURGE_BEGIN, name->owner, name->type, name->base, name->bytes));
    *handle = r[0];
    w.handle[CORE(context)][*handle & 0xff] = 0;
    return OK;
}

static err_t k_sweep(void *context, uint64_t handle)
{
    uint64_t r[6];
    return CALL(context, KERNEL_SWEEP, handle);
}

static err_t k_sweep_left(void *context, uint64_t handle, uint64_t *position, struct cap_name *name, bool *husk)
{
    uint64_t r[6];
    TRY(CALL(context, KERNEL_SWEEP_LEFT, handle, *position));
    *name = (struct cap_name){ (enum cap_type)r[0], r[1], r[2], r[3] };
    *husk = r[4];
    *position = r[5];
    return OK;
}

static bool import_under_way(uint64_t lo, uint64_t hi, unsigned owner)
{
    for (unsigned to = 0; to < w.cores; to++) {
        const struct ring *const q = &w.ring[owner][to];
        for (unsigned i = 0; i < q->count; i++) {
            const struct message *const m = &q->slot[(q->first + i) % RING];
            if (!m->is_answer && m->request.kind == CAPOPS_IMPORT && m->request.type != CAP_ID && m->request.type != CAP_IRQ &&
                m->request.base < hi && lo < m->request.base + m->request.bytes && !q->closed && w.node[to].state == NODE_RUNS) {
                return true;
            }
        }
    }
    return false;
}

/* The range opens again: nothing is left of it where somebody listens. */
static err_t k_sweep_end(void *context, uint64_t handle)
{
    const unsigned core = CORE(context), i = handle & 0xff;
    uint64_t r[6];
    TRY(CALL(context, KERNEL_SWEEP_END, handle));
    if (w.handle[core][i] == handle) {
        for (unsigned c = 0; c < w.cores; c++) {
            EXPECT(c == core || w.node[c].state != NODE_RUNS || caps_in(c, w.lo[core][i], w.hi[core][i]) == 0,
                   "revoked by core %u, and there is still something on core %u", core, c);
        }
        EXPECT(!import_under_way(w.lo[core][i], w.hi[core][i], core), "revoked, and an import is under way");
        w.handle[core][i] = 0;
    }
    return OK;
}

static err_t k_to_husk(void *context, cptr_t ram, uint64_t core, uint64_t *husk)
{
    uint64_t r[6];
    TRY(CALL(context, KERNEL_TO_HUSK, ram, core));
    *husk = r[0];
    return OK;
}

static err_t k_from_husk(void *context, uint64_t husk, cptr_t dst)
{
    uint64_t r[6];
    return CALL(context, KERNEL_FROM_HUSK, husk, 0, dst);
}

static err_t k_drop_husk(void *context, uint64_t husk)
{
    uint64_t r[6];
    return CALL(context, KERNEL_DROP_HUSK, husk);
}

static err_t k_publish(void *context, uint64_t core, cptr_t notify, uint64_t *index)
{
    struct node *const n = context;
    for (unsigned i = 1; i < L2_SLOTS; i++) {
        if (!n->index[core][i]) {
            TRY(ERR(copy(n->core, CPTR(SIM_INDEX + core, i), notify, RIGHTS_ALL)));
            n->index[core][i] = true;
            *index = i;
            return OK;
        }
    }
    return ERR(E_SLOTS_NONE);
}

static void k_withdraw(void *context, uint64_t core, uint64_t index)
{
    struct node *const n = context;
    EXPECT(n->index[core][index], "index %u is free", (unsigned)index);
    n->index[core][index] = false;
    drop(n->core, CPTR(SIM_INDEX + core, index));
}

static err_t k_irq_target(void *context, cptr_t irq, uint64_t core)
{
    uint64_t r[6];
    return ERR(sim_call(CORE(context), irq, IRQ_SET_TARGET, r, core));
}

static const struct capops_kernel kernel = {
    .slot_alloc = k_slot_alloc, .slot_free = k_slot_free, .identify = k_identify, .copy = k_copy, .remove = k_remove,
    .make_foreign = k_make_foreign, .remote_notify = k_remote_notify, .make_root = k_make_root, .watch = k_watch, .lonely = k_lonely,
    .revoke_begin = k_revoke_begin, .purge_begin = k_purge_begin, .sweep = k_sweep, .sweep_left = k_sweep_left,
    .sweep_end = k_sweep_end, .to_husk = k_to_husk, .from_husk = k_from_husk, .drop_husk = k_drop_husk, .publish = k_publish,
    .withdraw = k_withdraw, .irq_target = k_irq_target,
};

/* ---- channels ------------------------------------------------------------------------------------------------------ */

static void put(unsigned from, unsigned to, const struct message *m)
{
    struct ring *const q = &w.ring[from][to];
    if (q->closed || w.node[to].state == NODE_OFF) {
        return;
    }
    EXPECT(q->count < RING, "no room in the ring from core %u to core %u", from, to);
    if (q->count < RING) {
        q->slot[(q->first + q->count++) % RING] = *m;
        w.messages++;
    }
}

static void n_request(void *context, uint64_t core, const struct capops_request *request)
{
    put(CORE(context), (unsigned)core, &(struct message){ .request = *request });
}

static void n_answer(void *context, uint64_t core, const struct capops_answer *answer)
{
    put(CORE(context), (unsigned)core, &(struct message){ .is_answer = true, .answer = *answer });
}

static void n_open(void *context, uint64_t core)
{
    ((struct node *)context)->wanted[core] = true;
}

static void n_close(void *context, uint64_t core)
{
    struct ring *const q = &w.ring[core][CORE(context)];
    q->count = 0;
    q->closed = true;
}

static const struct capops_net net = { .open = n_open, .request = n_request, .answer = n_answer, .close = n_close };

static void join(unsigned a, unsigned b)
{
    w.ring[a][b] = w.ring[b][a] = (struct ring){ 0 };
    w.node[a].wanted[b] = w.node[b].wanted[a] = false;
    capops_connected(&w.node[a].co, b);
    capops_connected(&w.node[b].co, a);
}

bool open_wanted(unsigned from, unsigned to)
{
    struct node *const n = &w.node[from], *const m = &w.node[to];
    if (!n->wanted[to] || n->state != NODE_RUNS) {
        return false;
    }
    n->wanted[to] = false;
    if (n->peers[to].state != CAPOPS_OPENING) {
        return true;                            /* there is one, or nobody wants it any more */
    }
    if (w.node[0].peers[to].state == CAPOPS_QUARANTINED) {
        capops_unconnected(&n->co, to);         /* a core that was started after that does not know it */
    } else if (m->state == NODE_RUNS && !m->co.left && peer_reachable(&m->co, from) && peer_reachable(&n->co, to)) {
        join(from, to);
    } else if (m->state == NODE_OFF || m->co.left) {
        capops_unconnected(&n->co, to);
    } else {
        n->wanted[to] = true;                   /* no answer yet */
        return false;
    }
    return true;
}

bool deliver(unsigned from, unsigned to)
{
    struct ring *const q = &w.ring[from][to];
    struct node *const n = &w.node[to];

    if (q->count == 0 || (n->state != NODE_RUNS && n->state != NODE_HUNG)) {
        return false;
    }
    const struct message m = q->slot[q->first];
    q->first = (q->first + 1) % RING;
    q->count--;
    if (m.is_answer) {
        capops_answered(&n->co, from, &m.answer);
    } else {
        capops_request(&n->co, from, &m.request);
    }
    return true;
}

bool step(unsigned core)
{
    struct node *const n = &w.node[core];
    return (n->state == NODE_RUNS || n->state == NODE_HUNG) && capops_step(&n->co);
}

bool look(unsigned core)
{
    struct node *const n = &w.node[core];
    if ((n->state == NODE_RUNS || n->state == NODE_HUNG) && sim_lonely(core)) {
        capops_lonely(&n->co);
        return true;
    }
    return false;
}

void run(void)
{
    bool more = true;
    for (unsigned i = 0; more; i++) {
        more = false;
        for (unsigned a = 0; a < w.cores; a++) {
            more |= step(a);
            more |= look(a);
            for (unsigned b = 0; b < w.cores; b++) {
                more |= deliver(a, b);
                more |= open_wanted(a, b);
            }
        }
        EXPECT(i < 200000, "it does not end");
        if (i == 200000) {
            return;
        }
    }
}

/* ---- whom capops tells --------------------------------------------------------------------------------------------- */

static void e_completed(void *context, uint64_t cookie, err_t err)
{
    struct operation *const op = &w.operation[cookie];
    const struct node *const n = context;
    EXPECT(op->kind != OP_FREE && op->core == n->core && !op->done, "completed twice, or what was not begun");
    op->done = true;
    w.ended[op->kind][err_ok(err)]++;
    op->err = err_root(err);
}

static err_t e_arrived(void *context, uint64_t core, uint64_t conn, cptr_t slot)
{
    struct node *const n = context;
    const cptr_t to = empty_arena(n->core);
    uint64_t r[6];
    (void)core;
    (void)conn;
    REQUIRE(to != CPTR_NULL && !(n->refuse != 0 && --n->refuse == 0), E_RECV_SLOT);
    EXPECT_EQ(sim_call(n->core, 0, CNODE_MOVE, r, to, 0, slot), E_OK, "handed over");
    w.arrived = to;
    k_slot_free(context, slot);
    return OK;
}

static unsigned unit_of(uint64_t base)
{
    return (unsigned)((base - sim_memory()) / SIM_UNIT);
}

static void take_unit(struct node *n, cptr_t slot, uint64_t base)
{
    uint64_t r[6];
    EXPECT_EQ(sim_call(n->core, 0, CNODE_MOVE, r, unit(unit_of(base)), 0, slot), E_OK, "a unit's slot");
    k_slot_free(n, slot);
}

static err_t e_lent(void *context, cptr_t slot, uint64_t base, uint64_t bytes)
{
    struct node *const n = context;
    (void)bytes;
    REQUIRE(!(n->refuse != 0 && --n->refuse == 0), E_MEM_LIMIT);
    take_unit(n, slot, base);
    return OK;
}

static void e_returned(void *context, uint64_t core, cptr_t slot, uint64_t base, uint64_t bytes)
{
    (void)core;
    (void)bytes;
    take_unit(context, slot, base);
}

static void e_recalled(void *context, uint64_t bytes)
{
    (void)context;
    w.recalled += bytes;
}

static void e_leaving(void *context, uint64_t core)
{
    ((struct node *)context)->told_leaving[core] = true;
}

static const struct capops_events events = {
    .completed = e_completed, .arrived = e_arrived, .lent = e_lent, .returned = e_returned, .recalled = e_recalled,
    .leaving = e_leaving,
};

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
        .context = n, .kernel = &kernel, .net = &net, .events = &events, .core = core, .cores = SIM_CORES, .boot = 0,
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
