/* Made by idlc from docs.if: do not edit. */
#include <stubs/docs.h>

err_t docs_paint(struct rpc_client *c, docs_colour_t shade, uint64_t litres, uint64_t *left)
{
    struct rpc_message m = {
        .number = DOCS_MESSAGE_PAINT,
        .length = 2,
        .word = { shade, litres },
    };

    TRY(rpc_call(c, &m));
    TRY(rpc_result(&m, DOCS_MESSAGE_PAINT, 1, RPC_NO_CAP));
    *left = m.word[0];
    return OK;
}

err_t docs_peek(struct rpc_client *c, uint64_t *left)
{
    struct rpc_message m = {
        .number = DOCS_MESSAGE_PEEK,
    };

    TRY(rpc_call(c, &m));
    TRY(rpc_result(&m, DOCS_MESSAGE_PEEK, 1, RPC_NO_CAP));
    *left = m.word[0];
    return OK;
}

err_t docs_stop(struct rpc_client *c)
{
    struct rpc_message m = {
        .number = DOCS_MESSAGE_STOP,
    };

    TRY(rpc_call(c, &m));
    return rpc_result(&m, DOCS_MESSAGE_STOP, 0, RPC_NO_CAP);
}

static err_t serve_paint(const struct docs_ops *ops, void *session, struct rpc_message *m)
{
    uint64_t left = 0;

    REQUIRE(ops->paint, E_RPC_NUMBER);
    REQUIRE(rpc_fits(m, 2, RPC_NO_CAP) && m->word[0] <= DOCS_COLOUR_BLUE, E_RPC_MALFORMED);
    TRY(ops->paint(session, (docs_colour_t)m->word[0], m->word[1], &left));
    rpc_reply(m, 1);
    m->word[0] = left;
    return OK;
}

static err_t serve_peek(const struct docs_ops *ops, void *session, struct rpc_message *m)
{
    uint64_t left = 0;

    REQUIRE(ops->peek, E_RPC_NUMBER);
    REQUIRE(rpc_fits(m, 0, RPC_NO_CAP), E_RPC_MALFORMED);
    ops->peek(session, &left);
    rpc_reply(m, 1);
    m->word[0] = left;
    return OK;
}

static err_t serve_stop(const struct docs_ops *ops, void *session, struct rpc_message *m)
{
    REQUIRE(ops->stop, E_RPC_NUMBER);
    REQUIRE(rpc_fits(m, 0, RPC_NO_CAP), E_RPC_MALFORMED);
    ops->stop(session);
    rpc_reply(m, 0);
    return OK;
}

void docs_serve(const struct docs_ops *ops, void *session, struct rpc_message *m)
{
    err_t err = ERR(E_RPC_NUMBER);

    switch (m->number) {
    case DOCS_MESSAGE_PAINT:
        err = serve_paint(ops, session, m);
        break;
    case DOCS_MESSAGE_PEEK:
        err = serve_peek(ops, session, m);
        break;
    case DOCS_MESSAGE_STOP:
        err = serve_stop(ops, session, m);
        break;
    }
    if (!err_ok(err)) {
        rpc_fail(m, err);
    }
}
