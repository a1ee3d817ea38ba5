/**
 * @file monitor_random_test.c  Random operations on few capabilities, some watched, lent, foreign, or being revoked by a monitor, so that
 * they meet.  After each: all invariants; and, found naively by walking over everything there is:
 *   - what a finished sweep has swept stays swept until the range is open again;
 *   - a watched capability that has become the only one of its object is listed.
 *
 * The arena is slots 0 to 5 of the CNodes in L1 slots 4 to 11; those from 10 on are deleted and made again.  Own memory is 16 pages of
 * W_MEM, foreign memory 16 pages elsewhere, of which cores 1 to 3 own every third.
 */
#include "world.h"

#include <cap/watch.h>

#define STEPS   8000
#define PAGES   16
#define FIRST   4
#define DYNAMIC 10
#define END     12
#define SLOTS   6
#define SWEEPS  5

struct tracked {
    uint64_t handle;
    bool active, done;
    cptr_t slot;                /* a revocation's, as it was named; 0: a purge */
    uint64_t lo, hi, owner;
    struct cte was;             /* the capability in it */
};

struct state {
    struct world w;
    struct tracked sweep[SWEEPS];
    cptr_t table;               /* a VNode_L3 */
    struct cte alone[END * SLOTS];  /* before the operation: watched, and the only ones */
    unsigned alone_count;
    uint64_t refused[3];        /* E_REVOKED, E_REMOTE, E_CAP_OVERLAP: the test must provoke them */
    uint64_t lonely, foreign, inside;   /* inside: foreign, of memory that is lent */
};

static cptr_t any_slot(struct state *s)
{
    return CPTR(FIRST + world_below(&s->w, END - FIRST), world_below(&s->w, SLOTS));
}

static cptr_t find(struct state *s, bool empty, enum cap_type type)
{
    cptr_t addr = any_slot(s);
    for (unsigned i = 0; i < 30; i++, addr = any_slot(s)) {
        const struct cte *const c = world_cte(&s->w, addr);
        if (c && (empty ? cte_empty(c) : !cte_empty(c) && (type == CAP_NULL || c->type == type))) {
            break;
        }
    }
    return addr;
}

static cptr_t any_empty(struct state *s)
{
    return find(s, true, CAP_NULL);
}

static cptr_t any_cap(struct state *s)
{
    return find(s, false, CAP_NULL);
}

static uint64_t invoke_counted(struct state *s, cptr_t cap, uint64_t op, const uint64_t *a)
{
    const uint64_t err = world_invoke_args(&s->w, cap, op, a);
    s->refused[0] += err == E_REVOKED;
    s->refused[1] += err == E_REMOTE;
    s->refused[2] += err == E_CAP_OVERLAP;
    return err;
}
#define call(s, cap, op, ...) invoke_counted(s, cap, op, &(const uint64_t[7]){ 0, __VA_ARGS__ }[1])

/* ---- naive answers ------------------------------------------------------------------------------------------------- */

static const struct cte *first(const struct state *s)
{
    return mdb_lower_bound(&s->w.k->mdb, 0, UINT64_MAX, CAP_NULL, 0, 0);
}

static bool only_one(const struct state *s, const struct cte *c)
{
    bool behind = false;
    for (const struct cte *n = first(s); n; n = mdb_next(n)) {
        if (n != c && mdb_is_copy(n, c)) {
            return false;
        }
        behind |= n == c;
        if (behind && n != c && n->base >= c->base && n->base + n->bytes <= c->base + c->bytes) {
            return false;
        }
    }
    return true;
}

/* What a finished sweep must not have left, or let in.  The order of the database is what descent is. */
static bool must_be_gone(const struct state *s, const struct tracked *t, const struct cte *c)
{
    if (c->base >= t->hi || c->base + c->bytes <= t->lo || c->owner != t->owner || c->flags & CTE_HUSK) {
        return false;
    }
    if (!t->slot) {
        return true;
    }
    const struct sweep *const w = &s->w.k->sweep[t->handle & 0xff];
    if (c == w->slot || c->flags & CTE_WATCHED) {
        return false;
    }
    for (const struct cte *n = c; n; n = mdb_next(n)) {
        if (n == w->slot) {
            return mdb_is_copy(n, c);           /* stands before it: a copy, or what it was made from */
        }
    }
    return true;
}

static void check_sweeps(struct state *s)
{
    for (unsigned i = 0; i < SWEEPS; i++) {
        const struct tracked *const t = &s->sweep[i];
        const struct sweep *const w = &s->w.k->sweep[t->handle & 0xff];
        if (!t->active || !t->done || w->hi == 0 || w->begun != t->handle >> 8) {
            continue;                           /* ended by itself: its slot went */
        }
        for (const struct cte *c = first(s); c; c = mdb_next(c)) {
            EXPECT(!must_be_gone(s, t, c), "type %u at %#" PRIx64 " is in a range that has been swept", c->type, c->base);
        }
    }
}

static bool was_alone(const struct state *s, const struct cte *c)
{
    for (unsigned i = 0; i < s->alone_count; i++) {
        if (mdb_is_copy(&s->alone[i], c)) {
            return true;
        }
    }
    return false;
}

/* Before and after each operation. */
static void note_alone(struct state *s, bool after)
{
    struct cte now[END * SLOTS];
    unsigned count = 0;

    for (unsigned l1 = FIRST; l1 < END; l1++) {
        for (unsigned i = 0; i < SLOTS; i++) {
            const struct cte *const c = world_cte(&s->w, CPTR(l1, i));
            if (c && c->flags & CTE_WATCHED && only_one(s, c)) {
                EXPECT(!after || was_alone(s, c) || c->flags & CTE_LONELY, "type %u at %#" PRIx64 " is alone, and nobody is told",
                       c->type, c->base);
                now[count++] = *c;
            }
        }
    }
    memcpy(s->alone, now, sizeof now);
    s->alone_count = count;
}

/* ---- operations ---------------------------------------------------------------------------------------------------- */

static void make(struct state *s)
{
    static const uint8_t types[] = { CAP_FRAME, CAP_FRAME, CAP_FRAME, CAP_RAM, CAP_NOTIFY, CAP_L2CNODE };
    const enum cap_type type = types[world_below(&s->w, sizeof types)];
    const uint64_t page = world_below(&s->w, PAGES), pages = 1 + world_below(&s->w, 3);
    const cptr_t ram = world_below(&s->w, 2) ? W_MEM : find(s, false, CAP_RAM);

    if (type == CAP_L2CNODE) {
        call(s, W_RAM, MEMORY_RETYPE, type, world_below(&s->w, 32) * 16384, 0, 1, 0, CPTR_L1(DYNAMIC + world_below(&s->w, END - DYNAMIC)));
    } else if (type == CAP_NOTIFY) {
        call(s, W_RAM, MEMORY_RETYPE, type, 64 * 16384 + page * PAGE, 0, 1, 0, any_empty(s));
    } else {
        call(s, ram, MEMORY_RETYPE, type, ram == W_MEM ? page * PAGE : 0, pages * PAGE, 1, 0, any_empty(s));
    }
}

static void make_foreign(struct state *s)
{
    const uint64_t page = world_below(&s->w, PAGES), owner = 1 + page % 3;
    s->foreign += call(s, W_KERNEL, KERNEL_MAKE_FOREIGN, CAP_FRAME | (uint64_t)(RIGHT_READ | RIGHT_WRITE) << 8 | owner << 16,
                       WORLD_FAR_BASE + page * PAGE, PAGE, 0, any_empty(s)) == E_OK;
    const struct cte *const husk = &s->w.k->husk[world_below(&s->w, 4)];
    if (husk->type == CAP_RAM && husk->base >= WORLD_MEM_BASE && world_below(&s->w, 4)) {
        s->inside += call(s, W_KERNEL, KERNEL_MAKE_FOREIGN, CAP_FRAME | (uint64_t)RIGHT_READ << 8 | (uint64_t)husk->owner << 16,
                          husk->base, PAGE, 0, any_empty(s)) == E_OK;
    }
    call(s, W_KERNEL, KERNEL_REMOTE_NOTIFY, owner, page, 0, any_empty(s));
}

static void move_about(struct state *s)
{
    switch (world_below(&s->w, 6)) {
    case 0:
    case 1:
        call(s, 0, CNODE_COPY, any_empty(s), 0, any_cap(s), RIGHTS_ALL);
        break;
    case 2:
        call(s, 0, CNODE_MOVE, any_empty(s), 0, any_cap(s));
        break;
    case 3:
        call(s, s->table, VNODE_MAP, find(s, false, CAP_FRAME), world_below(&s->w, 512) | 1 << 16, 0, MAP_READ, 0, any_empty(s));
        break;
    case 4:
        call(s, 0, CNODE_COPY, any_empty(s), 0, W_MEM, RIGHTS_ALL & ~(uint64_t)RIGHT_OWN);
        break;
    default:
        call(s, 0, CNODE_DELETE, world_below(&s->w, 20) ? any_cap(s) : CPTR_L1(DYNAMIC + world_below(&s->w, END - DYNAMIC)));
        break;
    }
}

static void delete_some(struct state *s)
{
    for (unsigned i = 0; i < 6; i++) {
        call(s, 0, CNODE_DELETE, any_slot(s));
    }
    call(s, W_KERNEL, KERNEL_REAP);
}

static void plain_revoke(struct state *s)
{
    const cptr_t addr = world_below(&s->w, 3) ? any_cap(s) : W_MEM;
    const struct cte *const c = world_cte(&s->w, addr);
    if (c && !cte_empty(c)) {
        const uint64_t bytes = addr == W_MEM ? PAGES * PAGE : c->bytes, at = world_below(&s->w, bytes);
        call(s, 0, CNODE_REVOKE, addr, at, 1 + world_below(&s->w, bytes - at));
    }
}

static void watch(struct state *s)
{
    if (world_below(&s->w, 3) == 0) {
        s->lonely += call(s, W_KERNEL, KERNEL_LONELY) == E_OK;
        return;
    }
    const cptr_t addr = any_cap(s);
    const struct cte *const c = world_cte(&s->w, addr);
    for (const struct cte *n = c && !cte_empty(c) ? first(s) : NULL; n; n = mdb_next(n)) {
        if (n != c && mdb_is_copy(n, c) && n->flags & CTE_WATCHED) {
            return;                             /* one of an object */
        }
    }
    /* what is not watched any more while it is being revoked is nobody's to delete */
    const bool on = world_below(&s->w, 4) != 0 || (c && !cte_empty(c) && cap_closed(s->w.k, c));
    const uint64_t err = call(s, W_KERNEL, KERNEL_WATCH, addr, on);
    if (err == E_OK) {
        EXPECT(!!(c->flags & CTE_LONELY) == (c->flags & CTE_WATCHED && only_one(s, c)), "watched: alone or not");
    }
}

static void lend(struct state *s)
{
    if (world_below(&s->w, 2)) {
        call(s, W_KERNEL, KERNEL_TO_HUSK, find(s, false, CAP_RAM), 1 + world_below(&s->w, 3));
    } else {
        call(s, W_KERNEL, world_below(&s->w, 4) ? KERNEL_FROM_HUSK : KERNEL_DROP_HUSK, world_below(&s->w, 6), 0, any_empty(s));
    }
}

static void begin(struct state *s, struct tracked *t)
{
    const uint64_t page = world_below(&s->w, PAGES), pages = 1 + world_below(&s->w, PAGES - page);
    *t = (struct tracked){ 0 };
    if (world_below(&s->w, 2)) {
        t->owner = 1 + world_below(&s->w, 3);
        t->lo = (world_below(&s->w, 2) ? WORLD_FAR_BASE : WORLD_MEM_BASE) + page * PAGE + world_below(&s->w, 2) * 100;     /* cuts through a Frame, or not */
        t->hi = t->lo + pages * PAGE;
        const bool all = world_below(&s->w, 8) == 0;
        if (all) {
            t->lo = 0;
            t->hi = UINT64_MAX;
        }
        t->active = call(s, W_KERNEL, KERNEL_PURGE_BEGIN, t->owner, all ? CAP_NULL : CAP_FRAME, t->lo, pages * PAGE) == E_OK;
    } else {
        t->slot = world_below(&s->w, 3) ? W_MEM : any_cap(s);
        const struct cte *const c = world_cte(&s->w, t->slot);
        if (!c || cte_empty(c)) {
            return;
        }
        const uint64_t at = t->slot == W_MEM ? page * PAGE : 0, bytes = t->slot == W_MEM ? pages * PAGE : c->bytes;
        t->was = *c;
        t->lo = c->base + at;
        t->hi = t->lo + bytes;
        t->owner = c->owner;
        t->active = call(s, W_KERNEL, KERNEL_REVOKE_BEGIN, world_below(&s->w, 2) ? W_DISP : 0, t->slot, at, bytes) == E_OK;
    }
    t->handle = s->w.k->ret[0];
}

/* What a finished revocation left, by its own account and by walking. */
static void count_left(struct state *s, const struct tracked *t)
{
    uint64_t told = 0, position = 0, walked = 0;
    const struct sweep *const w = &s->w.k->sweep[t->handle & 0xff];
    while (call(s, W_KERNEL, KERNEL_SWEEP_LEFT, t->handle, position) == E_OK) {
        position = s->w.k->ret[5];
        if (++told > 1000) {
            break;
        }
    }
    bool behind = false;
    for (const struct cte *c = first(s); c; c = mdb_next(c)) {
        const bool copy = mdb_is_copy(c, w->slot) && c != w->slot;
        behind |= c == w->slot;
        walked += c->flags & (CTE_WATCHED | CTE_HUSK) && c != w->slot &&
                  (copy || (behind && c->base < t->hi && c->base + c->bytes > t->lo && c->owner == t->owner) ||
                   (behind && c->flags & CTE_HUSK && c->base < t->hi && c->base + c->bytes > t->lo));
    }
    EXPECT_EQ(told, walked, "anchors and husks");
}

static void sweep(struct state *s)
{
    struct tracked *const t = &s->sweep[world_below(&s->w, SWEEPS)];
    if (!t->active) {
        begin(s, t);
        return;
    }
    switch (world_below(&s->w, 12)) {
    case 0:
        call(s, W_KERNEL, KERNEL_SWEEP_END, t->handle);
        EXPECT_EQ(call(s, W_KERNEL, KERNEL_SWEEP, t->handle), E_CAP_EMPTY, "a handle that has ended");
        t->active = false;
        break;
    case 1:
        EXPECT_EQ(call(s, W_KERNEL, KERNEL_SWEEP, t->handle + (1ull << 20)), E_CAP_EMPTY, "a handle that never was");
        break;
    default: {
        const uint64_t err = call(s, W_KERNEL, KERNEL_SWEEP, t->handle);
        EXPECT(err == E_OK || err == E_AGAIN || err == E_CAP_EMPTY, "sweep: %" PRIu64, err);
        t->active = err != E_CAP_EMPTY;
        t->done |= err == E_OK;
        if (err == E_OK && t->slot) {
            count_left(s, t);
        }
        break;
    }
    }
}

static void (*const operation[])(struct state *) = {
    make, make, make, make_foreign, make_foreign, move_about, move_about, move_about, delete_some, plain_revoke, watch, watch, watch,
    lend, sweep, sweep, sweep, sweep, sweep,
};

static void end_arena(struct state *s)
{
    for (unsigned i = 0; i < SWEEPS; i++) {
        if (s->sweep[i].active) {
            call(s, W_KERNEL, KERNEL_SWEEP_END, s->sweep[i].handle);
        }
    }
    for (unsigned l1 = FIRST; l1 < END; l1++) {
        for (unsigned i = 0; i < L2_SLOTS && world_cte(&s->w, CPTR(l1, 0)); i++) {
            world_delete(&s->w, CPTR(l1, i));
        }
    }
    for (uint64_t i = 0; i < KCB_HUSKS; i++) {
        call(s, W_KERNEL, KERNEL_DROP_HUSK, i);
    }
    world_revoke(&s->w, W_RAM, 0, WORLD_RAM);
    world_revoke(&s->w, W_MEM, 0, WORLD_MEM);
}

TEST(monitor_random, nothing_escapes)
{
    static struct state s;
    s = (struct state){ 0 };
    struct world *const w = &s.w;
    world_init(w);
    const uint64_t before = w->k->mdb.count;

    const cptr_t l1 = world_retype(w, W_RAM, CAP_VNODE_L1, 3 * MIB, PAGE), l2 = world_retype(w, W_RAM, CAP_VNODE_L2, 3 * MIB + PAGE, PAGE);
    s.table = world_retype(w, W_RAM, CAP_VNODE_L3, 3 * MIB + 2 * PAGE, PAGE);
    world_must(world_invoke(w, W_L0, VNODE_MAP, l1, 1 | 1 << 16, 0, 0, 0, world_slot(w)), "table");
    world_must(world_invoke(w, l1, VNODE_MAP, l2, 1 | 1 << 16, 0, 0, 0, world_slot(w)), "table");
    world_must(world_invoke(w, l2, VNODE_MAP, s.table, 1 | 1 << 16, 0, 0, 0, world_slot(w)), "table");
    for (unsigned i = 0; i < STEPS; i++) {
        note_alone(&s, false);
        operation[world_below(w, sizeof operation / sizeof operation[0])](&s);
        world_check(w, "after operation %u", i);
        check_sweeps(&s);
        note_alone(&s, true);
    }
    end_arena(&s);
    world_check(w, "all revoked");
    EXPECT_EQ(w->k->mdb.count, before, "capabilities left");
    EXPECT(w->k->special == 0 && w->k->sweeps == 0 && !w->k->lonely, "something is still special");
    EXPECT(s.refused[0] > 50 && s.refused[1] > 5 && s.refused[2] > 50 && s.lonely > 50 && s.foreign > 200 && s.inside > 5,
           "little happened: %" PRIu64 " E_REVOKED, %" PRIu64 " E_REMOTE, %" PRIu64 " E_CAP_OVERLAP, %" PRIu64 " lonely", s.refused[0],
           s.refused[1], s.refused[2], s.lonely);
}
