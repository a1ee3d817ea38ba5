/**
 * @file ump_client.c  A blocking call over UMP of a program with one thread: send, look for the reply, arm, sleep.
 *
 * Whoever sleeps waits for any event and then looks at everything: no message comes in registers here.
 */
#include <os/err.h>
#include <os/rpc_ump.h>

#include "rpc_tag.h"
#include "rpc_ump_client.h"

static bool cancelled(const struct rpc_client *c)
{
    return c->cancel != 0 &&
           (event_take(frame_self(), c->cancel) || (c->cancel_closed && lmp_closed(c->cancel_closed)));
}

static bool event_posted(const struct dispatcher_frame *frame, uint64_t id)
{
    return *(const volatile uint64_t *)&frame->events[id / 64] >> id % 64 & 1;
}

/* Armed: until an event comes.  Posted since the look: the bit is there, or pending is set and the kernel does not
 * sleep. */
static void sleep(const struct rpc_client *c, struct ump_end *end)
{
    struct dispatcher_frame *const frame = frame_self();
    struct xfer x = { .accept = EVENT_NONE };

    disable(frame);
    const bool cancel = c->cancel != 0 && (event_posted(frame, c->cancel) ||
                                           (c->cancel_closed && lmp_closed(c->cancel_closed)));
    if (event_take(frame, end->seat.event) || cancel || err_root(sys_xfer(&x)) != E_WOKEN) {
        enable(frame);
    }
}

/* Take the next reply, of whichever call. */
static err_t next_reply(struct rpc_client *c, struct ump_end *end, uint32_t *token, struct rpc_message *m)
{
    for (;;) {
        const err_t err = ump_receive(end, token, m);
        if (err_ok(err)) {
            REQUIRE(ump_is_reply(end, m), E_RPC_CLOSED);
            return OK;
        }
        if (err_root(err) != E_CHANNEL_EMPTY) {
            return err;
        }
        if (cancelled(c)) {
            return ERR(E_RPC_CANCELLED);
        }
        if (end->part == UMP_NEEDS_CAP) {
            ump_fetch_cap(end);
            if (end->cap_here) {
                continue;
            }
        }
        if (!ump_look(end) && !ump_arm(end)) {
            sleep(c, end);
            ump_ring_disarm(&end->ring);
            if (end->seat.woken) {
                end->seat.woken(end);
            }
        }
    }
}

/* U1: as many cancelled calls as there can be may still be waiting for their answers. */
static err_t wait_for_room(struct rpc_client *c, struct ump_end *end)
{
    while (end->under_way >= end->window) {
        struct rpc_message late;
        uint32_t token;

        TRY(next_reply(c, end, &token, &late));
        rpc_drop_received(&late);
    }
    return OK;
}

static err_t call_alone(struct rpc_client *c, struct rpc_message *m)
{
    struct ump_end *const end = rpc_ump_end(c);
    const uint16_t number = m->number;
    const cptr_t slot = rpc_wanted_slot(c);
    uint32_t token;

    REQUIRE(!ump_end_closed(end), E_RPC_CLOSED);
    REQUIRE(!cancelled(c), E_RPC_CANCELLED);
    TRY(wait_for_room(c, end));
    TRY(ump_send_cap(end, m));
    c->token = (c->token + 1) & UMP_TOKEN_MASK;
    TRY(ump_send(end, c->token, m));
    end->under_way++;
    for (;;) {
        TRY(next_reply(c, end, &token, m));
        if (token == c->token) {
            break;
        }
        rpc_drop_received(m);                       /* a late reply */
    }
    if (!err_ok(end->joined)) {
        ump_make_error(m, number, end->joined);
    }
    return rpc_place_cap(m, slot);
}

static const struct rpc_link_ops client_ops = { .call = call_alone };

void rpc_client_init_ump(struct rpc_client *c, struct ump_client *u, const struct ump_seat *seat)
{
    *u = (struct ump_client){ .link.ops = &client_ops, .client = c };
    ump_end_init(&u->end, seat, false);
    c->link = &u->link;
    c->end.event = seat->event;
    if (c->window > u->end.window) {
        c->window = u->end.window;
    }
}

void rpc_client_close_ump(struct rpc_client *c)
{
    rpc_ump_end(c)->dead = true;
    ump_ring_close(&rpc_ump_end(c)->ring);
}
