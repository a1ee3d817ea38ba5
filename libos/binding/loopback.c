/** @file loopback.c  Two small queues under the events lock: the other end is told within the same critical section. */
#include "internal.h"

struct loopback_end {
    struct transport transport;         /* first */
    struct loopback *pair;
    uint32_t taken, put;                /* frames that have come to this end; they never wrap around each other */
    bool closed;                        /* this end */
    bool starved;                       /* this end's last send found no room */
    struct {
        uint64_t *at;
        size_t bytes;
        bool used, awaited;             /* a packet lies there; the other end wants to send another one */
    } shared;                           /* for long packets that come to this end */
    struct frame frame[LOOPBACK_FRAMES];
};

struct loopback {
    struct loopback_end end[2];
};

static struct loopback_end *end_of(struct transport *t)
{
    return (struct loopback_end *)t;
}

static struct loopback_end *peer_of(struct loopback_end *e)
{
    return &e->pair->end[e == &e->pair->end[0]];
}

static void tell(struct loopback_end *e)
{
    if (!e->closed && e->transport.owner) {
        transport_ready_entered(e->transport.owner);
    }
}

static err_t put(struct loopback_end *e, const struct frame *f)
{
    REQUIRE(!e->closed, E_RPC_CLOSED);
    REQUIRE(e->put - e->taken < LOOPBACK_FRAMES, E_TX_BUSY);
    e->frame[e->put++ % LOOPBACK_FRAMES] = *f;
    if (f->head == FRAME_SHARED) {
        e->shared.used = true;
    }
    tell(e);
    return OK;
}

static err_t loopback_send(struct transport *t, const struct frame *f)
{
    struct frame copy = *f;

    if (f->cap != CPTR_NULL && !f->give) {              /* the receiver gets one of its own */
        TRY(binding_copy_cap(f->cap, &copy.cap));
    }
    events_enter();
    const err_t err = put(peer_of(end_of(t)), &copy);
    end_of(t)->starved = err_root(err) == E_TX_BUSY;
    events_leave();
    if (!err_ok(err) && copy.cap != f->cap) {
        binding_drop_cap(copy.cap);
    }
    return err;
}

static err_t take(struct loopback_end *e, struct frame *f)
{
    if (e->taken == e->put) {
        return ERR(peer_of(e)->closed ? E_RPC_CLOSED : E_CHANNEL_EMPTY);
    }
    *f = e->frame[e->taken++ % LOOPBACK_FRAMES];
    if (e->put - e->taken == LOOPBACK_FRAMES - 1) {
        tell(peer_of(e));                               /* it was full */
    }
    return OK;
}

static err_t loopback_receive(struct transport *t, struct frame *f)
{
    events_enter();
    const err_t err = take(end_of(t), f);
    events_leave();
    return err;
}

/* --- long packets --- */

static bool free_for_packet(struct loopback_end *e)
{
    events_enter();
    const bool free = !e->shared.used;
    e->shared.awaited = !free;
    events_leave();
    return free;
}

static err_t loopback_room(struct transport *t, size_t bytes, uint64_t **at)
{
    struct loopback_end *const e = peer_of(end_of(t));

    REQUIRE(free_for_packet(e), E_TX_BUSY);
    if (e->shared.bytes < bytes) {
        heap_free(e->shared.at);
        e->shared.at = heap_take(bytes);
        e->shared.bytes = e->shared.at ? bytes : 0;
        REQUIRE(e->shared.at, E_HEAP);
    }
    *at = e->shared.at;
    return OK;
}

static const uint64_t *loopback_packet(struct transport *t, size_t bytes)
{
    const struct loopback_end *const e = end_of(t);

    return bytes <= e->shared.bytes ? e->shared.at : NULL;      /* the announcement has come: it is in use */
}

static void loopback_taken(struct transport *t)
{
    struct loopback_end *const e = end_of(t);

    events_enter();
    e->shared.used = false;
    if (e->shared.awaited) {
        tell(peer_of(e));
    }
    events_leave();
}

static const struct share_ops loopback_share = {
    .room = loopback_room,
    .packet = loopback_packet,
    .taken = loopback_taken,
};

/* --- */

static bool loopback_arm(struct transport *t, bool receive)
{
    struct loopback_end *const e = end_of(t);

    struct loopback_end *const peer = peer_of(e);
    const bool room = (e->starved && peer->put - peer->taken < LOOPBACK_FRAMES) ||
                      (peer->shared.awaited && !peer->shared.used);

    return (receive && e->taken != e->put) || room || peer->closed;
}

static void loopback_close(struct transport *t)
{
    struct loopback_end *const e = end_of(t);

    struct loopback *const pair = e->pair;
    cptr_t left[LOOPBACK_FRAMES] = { CPTR_NULL };

    events_enter();
    e->closed = true;                                   /* nobody puts any more */
    for (unsigned i = 0; e->taken != e->put; i++) {
        left[i] = e->frame[e->taken++ % LOOPBACK_FRAMES].cap;
    }
    const bool last = peer_of(e)->closed;
    tell(peer_of(e));
    events_leave();                                     /* from here on the other side may free the pair */
    for (unsigned i = 0; i < LOOPBACK_FRAMES; i++) {
        if (left[i] != CPTR_NULL) {
            binding_drop_cap(left[i]);
        }
    }
    if (last) {
        heap_free(pair->end[0].shared.at);
        heap_free(pair->end[1].shared.at);
        heap_free(pair);
    }
}

static const struct transport_ops loopback_ops = {
    .frame_words = FRAME_WORDS_MAX,
    .caps = true,
    .share = &loopback_share,
    .send = loopback_send,
    .receive = loopback_receive,
    .arm = loopback_arm,
    .close = loopback_close,
};

err_t loopback_pair(struct transport *end[2])
{
    struct loopback *const pair = heap_alloc(sizeof(*pair));

    REQUIRE(pair, E_HEAP);
    for (unsigned i = 0; i < 2; i++) {
        pair->end[i].transport.ops = &loopback_ops;
        pair->end[i].pair = pair;
        end[i] = &pair->end[i].transport;
    }
    return OK;
}
