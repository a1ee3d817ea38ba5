/* rpc_ump_test.c  Clients and servers over UMP, each a thread of its own, with every way to sleep: under
 * ThreadSanitizer. */
#include "rpc_ump_host.h"
#include "test.h"
#include <os/err.h>
#include <sched.h>
#include <stdatomic.h>

#define CLIENTS 3u
#define EVENT   8u                      /* of session 0, and of a client */

enum { OP_ADD = 1, OP_WAIT, OP_STOP };

struct served {
    struct rpc_session rpc;
    struct ump_session ump;
    unsigned asked;                     /* how often its kept request was served */
};

static struct {
    struct machine machine;
    struct rpc_session *table[HOST_EVENTS];
    struct rpc_server server;
    struct rpc_pending pending;
    struct served served[CLIENTS];
    unsigned stops, closed;
    const char *wrong;
} srv;

struct caller {
    struct machine machine;
    struct rpc_client client;
    struct ump_client ump;
    struct ump_seat seat[2];
    void *frame;
    uint64_t random;
    unsigned calls, done;
    const char *wrong;
    pthread_t thread;
};

static struct caller caller[CLIENTS];

static void serve(struct rpc_session *session, struct rpc_message *m)
{
    struct served *const s = session->state;
    const unsigned length = m->length;

    if (m->number == OP_WAIT && s->asked++ % 3 != 2) {          /* answered when it is asked for the third time */
        rpc_later(m, CPTR_NULL);
        return;
    }
    srv.stops += m->number == OP_STOP;
    rpc_reply(m, length);
    for (unsigned i = 0; i < length; i++) {
        m->word[i]++;
    }
}

static void closed(struct rpc_session *session)
{
    (void)session;
    srv.closed++;
}

static void *run_server(void *arg)
{
    (void)arg;
    machine_be(&srv.machine);
    while (srv.stops < CLIENTS) {
        rpc_server_step(&srv.server, &srv.pending);
        for (unsigned i = 0; i < CLIENTS; i++) {
            if (rpc_waits(&srv.served[i].rpc)) {
                rpc_retry(&srv.server, &srv.served[i].rpc);
            }
        }
    }
    while (srv.closed < CLIENTS) {
        rpc_server_step(&srv.server, &srv.pending);
    }
    return NULL;
}

static const char *call(struct caller *c, unsigned number, unsigned length)
{
    struct rpc_message m = { .number = (uint16_t)number, .length = (uint8_t)length };
    const uint64_t base = test_random(&c->random);

    for (unsigned i = 0; i < length; i++) {
        m.word[i] = base + i;
    }
    if (!err_ok(rpc_call_alone(&c->client, &m))) {
        return "the call failed";
    }
    if (!err_ok(rpc_result(&m, number, length, RPC_NO_CAP))) {
        return "the reply does not fit";
    }
    for (unsigned i = 0; i < length; i++) {
        if (m.word[i] != base + i + 1) {
            return "wrong words";
        }
    }
    return NULL;
}

static void *run_caller(void *arg)
{
    struct caller *const c = arg;

    machine_be(&c->machine);
    for (; c->done < c->calls && !c->wrong; c->done++) {
        for (uint64_t i = test_random(&c->random) % 64 ? 0 : 50; i > 0; i--) { /* so that the server sleeps at times */
            sched_yield();
        }
        c->wrong = call(c, test_random(&c->random) % 16 ? OP_ADD : OP_WAIT, (unsigned)(test_random(&c->random) % 9));
    }
    const char *const stop = call(c, OP_STOP, 0);
    c->wrong = c->wrong ? c->wrong : stop;
    rpc_client_close_ump(&c->client);
    return NULL;
}

static void converse(unsigned calls, uint64_t poll)
{
    pthread_t server;
    uint64_t slept = 0, signals = 0;

    memset((void *)&srv, 0, sizeof(srv));
    memset((void *)caller, 0, sizeof(caller));
    machine_init(&srv.machine);
    machine_be(&srv.machine);
    srv.server = (struct rpc_server){ .session = srv.table, .events = HOST_EVENTS };
    for (unsigned i = 0; i < CLIENTS; i++) {
        struct caller *const c = &caller[i];
        struct served *const s = &srv.served[i];
        machine_init(&c->machine);
        c->random = test_seed() * 16 + i + 1;
        c->calls = calls;
        c->frame = connect_machines(&c->machine, EVENT, &srv.machine, EVENT + i, UMP_RPC_SLOTS >> i, poll, c->seat);
        rpc_client_init_ump(&c->client, &c->ump, &c->seat[0]);
        s->rpc = (struct rpc_session){ .serve = serve, .closed = closed, .state = s };
        rpc_session_init_ump(&srv.server, &s->rpc, &s->ump, &c->seat[1]);
        pthread_create(&c->thread, NULL, run_caller, c);
    }
    pthread_create(&server, NULL, run_server, NULL);
    for (unsigned i = 0; i < CLIENTS; i++) {
        pthread_join(caller[i].thread, NULL);
        slept += caller[i].machine.slept;
    }
    pthread_join(server, NULL);
    for (unsigned i = 0; i < CLIENTS; i++) {
        EXPECT(!caller[i].wrong, "client %u, call %u: %s", i, caller[i].done, caller[i].wrong ? caller[i].wrong : "");
        EXPECT_EQ(caller[i].done, calls, "client %u", i);
        signals += caller[i].machine.signals;
        free(caller[i].frame);
    }
    EXPECT_EQ(srv.closed, CLIENTS, "the server is told that they close");
    EXPECT(slept > 0 && srv.machine.slept > 0 && signals > 0, "nobody ever slept: what was tested?");
}

TEST(rpc_ump, calls_without_looking)
{
    converse(4000, 0);
}

TEST(rpc_ump, calls_that_look_for_a_while)
{
    converse(4000, 20000);
}

TEST(rpc_ump, calls_that_hardly_look)
{
    converse(4000, 300);
}

/* ---- two servers that ask each other ----------------------------------------------------------------------------- */

#define RECORDS 24u                     /* more than the window: some wait */
#define POSTS   3000u

struct monitor {
    struct machine machine;
    struct rpc_session *table[HOST_EVENTS];
    struct rpc_server server;
    struct rpc_pending pending;
    struct rpc_session session;
    struct ump_session ump;
    struct ump_kept kept[UMP_WINDOW_MAX];
    struct rpc_posted posted[RECORDS];
    uint64_t asked[RECORDS];
    uint64_t random;
    unsigned sent, answered;
    const char *wrong;
};
static struct monitor monitor[2];
static atomic_uint monitors_done;

static void monitor_serve(struct rpc_session *session, struct rpc_message *m)
{
    struct monitor *const own = session->state;

    if (test_random(&own->random) % 4 == 0) {           /* perhaps again, and again */
        rpc_later(m, CPTR_NULL);
        return;
    }
    const unsigned length = m->length;
    rpc_reply(m, length);
    m->word[0]++;
}

static void monitor_closed(struct rpc_session *session)
{
    ((struct monitor *)session->state)->wrong = "closed";
}

static void send_post(struct monitor *own, struct rpc_posted *p);

static void monitor_answered(struct rpc_posted *p, struct rpc_message *m)
{
    struct monitor *const own = p >= monitor[1].posted ? &monitor[1] : &monitor[0];
    const uint64_t asked = own->asked[p - own->posted];

    if (m->number != (OP_ADD | RPC_REPLY) || m->length != 1 + asked % 8 || m->word[0] != asked + 1) {
        own->wrong = "an answer";
    }
    own->answered++;
    send_post(own, p);
}

static void send_post(struct monitor *own, struct rpc_posted *p)
{
    struct rpc_message m = { .number = OP_ADD, .length = (uint8_t)(1 + own->sent % 8), .word = { own->sent } };

    if (own->sent == POSTS) {
        return;
    }
    p->answered = monitor_answered;
    own->asked[p - own->posted] = own->sent++;
    if (!err_ok(rpc_ump_post(&own->session, p, &m))) {
        own->wrong = "a post";
    }
}

static void *run_monitor(void *arg)
{
    struct monitor *const own = arg;
    bool done = false;

    machine_be(&own->machine);
    for (unsigned i = 0; i < RECORDS; i++) {
        send_post(own, &own->posted[i]);
    }
    while (monitors_done < 2 && !own->wrong) {
        own->machine.may_not_sleep = rpc_waits(&own->session);
        rpc_server_step(&own->server, &own->pending);
        rpc_retry(&own->server, &own->session);
        if (own->answered == POSTS && !done) {
            done = true;
            monitors_done++;
            machine_post(&monitor[own == monitor].machine, 0);
        }
    }
    return NULL;
}

static void ask_each_other(uint32_t slots, uint64_t poll)
{
    struct ump_seat seat[2];
    pthread_t thread;

    memset((void *)monitor, 0, sizeof(monitor));
    monitors_done = 0;
    machine_init(&monitor[0].machine);
    machine_init(&monitor[1].machine);
    void *const frame = connect_machines(&monitor[0].machine, EVENT, &monitor[1].machine, EVENT, slots, poll, seat);
    for (unsigned i = 0; i < 2; i++) {
        struct monitor *const m = &monitor[i];
        machine_be(&m->machine);
        m->random = test_seed() * 2 + i + 1;
        m->server = (struct rpc_server){ .session = m->table, .events = HOST_EVENTS };
        m->session = (struct rpc_session){ .serve = monitor_serve, .closed = monitor_closed, .state = m };
        m->ump.kept = m->kept;
        m->ump.kept_places = UMP_WINDOW_MAX;
        rpc_session_init_ump(&m->server, &m->session, &m->ump, &seat[i]);
    }
    pthread_create(&thread, NULL, run_monitor, &monitor[1]);
    run_monitor(&monitor[0]);
    pthread_join(thread, NULL);
    for (unsigned i = 0; i < 2; i++) {
        EXPECT(!monitor[i].wrong, "%u: %s after %u", i, monitor[i].wrong ? monitor[i].wrong : "", monitor[i].answered);
        EXPECT_EQ(monitor[i].answered, POSTS, "each of %u is answered", i);
        EXPECT_EQ(monitor[i].ump.end.under_way, 0, "and none is left");
    }
    free(frame);
}

TEST(rpc_ump, two_servers_ask_each_other)
{
    ask_each_other(16, 0);
    ask_each_other(UMP_RPC_SLOTS_MONITORS, 0);
    ask_each_other(UMP_RPC_SLOTS_MONITORS, 3000);
}
