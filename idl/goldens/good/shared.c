/* Made by idlc from shared.if: do not edit. */
#include <stubs/shared.h>

void shared_read_request(struct rpc_message *m, units_unit_t what, uint64_t skip)
{
    *m = (struct rpc_message){
        .head = RPC_HEAD(SHARED_MESSAGE_READ, 2),
        .word = { what, skip },
    };
}

err_t shared_read_result(struct rpc_message *m, units_sample_t *value, shared_unit_or_none_t *next)
{
    TRY(rpc_result(m, SHARED_MESSAGE_READ, 2, RPC_NO_CAP));
    TRY(rpc_in_range(m, m->word[0] <= UINT32_MAX && m->word[1] <= UNITS_UNIT_INSTRUCTIONS));
    *value = (units_sample_t)m->word[0];
    *next = (shared_unit_or_none_t)m->word[1];
    return OK;
}

err_t shared_read(struct rpc_client *c, units_unit_t what, uint64_t skip, units_sample_t *value,
                  shared_unit_or_none_t *next)
{
    struct rpc_message m;

    shared_read_request(&m, what, skip);
    TRY(rpc_call(c, &m));
    return shared_read_result(&m, value, next);
}

static err_t serve_read(const struct shared_ops *ops, void *session, struct rpc_message *m)
{
    units_sample_t value = 0;
    shared_unit_or_none_t next = 0;

    REQUIRE(ops->read, E_RPC_NUMBER);
    REQUIRE(rpc_fits(m, 2, RPC_NO_CAP) && m->word[0] <= UNITS_UNIT_INSTRUCTIONS, E_RPC_MALFORMED);
    TRY(ops->read(session, (units_unit_t)m->word[0], m->word[1], &value, &next));
    rpc_reply_to(m, SHARED_MESSAGE_READ, 2);
    m->word[0] = value;
    m->word[1] = next;
    return OK;
}

void shared_serve(const struct shared_ops *ops, void *session, struct rpc_message *m)
{
    const cptr_t cap = m->cap;
    err_t err = ERR(E_RPC_NUMBER);

    switch (m->number) {
    case SHARED_MESSAGE_READ:
        err = serve_read(ops, session, m);
        break;
    }
    if (err_root(err) == E_RPC_LATER) {
        rpc_later(m, cap);
    } else if (!err_ok(err)) {
        rpc_fail(m, err);
    }
}
