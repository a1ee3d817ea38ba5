/* rpc_ump_step_test.c  Two servers and what goes between them, step by step in one thread: posts, late answers,
 * capabilities, and a peer that breaks the rules. */
#include "rpc_ump_host.h"
#include "test.h"
#include <os/err.h>

#define EVENT    8u
#define SESSIONS 3u
#define POSTS    40u

enum { OP_ADD = 1, OP_WAIT, OP_GIVE, OP_TAKE, OP_LEAVE, OP_REOPEN };
enum { SLOT_IN = 0x110, SLOT_OUT, SLOT_KEPT };

struct side;

struct session {
    struct rpc_session rpc;
    struct ump_session ump;
    struct ump_kept kept[UMP_WINDOW_MAX];
    struct side *side;
    struct ump_seat seat;
    unsigned closed, served, most_kept, answers;
    struct rpc_message last;            /* answer to rpc_post() */
};

struct post {
    struct rpc_posted posted;
    unsigned answered, order;
    struct rpc_message reply;
};

/* A machine with a server. */
struct side {
    struct machine machine;
    struct rpc_session *table[HOST_EVENTS];
    struct rpc_server server;
    struct rpc_pending pending;
    struct session session[SESSIONS];
    bool may_answer;                    /* OP_WAIT */
    struct post post[POSTS];
    unsigned answers;
};

static struct side side[2];
static void *frames[SESSIONS];
static uint64_t rng;

/* ---- the servers ------------------------------------------------------------------------------------------------- */

static void serve(struct rpc_session *rpc, struct rpc_message *m)
{
    struct session *const s = rpc->state;
    const unsigned length = m->length;
    const cptr_t cap = m->cap;

    s->served++;
    switch (m->number) {
    case OP_WAIT:
        if (!s->side->may_answer || test_random(&rng) % 2) {
            rpc_later(m, cap);
            return;
        }
        break;
    case OP_LEAVE:
    case OP_REOPEN:
        rpc_session_leave(&s->side->server, rpc);
        if (m->number == OP_REOPEN) {
            memset(s->seat.frame, 0, ump_frame_bytes(s->seat.slots));
            rpc_session_init_ump(&s->side->server, rpc, &s->ump, &s->seat);
        }
        return;
    case OP_TAKE:
        EXPECT_EQ(cap, SLOT_IN, "the capability comes with its payload");
        break;
    case OP_GIVE:
        rpc_drop_received(m);
        rpc_reply(m, 1);
        m->cap = SLOT_OUT;
        m->give = true;
        return;
    }
    rpc_drop_received(m);
    rpc_reply(m, length);
    for (unsigned i = 0; i < length; i++) {
        m->word[i]++;
    }
}

static void closed(struct rpc_session *rpc)
{
    struct session *const s = rpc->state;

    EXPECT(s->side->table[s->seat.event] != rpc, "out of the table");
    s->closed++;
}

static void answered(struct rpc_session *rpc, struct rpc_message *m)
{
    struct session *const s = rpc->state;

    s->last = *m;
    s->answers++;
}

static void open_session(struct side *on, unsigned i, const struct ump_seat *seat, unsigned kept)
{
    struct session *const s = &on->session[i];

    *s = (struct session){ .side = on, .seat = *seat };
    s->rpc = (struct rpc_session){ .serve = serve, .closed = closed, .answered = answered, .state = s };
    s->ump.kept = s->kept;
    s->ump.kept_places = kept;
    rpc_session_init_ump(&on->server, &s->rpc, &s->ump, seat);
}

static void start(uint32_t slots, unsigned kept, const struct ump_cap_ops *caps)
{
    rng = test_seed() * 7 + 1;
    memset((void *)side, 0, sizeof(side));
    for (unsigned i = 0; i < 2; i++) {
        machine_init(&side[i].machine);
        side[i].machine.may_not_sleep = true;
        side[i].server = (struct rpc_server){ .session = side[i].table, .events = HOST_EVENTS };
    }
    for (unsigned i = 0; i < SESSIONS; i++) {
        struct ump_seat seat[2];
        free(frames[i]);
        frames[i] = connect_machines(&side[0].machine, EVENT + i, &side[1].machine, EVENT + i, slots, 0, seat);
        for (unsigned at = 0; at < 2; at++) {
            seat[at].caps = caps;
            machine_be(&side[at].machine);
            open_session(&side[at], i, &seat[at], kept);
        }
    }
}

static unsigned kept_of(const struct session *s)
{
    unsigned count = 0;

    for (unsigned i = 0; i < s->ump.kept_places; i++) {
        count += s->ump.kept[i].message.number != 0;
    }
    return count;
}

static void step(unsigned which)
{
    struct side *const s = &side[which];

    machine_be(&s->machine);
    for (unsigned i = 0; i < 4; i++) {
        rpc_server_step(&s->server, &s->pending);
        for (unsigned k = 0; k < SESSIONS; k++) {
            const unsigned kept = kept_of(&s->session[k]);
            s->session[k].most_kept = kept > s->session[k].most_kept ? kept : s->session[k].most_kept;
        }
    }
}

static void run(unsigned rounds)
{
    for (unsigned i = 0; i < rounds; i++) {
        step(i & 1);
    }
}

static void retry_all(unsigned which)
{
    machine_be(&side[which].machine);
    for (unsigned i = 0; i < SESSIONS; i++) {
        rpc_retry(&side[which].server, &side[which].session[i].rpc);
    }
}

/* ---- posts ------------------------------------------------------------------------------------------------------- */

static void post_answered(struct rpc_posted *posted, struct rpc_message *m)
{
    struct post *const p = (struct post *)posted;
    struct side *const s = p >= side[1].post ? &side[1] : &side[0];

    p->answered++;
    p->reply = *m;
    p->order = s->answers++;
}

static err_t post(unsigned from, unsigned i, const struct rpc_message *m)
{
    struct post *const p = &side[from].post[i];

    machine_be(&side[from].machine);
    p->posted.answered = post_answered;
    return rpc_ump_post(&side[from].session[0].rpc, &p->posted, m);
}

static void posts_both_ways(uint32_t slots, unsigned window, unsigned number)
{
    start(slots, UMP_WINDOW_MAX, NULL);
    for (unsigned i = 0; i < POSTS; i++) {
        for (unsigned from = 0; from < 2; from++) {
            struct rpc_message m = { .number = (uint16_t)number, .length = (uint8_t)(8 - i % 3) };
            for (unsigned w = 0; w < m.length; w++) {
                m.word[w] = 1000 * from + 10 * i + w;
            }
            EXPECT(err_ok(post(from, i, &m)), "post %u", i);
        }
    }
    if (number == OP_WAIT) {
        run(8);
        for (unsigned at = 0; at < 2; at++) {
            EXPECT_EQ(kept_of(&side[at].session[0]), window, "the window is full, and all are kept");
            EXPECT_EQ(side[at].answers, 0, "none is answered");
            side[at].may_answer = true;
        }
    }
    for (unsigned i = 0; i < 200 && (side[0].answers < POSTS || side[1].answers < POSTS); i++) {
        retry_all(i & 1);
        step(i & 1);
    }
    for (unsigned from = 0; from < 2; from++) {
        EXPECT(side[from].session[0].most_kept <= window, "%u under way", side[from].session[0].most_kept);
        EXPECT_EQ(side[from].session[0].closed, 0, "nobody broke a rule");
        for (unsigned i = 0; i < POSTS; i++) {
            const struct post *const p = &side[from].post[i];
            EXPECT_EQ(p->answered, 1, "post %u of %u", i, from);
            EXPECT(p->reply.number == (number | RPC_REPLY) && p->reply.length == 8 - i % 3, "post %u of %u", i, from);
            EXPECT_EQ(p->reply.word[0], 1000 * from + 10 * i + 1, "post %u of %u", i, from);
            EXPECT(p->reply.length < 8 || p->reply.word[7] == 1000 * from + 10 * i + 8, "the eighth word of post %u",
                   i);
            EXPECT(number == OP_WAIT || p->order == i, "answers come in order");
        }
        EXPECT(!side[from].server.active, "all is quiet, and armed");
    }
}

TEST(rpc_ump_step, posts_answered_at_once)
{
    posts_both_ways(16, 4, OP_ADD);
    posts_both_ways(UMP_RPC_SLOTS_MONITORS, UMP_WINDOW_MAX, OP_ADD);
}

TEST(rpc_ump_step, posts_under_way_and_answered_in_any_order)
{
    posts_both_ways(16, 4, OP_WAIT);
    posts_both_ways(32, 8, OP_WAIT);
    posts_both_ways(UMP_RPC_SLOTS_MONITORS, UMP_WINDOW_MAX, OP_WAIT);
}

TEST(rpc_ump_step, rpc_post_has_one_at_a_time)
{
    struct rpc_message m = { .number = OP_ADD, .length = 1, .word = { 5 } };

    start(16, 0, NULL);
    struct session *const s = &side[0].session[1];
    for (unsigned i = 1; i <= 40; i++) {
        machine_be(&side[0].machine);
        EXPECT(err_ok(rpc_post(&s->rpc, &m)), "post %u", i);
        EXPECT_EQ(err_root(rpc_post(&s->rpc, &m)), E_TX_BUSY, "one is under way");
        run(4);
        EXPECT_EQ(s->answers, i, "answers");
        EXPECT(s->last.number == (OP_ADD | RPC_REPLY) && s->last.word[0] == 6, "the answer");
    }
}

TEST(rpc_ump_step, the_end_answers_all_posts)
{
    const struct rpc_message m = { .number = OP_WAIT, .length = 1 };

    for (unsigned way = 0; way < 4; way++) {
        start(16, UMP_WINDOW_MAX, NULL);
        for (unsigned i = 0; i < 6; i++) {                  /* four are under way, two wait */
            EXPECT(err_ok(post(0, i, &m)), "post %u", i);
        }
        run(4);
        machine_be(&side[1].machine);
        if (way == 0) {
            rpc_session_leave(&side[1].server, &side[1].session[0].rpc);
        } else if (way == 1) {
            machine_be(&side[0].machine);
            ump_end_died(&side[0].session[0].ump.end);
        } else if (way == 2) {                              /* who posted leaves */
            machine_be(&side[0].machine);
            rpc_session_leave(&side[0].server, &side[0].session[0].rpc);
            EXPECT_EQ(side[0].answers, 0, "nobody is called");
            rpc_ump_end_posts(&side[0].session[0].rpc);
        } else {                                            /* a reply that nobody asked for */
            EXPECT(err_ok(ump_send(&side[1].session[0].ump.end, 99, &(struct rpc_message){ .number = RPC_REPLY })),
                   "sent");
        }
        run(4);
        EXPECT_EQ(side[0].answers, 6, "way %u", way);
        for (unsigned i = 0; i < 6; i++) {
            EXPECT_EQ(side[0].post[i].answered, 1, "way %u, post %u", way, i);
            EXPECT_EQ(err_root(rpc_result(&side[0].post[i].reply, OP_WAIT, 1, RPC_NO_CAP)), E_RPC_CLOSED,
                      "way %u, post %u", way, i);
        }
        EXPECT_EQ(side[0].session[0].closed, way != 2, "way %u", way);
        EXPECT_EQ(side[1].session[0].closed, way != 0, "way %u: who leaves is not told so", way);
        EXPECT_EQ(err_root(post(0, 7, &m)), E_RPC_CLOSED, "afterwards");
        EXPECT(side[0].table[EVENT] == NULL && side[1].table[EVENT] == NULL, "out of the tables");
    }
}

/* ---- requests ---------------------------------------------------------------------------------------------------- */

/* The end of session @p i at side 0, used as a client's. */
static struct ump_end *client_end(unsigned i)
{
    machine_be(&side[0].machine);
    return &side[0].session[i].ump.end;
}

static void ask(unsigned i, uint32_t token, unsigned number, cptr_t cap)
{
    const struct rpc_message m = { .number = (uint16_t)number, .length = 1, .word = { token }, .cap = cap };

    EXPECT(err_ok(ump_send(client_end(i), token, &m)), "sent");
    step(1);
}

/* The next reply on session @p i. */
static uint32_t reply(unsigned i, struct rpc_message *m)
{
    uint32_t token = 0;
    const err_t err = ump_receive(client_end(i), &token, m);

    EXPECT(err_ok(err), "no reply: error %u", err_root(err));
    return token;
}

TEST(rpc_ump_step, next_request_cancels_the_kept_one)
{
    struct rpc_message m;

    start(16, 0, NULL);
    ask(0, 7, OP_WAIT, CPTR_NULL);
    EXPECT(rpc_waits(&side[1].session[0].rpc), "kept");
    ask(0, 8, OP_WAIT, CPTR_NULL);
    EXPECT_EQ(reply(0, &m), 7, "the first is answered");
    EXPECT_EQ(err_root(rpc_result(&m, OP_WAIT, 1, RPC_NO_CAP)), E_RPC_CANCELLED, "how");
    EXPECT(rpc_waits(&side[1].session[0].rpc), "the second is kept");
    ask(0, 9, OP_ADD, CPTR_NULL);
    EXPECT_EQ(reply(0, &m), 8, "the second is answered");
    EXPECT_EQ(reply(0, &m), 9, "then the third");
    EXPECT(m.number == (OP_ADD | RPC_REPLY) && m.word[0] == 10, "the answer");
    EXPECT(!rpc_waits(&side[1].session[0].rpc), "nothing is kept");
    side[1].may_answer = true;
    EXPECT_EQ(err_root(ump_receive(client_end(0), &(uint32_t){ 0 }, &m)), E_CHANNEL_EMPTY, "no more");
}

TEST(rpc_ump_step, request_that_closes_its_session)
{
    struct rpc_message m;

    start(16, 0, NULL);
    ask(0, 1, OP_LEAVE, CPTR_NULL);
    EXPECT_EQ(err_root(ump_receive(client_end(0), &(uint32_t){ 0 }, &m)), E_RPC_CLOSED, "the client is told");
    EXPECT_EQ(side[1].session[0].closed, 0, "who leaves is not");
    EXPECT(!side[1].table[EVENT], "gone");
    ask(1, 1, OP_REOPEN, CPTR_NULL);
    EXPECT(side[1].table[EVENT + 1] == &side[1].session[1].rpc, "the next client's session stays");
    EXPECT_EQ(side[1].session[1].served, 1, "and has asked nothing yet");
    ask(2, 5, OP_ADD, CPTR_NULL);
    EXPECT_EQ(reply(2, &m), 5, "others go on");
}

/* A server with many sessions looks at those where something happens. */
TEST(rpc_ump_step, idle_sessions_are_not_looked_at)
{
    struct rpc_message m;

    start(16, 0, NULL);
    run(4);
    EXPECT(!side[1].server.active, "all are armed");
    for (unsigned i = 0; i < SESSIONS; i++) {
        EXPECT(ump_ring_armed(&side[1].session[i].ump.end.ring), "armed");
    }
    const uint64_t signals = side[1].machine.signals;
    machine_be(&side[0].machine);
    const struct rpc_message request = { .number = OP_ADD, .length = 1 };
    EXPECT(err_ok(ump_send(client_end(1), 3, &request)), "sent");
    EXPECT_EQ(side[1].machine.signals, signals + 1, "one signal");
    EXPECT(err_ok(ump_send(client_end(1), 4, &request)), "sent");
    EXPECT_EQ(side[1].machine.signals, signals + 1, "for two messages");
    machine_be(&side[1].machine);
    rpc_server_step(&side[1].server, &side[1].pending);
    EXPECT(side[1].server.active == &side[1].session[1].ump.link &&
               side[1].server.active->next == side[1].server.active,
           "this one and no other");
    step(1);
    EXPECT_EQ(reply(1, &m), 3, "both are answered");
    EXPECT_EQ(reply(1, &m), 4, "both are answered");
    EXPECT(!side[1].server.active, "armed again");
}

/* ---- capabilities ------------------------------------------------------------------------------------------------ */

static struct {
    unsigned sent, fetched;
    cptr_t cap;
    err_t fails;
} caps;

static err_t cap_send(struct ump_end *end, cptr_t cap, bool give)
{
    EXPECT(end == &side[1].session[0].ump.end && give, "who sends what");
    EXPECT_EQ(end->caps_sent, caps.sent, "its number");
    TRY(caps.fails);
    caps.sent++;
    caps.cap = cap;
    return OK;
}

static void cap_fetch(struct ump_end *end)
{
    (void)end;
    caps.fetched++;
}

static const struct ump_cap_ops cap_ops = { .send = cap_send, .fetch = cap_fetch };

static void arrive(cptr_t slot, err_t err)
{
    machine_be(&side[1].machine);
    ump_cap_arrived(&side[1].session[0].ump.end, slot, err);
}

TEST(rpc_ump_step, payload_and_capability_in_either_order)
{
    const unsigned before = host_dropped(SLOT_IN);
    struct rpc_message m;

    memset(&caps, 0, sizeof(caps));
    start(16, 0, &cap_ops);
    ask(0, 1, OP_TAKE, SLOT_IN);
    ask(0, 2, OP_ADD, CPTR_NULL);
    EXPECT_EQ(side[1].session[0].served, 0, "the payload alone is not served, nor what comes behind it");
    EXPECT_EQ(caps.fetched, 1, "asked for it once");
    EXPECT(!side[1].server.active, "and sleeps meanwhile");
    arrive(SLOT_IN, OK);
    step(1);
    EXPECT_EQ(reply(0, &m), 1, "then it is");
    EXPECT_EQ(reply(0, &m), 2, "and what came behind it");
    arrive(SLOT_IN, OK);
    step(1);
    EXPECT_EQ(side[1].session[0].served, 2, "the capability alone is no request");
    ask(0, 3, OP_TAKE, SLOT_IN);
    EXPECT_EQ(reply(0, &m), 3, "with its payload it is");
    EXPECT_EQ(host_dropped(SLOT_IN), before + 2, "nobody took them");
    ask(0, 4, OP_TAKE, SLOT_IN);
    arrive(CPTR_NULL, ERR(E_CAP_TYPE));
    step(1);
    EXPECT_EQ(reply(0, &m), 4, "one that cannot come");
    EXPECT_EQ(err_root(rpc_result(&m, OP_TAKE, 1, RPC_NO_CAP)), E_CAP_TYPE, "is the answer");
    EXPECT_EQ(side[1].session[0].served, 3, "and was not served");
    ask(0, 5, OP_TAKE, SLOT_IN);
    machine_be(&side[0].machine);
    ump_ring_close(&client_end(0)->ring);
    step(1);
    EXPECT_EQ(side[1].session[0].closed, 1, "who waits for a capability hears of the end");
}

TEST(rpc_ump_step, reply_with_a_capability)
{
    const unsigned before = host_dropped(SLOT_OUT);
    struct rpc_message m;

    memset(&caps, 0, sizeof(caps));
    start(16, 0, &cap_ops);
    ask(0, 1, OP_GIVE, CPTR_NULL);
    EXPECT(caps.sent == 1 && caps.cap == SLOT_OUT, "it goes");
    ump_cap_arrived(client_end(0), SLOT_KEPT, OK);
    EXPECT_EQ(reply(0, &m), 1, "with the reply");
    EXPECT(err_ok(rpc_result(&m, OP_GIVE, 1, RPC_CAP)) && m.cap == SLOT_KEPT, "joined");
    caps.fails = ERR(E_CAP_EMPTY);
    ask(0, 2, OP_GIVE, CPTR_NULL);
    EXPECT_EQ(reply(0, &m), 2, "one that cannot be sent");
    EXPECT_EQ(err_root(rpc_result(&m, OP_GIVE, 1, RPC_CAP)), E_CAP_EMPTY, "is the answer");
    EXPECT_EQ(host_dropped(SLOT_OUT), before + 1, "and does not stay with the server");
}

/* ---- peers that break the rules ---------------------------------------------------------------------------------- */

static void raw(struct ump_end *end, uint32_t head, unsigned words)
{
    const uint64_t word[UMP_WORDS] = { 0 };

    EXPECT(err_ok(ump_ring_send(&end->ring, head, word, words)), "sent");
}

TEST(rpc_ump_step, a_broken_rule_ends_one_session)
{
    struct rpc_message m;

    for (unsigned rule = 0; rule < 7; rule++) {
        start(16, 3, NULL);
        struct ump_end *const end = client_end(0);
        switch (rule) {
        case 0:                                     /* the eighth word does not follow seven */
            raw(end, OP_ADD | 1u << 17, 6);
            break;
        case 1:                                     /* something else follows */
            raw(end, OP_ADD | 1u << 17, 7);
            raw(end, OP_ADD | 1u << UMP_TOKEN_SHIFT, 1);
            break;
        case 2:
            raw(end, OP_ADD | 1u << 17, 7);
            raw(end, OP_ADD, 2);
            break;
        case 3:                                     /* a capability, where none can come */
            raw(end, OP_ADD | 1u << 16, 1);
            break;
        case 4:
            raw(end, OP_ADD | 3u << 16, 7);
            break;
        case 5:                                     /* more under way than can be kept */
            for (unsigned i = 0; i < 4; i++) {
                raw(end, OP_WAIT, 0);
            }
            break;
        case 6:                                     /* it takes no answers */
            for (unsigned i = 0; i < 40 && side[1].session[0].closed == 0; i++) {
                end->ring.credit.acked = end->ring.credit.sent;
                end->ring.credit.taken = 0;
                raw(end, OP_ADD, 7);
                step(1);
                machine_be(&side[0].machine);
            }
            break;
        }
        step(1);                                    /* not side 0, which would end it, too: it has asked nothing */
        step(1);
        EXPECT_EQ(side[1].session[0].closed, 1, "rule %u", rule);
        EXPECT_EQ(side[1].session[1].closed + side[1].session[2].closed, 0, "rule %u", rule);
        ask(1, 6, OP_ADD, CPTR_NULL);
        EXPECT_EQ(reply(1, &m), 6, "others are served, rule %u", rule);
    }
}

/* The header says that the eighth word comes, and it does not: the server sleeps until it does. */
TEST(rpc_ump_step, half_a_message)
{
    struct rpc_message m;

    start(16, 0, NULL);
    raw(client_end(0), OP_ADD | 1u << 17, 7);
    run(4);
    EXPECT(!side[1].server.active && side[1].session[0].served == 0, "it waits for the rest");
    raw(client_end(0), OP_ADD, 1);
    step(1);
    EXPECT_EQ(side[1].session[0].served, 1, "served");
    EXPECT_EQ(err_root(ump_receive(client_end(0), &(uint32_t){ 0 }, &m)), E_OK, "answered");
    EXPECT(m.length == 8 && m.word[7] == 1, "whole");
}
