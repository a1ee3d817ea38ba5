/**
 * @file endpoint_test.c  The slow path of xfer: who gets a message how, the ring and a consumer that lies about it,
 * capabilities sent along, parking.  The fast path has the same meaning; the tests on target compare the two.
 */
#include "world.h"

#include <dispatch/ready.h>

#define EVENT 5u
#define BADGE 0xbad6eull

/* r (priority 200 until it has parked) with an endpoint of 2^2 messages, q to stand in the way; me, 100, sends. */
struct trio {
    struct world w;
    struct proc r, q;
    struct channel c;
    cptr_t send;
};

static void enable(const struct proc *p)
{
    p->f->pending = 0;
    p->f->disabled = 0;
}

static void build(struct trio *x, uint64_t log2)
{
    world_init(&x->w);
    x->r = world_proc(&x->w, 200, 0);
    x->q = world_proc(&x->w, 20, 0);
    x->c = world_channel(&x->w, &x->r, EVENT, log2);
    x->send = world_mint(&x->w, x->c.recv, BADGE);
}

/* r runs and parks. */
static void park(struct trio *x, uint64_t accept)
{
    if (x->r.d->state == DISP_CREATED) {
        EXPECT_EQ(world_syscall(&x->w, x->r.disp, DISPATCHER_START), WORLD_LEFT, "r begins");
    }
    enable(&x->r);
    x->r.f->disabled = 1;
    EXPECT_EQ(world_park(&x->w, accept), WORLD_LEFT, "r parks");
    EXPECT(x->w.k->current == x->w.me.d && x->r.d->state == DISP_PARKED, "me runs");
    enable(&x->w.me);
}

static const uint64_t words[8] = { 11, 22, 33, 44, 55, 66, 77, 88 };
#define WORDS .word = { 11, 22, 33, 44, 55, 66, 77, 88 }

/* ---- direct delivery, or the ring -------------------------------------------------------------------------------- */

struct situation {
    uint64_t accept, r_priority;
    bool held, ring_used;
    int q_priority;                 /* -1: q is not ready                                                           */
    enum { SENDS, CALLS, CALLS_PENDING } how;
};

static bool should_deliver(const struct situation *s)
{
    const bool accepts = s->accept == EVENT || s->accept == ANY;
    const bool first = s->q_priority < 0 || s->r_priority >= (uint64_t)s->q_priority;
    return accepts && !s->held && !s->ring_used && first && (s->how == CALLS || s->r_priority > 100);
}

static void expect_delivered(struct trio *x, const struct situation *s, uint64_t stamp)
{
    EXPECT(fake_left.how == LEFT_MESSAGE && fake_left.frame == x->r.f && x->w.k->current == x->r.d, "in registers");
    EXPECT(fake_left.event == EVENT && fake_left.badge == BADGE && fake_left.tag == 0x12308, "event, badge, tag");
    EXPECT(memcmp(fake_left.word, words, sizeof words) == 0, "all words");
    EXPECT(world_kept(&x->r.f->enabled, stamp) && x->r.f->disabled, "r continues where it parked, disabled");
    EXPECT(x->c.control->produced == s->ring_used && !x->r.f->pending, "no ring, no event");
    const struct dcb *const me = x->w.me.d;
    if (s->how == CALLS) {
        EXPECT(me->state == DISP_PARKED && world_kept(&x->w.me.f->enabled, x->w.stamp), "me is parked");
    } else {
        EXPECT(me->state == DISP_READY && me->resume == RESUME_UPCALL, "me waits for the core");
        EXPECT_EQ(x->w.me.f->enabled.x[0], s->how == SENDS ? E_OK : E_WOKEN, "what its thread will see");
    }
}

static void expect_in_ring(struct trio *x, const struct situation *s)
{
    const struct ring_message *const m = &x->c.message[s->ring_used];
    EXPECT_EQ(x->c.control->produced, 1u + s->ring_used, "one message in the ring");
    EXPECT(m->tag == 0x12308 && m->badge == BADGE && memcmp(m->word, words, sizeof words) == 0, "tag, badge, words");
    EXPECT(x->r.f->pending == 1 && fake_left.how != LEFT_MESSAGE, "the event is posted");
    if (s->held) {
        EXPECT_EQ(x->r.d->state, DISP_PARKED | DISP_HELD, "held: state unchanged");
    } else {
        EXPECT(x->r.d->state == DISP_READY && x->r.d->resume == RESUME_UPCALL, "r comes back by run upcall");
        EXPECT(s->accept == IDLE || x->r.f->enabled.x[0] == E_WOKEN, "its thread sees WOKEN");
    }
    EXPECT_EQ(x->w.me.d->state, s->how == CALLS ? DISP_PARKED : DISP_READY, "me");
}

static void try_situation(const struct situation *s)
{
    struct trio x;
    build(&x, 2);
    park(&x, s->accept);
    const uint64_t stamp = x.w.stamp;
    world_must(world_syscall(&x.w, x.r.disp, DISPATCHER_SET_PRIORITY, s->r_priority), "priority");
    if (s->held) {
        world_must(world_syscall(&x.w, x.r.disp, DISPATCHER_HOLD), "hold");
    }
    if (s->ring_used) {
        x.c.ep->produced = x.c.control->produced = 1;
    }
    if (s->q_priority >= 0) {       /* ready, and preempts nobody */
        world_must(world_syscall(&x.w, x.q.disp, DISPATCHER_START), "start");
        world_must(world_invoke(&x.w, x.q.disp, DISPATCHER_SET_PRIORITY, (uint64_t)s->q_priority), "priority");
        x.w.k->resched = 0;
        if (x.w.k->next) {          /* no entry of the kernel begins with somebody handed over: the queue it is */
            x.w.k->next = NULL;
            ready_push_tail(x.w.k, x.q.d);
        }
    }
    x.w.me.f->pending = s->how == CALLS_PENDING;
    const uint64_t err = world_xfer_args(&x.w, &(const struct xfer_args){
        .dest = x.send, .accept = s->how == SENDS ? (uint64_t)XFER_NO_PARK : ANY, .tag = 0x12308, WORDS });
    EXPECT(err == WORLD_LEFT || (s->how == SENDS && err == E_OK), "the call's result is %" PRIu64, err);
    if (should_deliver(s)) {
        expect_delivered(&x, s, stamp);
    } else {
        expect_in_ring(&x, s);
    }
    world_check(&x.w, "accept %" PRIx64 " priority %" PRIu64 " held %d used %d q %d how %d", s->accept, s->r_priority,
                s->held, s->ring_used, s->q_priority, s->how);
}

TEST(xfer, direct_delivery_or_ring)
{
    static const uint64_t accepts[] = { EVENT, ANY, EVENT + 1, IDLE }, priorities[] = { 99, 100, 101 };
    static const int others[] = { -1, 98, 99, 100, 101, 102 };
    for (unsigned i = 0; i < 4 * 3 * 6 * 3 * 4; i++) {
        const struct situation s = {
            .accept = accepts[i % 4], .r_priority = priorities[i / 4 % 3], .q_priority = others[i / 12 % 6],
            .how = (int)(i / 72 % 3), .held = i / 216 & 1, .ring_used = i / 216 & 2,
        };
        try_situation(&s);
    }
}

TEST(xfer, call_and_reply)
{
    struct trio x;
    build(&x, 2);
    const struct channel back = world_channel(&x.w, &x.w.me, 9, 0);
    const cptr_t reply = world_mint(&x.w, back.recv, 1);
    park(&x, EVENT);
    fake_now += 100;
    const uint64_t end = x.w.k->slice_end, used = x.w.me.d->time_used;
    EXPECT_EQ(world_park(&x.w, 9, .dest = x.send, .tag = 1, WORDS), WORLD_LEFT, "call");
    EXPECT(x.w.k->current == x.r.d && x.w.me.d->time_used == used + 100, "time is charged to the caller");
    EXPECT_EQ(x.w.k->slice_end, end, "its slice goes along");
    EXPECT_EQ(x.w.k->loaded_ttbr0, x.r.d->ttbr0, "the address space is switched");
    const uint64_t stamp = x.w.stamp;
    EXPECT_EQ(world_park(&x.w, ANY, .dest = reply, .tag = 2, .word = { 7 }), WORLD_LEFT, "reply and park");
    EXPECT(x.w.k->current == x.w.me.d && fake_left.how == LEFT_MESSAGE, "back");
    EXPECT(fake_left.event == 9 && fake_left.badge == 1 && fake_left.tag == 2 && fake_left.word[0] == 7,
           "with the reply");
    EXPECT(world_kept(&x.w.me.f->enabled, stamp) && fake_left.frame == x.w.me.f, "where it called");
    EXPECT(x.r.d->state == DISP_PARKED && x.r.d->accept == ANY, "the server waits");
    EXPECT(x.c.control->produced == 0 && back.control->produced == 0, "nothing went through a ring");
    world_check(&x.w, "replied");
}

/* ---- where else a message goes ----------------------------------------------------------------------------------- */

TEST(xfer, states_of_the_receiver)
{
    struct trio x;
    build(&x, 3);
    EXPECT_EQ(world_send(&x.w, .dest = x.send, .tag = 1), E_OK, "CREATED");
    EXPECT_EQ(x.r.d->state, DISP_CREATED, "stays so");
    world_must(world_invoke(&x.w, x.r.disp, DISPATCHER_SET_PRIORITY, 50), "priority");
    world_must(world_syscall(&x.w, x.r.disp, DISPATCHER_START), "start");
    EXPECT_EQ(world_send(&x.w, .dest = x.send, .tag = 1), E_OK, "READY");
    world_must(world_syscall(&x.w, x.r.disp, DISPATCHER_HOLD), "hold");
    EXPECT_EQ(world_send(&x.w, .dest = x.send, .tag = 1), E_OK, "held");
    world_must(world_syscall(&x.w, x.r.disp, DISPATCHER_RELEASE), "release");
    world_syscall(&x.w, W_DISP, DISPATCHER_SET_PRIORITY, 10);
    world_fault(&x.w, 0, 0);
    EXPECT_EQ(x.r.d->state, DISP_FAULTED, "r faults");
    x.r.f->pending = 0;
    EXPECT_EQ(world_send(&x.w, .dest = x.send, .tag = 1), E_OK, "FAULTED");
    EXPECT(x.r.d->state == DISP_FAULTED && x.r.f->pending == 1, "stays so");
    EXPECT_EQ(x.c.control->produced, 4, "all are in the ring");
    world_must(world_syscall(&x.w, x.r.disp, DISPATCHER_STOP), "stop");
    EXPECT_EQ(world_send(&x.w, .dest = x.send, .tag = 1), E_DEAD, "STOPPED");
    EXPECT_EQ(world_park(&x.w, ANY, .dest = x.send, .tag = 1), E_DEAD, "nobody will answer: no park");
    EXPECT_EQ(x.c.control->produced, 4, "no message");
    world_check(&x.w, "stopped");
}

TEST(xfer, to_itself)
{
    struct trio x;
    uint64_t event = 0;
    build(&x, 1);
    const struct channel own = world_channel(&x.w, &x.w.me, 9, 1);
    const cptr_t send = world_mint(&x.w, own.recv, 0);
    enable(&x.w.me);
    EXPECT_EQ(world_send(&x.w, .dest = send, .tag = 1, .word = { 3 }), WORLD_LEFT, "enabled: the event interrupts");
    EXPECT(fake_left.how == LEFT_UPCALL && x.w.me.f->enabled.x[0] == E_OK, "by run upcall; the call has succeeded");
    EXPECT(world_events(&x.w.me, &event) == 1 && event == 9 && own.message[0].word[0] == 3, "the message is there");
    EXPECT_EQ(world_park(&x.w, 9, .dest = send, .tag = 1), WORLD_LEFT, "send and park");
    EXPECT(x.w.k->current == x.w.me.d && fake_left.how == LEFT_UPCALL && x.w.me.f->enabled.x[0] == E_WOKEN,
           "does not sleep");
    EXPECT_EQ(own.control->produced, 2, "the second");
    EXPECT_EQ(world_park(&x.w, 9, .dest = send, .tag = 1), E_FULL, "the ring is full: no park either");
    world_check(&x.w, "itself");
}

TEST(xfer, refusals)
{
    struct trio x;
    build(&x, 1);
    const cptr_t unbound = world_make(&x.w, CAP_ENDPOINT, 0), empty = world_slot(&x.w);
    const cptr_t no_write = world_copy(&x.w, x.send, RIGHTS_ALL & ~RIGHT_WRITE), plain = world_mint(&x.w, x.c.recv, 0);
    const cptr_t no_grant = world_copy(&x.w, plain, RIGHTS_ALL & ~RIGHT_GRANT);
    const cptr_t frame = world_frame(&x.w, PAGE);
    const struct { struct xfer_args a; uint64_t err; } row[] = {
        { { .dest = CPTR(63, 1) }, E_CAP_LOOKUP }, { { .dest = 1ull << 33 }, E_CAP_LOOKUP },
        { { .dest = empty }, E_CAP_EMPTY },
        { { .dest = W_L1 }, E_CAP_TYPE }, { { .dest = CPTR_L1(1) }, E_CAP_TYPE },
        { { .dest = x.c.recv }, E_CAP_RIGHTS },
        { { .dest = no_write }, E_CAP_RIGHTS }, { { .dest = x.send, .tag = 9 }, E_TAG },
        { { .dest = x.send, .tag = 15 }, E_TAG },
        { { .dest = world_mint(&x.w, unbound, 1) }, E_UNBOUND },
        { { .dest = no_grant, .tag = TAG_CAP, .cap = frame }, E_CAP_RIGHTS },
        { { .dest = x.send, .tag = TAG_CAP, .cap = empty }, E_CAP_EMPTY },
        { { .dest = x.send, .tag = TAG_CAP, .cap = CPTR(63, 1) }, E_CAP_LOOKUP },
        { { .dest = x.send, .tag = TAG_CAP, .cap = unbound }, E_CAP_COPY },
        { { .dest = x.send, .tag = TAG_CAP, .cap = frame }, E_RECV_SLOT },
        { { .dest = x.send, .tag = TAG_CAP | TAG_GIVE, .cap = frame }, E_RECV_SLOT },
    };
    const uint64_t count = x.w.k->mdb.count;
    for (unsigned i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct xfer_args a = row[i].a;
        for (unsigned parks = 0; parks < 2; parks++) {
            a.accept = parks ? ANY : (uint64_t)XFER_NO_PARK;
            a.deadline = fake_now + 5;
            EXPECT_EQ(world_xfer_args(&x.w, &a), row[i].err, "row %u", i);
            EXPECT(x.w.k->current == x.w.me.d && x.w.me.d->state == DISP_READY, "row %u: a failing send parks nothing",
                   i);
            EXPECT(!x.w.me.d->deadline.when && !x.c.control->produced && x.w.k->mdb.count == count, "row %u: nothing",
                   i);
        }
    }
    world_check(&x.w, "refused");
}

/* ---- the ring ---------------------------------------------------------------------------------------------------- */

TEST(ring, random_against_a_queue)
{
    for (uint64_t log2 = 0; log2 <= 3; log2++) {
        struct trio x;
        struct xfer_args queue[8];
        uint64_t sent = 0, taken = 0;
        build(&x, log2);
        for (unsigned step = 0; step < 1000; step++) {
            if (world_below(&x.w, 2)) {
                struct xfer_args a = { .dest = x.send, .accept = (uint64_t)XFER_NO_PARK,
                                       .tag = world_below(&x.w, 9) | world_below(&x.w, 1u << 31) << TAG_USER_SHIFT };
                for (unsigned i = 0; i < 8; i++) {
                    a.word[i] = test_random(&x.w.random);
                }
                const bool full = sent - taken == 1ull << log2;
                EXPECT_EQ(world_xfer_args(&x.w, &a), full ? E_FULL : E_OK, "%" PRIu64 " of %u", sent - taken,
                          1u << log2);
                if (!full) {
                    queue[sent++ % 8] = a;
                }
            } else if (sent != taken) {
                const struct ring_message *const m = &x.c.message[taken % (1u << log2)];
                const struct xfer_args *const want = &queue[taken++ % 8];
                EXPECT(m->tag == want->tag && m->badge == BADGE, "message %" PRIu64, taken);
                EXPECT(memcmp(m->word, want->word, (want->tag & TAG_LENGTH_MASK) * 8) == 0, "words %" PRIu64, taken);
                x.c.control->consumed = taken;
            }
            EXPECT_EQ(x.c.control->produced, sent, "produced");
        }
    }
}

TEST(ring, only_as_many_words_as_the_length_says)
{
    struct trio x;
    build(&x, 0);
    for (uint64_t length = 0; length <= 8; length++) {
        memset(x.c.message, 0x77, sizeof *x.c.message);
        EXPECT_EQ(world_send(&x.w, .dest = x.send, .tag = length, WORDS), E_OK, "length %" PRIu64, length);
        for (unsigned i = 0; i < 8; i++) {
            EXPECT_EQ(x.c.message->word[i], i < length ? words[i] : 0x7777777777777777, "length %" PRIu64, length);
        }
        x.c.control->consumed = length + 1;
    }
}

TEST(ring, consumer_that_lies)
{
    static const int64_t lies[] = { 1, 2, 100, INT64_MAX, INT64_MIN, -5, -6, -1000 };
    struct trio x;
    build(&x, 2);
    for (unsigned i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        x.c.control->consumed = x.c.ep->produced + (uint64_t)lies[i];
        EXPECT_EQ(world_send(&x.w, .dest = x.send, .tag = 8, WORDS), E_FULL, "lie %" PRId64, lies[i]);
    }
    for (unsigned i = 0; i < 9; i++) {      /* produced is the kernel's: writing there changes nothing */
        x.c.control->consumed = i;
        x.c.control->produced = 1000000;
        EXPECT_EQ(world_send(&x.w, .dest = x.send, .tag = 8, WORDS), E_OK, "message %u", i);
        EXPECT_EQ(x.c.control->produced, i + 1, "counted by the kernel");
    }
    const uint8_t *const behind = (const uint8_t *)&x.c.message[4];
    for (unsigned i = 0; i < PAGE - RING_BYTES(2); i++) {
        EXPECT(!behind[i], "byte %u behind the ring", i);
    }
    park(&x, EVENT);
    x.c.control->consumed = x.c.ep->produced - 1;
    EXPECT_EQ(world_send(&x.w, .dest = x.send, .tag = 1), WORLD_LEFT, "it says that there is one left");
    EXPECT(fake_left.how == LEFT_UPCALL && x.w.k->current == x.r.d, "so the next goes behind it, into the ring");
    world_check(&x.w, "lies");
}

TEST(endpoint, bind)
{
    struct trio x;
    build(&x, 0);
    const cptr_t ep = world_make(&x.w, CAP_ENDPOINT, 0), f = world_frame(&x.w, PAGE),
                 big = world_retype(&x.w, W_BIG, CAP_FRAME, 0, MIB);
    const cptr_t bare = world_make(&x.w, CAP_DISPATCHER, 0), ro = world_copy(&x.w, f, RIGHT_READ), d = x.r.disp;
    const uint64_t ids = x.r.d->event_ids;
    const struct { cptr_t ep, disp; uint64_t event; cptr_t frame; uint64_t offset, log2, err; } row[] = {
        { x.send, d, 1, f, 0, 0, E_CAP_RIGHTS }, { x.c.recv, d, 1, f, 0, 0, E_BOUND },
        { ep, W_L1, 1, f, 0, 0, E_CAP_TYPE },
        { ep, d, 1, W_MEM, 0, 0, E_CAP_TYPE }, { ep, d, 1, ro, 0, 0, E_CAP_RIGHTS }, { ep, d, ids, f, 0, 0, E_EVENT },
        { ep, bare, 0, f, 0, 0, E_EVENT }, { ep, world_copy(&x.w, d, RIGHT_READ), 1, f, 0, 0, E_CAP_RIGHTS },
        { ep, d, 1, f, 0, 13, E_ARG }, { ep, d, 1, f, 0, 64, E_ARG }, { ep, d, 1, f, 0, UINT64_MAX, E_ARG },
        { ep, d, 1, f, 64, 0, E_CAP_ALIGN }, { ep, d, 1, f, 0, 5, E_CAP_RANGE }, { ep, d, 1, f, 128, 12, E_CAP_RANGE },
        { ep, d, 1, f, PAGE - 128, 0, E_CAP_RANGE }, { ep, d, 1, f, UINT64_MAX - 127, 0, E_CAP_RANGE },
        { ep, d, 1, big, MIB - RING_BYTES(12) + 128, 12, E_CAP_RANGE },
    };
    const uint64_t count = x.w.k->mdb.count;
    for (unsigned i = 0; i < sizeof row / sizeof row[0]; i++) {
        EXPECT_EQ(world_invoke(&x.w, row[i].ep, ENDPOINT_BIND, row[i].disp, row[i].event, row[i].frame, row[i].offset,
                               row[i].log2),
                  row[i].err, "row %u", i);
        EXPECT_EQ(x.w.k->mdb.count, count, "row %u changes nothing", i);
    }
    EXPECT_EQ(world_invoke(&x.w, ep, ENDPOINT_BIND, d, ids - 1, f, PAGE - 256, 0), E_OK,
              "the last event, the last bytes");
    EXPECT_EQ(world_invoke(&x.w, x.send, ENDPOINT_SET_RECV_SLOT, 1), E_CAP_RIGHTS, "not through a send capability");
    world_check(&x.w, "bound");
}

/* ---- capabilities ------------------------------------------------------------------------------------------------ */

TEST(xfer, capability_copied_or_given)
{
    for (unsigned give = 0; give < 2; give++) {
        for (unsigned direct = 0; direct < 2; direct++) {
            struct trio x;
            build(&x, 2);
            const cptr_t frame = world_frame(&x.w, PAGE), slot = world_slot(&x.w);
            const uint64_t tag = 3 | TAG_CAP | (give ? TAG_GIVE : 0) | 99 << TAG_USER_SHIFT,
                           seen = tag & ~(uint64_t)TAG_GIVE;
            world_must(world_invoke(&x.w, x.c.recv, ENDPOINT_SET_RECV_SLOT, slot), "slot");
            if (direct) {
                park(&x, ANY);
            }
            const uint64_t count = x.w.k->mdb.count, base = world_cte(&x.w, frame)->base;
            const uint64_t err = world_send(&x.w, .dest = x.send, .tag = tag, .cap = frame);
            EXPECT_EQ(err, direct ? WORLD_LEFT : E_OK, "sent");
            EXPECT_EQ(direct ? fake_left.tag : x.c.message[0].tag, seen, "the tag says that a capability came");
            const struct cte *const c = world_cte(&x.w, slot);
            EXPECT(c->type == CAP_FRAME && c->base == base, "it is there");
            EXPECT_EQ(c->rights, give ? RIGHTS_ALL : RIGHTS_ALL & ~RIGHT_OWN,
                      "OWN stays with who does not give it away");
            EXPECT_EQ(cte_empty(world_cte(&x.w, frame)), give, "given: gone here");
            EXPECT_EQ(x.w.k->mdb.count, count + !give, "capabilities");
            world_check(&x.w, "give %u direct %u", give, direct);
            if (direct) {
                world_park(&x.w, IDLE);
            }
            enable(&x.w.me);
            EXPECT_EQ(world_send(&x.w, .dest = x.send, .tag = TAG_CAP, .cap = W_L0), E_RECV_SLOT,
                      "the slot is occupied");
        }
    }
}

TEST(xfer, receive_slots)
{
    static const cptr_t bad[] = { 0, CPTR(63, 0), CPTR_L1(20), CPTR_L1_FLAG, 1ull << 32 | 1, UINT64_MAX };
    struct trio x;
    build(&x, 3);
    /* Address 0 would lead to a slot, were it not for its meaning. */
    world_must(world_invoke(&x.w, 0, CNODE_COPY, CPTR_L1(0), 0, CPTR_L1(9), RIGHTS_ALL),
               "a CNode in the first L1 slot");
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        world_must(world_invoke(&x.w, x.c.recv, ENDPOINT_SET_RECV_SLOT, bad[i]), "any address is taken");
        EXPECT_EQ(world_send(&x.w, .dest = x.send, .tag = TAG_CAP, .cap = W_L0), E_RECV_SLOT, "address %" PRIx64,
                  bad[i]);
    }
    world_check(&x.w, "bad slots");
}

TEST(xfer, odd_capabilities_given)
{
    struct trio x;
    build(&x, 3);
    const cptr_t slot = world_slot(&x.w), ep = world_make(&x.w, CAP_ENDPOINT, 0), m = world_slot(&x.w);
    const cptr_t l1 = world_make(&x.w, CAP_VNODE_L1, 0), cnode = world_make(&x.w, CAP_L2CNODE, 0);
    world_must(world_invoke(&x.w, x.c.recv, ENDPOINT_SET_RECV_SLOT, slot), "slot");
    world_must(world_invoke(&x.w, W_L0, VNODE_MAP, l1, 1 | 1 << 16, 0, 0, 0, m), "map");
    EXPECT_EQ(world_send(&x.w, .dest = x.send, .tag = TAG_CAP, .cap = m), E_CAP_COPY, "a Mapping cannot be copied");
    const cptr_t given[] = { m, ep, x.c.recv };
    for (unsigned i = 0; i < 3; i++) {
        EXPECT_EQ(world_send(&x.w, .dest = x.send, .tag = TAG_CAP | TAG_GIVE, .cap = given[i]), E_OK, "but given: %u",
                  i);
        world_check(&x.w, "given %u", i);
        if (i < 2) {
            world_delete(&x.w, slot);
        }
    }
    EXPECT(!world_cte(&x.w, m)->type && !pte_valid(((pte_t *)world_object(&x.w, W_L0))[1]),
           "deleted there, it is unmapped");
    world_must(world_invoke(&x.w, 0, CNODE_MOVE, x.c.recv, 0, slot), "back");
    EXPECT_EQ(world_send(&x.w, .dest = x.send, .tag = TAG_CAP | TAG_GIVE, .cap = x.send), E_OK,
              "the send capability itself");
    EXPECT(cte_empty(world_cte(&x.w, x.send)) && world_cte(&x.w, slot)->word[0] == BADGE, "is the receiver's now");
    EXPECT(!x.c.control->closed, "it is still there");

    /* A CNode given into itself: nobody can name it any more, but the memory's owner can take it back. */
    const cptr_t back = slot;
    world_must(world_invoke(&x.w, 0, CNODE_MOVE, CPTR_L1(50), 0, cnode), "into the CSpace");
    world_must(world_invoke(&x.w, x.c.recv, ENDPOINT_SET_RECV_SLOT, CPTR(50, 3)), "slot in it");
    EXPECT_EQ(world_send(&x.w, .dest = back, .tag = TAG_CAP | TAG_GIVE, .cap = CPTR_L1(50)), E_OK, "given");
    EXPECT(!world_cte(&x.w, CPTR(50, 3)), "out of reach");
    world_check(&x.w, "given into itself");
    world_revoke(&x.w, W_RAM, 0, WORLD_RAM);
    world_check(&x.w, "taken back");
}
