/** @file capops_kernel.c  See capops_kernel.h. */
#include "capops_kernel.h"
#include "world.h"

#include <cap/husk.h>
#include <cap/retype.h>
#include <cap/types.h>
#include <cap/watch.h>
#include <core/kcb.h>

#define CORE_BYTES   (4 * MIB)          /* KCB, then what init is made of, then its private memory */
#define INIT_OFFSET  MIB
#define INIT_BYTES   MIB
#define RAM_OFFSET   (2 * MIB)
#define MEMORY_BASE  (FAKE_PHYS_BASE + 32 * GIB)

static struct {
    struct kcb *kcb[SIM_CORES];
    struct machine machine;
} sim;

static uint64_t core_base(unsigned core)
{
    return FAKE_PHYS_BASE + core * CORE_BYTES;
}

uint64_t sim_memory(void)
{
    return MEMORY_BASE;
}

void sim_start(void)
{
    fake_ram_init(SIM_CORES * CORE_BYTES);
    fake_now = 1000000;
    fake_cpu = (struct fake_cpu){ .fp_trapped = true };
    memset(fake_line, 0, sizeof fake_line);
    sim.machine = (struct machine){
        .memory = { { FAKE_PHYS_BASE, SIM_CORES * CORE_BYTES }, { MEMORY_BASE, GIB } }, .memory_count = 2,
        .cpu = { 0, 1, 2, 3, 4 }, .cpu_count = SIM_CORES,
    };
    for (unsigned i = 0; i < SIM_CORES; i++) {
        sim_core_start(i);
    }
}

static struct cte *root(struct kcb *k, struct cte *slot, enum cap_type type, uint64_t base, uint64_t bytes)
{
    *slot = (struct cte){
        .type = (uint8_t)type, .rights = RIGHTS_ALL, .owner = (uint8_t)k->core, .base = base, .bytes = bytes,
    };
    mdb_insert(&k->mdb, slot);
    return slot;
}

static void make(struct kcb *k, struct cte *ram, uint64_t *used, enum cap_type type, uint64_t size, uint64_t count, struct cte *dst)
{
    const uint64_t a[] = { type, *used, size, count };
    uint64_t bytes = 0;
    EXPECT(cap_object_bytes(type, size, &bytes), "size of an init's object");
    EXPECT(err_ok(retype(k, ram, a[0], a[1], a[2], a[3], dst)), "an init's object");
    *used = (*used + bytes * count + PAGE - 1) & ~(PAGE - 1);
}

void sim_core_start(unsigned core)
{
    struct kcb *const k = phys_to_virt(core_base(core) + 64 * 1024);
    uint64_t used = 0;

    memset(phys_to_virt(core_base(core)), 0, CORE_BYTES);
    k->asid_count = 256;
    k->core = core;
    k->core_count = SIM_CORES;
    k->machine = &sim.machine;
    k->slice_ticks = 1000;
    k->canary = KCB_CANARY;
    k->plat = (struct plat){ .irq_count = SIM_IRQS, .timer_irq = 27, .timer_hz = 1000000 };
    k->empty_ttbr0 = k->loaded_ttbr0 = core_base(core);
    sim.kcb[core] = fake_kcb = k;

    struct cte *const ram = root(k, &k->root[0], CAP_RAM, core_base(core) + INIT_OFFSET, INIT_BYTES);
    make(k, ram, &used, CAP_L1CNODE, 6, 1, &k->root[2]);
    struct cte *const l1 = cte_object(&k->root[2]);
    make(k, ram, &used, CAP_L2CNODE, 0, 7, &l1[1]);
    make(k, ram, &used, CAP_L2CNODE, 0, SIM_CORES, &l1[SIM_INDEX]);
    struct cte *const task = cte_object(&l1[1]);
    make(k, ram, &used, CAP_VNODE_L0, 0, 1, &task[50]);
    make(k, ram, &used, CAP_VNODE_L1, 0, 1, &task[51]);
    make(k, ram, &used, CAP_VNODE_L2, 0, 1, &task[52]);
    make(k, ram, &used, CAP_VNODE_L3, 0, 1, &task[SIM_TABLE & 255]);
    make(k, ram, &used, CAP_DISPATCHER, 0, 1, &task[SIM_DISP & 255]);
    make(k, ram, &used, CAP_FRAME, PAGE, 1, &task[53]);
    root(k, &task[SIM_KERNEL & 255], CAP_KERNEL, SPACE_BASE(SPACE_CORE) + core, 1);
    root(k, &task[SIM_PRIVATE & 255], CAP_RAM, core_base(core) + RAM_OFFSET, SIM_PRIVATE_BYTES);
    root(k, &task[SIM_ID & 255], CAP_ID, SPACE_BASE(SPACE_ID) + ((uint64_t)core << 40), 1ull << 40);
    if (core == 0) {
        root(k, &task[SIM_MEMORY & 255], CAP_RAM, MEMORY_BASE, SIM_UNITS * SIM_UNIT);
        root(k, &task[SIM_IRQTABLE & 255], CAP_IRQTABLE, SPACE_BASE(SPACE_IRQ), SIM_IRQS);
    }
    struct dcb *const d = cte_object(&task[SIM_DISP & 255]);
    EXPECT(err_ok(dispatcher_configure(k, d, &k->root[2], &task[50], &task[53], 0x10000, NULL)), "configure");
    k->current = d;
    static const unsigned tables[] = { 50, 51, 52, SIM_TABLE & 255 };
    for (unsigned i = 0; i < 3; i++) {
        uint64_t r[6];
        EXPECT_EQ(sim_call(core, CPTR(1, tables[i]), VNODE_MAP, r, CPTR(1, tables[i + 1]), 1 | 1 << 16, 0, 0, 0, CPTR(1, 54 + i)), E_OK,
                  "a table");
    }
}

uint64_t sim_call_args(unsigned core, cptr_t cap, uint64_t op, const uint64_t *a, uint64_t r[6])
{
    struct kcb *const k = fake_kcb = sim.kcb[core];

    k->arg[0] = cap;
    k->arg[1] = op;
    memcpy(&k->arg[2], a, 6 * sizeof *a);
    memset(k->ret, 0, sizeof k->ret);
    const uint64_t err = err_root(invoke(k));
    memcpy(r, k->ret, 6 * sizeof *r);
    return err;
}

static struct sim_cap describe(const struct cte *c)
{
    return (struct sim_cap){
        cte_type(c), c->base >> SPACE_SHIFT, cte_addr(c), c->bytes, c->rights, c->owner, (c->flags & CTE_FOREIGN) != 0,
        (c->flags & CTE_WATCHED) != 0, (c->flags & CTE_HUSK) != 0, (c->flags & CTE_LONELY) != 0,
    };
}

bool sim_slot(unsigned core, cptr_t slot, struct sim_cap *cap)
{
    const struct dcb *const d = sim.kcb[core]->current;
    const struct cte *const c = cspace_slot(d->l1, d->l1_slots, slot);

    if (!c || cte_empty(c)) {
        return false;
    }
    *cap = describe(c);
    return true;
}

unsigned sim_caps(unsigned core, struct sim_cap *cap, unsigned most)
{
    unsigned n = 0;

    for (const struct cte *c = mdb_lower_bound(&sim.kcb[core]->mdb, 0, UINT64_MAX, CAP_NULL, 0, 0); c; c = mdb_next(c)) {
        EXPECT(n < most, "more capabilities than expected");
        if (n == most) {
            break;
        }
        cap[n++] = describe(c);
    }
    return n;
}

bool sim_lonely(unsigned core)
{
    return sim.kcb[core]->lonely != NULL;
}

unsigned sim_sweeps(unsigned core)
{
    return (unsigned)sim.kcb[core]->sweeps;
}

const char *sim_wrong(unsigned core)
{
    const struct cte *at;
    return mdb_check(&sim.kcb[core]->mdb, &at);
}

unsigned sim_irq_target(unsigned irq)
{
    return (unsigned)fake_line[irq].target;
}
