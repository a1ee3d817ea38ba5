/* Binds of the monitor: who is told what when a service answers, lies, dies or never answers, and which capabilities are
 * left in slots.  Seats and capabilities are the test's. */
#include "connection.h"
#include "monitor.h"
#include "test.h"
#include <os/err.h>
#include <stubs/mem.h>
#include <stubs/service.h>

#define CLIENTS 4u
#define SEATS   128u
#define SLOTS   1024u

/* Clients of other cores: none in these tests. */
err_t connection_post(struct connection *k, struct rpc_session *session)
{
    (void)k, (void)session;
    return ERR(E_STATE);
}

err_t connection_result(struct connection *k, struct rpc_message *m, cptr_t *got)
{
    (void)k, (void)m, (void)got;
    return ERR(E_STATE);
}

void connection_answered(struct connection *k, err_t err, cptr_t got)
{
    (void)k, (void)err, (void)got;
}

void connections_of_service_end(struct service *s)
{
    (void)s;
}

struct monitor monitor;

static struct {
    struct client client[CLIENTS];
    struct rpc_seat client_seat[CLIENTS], seat[SEATS];
    struct service service[SEATS];
    bool seat_used[SEATS], service_used[SEATS];
    bool full[SLOTS];                   /* a capability lies there */
    struct rpc_message posted;          /* the latest */
    unsigned posts;
    err_t refuse;                       /* the next post */
    err_t told[CLIENTS];
    unsigned answers[CLIENTS];
    bool waits[CLIENTS], retrying[CLIENTS], got[CLIENTS];
} t;

/* --- what stands in for the rest of the monitor and of libos --- */

struct sys_result sys_invoke(cptr_t cap, uint64_t op, struct sys_args args)
{
    struct sys_result r = { .err = ERR(E_OP) };

    if (cap == CPTR_NULL && op == CNODE_MOVE) {
        const cptr_t to = args.a[0], from = args.a[2];
        r.err = t.full[to] ? ERR(E_SLOT_OCCUPIED) : !t.full[from] ? ERR(E_CAP_EMPTY) : OK;
        if (err_ok(r.err)) {
            t.full[to] = true;
            t.full[from] = false;
        }
    }
    return r;
}

void rpc_drop_cap(cptr_t cap)
{
    t.full[cap] = false;
}

err_t rpc_post(struct rpc_session *session, struct rpc_message *m)
{
    const err_t err = t.refuse;

    t.refuse = OK;
    TRY(err);
    EXPECT(session->end.event, "a seat");
    if (m->cap) {                                   /* renew brings none */
        REQUIRE(t.full[m->cap], E_CAP_EMPTY);
        EXPECT(m->give, "it is given away");
        t.full[m->cap] = false;
    }
    t.posted = *m;
    t.posts++;
    return OK;
}

err_t rpc_call(struct rpc_client *c, struct rpc_message *m)
{
    (void)c, (void)m;
    EXPECT(false, "the monitor never waits");
    return ERR(E_RPC_CLOSED);
}

err_t rpc_seat_open(struct rpc_seats *seats, struct rpc_seat **seat)
{
    (void)seats;
    for (unsigned i = 0; i < SEATS; i++) {
        if (!t.seat_used[i]) {
            t.seat_used[i] = true;
            t.seat[i] = (struct rpc_seat){ .rpc.end = { .event = 100 + i, .send = 200 + 2 * i, .receive = 201 + 2 * i } };
            *seat = &t.seat[i];
            return OK;
        }
    }
    return ERR(E_RPC_SEATS);
}

void rpc_seat_close(struct rpc_seats *seats, struct rpc_seat *seat)
{
    (void)seats;
    EXPECT(t.seat_used[seat - t.seat], "closed twice");
    t.seat_used[seat - t.seat] = false;
    rpc_drop_cap(seat->rpc.end.send);
    rpc_drop_cap(seat->rpc.end.receive);
}

void *slab_alloc(struct slab *slab)
{
    (void)slab;
    for (unsigned i = 0; i < SEATS; i++) {
        if (!t.service_used[i]) {
            t.service_used[i] = true;
            return &t.service[i];
        }
    }
    return NULL;
}

void slab_free(struct slab *slab, void *object)
{
    (void)slab;
    EXPECT(t.service_used[(struct service *)object - t.service], "freed twice");
    t.service_used[(struct service *)object - t.service] = false;
    memset(object, 0xa5, sizeof(struct service));
}

static unsigned number(const struct client *c)
{
    return (unsigned)(c - t.client);
}

/* Ask the request of @p c, new or kept. */
static void ask(struct client *c, iref_t iref)
{
    const cptr_t reply = c->seat->rpc.end.receive;
    struct client *const outer = monitor.serving;
    cptr_t binding = CPTR_NULL;

    monitor.serving = c;
    const err_t err = bind_request(c, iref, reply, &binding);
    monitor.serving = outer;
    t.waits[number(c)] = err_root(err) == E_RPC_LATER;
    if (t.waits[number(c)]) {
        return;
    }
    t.told[number(c)] = err;
    t.answers[number(c)]++;
    t.got[number(c)] = err_ok(err);
    if (err_ok(err)) {
        EXPECT(t.full[binding], "what the client gets is there");
        t.full[binding] = false;
    }
}

void names_at(iref_t service)
{
    monitor.names = service;
}

void client_retry(struct client *c)
{
    if (t.waits[number(c)]) {
        ask(c, 0);
    }
}

/* --- the tests --- */

static struct service *start(void)
{
    struct service *s;

    memset(&t, 0, sizeof(t));
    memset(&monitor, 0, sizeof(monitor));
    for (unsigned i = 0; i < CLIENTS; i++) {
        t.client_seat[i].rpc.end = (struct lmp_end){ .event = 1 + i, .send = 20 + 2 * i, .receive = 21 + 2 * i };
        t.client[i] = (struct client){ .pid = 10 + i, .seat = &t.client_seat[i] };
    }
    t.full[5] = true;
    EXPECT(err_ok(service_new(&t.client[0], service_name("it"), 5, &s)), "a service");
    return s;
}

static bool slot_of(unsigned i)
{
    return t.full[t.client_seat[i].rpc.end.receive];
}

static void bind(unsigned i, iref_t iref)
{
    EXPECT(!slot_of(i), "the kernel would have refused the capability");
    t.full[t.client_seat[i].rpc.end.receive] = true;
    ask(&t.client[i], iref);
}

/* The service says this. */
static void answer(struct service *s, err_t err, bool cap)
{
    struct rpc_session *const session = &s->seat->rpc;
    struct rpc_message m = t.posted;

    rpc_reply(&m, 0);
    if (!err_ok(err)) {
        m.number |= RPC_ERROR;
        m.length = 1;
        m.word[0] = err.trail;
    }
    m.cap = cap ? session->end.receive : CPTR_NULL;
    t.full[session->end.receive] = cap;
    session->answered(session, &m);
}

TEST(monitor_services, one_after_the_other)
{
    struct service *const s = start();

    bind(1, s->iref);
    bind(2, s->iref);
    EXPECT(t.waits[1] && t.waits[2], "both wait");
    EXPECT_EQ(t.posts, 1, "one request under way");
    answer(s, OK, true);
    EXPECT(t.got[1] && t.waits[2], "the first");
    EXPECT_EQ(t.posts, 2, "the second's turn");
    answer(s, ERR(E_PROC_PID), false);
    EXPECT_EQ(t.told[2].trail, E_PROC_PID, "the service's error");
    EXPECT(!slot_of(1) && !slot_of(2) && !t.full[s->seat->rpc.end.receive], "no capability is left");
}

/* A service ends that has not answered: those in its queue can bind to others afterwards. */
TEST(monitor_services, end_leaves_nothing_in_slots)
{
    struct service *const s = start();

    bind(1, s->iref);
    bind(2, s->iref);
    bind(3, s->iref);
    services_of_end(&t.client[0]);
    for (unsigned i = 1; i < CLIENTS; i++) {
        EXPECT_EQ(err_root(t.told[i]), E_MONITOR_SERVICE, "client %u", i);
        EXPECT_EQ(t.answers[i], 1, "client %u", i);
        EXPECT(!slot_of(i), "client %u could never send a capability again", i);
    }
    EXPECT_EQ(t.client[0].services, 0, "its count");
    EXPECT(!monitor.services, "the list");
}

/* What the error of an answer says is the service's; it must not become a word of the monitor's own. */
TEST(monitor_services, lies)
{
    struct service *const s = start();

    bind(1, s->iref);
    answer(s, ERR(E_RPC_LATER), false);
    EXPECT_EQ(t.answers[1], 1, "the client is answered");
    EXPECT_EQ(err_root(t.told[1]), E_RPC_REPLY, "and told so");
    bind(1, s->iref);
    answer(s, OK, false);
    EXPECT_EQ(err_root(t.told[1]), E_RPC_REPLY, "no capability");
    bind(1, s->iref);
    answer(s, ERR(E_PROC_PID), true);
    EXPECT_EQ(err_root(t.told[1]), E_RPC_REPLY, "an error with a capability");
    EXPECT(!t.full[s->seat->rpc.end.receive], "which is dropped");
    answer(s, OK, true);                            /* nobody asked */
    EXPECT(!t.full[s->seat->rpc.end.receive], "dropped, too");
    EXPECT_EQ(t.answers[1], 3, "answers");
}

TEST(monitor_services, clients_that_go)
{
    struct service *const s = start();

    bind(1, s->iref);
    bind(2, s->iref);
    bind(3, s->iref);
    t.waits[1] = t.waits[2] = false;                /* their bindings are closed */
    bind_abandon(&t.client[2]);
    bind_abandon(&t.client[1]);
    answer(s, OK, true);
    EXPECT(!t.full[s->seat->rpc.end.receive], "what nobody waits for is dropped");
    EXPECT_EQ(t.posts, 2, "the third's turn");
    answer(s, OK, true);
    EXPECT(t.got[3], "the third");
    EXPECT_EQ(t.answers[1] + t.answers[2], 0, "nobody else");
}

TEST(monitor_services, service_that_cannot_be_asked)
{
    struct service *const s = start();

    t.refuse = ERR(E_FULL);
    bind(1, s->iref);
    EXPECT_EQ(err_root(t.told[1]), E_FULL, "at once");
    EXPECT(!slot_of(1), "its capability is dropped");
    bind(1, s->iref);
    bind(2, s->iref);
    t.refuse = ERR(E_DEAD);
    answer(s, OK, true);
    EXPECT(t.got[1], "the first");
    EXPECT_EQ(err_root(t.told[2]), E_DEAD, "the second");
    EXPECT(!slot_of(2), "its capability is dropped");
}

/* Asked for while it waits for its turn it is done once, asked for while it is done, once more. */
TEST(monitor_services, renew_has_its_turn)
{
    struct service *const s = start();

    bind(1, s->iref);
    service_ask_renew(s);
    service_ask_renew(s);
    bind(2, s->iref);
    EXPECT_EQ(t.posts, 1, "one request under way");
    answer(s, OK, true);
    EXPECT(t.got[1] && t.waits[2], "the first");
    EXPECT_EQ(t.posts, 2, "renew");
    service_ask_renew(s);
    answer(s, ERR(E_NAMES_TAKEN), false);           /* which is the server's business */
    EXPECT_EQ(t.posts, 3, "the second client's turn");
    answer(s, OK, true);
    EXPECT(t.got[2], "the second");
    EXPECT_EQ(t.posts, 4, "renew, once more");
    answer(s, OK, false);
    EXPECT_EQ(t.posts, 4, "nothing is left to do");
    service_ask_renew(s);
    bind(3, s->iref);
    service_ask_renew(s);
    services_of_end(&t.client[0]);                  /* with one under way, and one in the queue */
    EXPECT_EQ(err_root(t.told[3]), E_MONITOR_SERVICE, "told");
    EXPECT(!monitor.services, "the list");
}

/* Without its service there is no name service. */
TEST(monitor_services, end_of_names)
{
    struct service *const s = start();

    monitor.names = s->iref + 1;
    service_end(s);
    EXPECT(monitor.names != 0, "another one's end");
    struct service *names;
    t.full[5] = true;
    EXPECT(err_ok(service_new(&t.client[0], service_name("names"), 5, &names)), "a service");
    monitor.names = names->iref;
    service_end(names);
    EXPECT_EQ(monitor.names, 0, "its own");
}

/* One process cannot use up what all share. */
TEST(monitor_services, as_many_as_one_may_offer)
{
    struct service *s = start();
    unsigned made = 1;

    for (; made <= CLIENT_SERVICES; made++) {
        t.full[5] = true;
        const err_t err = service_new(&t.client[0], 0, 5, &s);
        if (!err_ok(err)) {
            EXPECT_EQ(err_root(err), E_MONITOR_SERVICES, "after %u", made);
            break;
        }
    }
    EXPECT_EQ(made, CLIENT_SERVICES, "services of one process");
    t.full[5] = true;
    EXPECT(err_ok(service_new(&t.client[1], 0, 5, &s)), "another process's");
    services_of_end(&t.client[0]);
    EXPECT(monitor.services == s && !s->next, "only the other's is left");
    EXPECT_EQ(t.client[0].services, 0, "its count");
}
