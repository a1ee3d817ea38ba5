/* Made by idlc from docs.if: do not edit. */
#include <stubs/docs.h>

void docs_paint_request(struct rpc_message *m, docs_colour_t shade, uint64_t litres)
{
    *m = (struct rpc_message){
        .head = RPC_HEAD(DOCS_MESSAGE_PAINT, 2),
        .word = { shade, litres },
    };
}

err_t docs_paint_result(struct rpc_message *m, uint64_t *left)
{
    TRY(rpc_result(m, DOCS_MESSAGE_PAINT, 1, RPC_NO_CAP));
    *left = m->word[0];
    return OK;
}

err_t docs_paint(struct rpc_client *c, docs_colour_t shade, uint64_t litres, uint64_t *left)
{
    struct rpc_message m;

    docs_paint_request(&m, shade, litres);
    TRY(rpc_call(c, &m));
    return docs_paint_result(&m, left);
}

void docs_peek_request(struct rpc_message *m)
{
    *m = (struct rpc_message){
        .head = RPC_HEAD(DOCS_MESSAGE_PEEK, 0),
    };
}

err_t docs_peek_result(struct rpc_message *m, uint64_t *left)
{
    TRY(rpc_result(m, DOCS_MESSAGE_PEEK, 1, RPC_NO_CAP));
    *left = m->word[0];
    return OK;
}

err_t docs_peek(struct rpc_client *c, uint64_t *left)
{
    struct rpc_message m;

    docs_peek_request(&m);
    TRY(rpc_call(c, &m));
    return docs_peek_result(&m, left);
}

void docs_stop_request(struct rpc_message *m)
{
    *m = (struct rpc_message){
        .head = RPC_HEAD(DOCS_MESSAGE_STOP, 0),
    };
}

err_t docs_stop_result(struct rpc_message *m)
{
    return rpc_result(m, DOCS_MESSAGE_STOP, 0, RPC_NO_CAP);
}

err_t docs_stop(struct rpc_client *c)
{
    struct rpc_message m;

    docs_stop_request(&m);
    TRY(rpc_call(c, &m));
    return docs_stop_result(&m);
}

static err_t serve_paint(const struct docs_ops *ops, void *session, struct rpc_message *m)
{
    uint64_t left = 0;

    REQUIRE(ops->paint, E_RPC_NUMBER);
    REQUIRE(rpc_fits(m, 2, RPC_NO_CAP) && m->word[0] <= DOCS_COLOUR_BLUE, E_RPC_MALFORMED);
    TRY(ops->paint(session, (docs_colour_t)m->word[0], m->word[1], &left));
    rpc_reply_to(m, DOCS_MESSAGE_PAINT, 1);
    m->word[0] = left;
    return OK;
}

static err_t serve_peek(const struct docs_ops *ops, void *session, struct rpc_message *m)
{
    uint64_t left = 0;

    REQUIRE(ops->peek, E_RPC_NUMBER);
    REQUIRE(rpc_fits(m, 0, RPC_NO_CAP), E_RPC_MALFORMED);
    ops->peek(session, &left);
    rpc_reply_to(m, DOCS_MESSAGE_PEEK, 1);
    m->word[0] = left;
    return OK;
}

static err_t serve_stop(const struct docs_ops *ops, void *session, struct rpc_message *m)
{
    REQUIRE(ops->stop, E_RPC_NUMBER);
    REQUIRE(rpc_fits(m, 0, RPC_NO_CAP), E_RPC_MALFORMED);
    ops->stop(session);
    rpc_reply_to(m, DOCS_MESSAGE_STOP, 0);
    return OK;
}

void docs_serve(const struct docs_ops *ops, void *session, struct rpc_message *m)
{
    const cptr_t cap = m->cap;
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
    if (err_root(err) == E_RPC_LATER) {
        rpc_later(m, cap);
    } else if (!err_ok(err)) {
        rpc_fail(m, err);
    }
}
