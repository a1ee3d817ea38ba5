/** @file pairs.c  Channels between two cores neither of which is home: home makes the Frame when one of them asks, and tells
 * first the other, then the one that asked.  Contracts in peer.h. */
#include "cores.h"
#include "crossing.h"
#include "monitor.h"
#include "peer.h"
#include "../state.h"
#include <os/err.h>
#include <stubs/intermon.h>

struct pair {
    struct pair *next;
    uint64_t core[2];                   /* who asked last, and the other one */
    uint64_t base;
    enum { PAIR_CLOSED, PAIR_OPENING, PAIR_OPEN } state;        /* opening: the other one is being told */
};

_Static_assert(sizeof(struct pair) <= PAIR_BYTES, "peer.h");

/* --- home --- */

static struct pair *find(uint64_t a, uint64_t b)
{
    struct pair *p = monitor.pairs;

    while (p && !(p->core[0] == a && p->core[1] == b) && !(p->core[0] == b && p->core[1] == a)) {
        p = p->next;
    }
    return p;
}

static err_t make(struct pair **made)
{
    struct cap_info info;
    struct ram_block block;
    cptr_t frame;

    TRY(stock_refill(&monitor.stock));
    struct pair *const p = slab_alloc(&monitor.pair_slab);
    REQUIRE(p, E_MONITOR_MEMORY);
    *p = (struct pair){ .next = monitor.pairs };
    err_t err = slots_alloc(&monitor.stock.slots, &frame);
    if (err_ok(err)) {
        err = monitor_make(CAP_FRAME, CHANNEL_BYTES, frame, &block);
    }
    if (err_ok(err)) {
        err = cap_identify(CPTR_NULL, frame, &info);
    }
    if (!err_ok(err)) {
        slab_free(&monitor.pair_slab, p);
        return err;
    }
    p->base = info.base;
    monitor.pairs = p;
    *made = p;
    return OK;
}

static err_t tell(uint64_t core, uint64_t other, uint64_t base, bool first, void (*then)(void *, struct rpc_message *), void *arg)
{
    struct peer *const peer = peer_of(core);
    struct rpc_message m;

    REQUIRE(peer, E_CORE_DOWN);
    intermon_channel_with_request(&m, other, base, first);
    return peer_send(peer, &m, then, arg);
}

/* The other one has it: now who asked for it. */
static void told(void *arg, struct rpc_message *answer)
{
    struct pair *const p = arg;
    const err_t err = intermon_channel_with_result(answer);

    if (p->state != PAIR_OPENING) {
        return;                                             /* the one that asked is off */
    }
    p->state = err_ok(err) && err_ok(tell(p->core[0], p->core[1], p->base, false, NULL, NULL)) ? PAIR_OPEN : PAIR_CLOSED;
    if (p->state == PAIR_CLOSED) {
        err_ignore(tell(p->core[0], p->core[1], 0, false, NULL, NULL));
    }
}

/* The other one may not have noticed yet that the core that asks was off since they had a channel: so it is told first, lets
 * go of what it has of that one, and zeroes the Frame.  The core that asks has let go of it, or would not ask. */
err_t pairs_open(uint64_t core, uint64_t other)
{
    const struct core *const to = core_of(other);
    struct pair *p = find(core, other);

    REQUIRE(to && core_of(core) && core != other, E_CORE_DOWN);
    REQUIRE(to->phase != CORE_STARTING, E_RPC_LATER);
    REQUIRE(to->phase == CORE_UP, E_CORE_DOWN);
    if (!p) {
        TRY(make(&p));
    }
    if (p->state == PAIR_OPENING) {
        return OK;                                          /* the other one was quicker */
    }
    /* It was told, so the other one leaves and has closed it; or it asked before it was told, and does not mind. */
    REQUIRE(p->state == PAIR_CLOSED, E_CORE_DOWN);
    p->core[0] = core;
    p->core[1] = other;
    p->state = PAIR_OPENING;
    const err_t err = tell(other, core, p->base, true, told, p);
    if (!err_ok(err)) {
        p->state = PAIR_CLOSED;
    }
    return err;
}

void pairs_of_core_end(uint64_t core)
{
    for (struct pair *p = monitor.pairs; p; p = p->next) {
        if (p->core[0] == core || p->core[1] == core) {
            p->state = PAIR_CLOSED;
        }
    }
}

/* --- the others --- */

static void refused(uint64_t core)
{
    struct peer *const peer = peer_of(core);

    if (peer && peer->up) {
        return;                         /* it came while we asked */
    }
    if (peer) {
        peer->want = PEER_REFUSED;
    }
    capops_unconnected(&crossing, core);
    monitor_retry_all(NULL);
}

static void asked(void *arg, struct rpc_message *answer)
{
    if (!err_ok(intermon_channel_result(answer))) {
        refused((uint64_t)arg);
    }
}

void peer_want(uint64_t core)
{
    struct peer *peer = peer_of(core);
    struct rpc_message m;

    if (peer && (peer->up || peer->want == PEER_WANTED)) {
        return;
    }
    if (!peer && init.boot->core != 0 && !err_ok(peer_begin(core, &peer))) {
        return;
    }
    intermon_channel_request(&m, core);
    if (peer && monitor.home && err_ok(peer_send(monitor.home, &m, asked, (void *)core))) {
        peer->want = PEER_WANTED;
    }
}

err_t pairs_channel(uint64_t core, uint64_t base, bool first)
{
    struct peer *peer = peer_of(core);

    if (base == 0) {
        refused(core);
        return OK;
    }
    if (!peer) {
        TRY(peer_begin(core, &peer));
    }
    TRY(peer_join(peer, base, first));
    capops_connected(&crossing, core);
    monitor_retry_all(NULL);
    return OK;
}
