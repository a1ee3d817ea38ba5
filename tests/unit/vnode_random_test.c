/**
 * @file vnode_random_test.c  Random maps, links, protects, deletes and revokes against a naive model: a list of
 * Mappings, from which every entry of every table follows.  After each operation all tables hold what the list says,
 * and every translation that a TLB may have held and that is no longer so was flushed.
 */
#include "world.h"

#define STEPS    4000
#define ROOTS    2
#define TABLES   14          /* 2 roots, then 4 tables of each other level                                            */
#define FRAMES   6
#define MAPPINGS 60
#define COUNT 80u /* entries of one Mapping, at most: beyond 64 the whole ASID is flushed                   */
#define NOBODY   (-1)

struct mapping {
    cptr_t slot; /* 0: not in use                                                                          */
    int table, child; /* child: NOBODY for leaves                                                               */
    int frame;
    uint64_t first, count, base;
    uint8_t flags[COUNT];
};

struct model {
    struct world w;
    cptr_t table[TABLES];
    uint64_t base[TABLES], asid[ROOTS];
    bool dead[TABLES];
    cptr_t frame[FRAMES]; /* 64 MiB each; a copy of a parent that revokes them is W_BIG                              */
    struct mapping m[MAPPINGS];
};

static unsigned level_of(int table)
{
    return table < ROOTS ? 0 : 1 + (unsigned)(table - ROOTS) / 4;
}

static uint64_t span(unsigned level)
{
    return 1ull << (39 - 9 * level);
}

static struct mapping *link_of(struct model *x, int table)
{
    for (unsigned i = 0; i < MAPPINGS; i++) {
        if (x->m[i].slot && x->m[i].child == table) {
            return &x->m[i];
        }
    }
    return NULL;
}

static bool has_entries(struct model *x, int table)
{
    for (unsigned i = 0; i < MAPPINGS; i++) {
        if (x->m[i].slot && x->m[i].table == table) {
            return true;
        }
    }
    return false;
}

static bool in_use(struct model *x, int table, uint64_t first, uint64_t count)
{
    for (unsigned i = 0; i < MAPPINGS; i++) {
        const struct mapping *const m = &x->m[i];
        if (m->slot && m->table == table && first < m->first + m->count && m->first < first + count) {
            return true;
        }
    }
    return false;
}

/* ---- what the tables and the TLB should be ----------------------------------------------------------------------- */

/* From root's table in memory.  @return the leaf at @p va, 0: none; *@p level its level */
static pte_t walk(struct model *x, int root, uint64_t va, unsigned *level)
{
    uint64_t table = x->base[root];
    for (*level = 0; *level < 4; ++*level) {
        const pte_t e = ((const pte_t *)phys_to_virt(table))[va / span(*level) % 512];
        if (!pte_valid(e)) {
            return 0;
        }
        if (!pte_is_table(e, *level)) {
            return e;
        }
        table = pte_addr(e);
    }
    return 0;
}

/* Where the first entry of @p table is seen: false if no root leads there. */
static bool position(struct model *x, int table, int *root, uint64_t *va)
{
    *va = 0;
    while (table >= ROOTS) {
        const struct mapping *const link = link_of(x, table);
        if (!link) {
            return false;
        }
        *va += link->first * span(level_of(link->table));
        table = link->table;
    }
    *root = table;
    return !x->dead[table];
}

static void check_entries(struct model *x, unsigned step)
{
    for (int t = 0; t < TABLES; t++) {
        const pte_t *const entry = phys_to_virt(x->base[t]);
        uint64_t want[512] = { 0 };
        for (unsigned i = 0; i < MAPPINGS; i++) {
            const struct mapping *const m = &x->m[i];
            for (unsigned n = 0; m->slot && m->table == t && n < m->count; n++) {
                want[m->first + n] = m->child != NOBODY
                                         ? x->base[m->child] | 1
                                         : (m->base + n * span(level_of(t))) | 2 | (uint64_t)m->flags[n] << 2;
            }
        }
        for (unsigned n = 0; n < 512 && !x->dead[t]; n++) {
            uint64_t got = 0;
            if (pte_valid(entry[n])) {
                const unsigned flags =
                    MAP_READ | (pte_writable(entry[n]) ? MAP_WRITE : 0) | (pte_executable(entry[n]) ? MAP_EXEC : 0);
                got = pte_addr(entry[n]) | (pte_is_table(entry[n], level_of(t)) ? 1 : 2 | flags << 2);
            }
            EXPECT_EQ(got, want[n], "step %u: entry %u of table %d", step, n, t);
        }
    }
}

/* What a TLB may hold before an operation. */
struct translation {
    int root;
    uint64_t va;
    pte_t leaf;
};

static unsigned translations(struct model *x, struct translation *list)
{
    unsigned count = 0;
    for (unsigned i = 0; i < MAPPINGS; i++) {
        const struct mapping *const m = &x->m[i];
        struct translation t = { .root = 0 };
        unsigned level;
        if (!m->slot || m->child != NOBODY || !position(x, m->table, &t.root, &t.va)) {
            continue;
        }
        t.va += m->first * span(level_of(m->table));
        for (unsigned n = 0; n < m->count; n++, t.va += span(level_of(m->table))) {
            t.leaf = walk(x, t.root, t.va, &level);
            EXPECT_EQ(pte_addr(t.leaf), m->base + n * span(level_of(m->table)), "the walk finds Mapping %u", i);
            list[count++] = t;
        }
    }
    return count;
}

static bool flushed(uint64_t asid, uint64_t va)
{
    for (uint64_t i = 0; i < fake_tlb.logged && i < FAKE_TLB_LOG; i++) {
        if (fake_tlb.log[i].asid == asid && (fake_tlb.log[i].whole || fake_tlb.log[i].va == va)) {
            return true;
        }
    }
    return fake_tlb.logged > FAKE_TLB_LOG;
}

static void check_tlb(struct model *x, const struct translation *before, unsigned count, unsigned step)
{
    unsigned level;
    for (unsigned i = 0; i < count; i++) {
        const bool same = !x->dead[before[i].root] && walk(x, before[i].root, before[i].va, &level) == before[i].leaf;
        EXPECT(same || flushed(x->asid[before[i].root], before[i].va), "step %u: %#" PRIx64 " was not flushed", step,
               before[i].va);
    }
}

/* ---- operations -------------------------------------------------------------------------------------------------- */

static struct mapping *unused(struct model *x)
{
    for (unsigned i = 0; i < MAPPINGS; i++) {
        if (!x->m[i].slot) {
            return &x->m[i];
        }
    }
    return NULL;
}

static struct mapping *any_mapping(struct model *x)
{
    struct mapping *const m = &x->m[world_below(&x->w, MAPPINGS)];
    return m->slot ? m : NULL;
}

static void do_map(struct model *x)
{
    static const uint8_t kinds[] = { MAP_READ, MAP_READ | MAP_WRITE, MAP_READ | MAP_EXEC };
    struct world *const w = &x->w;
    const int table = (int)world_below(w, TABLES), frame = (int)world_below(w, FRAMES);
    const unsigned level = level_of(table), most = level == 3 ? COUNT : 3;
    const uint64_t first = world_below(w, 2) ? world_below(w, 10) : world_below(w, 512),
                   count = 1 + world_below(w, most);
    const uint64_t offset = level ? world_below(w, 64 * MIB / (level == 1 ? 64 * MIB : span(level))) * span(level) : 0;
    const uint8_t flags = kinds[world_below(w, 3)];
    struct mapping *const m = unused(x);
    if (!m || x->dead[table]) {
        return;
    }
    const cptr_t slot = CPTR(2, m - x->m);
    uint64_t want = level == 0 ? E_CAP_TYPE : first + count > 512 ? E_ARG
                  : offset + count * span(level) > 64 * MIB ? E_CAP_RANGE : E_OK;
    if (want == E_OK) {
        want = !link_of(x, table) ? E_VNODE_UNLINKED : in_use(x, table, first, count) ? E_VNODE_OCCUPIED : E_OK;
    }
    EXPECT_EQ(world_invoke(w, x->table[table], VNODE_MAP, x->frame[frame], first | count << 16, offset, flags, 0, slot),
              want, "%" PRIu64 " entries at %" PRIu64 " of table %d", count, first, table);
    if (want == E_OK) {
        *m = (struct mapping){
            slot, table, NOBODY, frame, first, count, WORLD_BIG_BASE + (uint64_t)frame * 64 * MIB + offset, { 0 }
        };
        memset(m->flags, flags, sizeof m->flags);
    }
}

static void do_link(struct model *x)
{
    struct world *const w = &x->w;
    const int table = (int)world_below(w, TABLES - 4), child = (int)(ROOTS + level_of(table) * 4 + world_below(w, 4));
    const uint64_t first = world_below(w, 2) ? world_below(w, 10) : world_below(w, 512);
    struct mapping *const m = unused(x);
    if (!m || x->dead[table] || x->dead[child]) {
        return;
    }
    const cptr_t slot = CPTR(2, m - x->m);
    const uint64_t want = table >= ROOTS && !link_of(x, table)         ? E_VNODE_UNLINKED
                          : in_use(x, table, first, 1)                 ? E_VNODE_OCCUPIED
                          : link_of(x, child) || has_entries(x, child) ? E_VNODE_LINKED
                                                                       : E_OK;
    EXPECT_EQ(world_invoke(w, x->table[table], VNODE_MAP, x->table[child], first | 1 << 16, 0, 0, 0, slot), want,
              "table %d into %d", child, table);
    if (want == E_OK) {
        *m = (struct mapping){ slot, table, child, NOBODY, first, 1, x->base[child], { 0 } };
    }
}

static void do_protect(struct model *x)
{
    static const uint8_t kinds[] = { MAP_READ, MAP_READ | MAP_WRITE, MAP_READ | MAP_EXEC };
    struct world *const w = &x->w;
    struct mapping *const m = any_mapping(x);
    const uint64_t first = world_below(w, COUNT), count = 1 + world_below(w, COUNT);
    const uint8_t flags = kinds[world_below(w, 3)];
    if (!m) {
        return;
    }
    const uint64_t want = m->child != NOBODY || first + count > m->count ? E_ARG : E_OK;
    EXPECT_EQ(world_invoke(w, m->slot, MAPPING_PROTECT, first, count, flags), want, "protect");
    for (uint64_t i = first; want == E_OK && i < first + count; i++) {
        m->flags[i] = flags;
    }
}

static void forget_table(struct model *x, int table)
{
    for (unsigned i = 0; i < MAPPINGS; i++) {
        if (x->m[i].slot && (x->m[i].table == table || x->m[i].child == table)) {
            EXPECT(cte_empty(world_cte(&x->w, x->m[i].slot)), "a Mapping of a dead table");
            x->m[i].slot = 0;
        }
    }
}

/* Deleted, or revoked with its memory; and made again at the same place. */
static void do_table(struct model *x)
{
    struct world *const w = &x->w;
    const int table = (int)world_below(w, TABLES);
    if (x->dead[table]) {
        world_must(world_invoke(w, W_RAM, MEMORY_RETYPE, CAP_VNODE_L0 + level_of(table),
                                x->base[table] - WORLD_RAM_BASE, 0, 1, 0, x->table[table]),
                   "again");
        x->dead[table] = false;
        if (table < ROOTS) {
            x->asid[table] = world_cte(w, x->table[table])->word[0];
        }
        return;
    }
    if (world_below(w, 2)) {
        world_delete(w, x->table[table]);
    } else {
        world_revoke(w, W_RAM, x->base[table] - WORLD_RAM_BASE, PAGE);
    }
    x->dead[table] = true;
    forget_table(x, table);
}

static void do_revoke(struct model *x)
{
    struct world *const w = &x->w;
    const int frame = (int)world_below(w, FRAMES);
    const uint64_t lo = world_below(w, 64 * MIB), bytes = 1 + world_below(w, 64 * MIB - lo);
    const uint64_t from = WORLD_BIG_BASE + (uint64_t)frame * 64 * MIB + lo;
    world_revoke(w, x->frame[frame], lo, bytes);
    for (unsigned i = 0; i < MAPPINGS; i++) {
        struct mapping *const m = &x->m[i];
        if (m->slot && m->frame == frame && m->base < from + bytes &&
            m->base + m->count * span(level_of(m->table)) > from) {
            EXPECT(cte_empty(world_cte(w, m->slot)), "a Mapping of revoked memory");
            m->slot = 0;
        }
    }
}

static void build(struct model *x)
{
    *x = (struct model){ .dead = { false } };
    world_init(&x->w);
    for (int t = 0; t < TABLES; t++) {
        x->table[t] = world_make(&x->w, (enum cap_type)(CAP_VNODE_L0 + level_of(t)), 0);
        world_must(world_invoke(&x->w, 0, CNODE_MOVE, CPTR(3, t), 0, x->table[t]), "place");
        x->table[t] = CPTR(3, t);
        x->base[t] = world_cte(&x->w, x->table[t])->base;
    }
    for (int t = 0; t < ROOTS; t++) {
        x->asid[t] = world_cte(&x->w, x->table[t])->word[0];
    }
    for (unsigned f = 0; f < FRAMES; f++) {
        x->frame[f] = CPTR(4, f);
        world_must(world_invoke(&x->w, W_BIG, MEMORY_RETYPE, CAP_FRAME, f * 64 * MIB, 64 * MIB, 1, 0, x->frame[f]),
                   "frame");
    }
}

TEST(vnode, model)
{
    static struct translation before[MAPPINGS * COUNT];
    static struct model x;
    unsigned most = 0;
    build(&x);
    for (unsigned step = 0; step < STEPS; step++) {
        const unsigned count = translations(&x, before);
        most = count > most ? count : most;
        fake_tlb.logged = 0;
        struct mapping *m;
        switch (world_below(&x.w, 24)) {
        case 0:
            do_table(&x);
            break;
        case 1:
            do_revoke(&x);
            break;
        case 2:
        case 3:
        case 4:
            m = any_mapping(&x);
            if (m) {
                world_delete(&x.w, m->slot);
                m->slot = 0;
            }
            break;
        case 5:
        case 6:
        case 7:
            do_protect(&x);
            break;
        case 8:
        case 9:
        case 10:
        case 11:
        case 12:
        case 13:
            do_link(&x);
            break;
        default:
            do_map(&x);
            break;
        }
        check_tlb(&x, before, count, step);
        check_entries(&x, step);
        world_check(&x.w, "step %u", step);
    }
    EXPECT(most > 100, "never more than %u translations", most);
}
