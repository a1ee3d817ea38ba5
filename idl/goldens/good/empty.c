/* Made by idlc from empty.if: do not edit. */
#include <stubs/empty.h>

void empty_ping_request(struct rpc_message *m)
{
    *m = (struct rpc_message){
        .head = RPC_HEAD(EMPTY_MESSAGE_PING, 0),
    };
}

err_t empty_ping_result(struct rpc_message *m)
{
    return rpc_result(m, EMPTY_MESSAGE_PING, 0, RPC_NO_CAP);
}

err_t empty_ping(struct rpc_client *c)
{
    struct rpc_message m;

    empty_ping_request(&m);
    TRY(rpc_call(c, &m));
    return empty_ping_result(&m);
}

void empty_fail_request(struct rpc_message *m)
{
    *m = (struct rpc_message){
        .head = RPC_HEAD(EMPTY_MESSAGE_FAIL, 0),
    };
}

err_t empty_fail_result(struct rpc_message *m)
{
    return rpc_result(m, EMPTY_MESSAGE_FAIL, 0, RPC_NO_CAP);
}

err_t empty_fail(struct rpc_client *c)
{
    struct rpc_message m;

    empty_fail_request(&m);
    TRY(rpc_call(c, &m));
    return empty_fail_result(&m);
}

void empty_add_request(struct rpc_message *m, uint64_t a, uint64_t b)
{
    *m = (struct rpc_message){
        .head = RPC_HEAD(EMPTY_MESSAGE_ADD, 2),
        .word = { a, b },
    };
}

err_t empty_add_result(struct rpc_message *m, uint64_t *sum)
{
    TRY(rpc_result(m, EMPTY_MESSAGE_ADD, 1, RPC_NO_CAP));
    *sum = m->word[0];
    return OK;
}

err_t empty_add(struct rpc_client *c, uint64_t a, uint64_t b, uint64_t *sum)
{
    struct rpc_message m;

    empty_add_request(&m, a, b);
    TRY(rpc_call(c, &m));
    return empty_add_result(&m, sum);
}

static err_t serve_ping(const struct empty_ops *ops, void *session, struct rpc_message *m)
{
    REQUIRE(ops->ping, E_RPC_NUMBER);
    REQUIRE(rpc_fits(m, 0, RPC_NO_CAP), E_RPC_MALFORMED);
    ops->ping(session);
    rpc_reply_to(m, EMPTY_MESSAGE_PING, 0);
    return OK;
}

static err_t serve_fail(const struct empty_ops *ops, void *session, struct rpc_message *m)
{
    REQUIRE(ops->fail, E_RPC_NUMBER);
    REQUIRE(rpc_fits(m, 0, RPC_NO_CAP), E_RPC_MALFORMED);
    TRY(ops->fail(session));
    rpc_reply_to(m, EMPTY_MESSAGE_FAIL, 0);
    return OK;
}

static err_t serve_add(const struct empty_ops *ops, void *session, struct rpc_message *m)
{
    uint64_t sum = 0;

    REQUIRE(ops->add, E_RPC_NUMBER);
    REQUIRE(rpc_fits(m, 2, RPC_NO_CAP), E_RPC_MALFORMED);
    ops->add(session, m->word[0], m->word[1], &sum);
    rpc_reply_to(m, EMPTY_MESSAGE_ADD, 1);
    m->word[0] = sum;
    return OK;
}

void empty_serve(const struct empty_ops *ops, void *session, struct rpc_message *m)
{
    const cptr_t cap = m->cap;
    err_t err = ERR(E_RPC_NUMBER);

    switch (m->number) {
    case EMPTY_MESSAGE_PING:
        err = serve_ping(ops, session, m);
        break;
    case EMPTY_MESSAGE_FAIL:
        err = serve_fail(ops, session, m);
        break;
    case EMPTY_MESSAGE_ADD:
        err = serve_add(ops, session, m);
        break;
    }
    if (err_root(err) == E_RPC_LATER) {
        rpc_later(m, cap);
    } else if (!err_ok(err)) {
        rpc_fail(m, err);
    }
}
