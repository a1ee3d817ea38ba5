/**
 * @file delete_test.c  Delete and revoke: what dies, in which order, what is told, and that it can be interrupted
 * anywhere.  Also run with DELETE_STEPS 3.
 */
#include "world.h"

/* Calls of @p op until it does not say E_AGAIN, with all invariants between them. */
#define UNTIL_DONE(w, err, call, ...)                                                                                  \
    do {                                                                                                               \
        unsigned calls_ = 0;                                                                                           \
        do {                                                                                                           \
            err = (call);                                                                                              \
            world_check(w, __VA_ARGS__);                                                                               \
        } while (err == E_AGAIN && ++calls_ < 100000);                                                                 \
    } while (0)

static uint64_t delete_all(struct world *w, cptr_t addr, const char *what)
{
    uint64_t err;
    UNTIL_DONE(w, err, world_invoke(w, 0, CNODE_DELETE, addr), "%s", what);
    return err;
}

static uint64_t revoke_all(struct world *w, cptr_t addr, uint64_t bytes, const char *what)
{
    uint64_t err;
    UNTIL_DONE(w, err, world_invoke(w, 0, CNODE_REVOKE, addr, 0, bytes), "%s", what);
    return err;
}

static bool zero(uint64_t base, uint64_t bytes)
{
    const uint8_t *const p = phys_to_virt(base);
    for (uint64_t i = 0; i < bytes; i++) {
        if (p[i]) {
            return false;
        }
    }
    return true;
}

/* Everything made since @p count capabilities existed lay in W_RAM and W_MEM, and is gone. */
static void expect_nothing_left(struct world *w, uint64_t count, const char *what)
{
    EXPECT_EQ(revoke_all(w, W_RAM, WORLD_RAM, what), E_OK, "%s: revoke RAM", what);
    EXPECT_EQ(revoke_all(w, W_MEM, WORLD_MEM, what), E_OK, "%s: revoke frames", what);
    EXPECT_EQ(w->k->mdb.count, count, "%s: capabilities left", what);
    EXPECT(zero(WORLD_RAM_BASE, WORLD_RAM), "%s: bytes left in destroyed objects", what);
    EXPECT(!w->k->dead && !w->k->unfinished, "%s: still dying", what);
}

/* ---- CNodes ------------------------------------------------------------------------------------------------------ */

TEST(delete, empty_and_plain_slots)
{
    struct world w;
    world_init(&w);
    const uint64_t count = w.k->mdb.count;
    const cptr_t slot = world_slot(&w), frame = world_frame(&w, PAGE);
    EXPECT_EQ(world_invoke(&w, 0, CNODE_DELETE, slot), E_OK, "an empty slot is no error");
    EXPECT_EQ(world_invoke(&w, 0, CNODE_DELETE, frame), E_OK, "a Frame");
    EXPECT(cte_empty(world_cte(&w, frame)), "its slot is empty");
    EXPECT_EQ(w.k->mdb.count, count, "and the database as before");
    world_check(&w, "deleted");
}

TEST(delete, cnode_that_holds_its_own_capability)
{
    static const unsigned at[] = { 0, 1, 7, 255 };
    for (unsigned i = 0; i < 4; i++) {
        for (unsigned full = 0; full < 2; full++) {
            struct world w;
            world_init(&w);
            const uint64_t count = w.k->mdb.count;
            const cptr_t c = world_make(&w, CAP_L2CNODE, 0), other = world_frame(&w, PAGE);
            world_must(world_invoke(&w, c, CNODE_COPY, at[i], 0, c, RIGHTS_ALL), "its own cap");
            if (full && at[i]) {
                world_must(world_invoke(&w, c, CNODE_COPY, 0, 0, other, RIGHTS_ALL), "first slot");
            }
            EXPECT_EQ(delete_all(&w, c, "the cap outside"), E_OK, "slot %u", at[i]);
            EXPECT_EQ(w.k->mdb.count, count + 2 + (full && at[i]), "it lives on, held by itself in slot %u", at[i]);
            expect_nothing_left(&w, count, "own cap");
        }
    }
}

TEST(delete, cnodes_that_hold_each_other)
{
    static const unsigned at[] = { 0, 3 };
    for (unsigned i = 0; i < 16; i++) {
        struct world w;
        world_init(&w);
        const uint64_t count = w.k->mdb.count;
        const cptr_t a = world_make(&w, CAP_L2CNODE, 0), b = world_make(&w, CAP_L2CNODE, 0);
        const cptr_t frame = world_frame(&w, PAGE);
        world_must(world_invoke(&w, a, CNODE_COPY, at[i & 1], 0, b, RIGHTS_ALL), "b in a");
        world_must(world_invoke(&w, b, CNODE_COPY, at[i >> 1 & 1], 0, a, RIGHTS_ALL), "a in b");
        if (i & 4) {
            world_invoke(&w, a, CNODE_COPY, 0, 0, frame, RIGHTS_ALL);
        }
        if (i & 8) {
            world_invoke(&w, b, CNODE_COPY, 0, 0, frame, RIGHTS_ALL);
        }
        world_delete(&w, a);
        EXPECT_EQ(delete_all(&w, b, "the second cap outside"), E_OK, "case %u", i);
        expect_nothing_left(&w, count, "each other");
    }
}

/* CNode i holds the only capability of CNode i + 1, in its slot @p slot.  @return the first of @p length */
static cptr_t build_chain(struct world *w, unsigned slot, unsigned length)
{
    cptr_t head = world_copy(w, W_IRQTABLE, RIGHT_READ);
    for (unsigned i = 0; i < length; i++) {
        const cptr_t next = world_make(w, CAP_L2CNODE, 0);
        world_must(world_invoke(w, next, CNODE_MOVE, slot, 0, head), "into the next");
        head = next;
    }
    return head;
}

static void chain(unsigned slot, unsigned length)
{
    struct world w;
    world_init(&w);
    const uint64_t count = w.k->mdb.count;
    const cptr_t head = build_chain(&w, slot, length);
    EXPECT_EQ(w.k->mdb.count, count + length + 1, "all are there, in slots %u", slot);
    EXPECT_EQ(delete_all(&w, head, "chain"), E_OK, "slot %u", slot);
    EXPECT_EQ(w.k->mdb.count, count, "all are gone, in slots %u", slot);
    EXPECT(zero(WORLD_RAM_BASE, WORLD_RAM), "nothing is left in them");
}

TEST(delete, chain_of_cnodes)
{
    chain(0, 100);      /* the first-slot swap again and again in the same slot of me's: kcb->unfinished */
    chain(1, 100);
    chain(255, 3);
}

TEST(delete, unfinished_slot_cannot_be_used)
{
    struct world w;
    world_init(&w);
    const cptr_t head = build_chain(&w, 0, 2 * DELETE_STEPS);
    EXPECT_EQ(world_invoke(&w, 0, CNODE_DELETE, head), E_AGAIN, "too long for one call");
    EXPECT(w.k->unfinished == world_cte(&w, head), "the user's slot is what is unfinished");
    EXPECT_EQ(world_invoke(&w, 0, CNODE_IDENTIFY, head), E_CAP_EMPTY, "it cannot be looked at");
    EXPECT_EQ(world_invoke(&w, head, CNODE_DELETE, 0), E_CAP_EMPTY, "nor invoked");
    EXPECT_EQ(world_invoke(&w, 0, CNODE_COPY, world_slot(&w), 0, head, RIGHTS_ALL), E_CAP_EMPTY, "nor copied");
    EXPECT_EQ(world_invoke(&w, 0, CNODE_MOVE, world_slot(&w), 0, head), E_CAP_EMPTY, "nor moved");
    EXPECT_EQ(world_invoke(&w, 0, CNODE_COPY, head, 0, W_L0, RIGHTS_ALL), E_SLOT_OCCUPIED, "nor filled");
    EXPECT_EQ(delete_all(&w, head, "the rest"), E_OK, "and it comes to an end");
    EXPECT(zero(WORLD_RAM_BASE, WORLD_RAM), "all are gone");
}

/* What went before takes all the steps there are: the slot waits, and cannot be used meanwhile either. */
TEST(delete, no_steps_left_for_the_slot_itself)
{
    unsigned waited = 0;
    for (unsigned n = 0; n < 3 * DELETE_STEPS; n++) {
        struct world w;
        world_init(&w);
        const struct proc p = world_proc(&w, 10, 0);
        const cptr_t frame = world_frame(&w, PAGE);
        for (unsigned i = 0; i < n; i++) {
            world_must(world_invoke(&w, world_make(&w, CAP_NOTIFY, 0), NOTIFY_BIND, p.disp, i), "a weak reference");
        }
        world_invoke(&w, 0, CNODE_DELETE, p.disp);
        for (uint64_t err = E_AGAIN; err == E_AGAIN;) {
            err = world_invoke(&w, 0, CNODE_DELETE, frame);
            if (w.k->unfinished == world_cte(&w, frame)) {
                waited++;
                EXPECT_EQ(err, E_AGAIN, "not done");
                EXPECT_EQ(world_invoke(&w, 0, CNODE_IDENTIFY, frame), E_CAP_EMPTY, "it cannot be used");
                EXPECT_EQ(world_invoke(&w, 0, CNODE_MOVE, world_slot(&w), 0, frame), E_CAP_EMPTY, "nor moved");
            }
            world_check(&w, "after %u others", n);
        }
        EXPECT(cte_empty(world_cte(&w, frame)), "done");
    }
    EXPECT(waited > 0, "the case came up %u times", waited);
}

TEST(delete, zombie_keeps_its_range_and_its_budget)
{
    struct world w;
    world_init(&w);
    const uint64_t count = w.k->mdb.count;
    const cptr_t c = world_make(&w, CAP_L2CNODE, 0);
    for (unsigned i = 0; i < L2_SLOTS; i++) {
        world_must(world_invoke(&w, c, CNODE_COPY, i, 0, W_ID, RIGHTS_ALL & ~RIGHT_OWN), "content");
    }
    unsigned calls = 0;
    for (uint64_t err = E_AGAIN; err == E_AGAIN; calls++) {
        const uint64_t before = w.k->mdb.count;
        err = world_invoke(&w, W_KERNEL, KERNEL_REAP);
        EXPECT_EQ(err, calls ? w.k->dead ? E_AGAIN : E_OK : E_OK, "reap says whether there is more");
        if (!calls) {
            err = world_invoke(&w, 0, CNODE_DELETE, c);
            EXPECT(cte_empty(world_cte(&w, c)) || w.k->unfinished, "the user's slot is free at once, or being freed");
        }
        EXPECT(before - w.k->mdb.count <= DELETE_STEPS, "%" PRIu64 " gone in one call", before - w.k->mdb.count);
        if (err == E_AGAIN) {
            EXPECT_EQ(world_invoke(&w, W_RAM, MEMORY_RETYPE, CAP_NOTIFY, 0, 0, 1, 0, world_slot(&w)), E_CAP_OVERLAP,
                      "the memory is not free yet");
            world_must(world_invoke(&w, W_KERNEL, KERNEL_COUNTERS), "counters");
            EXPECT_EQ(w.k->ret[1], 1, "the counters say that there is work");
        }
        world_check(&w, "call %u", calls);
    }
    EXPECT(calls > L2_SLOTS / DELETE_STEPS, "%u calls", calls);
    EXPECT_EQ(w.k->mdb.count, count, "all gone");
    world_must(world_invoke(&w, W_KERNEL, KERNEL_COUNTERS), "counters");
    EXPECT_EQ(w.k->ret[1], 0, "no work");
}

/* ---- revoke ------------------------------------------------------------------------------------------------------ */

TEST(revoke, range_takes_what_overlaps_and_copies)
{
    struct world w;
    world_init(&w);
    cptr_t page[8];
    for (unsigned i = 0; i < 8; i++) {
        page[i] = world_retype(&w, W_MEM, CAP_FRAME, (uint64_t)(2 * i) * PAGE, 2 * PAGE);
    }
    const cptr_t copy = world_copy(&w, W_MEM, RIGHTS_ALL), copy3 = world_copy(&w, page[3], RIGHT_READ);
    world_revoke(&w, W_MEM, 3 * PAGE, 4 * PAGE);        /* touches frames 1, 2 and 3 */
    for (unsigned i = 0; i < 8; i++) {
        EXPECT_EQ(cte_empty(world_cte(&w, page[i])), i >= 1 && i <= 3, "frame %u", i);
    }
    EXPECT(cte_empty(world_cte(&w, copy)) && cte_empty(world_cte(&w, copy3)), "the other copies are gone");
    EXPECT(!cte_empty(world_cte(&w, W_MEM)), "the one revoked stays");
    const cptr_t weak = world_copy(&w, page[5], RIGHTS_ALL & ~RIGHT_OWN), ro = world_copy(&w, page[5], RIGHTS_ALL);
    EXPECT_EQ(world_invoke(&w, 0, CNODE_REVOKE, weak, 0, PAGE), E_CAP_RIGHTS, "who lacks OWN cannot revoke");
    EXPECT_EQ(world_invoke(&w, 0, CNODE_REVOKE, ro, 0, PAGE), E_OK, "a copy with OWN takes the original");
    EXPECT(cte_empty(world_cte(&w, page[5])) && cte_empty(world_cte(&w, weak)), "both others are gone");
    world_check(&w, "revoked");
}

TEST(revoke, refusals)
{
    struct world w;
    world_init(&w);
    const cptr_t frame = world_frame(&w, 2 * PAGE), l1 = world_make(&w, CAP_VNODE_L1, 0), m = world_slot(&w);
    world_must(world_invoke(&w, W_L0, VNODE_MAP, l1, 5 | 1 << 16, 0, 0, 0, m), "link");
    EXPECT_EQ(world_invoke(&w, 0, CNODE_REVOKE, world_slot(&w), 0, 1), E_CAP_EMPTY, "an empty slot");
    EXPECT_EQ(world_invoke(&w, 0, CNODE_REVOKE, CPTR(60, 0), 0, 1), E_CAP_LOOKUP, "no slot");
    EXPECT_EQ(world_invoke(&w, 0, CNODE_REVOKE, m, 0, 1), E_CAP_TYPE, "a Mapping");
    EXPECT_EQ(world_invoke(&w, 0, CNODE_REVOKE, frame, 0, 0), E_CAP_RANGE, "no bytes");
    EXPECT_EQ(world_invoke(&w, 0, CNODE_REVOKE, frame, 0, 2 * PAGE + 1), E_CAP_RANGE, "too many");
    EXPECT_EQ(world_invoke(&w, 0, CNODE_REVOKE, frame, 2 * PAGE, 1), E_CAP_RANGE, "behind the end");
    EXPECT_EQ(world_invoke(&w, 0, CNODE_REVOKE, frame, UINT64_MAX, 2), E_CAP_RANGE, "offset + bytes wraps");
    EXPECT_EQ(world_invoke(&w, 0, CNODE_REVOKE, frame, 1, UINT64_MAX), E_CAP_RANGE, "bytes wraps");
    EXPECT_EQ(world_invoke(&w, 0, CNODE_REVOKE, frame, 2 * PAGE - 1, 1), E_OK, "the last byte");
    world_check(&w, "refused");
}

/* The capability that is being revoked lies in a CNode made from the range itself. */
TEST(revoke, own_cnode_in_the_range)
{
    for (unsigned at = 0; at < 2; at++) {
        struct world w;
        world_init(&w);
        const cptr_t ram = world_make(&w, CAP_RAM, 16 * PAGE), c = world_slot(&w);
        world_must(world_invoke(&w, ram, MEMORY_RETYPE, CAP_L2CNODE, 0, 0, 1, 0, c), "CNode in the range");
        world_must(world_invoke(&w, c, CNODE_MOVE, at, 0, ram), "the range's only capability into it");
        uint64_t err;
        UNTIL_DONE(&w, err, world_invoke(&w, c, CNODE_REVOKE, at, 0, 16 * PAGE), "slot %u", at);
        EXPECT(err == E_CAP_EMPTY || err == E_CAP_LOOKUP, "the revoker's own capability went: %" PRIu64, err);
        world_delete(&w, c);
        EXPECT(zero(WORLD_RAM_BASE, 16 * PAGE), "the CNode is gone");
        EXPECT_EQ(world_invoke(&w, W_RAM, MEMORY_RETYPE, CAP_RAM, 0, 16 * PAGE, 1, 0, world_slot(&w)), E_OK,
                  "and the range free");
        world_check(&w, "own CNode, slot %u", at);
    }
}

TEST(revoke, wide_tree_in_linear_calls)
{
    struct world w;
    world_init(&w);
    unsigned made = 0;
    for (; made < 512; made += 64) {
        const cptr_t first = CPTR(W_L2_FIRST + made / 256, made % 256);
        world_must(world_invoke(&w, W_MEM, MEMORY_RETYPE, CAP_FRAME, made * PAGE, PAGE, 64, 0, first), "64 frames");
    }
    unsigned calls = 0;
    for (uint64_t err = E_AGAIN; err == E_AGAIN; calls++) {
        err = world_invoke(&w, 0, CNODE_REVOKE, W_MEM, 0, WORLD_MEM);
        world_check(&w, "call %u", calls);
    }
    EXPECT_EQ(calls, (made + DELETE_STEPS - 1) / DELETE_STEPS, "a step for each");
}
