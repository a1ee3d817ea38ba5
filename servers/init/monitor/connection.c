/** @file connection.c  Contracts in connection.h. */
#include "connection.h"
#include "cores.h"
#include "crossing.h"
#include "../state.h"
#include <os/bug.h>
#include <os/err.h>
#include <os/string.h>
#include <os/ump.h>
#include <stubs/intermon.h>
#include <stubs/service.h>

struct connection *connection_find(uint64_t number, bool served)
{
    struct connection *k = monitor.connections;

    while (k && (k->number != number || k->served != served)) {
        k = k->next;
    }
    return k;
}

/* --- records --- */

static err_t make_record(struct connection **made)
{
    TRY(stock_refill(&monitor.stock));
    struct connection *const k = slab_alloc(&monitor.connection_slab);
    REQUIRE(k, E_MONITOR_MEMORY);
    *k = (struct connection){ .state = CONNECTION_NEW };
    k->turn.connection = k;
    const err_t err = slots_alloc_run(&monitor.stock.slots, 2, &k->frame);
    if (!err_ok(err)) {
        slab_free(&monitor.connection_slab, k);
        return err;
    }
    k->notify = k->frame + 1;
    k->next = monitor.connections;
    monitor.connections = k;
    *made = k;
    return OK;
}

/* What the peer of our process might still use of ours goes first. */
static void free_record(struct connection *k)
{
    struct peer *const peer = peer_of(k->other);
    struct connection **link = &monitor.connections;

    while (*link != k) {
        link = &(*link)->next;
    }
    *link = k->next;
    if (peer && k->index) {
        peer_withdraw(peer, k->index);
    }
    err_ignore(cap_delete(CPTR_NULL, k->notify));
    delivery_forget(k);
    if (k->block.chunk) {
        const err_t err = reserve_unmake(&monitor.stock.reserve, &k->block);
        OS_ASSERT(err_ok(err));                     /* the other core has let go of it: only copies of this core's are left */
    } else {
        err_ignore(cap_delete(CPTR_NULL, k->frame));
    }
    slots_free_run(&monitor.stock.slots, k->frame, 2);
    slab_free(&monitor.connection_slab, k);
}

/* Whoever of this core has the page mapped has it no more. */
static void forget_page(const struct connection *k)
{
    struct cap_info info;
    uint64_t sweep;

    if (!err_ok(cap_identify(CPTR_NULL, k->frame, &info))) {
        return;
    }
    const struct cap_name name = { CAP_FRAME, info.base, info.bytes, id_core(k->number) };
    if (err_ok(kernel_purge_begin(TASK_KERNEL, &name, &sweep))) {
        err_ignore(kernel_sweep(TASK_KERNEL, sweep));
        err_ignore(kernel_sweep_end(TASK_KERNEL, sweep));
    }
}

/* The other process is gone: what it would have said at its end is said for it.  Its line of the page has no other
 * writer any more. */
static void close_ring(const struct connection *k)
{
    uint64_t address;

    if (err_ok(vspace_map(&monitor.vspace, k->frame, 0, CONNECTION_BYTES, MAP_READ | MAP_WRITE, &address))) {
        struct ump_line *const line = (struct ump_line *)address;
        __atomic_store_n((uint64_t *)&line[k->served ? 1 : 0].word[UMP_CLOSED], 1, __ATOMIC_SEQ_CST);
        err_ignore(vspace_unmap(&monitor.vspace, address, CONNECTION_BYTES));
    }
    err_ignore(notify_signal(k->notify));
}

static void tell(const struct connection *k, void (*request)(struct rpc_message *, uint64_t))
{
    struct peer *const peer = peer_of(k->other);
    struct rpc_message m;

    request(&m, k->number);
    if (peer) {
        err_ignore(peer_send(peer, &m, NULL, NULL));        /* a core that is down has nothing of it */
    }
}

static void ask_unbind(struct rpc_message *m, uint64_t number) { intermon_unbind_request(m, number); }
static void say_unbound(struct rpc_message *m, uint64_t number) { intermon_unbound_request(m, number); }

/* --- the client's side --- */

static err_t make_page(struct connection *k)
{
    uint64_t address;

    const err_t err = reserve_make(&monitor.stock.reserve, CAP_FRAME, CONNECTION_BYTES, CPTR_NULL, k->frame, &k->block);
    if (!err_ok(err)) {
        k->block.chunk = NULL;
        return err;
    }
    TRY(vspace_map(&monitor.vspace, k->frame, 0, CONNECTION_BYTES, MAP_READ | MAP_WRITE, &address));
    memset((void *)address, 0, CONNECTION_BYTES);
    return vspace_unmap(&monitor.vspace, address, CONNECTION_BYTES);
}

static err_t open_here(struct connection *k, cptr_t notify, cptr_t slot)
{
    struct cap_info info;
    struct peer *const peer = peer_of(k->other);

    REQUIRE(peer && peer->up, E_CORE_DOWN);
    REQUIRE(err_ok(cap_identify(CPTR_NULL, notify, &info)) && info.type == CAP_NOTIFY, E_MONITOR_NOTIFY);
    TRY(cap_move(CPTR_NULL, k->notify, CPTR_NULL, notify));
    TRY(make_page(k));
    TRY(peer_publish(peer, k->notify, &k->index));
    return cap_copy(CPTR_NULL, slot, CPTR_NULL, k->frame, RIGHT_READ | RIGHT_WRITE | RIGHT_GRANT);
}

/* A core with which there is no channel yet: one is asked for. */
static err_t reach(uint64_t core)
{
    struct peer *peer = peer_of(core);

    REQUIRE(core < init.boot->core_count && core != init.boot->core, E_CORE_NONE);
    if (peer && peer->up) {
        return OK;
    }
    if (init.boot->core == 0) {
        return core_of(core)->phase == CORE_STARTING ? ERR(E_RPC_LATER) : ERR(E_CORE_DOWN);
    }
    REQUIRE(core != 0, E_CORE_DOWN);
    if (peer && peer->want == PEER_REFUSED) {
        peer->want = PEER_UNKNOWN;
        return ERR(E_CORE_DOWN);
    }
    peer_want(core);
    peer = peer_of(core);
    return ERR(peer && peer->want == PEER_WANTED ? E_RPC_LATER : E_CORE_DOWN);
}

err_t connection_open(struct client *c, iref_t service, cptr_t notify, uint64_t *number, cptr_t *frame)
{
    struct connection *k;

    err_t err = reach(id_core(service));
    if (err_root(err) == E_RPC_LATER) {
        return err;
    }
    if (err_ok(err)) {
        err = make_record(&k);
    }
    if (err_ok(err)) {
        k->number = ++monitor.latest_connection;
        k->other = id_core(service);
        k->client = c;
        k->pid = c->pid;
        k->iref = service;
        *number = k->number;
        *frame = c->seat->rpc.end.receive;
        err = open_here(k, notify, *frame);
        if (!err_ok(err)) {
            free_record(k);
        }
    }
    if (!err_ok(err)) {
        rpc_drop_cap(notify);
    }
    return err;
}

static void bind_answered(void *arg, struct rpc_message *answer)
{
    struct connection *const k = connection_find((uint64_t)arg, false);
    const err_t err = intermon_bind_result(answer);

    if (k && !err_ok(err)) {
        err_ignore(connection_bound(k->number, err, 0));
    }
}

static err_t ask(struct connection *k)
{
    struct cap_info info;
    struct rpc_message m;
    struct peer *const peer = peer_of(k->other);

    TRY(cap_identify(CPTR_NULL, k->frame, &info));
    REQUIRE(peer, E_CORE_DOWN);
    intermon_bind_request(&m, k->number, k->iref, k->pid, k->client->flags, info.base, k->index);
    TRY(peer_send(peer, &m, bind_answered, (void *)k->number));
    k->state = CONNECTION_ASKED;
    return OK;
}

err_t connection_ready(struct client *c, uint64_t number, cptr_t *wake)
{
    struct connection *const k = connection_find(number, false);

    REQUIRE(k && k->client == c, E_MONITOR_CONNECTION);
    if (k->state == CONNECTION_NEW) {
        TRY(ask(k));
    }
    REQUIRE(k->state != CONNECTION_ASKED, E_RPC_LATER);
    REQUIRE(k->state == CONNECTION_UP, err_root(k->err) != E_OK ? err_root(k->err) : E_MONITOR_CONNECTION);
    *wake = c->seat->rpc.end.receive;
    return kernel_remote_notify(TASK_KERNEL, k->other, k->signal, CPTR_NULL, *wake);
}

err_t connection_bound(uint64_t number, err_t err, uint64_t signal)
{
    struct connection *const k = connection_find(number, false);

    REQUIRE(k, E_MONITOR_CONNECTION);
    if (k->state != CONNECTION_ASKED) {
        return OK;                                  /* the client has ended meanwhile: unbind is on its way */
    }
    k->state = err_ok(err) ? CONNECTION_UP : CONNECTION_FAILED;
    k->err = err;
    k->signal = signal;
    client_retry(k->client);
    return OK;
}

/* The client lets go of it. */
static void leave(struct connection *k)
{
    const bool known = k->state == CONNECTION_ASKED || k->state == CONNECTION_UP;

    k->client = NULL;
    if (known && !k->gone && peer_of(k->other) && peer_of(k->other)->up) {
        k->state = CONNECTION_CLOSING;
        tell(k, ask_unbind);
    } else {
        free_record(k);
    }
}

void connections_of_end(struct client *c)
{
    for (struct connection *k = monitor.connections, *next; k; k = next) {
        next = k->next;
        if (k->client == c) {
            leave(k);
            next = monitor.connections;
        }
    }
}

/* --- the server's side --- */

err_t connection_serve(uint64_t core, uint64_t number, iref_t iref, uint64_t pid, uint64_t flags, uint64_t base,
                       uint64_t notify)
{
    struct service *const s = service_find(iref);
    const struct cap_name page = { CAP_FRAME, base, CONNECTION_BYTES, core };
    struct connection *k;

    REQUIRE(s && s != monitor.mem_service, E_MONITOR_SERVICE);
    REQUIRE(id_core(number) == core && !connection_find(number, true), E_MONITOR_CONNECTION);
    TRY(make_record(&k));
    k->number = number;
    k->other = core;
    k->served = true;
    k->service = s;
    k->pid = pid;
    k->flags = flags;
    k->signal = notify;
    k->state = CONNECTION_ASKED;
    const err_t err = kernel_make_foreign(TASK_KERNEL, &page, RIGHT_READ | RIGHT_WRITE | RIGHT_GRANT, CPTR_NULL, k->frame);
    if (!err_ok(err)) {
        free_record(k);
        return err;
    }
    service_queue(s, &k->turn);
    return OK;
}

/* A capability of ours that the server gets: in the receive slot of its seat, which is empty between two requests. */
err_t connection_post(struct connection *k, struct rpc_session *session)
{
    const cptr_t slot = session->end.receive;
    struct rpc_message m;

    if (k->delivering) {
        return delivery_post(k, session);
    }
    if (k->state == CONNECTION_ASKED) {
        TRY(cap_copy(CPTR_NULL, slot, CPTR_NULL, k->frame, RIGHT_READ | RIGHT_WRITE | RIGHT_GRANT));
        service_open_request(&m, k->number, k->pid, k->flags, slot);
    } else {
        TRY(kernel_remote_notify(TASK_KERNEL, k->other, k->signal, CPTR_NULL, slot));
        service_wake_request(&m, k->number, slot);
    }
    const err_t err = rpc_post(session, &m);
    if (!err_ok(err)) {
        rpc_drop_cap(slot);
    }
    return err;
}

err_t connection_result(struct connection *k, struct rpc_message *m, cptr_t *got)
{
    if (k->delivering) {
        return service_deliver_result(m);
    }
    return k->state == CONNECTION_ASKED ? service_open_result(m) : service_wake_result(m, got);
}

static void say_bound(const struct connection *k, err_t err)
{
    struct peer *const peer = peer_of(k->other);
    struct rpc_message m;

    intermon_bound_request(&m, k->number, err.trail, k->index);
    if (peer) {
        err_ignore(peer_send(peer, &m, NULL, NULL));
    }
}

static err_t publish(struct connection *k, cptr_t got)
{
    struct peer *const peer = peer_of(k->other);

    REQUIRE(peer, E_CORE_DOWN);
    TRY(cap_move(CPTR_NULL, k->notify, CPTR_NULL, got));
    return peer_publish(peer, k->notify, &k->index);
}

void connection_answered(struct connection *k, err_t err, cptr_t got)
{
    if (k->delivering) {                                    /* whatever it said: the capability has left, or goes now */
        k->delivering = false;
        delivery_forget(k);
        return;
    }
    if (err_ok(err) && k->state == CONNECTION_ASKED) {      /* also if the client has gone: else the server cannot be told */
        k->state = CONNECTION_WAKE;
        service_queue(k->service, &k->turn);
        return;
    }
    if (err_ok(err) && k->state == CONNECTION_WAKE) {
        err = publish(k, got);
    }
    if (k->gone) {                                      /* the client has ended while the server was asked */
        k->state = CONNECTION_CLOSING;
        close_ring(k);
        if (err_ok(err)) {
            return;                                     /* until the server lets go */
        }
    }
    if (!k->gone) {
        say_bound(k, err);
    } else {
        tell(k, say_unbound);
    }
    if (err_ok(err)) {
        k->state = CONNECTION_UP;
        return;
    }
    forget_page(k);
    free_record(k);
}

/* The server is gone: so is what it had of the page. */
static void server_ended(struct connection *k)
{
    forget_page(k);
    tell(k, k->state == CONNECTION_CLOSING ? say_unbound : ask_unbind);
    free_record(k);
}

void connections_of_service_end(struct service *s)
{
    for (struct connection *k = monitor.connections, *next; k; k = next) {
        next = k->next;
        if (k->service == s) {
            server_ended(k);
        }
    }
}

/* --- ends --- */

err_t connection_close(struct client *c, uint64_t number)
{
    struct connection *const mine = connection_find(number, false), *const served = connection_find(number, true);

    if (mine && mine->client == c) {
        leave(mine);
        return OK;
    }
    REQUIRE(served && served->service->owner == c &&
                (served->state == CONNECTION_UP || served->state == CONNECTION_CLOSING), E_MONITOR_CONNECTION);
    server_ended(served);
    return OK;
}

/* The other core's process has ended. */
err_t connection_unbind(uint64_t core, uint64_t number)
{
    struct connection *const k = id_core(number) == init.boot->core ? connection_find(number, false) : connection_find(number, true);

    REQUIRE(k && k->other == core, E_MONITOR_CONNECTION);
    k->gone = true;
    if (!k->served) {                                   /* the server's side has nothing of it any more */
        if (!k->client) {
            free_record(k);
        } else if (k->state == CONNECTION_ASKED) {
            err_ignore(connection_bound(number, ERR(E_MONITOR_SERVICE), 0));
        } else {
            close_ring(k);
        }
        return OK;
    }
    if (k->state == CONNECTION_UP) {
        k->state = CONNECTION_CLOSING;
        close_ring(k);
    }
    return OK;                                          /* else: when the server has answered */
}

err_t connection_unbound(uint64_t core, uint64_t number)
{
    struct connection *const k = connection_find(number, false);

    REQUIRE(k && k->other == core && k->state == CONNECTION_CLOSING, E_MONITOR_CONNECTION);
    free_record(k);
    return OK;
}

/* A whole core is gone, and proved off. */
void connections_of_core_end(uint64_t core)
{
    for (struct connection *k = monitor.connections, *next; k; k = next) {
        next = k->next;
        if (k->other != core) {
            continue;
        }
        k->gone = true;
        k->index = 0;                                   /* peer_down() has withdrawn it: it may be another's soon */
        if (!k->served && !k->client) {
            free_record(k);
        } else if (!k->served && k->state == CONNECTION_ASKED) {
            err_ignore(connection_bound(k->number, ERR(E_MONITOR_SERVICE), 0));
        } else if (!k->served || k->state == CONNECTION_UP) {
            k->state = k->served ? CONNECTION_CLOSING : k->state;
            close_ring(k);
        }
    }
}
