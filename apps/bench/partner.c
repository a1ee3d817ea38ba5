/** @file partner.c  The process on the other core.  It is passed the shared Frame and the Notify of the one that measures; in the Frame
 * it says what its service is. */
#include "cores.h"
#include <os/err.h>
#include <os/remote_seat.h>
#include <os/services.h>
#include <os/startup.h>
#include <stubs/monitor.h>
#include <stubs/partner.h>
#include <stubs/service.h>

#define EVENTS 256u
#define SEATS  64u                              /* below: those of event_new() */

static struct {
    struct rpc_session *session[EVENTS];
    struct rpc_server server;
    struct rpc_seats seats;
    struct remote_seats remote;
    struct player player;
    cptr_t notify;
    bool plays;
    enum game game;
    uint64_t rounds;
} state = { .server = { .session = state.session, .events = EVENTS } };

/* --- partner.if --- */

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

static err_t do_wake(void *s, cptr_t *notify)
{
    (void)s;
    *notify = state.notify;
    return OK;
}

static err_t do_take(void *s, cptr_t it)
{
    (void)s;
    return cap_delete(CPTR_NULL, it);
}

static err_t do_play(void *s, uint64_t game, uint64_t rounds)
{
    (void)s;
    REQUIRE(game <= GAME_STREAM, E_ARG);
    state.plays = true;
    state.game = (enum game)game;
    state.rounds = rounds;
    return OK;
}

static void serve(struct rpc_session *s, struct rpc_message *m)
{
    static const struct partner_ops ops = {
        .nothing = do_nothing, .words = do_words, .wake = do_wake, .take = do_take, .play = do_play,
    };

    partner_serve(&ops, s, m);
}

static void closed(struct rpc_session *s)
{
    rpc_seat_close(&state.seats, s->state);
}

/* --- service.if: the monitor --- */

static err_t do_open(void *s, uint64_t connection, uint64_t pid, uint64_t flags, cptr_t page)
{
    struct rpc_seat *seat;

    (void)s, (void)pid, (void)flags;
    const err_t err = remote_seat_open(&state.remote, connection, page, &seat);
    if (!err_ok(err)) {
        rpc_drop_cap(page);
        return err;
    }
    seat->rpc.serve = serve;
    seat->rpc.closed = closed;
    seat->rpc.state = seat;
    return OK;
}

static err_t do_opened(void *s, uint64_t connection, cptr_t client, cptr_t *server)
{
    (void)s;
    return remote_seats_wake(&state.remote, connection, client, server);
}

static err_t do_deliver(void *s, uint64_t connection, cptr_t sent)
{
    (void)s;
    return remote_seats_deliver(&state.remote, connection, sent);
}

static void serve_monitor(struct rpc_session *s, struct rpc_message *m)
{
    static const struct service_ops ops = { .open = do_open, .wake = do_opened, .deliver = do_deliver };

    service_serve(&ops, s, m);
}

static void monitor_gone(struct rpc_session *s)
{
    (void)s;
    os_exit(1);
}

/* --- start --- */

static err_t offer(iref_t *iref)
{
    struct rpc_client *const m = os_monitor();
    struct rpc_seat *seat;
    cptr_t slot, got;

    TRY(rpc_seats_init(&state.seats, &state.server, os_stock(), os_vspace(), TASK_DISPATCHER, SEATS, EVENTS));
    TRY(remote_seats_init(&state.remote, &state.seats));
    TRY(rpc_seat_open(&state.seats, &seat));
    seat->rpc.serve = serve_monitor;
    seat->rpc.closed = monitor_gone;
    TRY(slots_alloc(&os_stock()->slots, &slot));
    TRY(rpc_seat_mint(seat, CPTR_NULL, slot));
    m->cap_slot = seat->rpc.end.send;
    return monitor_export(m, 0, slot, iref, &got);
}

static err_t start(void)
{
    uint64_t address, event;
    iref_t iref;

    TRY(vspace_map(os_vspace(), PSLOT_PASSED, 0, SHARED_BYTES, MAP_READ | MAP_WRITE, &address));
    TRY(notify_new(&state.notify, &event));
    player_init(&state.player, (void *)address, 1, PSLOT_PASSED + 1, event);
    TRY(offer(&iref));
    __c11_atomic_store(&state.player.shared->hello.word[0], iref, __ATOMIC_RELEASE);
    return OK;
}

int partner(void)
{
    struct rpc_pending pending = { 0 };
    err_t err = start();

    while (err_ok(err)) {
        rpc_server_step(&state.server, &pending);
        if (state.plays) {
            state.plays = false;
            err = player_return(&state.player, state.game, state.rounds);
        }
    }
    err_print("bench, the partner", err);
    return 1;
}
