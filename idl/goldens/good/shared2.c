/* Made by idlc from shared2.if: do not edit. */
#include <stubs/shared2.h>

void shared2_write_request(struct rpc_message *m, units_sample_t value, units_unit_t what)
{
    *m = (struct rpc_message){
        .head = RPC_HEAD(SHARED2_MESSAGE_WRITE, 2),
        .word = { value, what },
    };
}

err_t shared2_write_result(struct rpc_message *m)
{
    return rpc_result(m, SHARED2_MESSAGE_WRITE, 0, RPC_NO_CAP);
}

err_t shared2_write(struct rpc_client *c, units_sample_t value, units_unit_t what)
{
    struct rpc_message m;

    shared2_write_request(&m, value, what);
    TRY(rpc_call(c, &m));
    return shared2_write_result(&m);
}

static err_t serve_write(const struct shared2_ops *ops, void *session, struct rpc_message *m)
{
    REQUIRE(ops->write, E_RPC_NUMBER);
    REQUIRE(rpc_fits(m, 2, RPC_NO_CAP) && m->word[0] <= UINT32_MAX && m->word[1] <= UNITS_UNIT_INSTRUCTIONS,
            E_RPC_MALFORMED);
    TRY(ops->write(session, (units_sample_t)m->word[0], (units_unit_t)m->word[1]));
    rpc_reply_to(m, SHARED2_MESSAGE_WRITE, 0);
    return OK;
}

void shared2_serve(const struct shared2_ops *ops, void *session, struct rpc_message *m)
{
    const cptr_t cap = m->cap;
    err_t err = ERR(E_RPC_NUMBER);

    switch (m->number) {
    case SHARED2_MESSAGE_WRITE:
        err = serve_write(ops, session, m);
        break;
    }
    if (err_root(err) == E_RPC_LATER) {
        rpc_later(m, cap);
    } else if (!err_ok(err)) {
        rpc_fail(m, err);
    }
}
