/** @file monitor_test.c  What a monitor asks of its kernel, call by call: refusals, and cases that chance seldom finds. */
#include "world.h"

#include <cap/watch.h>

#define FAR   WORLD_FAR_BASE
#define WHAT(type, rights, owner) ((uint64_t)(type) | (uint64_t)(rights) << 8 | (uint64_t)(owner) << 16)
#define RW    (RIGHT_READ | RIGHT_WRITE)

static uint64_t foreign(struct world *w, uint64_t what, uint64_t base, uint64_t bytes, cptr_t dst)
{
    return world_invoke(w, W_KERNEL, KERNEL_MAKE_FOREIGN, what, base, bytes, 0, dst);
}

static cptr_t foreign_frame(struct world *w, uint64_t owner, uint64_t base)
{
    const cptr_t slot = world_slot(w);
    world_must(foreign(w, WHAT(CAP_FRAME, RW, owner), base, PAGE, slot), "a foreign Frame");
    return slot;
}

TEST(foreign, refuses)
{
    struct world w;
    world_init(&w);
    const cptr_t s = world_slot(&w);
    EXPECT_EQ(world_invoke(&w, world_copy(&w, W_KERNEL, RIGHT_READ), KERNEL_MAKE_FOREIGN, WHAT(CAP_FRAME, RW, 1), FAR, PAGE, 0, s),
              E_CAP_RIGHTS, "rights");
    EXPECT_EQ(foreign(&w, WHAT(CAP_FRAME, RW, 1), FAR, PAGE, W_RAM), E_SLOT_OCCUPIED, "slot");
    static const uint8_t home[] = { CAP_RAM, CAP_DEVRANGE, CAP_L1CNODE, CAP_L2CNODE, CAP_VNODE_L0, CAP_DISPATCHER, CAP_ENDPOINT,
                                    CAP_NOTIFY, CAP_MAPPING, CAP_IRQTABLE, CAP_KERNEL, CAP_CORECONTROL, CAP_REMOTENOTIFY, 0, 99 };
    for (unsigned i = 0; i < sizeof home; i++) {
        EXPECT_EQ(foreign(&w, WHAT(home[i], RW, 1), FAR, PAGE, s), E_CAP_TYPE, "type %u does not travel", home[i]);
    }
    EXPECT_EQ(foreign(&w, WHAT(CAP_FRAME, RW, 0), FAR, PAGE, s), E_ARG, "our own");
    EXPECT_EQ(foreign(&w, WHAT(CAP_FRAME, RW, WORLD_CORES), FAR, PAGE, s), E_ARG, "no such core");
    EXPECT_EQ(foreign(&w, WHAT(CAP_FRAME, RIGHTS_ALL, 1), FAR, PAGE, s), E_ARG, "own");
    EXPECT_EQ(foreign(&w, WHAT(CAP_FRAME, RW, 1), FAR + 8, PAGE, s), E_CAP_ALIGN, "base");
    EXPECT_EQ(foreign(&w, WHAT(CAP_FRAME, RW, 1), FAR, PAGE + 8, s), E_CAP_ALIGN, "size");
    EXPECT_EQ(foreign(&w, WHAT(CAP_FRAME, RW, 1), FAR, 0, s), E_CAP_RANGE, "nothing");
    EXPECT_EQ(foreign(&w, WHAT(CAP_FRAME, RW, 1), 0x1000, PAGE, s), E_CAP_RANGE, "no memory");
    EXPECT_EQ(foreign(&w, WHAT(CAP_FRAME, RW, 1), FAR + WORLD_FAR - PAGE, 2 * PAGE, s), E_CAP_RANGE, "beyond memory");
    EXPECT_EQ(foreign(&w, WHAT(CAP_FRAME, RW, 1), UINT64_MAX - PAGE + 1, PAGE, s), E_CAP_RANGE, "wraps");
    EXPECT_EQ(foreign(&w, WHAT(CAP_FRAME, RW, 1), WORLD_RAM_BASE, PAGE, s), E_CAP_OVERLAP, "our own memory");
    EXPECT_EQ(foreign(&w, WHAT(CAP_DEVFRAME, RW, 1), FAR, PAGE, s), E_CAP_RANGE, "memory is no device");
    EXPECT_EQ(foreign(&w, WHAT(CAP_IRQ, RW, 1), 31, 1, s), E_CAP_RANGE, "a private interrupt");
    EXPECT_EQ(foreign(&w, WHAT(CAP_IRQ, RW, 1), WORLD_IRQS, 1, s), E_CAP_RANGE, "no such interrupt");
    EXPECT_EQ(foreign(&w, WHAT(CAP_IRQ, RW, 1), 40, 2, s), E_CAP_RANGE, "two");
    EXPECT_EQ(foreign(&w, WHAT(CAP_IRQ, RW, 1), 40, 1, s), E_CAP_OVERLAP, "our own table's");
    EXPECT_EQ(foreign(&w, WHAT(CAP_FRAME, RW, 1), FAR, 2 * PAGE, s), E_OK, "a Frame");
    EXPECT_EQ(foreign(&w, WHAT(CAP_FRAME, RW, 1), FAR + PAGE, PAGE, world_slot(&w)), E_CAP_OVERLAP, "a part of it");
    EXPECT_EQ(foreign(&w, WHAT(CAP_FRAME, RW, 2), FAR, 2 * PAGE, world_slot(&w)), E_CAP_OVERLAP, "of another owner");
    EXPECT_EQ(foreign(&w, WHAT(CAP_FRAME, RIGHT_READ, 1), FAR, 2 * PAGE, world_slot(&w)), E_OK, "another one of it");
    EXPECT_EQ(world_invoke(&w, 0, CNODE_REVOKE, s, 0, PAGE), E_FOREIGN, "revoke");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_REVOKE_BEGIN, 0, s, 0, PAGE), E_FOREIGN, "revoke by the monitor");
    world_check(&w, "foreign");
}

TEST(foreign, identities_and_interrupts)
{
    struct world w;
    world_init(&w);
    const cptr_t id = world_slot(&w), own = world_retype(&w, W_ID, CAP_ID, 100, 100);
    EXPECT_EQ(foreign(&w, WHAT(CAP_ID, RW, 2), 1ull << 50, 100, id), E_OK, "an identity");
    EXPECT_EQ(foreign(&w, WHAT(CAP_ID, RW, 2), (1ull << 50) + 10, 10, world_slot(&w)), E_OK, "one inside");
    EXPECT_EQ(foreign(&w, WHAT(CAP_ID, RW, 2), (1ull << 50) + 90, 20, world_slot(&w)), E_CAP_OVERLAP, "one across its end");
    EXPECT_EQ(foreign(&w, WHAT(CAP_ID, RW, 2), (1ull << 50) - 1, 5, world_slot(&w)), E_CAP_OVERLAP, "one across its start");
    EXPECT_EQ(foreign(&w, WHAT(CAP_ID, RW, 2), (1ull << 50) - 1, 200, world_slot(&w)), E_OK, "one around it");
    EXPECT_EQ(world_invoke(&w, id, MEMORY_RETYPE, CAP_ID, 0, 10, 1, 0, world_slot(&w)), E_FOREIGN, "not retyped here");
    const cptr_t back = world_slot(&w);
    EXPECT_EQ(foreign(&w, WHAT(CAP_ID, RW, 0), 120, 10, back), E_OK, "one of ours comes back");
    EXPECT(world_cte(&w, back)->flags == 0 && !(world_cte(&w, back)->rights & RIGHT_OWN), "as ours, without own");
    world_revoke(&w, own, 0, 100);
    EXPECT(cte_empty(world_cte(&w, back)), "and can be revoked");
    world_check(&w, "identities");

    w.k->core = 3;                      /* a core without a table of its own */
    world_delete(&w, W_IRQTABLE);
    const cptr_t irq = world_slot(&w);
    EXPECT_EQ(foreign(&w, WHAT(CAP_IRQ, RW, 0), 40, 1, irq), E_OK, "an interrupt");
    EXPECT_EQ(world_invoke(&w, irq, IRQ_BIND, world_make(&w, CAP_NOTIFY, 0)), E_OK, "is bound here");
    EXPECT_EQ(world_invoke(&w, irq, IRQ_ACK), E_OK, "and acknowledged");
    EXPECT_EQ(world_invoke(&w, irq, IRQ_SET_TRIGGER, 1), E_FOREIGN, "but not set up");
    EXPECT_EQ(world_invoke(&w, irq, IRQ_SET_TARGET, 1), E_FOREIGN, "nor sent on");
    world_delete(&w, irq);
    EXPECT(!fake_line[40].unmasked, "the last one masks it");
}

TEST(foreign, borrowed_memory)
{
    struct world w;
    world_init(&w);
    const cptr_t ram = world_slot(&w);
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_MAKE_ROOT, FAR, 2 * MIB, 0, ram), E_BOOT_CORE, "the boot core lends");
    w.k->core = 2;
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_MAKE_ROOT, FAR + 1, 2 * MIB, 0, ram), E_CAP_ALIGN, "base");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_MAKE_ROOT, FAR + WORLD_FAR, 2 * MIB, 0, ram), E_CAP_RANGE, "no memory");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_MAKE_ROOT, WORLD_RAM_BASE, PAGE, 0, ram), E_CAP_OVERLAP, "ours already");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_MAKE_ROOT, FAR, 2 * MIB, 0, ram), E_OK, "borrow");
    const cptr_t frame = world_retype(&w, ram, CAP_FRAME, PAGE, PAGE);
    EXPECT(world_cte(&w, frame)->owner == 2 && world_cte(&w, frame)->flags == 0, "what is made of it is ours");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_TO_HUSK, ram, 0), E_CAP_OVERLAP, "in use: not given back");
    world_delete(&w, frame);
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_TO_HUSK, ram, 0), E_OK, "given back");
    const uint64_t husk = w.k->ret[0];
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_MAKE_ROOT, FAR, 2 * MIB, 0, ram), E_CAP_OVERLAP, "not twice");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_DROP_HUSK, husk), E_OK, "and forgotten");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_DROP_HUSK, husk), E_CAP_EMPTY, "once");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_MAKE_ROOT, FAR, 2 * MIB, 0, ram), E_OK, "borrow again");
    world_check(&w, "borrowed");
}

/* What a borrower made of lent memory can come back to the lender: it lies behind the husk. */
TEST(foreign, inside_a_husk)
{
    struct world w;
    world_init(&w);
    const cptr_t outer = world_retype(&w, W_MEM, CAP_RAM, 0, 16 * PAGE), ram = world_retype(&w, outer, CAP_RAM, 0, 8 * PAGE);
    const uint64_t base = world_cte(&w, ram)->base;
    cptr_t frame[4];
    world_must(world_invoke(&w, W_KERNEL, KERNEL_TO_HUSK, ram, 2), "lend");
    const uint64_t husk = w.k->ret[0];
    EXPECT_EQ(foreign(&w, WHAT(CAP_FRAME, RW, 1), base, PAGE, ram), E_CAP_OVERLAP, "it is not lent to that core");
    EXPECT_EQ(foreign(&w, WHAT(CAP_FRAME, RW, 2), base + 7 * PAGE, 2 * PAGE, ram), E_CAP_OVERLAP, "nor all of this");
    for (unsigned i = 0; i < 4; i++) {
        frame[i] = foreign_frame(&w, 2, base + i * PAGE);
    }
    EXPECT_EQ(foreign(&w, WHAT(CAP_FRAME, RW, 2), base, 2 * PAGE, ram), E_CAP_OVERLAP, "not what overlaps it");
    EXPECT_EQ(foreign(&w, WHAT(CAP_FRAME, RIGHT_READ, 2), base, PAGE, ram), E_OK, "another one of it");
    world_check(&w, "inside a husk");
    world_must(world_invoke(&w, W_KERNEL, KERNEL_WATCH, frame[1], 1), "a tally");
    EXPECT_EQ(world_invoke(&w, 0, CNODE_REVOKE, W_MEM, 0, 16 * PAGE), E_REMOTE, "the lender's revoke stops");
    uint64_t handle, err;
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_REVOKE_BEGIN, 0, W_MEM, 0, 16 * PAGE), E_OK, "its monitor's");
    handle = w.k->ret[0];
    while ((err = world_invoke(&w, W_KERNEL, KERNEL_SWEEP, handle)) == E_AGAIN) {
    }
    EXPECT_EQ(err, E_OK, "sweep");
    for (unsigned i = 0; i < 4; i++) {
        EXPECT(!cte_empty(world_cte(&w, frame[i])), "leaves what is the borrower's");
    }
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_SWEEP_LEFT, handle, 0), E_OK, "left is");
    EXPECT_EQ(w.k->ret[4], 1, "the husk");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_SWEEP_LEFT, handle, w.k->ret[5]), E_CAP_EMPTY, "and nothing else");
    world_must(world_invoke(&w, W_KERNEL, KERNEL_SWEEP_END, handle), "end");

    const cptr_t other = world_slot(&w);
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_FROM_HUSK, husk, 0, other), E_CAP_OVERLAP, "not yet to be taken back");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_PURGE_BEGIN, 2, CAP_FRAME, base + PAGE + 8, PAGE), E_OK, "purge of two pages");
    handle = w.k->ret[0];
    while (world_invoke(&w, W_KERNEL, KERNEL_SWEEP, handle) == E_AGAIN) {
    }
    world_must(world_invoke(&w, W_KERNEL, KERNEL_SWEEP_END, handle), "end");
    EXPECT(cte_empty(world_cte(&w, frame[1])) && cte_empty(world_cte(&w, frame[2])), "takes the one that begins before it, too");
    EXPECT(!cte_empty(world_cte(&w, frame[0])) && !cte_empty(world_cte(&w, frame[3])), "and no more");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_PURGE_BEGIN, 2, CAP_NULL, 0, 0), E_OK, "purge of everything");
    handle = w.k->ret[0];
    while (world_invoke(&w, W_KERNEL, KERNEL_SWEEP, handle) == E_AGAIN) {
    }
    EXPECT(cte_empty(world_cte(&w, frame[0])) && cte_empty(world_cte(&w, ram)) && cte_empty(world_cte(&w, frame[3])),
           "also at the very address of the husk and what encloses it");
    world_must(world_invoke(&w, W_KERNEL, KERNEL_SWEEP_END, handle), "end");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_FROM_HUSK, husk, 0, ram), E_OK, "the unit comes back");
    world_check(&w, "back");
}

TEST(watch, tells_once_for_each_time)
{
    struct world w;
    world_init(&w);
    const cptr_t n = world_make(&w, CAP_NOTIFY, 0), tally = foreign_frame(&w, 1, FAR), other = foreign_frame(&w, 2, FAR + PAGE);
    const cptr_t user = world_copy(&w, tally, RW);
    uint64_t last = 0;
    world_must(world_invoke(&w, n, NOTIFY_BIND, W_DISP, 55), "bind");
    world_must(world_invoke(&w, W_KERNEL, KERNEL_BIND, n), "bind");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_WATCH, W_RAM, 1), E_CAP_TYPE, "RAM is lent");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_WATCH, tally, 2), E_ARG, "on or off");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_WATCH, tally, 1), E_OK, "watch");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_LONELY), E_CAP_EMPTY, "it is not alone");
    EXPECT_EQ(world_events(&w.me, &last), 0, "no event");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_WATCH, other, 1), E_OK, "one that is alone");
    EXPECT(world_events(&w.me, &last) == 1 && last == 55, "an event at once");
    world_delete(&w, user);
    EXPECT_EQ(world_events(&w.me, &last), 0, "the list was not empty: no second event");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_LONELY), E_OK, "the newest");
    EXPECT(w.k->ret[0] == CAP_FRAME && w.k->ret[1] == FAR && w.k->ret[2] == PAGE && w.k->ret[3] == 1, "by its name");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_LONELY), E_OK, "the other one");
    EXPECT_EQ(w.k->ret[1], FAR + PAGE, "by its name");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_LONELY), E_CAP_EMPTY, "no more");
    world_delete(&w, world_copy(&w, tally, RW));
    EXPECT(world_events(&w.me, &last) == 1, "alone again, told again");
    const cptr_t to = world_slot(&w);
    EXPECT_EQ(world_invoke(&w, 0, CNODE_MOVE, to, 0, tally), E_OK, "moved");
    world_check(&w, "moved");
    world_delete(&w, to);
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_LONELY), E_CAP_EMPTY, "the monitor deletes it: nothing to tell");
    world_delete(&w, other);
    EXPECT_EQ(w.k->special, 0, "nothing is watched");
    world_check(&w, "watch");
}

TEST(watch, mappings_count)
{
    struct world w;
    world_init(&w);
    const cptr_t l1 = world_make(&w, CAP_VNODE_L1, 0), l2 = world_make(&w, CAP_VNODE_L2, 0), l3 = world_make(&w, CAP_VNODE_L3, 0);
    const cptr_t frame = world_frame(&w, PAGE), anchor = world_copy(&w, frame, RW), m = world_slot(&w);
    world_must(world_invoke(&w, W_L0, VNODE_MAP, l1, 1 | 1 << 16, 0, 0, 0, world_slot(&w)), "table");
    world_must(world_invoke(&w, l1, VNODE_MAP, l2, 1 | 1 << 16, 0, 0, 0, world_slot(&w)), "table");
    world_must(world_invoke(&w, l2, VNODE_MAP, l3, 1 | 1 << 16, 0, 0, 0, world_slot(&w)), "table");
    world_must(world_invoke(&w, l3, VNODE_MAP, frame, 1 | 1 << 16, 0, MAP_READ, 0, m), "map");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_WATCH, anchor, 1), E_OK, "watch");
    world_delete(&w, frame);
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_LONELY), E_CAP_EMPTY, "it is mapped: in use");
    world_delete(&w, m);
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_LONELY), E_OK, "no more");
    EXPECT_EQ(world_invoke(&w, 0, CNODE_REVOKE, W_MEM, 0, WORLD_MEM), E_REMOTE, "an anchor stops a revoke");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_WATCH, anchor, 0), E_OK, "unwatch");
    EXPECT_EQ(world_invoke(&w, 0, CNODE_REVOKE, W_MEM, 0, WORLD_MEM), E_OK, "and nothing does");
    world_check(&w, "mappings");
}

TEST(sweep, closes_its_range)
{
    struct world w;
    world_init(&w);
    const cptr_t frame = world_frame(&w, 2 * PAGE), open = world_frame(&w, PAGE), s = world_slot(&w);
    const cptr_t ep = world_make(&w, CAP_ENDPOINT, 0);
    world_must(world_invoke(&w, ep, ENDPOINT_BIND, W_DISP, 9, world_frame(&w, 2 * PAGE), 0, 2), "bind");
    world_must(world_invoke(&w, ep, ENDPOINT_SET_RECV_SLOT, world_slot(&w)), "receive slot");
    const cptr_t to = world_mint(&w, ep, 1);
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_REVOKE_BEGIN, W_L1, W_MEM, 0, PAGE), E_CAP_TYPE, "no dispatcher");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_REVOKE_BEGIN, 0, world_slot(&w), 0, PAGE), E_CAP_EMPTY, "nothing there");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_REVOKE_BEGIN, 0, world_copy(&w, W_MEM, RW), 0, PAGE), E_CAP_RIGHTS, "without own");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_REVOKE_BEGIN, 0, W_MEM, WORLD_MEM, PAGE), E_CAP_RANGE, "beyond");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_REVOKE_BEGIN, W_DISP, W_MEM, PAGE, PAGE), E_OK, "begin, in the middle of the frame");
    const uint64_t handle = w.k->ret[0];
    EXPECT_EQ(world_invoke(&w, 0, CNODE_COPY, s, 0, frame, RW), E_REVOKED, "copy");
    EXPECT_EQ(world_invoke(&w, 0, CNODE_COPY, s, 0, W_MEM, RW), E_REVOKED, "copy of the invoked one");
    EXPECT_EQ(world_send(&w, .dest = to, .tag = TAG_CAP, .cap = frame), E_REVOKED, "send");
    EXPECT_EQ(world_send(&w, .dest = to, .tag = TAG_CAP | TAG_GIVE, .cap = frame), E_REVOKED, "give");
    EXPECT_EQ(world_invoke(&w, W_MEM, MEMORY_RETYPE, CAP_FRAME, PAGE, PAGE, 1, 0, s), E_REVOKED, "retype into it");
    EXPECT_EQ(world_invoke(&w, W_MEM, MEMORY_RETYPE, CAP_FRAME, 64 * PAGE, PAGE, 1, 0, s), E_OK, "beside it");
    EXPECT_EQ(world_invoke(&w, 0, CNODE_COPY, world_slot(&w), 0, open, RW), E_OK, "copy of another");
    EXPECT_EQ(world_invoke(&w, 0, CNODE_COPY, world_slot(&w), 0, W_ROOT, RW), E_OK, "copy of an ancestor");
    EXPECT_EQ(world_invoke(&w, 0, CNODE_MOVE, world_slot(&w), 0, open), E_OK, "move");
    uint64_t err = E_AGAIN;
    for (unsigned i = 0; i < 100 && err == E_AGAIN; i++) {
        err = world_invoke(&w, W_KERNEL, KERNEL_SWEEP, handle);
    }
    EXPECT_EQ(err, E_OK, "sweep");
    EXPECT(cte_empty(world_cte(&w, frame)) && !cte_empty(world_cte(&w, W_MEM)), "what overlaps is gone");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_SWEEP_LEFT, handle, 0), E_CAP_EMPTY, "nothing is left");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_SWEEP_END, handle), E_OK, "end");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_SWEEP_END, handle), E_CAP_EMPTY, "once");
    EXPECT_EQ(world_invoke(&w, W_MEM, MEMORY_RETYPE, CAP_FRAME, PAGE, PAGE, 1, 0, frame), E_OK, "open");
    world_check(&w, "closed");
}

TEST(sweep, leaves_anchors_and_husks)
{
    struct world w;
    world_init(&w);
    cptr_t user[4], anchor[4];
    for (unsigned i = 0; i < 4; i++) {
        user[i] = world_frame(&w, PAGE);
        anchor[i] = world_copy(&w, user[i], RW);
        world_must(world_invoke(&w, W_KERNEL, KERNEL_WATCH, anchor[i], 1), "watch");
    }
    const cptr_t lent = world_retype(&w, W_MEM, CAP_RAM, 8 * PAGE, 4 * PAGE);
    world_must(world_invoke(&w, W_KERNEL, KERNEL_TO_HUSK, lent, 3), "lend");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_REVOKE_BEGIN, 0, W_MEM, PAGE, 20 * PAGE), E_OK, "begin");
    const uint64_t handle = w.k->ret[0];
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_FROM_HUSK, 0, 0, lent), E_REVOKED, "no RAM appears in it");
    uint64_t err = E_AGAIN;
    for (unsigned i = 0; i < 100 && err == E_AGAIN; i++) {
        err = world_invoke(&w, W_KERNEL, KERNEL_SWEEP, handle);
    }
    EXPECT_EQ(err, E_OK, "sweep");
    for (unsigned i = 0; i < 4; i++) {
        EXPECT(cte_empty(world_cte(&w, user[i])) == (i >= 1) && !cte_empty(world_cte(&w, anchor[i])), "frame %u", i);
    }
    uint64_t position = 0;
    for (unsigned i = 1; i <= 4; i++) {
        EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_SWEEP_LEFT, handle, position), E_OK, "left %u", i);
        EXPECT(w.k->ret[0] == (i < 4 ? CAP_FRAME : CAP_RAM) && w.k->ret[1] == WORLD_MEM_BASE + (i < 4 ? i : 8) * PAGE &&
                   w.k->ret[3] == (i < 4 ? 0 : 3) && w.k->ret[4] == (i == 4), "which");
        position = w.k->ret[5];
    }
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_SWEEP_LEFT, handle, position), E_CAP_EMPTY, "no more");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_SWEEP_END, handle), E_OK, "end");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_FROM_HUSK, 0, 0, lent), E_OK, "the loan comes back");
    world_check(&w, "left");
}

/* The invoked slot is deleted, moves with its CNode's death, or is made over. */
TEST(sweep, its_slot_goes)
{
    struct world w;
    world_init(&w);
    for (unsigned how = 0; how < 3; how++) {
        const cptr_t cnode = CPTR_L1(20 + how), slot = CPTR(20 + how, 0);
        world_must(world_invoke(&w, W_RAM, MEMORY_RETYPE, CAP_L2CNODE, MIB + how * 16384, 0, 1, 0, cnode), "CNode");
        world_must(world_invoke(&w, W_MEM, MEMORY_RETYPE, CAP_RAM, MIB + how * 4 * PAGE, 4 * PAGE, 1, 0, slot), "RAM");
        EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_REVOKE_BEGIN, 0, slot, 0, PAGE), E_OK, "begin");
        const uint64_t handle = w.k->ret[0];
        if (how == 0) {
            world_delete(&w, slot);
        } else if (how == 1) {
            world_delete(&w, cnode);                /* its first slot: it changes places with the CNode's capability */
        } else {
            EXPECT_EQ(world_invoke(&w, 0, CNODE_MOVE, CPTR(20 + how, 5), 0, slot), E_OK, "moved");
            EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_SWEEP, handle), E_OK, "goes on");
            EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_SWEEP_END, handle), E_OK, "and ends");
        }
        EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_SWEEP, handle), E_CAP_EMPTY, "it is over");
        EXPECT_EQ(w.k->sweeps, 0, "the range is open");
        world_check(&w, "case %u", how);
    }
}

TEST(sweep, as_many_as_there_is_room_for)
{
    struct world w;
    world_init(&w);
    uint64_t handle[KCB_SWEEPS];
    for (unsigned i = 0; i <= KCB_SWEEPS; i++) {
        const uint64_t err = world_invoke(&w, W_KERNEL, KERNEL_PURGE_BEGIN, 1, CAP_FRAME, FAR + i * PAGE, PAGE);
        EXPECT_EQ(err, i < KCB_SWEEPS ? E_OK : E_KERNEL_FULL, "sweep %u", i);
        if (err == E_OK) {
            handle[i] = w.k->ret[0];
        }
    }
    EXPECT_EQ(foreign(&w, WHAT(CAP_FRAME, RW, 1), FAR + 3 * PAGE, PAGE, world_slot(&w)), E_REVOKED, "an import meets the purge");
    EXPECT_EQ(foreign(&w, WHAT(CAP_FRAME, RW, 2), FAR + 3 * PAGE, PAGE, world_slot(&w)), E_OK, "another owner's does not");
    for (unsigned i = 0; i < KCB_SWEEPS; i++) {
        EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_SWEEP_END, handle[i]), E_OK, "end %u", i);
    }
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_PURGE_BEGIN, 0, CAP_FRAME, FAR, PAGE), E_ARG, "not what is our own");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_PURGE_BEGIN, WORLD_CORES, CAP_FRAME, FAR, PAGE), E_ARG, "no such core");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_PURGE_BEGIN, 1, CAP_TYPE_COUNT, FAR, PAGE), E_ARG, "no such type");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_PURGE_BEGIN, 1, CAP_FRAME, FAR, 0), E_CAP_RANGE, "nothing");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_PURGE_BEGIN, 1, CAP_FRAME, UINT64_MAX, 2), E_CAP_RANGE, "wraps");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_SWEEP, UINT64_MAX), E_CAP_EMPTY, "no such handle");
    EXPECT_EQ(w.k->special, 0, "all are over");
    world_check(&w, "room");
}

/* A core has gone: everything it ever made goes here, tallies and all, and nothing else does. */
TEST(sweep, purges_an_owner)
{
    struct world w;
    world_init(&w);
    cptr_t gone[12], stays[12];
    for (unsigned i = 0; i < 12; i++) {
        gone[i] = foreign_frame(&w, 1, FAR + 2 * i * PAGE);
        stays[i] = foreign_frame(&w, 2, FAR + (2 * i + 1) * PAGE);
        world_must(world_invoke(&w, W_KERNEL, KERNEL_WATCH, gone[i], i % 2), "watch");
    }
    const cptr_t proxy = world_slot(&w), id = world_slot(&w);
    world_must(world_invoke(&w, W_KERNEL, KERNEL_REMOTE_NOTIFY, 1, 5, 0, proxy), "proxy");
    world_must(foreign(&w, WHAT(CAP_ID, RW, 1), 1ull << 50, 1, id), "identity");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_PURGE_BEGIN, 1, CAP_NULL, 0, 0), E_OK, "begin");
    const uint64_t handle = w.k->ret[0];
    uint64_t err = E_AGAIN;
    for (unsigned i = 0; i < 1000 && err == E_AGAIN; i++) {
        err = world_invoke(&w, W_KERNEL, KERNEL_SWEEP, handle);
        EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_REMOTE_NOTIFY, 1, 7, 0, world_slot(&w)), E_REVOKED, "nothing new");
    }
    EXPECT_EQ(err, E_OK, "sweep");
    for (unsigned i = 0; i < 12; i++) {
        EXPECT(cte_empty(world_cte(&w, gone[i])) && !cte_empty(world_cte(&w, stays[i])), "frame %u", i);
    }
    EXPECT(cte_empty(world_cte(&w, proxy)) && cte_empty(world_cte(&w, id)), "proxy and identity");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_LONELY), E_CAP_EMPTY, "nothing to tell of what is gone");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_SWEEP_LEFT, handle, 0), E_CAP_EMPTY, "a purge leaves nothing");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_SWEEP_END, handle), E_OK, "end");
    EXPECT_EQ(w.k->special, 0, "nothing is watched");
    world_check(&w, "purged");
}

TEST(irq, target)
{
    struct world w;
    world_init(&w);
    const cptr_t irq = world_retype(&w, W_IRQTABLE, CAP_IRQ, 40, 0), ppi = world_retype(&w, W_IRQTABLE, CAP_IRQ, 20, 0);
    EXPECT_EQ(world_invoke(&w, irq, IRQ_SET_TARGET, WORLD_CORES), E_ARG, "no such core");
    EXPECT_EQ(world_invoke(&w, ppi, IRQ_SET_TARGET, 1), E_ARG, "a private one");
    EXPECT_EQ(world_invoke(&w, world_copy(&w, irq, RIGHT_READ), IRQ_SET_TARGET, 1), E_CAP_RIGHTS, "rights");
    EXPECT_EQ(world_invoke(&w, irq, IRQ_SET_TARGET, 2), E_OK, "core 2");
    EXPECT_EQ(fake_line[40].target, 2, "by its affinity");
}
