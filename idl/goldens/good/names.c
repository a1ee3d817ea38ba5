/* Made by idlc from names.if: do not edit. */
#include <stubs/names.h>

void names_client_request(struct rpc_message *m_, uint64_t c, uint64_t m, uint64_t c_)
{
    *m_ = (struct rpc_message){
        .head = RPC_HEAD(NAMES_MESSAGE_CLIENT, 3),
        .word = { c, m, c_ },
    };
}

err_t names_client_result(struct rpc_message *m_, uint64_t *ops)
{
    TRY(rpc_result(m_, NAMES_MESSAGE_CLIENT, 1, RPC_NO_CAP));
    *ops = m_->word[0];
    return OK;
}

err_t names_client(struct rpc_client *c__, uint64_t c, uint64_t m, uint64_t c_, uint64_t *ops)
{
    struct rpc_message m_;

    names_client_request(&m_, c, m, c_);
    TRY(rpc_call(c__, &m_));
    return names_client_result(&m_, ops);
}

void names_server_request(struct rpc_message *m__, uint64_t ops, uint64_t session, uint64_t err, uint64_t word)
{
    *m__ = (struct rpc_message){
        .head = RPC_HEAD(NAMES_MESSAGE_SERVER, 4),
        .word = { ops, session, err, word },
    };
}

err_t names_server_result(struct rpc_message *m__, uint64_t *m, uint64_t *m_)
{
    TRY(rpc_result(m__, NAMES_MESSAGE_SERVER, 2, RPC_NO_CAP));
    *m = m__->word[0];
    *m_ = m__->word[1];
    return OK;
}

err_t names_server(struct rpc_client *c, uint64_t ops, uint64_t session, uint64_t err, uint64_t word, uint64_t *m,
                   uint64_t *m_)
{
    struct rpc_message m__;

    names_server_request(&m__, ops, session, err, word);
    TRY(rpc_call(c, &m__));
    return names_server_result(&m__, m, m_);
}

void names_a_rather_long_name_of_a_message_request(struct rpc_message *m, uint64_t the_first_of_the_arguments,
                                                   int32_t the_second_of_the_arguments,
                                                   uint64_t the_third_of_the_arguments, cptr_t capability)
{
    *m = (struct rpc_message){
        .head = RPC_HEAD(NAMES_MESSAGE_A_RATHER_LONG_NAME_OF_A_MESSAGE, 3) | RPC_GIVE,
        .cap = capability,
        .word = { the_first_of_the_arguments, (uint64_t)the_second_of_the_arguments, the_third_of_the_arguments },
    };
}

err_t names_a_rather_long_name_of_a_message_result(struct rpc_message *m, uint64_t *the_first_of_the_results)
{
    TRY(rpc_result(m, NAMES_MESSAGE_A_RATHER_LONG_NAME_OF_A_MESSAGE, 1, RPC_NO_CAP));
    *the_first_of_the_results = m->word[0];
    return OK;
}

err_t names_a_rather_long_name_of_a_message(struct rpc_client *c, uint64_t the_first_of_the_arguments,
                                            int32_t the_second_of_the_arguments, uint64_t the_third_of_the_arguments,
                                            cptr_t capability, uint64_t *the_first_of_the_results)
{
    struct rpc_message m;

    names_a_rather_long_name_of_a_message_request(&m, the_first_of_the_arguments, the_second_of_the_arguments,
                                                  the_third_of_the_arguments, capability);
    TRY(rpc_call(c, &m));
    return names_a_rather_long_name_of_a_message_result(&m, the_first_of_the_results);
}

static err_t serve_client(const struct names_ops *ops_, void *session, struct rpc_message *m_)
{
    uint64_t ops = 0;

    REQUIRE(ops_->client, E_RPC_NUMBER);
    REQUIRE(rpc_fits(m_, 3, RPC_NO_CAP), E_RPC_MALFORMED);
    TRY(ops_->client(session, m_->word[0], m_->word[1], m_->word[2], &ops));
    rpc_reply_to(m_, NAMES_MESSAGE_CLIENT, 1);
    m_->word[0] = ops;
    return OK;
}

static err_t serve_server(const struct names_ops *ops_, void *session_, struct rpc_message *m__)
{
    uint64_t m = 0;
    uint64_t m_ = 0;

    REQUIRE(ops_->server, E_RPC_NUMBER);
    REQUIRE(rpc_fits(m__, 4, RPC_NO_CAP), E_RPC_MALFORMED);
    ops_->server(session_, m__->word[0], m__->word[1], m__->word[2], m__->word[3], &m, &m_);
    rpc_reply_to(m__, NAMES_MESSAGE_SERVER, 2);
    m__->word[0] = m;
    m__->word[1] = m_;
    return OK;
}

static err_t serve_a_rather_long_name_of_a_message(const struct names_ops *ops, void *session, struct rpc_message *m)
{
    uint64_t the_first_of_the_results = 0;

    REQUIRE(ops->a_rather_long_name_of_a_message, E_RPC_NUMBER);
    REQUIRE(rpc_fits(m, 3, RPC_CAP) && rpc_fits_signed(m->word[1], 32), E_RPC_MALFORMED);
    TRY(ops->a_rather_long_name_of_a_message(session, m->word[0], (int32_t)m->word[1], m->word[2], rpc_take_cap(m),
                                             &the_first_of_the_results));
    rpc_reply_to(m, NAMES_MESSAGE_A_RATHER_LONG_NAME_OF_A_MESSAGE, 1);
    m->word[0] = the_first_of_the_results;
    return OK;
}

void names_serve(const struct names_ops *ops, void *session, struct rpc_message *m)
{
    const cptr_t cap = m->cap;
    err_t err = ERR(E_RPC_NUMBER);

    switch (m->number) {
    case NAMES_MESSAGE_CLIENT:
        err = serve_client(ops, session, m);
        break;
    case NAMES_MESSAGE_SERVER:
        err = serve_server(ops, session, m);
        break;
    case NAMES_MESSAGE_A_RATHER_LONG_NAME_OF_A_MESSAGE:
        err = serve_a_rather_long_name_of_a_message(ops, session, m);
        break;
    }
    if (err_root(err) == E_RPC_LATER) {
        rpc_later(m, cap);
    } else if (!err_ok(err)) {
        rpc_fail(m, err);
    }
}
