/** @file libos_world.c  Contracts in libos_world.h. */
#include "libos_world.h"

#define EXPECT_OK(err, what) EXPECT(err_ok(err), "%s: %#" PRIx64, what, (err).trail)

void world_start(struct world *w, uint64_t ram, uint64_t seed)
{
    const struct fake_config config = { .pool_bytes = ram, .ram_bytes = 0x80000000ull, .seed = seed };
    fake_start(&config);
    const struct stock_config sc = {
        .l1 = CPTR(0, TASK_L1), .dispatcher = CPTR(0, TASK_DISPATCHER), .root = CPTR(0, TASK_VSPACE),
        .l1_log2 = L1_SLOTS_LOG2_MIN, .l1_used = 2, .first_slot = TASK_FREE,
        .ram = CPTR(0, TASK_POOL), .ram_base = fake_base(CPTR(0, TASK_POOL)), .ram_bytes = ram,
        .pool_base = WORLD_POOL,
    };
    memset(w, 0, sizeof(*w));
    EXPECT_OK(stock_init(&w->stock, &sc), "stock_init");
    EXPECT_OK(vspace_slabs_init(&w->slabs, &w->stock), "vspace_slabs_init");
    EXPECT_OK(vspace_init_own(&w->vs, CPTR(0, TASK_VSPACE), &w->stock, &w->slabs), "vspace_init_own");
    const char *const wrong = world_audit(w);
    EXPECT(!wrong, "%s", wrong);
}

struct owned {
    uint64_t frames, pages, slots;
};

/* What vspace_back() has made. */
static struct owned owned(const struct world *w)
{
    const uint64_t groups = w->groups.used;
    struct owned o = { groups, groups * VSPACE_GROUP_PAGES, groups * VSPACE_GROUP_PAGES };

    for (struct range *r = range_from(&w->vs.mappings, 0); r; r = range_from(&w->vs.mappings, r->end)) {
        const struct vspace_mapping *const m = (const struct vspace_mapping *)r;
        o.frames += m->ram.chunk != NULL;
        o.pages += m->ram.chunk ? m->ram.pages : 0;
        o.slots += !m->group;
    }
    return o;
}

static uint64_t tables_of(const struct vspace *vs)
{
    return vs->tables[1].count + vs->tables[2].count + vs->tables[3].count;
}

static const char *audit_kernel(const struct world *w, struct owned o)
{
    const struct pool *const pool = &w->stock.pool;
    const uint64_t pool_tables = 2 + pool->blocks, tables = tables_of(&w->vs);

    if (fake_count(CAP_FRAME) != pool->used + o.frames + w->frames) {
        return "Frames: the kernel has more or fewer than the books";
    }
    if (fake_count(CAP_MAPPING) != pool->used + pool_tables + tables + w->vs.mappings.count) {
        return "Mappings: the kernel has more or fewer than the books";
    }
    if (fake_count(CAP_VNODE_L0) + fake_count(CAP_VNODE_L1) + fake_count(CAP_VNODE_L2) + fake_count(CAP_VNODE_L3) !=
        1 + pool_tables + tables) {
        return "VNodes: the kernel has more or fewer than the books";
    }
    if (fake_count(CAP_L2CNODE) != 1 + pool->cnodes + w->stock.slots.cnodes || fake_count(CAP_L1CNODE) != 1) {
        return "CNodes: the kernel has more or fewer than the books";
    }
    return fake_check();
}

static const char *audit_books(const struct world *w, struct owned o)
{
    const struct stock *const s = &w->stock;
    const uint64_t tables = tables_of(&w->vs), cnodes = s->pool.cnodes + s->slots.cnodes - 1;
    const uint64_t l1_pages = s->cspace.ram.chunk ? s->cspace.ram.pages : 0;
    uint64_t l1_used = 0;

    if (s->reserve.pages - s->reserve.free !=
        s->pool.used + 2 + s->pool.blocks + 4 * cnodes + tables + o.pages + l1_pages) {
        return "RAM: pages in use do not add up";
    }
    if (s->slots.used != TASK_FREE + 2 * tables + o.slots + o.frames + w->slots) {
        return "slots: in use do not add up";
    }
    for (unsigned i = 0; i < CSPACE_L1_MAX; i++) {
        l1_used += i < 1u << s->cspace.log2 && (s->cspace.used[i / 64] >> i % 64 & 1);
    }
    if (l1_used != 2 + cnodes || s->cspace.free != (1u << s->cspace.log2) - l1_used ||
        fake_l1_slots() != 1u << s->cspace.log2) {
        return "L1 entries: in use do not add up";
    }
    if (w->slabs.regions.used != w->vs.regions.count || w->slabs.mappings.used != w->vs.mappings.count ||
        w->slabs.tables.used != tables || s->cnodes.used != s->slots.cnodes) {
        return "slabs: records in use do not add up";
    }
    if (s->pool.used != w->slabs.regions.pages + w->slabs.mappings.pages + w->slabs.tables.pages + s->cnodes.pages +
                            s->chunks.pages + w->groups.pages) {
        return "pool: pages in use do not add up";
    }
    return NULL;
}

const char *world_audit(const struct world *w)
{
    const struct owned o = owned(w);
    const char *wrong = vspace_check(&w->vs);

    wrong = wrong ? wrong : audit_kernel(w, o);
    return wrong ? wrong : audit_books(w, o);
}

struct world_use world_use(struct world *w)
{
    EXPECT_OK(vspace_trim(&w->vs), "vspace_trim");
    return (struct world_use){
        w->vs.regions.count, w->vs.mappings.count, tables_of(&w->vs), w->stock.slots.used, owned(w).pages,
    };
}

bool world_same(struct world_use a, struct world_use b)
{
    return memcmp(&a, &b, sizeof(a)) == 0;
}
