/** @file lmp.c  Endpoints and xfer: rings, messages in registers, capabilities under way, the end of a peer. */
#include "children.h"
#include <os/string.h>

#define PAGE SHOAL_PAGE_SIZE
#define SEND ((uint64_t)XFER_NO_PARK)

/* To oneself: what is sent is what lies in the ring, as many words as the tag says; a full ring refuses. */
static void ring(struct test *t)
{
    struct proc_endpoint ep;
    struct ring_message m;

    if (!own_endpoint(t, &ep, EVENT_TEST + 3, 2)) {
        return;
    }
    const cptr_t send = mint_send(t, ep.recv, RIGHT_WRITE, 0xb00b1e5);
    for (uint64_t length = 0; length <= 8; length++) {
        struct xfer x = { .dest = send, .accept = SEND, .tag = length | 0xabcdef00 };
        for (unsigned w = 0; w < 8; w++) {
            x.word[w] = length * 100 + w + 1;
        }
        EXPECT_OK(t, sys_xfer(&x));
        CHECK(t, event_take(frame_self(), EVENT_TEST + 3), "no event");
        if (!ring_take(&ep.ring, &m)) {
            CHECK(t, false, "nothing in the ring");
            return;
        }
        CHECK_EQ(t, m.tag, length | 0xabcdef00);
        CHECK_EQ(t, m.badge, 0xb00b1e5);
        for (unsigned w = 0; w < length; w++) {
            CHECK_EQ(t, m.word[w], length * 100 + w + 1);
        }
    }
    struct xfer x = { .dest = send, .accept = SEND, .tag = 1 };
    for (uint64_t i = 0; i < 4; i++) {
        x.word[0] = i, x.tag = 1;
        EXPECT_OK(t, sys_xfer(&x));
    }
    x.tag = 1;
    EXPECT_ERR(t, sys_xfer(&x), E_FULL);
    for (uint64_t i = 0; i < 4; i++) {
        CHECK(t, ring_take(&ep.ring, &m) && m.word[0] == i, "message %lu is missing or out of order", i);
    }
    CHECK(t, !ring_take(&ep.ring, &m), "one too many");
    /* a receiver that lies about what it took harms only itself */
    ep.ring.control->consumed = 1ull << 50;
    for (unsigned i = 0; i < 20; i++) {
        x.tag = 1;
        const err_t err = sys_xfer(&x);
        CHECK(t, err_ok(err) || err_root(err) == E_FULL, "%s", err_name(err_root(err)));
    }
}

static void send_refuses(struct test *t)
{
    struct proc_endpoint ep;
    const cptr_t frame = test_make(t, CAP_FRAME, PAGE, 1), unbound = test_make(t, CAP_ENDPOINT, 0, 1);

    if (!own_endpoint(t, &ep, EVENT_TEST, 3)) {
        return;
    }
    const cptr_t send = mint_send(t, ep.recv, RIGHT_WRITE, 0), all = mint_send(t, ep.recv, RIGHTS_ALL, 1);
    const struct {
        const char *why;
        cptr_t dest;
        uint64_t tag;
        cptr_t cap;
        enum err_code want;
    } row[] = {
        { "no slot", CPTR(L1_TEST, 0), 0, 0, E_CAP_LOOKUP },
        { "a CNode in an L1 slot", CPTR_L1(0), 0, 0, E_CAP_TYPE },
        { "high bits", 1ull << 40 | send, 0, 0, E_CAP_LOOKUP },
        { "an empty slot", test_slot(t), 0, 0, E_CAP_EMPTY },
        { "a frame", frame, 0, 0, E_CAP_TYPE },
        { "the receive capability", ep.recv, 0, 0, E_CAP_RIGHTS },
        { "no write right", mint_send(t, ep.recv, RIGHT_READ | RIGHT_GRANT, 5), 0, 0, E_CAP_RIGHTS },
        { "nine words", send, 9, 0, E_TAG },
        { "fifteen words", send, 15, 0, E_TAG },
        { "not bound", mint_send(t, unbound, RIGHT_WRITE, 0), 0, 0, E_UNBOUND },
        { "no grant right", send, TAG_CAP, frame, E_CAP_RIGHTS },
        { "no receive slot", all, TAG_CAP, frame, E_RECV_SLOT },
        { "no such capability", all, TAG_CAP, CPTR(L1_TEST, 0), E_CAP_LOOKUP },
        { "empty capability", all, TAG_CAP, test_slot(t), E_CAP_EMPTY },
        { "a copy of a receive capability", all, TAG_CAP, ep.recv, E_CAP_COPY },
    };
    for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        struct xfer x = { .dest = row[i].dest, .accept = SEND, .tag = row[i].tag, .cap = row[i].cap };
        const err_t err = sys_xfer(&x);
        CHECK(t, err_root(err) == row[i].want, "%s: %s, wanted %s", row[i].why, err_name(err_root(err)),
              err_name(row[i].want));
    }
    struct ring_message m;
    CHECK(t, !ring_take(&ep.ring, &m), "a refused message arrived");
    /* a failing send does not park */
    struct xfer x = { .dest = frame, .accept = (uint64_t)XFER_ANY };
    EXPECT_ERR(t, park(&x), E_CAP_TYPE);
}

static void bind_refuses(struct test *t)
{
    const cptr_t recv = test_make(t, CAP_ENDPOINT, 0, 1), frame = test_make(t, CAP_FRAME, PAGE, 1);
    const cptr_t send = mint_send(t, recv, RIGHTS_ALL, 0), weak = test_slot(t), weak_disp = test_slot(t);
    const uint64_t ids = DF_EVENT_IDS(SHOAL_PAGE_SIZE);

    EXPECT_OK(t, cap_copy(CPTR_NULL, weak, CPTR_NULL, frame, RIGHT_READ));
    EXPECT_OK(t, cap_copy(CPTR_NULL, weak_disp, CPTR_NULL, TASK_DISPATCHER, RIGHT_READ));
    EXPECT_ERR(t, endpoint_bind(send, TASK_DISPATCHER, EVENT_TEST, frame, 0, 1), E_CAP_RIGHTS);
    EXPECT_ERR(t, endpoint_set_recv_slot(send, test_slot(t)), E_CAP_RIGHTS);
    EXPECT_ERR(t, endpoint_bind(recv, frame, EVENT_TEST, frame, 0, 1), E_CAP_TYPE);
    EXPECT_ERR(t, endpoint_bind(recv, TASK_DISPATCHER, EVENT_TEST, TASK_DISPATCHER, 0, 1), E_CAP_TYPE);
    EXPECT_ERR(t, endpoint_bind(recv, weak_disp, EVENT_TEST, frame, 0, 1), E_CAP_RIGHTS);
    EXPECT_ERR(t, endpoint_bind(recv, TASK_DISPATCHER, EVENT_TEST, weak, 0, 1), E_CAP_RIGHTS);
    EXPECT_ERR(t, endpoint_bind(recv, test_slot(t), EVENT_TEST, frame, 0, 1), E_CAP_EMPTY);
    EXPECT_ERR(t, endpoint_bind(recv, TASK_DISPATCHER, EVENT_TEST, CPTR(L1_TEST, 0), 0, 1), E_CAP_LOOKUP);
    EXPECT_ERR(t, endpoint_bind(recv, test_make(t, CAP_DISPATCHER, 0, 1), 1, frame, 0, 1), E_EVENT);
    EXPECT_ERR(t, endpoint_bind(recv, TASK_DISPATCHER, ids, frame, 0, 1), E_EVENT);
    EXPECT_ERR(t, endpoint_bind(recv, TASK_DISPATCHER, ~0ull, frame, 0, 1), E_EVENT);
    EXPECT_ERR(t, endpoint_bind(recv, TASK_DISPATCHER, EVENT_TEST, frame, 0, RING_LOG2_MAX + 1), E_ARG);
    EXPECT_ERR(t, endpoint_bind(recv, TASK_DISPATCHER, EVENT_TEST, frame, 0, ~0ull), E_ARG);
    EXPECT_ERR(t, endpoint_bind(recv, TASK_DISPATCHER, EVENT_TEST, frame, 64, 1), E_CAP_ALIGN);
    EXPECT_ERR(t, endpoint_bind(recv, TASK_DISPATCHER, EVENT_TEST, frame, 0, 5), E_CAP_RANGE);
    EXPECT_ERR(t, endpoint_bind(recv, TASK_DISPATCHER, EVENT_TEST, frame, -(uint64_t)128, 1), E_CAP_RANGE);
    EXPECT_ERR(t, endpoint_bind(recv, TASK_DISPATCHER, EVENT_TEST, frame, PAGE, 0), E_CAP_RANGE);
    EXPECT_OK(t, endpoint_bind(recv, TASK_DISPATCHER, ids - 1, frame, PAGE - RING_BYTES(1), 1));
    EXPECT_ERR(t, endpoint_bind(recv, TASK_DISPATCHER, EVENT_TEST, frame, 0, 1), E_BOUND);
    EXPECT_ERR(t, INVOKE(recv, ENDPOINT_SET_RECV_SLOT + 1, 0).err, E_OP);
    /* the last event id of the frame, by a real message */
    struct xfer x = { .dest = send, .accept = SEND };
    EXPECT_OK(t, sys_xfer(&x));
    CHECK(t, event_take(frame_self(), ids - 1), "no event for the last id");
}

/* Sent to oneself, and parked for it in the same call: not in registers, but not lost either. */
static void to_oneself(struct test *t)
{
    struct proc_endpoint ep;
    struct ring_message m;

    if (!own_endpoint(t, &ep, EVENT_TEST, 1)) {
        return;
    }
    struct xfer x = { .dest = mint_send(t, ep.recv, RIGHT_WRITE, 6), .accept = EVENT_TEST, .tag = 2, .word = { 8, 9 } };
    EXPECT_ERR(t, park(&x), E_WOKEN);
    CHECK(t, event_take(frame_self(), EVENT_TEST), "no event");
    CHECK(t, ring_take(&ep.ring, &m) && m.tag == 2 && m.badge == 6 && m.word[1] == 9, "not in the ring");
    x = (struct xfer){ .dest = x.dest, .accept = (uint64_t)XFER_ANY, .tag = 0 };
    EXPECT_ERR(t, park(&x), E_WOKEN);
    CHECK(t, ring_take(&ep.ring, &m) && m.tag == 0, "not in the ring");
}

/* The send capability itself is what is given away through it. */
static void gives_away_its_own(struct test *t)
{
    struct proc_endpoint ep;
    struct ring_message m;
    const cptr_t to = test_slot(t);

    if (!own_endpoint(t, &ep, EVENT_TEST, 1)) {
        return;
    }
    const cptr_t send = mint_send(t, ep.recv, RIGHT_WRITE | RIGHT_GRANT, 6);
    EXPECT_OK(t, endpoint_set_recv_slot(ep.recv, to));
    struct xfer x = { .dest = send, .accept = SEND, .tag = TAG_CAP | TAG_GIVE | 1, .word = { 5 }, .cap = send };
    EXPECT_OK(t, sys_xfer(&x));
    CHECK_EQ(t, slot_type(CPTR_NULL, send), CAP_NULL);
    CHECK_EQ(t, slot_type(CPTR_NULL, to), CAP_ENDPOINT);
    CHECK(t, ring_take(&ep.ring, &m) && m.badge == 6 && m.word[0] == 5, "not in the ring");
    CHECK_EQ(t, ep.ring.control->closed, 0);
    EXPECT_OK(t, cap_delete(CPTR_NULL, to));
    CHECK_EQ(t, ep.ring.control->closed, 1);
    /* the receive capability, given away through its own endpoint, still receives */
    const cptr_t again = mint_send(t, ep.recv, RIGHT_WRITE | RIGHT_GRANT, 7);
    x = (struct xfer){ .dest = again, .accept = SEND, .tag = TAG_CAP | TAG_GIVE, .cap = ep.recv };
    EXPECT_OK(t, sys_xfer(&x));
    CHECK_EQ(t, slot_type(CPTR_NULL, to), CAP_ENDPOINT);
    x = (struct xfer){ .dest = again, .accept = SEND, .tag = 1, .word = { 99 } };
    CHECK(t, ring_take(&ep.ring, &m), "nothing came");
    EXPECT_OK(t, sys_xfer(&x));
    CHECK(t, ring_take(&ep.ring, &m) && m.badge == 7 && m.word[0] == 99, "not in the ring");
}

/* A child sends to init, which is not parked: the ring. */
static void from_a_child(struct test *t)
{
    static struct proc p;
    struct proc_endpoint ep;
    struct ring_message m;

    if (!own_endpoint(t, &ep, EVENT_TEST, 3) || !proc_make(t, &p, child_send)) {
        return;
    }
    p.page->arg[0] = proc_give_minted(&p, ep.recv, RIGHT_WRITE, 31337);
    p.page->arg[1] = 8;
    for (unsigned w = 0; w < 8; w++) {
        p.page->arg[4 + w] = 1000 + w;
    }
    MUST(t, dispatcher_start(p.disp));
    CHECK(t, event_wait(EVENT_TEST, hang_deadline()), "no event");
    if (!ring_take(&ep.ring, &m)) {
        CHECK(t, false, "nothing in the ring");
        return;
    }
    CHECK(t, m.badge == 31337 && m.tag == 8 && m.word[0] == 1000 && m.word[7] == 1007, "badge %lu tag %#lx", m.badge,
          m.tag);
    (void)proc_finish(&p);
    CHECK_EQ(t, p.page->result[0], E_OK);
}

/* A child serves @p calls; init calls it. */
struct service {
    struct proc server;
    struct proc_endpoint in, back;
    cptr_t call;
};

static bool start_service(struct test *t, struct service *s, uint64_t calls)
{
    if (!own_endpoint(t, &s->back, EVENT_TEST, 3) || !proc_make(t, &s->server, child_server) ||
        !proc_endpoint(&s->server, &s->in, 7, 3)) {
        return false;
    }
    s->call = mint_send(t, s->in.recv, RIGHT_WRITE | RIGHT_GRANT, 4242);
    s->server.page->arg[0] = calls;
    s->server.page->arg[1] = proc_give_minted(&s->server, s->back.recv, RIGHT_WRITE | RIGHT_GRANT, 17);
    const err_t err = dispatcher_start(s->server.disp);
    EXPECT_OK(t, err);
    sys_yield();        /* it parks */
    return err_ok(err);
}

/* One call of @p length words; wherever the reply comes, it must be right. */
static void call(struct test *t, struct service *s, uint64_t length, uint64_t seed, bool *in_registers)
{
    struct xfer x = { .dest = s->call, .accept = EVENT_TEST, .deadline = hang_deadline(), .tag = length | seed << 16 };
    struct ring_message m = { 0 };

    for (unsigned w = 0; w < 8; w++) {
        x.word[w] = seed * 1000 + w;
    }
    const err_t err = park(&x);
    *in_registers = err_ok(err);
    if (err_ok(err)) {
        m.tag = x.tag, m.badge = x.badge;
        memcpy(m.word, x.word, sizeof(m.word));
        CHECK_EQ(t, x.event, EVENT_TEST);
    } else if (err_root(err) == E_WOKEN) {
        while (!ring_take(&s->back.ring, &m)) {
            if (!event_wait(EVENT_TEST, hang_deadline())) {
                CHECK(t, false, "no reply");
                return;
            }
        }
    } else {
        CHECK(t, false, "call: %s", err_name(err_root(err)));
        return;
    }
    CHECK(t, m.badge == 17 && m.tag == length, "badge %lu, tag %#lx", m.badge, m.tag);
    for (unsigned w = 0; w < length; w++) {
        CHECK(t, m.word[w] == seed * 1000 + w + 1, "word %u is %lu", w, m.word[w]);
    }
}

/* Call and reply: in registers, without ring and without event. */
static void call_and_reply(struct test *t)
{
    static struct service s;
    unsigned direct = 0;

    if (!start_service(t, &s, 36)) {
        return;
    }
    for (uint64_t i = 0; i < 36; i++) {
        bool in_registers;
        call(t, &s, i % 9, i, &in_registers);
        direct += in_registers;
    }
    CHECK(t, direct >= 30, "only %u of 36 replies came in registers", direct);
    struct ring_message m;
    CHECK(t, !ring_take(&s.back.ring, &m) && !ring_take(&s.in.ring, &m), "a message is in a ring, too");
    (void)proc_finish(&s.server);
    CHECK(t, s.server.page->result[0] == 36 && s.server.page->result[2] == 4242 && s.server.page->result[3] == 7,
          "served %lu, badge %lu, event %lu", s.server.page->result[0], s.server.page->result[2],
          s.server.page->result[3]);
}

/* A server of lower and of higher priority than its client: the same results. */
static void priorities_differ(struct test *t)
{
    static struct service s;

    for (int step = -1; step <= 1; step += 2) {
        if (!own_endpoint(t, &s.back, EVENT_TEST, 3) || !proc_make(t, &s.server, child_server) ||
            !proc_priority(&s.server, init.priority + (uint64_t)(int64_t)step) ||
            !proc_endpoint(&s.server, &s.in, 7, 3)) {
            return;
        }
        s.call = mint_send(t, s.in.recv, RIGHT_WRITE, 4242);
        s.server.page->arg[0] = 5;
        s.server.page->arg[1] = proc_give_minted(&s.server, s.back.recv, RIGHT_WRITE, 17);
        MUST(t, dispatcher_start(s.server.disp));
        (void)event_wait(EVENT_NONE, time_now() + time_hz() / 50);     /* so that one of lower priority parks, too */
        for (uint64_t i = 0; i < 5; i++) {
            bool in_registers;
            call(t, &s, 8, i, &in_registers);
        }
        (void)proc_finish(&s.server);
    }
}

/* A capability goes along, as a copy (without own) or given away (with it). */
static void capabilities(struct test *t)
{
    struct proc_endpoint ep;
    struct cap_info info;
    struct ring_message m;
    const cptr_t frame = test_make(t, CAP_FRAME, PAGE, 1), to = test_slot(t), recv = test_make(t, CAP_ENDPOINT, 0, 1);

    if (!own_endpoint(t, &ep, EVENT_TEST, 3)) {
        return;
    }
    const cptr_t send = mint_send(t, ep.recv, RIGHT_WRITE | RIGHT_GRANT, 1);
    EXPECT_OK(t, endpoint_set_recv_slot(ep.recv, to));
    struct xfer x = { .dest = send, .accept = SEND, .tag = TAG_CAP | 1, .cap = frame };
    EXPECT_OK(t, sys_xfer(&x));
    CHECK(t, ring_take(&ep.ring, &m) && m.tag == (TAG_CAP | 1), "tag %#lx", m.tag);
    EXPECT_OK(t, cap_identify(CPTR_NULL, to, &info));
    CHECK(t, info.type == CAP_FRAME && !(info.rights & RIGHT_OWN), "rights %#lx", info.rights);
    CHECK_EQ(t, slot_type(CPTR_NULL, frame), CAP_FRAME);
    x.tag = TAG_CAP;
    EXPECT_ERR(t, sys_xfer(&x), E_RECV_SLOT);           /* not empty */
    CHECK(t, !ring_take(&ep.ring, &m), "a refused message arrived");
    EXPECT_OK(t, cap_delete(CPTR_NULL, to));
    x.tag = TAG_CAP | TAG_GIVE;
    EXPECT_OK(t, sys_xfer(&x));
    CHECK_EQ(t, slot_type(CPTR_NULL, frame), CAP_NULL);
    EXPECT_OK(t, cap_identify(CPTR_NULL, to, &info));
    CHECK(t, info.type == CAP_FRAME && (info.rights & RIGHT_OWN), "rights %#lx", info.rights);
    CHECK(t, ring_take(&ep.ring, &m) && m.tag == TAG_CAP, "tag %#lx", m.tag);
    EXPECT_OK(t, cap_delete(CPTR_NULL, to));
    /* what cannot be copied can be given away */
    x.tag = TAG_CAP | TAG_GIVE, x.cap = recv;
    EXPECT_OK(t, sys_xfer(&x));
    CHECK_EQ(t, slot_type(CPTR_NULL, to), CAP_ENDPOINT);
    EXPECT_OK(t, cap_delete(CPTR_NULL, to));
    EXPECT_OK(t, endpoint_set_recv_slot(ep.recv, CPTR(L1_TEST, 0)));
    x.tag = TAG_CAP, x.cap = send;
    EXPECT_ERR(t, sys_xfer(&x), E_RECV_SLOT);
}

/* A capability in a message that is delivered in registers. */
static void child_takes_caps(volatile struct shared *page)
{
    for (uint64_t i = 0; i < page->arg[0]; i++) {
        struct xfer x = { .accept = (uint64_t)XFER_ANY };
        const err_t err = park(&x);
        struct cap_info info = { 0 };
        page->result[0] = err.trail;
        page->result[1] = x.tag;
        page->result[2] = cap_identify(CPTR_NULL, page->arg[1], &info).trail;
        page->result[3] = info.type;
        page->result[4] = cap_delete(CPTR_NULL, page->arg[1]).trail;
        page->result[5]++;
    }
    child_exit();
}

static void capability_in_registers(struct test *t)
{
    static struct proc p;
    struct proc_endpoint ep;
    const cptr_t frame = test_make(t, CAP_FRAME, PAGE, 1);

    if (!proc_make(t, &p, child_takes_caps) || !proc_priority(&p, init.priority + 1) || !proc_endpoint(&p, &ep, 7, 2)) {
        return;
    }
    p.page->arg[0] = 2;
    p.page->arg[1] = CPTR(0, 99);
    EXPECT_OK(t, endpoint_set_recv_slot(ep.recv, CPTR(0, 99)));
    const cptr_t send = mint_send(t, ep.recv, RIGHT_WRITE | RIGHT_GRANT, 1);
    MUST(t, dispatcher_start(p.disp));
    for (unsigned i = 0; i < 2; i++) {
        struct xfer x = { .dest = send, .accept = SEND, .tag = TAG_CAP | 2, .cap = frame };
        EXPECT_OK(t, sys_xfer(&x));
        CHECK_EQ(t, p.page->result[5], i + 1);
        CHECK(t, p.page->result[0] == E_OK && p.page->result[1] == (TAG_CAP | 2) && p.page->result[2] == E_OK &&
                     p.page->result[3] == CAP_FRAME && p.page->result[4] == E_OK,
              "status %lu, tag %#lx, identify %lu, type %lu, delete %lu", p.page->result[0], p.page->result[1],
              p.page->result[2], p.page->result[3], p.page->result[4]);
    }
    (void)proc_finish(&p);
}

/* Parked for one endpoint, woken by anything else: E_WOKEN, and the message is in its ring. */
static void child_parks_for_one(volatile struct shared *page)
{
    struct xfer x = { .accept = page->arg[0], .deadline = (uint64_t)XFER_NO_DEADLINE };

    page->result[3] = 1;
    page->result[0] = park(&x).trail;
    page->result[1] = x.event;
    page->result[2] = x.word[0];
    child_exit();
}

static void parked_for_one(struct test *t)
{
    for (unsigned other = 0; other < 2; other++) {
        static struct proc p;
        struct proc_endpoint a, b;
        struct ring_message m;
        struct dispatcher_info info;

        if (!proc_make(t, &p, child_parks_for_one) || !proc_endpoint(&p, &a, 7, 2) || !proc_endpoint(&p, &b, 8, 2)) {
            return;
        }
        p.page->arg[0] = 7;
        MUST(t, dispatcher_start(p.disp));
        sys_yield();
        EXPECT_OK(t, dispatcher_status(p.disp, &info));
        CHECK_EQ(t, info.state, DISP_PARKED);
        struct xfer x = { .dest = mint_send(t, other ? b.recv : a.recv, RIGHT_WRITE, 0), .accept = SEND, .tag = 1,
                          .word = { 55 } };
        EXPECT_OK(t, sys_xfer(&x));
        if (!proc_finish(&p)) {
            return;
        }
        if (other) {
            CHECK_EQ(t, p.page->result[0], E_WOKEN);
            CHECK(t, ring_take(&b.ring, &m) && m.word[0] == 55, "not in the ring");
        } else if (p.page->result[0] == E_OK) {
            CHECK(t, p.page->result[1] == 7 && p.page->result[2] == 55, "event %lu word %lu", p.page->result[1],
                  p.page->result[2]);
        } else {
            CHECK(t, ring_take(&a.ring, &m) && m.word[0] == 55, "neither in registers nor in the ring");
        }
    }
}

/* Held while parked: the message waits in the ring until it is released. */
static void held_while_parked(struct test *t)
{
    static struct proc p;
    struct proc_endpoint ep;
    struct ring_message m;

    if (!proc_make(t, &p, child_parks_for_one) || !proc_endpoint(&p, &ep, 7, 2)) {
        return;
    }
    p.page->arg[0] = 7;
    MUST(t, dispatcher_start(p.disp));
    sys_yield();
    EXPECT_OK(t, dispatcher_hold(p.disp));
    struct xfer x = { .dest = mint_send(t, ep.recv, RIGHT_WRITE, 0), .accept = SEND, .tag = 1, .word = { 56 } };
    EXPECT_OK(t, sys_xfer(&x));
    sys_yield();
    CHECK_EQ(t, p.page->result[0], 0);
    EXPECT_OK(t, dispatcher_release(p.disp));
    if (proc_finish(&p)) {
        CHECK_EQ(t, p.page->result[0], E_WOKEN);
        CHECK(t, ring_take(&ep.ring, &m) && m.word[0] == 56, "not in the ring");
    }
}

/* The last send capability goes, wherever it was: CLOSED and an event.  Then new ones may be minted: not closed for
 * good for the kernel, but the receiver was told. */
static void closed(struct test *t)
{
    struct proc_endpoint ep;
    const cptr_t copy = test_slot(t);

    if (!own_endpoint(t, &ep, EVENT_TEST, 1)) {
        return;
    }
    const cptr_t send = mint_send(t, ep.recv, RIGHT_WRITE, 3), badged = mint_send(t, ep.recv, RIGHT_WRITE, 4);
    EXPECT_OK(t, cap_copy(CPTR_NULL, copy, CPTR_NULL, send, RIGHTS_ALL));
    EXPECT_OK(t, cap_delete(CPTR_NULL, send));
    EXPECT_OK(t, cap_delete(CPTR_NULL, badged));
    CHECK(t, ep.ring.control->closed == 0 && !event_take(frame_self(), EVENT_TEST), "closed too early");
    EXPECT_OK(t, cap_delete(CPTR_NULL, copy));
    CHECK(t, ep.ring.control->closed == 1, "not closed");
    CHECK(t, event_take(frame_self(), EVENT_TEST), "no event");
}

/* The server dies while a client waits for its reply: the client is woken and finds CLOSED. */
static void server_dies(struct test *t)
{
    static struct proc p;
    struct proc_endpoint in, back;

    if (!own_endpoint(t, &back, EVENT_TEST, 1) || !proc_make(t, &p, child_access) || !proc_endpoint(&p, &in, 7, 1)) {
        return;
    }
    (void)proc_give_minted(&p, back.recv, RIGHT_WRITE, 1);
    const cptr_t send = mint_send(t, in.recv, RIGHT_WRITE, 1);
    p.page->arg[1] = 16;                /* it faults */
    MUST(t, dispatcher_start(p.disp));
    (void)proc_expect_fault(&p, FAULT_READ, 16);
    struct xfer x = { .dest = send, .accept = SEND, .tag = 0 };
    EXPECT_OK(t, sys_xfer(&x));         /* faulted, not gone: it may be resumed */
    EXPECT_OK(t, dispatcher_stop(p.disp));
    EXPECT_ERR(t, sys_xfer(&x), E_DEAD);
    CHECK_EQ(t, back.ring.control->closed, 0);
    EXPECT_OK(t, cap_revoke(CPTR_NULL, p.l1, 0, 4096));
    EXPECT_OK(t, cap_delete(CPTR_NULL, p.disp));
    EXPECT_OK(t, cap_delete(CPTR_NULL, p.l1));
    err_t err;
    do {
        err = kernel_reap(TASK_KERNEL);
    } while (err_root(err) == E_AGAIN);
    CHECK_EQ(t, back.ring.control->closed, 1);
    CHECK(t, event_take(frame_self(), EVENT_TEST), "no event");
    /* its own endpoint: the receive capability is still init's, the dispatcher behind it is gone */
    x.tag = 0;
    EXPECT_ERR(t, sys_xfer(&x), E_DEAD);
    EXPECT_OK(t, cap_delete(CPTR_NULL, in.recv));
    x.tag = 0;
    EXPECT_ERR(t, sys_xfer(&x), E_DEAD);
}

TEST_GROUP(lmp, CASE(ring), CASE(send_refuses), CASE(bind_refuses), CASE(to_oneself),
           CASE(gives_away_its_own), CASE(from_a_child), CASE(call_and_reply),
           CASE(priorities_differ), CASE(capabilities), CASE(capability_in_registers), CASE(parked_for_one),
           CASE(held_while_parked), CASE(closed), CASE(server_dies));
