/**
 * @file destroy_test.c  What the rest of the system sees when an object, or the memory under it, goes: dispatchers,
 * their frames and address spaces, rings, endpoints, Notifys, interrupts.  Also run with DELETE_STEPS 3.
 */
#include "world.h"

#define RW (MAP_READ | MAP_WRITE)

static void start(struct world *w, const struct proc *p)
{
    world_must(world_invoke(w, p->disp, DISPATCHER_START), "start");
    w->k->resched = 0;
}

static uint64_t state(struct world *w, cptr_t disp)
{
    world_must(world_invoke(w, disp, DISPATCHER_STATUS), "status");
    return w->k->ret[0];
}

/* The message that @p channel's ring holds last. */
static const struct ring_message *last_message(const struct channel *c)
{
    return &c->message[(c->control->produced - 1) & c->ep->mask];
}

/* ---- what a dispatcher is made of -------------------------------------------------------------------------------- */

/* Deleting a capability in me's CSpace changes nothing: the dispatcher has its own.  Revoking the memory stops it. */
static void revoke_part(unsigned part, bool started)
{
    struct world w;
    world_init(&w);
    const struct channel faults = world_channel(&w, &w.me, 7, 1);
    const cptr_t fault = world_mint(&w, faults.recv, 99);
    struct proc p = { .disp = world_make(&w, CAP_DISPATCHER, 0) };
    const cptr_t ram[3] = { world_make(&w, CAP_RAM, 64 * PAGE), world_make(&w, CAP_RAM, PAGE),
                            world_make(&w, CAP_RAM, PAGE) };
    p.l1 = world_retype(&w, ram[0], CAP_L1CNODE, 0, 6);
    p.l0 = world_retype(&w, ram[1], CAP_VNODE_L0, 0, 0);
    p.frame = world_retype(&w, ram[2], CAP_FRAME, 0, PAGE);
    p.d = world_object(&w, p.disp);
    p.f = world_object(&w, p.frame);
    world_must(world_invoke(&w, p.disp, DISPATCHER_CONFIGURE, p.l1, p.l0, p.frame, 0x9000, fault), "configure");
    if (started) {
        start(&w, &p);
    }
    world_delete(&w, p.l1);
    world_delete(&w, p.l0);
    world_delete(&w, p.frame);
    EXPECT_EQ(state(&w, p.disp), started ? DISP_READY : DISP_CREATED, "deleting capabilities changes nothing");
    world_check(&w, "part %u", part);

    world_revoke(&w, ram[part], 0, PAGE);
    EXPECT_EQ(state(&w, p.disp), DISP_STOPPED, "part %u revoked", part);
    EXPECT_EQ(faults.control->produced, started, "part %u: a report, if it was started", part);
    if (started) {
        const struct ring_message *const m = last_message(&faults);
        EXPECT(m->badge == 99 && m->tag == 5 && m->word[FAULT_W_CAUSE] == FAULT_REVOKED, "part %u: the report", part);
    }
    EXPECT_EQ(p.d->l1 == NULL, part == 0, "CSpace");
    EXPECT_EQ(p.d->ttbr0 == 0, part == 1, "VSpace");
    EXPECT_EQ(p.d->frame == NULL, part == 2, "frame");
    EXPECT_EQ(world_invoke(&w, p.disp, DISPATCHER_START), E_STATE, "it never starts again");
    EXPECT_EQ(world_invoke(&w, p.disp, DISPATCHER_RELEASE), E_STATE, "nor is released");
    EXPECT_EQ(world_invoke(&w, p.disp, DISPATCHER_HOLD), E_STATE, "nor held");
    EXPECT_EQ(world_invoke(&w, p.disp, DISPATCHER_CONFIGURE, W_L1, W_L0, W_FRAME, 0, 0), E_STATE, "nor configured");
    for (unsigned other = 0; other < 3; other++) {
        world_revoke(&w, ram[other], 0, PAGE);
    }
    EXPECT_EQ(faults.control->produced, started, "one report only");
    world_check(&w, "part %u revoked", part);
    world_delete(&w, p.disp);
    world_check(&w, "deleted");
}

TEST(destroy, memory_under_a_dispatcher)
{
    for (unsigned part = 0; part < 3; part++) {
        revoke_part(part, false);
        revoke_part(part, true);
    }
}

TEST(destroy, current_revokes_what_it_is_made_of)
{
    for (unsigned part = 0; part < 3; part++) {
        static const cptr_t of[] = { W_L1, W_L0, W_FRAME };
        struct world w;
        world_init(&w);
        const struct proc p = world_proc(&w, 10, 0);
        start(&w, &p);
        const uint64_t lo = world_cte(&w, of[part])->base - world_cte(&w, W_OWN)->base;
        EXPECT_EQ(world_syscall(&w, 0, CNODE_REVOKE, W_OWN, lo, 1), WORLD_LEFT, "it does not return");
        if (part == 0) {        /* p has the same CSpace */
            EXPECT(!w.k->current && fake_left.how == LEFT_IDLE, "nobody is left to run");
        } else {
            EXPECT(w.k->current == p.d && fake_left.how == LEFT_UPCALL, "the next one runs");
            EXPECT_EQ(w.me.d->state, DISP_STOPPED, "it is stopped");
        }
        EXPECT(!w.k->top_ready, "and in no queue");
        for (unsigned i = 0; part == 0 && i < 10000 && err_root(cap_reap(w.k)) == E_AGAIN; i++) {
            world_check(&w, "its CSpace dies");
        }
        world_check(&w, "part %u", part);
    }
}

/* One call stops its caller and wakes the holder of its fault endpoint: others that are ready come in their order. */
TEST(destroy, report_wakes_somebody_less_urgent_than_the_first)
{
    struct world w;
    world_init(&w);
    const struct proc p = world_proc(&w, 10, 0), q = world_proc(&w, 50, 0);
    const struct channel c = world_channel(&w, &p, 1, 0);
    const struct proc r = world_proc(&w, 200, world_mint(&w, c.recv, 1));
    world_must(world_invoke(&w, W_DISP, DISPATCHER_SET_PRIORITY, 5), "priority");
    world_syscall(&w, p.disp, DISPATCHER_START);
    world_park(&w, ANY);
    world_syscall(&w, r.disp, DISPATCHER_START);
    EXPECT(w.k->current == r.d, "r runs");
    world_must(world_syscall(&w, q.disp, DISPATCHER_START), "q waits");
    EXPECT_EQ(world_syscall(&w, 0, CNODE_REVOKE, W_MEM, world_cte(&w, r.frame)->base - WORLD_MEM_BASE, 1), WORLD_LEFT,
              "r ends");
    EXPECT(w.k->current == q.d && p.d->state == DISP_READY, "q runs, then p");
    world_check(&w, "reported");
}

/* One call wakes somebody, who is to run next, and then takes away what he is made of. */
TEST(destroy, next_is_stopped)
{
    struct world w;
    world_init(&w);
    const cptr_t first = world_frame(&w, PAGE), second = world_frame(&w, PAGE);
    const cptr_t y = world_make(&w, CAP_DISPATCHER, 0), z = world_make(&w, CAP_DISPATCHER, 0);
    /* z waits for the report about y, and y's frame lies before z's. */
    world_must(world_invoke(&w, z, DISPATCHER_CONFIGURE, W_L1, W_L0, second, 0, 0), "z");
    const struct proc p = { .disp = z, .d = world_object(&w, z), .f = world_object(&w, second) };
    const struct channel c = world_channel(&w, &p, 2, 0);
    world_must(world_invoke(&w, y, DISPATCHER_CONFIGURE, W_L1, W_L0, first, 0, world_mint(&w, c.recv, 3)), "y");
    world_must(world_invoke(&w, W_KERNEL, KERNEL_SET_CEILING, z, 255), "ceiling");
    world_must(world_invoke(&w, z, DISPATCHER_SET_PRIORITY, 150), "priority");
    world_syscall(&w, z, DISPATCHER_START);
    world_park(&w, ANY);
    world_must(world_invoke(&w, y, DISPATCHER_SET_PRIORITY, 20), "priority");
    world_must(world_syscall(&w, y, DISPATCHER_START), "y waits");
    EXPECT(w.k->current == w.me.d && p.d->state == DISP_PARKED, "me runs");
    const uint64_t lo = world_cte(&w, first)->base - WORLD_MEM_BASE;
    for (uint64_t err = E_AGAIN; err == E_AGAIN && w.k->current == w.me.d;) {
        err = world_syscall(&w, 0, CNODE_REVOKE, W_MEM, lo, 2 * PAGE);
        if (err == WORLD_LEFT && w.k->current == p.d) {     /* interrupted between the two */
            p.f->pending = 0;
            world_park(&w, IDLE);
        }
        err = err == WORLD_LEFT && p.d->state != DISP_STOPPED ? E_AGAIN : err;
    }
    EXPECT(p.d->state == DISP_STOPPED && w.k->current == w.me.d, "z does not run any more; me does");
    world_check(&w, "next is gone");
}

TEST(destroy, current_deletes_itself)
{
    struct world w;
    world_init(&w);
    EXPECT_EQ(world_syscall(&w, 0, CNODE_DELETE, W_DISP), WORLD_LEFT, "it does not return");
    EXPECT_EQ(fake_left.how, LEFT_IDLE, "nobody else is there");
    for (unsigned i = 0; i < 10000 && err_root(cap_reap(w.k)) == E_AGAIN; i++) {
    }
    EXPECT(!w.k->dead && !w.k->unfinished, "all of it is gone");
    EXPECT_EQ(w.k->loaded_ttbr0 >> 48, w.me.d->ttbr0, "the empty table is loaded");
}

/* One address space, two dispatchers: when one of them dies, the other goes on in it. */
TEST(destroy, shared_address_space)
{
    for (unsigned how = 0; how < 2; how++) {
        struct world w;
        world_init(&w);
        struct proc p = { .disp = world_make(&w, CAP_DISPATCHER, 0), .frame = world_frame(&w, PAGE) };
        world_must(world_invoke(&w, p.disp, DISPATCHER_CONFIGURE, W_L1, W_L0, p.frame, 0x9000, 0), "configure");
        start(&w, &p);
        EXPECT_EQ(w.k->loaded_ttbr0, w.me.d->ttbr0, "me runs in it");
        if (how) {
            world_delete(&w, p.disp);
        } else {
            world_revoke(&w, p.disp, 0, 1);
            world_revoke(&w, W_RAM, 0, PAGE);
        }
        EXPECT_EQ(w.k->loaded_ttbr0, w.me.d->ttbr0, "me still runs in it");
        world_check(&w, "the other is gone");
    }
}

TEST(destroy, address_space_that_is_loaded_and_not_current)
{
    struct world w;
    world_init(&w);
    const struct proc p = world_proc(&w, 200, 0);
    EXPECT_EQ(world_syscall(&w, p.disp, DISPATCHER_START), WORLD_LEFT, "p is more urgent");
    EXPECT_EQ(w.k->loaded_ttbr0, p.d->ttbr0, "its address space is loaded");
    const uint64_t ttbr0 = p.d->ttbr0;
    world_syscall(&w, W_DISP, DISPATCHER_HOLD);
    EXPECT_EQ(world_syscall(&w, p.disp, DISPATCHER_STOP), WORLD_LEFT, "p stops itself");
    EXPECT_EQ(fake_left.how, LEFT_IDLE, "nobody runs");
    EXPECT_EQ(w.k->loaded_ttbr0, ttbr0, "and its table is still loaded");
    while (err_root(cap_delete(w.k, world_cte(&w, p.l0))) == E_AGAIN ||
           err_root(cap_delete(w.k, world_cte(&w, p.disp))) == E_AGAIN) {
    }
    EXPECT_EQ(w.k->loaded_ttbr0, w.k->empty_ttbr0, "not when it is gone");
    world_check(&w, "gone");
}

TEST(destroy, deadline)
{
    for (unsigned how = 0; how < 3; how++) {
        struct world w;
        world_init(&w);
        const struct proc p = world_proc(&w, 200, 0);
        world_syscall(&w, p.disp, DISPATCHER_START);
        world_park(&w, IDLE, .deadline = fake_now + 100);
        EXPECT_EQ(fake_timer, fake_now + 100, "the timer is set");
        if (how == 0) {
            world_must(world_syscall(&w, p.disp, DISPATCHER_STOP), "stop");
        } else if (how == 1) {
            world_delete(&w, p.disp);
        } else {
            world_revoke(&w, W_RAM, 0, WORLD_RAM);
        }
        EXPECT(!w.k->deadlines && !fake_timer, "way %u: nobody is to be woken", how);
        world_check(&w, "way %u", how);
    }
}

TEST(destroy, floating_point_owner)
{
    struct world w;
    world_init(&w);
    const struct proc p = world_proc(&w, 200, 0);
    world_syscall(&w, p.disp, DISPATCHER_START);
    world_fault(&w, 0x07ull << 26, 0);
    EXPECT(w.k->fp_owner == p.d && !fake_cpu.fp_trapped, "p owns the registers");
    world_syscall(&w, p.disp, DISPATCHER_STOP);
    EXPECT(!w.k->fp_owner && fake_cpu.fp_trapped, "nobody does");
    EXPECT(w.k->current == w.me.d, "me runs");
}

/* ---- endpoints and Notifys --------------------------------------------------------------------------------------- */

struct pair {
    struct world w;
    struct proc p;
    struct channel c;
    cptr_t send;
};

static void build_pair(struct pair *x)
{
    world_init(&x->w);
    x->p = world_proc(&x->w, 10, 0);
    x->c = world_channel(&x->w, &x->p, 5, 2);
    x->send = world_mint(&x->w, x->c.recv, 1);
    start(&x->w, &x->p);
    EXPECT_EQ(world_send(&x->w, .dest = x->send, .tag = 1), E_OK, "it works");
}

TEST(destroy, ring_revoked)
{
    struct pair x;
    build_pair(&x);
    world_revoke(&x.w, W_MEM, world_cte(&x.w, x.c.ring)->base - WORLD_MEM_BASE, PAGE);
    memset(x.c.control, 0xee, PAGE);
    EXPECT_EQ(world_send(&x.w, .dest = x.send, .tag = 1), E_DEAD, "no ring");
    world_delete(&x.w, x.send);
    EXPECT_EQ(x.c.control->produced, 0xeeeeeeeeeeeeeeee, "nothing is written there any more");
    EXPECT_EQ(x.c.control->closed, 0xeeeeeeeeeeeeeeee, "CLOSED neither");
    EXPECT_EQ(world_invoke(&x.w, x.c.recv, ENDPOINT_BIND, x.p.disp, 1, world_frame(&x.w, PAGE), 0, 0), E_DEAD,
              "for good");
    EXPECT_EQ(state(&x.w, x.p.disp), DISP_READY, "the receiver lives");
    world_check(&x.w, "ring revoked");
    world_delete(&x.w, x.c.recv);
    world_check(&x.w, "deleted");
}

TEST(destroy, receive_capability_deleted)
{
    struct pair x;
    build_pair(&x);
    const cptr_t send2 = world_mint(&x.w, x.c.recv, 2);
    world_delete(&x.w, x.c.recv);
    EXPECT_EQ(world_send(&x.w, .dest = x.send, .tag = 1), E_DEAD, "the receiver is gone");
    EXPECT_EQ(world_invoke(&x.w, 0, CNODE_COPY, world_slot(&x.w), 0, send2, RIGHTS_ALL), E_OK,
              "a dead one can be copied");
    world_check(&x.w, "half dead");
    const uint64_t base = world_cte(&x.w, send2)->base;
    world_revoke(&x.w, W_RAM, base - WORLD_RAM_BASE, 1);
    EXPECT(cte_empty(world_cte(&x.w, send2)) && cte_empty(world_cte(&x.w, x.send)), "revoked with its memory");
    world_check(&x.w, "gone");
}

TEST(destroy, closed_when_the_last_send_capability_goes)
{
    struct pair x;
    uint64_t event = 0;
    build_pair(&x);
    const cptr_t more[] = { world_mint(&x.w, x.c.recv, 2), world_copy(&x.w, x.send, RIGHT_READ) };
    world_events(&x.p, &event);
    world_delete(&x.w, x.send);
    world_delete(&x.w, more[0]);
    EXPECT(!x.c.control->closed && !world_events(&x.p, &event), "one is left, even one that cannot send");
    world_delete(&x.w, more[1]);
    EXPECT_EQ(x.c.control->closed, 1, "closed");
    EXPECT(world_events(&x.p, &event) == 1 && event == 5, "and the event posted");
    world_mint(&x.w, x.c.recv, 3);
    world_mint(&x.w, x.c.recv, 4);
    x.c.control->closed = 0;
    world_revoke(&x.w, x.c.recv, 0, 256);
    EXPECT(x.c.control->closed == 1 && world_events(&x.p, &event) == 1,
           "revoked through the receive capability: the same");
    EXPECT(!cte_empty(world_cte(&x.w, x.c.recv)), "which stays");
    world_check(&x.w, "closed");
}

/* A dead server's CSpace ends the calls of its clients: here the CNode that holds the last send capability. */
TEST(destroy, closed_when_a_cnode_dies)
{
    struct pair x;
    build_pair(&x);
    const cptr_t cnode = world_make(&x.w, CAP_L2CNODE, 0);
    world_must(world_invoke(&x.w, cnode, CNODE_MOVE, 200, 0, x.send), "move");
    world_delete(&x.w, cnode);
    EXPECT_EQ(x.c.control->closed, 1, "closed");
}

TEST(destroy, fault_endpoint_is_a_send_capability)
{
    struct pair x;
    build_pair(&x);
    const struct proc q = world_proc(&x.w, 10, x.send);
    world_delete(&x.w, x.send);
    EXPECT(!x.c.control->closed, "q's fault endpoint is the last send capability");
    world_delete(&x.w, q.disp);
    EXPECT_EQ(x.c.control->closed, 1, "closed when q is destroyed");
    world_check(&x.w, "closed");
}

TEST(destroy, dispatcher_of_endpoints_and_notifys)
{
    struct pair x;
    build_pair(&x);
    cptr_t n[40];
    for (unsigned i = 0; i < 40; i++) {     /* more weak references than steps */
        n[i] = world_make(&x.w, CAP_NOTIFY, 0);
        world_must(world_invoke(&x.w, n[i], NOTIFY_BIND, x.p.disp, i), "bind");
    }
    uint64_t err = world_invoke(&x.w, 0, CNODE_DELETE, x.p.disp);
    EXPECT_EQ(err, E_AGAIN, "takes several calls");
    while (err == E_AGAIN) {
        EXPECT_EQ(world_send(&x.w, .dest = x.send, .tag = 1), E_DEAD, "dead from the first call on");
        EXPECT_EQ(world_invoke(&x.w, n[39], NOTIFY_SIGNAL), E_OK, "a signal goes nowhere, or is remembered");
        world_check(&x.w, "dying");
        err = world_invoke(&x.w, W_KERNEL, KERNEL_REAP);
    }
    EXPECT_EQ(err, E_OK, "done");
    EXPECT_EQ(world_send(&x.w, .dest = x.send, .tag = 1), E_DEAD, "dead");
    for (unsigned i = 0; i < 40; i++) {
        EXPECT_EQ(world_invoke(&x.w, n[i], NOTIFY_UNBIND), E_UNBOUND, "Notify %u is unbound", i);
    }
    EXPECT_EQ(world_invoke(&x.w, n[0], NOTIFY_SIGNAL), E_OK, "and remembers");
    EXPECT_EQ(world_invoke(&x.w, n[0], NOTIFY_BIND, W_DISP, 33), E_OK, "bound to another");
    uint64_t event = 0;
    EXPECT(world_events(&x.w.me, &event) == 1 && event == 33, "who gets the signal");
    world_check(&x.w, "dispatcher gone");
}

TEST(destroy, weak_references_keep_nothing_alive)
{
    struct pair x;
    build_pair(&x);
    const uint64_t base = x.c.ep->disp.base - WORLD_RAM_BASE;
    const cptr_t copy = world_copy(&x.w, x.p.disp, RIGHT_READ);
    world_delete(&x.w, x.p.disp);
    EXPECT_EQ(state(&x.w, copy), DISP_READY, "a copy does");
    world_delete(&x.w, copy);
    EXPECT(!x.c.ep->dcb && !x.c.ep->ring && x.c.ep->dead, "an endpoint does not");
    EXPECT_EQ(world_invoke(&x.w, W_RAM, MEMORY_RETYPE, CAP_DISPATCHER, base, 0, 1, 0, world_slot(&x.w)), E_OK,
              "memory is free");
    world_check(&x.w, "weak");
}

TEST(destroy, interrupts)
{
    struct world w;
    world_init(&w);
    const cptr_t irq = world_retype(&w, W_IRQTABLE, CAP_IRQ, 40, 0), n = world_make(&w, CAP_NOTIFY, 0);
    world_must(world_invoke(&w, n, NOTIFY_BIND, W_DISP, 3), "bind");
    world_must(world_invoke(&w, irq, IRQ_BIND, n), "bind");
    world_must(world_invoke(&w, irq, IRQ_ACK), "ack");
    EXPECT(fake_line[40].unmasked, "unmasked");
    world_revoke(&w, n, 0, 64);
    EXPECT(!fake_line[40].unmasked, "the Notify's other copies revoked: masked");
    EXPECT_EQ(world_invoke(&w, irq, IRQ_ACK), E_UNBOUND, "and unbound");
    world_must(world_invoke(&w, irq, IRQ_BIND, n), "again");
    world_must(world_invoke(&w, irq, IRQ_ACK), "ack");
    world_delete(&w, n);
    EXPECT(fake_line[40].unmasked, "the interrupt keeps the Notify");
    const cptr_t copy = world_copy(&w, irq, RIGHTS_ALL);
    world_delete(&w, irq);
    EXPECT(fake_line[40].unmasked, "a copy keeps the interrupt");
    world_delete(&w, copy);
    EXPECT(!fake_line[40].unmasked && cte_empty(&w.k->irq[40]), "masked for good");
    world_check(&w, "interrupts");
}

/* ---- page tables ------------------------------------------------------------------------------------------------- */

TEST(destroy, memory_under_a_page_table)
{
    struct world w;
    world_init(&w);
    const cptr_t l1 = world_make(&w, CAP_VNODE_L1, 0), m1 = world_slot(&w), m2 = world_slot(&w),
                 l2 = world_make(&w, CAP_VNODE_L2, 0);
    const cptr_t big = world_retype(&w, W_BIG, CAP_FRAME, 0, GIB), mf = world_slot(&w);
    world_must(world_invoke(&w, W_L0, VNODE_MAP, l1, 3 | 1 << 16, 0, 0, 0, m1), "l1");
    world_must(world_invoke(&w, l1, VNODE_MAP, l2, 9 | 1 << 16, 0, 0, 0, m2), "l2");
    world_must(world_invoke(&w, l1, VNODE_MAP, big, 500 | 1 << 16, 0, RW, 0, mf), "a block");
    const uint64_t asid = world_cte(&w, W_L0)->word[0];
    fake_tlb = (struct fake_tlb){ 0 };
    world_revoke(&w, W_RAM, world_cte(&w, l1)->base - WORLD_RAM_BASE, 1);
    EXPECT(cte_empty(world_cte(&w, l1)) && cte_empty(world_cte(&w, m1)) && cte_empty(world_cte(&w, m2)) &&
           cte_empty(world_cte(&w, mf)), "its link and its Mappings are gone");
    EXPECT(!cte_empty(world_cte(&w, big)) && !cte_empty(world_cte(&w, l2)), "what was mapped is not");
    EXPECT(!pte_valid(((pte_t *)world_object(&w, W_L0))[3]), "the entry above is empty");
    EXPECT(fake_tlb.asid_flushes >= 1 && fake_tlb.last_asid == asid, "and the TLB knows");
    world_check(&w, "table gone");
}

/* A table's first eight entries are deleted with it at once: that counts, too. */
TEST(destroy, page_table_work_is_charged)
{
    struct world w;
    world_init(&w);
    const cptr_t cnode = world_make(&w, CAP_L2CNODE, 0), big = world_retype(&w, W_BIG, CAP_FRAME, 0, GIB);
    for (unsigned i = 0; i < 30; i++) {
        const cptr_t l1 = world_make(&w, CAP_VNODE_L1, 0);
        world_must(world_invoke(&w, W_L0, VNODE_MAP, l1, i | 1 << 16, 0, 0, 0, world_slot(&w)), "link");
        for (unsigned e = 0; e < 8; e++) {
            world_must(world_invoke(&w, l1, VNODE_MAP, big, e | 1 << 16, 0, RW, 0, world_slot(&w)), "map");
        }
        world_must(world_invoke(&w, cnode, CNODE_MOVE, i, 0, l1), "into the CNode");
    }
    for (uint64_t err = E_AGAIN; err == E_AGAIN;) {
        const uint64_t before = w.k->mdb.count;
        err = world_invoke(&w, 0, CNODE_DELETE, cnode);
        EXPECT(before - w.k->mdb.count <= DELETE_STEPS + 9, "%" PRIu64 " capabilities in one call",
               before - w.k->mdb.count);
    }
    world_check(&w, "gone");
}
