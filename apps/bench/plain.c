/** @file plain.c  The same call with the stubs that need neither heap nor waitset, in programs without threads. */
#include "bench.h"
#include <os/names.h>
#include <os/print.h>
#include <os/process.h>
#include <os/services.h>
#include <os/startup.h>
#include <stubs/plain.h>
#include <stubs/service.h>

#define NAME   "benchpln"
#define EVENTS 64u

/* --- the server --- */

static struct rpc_session *session[EVENTS];
static struct rpc_server server = { .session = session, .events = EVENTS };
static struct rpc_seats seats;

static err_t do_nothing(void *s)
{
    (void)s;
    return OK;
}

static err_t do_words(void *s, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f, uint64_t g)
{
    (void)s, (void)a, (void)b, (void)c, (void)d, (void)e, (void)f, (void)g;
    return OK;
}

static void serve_call(struct rpc_session *s, struct rpc_message *m)
{
    static const struct plain_ops ops = { .nothing = do_nothing, .words = do_words };

    plain_serve(&ops, s, m);
}

static void closed(struct rpc_session *s)
{
    (void)s;
    os_exit(0);                             /* the only client */
}

static err_t do_connect(void *listen, uint64_t pid, cptr_t reply, cptr_t *binding)
{
    struct rpc_seat *seat;

    (void)listen, (void)pid;
    TRY(rpc_seat_open(&seats, &seat));
    seat->rpc.serve = serve_call;
    seat->rpc.closed = closed;
    TRY(cap_move(CPTR_NULL, seat->rpc.end.send, CPTR_NULL, reply));
    TRY(rpc_seat_mint(seat, CPTR_NULL, reply));
    *binding = reply;
    return OK;
}

static void serve_connect(struct rpc_session *s, struct rpc_message *m)
{
    static const struct service_ops ops = { .connect = do_connect, .renew = name_renew };

    service_serve(&ops, s, m);
}

static err_t offer(void)
{
    struct rpc_seat *seat;
    iref_t iref;

    TRY(rpc_seats_init(&seats, &server, os_stock(), os_vspace(), TASK_DISPATCHER, PEVENT_FREE, EVENTS));
    TRY(rpc_seat_open(&seats, &seat));
    seat->rpc.serve = serve_connect;
    seat->rpc.closed = closed;
    return service_offer(seat, NAME, &iref);
}

int plain_server(void)
{
    struct rpc_pending pending = { 0 };
    const err_t err = offer();

    if (!err_ok(err)) {
        err_print("bench as-plain", err);
        return 1;
    }
    for (;;) {
        rpc_server_step(&server, &pending);
    }
}

/* --- the client --- */

static err_t call_nothing(struct rpc_client *c)
{
    return plain_nothing(c);
}

static err_t call_words(struct rpc_client *c)
{
    return plain_words(c, 1, 2, 3, 4, 5, 6, 7);
}

static err_t measure(struct line *line, err_t (*call)(struct rpc_client *c))
{
    static const char *const words[] = { "bench", "as-plain" };
    static struct rpc_client client[2];     /* they stay bound */
    static unsigned used;
    struct rpc_client *const c = &client[used++];
    uint64_t sample[ROUNDS], pid;
    unsigned status;

    TRY(process_spawn(2, words, NULL, &pid));
    TRY(service_bind_name(c, NAME, true));
    for (unsigned i = 0; i < ROUNDS; i++) {
        const uint64_t begin = clock_now();
        const err_t err = call(c);
        sample[i] = clock_now() - begin;
        TRY(err);
    }
    line->value = median(sample, ROUNDS) - overhead();
    TRY(process_kill(pid));
    return process_wait(pid, &pid, &status);
}

err_t plain_empty(struct line *line)
{
    return measure(line, call_nothing);
}

err_t plain_7_words(struct line *line)
{
    return measure(line, call_words);
}
