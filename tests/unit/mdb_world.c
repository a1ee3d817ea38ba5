/** @file mdb_world.c  See mdb_world.h. */
#include "mdb_world.h"

#define PAGE 4096ull

static const struct {
    uint8_t space;
    uint64_t fixed;
} type_table[] = {
#define CAPTYPE(name, number, space_, fixed_, parent_) [number] = { SPACE_##space_, fixed_ },
#include <shoal/captypes.def>
#undef CAPTYPE
};

uint64_t world_below(struct world *w, uint64_t bound)
{
    return test_random(&w->random) % bound;
}

struct cte *world_any(struct world *w)
{
    return w->count ? w->live[world_below(w, w->count)] : NULL;
}

struct cte *world_empty(struct world *w)
{
    const size_t first = world_below(w, WORLD_SLOTS);

    for (size_t i = 0; i < WORLD_SLOTS; i++) {
        struct cte *c = &w->slot[(first + i) % WORLD_SLOTS];
        if (cte_empty(c)) {
            return c;
        }
    }
    return NULL;
}

struct cte world_cap(enum cap_type type, uint64_t base, uint64_t bytes)
{
    return (struct cte){ .type = type, .base = SPACE_BASE(type_table[type].space) + base, .bytes = bytes };
}

static struct cte *take_slot(struct world *w, struct cte cap)
{
    struct cte *c = world_empty(w);

    if (c) {
        *c = cap;
        c->link[0] = c->link[1] = 0;
        c->balance = 0;
        c->max_end = 0;
        w->live[w->count++] = c;
    }
    return c;
}

struct cte *world_insert(struct world *w, struct cte cap)
{
    struct cte *c = take_slot(w, cap);

    if (c) {
        mdb_insert(&w->db, c);
    }
    return c;
}

struct cte *world_copy(struct world *w, struct cte *of, struct cte cap)
{
    struct cte *c = take_slot(w, cap);

    if (c) {
        mdb_insert_copy(&w->db, of, c);
    }
    return c;
}

static void forget(struct world *w, const struct cte *c)
{
    for (size_t i = 0; i < w->count; i++) {
        if (w->live[i] == c) {
            w->live[i] = w->live[--w->count];
            return;
        }
    }
}

void world_remove(struct world *w, struct cte *c)
{
    const struct cte before = *c;

    mdb_remove(&w->db, c);
    EXPECT(!c->link[0] && !c->link[1] && !c->balance && !c->max_end, "removed, but the node is not zero");
    EXPECT(c->type == before.type && c->base == before.base && c->bytes == before.bytes && c->flags == before.flags &&
               c->gen == before.gen && c->word[0] == before.word[0] && c->word[1] == before.word[1],
           "removal changed the capability");
    *c = (struct cte){ 0 };
    forget(w, c);
}

void world_move(struct world *w, struct cte *from)
{
    static const struct cte zero;
    struct cte *to = world_empty(w);

    if (!to) {
        return;
    }
    struct cte *const next = mdb_next(from), *const prev = mdb_prev(from);
    const struct cte before = *from;
    mdb_move(&w->db, from, to);
    EXPECT(memcmp(from, &zero, sizeof(zero)) == 0, "moved, but the old slot is not zero");
    EXPECT(memcmp(to, &before, sizeof(before)) == 0, "moving changed the content");
    EXPECT(mdb_next(to) == next && mdb_prev(to) == prev, "moving changed the place");
    forget(w, from);
    w->live[w->count++] = to;
}

void world_init(struct world *w, uint64_t seed)
{
    *w = (struct world){ .random = seed * 0x9e3779b97f4a7c15ull + 1 };
    fake_ram_init(WORLD_SLOTS * SLOT_BYTES);
    w->slot = phys_to_virt(FAKE_PHYS_BASE);
    world_insert(w, world_cap(CAP_RAM, 0, 64 * PAGE));
    world_insert(w, world_cap(CAP_RAM, 0x40000000, 1024 * PAGE));
    world_insert(w, world_cap(CAP_RAM, (1ull << 48) - 64 * PAGE, 64 * PAGE));
    world_insert(w, world_cap(CAP_DEVRANGE, 64 * PAGE, 64 * PAGE));
    world_insert(w, world_cap(CAP_IRQTABLE, 0, 64));
    world_insert(w, world_cap(CAP_ID, 0, 1ull << 56));
    world_insert(w, world_cap(CAP_KERNEL, 0, 1));
    world_insert(w, world_cap(CAP_CORECONTROL, (1ull << 56) - 1, 1));
}

static bool mapping(const struct cte *c)
{
    return cte_type(c) == CAP_MAPPING;
}

bool world_inside(const struct cte *c, const struct cte *outer)
{
    if (mapping(outer) || c->base < outer->base || c->base + c->bytes > outer->base + outer->bytes) {
        return false;
    }
    if (mapping(c) || c->bytes < outer->bytes) {
        return true;
    }
    return cte_type(c) != cte_type(outer) ? cte_type(c) > cte_type(outer) : c->gen > outer->gen;
}

static bool free_inside(struct world *w, const struct cte *c, uint64_t lo, uint64_t hi)
{
    for (size_t i = 0; i < w->count; i++) {
        const struct cte *n = w->live[i];
        if (world_inside(n, c) && n->base < hi && n->base + n->bytes > lo) {
            return false;
        }
    }
    return true;
}

static void step_retype(struct world *w, struct cte *from)
{
    static const uint8_t of_ram[] = { CAP_RAM,      CAP_RAM,        CAP_RAM,      CAP_FRAME,
                                      CAP_FRAME,    CAP_L1CNODE,    CAP_L2CNODE,  CAP_VNODE_L0,
                                      CAP_VNODE_L3, CAP_DISPATCHER, CAP_ENDPOINT, CAP_NOTIFY };
    enum cap_type type;
    uint64_t unit = PAGE, bytes;

    switch (cte_type(from)) {
    case CAP_RAM:
        type = (enum cap_type)of_ram[world_below(w, sizeof(of_ram))];
        break;
    case CAP_DEVRANGE:
        type = world_below(w, 2) ? CAP_DEVRANGE : CAP_DEVFRAME;
        break;
    case CAP_IRQTABLE:
        type = CAP_IRQ;
        unit = 1;
        break;
    case CAP_ID:
        type = CAP_ID;
        unit = 1;
        break;
    default:
        return;
    }
    bytes = type_table[type].fixed;
    if (!bytes) {
        /* now and then all of it: then only type or gen tells the two apart */
        bytes = world_below(w, 8) ? unit << world_below(w, 5) : from->bytes;
    }
    if (bytes > from->bytes) {
        return;
    }
    const uint64_t step = bytes < unit ? bytes : unit;
    const uint64_t room = (from->bytes - bytes) / step + 1;
    const uint64_t base = from->base + world_below(w, room < 1024 ? room : 1024) * step;
    if (!free_inside(w, from, base, base + bytes)) {
        return;
    }
    struct cte cap = { .type = type, .base = base, .bytes = bytes };
    if (type == cte_type(from) && bytes == from->bytes) {
        if (from->gen > 5) {
            return;
        }
        cap.gen = from->gen + 1;
    }
    if (type == CAP_ENDPOINT) {
        cap.flags = CTE_RECV;
    }
    world_insert(w, cap);
}

static void step_map(struct world *w, const struct cte *from)
{
    uint64_t offset = 0, bytes = from->bytes;

    switch (cte_type(from)) {
    case CAP_FRAME:
    case CAP_DEVFRAME:
        offset = world_below(w, from->bytes / PAGE) * PAGE;
        bytes = (1 + world_below(w, (from->bytes - offset) / PAGE)) * PAGE;
        break;
    case CAP_VNODE_L3:
        break;
    default:
        return;
    }
    struct cte cap = { .type = CAP_MAPPING, .base = from->base + offset, .bytes = bytes };
    cap.word[0] = world_below(w, 4) ? world_below(w, 4) : UINT64_MAX - world_below(w, 2);
    cap.word[1] = world_below(w, 4) ? world_below(w, 4) : UINT64_MAX - world_below(w, 2);
    world_insert(w, cap);
}

static void step_copy(struct world *w, struct cte *of)
{
    struct cte cap = *of;

    if (mapping(of)) {
        return;
    }
    cap.flags &= (uint8_t)~CTE_RECV;
    cap.word[0] = world_below(w, 8); /* a badge, an event id: no part of the order */
    if (cte_type(of) == CAP_DISPATCHER && world_below(w, 2)) {
        cap.flags ^= CTE_WEAK;
    }
    if (world_below(w, 16) == 0) {
        cap.type |= CTE_DYING;
    }
    if (world_below(w, 2)) {
        world_copy(w, of, cap);
    } else {
        world_insert(w, cap);
    }
}

void world_step(struct world *w)
{
    struct cte *c = world_any(w);
    const uint64_t remove_below = w->steps++ / 400 % 3 < 2 ? 15 : 60; /* grows for a while, then shrinks for a while */

    if (!c) {
        return;
    }
    const uint64_t dice = world_below(w, 100);
    const bool root =
        c->bytes >= 64 * PAGE || c->bytes == 64 || cte_type(c) == CAP_KERNEL || cte_type(c) == CAP_CORECONTROL;
    if (dice < remove_below) {
        if (!root || world_below(w, 100) == 0) { /* seldom: what roots give soon runs out */
            world_remove(w, c);
        }
    } else if (dice < 75) {
        step_retype(w, c);
    } else if (dice < 83) {
        step_map(w, c);
    } else if (dice < 95) {
        step_copy(w, c);
    } else {
        world_move(w, c);
    }
}

static int three_way(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

int world_compare(const struct cte *a, const struct cte *b)
{
    int r = three_way(a->base, b->base);

    if (!r && mapping(a) != mapping(b)) {
        return mapping(a) ? 1 : -1;
    }
    if (!r && mapping(a)) {
        r = three_way(a->word[0], b->word[0]);
        return r ? r : three_way(a->word[1], b->word[1]);
    }
    if (!r) {
        r = three_way(b->bytes, a->bytes);
    }
    if (!r) {
        r = three_way(cte_type(a), cte_type(b));
    }
    if (!r) {
        r = three_way(a->gen, b->gen);
    }
    if (!r && cte_type(a) == CAP_ENDPOINT) {
        r = three_way(!(a->flags & CTE_RECV), !(b->flags & CTE_RECV));
    }
    if (!r && cte_type(a) == CAP_DISPATCHER) {
        r = three_way(a->flags & CTE_WEAK, b->flags & CTE_WEAK);
    }
    return r;
}

static int by_address(const void *a, const void *b)
{
    const struct cte *const *x = a, *const *y = b;

    return three_way((uintptr_t)*x, (uintptr_t)*y);
}

void world_walk(struct world *w)
{
    struct cte *walked[WORLD_SLOTS], *sorted[WORLD_SLOTS], *n = w->db.root;
    const struct cte *at;
    const char *wrong = mdb_check(&w->db, &at);
    size_t count = 0;

    EXPECT(!wrong, "mdb_check: %s", wrong);
    EXPECT_EQ(w->db.count, w->count, "count");
    while (n && mdb_prev(n)) {
        n = mdb_prev(n);
    }
    for (; n && count < WORLD_SLOTS; n = mdb_next(n)) {
        EXPECT(mdb_prev(n) == (count ? walked[count - 1] : NULL), "mdb_prev is not the reverse of mdb_next");
        EXPECT(!count || world_compare(walked[count - 1], n) <= 0, "the walk descends at node %zu", count);
        walked[count++] = n;
    }
    EXPECT_EQ(count, w->count, "nodes walked");
    memcpy(sorted, walked, sizeof(sorted[0]) * count);
    qsort(sorted, count, sizeof(sorted[0]), by_address);
    qsort(w->live, w->count, sizeof(w->live[0]), by_address);
    EXPECT(count == w->count && memcmp(sorted, w->live, sizeof(sorted[0]) * count) == 0,
           "the walk misses a capability");
    memcpy(w->live, walked, sizeof(walked[0]) * count);
}
