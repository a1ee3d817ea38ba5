/* fake_lmp.c  As much of the kernel as LMP channels see: endpoints with rings and receive slots, of two sides at a
 * time. */
#include "channels.h"
#include "host.h"

#include <os/lmp_channel.h>
#include <os/loopback.h>
#include <os/rpc.h>
#include <os/waiting.h>
#include <shoal/invoke.h>

#define SLOTS 8u

/** What an endpoint is; its send capability and its receive slot are numbers made of its place here. */
static struct endpoint {
    struct ring_control ring;
    struct ring_message slot[SLOTS];
    struct lmp_channel channel;
    cptr_t received;                /* in the receive slot */
    bool posted, open;
} endpoint[2];

#define SEND_CAP(i_)     (0x5000u + (i_))
#define RECEIVE_SLOT(i_) (0x6000u + (i_))

static struct endpoint *of_send_cap(cptr_t cap)
{
    return cap - SEND_CAP(0) < 2 ? &endpoint[cap - SEND_CAP(0)] : NULL;
}

static err_t deliver_cap(struct endpoint *e, const struct xfer *x)
{
    REQUIRE(e->received == CPTR_NULL, E_RECV_SLOT);
    if (x->tag & TAG_GIVE) {
        e->received = x->cap;
        return OK;
    }
    return binding_copy_cap(x->cap, &e->received);
}

err_t sys_xfer(struct xfer *x)
{
    struct endpoint *const e = of_send_cap(x->dest);

    REQUIRE(e && x->accept == (uint64_t)XFER_NO_PARK, E_ARG);
    REQUIRE(!e->ring.closed, E_CAP_EMPTY);
    REQUIRE(e->open, E_DEAD);
    REQUIRE(e->ring.produced - e->ring.consumed < SLOTS, E_FULL);
    if (x->tag & TAG_CAP) {
        TRY(deliver_cap(e, x));
    }
    struct ring_message *const m = &e->slot[e->ring.produced % SLOTS];
    m->tag = x->tag & ~(uint64_t)TAG_GIVE;
    for (unsigned i = 0; i < XFER_WORDS; i++) {
        m->word[i] = i < (x->tag & TAG_LENGTH_MASK) ? x->word[i] : 0xdeadbeef;
    }
    e->ring.produced++;
    e->posted = true;
    return OK;
}

/* cap_delete() of a send capability. */
struct sys_result sys_invoke(cptr_t cap, uint64_t op, struct sys_args args)
{
    (void)cap;
    (void)op;
    struct endpoint *const e = of_send_cap(args.a[0]);
    if (e) {
        e->ring.closed = 1;
        e->posted = true;
    }
    return (struct sys_result){ OK, { 0 } };
}

err_t cap_delete(cptr_t root, cptr_t slot)
{
    return sys_invoke(root, 0, (struct sys_args){ { slot } }).err;
}

err_t binding_take_cap(cptr_t receive, cptr_t *cap)
{
    struct endpoint *const e = &endpoint[receive - RECEIVE_SLOT(0)];

    *cap = e->received;
    e->received = CPTR_NULL;
    return OK;
}

/* A capability that is given away is the same number for whom it is given to. */
void binding_gave_cap(cptr_t cap)
{
    (void)cap;
}

static void released(struct lmp_channel *c)
{
    struct endpoint *const e = (struct endpoint *)((char *)c - offsetof(struct endpoint, channel));

    if (e->received != CPTR_NULL) {
        rpc_drop_cap(e->received);
    }
    e->open = false;
}

bool fake_lmp_make(struct transport *end[2])
{
    for (unsigned i = 0; i < 2; i++) {
        const struct lmp_end ends = {
            .send = SEND_CAP(!i), .ring = &endpoint[i].ring, .mask = SLOTS - 1, .event = i, .receive = RECEIVE_SLOT(i)
        };
        memset(&endpoint[i], 0, sizeof(endpoint[i]));
        endpoint[i].open = true;
        lmp_channel_init(&endpoint[i].channel, &ends, released);
        end[i] = &endpoint[i].channel.transport;
    }
    return true;
}

bool fake_lmp_events(void)
{
    bool any = false;

    for (unsigned i = 0; i < 2; i++) {
        if (endpoint[i].posted && endpoint[i].open) {
            endpoint[i].posted = false;
            events_enter();
            lmp_channel_event(&endpoint[i].channel);
            events_leave();
            any = true;
        }
    }
    return any;
}

unsigned fake_yields;

void sys_yield(void)
{
    fake_yields++;
}
