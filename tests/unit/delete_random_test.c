/**
 * @file delete_random_test.c  Random operations on few slots and little memory, so that they meet, by me and, while me
 * sleeps, by the dispatchers that came out of it: all invariants after each, and when everything was revoked, nothing
 * is left.
 *
 * The arena is slots 0 to 7 of the CNodes in L1 slots 4 to 15.  Those from 10 on are deleted and made again as the
 * others' contents are: so CNodes hold their own capabilities and each other's, in their first slots and elsewhere.
 */
#include "world.h"

#define STEPS        12000
#define ARENA_PAGES  128    /* of W_RAM and of W_MEM */
#define FIRST        4      /* CNodes of the arena: L1 slots */
#define DYNAMIC      10
#define END          16
#define SLOTS        8      /* used of each */

static cptr_t any_dynamic(struct world *w)
{
    return DYNAMIC + world_below(w, END - DYNAMIC);
}

static cptr_t any_slot(struct world *w)
{
    const uint64_t l1 = FIRST + world_below(w, END - FIRST);
    return world_below(w, 20) == 0 ? CPTR_L1(any_dynamic(w)) : CPTR(l1, world_below(w, SLOTS));
}

/* A slot with a capability of @p type, if a few tries find one. */
static cptr_t any_of(struct world *w, enum cap_type type)
{
    cptr_t addr = any_slot(w);
    for (unsigned i = 0; i < 40; i++, addr = any_slot(w)) {
        const struct cte *const c = world_cte(w, addr);
        if (c && c->type == type) {
            break;
        }
    }
    return addr;
}

static cptr_t any_empty(struct world *w)
{
    cptr_t addr = any_slot(w);
    for (unsigned i = 0; i < 40; i++, addr = any_slot(w)) {
        const struct cte *const c = world_cte(w, addr);
        if (c && cte_empty(c)) {
            break;
        }
    }
    return addr;
}

/* A new object where a few tries find room, in an empty slot.  @return its address; 0: there was no room */
static cptr_t fresh(struct world *w, enum cap_type type)
{
    const cptr_t from = type == CAP_FRAME ? W_MEM : W_RAM, dst = any_empty(w);
    for (unsigned i = 0; i < 20; i++) {
        const uint64_t offset = world_below(w, ARENA_PAGES) * PAGE;
        if (world_syscall(w, from, MEMORY_RETYPE, type, offset, type == CAP_L1CNODE ? 6 : PAGE, 1, 0, dst) == E_OK) {
            return dst;
        }
    }
    return 0;
}

/* What seldom comes about by chance. */
static void build_process(struct world *w)
{
    const cptr_t l1 = fresh(w, CAP_L1CNODE), l0 = fresh(w, CAP_VNODE_L0), frame = fresh(w, CAP_FRAME);
    const cptr_t disp = fresh(w, CAP_DISPATCHER), ep = fresh(w, CAP_ENDPOINT), fault = any_of(w, CAP_ENDPOINT);
    const struct cte *const f = world_cte(w, fault);

    world_syscall(w, disp, DISPATCHER_CONFIGURE, world_below(w, 2) ? l1 : W_L1, l0, frame, 0x1000,
                  f && f->type == CAP_ENDPOINT && !(f->flags & CTE_RECV) ? fault : 0);
    world_syscall(w, disp, DISPATCHER_SET_PRIORITY, world_below(w, 8));
    world_syscall(w, disp, DISPATCHER_START);
    world_syscall(w, ep, ENDPOINT_BIND, disp, world_below(w, 100), fresh(w, CAP_FRAME), 0, world_below(w, 3));
    world_syscall(w, 0, CNODE_MINT, any_empty(w), 0, ep, RIGHTS_ALL, 1);
    world_syscall(w, ep, ENDPOINT_SET_RECV_SLOT, any_empty(w));
}

static void build_tables(struct world *w)
{
    cptr_t upper = fresh(w, CAP_VNODE_L0), lower = 0;
    for (unsigned level = 1; level <= 3; level++, upper = lower) {
        lower = fresh(w, CAP_VNODE_L0 + level);
        world_syscall(w, upper, VNODE_MAP, lower, world_below(w, 16) | 1 << 16, 0, 0, 0, any_empty(w));
    }
    world_syscall(w, lower, VNODE_MAP, fresh(w, CAP_FRAME), world_below(w, 512) | 1 << 16, 0, MAP_READ, 0,
                  any_empty(w));
}

/* A CNode that only it itself, or only another that only it holds, still names. */
static void build_cycle(struct world *w)
{
    const uint64_t a = any_dynamic(w), b = any_dynamic(w);
    world_syscall(w, 0, CNODE_COPY, CPTR(b, world_below(w, 3)), 0, CPTR_L1(a), RIGHTS_ALL);
    world_syscall(w, 0, CNODE_COPY, CPTR(a, world_below(w, 3)), 0, CPTR_L1(b), RIGHTS_ALL);
    world_syscall(w, 0, CNODE_DELETE, CPTR_L1(a));
    world_syscall(w, 0, CNODE_DELETE, CPTR_L1(b));
}

static void random_retype(struct world *w)
{
    static const uint8_t types[] = { CAP_RAM,        CAP_FRAME,    CAP_L1CNODE,  CAP_L2CNODE,  CAP_L2CNODE,
                                     CAP_L2CNODE,    CAP_VNODE_L0, CAP_VNODE_L1, CAP_VNODE_L2, CAP_VNODE_L3,
                                     CAP_DISPATCHER, CAP_ENDPOINT, CAP_NOTIFY };
    const enum cap_type type = types[world_below(w, sizeof types)];
    const uint64_t fine = type >= CAP_DISPATCHER ? world_below(w, 2) * 2048 : 0;
    const uint64_t offset = world_below(w, ARENA_PAGES) * PAGE + fine;
    const uint64_t size = type == CAP_L1CNODE ? 6 : (1 + world_below(w, 3)) * PAGE;
    const cptr_t from = type == CAP_FRAME ? W_MEM : world_below(w, 4) ? W_RAM : any_of(w, CAP_RAM);
    const cptr_t dst = type == CAP_L2CNODE && world_below(w, 2) ? CPTR_L1(any_dynamic(w)) : any_empty(w);
    world_syscall(w, from, MEMORY_RETYPE, type, from == W_RAM || from == W_MEM ? offset : fine, size, 1, 0, dst);
}

static void random_slot_op(struct world *w)
{
    const cptr_t a = any_slot(w), b = any_empty(w);
    const struct cte *const c = world_cte(w, a);
    const uint64_t bytes = c && c->bytes ? c->bytes : 1, at = world_below(w, bytes);

    switch (world_below(w, 10)) {
    case 0:
    case 1:
        world_syscall(w, 0, CNODE_COPY, b, 0, a, world_below(w, 40));
        break;
    case 2:
        world_syscall(w, 0, CNODE_MINT, b, 0, any_of(w, CAP_ENDPOINT), RIGHTS_ALL, world_below(w, 3));
        break;
    case 3:
    case 4:
        world_syscall(w, 0, CNODE_MOVE, b, 0, a);
        break;
    case 5:
    case 6:
    case 7:
        world_syscall(w, 0, CNODE_DELETE, a);
        break;
    case 8:
        world_syscall(w, 0, CNODE_REVOKE, a, at, 1 + world_below(w, bytes - at));
        break;
    default:
        /* Not with OWN: a revoke through the copy would take me's own. */
        world_syscall(w, 0, CNODE_COPY, b, 0, world_below(w, 2) ? W_L1 : W_RAM, RIGHTS_ALL & ~RIGHT_OWN);
        world_syscall(w, 0, CNODE_REVOKE, world_below(w, 4) ? W_RAM : W_MEM, world_below(w, ARENA_PAGES) * PAGE,
                      PAGE * (1 + world_below(w, 32)));
        world_syscall(w, W_KERNEL, KERNEL_REAP);
        break;
    }
}

static void random_map(struct world *w)
{
    const unsigned level = (unsigned)world_below(w, 4);
    const cptr_t vnode = any_of(w, CAP_VNODE_L0 + level);
    const uint64_t first = world_below(w, 3) ? world_below(w, 12) : world_below(w, 512);

    if (world_below(w, 4) == 0) {
        world_syscall(w, any_of(w, CAP_MAPPING), MAPPING_PROTECT, world_below(w, 2), 1 + world_below(w, 2), MAP_READ);
    } else if (level == 3) {
        world_syscall(w, vnode, VNODE_MAP, any_of(w, CAP_FRAME), first | (1 + world_below(w, 2)) << 16, 0,
                      MAP_READ | MAP_WRITE, 0, any_empty(w));
    } else {
        world_syscall(w, vnode, VNODE_MAP, any_of(w, CAP_VNODE_L1 + level), first | 1 << 16, 0, 0, 0, any_empty(w));
    }
}

static void random_dispatch(struct world *w)
{
    const cptr_t d = any_of(w, CAP_DISPATCHER), ep = any_of(w, CAP_ENDPOINT), n = any_of(w, CAP_NOTIFY);

    switch (world_below(w, 16)) {
    case 0:
    case 1:
    case 2:
        world_syscall(w, d, DISPATCHER_CONFIGURE, world_below(w, 4) ? any_of(w, CAP_L1CNODE) : W_L1,
                      any_of(w, CAP_VNODE_L0), any_of(w, CAP_FRAME), 0x1000, world_below(w, 2) ? ep : 0);
        world_syscall(w, d, DISPATCHER_SET_PRIORITY, world_below(w, 8));
        world_syscall(w, d, DISPATCHER_START);
        break;
    case 3:
        world_syscall(w, d, DISPATCHER_SET_CSPACE, any_of(w, CAP_L1CNODE));
        break;
    case 4:
        world_syscall(w, d, DISPATCHER_HOLD + world_below(w, 4));
        break;
    case 5:
        world_syscall(w, d, DISPATCHER_SET_PRIORITY, world_below(w, 8));
        break;
    case 6:
    case 7:
    case 8:
        world_syscall(w, ep, ENDPOINT_BIND, d, world_below(w, 3), any_of(w, CAP_FRAME), world_below(w, 4) * 1024,
                      world_below(w, 3));
        world_syscall(w, ep, ENDPOINT_SET_RECV_SLOT, any_slot(w));
        break;
    case 9:
    case 10:
    case 11:
        world_send(w, .dest = ep, .deadline = world_below(w, 3) * fake_now,
                   .tag = world_below(w, 9) | (world_below(w, 2) ? TAG_CAP : 0) | (world_below(w, 2) ? TAG_GIVE : 0),
                   .cap = any_slot(w));
        break;
    case 12:
        world_syscall(w, n, NOTIFY_BIND, d, world_below(w, 9));
        break;
    case 13:
        world_syscall(w, n, NOTIFY_SIGNAL + 2 * world_below(w, 2));
        break;
    case 14:
        world_syscall(w, W_IRQTABLE, MEMORY_RETYPE, CAP_IRQ, 32 + world_below(w, 3), 0, 1, 0, any_empty(w));
        break;
    default:
        world_syscall(w, any_of(w, CAP_IRQ), IRQ_BIND + world_below(w, 3), n);
        break;
    }
}

static bool all_zero(uint64_t base, uint64_t bytes)
{
    const uint8_t *const p = phys_to_virt(base);
    for (uint64_t i = 0; i < bytes; i++) {
        if (p[i]) {
            fprintf(stderr, "    byte %#" PRIx64 " is %#x\n", base + i, p[i]);
            return false;
        }
    }
    return true;
}

static void end_arena(struct world *w)
{
    world_revoke(w, W_RAM, 0, WORLD_RAM);
    world_check(w, "RAM revoked");
    world_revoke(w, W_MEM, 0, WORLD_MEM);
    world_revoke(w, W_IRQTABLE, 0, WORLD_IRQS);
    for (unsigned l1 = FIRST; l1 < DYNAMIC; l1++) {
        for (unsigned i = 0; i < L2_SLOTS; i++) {
            world_delete(w, CPTR(l1, i));
        }
    }
}

/* Keeps about half of the arena empty, and the dead list short more often than not. */
static void tidy(struct world *w)
{
    for (unsigned i = 0; i < 12; i++) {
        world_syscall(w, 0, CNODE_DELETE, any_slot(w));
    }
    for (uint64_t i = world_below(w, 60); i > 0; i--) {
        world_syscall(w, W_KERNEL, KERNEL_REAP);
    }
}

/* Somebody else's turn: what a thread, an interrupt, a fault or a system call can do to its dispatcher. */
static void random_turn(struct world *w)
{
    static const uint64_t esr[] = { 0x07ull << 26, 0x24ull << 26 | 7, 0x3cull << 26 };
    struct dispatcher_frame *const f = w->k->current->frame;

    f->disabled = world_below(w, 2);
    f->pending = world_below(w, 8) == 0;
    f->fault_entry = world_below(w, 3);
    switch (world_below(w, 10)) {
    case 0:
        world_yield(w);
        break;
    case 1:
        world_interrupt(w, 32 + (uint32_t)world_below(w, 4));
        break;
    case 2:
        world_fault(w, esr[world_below(w, 3)], 0x1000);
        break;
    case 3:
        random_slot_op(w);
        break;
    case 4:
        random_dispatch(w);
        break;
    case 5:
        world_syscall(w, W_KERNEL, KERNEL_REAP);
        break;
    default:
        world_park(w,
                   world_below(w, 4)   ? ANY
                   : world_below(w, 2) ? world_below(w, 100)
                                       : IDLE,
                   .dest = world_below(w, 2) ? any_of(w, CAP_ENDPOINT) : 0,
                   .deadline = world_below(w, 3) * (fake_now / 2 + 50),
                   .tag = world_below(w, 9) | (world_below(w, 3) ? 0 : TAG_CAP | TAG_GIVE), .cap = any_slot(w));
        break;
    }
}

/* Me sleeps for a while; as long as it does, whoever is current acts. */
static void others_run(struct world *w)
{
    w->me.f->pending = 0;
    world_park(w, IDLE, .deadline = fake_now + 500);
    for (unsigned i = 0; i < 12 && w->k->current != w->me.d; i++) {
        random_turn(w);
        world_check(w, "turn %u of the others", i);
    }
    for (unsigned i = 0; i < 100 && w->k->current != w->me.d; i++) {
        world_timer(w);
    }
}

static void (*const operation[])(struct world *) = {
    random_retype, random_retype, random_slot_op, random_slot_op, random_slot_op, random_map, random_map,
    random_dispatch, random_dispatch, random_dispatch, random_dispatch, build_process, build_tables, build_cycle, tidy,
    tidy, tidy, others_run, others_run, others_run, others_run,
};

TEST(delete_random, leaves_nothing)
{
    struct world w;
    world_init(&w);
    const uint64_t before = w.k->mdb.count;

    world_must(world_invoke(&w, W_KERNEL, KERNEL_SET_CEILING, W_DISP, 255), "ceiling");
    world_must(world_invoke(&w, W_DISP, DISPATCHER_SET_PRIORITY, 255), "more urgent than all others");
    for (unsigned i = 0; i < STEPS; i++) {
        w.k->current->frame->pending = 0;
        const cptr_t cnode = CPTR_L1(any_dynamic(&w));
        world_syscall(&w, W_RAM, MEMORY_RETYPE, CAP_L2CNODE, world_below(&w, ARENA_PAGES) * PAGE, 0, 1, 0, cnode);
        operation[world_below(&w, sizeof operation / sizeof operation[0])](&w);
        EXPECT(w.k->current == w.me.d, "me lost the core");
        world_check(&w, "after operation %u", i);
    }
    end_arena(&w);
    world_check(&w, "all revoked");
    EXPECT_EQ(w.k->mdb.count, before, "capabilities left");
    EXPECT(!w.k->dead && !w.k->unfinished, "something is still dying");
    EXPECT(all_zero(WORLD_RAM_BASE, WORLD_RAM), "destroyed objects leave bytes");
    EXPECT(!w.k->top_ready && !w.k->fp_owner, "a destroyed dispatcher is still somewhere");
}
