/* Made by idlc from names.if: do not edit. */
#include <stubs/names.h>

#include <os/direct_call.h>
#include <os/string.h>

struct names__client_call {
    uint64_t c;
    uint64_t m;
    uint64_t c_;
};
static const struct wire_field names__client_call__fields[] = {
    WIRE_FIELD(struct names__client_call, c, &wire_uint64),
    WIRE_FIELD(struct names__client_call, m, &wire_uint64),
    WIRE_FIELD(struct names__client_call, c_, &wire_uint64),
};

struct names__client_response {
    err_t err;
    uint64_t ops;
};
static const struct wire_field names__client_response__fields[] = {
    WIRE_FIELD(struct names__client_response, err, &wire_errval),
    WIRE_FIELD(struct names__client_response, ops, &wire_uint64),
};

struct names__server_call {
    uint64_t ops;
    uint64_t session;
    uint64_t err;
    uint64_t word;
};
static const struct wire_field names__server_call__fields[] = {
    WIRE_FIELD(struct names__server_call, ops, &wire_uint64),
    WIRE_FIELD(struct names__server_call, session, &wire_uint64),
    WIRE_FIELD(struct names__server_call, err, &wire_uint64),
    WIRE_FIELD(struct names__server_call, word, &wire_uint64),
};

struct names__server_response {
    uint64_t m;
    uint64_t m_;
};
static const struct wire_field names__server_response__fields[] = {
    WIRE_FIELD(struct names__server_response, m, &wire_uint64),
    WIRE_FIELD(struct names__server_response, m_, &wire_uint64),
};

struct names__a_rather_long_name_of_a_message_call {
    uint64_t the_first_of_the_arguments;
    int32_t the_second_of_the_arguments;
    uint64_t the_third_of_the_arguments;
    cptr_t capability;
};
static const struct wire_field names__a_rather_long_name_of_a_message_call__fields[] = {
    WIRE_FIELD(struct names__a_rather_long_name_of_a_message_call, the_first_of_the_arguments, &wire_uint64),
    WIRE_FIELD(struct names__a_rather_long_name_of_a_message_call, the_second_of_the_arguments, &wire_int32),
    WIRE_FIELD(struct names__a_rather_long_name_of_a_message_call, the_third_of_the_arguments, &wire_uint64),
    WIRE_FIELD(struct names__a_rather_long_name_of_a_message_call, capability, &wire_give_away_cap),
};

struct names__a_rather_long_name_of_a_message_response {
    err_t result;
    uint64_t the_first_of_the_results;
};
static const struct wire_field names__a_rather_long_name_of_a_message_response__fields[] = {
    WIRE_FIELD(struct names__a_rather_long_name_of_a_message_response, result, &wire_errval),
    WIRE_FIELD(struct names__a_rather_long_name_of_a_message_response, the_first_of_the_results, &wire_uint64),
};

static bool deliver_client_call(struct binding *b, void *args)
{
    struct names_binding *self = (struct names_binding *)b;
    struct names__client_call *a = args;

    if (!self->rx_vtbl.client_call) {
        return false;
    }
    self->rx_vtbl.client_call(self, a->c, a->m, a->c_);
    return true;
}

static bool deliver_client_response(struct binding *b, void *args)
{
    struct names_binding *self = (struct names_binding *)b;
    struct names__client_response *a = args;

    if (!self->rx_vtbl.client_response) {
        return false;
    }
    self->rx_vtbl.client_response(self, a->err, a->ops);
    return true;
}

static bool deliver_server_call(struct binding *b, void *args)
{
    struct names_binding *self = (struct names_binding *)b;
    struct names__server_call *a = args;

    if (!self->rx_vtbl.server_call) {
        return false;
    }
    self->rx_vtbl.server_call(self, a->ops, a->session, a->err, a->word);
    return true;
}

static bool deliver_server_response(struct binding *b, void *args)
{
    struct names_binding *self = (struct names_binding *)b;
    struct names__server_response *a = args;

    if (!self->rx_vtbl.server_response) {
        return false;
    }
    self->rx_vtbl.server_response(self, a->m, a->m_);
    return true;
}

static bool deliver_a_rather_long_name_of_a_message_call(struct binding *b, void *args)
{
    struct names_binding *self = (struct names_binding *)b;
    struct names__a_rather_long_name_of_a_message_call *a = args;

    if (!self->rx_vtbl.a_rather_long_name_of_a_message_call) {
        return false;
    }
    self->rx_vtbl.a_rather_long_name_of_a_message_call(self, a->the_first_of_the_arguments,
                                                       a->the_second_of_the_arguments, a->the_third_of_the_arguments,
                                                       a->capability);
    return true;
}

static bool deliver_a_rather_long_name_of_a_message_response(struct binding *b, void *args)
{
    struct names_binding *self = (struct names_binding *)b;
    struct names__a_rather_long_name_of_a_message_response *a = args;

    if (!self->rx_vtbl.a_rather_long_name_of_a_message_response) {
        return false;
    }
    self->rx_vtbl.a_rather_long_name_of_a_message_response(self, a->result, a->the_first_of_the_results);
    return true;
}

static bool serve_client(struct binding *b, void *in, void *out)
{
    struct names_binding *self = (struct names_binding *)b;
    struct names__client_call *a = in;
    struct names__client_response *r = out;

    if (!self->ops || !self->ops->client) {
        return false;
    }
    r->err = self->ops->client(self, a->c, a->m, a->c_, &r->ops);
    return true;
}

static struct direct_answer direct__client(struct binding *b, struct direct_words *w)
{
    struct names_binding *self = (struct names_binding *)b;
    uint64_t ops = 0;

    if (self->rx_vtbl.client_call || !self->ops || !self->ops->client) {
        return (struct direct_answer){ 0, 0 };
    }
    const err_t err = self->ops->client(self, w->word[0], w->word[1], w->word[2], &ops);
    w->word[1] = err_ok(err) ? ops : 0;
    return (struct direct_answer){ DIRECT_RESPONSE(NAMES_MESSAGE_CLIENT, 2), err.trail };
}

static bool serve_server(struct binding *b, void *in, void *out)
{
    struct names_binding *self = (struct names_binding *)b;
    struct names__server_call *a = in;
    struct names__server_response *r = out;

    if (!self->ops || !self->ops->server) {
        return false;
    }
    self->ops->server(self, a->ops, a->session, a->err, a->word, &r->m, &r->m_);
    return true;
}

static struct direct_answer direct__server(struct binding *b, struct direct_words *w)
{
    struct names_binding *self = (struct names_binding *)b;
    uint64_t m = 0;
    uint64_t m_ = 0;

    if (self->rx_vtbl.server_call || !self->ops || !self->ops->server) {
        return (struct direct_answer){ 0, 0 };
    }
    self->ops->server(self, w->word[0], w->word[1], w->word[2], w->word[3], &m, &m_);
    w->word[1] = m_;
    return (struct direct_answer){ DIRECT_RESPONSE(NAMES_MESSAGE_SERVER, 2), m };
}

static bool serve_a_rather_long_name_of_a_message(struct binding *b, void *in, void *out)
{
    struct names_binding *self = (struct names_binding *)b;
    struct names__a_rather_long_name_of_a_message_call *a = in;
    struct names__a_rather_long_name_of_a_message_response *r = out;

    if (!self->ops || !self->ops->a_rather_long_name_of_a_message) {
        return false;
    }
    r->result = self->ops->a_rather_long_name_of_a_message(self, a->the_first_of_the_arguments,
                                                           a->the_second_of_the_arguments,
                                                           a->the_third_of_the_arguments, a->capability,
                                                           &r->the_first_of_the_results);
    return true;
}

static const struct wire_message names__messages[] = {
    { .number = NAMES_MESSAGE_CLIENT, .fields = names__client_call__fields, .field_count = 3,
      .args_bytes = sizeof(struct names__client_call), .call = true, .flat = true, .words_min = 3, .words_max = 3,
      .deliver = deliver_client_call, .serve = serve_client },
    { .number = NAMES_MESSAGE_SERVER, .fields = names__server_call__fields, .field_count = 4,
      .args_bytes = sizeof(struct names__server_call), .call = true, .flat = true, .words_min = 4, .words_max = 4,
      .deliver = deliver_server_call, .serve = serve_server },
    { .number = NAMES_MESSAGE_A_RATHER_LONG_NAME_OF_A_MESSAGE,
      .fields = names__a_rather_long_name_of_a_message_call__fields, .field_count = 4,
      .args_bytes = sizeof(struct names__a_rather_long_name_of_a_message_call), .call = true, .flat = true,
      .words_min = 3, .words_max = 3, .caps_max = 1, .deliver = deliver_a_rather_long_name_of_a_message_call,
      .serve = serve_a_rather_long_name_of_a_message },
};

static const struct wire_message names__responses[] = {
    { .number = NAMES_MESSAGE_CLIENT, .fields = names__client_response__fields, .field_count = 2,
      .args_bytes = sizeof(struct names__client_response), .response = true, .error = true, .flat = true,
      .words_min = 2, .words_max = 2, .deliver = deliver_client_response },
    { .number = NAMES_MESSAGE_SERVER, .fields = names__server_response__fields, .field_count = 2,
      .args_bytes = sizeof(struct names__server_response), .response = true, .flat = true, .words_min = 2,
      .words_max = 2, .deliver = deliver_server_response },
    { .number = NAMES_MESSAGE_A_RATHER_LONG_NAME_OF_A_MESSAGE,
      .fields = names__a_rather_long_name_of_a_message_response__fields, .field_count = 2,
      .args_bytes = sizeof(struct names__a_rather_long_name_of_a_message_response), .response = true, .error = true,
      .flat = true, .words_min = 2, .words_max = 2, .deliver = deliver_a_rather_long_name_of_a_message_response },
};

static const struct direct_row names__direct[] = {
    { .call = DIRECT_NONE },
    { direct__client, DIRECT_CALL(NAMES_MESSAGE_CLIENT, 3) },
    { direct__server, DIRECT_CALL(NAMES_MESSAGE_SERVER, 4) },
    { .call = DIRECT_NONE },
};

err_t names_client_call__tx(struct names_binding *b, struct event_closure continuation, uint64_t c, uint64_t m,
                            uint64_t c_)
{
    struct names__client_call args = {
        .c = c,
        .m = m,
        .c_ = c_,
    };

    return binding_transmit(&b->common, &names__messages[NAMES_MESSAGE_CLIENT - 1], continuation, &args);
}

err_t names_client_response__tx(struct names_binding *b, struct event_closure continuation, err_t err, uint64_t ops)
{
    struct names__client_response args = {
        .err = err,
        .ops = ops,
    };

    return binding_transmit(&b->common, &names__responses[NAMES_MESSAGE_CLIENT - 1], continuation, &args);
}

err_t names_server_call__tx(struct names_binding *b, struct event_closure continuation, uint64_t ops,
                            uint64_t session, uint64_t err, uint64_t word)
{
    struct names__server_call args = {
        .ops = ops,
        .session = session,
        .err = err,
        .word = word,
    };

    return binding_transmit(&b->common, &names__messages[NAMES_MESSAGE_SERVER - 1], continuation, &args);
}

err_t names_server_response__tx(struct names_binding *b, struct event_closure continuation, uint64_t m, uint64_t m_)
{
    struct names__server_response args = {
        .m = m,
        .m_ = m_,
    };

    return binding_transmit(&b->common, &names__responses[NAMES_MESSAGE_SERVER - 1], continuation, &args);
}

err_t names_a_rather_long_name_of_a_message_call__tx(struct names_binding *b, struct event_closure continuation,
                                                     uint64_t the_first_of_the_arguments,
                                                     int32_t the_second_of_the_arguments,
                                                     uint64_t the_third_of_the_arguments, cptr_t capability)
{
    struct names__a_rather_long_name_of_a_message_call args = {
        .the_first_of_the_arguments = the_first_of_the_arguments,
        .the_second_of_the_arguments = the_second_of_the_arguments,
        .the_third_of_the_arguments = the_third_of_the_arguments,
        .capability = capability,
    };

    return binding_transmit(&b->common, &names__messages[NAMES_MESSAGE_A_RATHER_LONG_NAME_OF_A_MESSAGE - 1],
                            continuation, &args);
}

err_t names_a_rather_long_name_of_a_message_response__tx(struct names_binding *b, struct event_closure continuation,
                                                         err_t result, uint64_t the_first_of_the_results)
{
    struct names__a_rather_long_name_of_a_message_response args = {
        .result = result,
        .the_first_of_the_results = the_first_of_the_results,
    };

    return binding_transmit(&b->common, &names__responses[NAMES_MESSAGE_A_RATHER_LONG_NAME_OF_A_MESSAGE - 1],
                            continuation, &args);
}

err_t names_rpc_client_start(struct names_binding *b, struct rpc_future *future, uint64_t c, uint64_t m, uint64_t c_)
{
    struct names__client_call args = {
        .c = c,
        .m = m,
        .c_ = c_,
    };

    return binding_call_start(&b->common, future, &names__messages[NAMES_MESSAGE_CLIENT - 1],
                              &names__responses[NAMES_MESSAGE_CLIENT - 1], &args);
}

err_t names_rpc_client_finish(struct rpc_future *future, uint64_t deadline, uint64_t *ops)
{
    struct names__client_response args;

    TRY(binding_call_finish(future, deadline, &args));
    *ops = args.ops;
    return OK;
}

err_t names_rpc_client(struct names_binding *b, uint64_t c, uint64_t m, uint64_t c_, uint64_t *ops)
{
    struct direct_words w = { { c, m, c_ } };
    const struct direct_result result = direct_call(&b->common, DIRECT_CALL(NAMES_MESSAGE_CLIENT, 3),
                                                    DIRECT_RESPONSE(NAMES_MESSAGE_CLIENT, 2), &w);

    TRY(result.err);
    TRY((err_t){ result.first });
    *ops = w.word[1];
    return OK;
}

err_t names_rpc_server_start(struct names_binding *b, struct rpc_future *future, uint64_t ops, uint64_t session,
                             uint64_t err, uint64_t word)
{
    struct names__server_call args = {
        .ops = ops,
        .session = session,
        .err = err,
        .word = word,
    };

    return binding_call_start(&b->common, future, &names__messages[NAMES_MESSAGE_SERVER - 1],
                              &names__responses[NAMES_MESSAGE_SERVER - 1], &args);
}

err_t names_rpc_server_finish(struct rpc_future *future, uint64_t deadline, uint64_t *m, uint64_t *m_)
{
    struct names__server_response args;

    TRY(binding_call_finish(future, deadline, &args));
    *m = args.m;
    *m_ = args.m_;
    return OK;
}

err_t names_rpc_server(struct names_binding *b, uint64_t ops, uint64_t session, uint64_t err, uint64_t word,
                       uint64_t *m, uint64_t *m_)
{
    struct direct_words w = { { ops, session, err, word } };
    const struct direct_result result = direct_call(&b->common, DIRECT_CALL(NAMES_MESSAGE_SERVER, 4),
                                                    DIRECT_RESPONSE(NAMES_MESSAGE_SERVER, 2), &w);

    TRY(result.err);
    *m = w.word[0];
    *m_ = w.word[1];
    return OK;
}

err_t names_rpc_a_rather_long_name_of_a_message_start(struct names_binding *b, struct rpc_future *future,
                                                      uint64_t the_first_of_the_arguments,
                                                      int32_t the_second_of_the_arguments,
                                                      uint64_t the_third_of_the_arguments, cptr_t capability)
{
    struct names__a_rather_long_name_of_a_message_call args = {
        .the_first_of_the_arguments = the_first_of_the_arguments,
        .the_second_of_the_arguments = the_second_of_the_arguments,
        .the_third_of_the_arguments = the_third_of_the_arguments,
        .capability = capability,
    };

    return binding_call_start(&b->common, future,
                              &names__messages[NAMES_MESSAGE_A_RATHER_LONG_NAME_OF_A_MESSAGE - 1],
                              &names__responses[NAMES_MESSAGE_A_RATHER_LONG_NAME_OF_A_MESSAGE - 1], &args);
}

err_t names_rpc_a_rather_long_name_of_a_message_finish(struct rpc_future *future, uint64_t deadline,
                                                       uint64_t *the_first_of_the_results)
{
    struct names__a_rather_long_name_of_a_message_response args;

    TRY(binding_call_finish(future, deadline, &args));
    *the_first_of_the_results = args.the_first_of_the_results;
    return OK;
}

err_t names_rpc_a_rather_long_name_of_a_message(struct names_binding *b, uint64_t the_first_of_the_arguments,
                                                int32_t the_second_of_the_arguments,
                                                uint64_t the_third_of_the_arguments, cptr_t capability,
                                                uint64_t *the_first_of_the_results)
{
    struct rpc_future future;

    TRY(names_rpc_a_rather_long_name_of_a_message_start(b, &future, the_first_of_the_arguments,
                                                        the_second_of_the_arguments, the_third_of_the_arguments,
                                                        capability));
    return names_rpc_a_rather_long_name_of_a_message_finish(&future, binding_deadline(&b->common),
                                                            the_first_of_the_results);
}

static bool names__report(struct binding *b, err_t err)
{
    struct names_binding *self = (struct names_binding *)b;

    if (self->error_handler) {
        self->error_handler(self, err);
        return true;
    }
    return false;
}

static err_t names__accepted(const struct binding_export *e, struct binding *b)
{
    struct names_binding *self = (struct names_binding *)b;

    self->ops = e->ops;
    return e->connect ? ((names_connect_fn *)e->connect)(e->st, self) : OK;
}

static void names__bound(void (*continuation)(void), void *st, err_t err, struct binding *b)
{
    ((names_bind_continuation_fn *)continuation)(st, err, (struct names_binding *)b);
}

const struct binding_interface names_interface = {
    .name = "names",
    .fingerprint = NAMES_FINGERPRINT,
    .messages = names__messages,
    .responses = names__responses,
    .count = sizeof(names__messages) / sizeof(names__messages[0]),
    .direct = { names__direct, sizeof(names__direct) / sizeof(names__direct[0]) },
    .bytes = sizeof(struct names_binding),
    .report = names__report,
    .accepted = names__accepted,
    .bound = names__bound,
};
