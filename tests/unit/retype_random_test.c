/**
 * @file retype_random_test.c  Retype arithmetic and bookkeeping against naive models: 128-bit sums for single calls,
 * and a list of all ranges for long random sequences.
 */
#include "world.h"

#include <cap/types.h>

/* ---- one call, with arguments around every edge ------------------------------------------------------------------ */

static uint64_t edge(struct world *w, uint64_t bytes)
{
    const uint64_t near[] = { 0,
                              1,
                              63,
                              64,
                              2047,
                              2048,
                              PAGE,
                              4 * PAGE,
                              bytes / 2,
                              bytes,
                              1ull << 31,
                              1ull << 32,
                              1ull << 48,
                              1ull << 56,
                              1ull << 58,
                              1ull << 63,
                              UINT64_MAX,
                              UINT64_MAX - PAGE + 1,
                              UINT64_MAX - bytes + 1 };
    const uint64_t n = near[world_below(w, sizeof near / sizeof near[0])];
    switch (world_below(w, 6)) {
    case 0:
        return n + 1;
    case 1:
        return n - 1;
    case 2:
        return n + PAGE * world_below(w, 5);
    case 3:
        return n - PAGE * world_below(w, 5);
    default:
        return n;
    }
}

/* The documented checks in the documented order, with sums that cannot overflow; nothing was made from @p parent
 * yet. */
static uint64_t expected(const struct cte *parent, uint64_t type, uint64_t offset, uint64_t size, uint64_t count)
{
    static const struct { uint64_t parent, fixed; bool paged;
    } rule[CAP_TYPE_COUNT] = {
        [CAP_RAM] = { CAP_RAM, 0, true },
        [CAP_FRAME] = { CAP_RAM, 0, true },
        [CAP_DEVRANGE] = { CAP_DEVRANGE, 0, true },
        [CAP_DEVFRAME] = { CAP_DEVRANGE, 0, true },
        [CAP_L1CNODE] = { CAP_RAM, 0, false },
        [CAP_L2CNODE] = { CAP_RAM, 16384, false },
        [CAP_VNODE_L0] = { CAP_RAM, 4096, false },
        [CAP_VNODE_L1] = { CAP_RAM, 4096, false },
        [CAP_VNODE_L2] = { CAP_RAM, 4096, false },
        [CAP_VNODE_L3] = { CAP_RAM, 4096, false },
        [CAP_DISPATCHER] = { CAP_RAM, 2048, false },
        [CAP_ENDPOINT] = { CAP_RAM, 256, false },
        [CAP_NOTIFY] = { CAP_RAM, 64, false },
        [CAP_IRQ] = { CAP_IRQTABLE, 1, false },
        [CAP_ID] = { CAP_ID, 0, false },
    };
    if (type >= CAP_TYPE_COUNT || type == CAP_NULL || rule[type].parent != parent->type) {
        return E_CAP_TYPE;
    }
    unsigned __int128 bytes = rule[type].fixed ? rule[type].fixed : size;
    if (type == CAP_L1CNODE) {
        if (size < 6 || size > 12) {
            return E_CAP_SIZE;
        }
        bytes = 64ull << size;
    }
    if (bytes == 0 || (rule[type].paged && bytes % PAGE)) {
        return E_CAP_SIZE;
    }
    const bool kernel = type >= CAP_L1CNODE && type <= CAP_NOTIFY, memory = kernel || rule[type].paged;
    if (count == 0 || count > 64 || (kernel && (count > 32 || bytes * count > 256 * 1024))) {
        return E_CAP_COUNT;
    }
    if ((unsigned __int128)offset + bytes * count > parent->bytes) {
        return E_CAP_RANGE;
    }
    const uint64_t align = !memory ? 1 : bytes < PAGE ? (uint64_t)bytes : PAGE;
    if (((parent->base & 0xffffffffffffff) + offset) % align) {
        return E_CAP_ALIGN;
    }
    if (type == CAP_IRQ && (offset < 16 || (offset <= WORLD_TIMER && WORLD_TIMER < offset + count))) {
        return E_CAP_OVERLAP;       /* the kernel's own */
    }
    return E_OK;
}

TEST(retype, every_edge_of_64_bits)
{
    struct world w;
    world_init(&w);
    static const cptr_t parents[] = { W_RAM, W_DEV, W_IRQTABLE, W_ID };
    unsigned done = 0;
    for (unsigned i = 0; i < 40000; i++) {
        const cptr_t from = parents[world_below(&w, 4)];
        const struct cte *const parent = world_cte(&w, from);
        const uint64_t type = world_below(&w, CAP_TYPE_COUNT + 1), offset = edge(&w, parent->bytes),
                       size = edge(&w, parent->bytes);
        const uint64_t sane = type == CAP_L1CNODE  ? world_below(&w, 16)
                              : world_below(&w, 2) ? size
                                                   : PAGE * world_below(&w, 9);
        const uint64_t count = world_below(&w, 2)   ? 1
                               : world_below(&w, 2) ? world_below(&w, 70)
                                                    : edge(&w, parent->bytes);
        const uint64_t want = expected(parent, type, offset, sane, count);
        const uint64_t got = world_invoke(&w, from, MEMORY_RETYPE, type, offset, sane, count, CPTR_L1(9), 0);
        EXPECT_EQ(got, want, "type %" PRIu64 " offset %#" PRIx64 " size %#" PRIx64 " count %#" PRIx64, type, offset,
                  sane, count);
        if (got == E_OK) {
            done++;
            for (uint64_t n = 0; n < count; n++) {
                world_delete(&w, CPTR(9, n));
            }
        }
    }
    EXPECT(done > 300, "%u calls succeeded", done);
    world_check(&w, "edges");
}

/* ---- many calls against a list ----------------------------------------------------------------------------------- */

#define LIVE_MAX 200
#define PAGES    64     /* of W_RAM are used */

struct range_cap {
    cptr_t slot;
    uint64_t base, bytes, gen;
    uint8_t type;
};

struct model {
    struct range_cap live[LIVE_MAX];
    unsigned count;
};

static bool same_object(const struct range_cap *a, const struct range_cap *b)
{
    return a->base == b->base && a->bytes == b->bytes && a->type == b->type && a->gen == b->gen;
}

/* @p c was made from @p of, at once or by way of others. */
static bool descends(const struct range_cap *c, const struct range_cap *of)
{
    const bool inside = c->base >= of->base && c->base + c->bytes <= of->base + of->bytes;
    if (!inside || same_object(c, of) || of->type != CAP_RAM) {
        return false;
    }
    return c->bytes < of->bytes || c->type > of->type || c->gen > of->gen;
}

static bool overlaps(const struct range_cap *c, uint64_t lo, uint64_t hi)
{
    return c->base < hi && c->base + c->bytes > lo;
}

static void drop(struct model *m, unsigned i)
{
    m->live[i] = m->live[--m->count];
}

static void random_retype(struct world *w, struct model *m, const struct range_cap *parent, cptr_t slot)
{
    static const struct { uint8_t type; uint64_t bytes; } kind[] = {
        { CAP_RAM, 0 }, { CAP_RAM, 0 }, { CAP_RAM, 0 }, { CAP_FRAME, 0 }, { CAP_L2CNODE, 4 * PAGE },
        { CAP_VNODE_L3, PAGE },
        { CAP_DISPATCHER, 2048 }, { CAP_ENDPOINT, 256 }, { CAP_NOTIFY, 64 },
    };
    const unsigned which = (unsigned)world_below(w, sizeof kind / sizeof kind[0]);
    const uint64_t bytes = kind[which].bytes ? kind[which].bytes : PAGE * (1 + world_below(w, 8));
    const uint64_t step = bytes < PAGE ? bytes : PAGE, places = parent->bytes / step;
    const uint64_t offset = places ? world_below(w, places) * step : 0;
    const bool same = kind[which].type == CAP_RAM && bytes == parent->bytes;
    uint64_t want = offset + bytes > parent->bytes ? E_CAP_RANGE : E_OK;

    for (unsigned i = 0; i < m->count && want == E_OK; i++) {
        const uint64_t lo = parent->base + offset;
        want = descends(&m->live[i], parent) && overlaps(&m->live[i], lo, lo + bytes) ? E_CAP_OVERLAP : E_OK;
    }
    EXPECT_EQ(world_invoke(w, parent->slot, MEMORY_RETYPE, kind[which].type, offset, bytes, 1, 0, slot), want,
              "type %u at %#" PRIx64 " of %#" PRIx64, kind[which].type, offset, parent->base);
    if (want == E_OK) {
        m->live[m->count++] =
            (struct range_cap){ slot, parent->base + offset, bytes, same ? parent->gen + 1 : 0, kind[which].type };
    }
}

static void random_revoke(struct world *w, struct model *m, unsigned which)
{
    const struct range_cap of = m->live[which];
    const uint64_t lo = of.base + world_below(w, of.bytes), room = of.base + of.bytes - lo;
    const uint64_t hi = lo + 1 + world_below(w, world_below(w, 8) && room > PAGE ? PAGE : room);
    world_revoke(w, of.slot, lo - of.base, hi - lo);
    for (unsigned i = 0; i < m->count;) {
        const struct range_cap *const c = &m->live[i];
        const bool gone = (descends(c, &of) && overlaps(c, lo, hi)) || (same_object(c, &of) && c->slot != of.slot);
        if (gone) {
            EXPECT(cte_empty(world_cte(w, c->slot)), "type %u at %#" PRIx64 " survives", c->type, c->base);
            drop(m, i);
        } else {
            i++;
        }
    }
}

static cptr_t free_slot(struct world *w)
{
    cptr_t slot;
    do {
        slot = CPTR(2 + world_below(w, 2), world_below(w, 256));
    } while (!cte_empty(world_cte(w, slot)));
    return slot;
}

TEST(retype, model_of_ranges)
{
    struct world w;
    struct model m = { .count = 1 };
    world_init(&w);
    m.live[0] = (struct range_cap){ world_retype(&w, W_RAM, CAP_RAM, 0, PAGES * PAGE), WORLD_RAM_BASE, PAGES * PAGE, 0,
                                    CAP_RAM };
    const uint64_t others = w.k->mdb.count - 1;
    unsigned most = 0;
    for (unsigned step = 0; step < 6000; step++) {
        const unsigned i = (unsigned)world_below(&w, m.count);
        switch (world_below(&w, 8)) {
        case 0:
            if (m.count > 1) {      /* the last one is the root of all */
                const bool root = m.live[i].bytes == PAGES * PAGE && m.live[i].gen == 0;
                if (!root) {
                    world_delete(&w, m.live[i].slot);
                    drop(&m, i);
                }
            }
            break;
        case 1:
            random_revoke(&w, &m, i);
            break;
        case 2:
            if (m.count < LIVE_MAX && m.live[i].type != CAP_ENDPOINT) {
                const cptr_t slot = free_slot(&w);
                world_must(world_invoke(&w, 0, CNODE_COPY, slot, 0, m.live[i].slot, RIGHTS_ALL), "copy");
                m.live[m.count] = m.live[i];
                m.live[m.count++].slot = slot;
            }
            break;
        default:
            if (m.count < LIVE_MAX && m.live[i].type == CAP_RAM) {
                const struct range_cap parent = m.live[i];
                random_retype(&w, &m, &parent, free_slot(&w));
            }
            break;
        }
        most = m.count > most ? m.count : most;
        EXPECT_EQ(w.k->mdb.count, others + m.count, "step %u", step);
        if (step % 4 == 0) {
            world_check(&w, "step %u", step);
        }
    }
    EXPECT(most > 20, "never more than %u capabilities", most);
}
