/** @file crossing_net.c  capops' messages, each a call of intermon.if that says only that it has come; the answer is a call
 * the other way. */
#include "cores.h"
#include "crossing.h"
#include "monitor.h"
#include "peer.h"
#include "../state.h"
#include <os/bug.h>
#include <os/err.h>
#include <stubs/intermon.h>

static void send(uint64_t core, const struct rpc_message *m)
{
    struct peer *const peer = peer_of(core);

    if (peer && peer->up) {
        peer_send_sure(peer, m);
    }
}

static void open(void *context, uint64_t core)
{
    (void)context;
    peer_want(core);
}

static void request(void *context, uint64_t core, const struct capops_request *r)
{
    struct rpc_message m;

    (void)context;
    switch (r->kind) {
    case CAPOPS_FORWARD:
        intermon_capops_forward_request(&m, r->id, r->type, r->base, r->bytes, r->rights | r->core << 8, r->conn);
        break;
    case CAPOPS_IMPORT:
        intermon_capops_import_request(&m, r->id, r->type, r->base, r->bytes, r->rights, r->count, r->conn);
        break;
    case CAPOPS_DROPPED:
        intermon_capops_dropped_request(&m, r->id, r->type, r->base, r->bytes, r->count);
        break;
    case CAPOPS_PURGE:
        intermon_capops_purge_request(&m, r->id, r->type, r->base, r->bytes);
        break;
    case CAPOPS_LEND:
        intermon_capops_lend_request(&m, r->id, r->base, r->bytes);
        break;
    case CAPOPS_RETURN:
        intermon_capops_return_request(&m, r->id, r->base, r->bytes);
        break;
    case CAPOPS_RECALL:
        intermon_capops_recall_request(&m, r->id, r->bytes);
        break;
    case CAPOPS_LEAVING:
        intermon_capops_leaving_request(&m, r->id);
        break;
    case CAPOPS_GONE:
        intermon_capops_gone_request(&m, r->id, r->core, r->off);
        break;
    }
    send(core, &m);
}

static void answer(void *context, uint64_t core, const struct capops_answer *a)
{
    struct rpc_message m;

    (void)context;
    if (peer_of(core) && crossing.config.peers[core].state == CAPOPS_LEFT) {
        peer_wake_again(peer_of(core));             /* purged with all that it owned, and it waits for this */
    }
    intermon_capops_answer_request(&m, a->id, a->err, a->holds);
    send(core, &m);
}

static void close(void *context, uint64_t core)
{
    struct peer *const peer = peer_of(core);

    (void)context;
    if (peer && init.boot->core != 0) {                 /* home keeps it until the core is off */
        peer_down(peer);
    }
}

const struct capops_net crossing_net = { .open = open, .request = request, .answer = answer, .close = close };

/* --- what comes --- */

static err_t take(void *session, const struct capops_request *r)
{
    capops_request(&crossing, ((struct peer *)session)->core, r);
    return OK;
}

err_t net_forward(void *session, uint64_t id, uint64_t type, uint64_t base, uint64_t bytes, uint64_t grant, uint64_t conn)
{
    return take(session, &(struct capops_request){ .kind = CAPOPS_FORWARD, .id = id, .type = type, .base = base, .bytes = bytes,
                                                   .rights = grant & 0xff, .core = grant >> 8, .conn = conn });
}

err_t net_import(void *session, uint64_t id, uint64_t type, uint64_t base, uint64_t bytes, uint64_t rights, uint64_t count,
                 uint64_t conn)
{
    return take(session, &(struct capops_request){ .kind = CAPOPS_IMPORT, .id = id, .type = type, .base = base, .bytes = bytes,
                                                   .rights = rights, .count = count, .conn = conn });
}

err_t net_dropped(void *session, uint64_t id, uint64_t type, uint64_t base, uint64_t bytes, uint64_t count)
{
    return take(session, &(struct capops_request){ .kind = CAPOPS_DROPPED, .id = id, .type = type, .base = base, .bytes = bytes,
                                                   .count = count });
}

err_t net_purge(void *session, uint64_t id, uint64_t type, uint64_t base, uint64_t bytes)
{
    return take(session, &(struct capops_request){ .kind = CAPOPS_PURGE, .id = id, .type = type, .base = base, .bytes = bytes });
}

err_t net_lend(void *session, uint64_t id, uint64_t base, uint64_t bytes)
{
    return take(session, &(struct capops_request){ .kind = CAPOPS_LEND, .id = id, .base = base, .bytes = bytes });
}

err_t net_return(void *session, uint64_t id, uint64_t base, uint64_t bytes)
{
    return take(session, &(struct capops_request){ .kind = CAPOPS_RETURN, .id = id, .base = base, .bytes = bytes });
}

err_t net_recall(void *session, uint64_t id, uint64_t bytes)
{
    return take(session, &(struct capops_request){ .kind = CAPOPS_RECALL, .id = id, .bytes = bytes });
}

err_t net_leaving(void *session, uint64_t id)
{
    return take(session, &(struct capops_request){ .kind = CAPOPS_LEAVING, .id = id });
}

err_t net_gone(void *session, uint64_t id, uint64_t core, bool off)
{
    const struct capops_request r = { .kind = CAPOPS_GONE, .id = id, .core = core, .off = off };

    return death_heard(core, session, &r) ? take(session, &r) : OK;
}

err_t net_answer(void *session, uint64_t id, uint64_t error, bool holds)
{
    capops_answered(&crossing, ((struct peer *)session)->core, &(struct capops_answer){ id, error, holds });
    return OK;
}
