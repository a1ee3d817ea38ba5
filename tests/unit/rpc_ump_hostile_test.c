/* rpc_ump_hostile_test.c  A peer that writes whatever it likes over a live connection: the server ends that, again
 * and again, and its other clients notice nothing. */
#include "rpc_ump_host.h"
#include "test.h"
#include <os/err.h>
#include <stdatomic.h>

#define HONEST 2u
#define EVENT  8u
#define SLOTS  16u
#define CALLS  3000u

static struct {
    struct machine machine;
    struct rpc_session *table[HOST_EVENTS];
    struct rpc_server server;
    struct rpc_pending pending;
    struct rpc_session session[HONEST + 1];
    struct ump_session ump[HONEST + 1];
    struct ump_seat seat;               /* of the hostile one */
    unsigned opened, ended;
    uint64_t honest, hostile;           /* requests served */
    _Atomic bool stop;
} srv;

struct client {
    struct machine machine;
    struct rpc_client rpc;
    struct ump_client ump;
    struct ump_seat seat[2];
    void *frame;
    unsigned done;
    pthread_t thread;
};
static struct client client[HONEST + 1];    /* the last is the hostile one */

static void serve(struct rpc_session *session, struct rpc_message *m)
{
    if (session == &srv.session[HONEST]) {
        srv.hostile++;
        if (m->number % 4 == 1) {
            rpc_later(m, m->cap);
            return;
        }
    } else {
        srv.honest++;
    }
    rpc_reply(m, m->length);
    for (unsigned i = 0; i < m->length; i++) {
        m->word[i]++;
    }
}

static void closed(struct rpc_session *session)
{
    srv.ended += session == &srv.session[HONEST];
}

static void open_hostile(void)
{
    struct rpc_session *const s = &srv.session[HONEST];

    s->serve = serve;
    s->closed = closed;
    srv.ump[HONEST] = (struct ump_session){ 0 };
    rpc_session_init_ump(&srv.server, s, &srv.ump[HONEST], &srv.seat);
    srv.opened++;
}

static void *run_server(void *arg)
{
    (void)arg;
    machine_be(&srv.machine);
    while (!atomic_load(&srv.stop)) {
        rpc_server_step(&srv.server, &srv.pending);
        if (!srv.table[EVENT + HONEST]) {
            open_hostile();
        }
        rpc_retry(&srv.server, &srv.session[HONEST]);
    }
    return NULL;
}

static void *run_honest(void *arg)
{
    struct client *const c = arg;

    machine_be(&c->machine);
    for (; c->done < CALLS; c->done++) {
        struct rpc_message m = { .number = 7, .length = 8 };
        for (unsigned i = 0; i < 8; i++) {
            m.word[i] = c->done + i;
        }
        if (!err_ok(rpc_call_alone(&c->rpc, &m)) || !err_ok(rpc_result(&m, 7, 8, RPC_NO_CAP)) ||
            m.word[7] != c->done + 8) {
            break;
        }
    }
    return NULL;
}

/* Every second header looks right, so that some get further than the first check. */
static void *run_hostile(void *arg)
{
    struct client *const c = arg;
    struct ump_line *const line = c->frame;
    uint64_t random = test_seed() + 77;

    machine_be(&c->machine);
    while (!atomic_load(&srv.stop)) {
        const uint64_t at = test_random(&random), value = test_random(&random);
        struct ump_line *const l = &line[at % (2 + 2 * SLOTS)];
        if (at >> 32 & 1) {
            atomic_store(&l->word[at >> 40 & 7], value);
        } else {
            atomic_store(&l->word[0], (value & 1) << 63 | (value & 0x70) << 56 |
                                          (at >> 33 & 1 ? value & 0xffffffff : value & 0xfdffff));
        }
        if (at >> 48 & 1) {
            machine_post(&srv.machine, EVENT + HONEST);
        }
    }
    return NULL;
}

TEST(rpc_ump_hostile, others_notice_nothing)
{
    pthread_t server;

    memset((void *)&srv, 0, sizeof(srv));
    machine_init(&srv.machine);
    machine_be(&srv.machine);
    srv.server = (struct rpc_server){ .session = srv.table, .events = HOST_EVENTS };
    for (unsigned i = 0; i <= HONEST; i++) {
        struct client *const c = &client[i];
        machine_init(&c->machine);
        c->frame = connect_machines(&c->machine, EVENT, &srv.machine, EVENT + i, SLOTS, i == 1 ? 3000 : 0, c->seat);
        rpc_client_init_ump(&c->rpc, &c->ump, &c->seat[0]);
        if (i < HONEST) {
            srv.session[i] = (struct rpc_session){ .serve = serve, .closed = closed };
            rpc_session_init_ump(&srv.server, &srv.session[i], &srv.ump[i], &c->seat[1]);
        }
    }
    srv.seat = client[HONEST].seat[1];
    open_hostile();
    pthread_create(&server, NULL, run_server, NULL);
    for (unsigned i = 0; i <= HONEST; i++) {
        pthread_create(&client[i].thread, NULL, i < HONEST ? run_honest : run_hostile, &client[i]);
    }
    for (unsigned i = 0; i < HONEST; i++) {
        pthread_join(client[i].thread, NULL);
    }
    atomic_store(&srv.stop, true);
    machine_post(&srv.machine, 0);
    pthread_join(client[HONEST].thread, NULL);
    pthread_join(server, NULL);
    for (unsigned i = 0; i < HONEST; i++) {
        EXPECT_EQ(client[i].done, CALLS, "client %u", i);
        EXPECT(srv.table[EVENT + i] == &srv.session[i], "its session stays");
        free(client[i].frame);
    }
    EXPECT_EQ(srv.honest, HONEST * CALLS, "each request once");
    EXPECT(srv.ended > 10 && srv.hostile > 10, "ended %u times, and %" PRIu64 " of its requests served", srv.ended,
           srv.hostile);
    free(client[HONEST].frame);
}
