/* Made by idlc from caps.if: do not edit. */
#include <stubs/caps.h>

void caps_copy_in_request(struct rpc_message *m, cptr_t a)
{
    *m = (struct rpc_message){
        .head = RPC_HEAD(CAPS_MESSAGE_COPY_IN, 0),
        .cap = a,
    };
}

err_t caps_copy_in_result(struct rpc_message *m)
{
    return rpc_result(m, CAPS_MESSAGE_COPY_IN, 0, RPC_NO_CAP);
}

err_t caps_copy_in(struct rpc_client *c, cptr_t a)
{
    struct rpc_message m;

    caps_copy_in_request(&m, a);
    TRY(rpc_call(c, &m));
    return caps_copy_in_result(&m);
}

void caps_give_in_request(struct rpc_message *m, uint32_t key, cptr_t a)
{
    *m = (struct rpc_message){
        .head = RPC_HEAD(CAPS_MESSAGE_GIVE_IN, 1) | RPC_GIVE,
        .cap = a,
        .word = { key },
    };
}

err_t caps_give_in_result(struct rpc_message *m)
{
    return rpc_result(m, CAPS_MESSAGE_GIVE_IN, 0, RPC_NO_CAP);
}

err_t caps_give_in(struct rpc_client *c, uint32_t key, cptr_t a)
{
    struct rpc_message m;

    caps_give_in_request(&m, key, a);
    TRY(rpc_call(c, &m));
    return caps_give_in_result(&m);
}

void caps_copy_out_request(struct rpc_message *m)
{
    *m = (struct rpc_message){
        .head = RPC_HEAD(CAPS_MESSAGE_COPY_OUT, 0),
    };
}

err_t caps_copy_out_result(struct rpc_message *m, caps_ram_t *p)
{
    TRY(rpc_result(m, CAPS_MESSAGE_COPY_OUT, 0, RPC_CAP));
    *p = m->cap;
    return OK;
}

err_t caps_copy_out(struct rpc_client *c, caps_ram_t *p)
{
    struct rpc_message m;

    caps_copy_out_request(&m);
    TRY(rpc_call(c, &m));
    return caps_copy_out_result(&m, p);
}

void caps_give_out_request(struct rpc_message *m, bool last)
{
    *m = (struct rpc_message){
        .head = RPC_HEAD(CAPS_MESSAGE_GIVE_OUT, 1),
        .word = { last },
    };
}

err_t caps_give_out_result(struct rpc_message *m, cptr_t *p, uint8_t *left)
{
    TRY(rpc_result(m, CAPS_MESSAGE_GIVE_OUT, 1, RPC_CAP));
    TRY(rpc_in_range(m, m->word[0] <= UINT8_MAX));
    *left = (uint8_t)m->word[0];
    *p = m->cap;
    return OK;
}

err_t caps_give_out(struct rpc_client *c, bool last, cptr_t *p, uint8_t *left)
{
    struct rpc_message m;

    caps_give_out_request(&m, last);
    TRY(rpc_call(c, &m));
    return caps_give_out_result(&m, p, left);
}

void caps_both_request(struct rpc_message *m, cptr_t a)
{
    *m = (struct rpc_message){
        .head = RPC_HEAD(CAPS_MESSAGE_BOTH, 0),
        .cap = a,
    };
}

err_t caps_both_result(struct rpc_message *m, cptr_t *p)
{
    TRY(rpc_result(m, CAPS_MESSAGE_BOTH, 0, RPC_CAP));
    *p = m->cap;
    return OK;
}

err_t caps_both(struct rpc_client *c, cptr_t a, cptr_t *p)
{
    struct rpc_message m;

    caps_both_request(&m, a);
    TRY(rpc_call(c, &m));
    return caps_both_result(&m, p);
}

static err_t serve_copy_in(const struct caps_ops *ops, void *session, struct rpc_message *m)
{
    REQUIRE(ops->copy_in, E_RPC_NUMBER);
    REQUIRE(rpc_fits(m, 0, RPC_CAP), E_RPC_MALFORMED);
    TRY(ops->copy_in(session, rpc_take_cap(m)));
    rpc_reply_to(m, CAPS_MESSAGE_COPY_IN, 0);
    return OK;
}

static err_t serve_give_in(const struct caps_ops *ops, void *session, struct rpc_message *m)
{
    REQUIRE(ops->give_in, E_RPC_NUMBER);
    REQUIRE(rpc_fits(m, 1, RPC_CAP) && m->word[0] <= UINT32_MAX, E_RPC_MALFORMED);
    TRY(ops->give_in(session, (uint32_t)m->word[0], rpc_take_cap(m)));
    rpc_reply_to(m, CAPS_MESSAGE_GIVE_IN, 0);
    return OK;
}

static err_t serve_copy_out(const struct caps_ops *ops, void *session, struct rpc_message *m)
{
    caps_ram_t p = CPTR_NULL;

    REQUIRE(ops->copy_out, E_RPC_NUMBER);
    REQUIRE(rpc_fits(m, 0, RPC_NO_CAP), E_RPC_MALFORMED);
    TRY(ops->copy_out(session, &p));
    rpc_reply_to(m, CAPS_MESSAGE_COPY_OUT, 0);
    m->cap = p;
    return OK;
}

static err_t serve_give_out(const struct caps_ops *ops, void *session, struct rpc_message *m)
{
    cptr_t p = CPTR_NULL;
    uint8_t left = 0;

    REQUIRE(ops->give_out, E_RPC_NUMBER);
    REQUIRE(rpc_fits(m, 1, RPC_NO_CAP) && m->word[0] <= 1, E_RPC_MALFORMED);
    TRY(ops->give_out(session, m->word[0] != 0, &p, &left));
    rpc_reply_to(m, CAPS_MESSAGE_GIVE_OUT, 1);
    m->word[0] = left;
    m->cap = p;
    m->give = true;
    return OK;
}

static err_t serve_both(const struct caps_ops *ops, void *session, struct rpc_message *m)
{
    cptr_t p = CPTR_NULL;

    REQUIRE(ops->both, E_RPC_NUMBER);
    REQUIRE(rpc_fits(m, 0, RPC_CAP), E_RPC_MALFORMED);
    ops->both(session, rpc_take_cap(m), &p);
    rpc_reply_to(m, CAPS_MESSAGE_BOTH, 0);
    m->cap = p;
    m->give = true;
    return OK;
}

void caps_serve(const struct caps_ops *ops, void *session, struct rpc_message *m)
{
    const cptr_t cap = m->cap;
    err_t err = ERR(E_RPC_NUMBER);

    switch (m->number) {
    case CAPS_MESSAGE_COPY_IN:
        err = serve_copy_in(ops, session, m);
        break;
    case CAPS_MESSAGE_GIVE_IN:
        err = serve_give_in(ops, session, m);
        break;
    case CAPS_MESSAGE_COPY_OUT:
        err = serve_copy_out(ops, session, m);
        break;
    case CAPS_MESSAGE_GIVE_OUT:
        err = serve_give_out(ops, session, m);
        break;
    case CAPS_MESSAGE_BOTH:
        err = serve_both(ops, session, m);
        break;
    }
    if (err_root(err) == E_RPC_LATER) {
        rpc_later(m, cap);
    } else if (!err_ok(err)) {
        rpc_fail(m, err);
    }
}
