/* rpc_ump_test.c  Clients and servers over UMP, each a thread of its own, with every way to sleep: under ThreadSanitizer. */
#include "rpc_ump_host.h"
#include "test.h"
#include <os/err.h>
#include <sched.h>

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
        for (uint64_t i = test_random(&c->random) % 64 ? 0 : 50; i > 0; i--) {      /* so that the server sleeps at times */
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
