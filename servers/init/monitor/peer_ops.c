/** @file peer_ops.c  The calls of intermon.if: what other monitors ask, and how they are asked.  What comes from another
 * core's monitor is believed no more than it must be: a mistake there may cost its core, and nobody else's. */
#include "connection.h"
#include "cores.h"
#include "crossing.h"
#include "monitor.h"
#include "peer.h"
#include "../commands.h"
#include "../state.h"
#include <os/bug.h>
#include <os/err.h>
#include <os/print.h>
#include <stubs/intermon.h>

/* --- asking --- */

static void answered(struct rpc_posted *posted, struct rpc_message *m)
{
    struct peer_message *const p = (struct peer_message *)posted;

    if (p->answered) {
        p->answered(p->arg, m);
    }
    if (p->sure) {
        p->next = p->sure->unused;
        p->sure->unused = p;
    } else {
        slab_free(&monitor.peer_message_slab, p);
    }
}

void peer_send_sure(struct peer *peer, const struct rpc_message *m)
{
    struct peer_message *const p = peer->unused;

    OS_ASSERT(p);
    peer->unused = p->next;
    *p = (struct peer_message){ .posted.answered = answered, .sure = peer };
    if (!err_ok(rpc_ump_post(&peer->session, &p->posted, m))) {
        answered(&p->posted, NULL);
    }
}

err_t peer_send(struct peer *peer, const struct rpc_message *m, void (*then)(void *, struct rpc_message *), void *arg)
{
    REQUIRE(peer->up, E_CORE_DOWN);
    err_ignore(stock_refill(&monitor.stock));           /* what lacks shows in what fails */
    struct peer_message *const p = slab_alloc(&monitor.peer_message_slab);
    REQUIRE(p, E_MONITOR_MEMORY);
    *p = (struct peer_message){ .posted.answered = answered, .answered = then, .arg = arg };
    const err_t err = rpc_ump_post(&peer->session, &p->posted, m);
    if (!err_ok(err)) {
        slab_free(&monitor.peer_message_slab, p);
    }
    return err;
}

static void core_told(void *pid, struct rpc_message *answer)
{
    struct client *const c = client_find((uint64_t)pid);
    uint64_t phase = 0;
    const err_t err = intermon_core_result(answer, &phase);

    if (c && c->core.under_way) {
        c->core.under_way = false;
        c->core.here = true;
        c->core.err = err;
        c->core.phase = phase;
        client_retry(c);
    }
}

/* The client may have given up a call for another core: that answer is waited for, and passed over. */
err_t core_ask(struct client *c, uint64_t index, uint64_t *phase)
{
    struct rpc_message m;

    if (c->core.here && c->core.index == index) {
        c->core.here = false;
        *phase = c->core.phase;
        return c->core.err;
    }
    if (!c->core.under_way) {
        intermon_core_request(&m, index);
        TRY(peer_send(monitor.home, &m, core_told, (void *)c->pid));
        c->core.under_way = true;
        c->core.here = false;
        c->core.index = index;
    }
    return ERR(E_RPC_LATER);
}

/* --- being asked --- */

static err_t do_core(void *session, uint64_t core, uint64_t *phase)
{
    (void)session;
    REQUIRE(init.boot->core == 0, E_CORE_HOME);
    return core_phase(core, phase);
}

static err_t do_up(void *session, uint64_t status)
{
    struct peer *const peer = session;
    struct core *const core = core_of(peer->core);

    REQUIRE(core && core->phase == CORE_STARTING, E_CORE_HOME);
    peer->up = status == 0;
    if (peer->up) {
        crossing_connected(peer->core);
        names_tell(peer);
    }
    core_is_up(core, (err_t){ status });
    return OK;
}

static err_t do_channel(void *session, uint64_t core)
{
    REQUIRE(init.boot->core == 0, E_CORE_HOME);
    return pairs_open(((struct peer *)session)->core, core);
}

static err_t do_channel_with(void *session, uint64_t core, uint64_t base, bool first)
{
    REQUIRE(((struct peer *)session)->core == 0, E_CORE_HOME);
    return pairs_channel(core, base, first);
}

static err_t do_names(void *session, iref_t service)
{
    REQUIRE(((struct peer *)session)->core == 0, E_CORE_HOME);
    names_at(service);
    return OK;
}

static err_t do_log(void *session, uint64_t bytes, uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3, uint64_t w4,
                    uint64_t w5)
{
    const uint64_t word[] = { w0, w1, w2, w3, w4, w5 };

    (void)session;
    REQUIRE(bytes <= sizeof(word), E_ARG);
    print_sink((const char *)word, bytes);
    return OK;
}

static err_t do_stop(void *session)
{
    const struct peer *const peer = session;

    REQUIRE(peer->core == 0, E_CORE_HOME);
    core_leave();
    return OK;
}

static err_t do_bind(void *session, uint64_t connection, iref_t service, uint64_t pid, uint64_t flags, uint64_t base,
                     uint64_t notify)
{
    return connection_serve(((struct peer *)session)->core, connection, service, pid, flags, base, notify);
}

static err_t do_bound(void *session, uint64_t connection, uint64_t error, uint64_t notify)
{
    (void)session;
    return connection_bound(connection, (err_t){ error }, notify);
}

static err_t do_unbind(void *session, uint64_t connection)
{
    return connection_unbind(((struct peer *)session)->core, connection);
}

static err_t do_unbound(void *session, uint64_t connection)
{
    return connection_unbound(((struct peer *)session)->core, connection);
}

static err_t do_borrow(void *session, uint64_t bytes, uint64_t more, uint64_t align)
{
    return lending_borrow(((struct peer *)session)->core, bytes, more, align);
}

static err_t do_borrowed(void *session, uint64_t error)
{
    REQUIRE(((struct peer *)session)->core == 0, E_CORE_HOME);
    lending_borrowed((err_t){ error });
    return OK;
}

void peer_request(struct rpc_session *session, struct rpc_message *message)
{
    static const struct intermon_ops ops = {
        .up = do_up, .channel = do_channel, .channel_with = do_channel_with, .names = do_names, .core = do_core,
        .log = do_log, .stop = do_stop, .bind = do_bind, .bound = do_bound, .borrow = do_borrow, .borrowed = do_borrowed,
        .unbind = do_unbind, .unbound = do_unbound, .capops_forward = net_forward, .capops_import = net_import,
        .capops_dropped = net_dropped, .capops_purge = net_purge, .capops_lend = net_lend, .capops_return = net_return,
        .capops_recall = net_recall, .capops_leaving = net_leaving, .capops_gone = net_gone, .capops_answer = net_answer,
    };

    intermon_serve(&ops, session->state, message);
}

void peer_closed(struct rpc_session *session)
{
    struct peer *const peer = session->state;

    peer->up = false;
    core_closed(peer->core);
    if (init.boot->core != 0 && peer->core != 0) {
        peer_down(peer);                /* home does it when that core is off */
    }
}
