/**
 * @file mailbox_test.c  Signals between two kernels, in one thread: what one sends the other posts, at the latest when its doorbell
 * has been rung as often as was asked for; a peer that writes nonsense costs nobody else anything; a kernel that dies is heard of.
 */
#include "core_world.h"

#include <dispatch/mailbox.h>

#define PEER     3u                 /* the other core's number */
#define KNOWN    60u                /* indices that name a Notify, on each side */
#define EVENT    1000u              /* + index */
#define MONITOR  7u                 /* event id */

/* Indices: some of each CNode of the registry, both ends of the range. */
static uint64_t index_of(unsigned i)
{
    return i == KNOWN - 1 ? MAILBOX_INDICES - 1 : i * 17;
}

struct side {
    struct kcb *k;
    cptr_t kernel, pool, frame;
    cptr_t free;                    /* next empty slot */
    uint64_t used;                  /* of pool */
    cptr_t registry;
    cptr_t remote[KNOWN];           /* to the other side */
    bool pending[KNOWN];            /* model: signalled to this side, and not seen yet */
    uint64_t rung;                  /* doorbells asked for and not yet served */
};

struct pair {
    struct starting s;
    struct side side[2];
    uint64_t rung_before;
};

static struct proc proc_of(const struct side *a)
{
    return (struct proc){ .d = a->k->init ? a->k->init : a->k->current, .f = (a->k->init ? a->k->init : a->k->current)->frame };
}

static cptr_t make(struct pair *p, struct side *a, enum cap_type type, uint64_t size, cptr_t root, cptr_t dst)
{
    uint64_t bytes = type == CAP_L1CNODE ? 64ull << size : type == CAP_L2CNODE ? 16384 : 64;
    a->used = (a->used + bytes - 1) / bytes * bytes;
    world_must(world_invoke(&p->s.w, a->pool, MEMORY_RETYPE, type, a->used, size, 1, root, dst), "make");
    a->used += bytes;
    return dst;
}

static void make_registry(struct pair *p, struct side *a)
{
    struct world *const w = &p->s.w;
    a->registry = make(p, a, CAP_L1CNODE, 6, 0, a->free++);
    for (unsigned i = 0; i < 4; i++) {
        make(p, a, CAP_L2CNODE, 0, a->registry, CPTR_L1(i));
    }
    for (unsigned i = 0; i < KNOWN; i++) {
        const cptr_t n = make(p, a, CAP_NOTIFY, 0, 0, a->free++);
        world_must(world_invoke(w, n, NOTIFY_BIND, a->k->core ? TASK_DISPATCHER : W_DISP, EVENT + i), "bind");
        if (index_of(i) != 0) {
            world_must(world_invoke(w, 0, CNODE_COPY, a->free, 0, n, RIGHTS_ALL), "copy");
            world_must(world_invoke(w, a->registry, CNODE_MOVE, index_of(i), 0, a->free), "register");
        }
    }
    const cptr_t m = make(p, a, CAP_NOTIFY, 0, 0, a->free++);
    world_must(world_invoke(w, m, NOTIFY_BIND, a->k->core ? TASK_DISPATCHER : W_DISP, MONITOR), "bind");
    world_must(world_invoke(w, a->kernel, KERNEL_BIND, m), "the monitor's");
}

static void on(struct pair *p, struct side *a)
{
    starting_on(&p->s, a->k);
}

/* Doorbells rung since last asked belong to whom they were rung for. */
static void count_bells(struct pair *p)
{
    if (fake_bell.rung != p->rung_before) {
        p->side[fake_bell.affinity == PEER].rung += fake_bell.rung - p->rung_before;
        p->rung_before = fake_bell.rung;
    }
}

static void connect_side(struct pair *p, struct side *a)
{
    const uint64_t other = a->k->core ? 0 : PEER;
    on(p, a);
    world_must(world_invoke(&p->s.w, a->kernel, KERNEL_CONNECT, other, a->frame, 2 * PAGE, a->registry), "connect");
    count_bells(p);
}

static void prepare_pair(struct pair *p)
{
    *p = (struct pair){ 0 };
    starting_prepare(&p->s);
    struct kcb *const first = p->s.w.k;
    EXPECT_EQ(starting_start(&p->s, PEER), E_OK, "start");
    struct kcb *const second = phys_to_virt(p->s.range.base + PAGE);
    p->side[0] = (struct side){ .k = first, .kernel = W_KERNEL, .pool = W_RAM, .frame = p->s.channel, .free = CPTR(5, 0),
                                .used = MIB / 2 };
    p->side[1] = (struct side){ .k = second, .kernel = TASK_KERNEL, .pool = TASK_POOL, .frame = TASK_CHANNEL, .free = 20 };
    memset(world_object(&p->s.w, p->s.channel), 0, CHANNEL_BYTES);
    starting_run(&p->s, second);
    for (unsigned i = 0; i < 2; i++) {
        struct side *const a = &p->side[i];
        on(p, a);
        make_registry(p, a);
        for (unsigned n = 0; n < KNOWN; n++) {
            a->remote[n] = a->free++;
            world_must(world_invoke(&p->s.w, a->kernel, KERNEL_REMOTE_NOTIFY, i ? 0 : PEER, index_of(n), 0, a->remote[n]), "proxy");
        }
    }
    p->rung_before = fake_bell.rung;
}

static void send(struct pair *p, unsigned from, unsigned n)
{
    on(p, &p->side[from]);
    EXPECT_EQ(world_invoke(&p->s.w, p->side[from].remote[n], REMOTE_NOTIFY_SIGNAL), E_OK, "signal");
    p->side[!from].pending[n] |= index_of(n) != 0;
    count_bells(p);
}

static void serve(struct pair *p, unsigned to)
{
    struct side *const a = &p->side[to];
    on(p, a);
    a->rung = 0;                    /* rung again before it was acknowledged is rung once */
    mailbox_doorbell(a->k);
    count_bells(p);
}

/* What was posted, all and nothing else: take it. */
static void look(struct pair *p, unsigned to)
{
    struct side *const a = &p->side[to];
    const struct proc proc = proc_of(a);
    bool got[KNOWN] = { 0 };
    uint64_t last;

    proc.f->pending = 0;
    for (unsigned i = 0; i < KNOWN; i++) {
        uint64_t *const word = &proc.f->events[(EVENT + i) / 64];
        got[i] = *word >> (EVENT + i) % 64 & 1;
    }
    (void)world_events(&proc, &last);
    for (unsigned i = 0; i < KNOWN; i++) {
        EXPECT(!got[i] || a->pending[i], "index %u was never signalled", i);
        /* what was sent after the signal that was seen is still to come */
        const uint64_t last_post = p->side[!to].k->peer[to ? PEER : 0].out->last[index_of(i)];
        a->pending[i] &= !got[i] || last_post > a->k->peer[to ? 0 : PEER].taken;
    }
}

static void settle(struct pair *p)
{
    for (unsigned i = 0; i < 1000 && (p->side[0].rung || p->side[1].rung); i++) {
        serve(p, p->side[0].rung ? 0 : 1);
    }
    for (unsigned to = 0; to < 2; to++) {
        look(p, to);
        for (unsigned i = 0; i < KNOWN; i++) {
            EXPECT(!p->side[to].pending[i], "side %u: the signal of index %u is lost", to, i);
        }
    }
}

TEST(mailbox, nothing_is_lost)
{
    struct pair p;
    prepare_pair(&p);
    struct world *const w = &p.s.w;
    connect_side(&p, &p.side[0]);
    for (unsigned i = 0; i < KNOWN; i++) {
        send(&p, 0, i);             /* the other one is not there yet */
    }
    connect_side(&p, &p.side[1]);
    settle(&p);
    for (unsigned step = 0; step < 30000; step++) {
        const unsigned side = (unsigned)world_below(w, 2);
        switch (world_below(w, 8)) {
        case 0:
        case 1:
            if (p.side[side].rung) {
                serve(&p, side);
            }
            break;
        case 2:
            look(&p, side);
            break;
        case 3:
            if (world_below(w, 50) == 0) {
                settle(&p);
            }
            break;
        default:
            send(&p, side, (unsigned)world_below(w, KNOWN));
            break;
        }
        for (unsigned i = 0; i < 2; i++) {
            const struct peer *const peer = &p.side[i].k->peer[i ? 0 : PEER];
            EXPECT(peer->written - peer->in->taken <= KNOWN, "more under way than there are indices");
        }
    }
    settle(&p);
    for (unsigned i = 0; i < 2; i++) {
        on(&p, &p.side[i]);
        if (i == 1) {
            EXPECT(world_wrong(w) == NULL, "invariants: %s", world_wrong(w));
        }
    }
}

TEST(mailbox, many_are_taken_in_several_entries)
{
    struct pair p;
    prepare_pair(&p);
    connect_side(&p, &p.side[0]);
    connect_side(&p, &p.side[1]);
    settle(&p);
    for (unsigned i = 0; i < KNOWN; i++) {
        send(&p, 0, i);
        send(&p, 0, i);
    }
    const struct peer *const in = &p.side[1].k->peer[0];
    EXPECT_EQ(p.side[0].k->peer[PEER].written, KNOWN, "each once");
    serve(&p, 1);
    EXPECT_EQ(in->taken, MAILBOX_BATCH, "a part");
    EXPECT_EQ(p.side[1].rung, 1, "and rung again");
    serve(&p, 1);
    EXPECT(in->taken == KNOWN && p.side[1].rung == 0, "the rest");
    settle(&p);
    on(&p, &p.side[0]);
    EXPECT_EQ(world_invoke(&p.s.w, W_KERNEL, KERNEL_PEER, PEER), E_OK, "peer");
    EXPECT(p.side[0].k->ret[0] == PEER_UP && p.side[0].k->ret[1] == KNOWN && p.side[0].k->ret[2] == 0, "counted");
}

TEST(mailbox, nonsense)
{
    struct pair p;
    prepare_pair(&p);
    struct world *const w = &p.s.w;
    connect_side(&p, &p.side[0]);
    connect_side(&p, &p.side[1]);
    uint64_t *const block = (uint64_t *)((char *)p.side[0].k->peer[PEER].out);
    for (unsigned round = 0; round < 2000; round++) {
        for (unsigned i = 0; i < 20; i++) {
            static const uint16_t head[] = { 0, 1, 8, 2048, 2049, 2056 };
            const uint64_t at = world_below(w, 2) ? head[world_below(w, 6)] : world_below(w, MAILBOX_PAIR_BYTES / 8);
            block[at] = world_below(w, 2) ? test_random(&w->random) : world_below(w, 3000);
        }
        for (unsigned side = 0; side < 2; side++) {
            on(&p, &p.side[side]);
            world_invoke(w, p.side[side].remote[world_below(w, KNOWN)], REMOTE_NOTIFY_SIGNAL);
            mailbox_doorbell(p.side[side].k);
            EXPECT(world_invoke(w, p.side[side].kernel, KERNEL_PEER, side ? 0 : PEER) == E_OK, "peer");
        }
    }
    on(&p, &p.side[1]);
    EXPECT(world_wrong(w) == NULL, "invariants: %s", world_wrong(w));
}

TEST(mailbox, death)
{
    struct pair p;
    prepare_pair(&p);
    struct world *const w = &p.s.w;
    connect_side(&p, &p.side[0]);
    connect_side(&p, &p.side[1]);
    settle(&p);
    on(&p, &p.side[1]);
    mailbox_die(p.side[1].k);
    count_bells(&p);
    EXPECT_EQ(p.side[0].rung, 1, "it rings");
    serve(&p, 0);
    uint64_t last = 0;
    const struct proc me = proc_of(&p.side[0]);
    EXPECT(world_events(&me, &last) == 1 && last == MONITOR, "the monitor hears of it");
    EXPECT_EQ(world_invoke(w, p.side[0].remote[1], REMOTE_NOTIFY_SIGNAL), E_DEAD, "nobody is signalled");
    serve(&p, 0);
    EXPECT_EQ(world_events(&me, &last), 0, "once");
    EXPECT(world_invoke(w, W_KERNEL, KERNEL_PEER, PEER) == E_OK && w->k->ret[0] == PEER_DEAD, "dead");
    EXPECT_EQ(world_invoke(w, W_KERNEL, KERNEL_DISCONNECT, PEER), E_OK, "disconnect");
    EXPECT_EQ(world_invoke(w, p.side[0].remote[1], REMOTE_NOTIFY_SIGNAL), E_NO_PEER, "nobody is there");
    EXPECT_EQ(world_invoke(w, W_KERNEL, KERNEL_CONNECT, PEER, p.side[0].frame, 2 * PAGE, p.side[0].registry), E_OK, "again");
}

TEST(mailbox, what_it_is_made_of_goes)
{
    struct pair p;
    prepare_pair(&p);
    struct world *const w = &p.s.w;
    connect_side(&p, &p.side[0]);
    on(&p, &p.side[0]);
    world_delete(w, p.side[0].registry);
    EXPECT_EQ(world_invoke(w, p.side[0].remote[1], REMOTE_NOTIFY_SIGNAL), E_OK, "the CNode is held by the mailbox");
    world_revoke(w, p.s.channel, 0, CHANNEL_BYTES);
    EXPECT_EQ(world_invoke(w, p.side[0].remote[1], REMOTE_NOTIFY_SIGNAL), E_NO_PEER, "the Frame is gone");
    mailbox_doorbell(w->k);
    uint64_t err = E_AGAIN;
    for (unsigned i = 0; i < 100 && err == E_AGAIN; i++) {
        err = world_invoke(w, W_KERNEL, KERNEL_DISCONNECT, PEER);
    }
    EXPECT_EQ(err, E_OK, "disconnect: the CNode dies");
    EXPECT_EQ(world_invoke(w, W_KERNEL, KERNEL_DISCONNECT, PEER), E_NO_PEER, "once");
    for (err = E_AGAIN; err == E_AGAIN;) {
        err = world_invoke(w, W_KERNEL, KERNEL_REAP);
    }
    world_check(w, "all gone");
}
