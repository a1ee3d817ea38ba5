/** @file peer.c  Contracts in peer.h. */
#include "monitor.h"
#include "peer.h"
#include "../state.h"
#include <os/err.h>
#include <os/string.h>

#define INDEX_FIRST (CHANNEL_NOTIFY + 1)

struct peer *peer_of(uint64_t core)
{
    struct peer *p = monitor.peers;

    while (p && p->core != core) {
        p = p->next;
    }
    return p;
}

/* One object out of the reserve, for good. */
static err_t make(enum cap_type type, uint64_t size, cptr_t *slot)
{
    struct ram_block block;

    TRY(slots_alloc(&monitor.stock.slots, slot));
    const err_t err = monitor_make(type, size, *slot, &block);
    if (!err_ok(err)) {
        slots_free(&monitor.stock.slots, *slot);
    }
    return err;
}

/* The CNode in which @p index lies, made when it is first needed. */
static err_t index_cnode(struct peer *peer, uint64_t index)
{
    struct ram_block block;

    TRY(stock_refill(&monitor.stock));
    const err_t err = reserve_make(&monitor.stock.reserve, CAP_L2CNODE, 0, peer->l1, CPTR_L1(index >> 8), &block);
    return err_root(err) == E_SLOT_OCCUPIED ? OK : err;
}

err_t peer_publish(struct peer *peer, cptr_t notify, uint64_t *index)
{
    uint64_t i = INDEX_FIRST;

    while (i < MAILBOX_INDICES && peer->used[i / 64] >> i % 64 & 1) {
        i++;
    }
    REQUIRE(i < MAILBOX_INDICES, E_PEER_INDICES);
    if (i % 256 == 0) {
        TRY(index_cnode(peer, i));
    }
    TRY(cap_copy(peer->l1, i, CPTR_NULL, notify, RIGHT_READ | RIGHT_WRITE));
    peer->used[i / 64] |= 1ull << i % 64;
    *index = i;
    return OK;
}

void peer_withdraw(struct peer *peer, uint64_t index)
{
    err_ignore(cap_delete(peer->l1, index));        /* it went with the process whose it was, perhaps */
    peer->used[index / 64] &= ~(1ull << index % 64);
}

/* The Notify that the peer signals, and the CSpace it finds it in. */
static err_t make_notify(struct peer *peer)
{
    TRY(make(CAP_NOTIFY, 0, &peer->notify));
    TRY(monitor_event(&peer->event));
    TRY(notify_bind(peer->notify, TASK_DISPATCHER, peer->event));
    TRY(make(CAP_L1CNODE, L1_SLOTS_LOG2_MIN, &peer->l1));
    TRY(index_cnode(peer, 0));
    TRY(cap_copy(peer->l1, CHANNEL_NOTIFY, CPTR_NULL, peer->notify, RIGHT_READ | RIGHT_WRITE));
    return slots_alloc(&monitor.stock.slots, &peer->wake);
}

void peer_wake_again(struct peer *peer)
{
    err_ignore(kernel_remote_notify(TASK_KERNEL, peer->core, CHANNEL_NOTIFY, CPTR_NULL, peer->wake));   /* E_SLOT_OCCUPIED */
}

err_t peer_begin(uint64_t core, struct peer **made)
{
    uint64_t address;

    _Static_assert(sizeof(struct peer) <= PEER_BYTES, "peer.h");
    TRY(monitor_memory(PEER_BYTES, &address));
    struct peer *const peer = (struct peer *)address;
    *peer = (struct peer){ .core = core };
    TRY(make_notify(peer));
    peer->next = monitor.peers;
    monitor.peers = peer;
    *made = peer;
    return OK;
}

static err_t map(struct peer *peer)
{
    return vspace_map(&monitor.vspace, peer->frame, 0, CHANNEL_BYTES, MAP_READ | MAP_WRITE, &peer->address);
}

/* Both ends as new.  The side of the lower number is side 0. */
static err_t connect(struct peer *peer)
{
    const struct ump_seat seat = {
        .frame = (void *)(peer->address + CHANNEL_RING_AT), .side = init.boot->core < peer->core ? 0 : 1,
        .slots = UMP_RPC_SLOTS_MONITORS, .event = peer->event, .wake = peer->wake,
        .poll = ump_poll_ticks((unsigned)init.boot->core_count), .state = peer,
    };

    TRY(kernel_connect(TASK_KERNEL, peer->core, peer->frame, 0, peer->l1));
    peer_wake_again(peer);
    peer->session = (struct rpc_session){
        .serve = peer_request, .closed = peer_closed, .state = peer, .closings = peer->session.closings,
    };
    peer->unused = NULL;
    for (unsigned i = 0; i < PEER_SURE; i++) {
        peer->sure[i].next = peer->unused;
        peer->unused = &peer->sure[i];
    }
    peer->ump = (struct ump_session){ .kept = peer->kept, .kept_places = UMP_WINDOW_MAX };
    rpc_session_init_ump(&monitor.server, &peer->session, &peer->ump, &seat);
    return OK;
}

void peer_down(struct peer *peer)
{
    peer->up = false;
    if (monitor.session[peer->event]) {
        rpc_session_leave(&monitor.server, &peer->session);
        rpc_ump_end_posts(&peer->session);
    }
    peer->want = PEER_UNKNOWN;
    if (init.boot->core != 0) {
        err_ignore(kernel_disconnect(TASK_KERNEL, peer->core));         /* home: before it is started again */
    }
    for (uint64_t i = INDEX_FIRST; i < MAILBOX_INDICES; i++) {
        if (peer->used[i / 64] >> i % 64 & 1) {
            peer_withdraw(peer, i);
        }
    }
}

err_t peer_prepare(uint64_t core, struct peer **peer)
{
    TRY(stock_refill(&monitor.stock));
    if (!*peer) {
        TRY(peer_begin(core, peer));
        TRY(make(CAP_FRAME, CHANNEL_BYTES, &(*peer)->frame));
        TRY(map(*peer));
    } else {
        TRY(kernel_disconnect(TASK_KERNEL, core));
    }
    memset((void *)(*peer)->address, 0, CHANNEL_BYTES);
    return connect(*peer);
}

err_t peer_home(struct peer **peer)
{
    TRY(peer_begin(0, peer));
    (*peer)->frame = TASK_CHANNEL;
    TRY(map(*peer));
    return connect(*peer);
}

/* Home keeps the Frame of a pair of cores for good: the second time it is the same. */
err_t peer_join(struct peer *peer, uint64_t base, bool first)
{
    const struct cap_name name = { CAP_FRAME, base, CHANNEL_BYTES, 0 };

    if (peer->up) {
        peer_down(peer);                                /* it was off meanwhile, and that was not noticed yet */
    }
    if (peer->frame == CPTR_NULL) {
        cptr_t slot;
        TRY(stock_refill(&monitor.stock));
        TRY(slots_alloc(&monitor.stock.slots, &slot));
        TRY(kernel_make_foreign(TASK_KERNEL, &name, RIGHT_READ | RIGHT_WRITE | RIGHT_GRANT, CPTR_NULL, slot));
        peer->frame = slot;
        TRY(map(peer));
    }
    if (first) {
        memset((void *)peer->address, 0, CHANNEL_BYTES);
    }
    TRY(connect(peer));
    peer->up = true;
    peer->want = PEER_UNKNOWN;
    return OK;
}
