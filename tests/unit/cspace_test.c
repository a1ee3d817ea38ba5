/**
 * @file cspace_test.c  Addresses of slots in all their forms against a naive resolver, and what copy, mint, move and
 * identify do and refuse.
 */
#include "world.h"

#include <cap/copy.h>

/* ---- look-up ----------------------------------------------------------------------------------------------------- */

/* What shoal/cap.h and shoal/invoke.h say about (root, addr), in the plainest words.  @return error; *@p slot if
 * E_OK */
static uint64_t naive_l1(struct cte *l1, uint64_t slots, cptr_t addr, struct cte **slot)
{
    const bool flag = addr >> 32 == 1;
    const uint64_t index = (addr & UINT32_MAX) >> 8, low = addr & 255;

    if (addr >> 33 || addr == 0 || index >= slots || (flag && low)) {
        return E_CAP_LOOKUP;
    }
    if (flag) {
        *slot = &l1[index];
        return E_OK;
    }
    if (l1[index].type != CAP_L2CNODE) {
        return E_CAP_LOOKUP;
    }
    *slot = (struct cte *)phys_to_virt(l1[index].base) + low;
    return E_OK;
}

static uint64_t naive(struct world *w, cptr_t root, cptr_t addr, unsigned rights, struct cte **slot)
{
    struct cte *r;
    if (root == 0) {
        return naive_l1(w->me.d->l1, W_L1_SLOTS, addr, slot);
    }
    const uint64_t err = naive_l1(w->me.d->l1, W_L1_SLOTS, root, &r);
    if (err) {
        return err;
    }
    if (r->type == CAP_NULL) {
        return E_CAP_EMPTY;
    }
    if (r->type != CAP_L1CNODE && r->type != CAP_L2CNODE) {
        return E_CAP_TYPE;
    }
    if (rights & ~r->rights) {
        return E_CAP_RIGHTS;
    }
    if (r->type == CAP_L1CNODE) {
        return naive_l1(phys_to_virt(r->base), r->bytes / 64, addr, slot);
    }
    *slot = addr < 256 ? (struct cte *)phys_to_virt(r->base) + addr : NULL;
    return addr < 256 ? E_OK : E_CAP_LOOKUP;
}

static cptr_t random_addr(struct world *w)
{
    static const uint64_t odd[] = { 0,           1,           255,        256,        1ull << 32,    (1ull << 32) + 1,
                                    1ull << 33,  1ull << 40,  UINT64_MAX, UINT32_MAX, CPTR(63, 255), CPTR(64, 0),
                                    CPTR_L1(63), CPTR_L1(64), CPTR_L1(0), 1ull << 63 };
    const uint64_t l1 = world_below(w, 3) ? world_below(w, 12) : world_below(w, 300);
    switch (world_below(w, 4)) {
    case 0:
        return odd[world_below(w, sizeof odd / sizeof odd[0])];
    case 1:
        return CPTR_L1(l1) + (world_below(w, 8) == 0);
    default:
        return CPTR(l1, world_below(w, 3) ? world_below(w, 20) : world_below(w, 256));
    }
}

TEST(cspace, every_form_of_address)
{
    struct world w;
    unsigned found = 0;
    world_init(&w);
    const cptr_t small = world_make(&w, CAP_L1CNODE, 7);       /* an L1 CNode that is nobody's */
    world_must(world_invoke(&w, small, CNODE_COPY, CPTR_L1(100), 0, CPTR_L1(3), RIGHTS_ALL), "a CNode in it");
    world_must(world_invoke(&w, small, CNODE_COPY, CPTR_L1(0), 0, CPTR_L1(4), RIGHTS_ALL),
               "another, in its first entry");
    const cptr_t roots[] = {
        0, W_L1, CPTR_L1(1), CPTR_L1(2), small, world_copy(&w, small, RIGHT_READ), world_copy(&w, small, RIGHT_WRITE),
        world_copy(&w, small, 0), world_copy(&w, CPTR_L1(5), RIGHT_READ), world_copy(&w, CPTR_L1(5), RIGHT_WRITE),
        world_copy(&w, CPTR_L1(5), 0), W_RAM, W_DISP, world_slot(&w), CPTR(70, 1), UINT64_MAX, CPTR_L1(64), CPTR_L1(30),
    };
    for (unsigned i = 0; i < 60000; i++) {
        const cptr_t root =
            world_below(&w, 20) ? roots[world_below(&w, sizeof roots / sizeof roots[0])] : random_addr(&w);
        const cptr_t addr = random_addr(&w);
        const unsigned rights = (unsigned)world_below(&w, 4);
        struct slot_ref ref = { NULL, false };
        struct cte *slot = NULL;
        const uint64_t want = naive(&w, root, addr, rights, &slot);
        const uint64_t got = err_root(cspace_slot_at(w.me.d, root, addr, rights, &ref));
        EXPECT_EQ(got, want, "root %#" PRIx64 " addr %#" PRIx64 " rights %u", root, addr, rights);
        if (want == E_OK && got == E_OK) {
            EXPECT(ref.slot == slot, "root %#" PRIx64 " addr %#" PRIx64, root, addr);
            EXPECT_EQ(ref.in_l1,
                      root && naive(&w, 0, root, 0, &slot) == E_OK && slot->type == CAP_L2CNODE ? 0 : addr >> 32,
                      "root %#" PRIx64 " addr %#" PRIx64, root, addr);
            found++;
        }
    }
    EXPECT(found > 5000, "%u addresses led somewhere", found);
}

TEST(cspace, capability_by_address)
{
    struct world w;
    world_init(&w);
    for (unsigned i = 0; i < 20000; i++) {
        const cptr_t addr = random_addr(&w);
        struct cte *want = NULL, *got = NULL;
        uint64_t err = naive_l1(w.me.d->l1, W_L1_SLOTS, addr, &want);
        err = err == E_OK && want->type == CAP_NULL ? E_CAP_EMPTY : err;
        if (addr == 0) {        /* L1 slot 0 is empty */
            err = E_CAP_LOOKUP;
        }
        EXPECT_EQ(err_root(cspace_cap(w.me.d, addr, &got)), err, "addr %#" PRIx64, addr);
        EXPECT(err || got == want, "addr %#" PRIx64, addr);
    }
    struct cte *c;
    EXPECT_EQ(err_root(cspace_cap_of(w.me.d, W_RAM, CAP_FRAME, 0, &c)), E_CAP_TYPE, "type");
    EXPECT_EQ(err_root(cspace_cap_of(w.me.d, W_RAM, CAP_RAM, RIGHTS_ALL, &c)), E_OK, "all is well");
    const cptr_t weak = world_copy(&w, W_RAM, RIGHT_READ | RIGHT_OWN);
    EXPECT_EQ(err_root(cspace_cap_of(w.me.d, weak, CAP_RAM, RIGHT_WRITE, &c)), E_CAP_RIGHTS, "rights");
}

/* The slot that address 0 would name can be filled, by way of a root: it is still not found by that address. */
TEST(cspace, address_zero)
{
    struct world w;
    struct cte *c = NULL;
    world_init(&w);
    world_must(world_invoke(&w, 0, CNODE_COPY, CPTR_L1(0), 0, CPTR_L1(9), RIGHTS_ALL), "a CNode in the first L1 slot");
    world_must(world_invoke(&w, CPTR_L1(9), CNODE_COPY, 0, 0, W_FRAME, RIGHTS_ALL), "a Frame in its first slot");
    EXPECT_EQ(err_root(cspace_cap(w.me.d, CPTR_NULL, &c)), E_CAP_LOOKUP, "as a capability");
    EXPECT_EQ(world_invoke(&w, 0, CNODE_IDENTIFY, 0), E_CAP_LOOKUP, "as a slot");
    EXPECT_EQ(world_invoke(&w, 0, CNODE_COPY, world_slot(&w), 0, 0, RIGHTS_ALL), E_CAP_LOOKUP, "as a source");
    EXPECT_EQ(world_invoke(&w, 0, CNODE_IDENTIFY, 1), E_CAP_EMPTY, "the next one is a slot");
    EXPECT_EQ(world_invoke(&w, W_L0, VNODE_MAP, 0, 1 | 1 << 16, 0, MAP_READ, 0, world_slot(&w)), E_CAP_LOOKUP,
              "as an argument");
}

/* ---- operations on slots ----------------------------------------------------------------------------------------- */

static uint64_t *bytes_of_ram(struct world *w)
{
    memset(w->k->arg, 0, sizeof w->k->arg);
    memset(w->k->ret, 0, sizeof w->k->ret);
    uint64_t *const copy = malloc(8 * MIB);
    if (!copy) {
        abort();
    }
    return memcpy(copy, fake_ram, 8 * MIB);
}

TEST(cnode, refusals_change_nothing)
{
    struct world w;
    world_init(&w);
    const cptr_t e = world_slot(&w), frame = world_frame(&w, PAGE), full = world_copy(&w, frame, RIGHT_READ),
                 m = world_slot(&w);
    const cptr_t l1 = world_make(&w, CAP_VNODE_L1, 0), ep = world_make(&w, CAP_ENDPOINT, 0);
    const cptr_t plain = world_mint(&w, ep, 0), badged = world_mint(&w, ep, 7), none = world_slot(&w);
    const cptr_t r = world_copy(&w, CPTR_L1(9), RIGHT_READ), wr = world_copy(&w, CPTR_L1(9), RIGHT_WRITE),
                 l1e = CPTR_L1(20);
    world_must(world_invoke(&w, W_L0, VNODE_MAP, l1, 5 | 1 << 16, 0, 0, 0, m), "a Mapping");
    world_must(world_invoke(&w, 0, CNODE_COPY, CPTR(9, 1), 0, frame, RIGHTS_ALL), "in 9");
    const struct { cptr_t root; uint64_t op, a[5], err; } row[] = {
        { 0, CNODE_IDENTIFY + 1, { e }, E_OP }, { W_BIG, 1, { e }, E_OP }, { frame, 0, { e }, E_OP },
        { none, CNODE_COPY, { 1, 0, frame, 31 }, E_CAP_EMPTY },
        { CPTR(63, 0), CNODE_COPY, { 1, 0, frame, 31 }, E_CAP_LOOKUP },
        { r, CNODE_COPY, { 1, 0, frame, 31 }, E_CAP_RIGHTS }, { r, CNODE_MINT, { 1, 0, ep, 31, 1 }, E_CAP_RIGHTS },
        { r, CNODE_MOVE, { 2, 0, frame }, E_CAP_RIGHTS }, { r, CNODE_DELETE, { 1 }, E_CAP_RIGHTS },
        { r, CNODE_REVOKE, { 1, 0, 1 }, E_CAP_RIGHTS }, { wr, CNODE_IDENTIFY, { 1 }, E_CAP_RIGHTS },
        { 0, CNODE_COPY, { CPTR(63, 0), 0, frame, 31 }, E_CAP_LOOKUP },
        { 0, CNODE_COPY, { 0, 0, frame, 31 }, E_CAP_LOOKUP },
        { 0, CNODE_COPY, { full, 0, frame, 31 }, E_SLOT_OCCUPIED },
        { 0, CNODE_COPY, { frame, 0, frame, 31 }, E_SLOT_OCCUPIED },
        { 0, CNODE_COPY, { e, 0, CPTR(63, 0), 31 }, E_CAP_LOOKUP }, { 0, CNODE_COPY, { e, 0, none, 31 }, E_CAP_EMPTY },
        { 0, CNODE_COPY, { e, 0, e, 31 }, E_CAP_EMPTY }, { 0, CNODE_COPY, { e, none, 1, 31 }, E_CAP_EMPTY },
        { 0, CNODE_COPY, { e, frame, 1, 31 }, E_CAP_TYPE }, { 0, CNODE_COPY, { e, wr, 1, 31 }, E_CAP_RIGHTS },
        { 0, CNODE_COPY, { e, r, 256, 31 }, E_CAP_LOOKUP }, { 0, CNODE_COPY, { e, 0, frame, 32 }, E_ARG },
        { 0, CNODE_COPY, { e, 0, frame, UINT64_MAX }, E_ARG }, { 0, CNODE_COPY, { e, 0, m, 31 }, E_CAP_COPY },
        { 0, CNODE_COPY, { e, 0, ep, 31 }, E_CAP_COPY }, { 0, CNODE_COPY, { l1e, 0, frame, 31 }, E_SLOT_KIND },
        { 0, CNODE_COPY, { l1e, 0, W_L1, 31 }, E_SLOT_KIND },
        { 0, CNODE_COPY, { CPTR_L1(1), 0, CPTR_L1(2), 31 }, E_SLOT_OCCUPIED },
        { W_L1, CNODE_COPY, { CPTR_L1(64), 0, CPTR_L1(2), 31 }, E_CAP_LOOKUP },
        { 0, CNODE_MINT, { e, 0, frame, 31, 1 }, E_CAP_BADGE }, { 0, CNODE_MINT, { e, 0, m, 31, 1 }, E_CAP_COPY },
        { 0, CNODE_MINT, { e, 0, badged, 31, 8 }, E_CAP_BADGE }, { 0, CNODE_MINT, { e, 0, plain, 31, 0 }, E_CAP_BADGE },
        { 0, CNODE_MINT, { e, 0, ep, 32, 1 }, E_ARG }, { 0, CNODE_MINT, { l1e, 0, ep, 31, 1 }, E_SLOT_KIND },
        { 0, CNODE_MINT, { full, 0, ep, 31, 1 }, E_SLOT_OCCUPIED },
        { 0, CNODE_MINT, { e, 0, none, 31, 1 }, E_CAP_EMPTY },
        { 0, CNODE_MOVE, { e, r, 1 }, E_CAP_RIGHTS }, { 0, CNODE_MOVE, { e, wr, 1 }, E_CAP_RIGHTS },
        { 0, CNODE_MOVE, { e, 0, none }, E_CAP_EMPTY }, { 0, CNODE_MOVE, { full, 0, frame }, E_SLOT_OCCUPIED },
        { 0, CNODE_MOVE, { frame, 0, frame }, E_SLOT_OCCUPIED }, { 0, CNODE_MOVE, { l1e, 0, frame }, E_SLOT_KIND },
        { 0, CNODE_DELETE, { CPTR(63, 0) }, E_CAP_LOOKUP }, { 0, CNODE_DELETE, { 0 }, E_CAP_LOOKUP },
        { 0, CNODE_IDENTIFY, { none }, E_CAP_EMPTY }, { 0, CNODE_IDENTIFY, { 0 }, E_CAP_LOOKUP },
    };
    for (unsigned i = 0; i < sizeof row / sizeof row[0]; i++) {
        uint64_t *const before = bytes_of_ram(&w);
        EXPECT_EQ(
            world_invoke(&w, row[i].root, row[i].op, row[i].a[0], row[i].a[1], row[i].a[2], row[i].a[3], row[i].a[4]),
            row[i].err, "row %u", i);
        uint64_t *const after = bytes_of_ram(&w);
        EXPECT(memcmp(before, after, 8 * MIB) == 0, "row %u: a refused call changed something", i);
        free(before);
        free(after);
    }
    world_check(&w, "refusals");
}

TEST(cnode, copy_narrows_rights)
{
    struct world w;
    world_init(&w);
    const cptr_t frame = world_frame(&w, PAGE);
    for (uint64_t mask = 0; mask <= RIGHTS_ALL; mask++) {
        const cptr_t a = world_copy(&w, frame, mask), b = world_copy(&w, a, RIGHTS_ALL & ~(mask & 5));
        EXPECT_EQ(world_cte(&w, a)->rights, mask, "mask %" PRIu64, mask);
        EXPECT_EQ(world_cte(&w, b)->rights, mask & ~(mask & 5), "a copy of the copy");
        world_delete(&w, a);
        world_delete(&w, b);
    }
    EXPECT_EQ(world_cte(&w, frame)->rights, RIGHTS_ALL, "the original keeps its own");
}

TEST(cnode, mint)
{
    struct world w;
    world_init(&w);
    const cptr_t ep = world_make(&w, CAP_ENDPOINT, 0), plain = world_mint(&w, ep, 0),
                 badged = world_mint(&w, plain, UINT64_MAX);
    const cptr_t copy = world_copy(&w, badged, RIGHT_WRITE);
    const struct cte *const c = world_cte(&w, copy);
    EXPECT(!(world_cte(&w, plain)->flags & CTE_RECV) && !(c->flags & CTE_RECV), "send capabilities");
    EXPECT_EQ(c->word[0], UINT64_MAX, "a copy keeps the badge");
    EXPECT_EQ(world_cte(&w, plain)->rights, RIGHTS_ALL & ~RIGHT_OWN,
              "never OWN: a client could revoke its server's endpoint");
    EXPECT_EQ(c->rights, RIGHT_WRITE, "rights narrowed");
    world_must(world_invoke(&w, 0, CNODE_IDENTIFY, copy), "identify");
    EXPECT(w.k->ret[0] == CAP_ENDPOINT && w.k->ret[1] == RIGHT_WRITE && w.k->ret[3] == 256 && w.k->ret[4] == UINT64_MAX,
           "says so");
    world_check(&w, "mint");
}

TEST(cnode, move_and_identify)
{
    struct world w;
    world_init(&w);
    const cptr_t frame = world_frame(&w, 3 * PAGE), to = world_slot(&w);
    const struct cte before = *world_cte(&w, frame);
    EXPECT_EQ(world_invoke(&w, CPTR_L1(to >> 8), CNODE_MOVE, to & 255, W_L1, frame), E_OK, "by roots");
    const struct cte *const c = world_cte(&w, to);
    EXPECT(cte_empty(world_cte(&w, frame)) && c->base == before.base && c->rights == before.rights, "moved");
    EXPECT_EQ(world_invoke(&w, 0, CNODE_IDENTIFY, to), E_OK, "identify");
    EXPECT(w.k->ret[0] == CAP_FRAME && w.k->ret[1] == RIGHTS_ALL && w.k->ret[2] == before.base &&
               w.k->ret[3] == 3 * PAGE && w.k->ret[4] == 0,
           "what it is");
    EXPECT_EQ(world_invoke(&w, 0, CNODE_IDENTIFY, W_IRQTABLE), E_OK, "identify");
    EXPECT(w.k->ret[2] == 0 && w.k->ret[3] == WORLD_IRQS, "addresses without the space");
    EXPECT_EQ(world_invoke(&w, 0, CNODE_IDENTIFY, W_L1), E_OK, "identify");
    EXPECT_EQ(w.k->ret[4], W_L1_SLOTS, "entries of an L1");
    world_check(&w, "moved");
}

/* Me's addresses reach through an L1 slot without looking at the rights of what lies there.  So only what may be read
 * and
 * written comes into one: else whoever was given a CNode to look at could write to it by installing it. */
TEST(cnode, l1_slots_hold_what_may_be_written)
{
    struct world w;
    world_init(&w);
    const cptr_t cnode = world_make(&w, CAP_L2CNODE, 0);
    for (unsigned rights = 0; rights <= RIGHTS_ALL; rights++) {
        const bool full = (rights & (RIGHT_READ | RIGHT_WRITE)) == (RIGHT_READ | RIGHT_WRITE);
        const cptr_t shown = world_copy(&w, cnode, rights);
        EXPECT_EQ(world_invoke(&w, 0, CNODE_COPY, CPTR_L1(30), 0, shown, RIGHTS_ALL), full ? E_OK : E_CAP_RIGHTS,
                  "copy %u", rights);
        world_delete(&w, CPTR_L1(30));
        EXPECT_EQ(world_invoke(&w, 0, CNODE_COPY, CPTR_L1(30), 0, cnode, rights), full ? E_OK : E_CAP_RIGHTS, "mask %u",
                  rights);
        world_delete(&w, CPTR_L1(30));
        EXPECT_EQ(world_invoke(&w, 0, CNODE_MOVE, CPTR_L1(30), 0, shown), full ? E_OK : E_CAP_RIGHTS, "move %u",
                  rights);
        world_delete(&w, CPTR_L1(30));
        world_delete(&w, shown);
    }
    world_check(&w, "installed");
}
