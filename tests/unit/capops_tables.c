/** @file capops_tables.c  See capops_world.h: the functions that capops is given. */
#include "capops_world.h"

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

void slot_gone(void *context, cptr_t slot)
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

bool import_under_way(uint64_t lo, uint64_t hi, unsigned owner)
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

static bool has_of(unsigned core, unsigned owner, uint64_t lo, uint64_t hi)
{
    struct sim_cap cap[1200];
    const unsigned n = sim_caps(core, cap, 1200);
    bool found = false;
    for (unsigned i = 0; i < n; i++) {
        found |= cap[i].line == 0 && cap[i].base < hi && lo < cap[i].base + cap[i].bytes && cap[i].foreign && cap[i].owner == owner;
    }
    return found;
}

/* The range opens again: nothing is left of it where somebody listens. */
static err_t k_sweep_end(void *context, uint64_t handle)
{
    const unsigned core = CORE(context), i = handle & 0xff;
    uint64_t r[6];
    TRY(CALL(context, KERNEL_SWEEP_END, handle));
    if (w.handle[core][i] == handle) {
        for (unsigned c = 0; c < w.cores; c++) {
            EXPECT(c == core || w.node[c].state != NODE_RUNS || !has_of(c, core, w.lo[core][i], w.hi[core][i]),
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

const struct capops_kernel world_kernel = {
    .slot_alloc = k_slot_alloc, .slot_free = slot_gone, .identify = k_identify, .copy = k_copy, .remove = k_remove,
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

const struct capops_net world_net = { .open = n_open, .request = n_request, .answer = n_answer, .close = n_close };

void join(unsigned a, unsigned b)
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
    slot_gone(context, slot);
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
    slot_gone(n, slot);
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

const struct capops_events world_events = {
    .completed = e_completed, .arrived = e_arrived, .lent = e_lent, .returned = e_returned, .recalled = e_recalled,
    .leaving = e_leaving,
};

