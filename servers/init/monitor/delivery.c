/** @file delivery.c  Capabilities in the messages of connections: they go through the two monitors, while the words go over the
 * page; contracts in crossing.h.  At most one is under way in each direction, so each side has one place for what arrives.
 *
 * A client asks for what has come (monitor.remote_receive); a server is handed it (service.deliver), since it must not wait
 * for a client's mistakes. */
#include "crossing.h"
#include "monitor.h"
#include <os/err.h>
#include <stubs/service.h>

#define RIGHTS_SENT ((uint64_t)RIGHTS_ALL & ~(uint64_t)RIGHT_OWN)

/* Who gets it, at the target's monitor: the connection, and which side of it. */
static uint64_t receiver(const struct connection *k, bool served)
{
    return k->number << 1 | served;
}

static struct connection *mine(const struct client *c, uint64_t number)
{
    for (struct connection *k = monitor.connections; k; k = k->next) {
        if (k->number == number && (k->served ? k->service && k->service->owner == c : k->client == c)) {
            return k;
        }
    }
    return NULL;
}

static struct client *owner_of(const struct connection *k)
{
    return k->served ? k->service->owner : k->client;
}

/* --- sending --- */

struct sending {
    struct crossing_op op;              /* first */
    uint64_t number;                    /* of the connection, which may have ended meanwhile */
    bool served;
    cptr_t slot;                        /* what is sent lies here until it is there */
};

_Static_assert(sizeof(struct sending) <= SENDING_BYTES, "crossing.h");

static void sent(struct crossing_op *op, err_t err)
{
    struct sending *const s = (struct sending *)op;
    struct connection *const k = connection_find(s->number, s->served);

    err_ignore(cap_delete(CPTR_NULL, s->slot));
    slots_free(&monitor.stock.slots, s->slot);
    slab_free(&monitor.sending_slab, s);
    if (k) {
        k->sending = SENDING_DONE;
        k->sent_err = err;
        if (k->served ? k->service != NULL : k->client != NULL) {
            client_retry(owner_of(k));
        }
    }
}

static err_t begin(struct connection *k, cptr_t cap)
{
    struct cap_info info;
    struct sending *s;
    cptr_t slot;

    TRY(stock_refill(&monitor.stock));
    TRY(cap_identify(CPTR_NULL, cap, &info));
    TRY(slots_alloc(&monitor.stock.slots, &slot));
    s = slab_alloc(&monitor.sending_slab);
    err_t err = s ? cap_move(CPTR_NULL, slot, CPTR_NULL, cap) : ERR(E_MONITOR_MEMORY);
    if (err_ok(err)) {
        *s = (struct sending){ .op.done = sent, .number = k->number, .served = k->served, .slot = slot };
        err = capops_send(&crossing, slot, info.rights & RIGHTS_SENT, k->other, receiver(k, !k->served),
                          crossing_cookie(&s->op));
        if (!err_ok(err)) {
            err_ignore(cap_delete(CPTR_NULL, slot));
        }
    }
    if (!err_ok(err)) {
        slots_free(&monitor.stock.slots, slot);
        if (s) {
            slab_free(&monitor.sending_slab, s);
        }
        return err;
    }
    k->sending = SENDING;
    return OK;
}

err_t delivery_send(struct client *c, uint64_t number, cptr_t cap)
{
    struct connection *const k = mine(c, number);
    err_t err = k && k->state == CONNECTION_UP && !k->gone ? OK : ERR(E_MONITOR_CONNECTION);

    if (err_ok(err) && k->sending == SENDING_NONE) {
        err = begin(k, cap);
    }
    if (!err_ok(err)) {
        rpc_drop_cap(cap);
        return err;
    }
    REQUIRE(k->sending == SENDING_DONE, E_RPC_LATER);
    k->sending = SENDING_NONE;
    return k->sent_err;
}

/* --- receiving --- */

err_t delivery_receive(struct client *c, uint64_t number, cptr_t *cap)
{
    struct connection *const k = mine(c, number);

    REQUIRE(k && !k->served, E_MONITOR_CONNECTION);
    REQUIRE(k->arrived != CPTR_NULL || !k->gone, E_MONITOR_CONNECTION);
    REQUIRE(k->arrived != CPTR_NULL, E_RPC_LATER);
    *cap = c->seat->rpc.end.receive;
    const cptr_t slot = k->arrived;
    const err_t err = cap_move(CPTR_NULL, *cap, CPTR_NULL, slot);
    k->arrived = CPTR_NULL;
    err_ignore(cap_delete(CPTR_NULL, slot));
    slots_free(&monitor.stock.slots, slot);
    return err;
}

err_t delivery_arrived(uint64_t core, uint64_t conn, cptr_t slot)
{
    struct connection *const k = connection_find(conn >> 1, conn & 1);

    REQUIRE(k && k->other == core && k->state == CONNECTION_UP && !k->gone && k->arrived == CPTR_NULL, E_MONITOR_CONNECTION);
    k->arrived = slot;
    if (k->served) {
        k->delivering = true;
        service_queue(k->service, &k->turn);
    } else if (k->client) {
        client_retry(k->client);
    }
    return OK;
}

/* Its turn at the server: see connection_post(). */
err_t delivery_post(struct connection *k, struct rpc_session *session)
{
    struct rpc_message m;

    service_deliver_request(&m, k->number, k->arrived);
    const err_t err = rpc_post(session, &m);
    if (!err_ok(err)) {
        delivery_forget(k);
    }
    return err;
}

void delivery_forget(struct connection *k)
{
    if (k->arrived != CPTR_NULL) {
        err_ignore(cap_delete(CPTR_NULL, k->arrived));
        slots_free(&monitor.stock.slots, k->arrived);
        k->arrived = CPTR_NULL;
    }
}
