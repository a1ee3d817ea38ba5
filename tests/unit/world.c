/** @file world.c  See world.h: how the machine is built, and invocations. */
#include "world.h"

#include <arch/cache.h>
#include <cap/retype.h>
#include <cap/types.h>
#include <shoal/coreboot.h>

uint64_t world_below(struct world *w, uint64_t bound)
{
    return test_random(&w->random) % bound;
}

void world_must(uint64_t err, const char *what)
{
    EXPECT_EQ(err, E_OK, "building the test's world: %s", what);
}

struct cte *world_cte(struct world *w, cptr_t addr)
{
    struct cte *c = cspace_slot(w->me.d->l1, w->me.d->l1_slots, addr);
    if (!c && (addr & CPTR_L1_FLAG) && !err_ok(cspace_l1_slot(w->me.d->l1, w->me.d->l1_slots, addr, &c))) {
        return NULL;
    }
    return c;
}

void *world_object(struct world *w, cptr_t addr)
{
    return cte_object(world_cte(w, addr));
}

cptr_t world_slot(struct world *w)
{
    const unsigned n = w->slots_used++;
    if (n >= W_L2_COUNT * L2_SLOTS) {
        fprintf(stderr, "world_slot: none left\n");
        abort();
    }
    return CPTR(W_L2_FIRST, 0) + n;
}

/* ---- me ---------------------------------------------------------------------------------------------------------- */

static struct cte *add_root(struct kcb *k, struct cte *slot, enum cap_type type, uint64_t base, uint64_t bytes)
{
    *slot = (struct cte){ .type = (uint8_t)type, .rights = RIGHTS_ALL, .base = base, .bytes = bytes };
    mdb_insert(&k->mdb, slot);
    return slot;
}

static void make(struct kcb *k, struct cte *ram, uint64_t *used, enum cap_type type, uint64_t size, uint64_t count,
                 struct cte *dst)
{
    uint64_t bytes;
    *used = (*used + PAGE - 1) & ~(PAGE - 1);
    world_must(cap_object_bytes(type, size, &bytes) ? E_OK : E_CAP_SIZE, "size");
    world_must(retype(k, ram, type, *used, size, count, dst).trail, "retype");
    *used += bytes * count;
}

static const struct machine machine = {
    .memory = { { FAKE_PHYS_BASE, 8 * MIB }, { WORLD_BIG_BASE, WORLD_BIG }, { WORLD_FAR_BASE, WORLD_FAR } },
    .memory_count = 3,
    .cpu = { 0, 1, 2, 3 }, .cpu_count = WORLD_CORES,
};

static struct kcb *place_kcb(void)
{
    struct kcb *const k = phys_to_virt(FAKE_PHYS_BASE + 64 * 1024);
    *k = (struct kcb){
        .asid_count = 256, .core_count = WORLD_CORES, .machine = &machine, .slice_ticks = 1000, .canary = KCB_CANARY,
        .plat = { .irq_count = WORLD_IRQS, .timer_irq = WORLD_TIMER, .timer_hz = 1000000 },
    };
    k->empty_ttbr0 = FAKE_PHYS_BASE;
    k->loaded_ttbr0 = k->empty_ttbr0;
    return k;
}

static void fake_reset(void)
{
    fake_now = 1000000;
    fake_timer = 0;
    fake_irq = FAKE_NO_IRQ;
    fake_cpu = (struct fake_cpu){ .fp_trapped = true };
    fake_tlb = (struct fake_tlb){ 0 };
    fake_left = (struct fake_left){ .how = LEFT_NOT };
    memset(fake_line, 0, sizeof fake_line);
    fake_psci = (struct fake_psci){ .state = { CORE_IS_ON, CORE_IS_OFF, CORE_IS_OFF, CORE_IS_OFF, 9, 9, 9, 9 } };
    fake_bell = (struct fake_bell){ 0 };
    fake_cleaned = NULL;
}

void world_init(struct world *w)
{
    fake_ram_init(8 * MIB);
    fake_reset();
    *w = (struct world){ .random = test_seed() * 0x9e3779b97f4a7c15ull + 1 };
    struct kcb *const k = w->k = fake_kcb = place_kcb();
    struct cte *const root = add_root(k, &k->root[0], CAP_RAM, FAKE_PHYS_BASE + MIB, 7 * MIB);
    uint64_t used = 0;

    make(k, root, &used, CAP_RAM, MIB, 1, &k->root[1]);
    struct cte *const own = &k->root[1];
    used = 0;
    make(k, own, &used, CAP_L1CNODE, 6, 1, &k->root[2]);
    struct cte *const l1 = cte_object(&k->root[2]);
    make(k, own, &used, CAP_L2CNODE, 0, 1 + W_L2_COUNT, &l1[1]);
    struct cte *const task = cte_object(&l1[1]);
    make(k, own, &used, CAP_VNODE_L0, 0, 1, &task[W_L0 & 255]);
    make(k, own, &used, CAP_DISPATCHER, 0, 1, &task[W_DISP & 255]);
    make(k, own, &used, CAP_FRAME, PAGE, 1, &task[W_FRAME & 255]);
    used = MIB;
    make(k, root, &used, CAP_RAM, WORLD_RAM, 1, &task[W_RAM & 255]);
    make(k, root, &used, CAP_RAM, WORLD_MEM, 1, &task[W_MEM & 255]);
    mdb_move(&k->mdb, &k->root[0], &task[W_ROOT & 255]);
    mdb_move(&k->mdb, &k->root[1], &task[W_OWN & 255]);
    mdb_move(&k->mdb, &k->root[2], &task[W_L1 & 255]);
    add_root(k, &task[W_BIG & 255], CAP_RAM, WORLD_BIG_BASE, WORLD_BIG);
    add_root(k, &task[W_DEV & 255], CAP_DEVRANGE, WORLD_DEV_BASE, WORLD_DEV);
    add_root(k, &task[W_IRQTABLE & 255], CAP_IRQTABLE, SPACE_BASE(SPACE_IRQ), WORLD_IRQS);
    add_root(k, &task[W_ID & 255], CAP_ID, SPACE_BASE(SPACE_ID), 1ull << 48);
    add_root(k, &task[W_KERNEL & 255], CAP_KERNEL, SPACE_BASE(SPACE_CORE), 1);
    add_root(k, &task[W_CORE & 255], CAP_CORECONTROL, SPACE_BASE(SPACE_CORE) + (1ull << 32), 1);

    struct dcb *const d = cte_object(&task[W_DISP & 255]);
    world_must(
        dispatcher_configure(k, d, &task[W_L1 & 255], &task[W_L0 & 255], &task[W_FRAME & 255], 0x10000, NULL).trail,
        "configure");
    world_must(dispatcher_set_priority(k, d, 100).trail, "priority");
    world_must(dispatcher_start(k, d).trail, "start");
    w->me = (struct proc){ W_DISP, W_L1, W_L0, W_FRAME, d, d->frame };
    world_schedule(w);
    w->me.f->disabled = 0;
}

/* ---- invocations ------------------------------------------------------------------------------------------------- */

uint64_t world_invoke_args(struct world *w, cptr_t cap, uint64_t op, const uint64_t *a)
{
    struct kcb *const k = w->k;
    k->arg[0] = cap;
    k->arg[1] = op;
    memcpy(&k->arg[2], a, 6 * sizeof *a);
    memset(k->ret, 0, sizeof k->ret);
    return err_root(invoke(k));
}

cptr_t world_retype(struct world *w, cptr_t from, enum cap_type type, uint64_t offset, uint64_t size)
{
    const cptr_t slot = world_slot(w);
    world_must(world_invoke(w, from, MEMORY_RETYPE, type, offset, size, 1, 0, slot), "retype");
    return slot;
}

cptr_t world_make(struct world *w, enum cap_type type, uint64_t size)
{
    uint64_t bytes = 0;
    world_must(cap_object_bytes(type, size, &bytes) ? E_OK : E_CAP_SIZE, "size");
    const uint64_t at = w->ram_used;
    w->ram_used += (bytes + PAGE - 1) & ~(PAGE - 1);
    return world_retype(w, W_RAM, type, at, size);
}

cptr_t world_frame(struct world *w, uint64_t bytes)
{
    const uint64_t at = w->mem_used;
    w->mem_used += bytes;
    return world_retype(w, W_MEM, CAP_FRAME, at, bytes);
}

cptr_t world_copy(struct world *w, cptr_t src, uint64_t rights)
{
    const cptr_t slot = world_slot(w);
    world_must(world_invoke(w, 0, CNODE_COPY, slot, 0, src, rights), "copy");
    return slot;
}

cptr_t world_mint(struct world *w, cptr_t endpoint, uint64_t badge)
{
    const cptr_t slot = world_slot(w);
    world_must(world_invoke(w, 0, CNODE_MINT, slot, 0, endpoint, RIGHTS_ALL, badge), "mint");
    return slot;
}

#define AGAIN_MAX 100000    /* calls until something has gone wrong */

void world_delete(struct world *w, cptr_t addr)
{
    uint64_t err = E_AGAIN;
    for (unsigned i = 0; i < AGAIN_MAX && err == E_AGAIN; i++) {
        err = world_invoke(w, 0, CNODE_DELETE, addr);
    }
    world_must(err, "delete");
}

void world_revoke(struct world *w, cptr_t addr, uint64_t offset, uint64_t bytes)
{
    uint64_t err = E_AGAIN;
    for (unsigned i = 0; i < AGAIN_MAX && err == E_AGAIN; i++) {
        err = world_invoke(w, 0, CNODE_REVOKE, addr, offset, bytes);
    }
    world_must(err, "revoke");
}

struct proc world_proc(struct world *w, uint64_t priority, cptr_t fault)
{
    struct proc p = { .l1 = W_L1 };

    p.disp = world_make(w, CAP_DISPATCHER, 0);
    p.l0 = world_make(w, CAP_VNODE_L0, 0);
    p.frame = world_frame(w, PAGE);
    p.d = world_object(w, p.disp);
    p.f = world_object(w, p.frame);
    world_must(world_invoke(w, p.disp, DISPATCHER_CONFIGURE, p.l1, p.l0, p.frame, 0x20000, fault), "configure");
    world_must(world_invoke(w, W_KERNEL, KERNEL_SET_CEILING, p.disp, 255), "ceiling");
    world_must(world_invoke(w, p.disp, DISPATCHER_SET_PRIORITY, priority), "priority");
    return p;
}

struct channel world_channel(struct world *w, const struct proc *p, uint64_t event, uint64_t log2)
{
    struct channel c;

    c.recv = world_make(w, CAP_ENDPOINT, 0);
    c.ring = world_frame(w, (RING_BYTES(log2) + PAGE - 1) & ~(PAGE - 1));
    world_must(world_invoke(w, c.recv, ENDPOINT_BIND, p->disp, event, c.ring, 0, log2), "bind");
    c.ep = world_object(w, c.recv);
    c.control = world_object(w, c.ring);
    c.message = (struct ring_message *)(c.control + 1);
    return c;
}
