/** @file services.c  Services and binds; contracts in monitor.h.
 *
 * A bind is one request to the service, with the capability for its answers; the client is told when the answer is
 * there.  A service has one such request under way; who comes meanwhile waits in a list.  A service that never answers
 * keeps only those waiting who want it.
 */
#include "connection.h"
#include "monitor.h"
#include <os/bug.h>
#include <os/err.h>
#include <stubs/mem.h>
#include <stubs/service.h>

struct service *service_find(iref_t iref)
{
    struct service *s = monitor.services;

    while (s && s->iref != iref) {
        s = s->next;
    }
    return s;
}

struct service *service_named(uint64_t name)
{
    struct service *s = monitor.services;

    while (s && (name == 0 || s->name != name)) {
        s = s->next;
    }
    return s;
}

/* The client's request is answered now, or, if it is being served at this moment, when its handler looks. */
static void finish(struct client *c, err_t err, cptr_t got)
{
    c->bind.state = BIND_DONE;
    c->bind.err = err;
    c->bind.got = got;
    if (c == monitor.serving) {
        return;
    }
    client_retry(c);
    c->bind.state = BIND_NONE;
}

static err_t post_client(struct service *s, struct client *c)
{
    const cptr_t reply = c->seat->rpc.end.receive;
    struct rpc_message m;

    if (s == monitor.mem_service) {
        mem_connect_request(&m, c->account, false, reply);
        m.give = true;
    } else {
        service_connect_request(&m, c->pid, reply);
    }
    const err_t err = rpc_post(&s->seat->rpc, &m);
    if (!err_ok(err)) {
        rpc_drop_cap(reply);
        return err;
    }
    c->bind.state = BIND_POSTED;
    return OK;
}

/* What @p t waited for has come. */
static void end_turn(struct turn *t, err_t err, cptr_t got)
{
    if (t->client) {
        finish(t->client, err, got);
    } else if (t->connection) {
        connection_answered(t->connection, err, got);
    }
}

static err_t post_renew(struct service *s)
{
    struct rpc_message m;

    s->renewing = false;                    /* asked for once more while it is under way, it is done once more */
    service_renew_request(&m);
    return rpc_post(&s->seat->rpc, &m);
}

static err_t post(struct service *s, struct turn *t)
{
    if (t->client) {
        return post_client(s, t->client);
    }
    return t->connection ? connection_post(t->connection, &s->seat->rpc) : post_renew(s);
}

/* Let whoever is first have its turn. */
static void turn(struct service *s)
{
    while (!s->busy && s->first) {
        struct turn *const t = s->first;
        s->first = t->next;
        if (!s->first) {
            s->last = &s->first;
        }
        const err_t err = post(s, t);
        if (!err_ok(err)) {
            end_turn(t, err, CPTR_NULL);
            continue;
        }
        s->current = t;
        s->busy = true;
    }
}

void service_queue(struct service *s, struct turn *t)
{
    t->next = NULL;
    *s->last = t;
    s->last = &t->next;
    turn(s);
}

void service_ask_renew(struct service *s)
{
    if (!s->renewing) {
        s->renewing = true;
        service_queue(s, &s->renew);
    }
}

static void answered(struct rpc_session *session, struct rpc_message *m)
{
    struct service *const s = session->state;
    struct turn *const t = s->current;
    cptr_t got = CPTR_NULL;
    err_t err;

    s->current = NULL;
    s->busy = false;
    if (t && t->connection) {
        err = connection_result(t->connection, m, &got);
    } else if (t == &s->renew) {
        err = service_renew_result(m);              /* a server that did not do it is not found */
    } else if (s == monitor.mem_service) {
        err = mem_connect_result(m, &got);
    } else {
        err = service_connect_result(m, &got);      /* nobody's any more: of another call it is none, and dropped */
    }
    if (t) {
        end_turn(t, err, got);
    }
    if (err_ok(err) && got) {
        rpc_drop_cap(got);          /* if nobody has taken it */
    }
    turn(s);
}

void service_end(struct service *s)
{
    struct service **link = &monitor.services;

    while (*link != s) {
        link = &(*link)->next;
    }
    *link = s->next;
    rpc_seat_close(&monitor.seats, s->seat);
    if (s->current) {
        end_turn(s->current, ERR(E_MONITOR_SERVICE), CPTR_NULL);
    }
    while (s->first) {
        struct turn *const t = s->first;
        s->first = t->next;
        if (t->client) {
            rpc_drop_cap(t->client->seat->rpc.end.receive);     /* to its endpoint: nobody was sent it */
        }
        end_turn(t, ERR(E_MONITOR_SERVICE), CPTR_NULL);
    }
    connections_of_service_end(s);
    if (s->iref == monitor.names) {
        names_at(0);
    }
    s->owner->services--;
    slab_free(&monitor.service_slab, s);
}

static void service_closed(struct rpc_session *session)
{
    service_end(session->state);
}

err_t service_new(struct client *owner, uint64_t name, cptr_t listen, struct service **made)
{
    struct rpc_seat *seat;

    REQUIRE(!service_named(name), E_MONITOR_NAME);
    REQUIRE(owner->services < CLIENT_SERVICES, E_MONITOR_SERVICES);
    TRY(rpc_seat_open(&monitor.seats, &seat));
    struct service *const s = slab_alloc(&monitor.service_slab);
    err_t err = s ? OK : ERR(E_MONITOR_MEMORY);
    if (err_ok(err) && listen) {
        err = cap_move(CPTR_NULL, seat->rpc.end.send, CPTR_NULL, listen);
    }
    if (!err_ok(err)) {
        if (s) {
            slab_free(&monitor.service_slab, s);
        }
        rpc_seat_close(&monitor.seats, seat);
        return err;
    }
    *s = (struct service){
        .next = monitor.services, .iref = ++monitor.latest_iref, .name = name, .owner = owner, .seat = seat,
    };
    s->last = &s->first;
    owner->services++;
    seat->rpc.answered = answered;
    seat->rpc.closed = service_closed;
    seat->rpc.state = s;
    monitor.services = s;
    *made = s;
    return OK;
}

void services_of_end(struct client *owner)
{
    for (struct service *s = monitor.services, *next; s; s = next) {
        next = s->next;
        if (s->owner == owner) {
            service_end(s);
            next = monitor.services;        /* ending one may have ended others' waits, and changed the list */
        }
    }
}

void service_unqueue(struct service *s, struct turn *t)
{
    struct turn **link = &s->first;

    if (s->current == t) {
        s->current = NULL;
        return;
    }
    while (*link != t) {
        link = &(*link)->next;
    }
    *link = t->next;
    if (!*link) {
        s->last = link;
    }
}

void bind_abandon(struct client *c)
{
    if (c->bind.state == BIND_QUEUED || c->bind.state == BIND_POSTED) {
        service_unqueue(c->bind.service, &c->bind.turn);
    }
    c->bind.state = BIND_NONE;
}

err_t bind_request(struct client *c, iref_t iref, cptr_t reply, cptr_t *binding)
{
    if (c->bind.state == BIND_NONE) {
        struct service *const s = service_find(iref);
        if (!s) {
            rpc_drop_cap(reply);
            return ERR(E_MONITOR_SERVICE);
        }
        c->bind = (struct bind){ .state = BIND_QUEUED, .service = s, .turn.client = c };
        service_queue(s, &c->bind.turn);
    }
    REQUIRE(c->bind.state == BIND_DONE, E_RPC_LATER);
    c->bind.state = BIND_NONE;
    *binding = c->bind.got;
    return c->bind.err;
}
