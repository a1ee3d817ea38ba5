/** @file ops.c  The calls of naming.if, and of service.if by the monitor.  What a client sends is checked here. */
#include "state.h"
#include <os/err.h>
#include <stubs/naming.h>
#include <stubs/service.h>

/* @return NULL: nobody has that name, or nobody who is still there: a client whose end is told in the same moment as this
 * request is in no book any more for who asks. */
static struct entry *find(const struct name *name)
{
    struct entry *const e = book_find(&names.book, name);

    if (e && session_gone((struct session *)e->owner)) {
        session_forget((struct session *)e->owner);
        return NULL;
    }
    return e;
}

static err_t do_publish(void *session, uint64_t n0, uint64_t n1, uint64_t n2, uint64_t n3, iref_t service)
{
    const struct name name = { { n0, n1, n2, n3 } };
    struct session *const s = session;

    REQUIRE(name_valid(&name), E_NAMES_NAME);
    struct entry *e = find(&name);
    REQUIRE(!e || e->owner == &s->owner, E_NAMES_TAKEN);
    if (!e) {
        REQUIRE(s->owner.count < NAMES_OF_PROCESS, E_NAMES_LIMIT);
        TRY(stock_refill(names.stock));
        e = slab_alloc(&names.entry_slab);
        REQUIRE(e, E_SLAB_EMPTY);
        e->name = name;
        book_enter(&names.book, &s->owner, e);
    }
    e->service = service;
    names.entered = true;
    return OK;
}

static err_t do_withdraw(void *session, uint64_t n0, uint64_t n1, uint64_t n2, uint64_t n3)
{
    const struct name name = { { n0, n1, n2, n3 } };
    struct session *const s = session;
    struct entry *const e = book_find(&names.book, &name);

    REQUIRE(e && e->owner == &s->owner, E_NAMES_NONE);
    book_remove(&names.book, e);
    slab_free(&names.entry_slab, e);
    return OK;
}

static err_t do_lookup(void *session, uint64_t n0, uint64_t n1, uint64_t n2, uint64_t n3, bool wait, iref_t *service)
{
    const struct name name = { { n0, n1, n2, n3 } };
    struct session *const s = session;

    REQUIRE(name_valid(&name), E_NAMES_NAME);
    const struct entry *const e = find(&name);
    if (!e) {
        REQUIRE(wait, E_NAMES_NONE);
        book_wait(&names.book, &s->owner, &name);
        return ERR(E_RPC_LATER);
    }
    *service = e->service;
    return OK;
}

static err_t do_next(void *session, uint64_t n0, uint64_t n1, uint64_t n2, uint64_t n3, uint64_t *m0, uint64_t *m1,
                     uint64_t *m2, uint64_t *m3, iref_t *service, uint64_t *pid)
{
    struct name name = { { n0, n1, n2, n3 } };
    const struct entry *e = book_next(&names.book, &name);

    (void)session;
    while (e && !find(&e->name)) {                      /* its owner is gone, and with it the entry */
        e = book_next(&names.book, &name);
    }
    REQUIRE(e, E_NAMES_NONE);
    name = e->name;
    *m0 = name.word[0], *m1 = name.word[1], *m2 = name.word[2], *m3 = name.word[3];
    *service = e->service;
    *pid = ((const struct session *)e->owner)->pid;
    return OK;
}

void names_request(struct rpc_session *rpc, struct rpc_message *message)
{
    static const struct naming_ops ops = {
        .publish = do_publish, .withdraw = do_withdraw, .lookup = do_lookup, .next = do_next,
    };
    struct session *const s = rpc->state;

    if (!s->again) {                        /* a new request: the one that was kept is not waited for any more */
        book_stop_waiting(&names.book, &s->owner);
    }
    s->again = false;
    naming_serve(&ops, s, message);
}

/* --- the monitor --- */

static err_t do_connect(void *session, uint64_t pid, cptr_t reply, cptr_t *binding)
{
    (void)session;
    const err_t err = session_open(pid, reply, binding);
    if (!err_ok(err)) {
        rpc_drop_cap(reply);
    }
    return err;
}

static err_t do_open(void *session, uint64_t connection, uint64_t pid, uint64_t flags, cptr_t page)
{
    (void)session, (void)flags;
    const err_t err = session_open_remote(connection, pid, page);
    if (!err_ok(err)) {
        rpc_drop_cap(page);
    }
    return err;
}

static err_t do_wake(void *session, uint64_t connection, cptr_t client, cptr_t *server)
{
    (void)session;
    return remote_seats_wake(&names.remote, connection, client, server);
}

/* No call of naming.if takes a capability. */
static err_t do_deliver(void *session, uint64_t connection, cptr_t sent)
{
    (void)session;
    return remote_seats_deliver(&names.remote, connection, sent);
}

/* Its name is the monitor's to keep: it is not asked. */
static err_t do_renew(void *session)
{
    (void)session;
    return OK;
}

void service_request(struct rpc_session *rpc, struct rpc_message *message)
{
    static const struct service_ops ops = {
        .connect = do_connect, .open = do_open, .wake = do_wake, .deliver = do_deliver, .renew = do_renew,
    };

    service_serve(&ops, rpc->state, message);
}
