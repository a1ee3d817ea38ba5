/* Made by idlc from empty.if: do not edit. */
#include <stubs/empty.h>

#include <os/direct_call.h>
#include <os/string.h>

struct empty__fail_response {
    err_t err;
};
static const struct wire_field empty__fail_response__fields[] = {
    WIRE_FIELD(struct empty__fail_response, err, &wire_errval),
};

struct empty__add_call {
    uint64_t a;
    uint64_t b;
};
static const struct wire_field empty__add_call__fields[] = {
    WIRE_FIELD(struct empty__add_call, a, &wire_uint64),
    WIRE_FIELD(struct empty__add_call, b, &wire_uint64),
};

struct empty__add_response {
    uint64_t sum;
};
static const struct wire_field empty__add_response__fields[] = {
    WIRE_FIELD(struct empty__add_response, sum, &wire_uint64),
};

static bool deliver_ping_call(struct binding *b, void *args)
{
    struct empty_binding *self = (struct empty_binding *)b;

    (void)args;
    if (!self->rx_vtbl.ping_call) {
        return false;
    }
    self->rx_vtbl.ping_call(self);
    return true;
}

static bool deliver_ping_response(struct binding *b, void *args)
{
    struct empty_binding *self = (struct empty_binding *)b;

    (void)args;
    if (!self->rx_vtbl.ping_response) {
        return false;
    }
    self->rx_vtbl.ping_response(self);
    return true;
}

static bool deliver_fail_call(struct binding *b, void *args)
{
    struct empty_binding *self = (struct empty_binding *)b;

    (void)args;
    if (!self->rx_vtbl.fail_call) {
        return false;
    }
    self->rx_vtbl.fail_call(self);
    return true;
}

static bool deliver_fail_response(struct binding *b, void *args)
{
    struct empty_binding *self = (struct empty_binding *)b;
    struct empty__fail_response *a = args;

    if (!self->rx_vtbl.fail_response) {
        return false;
    }
    self->rx_vtbl.fail_response(self, a->err);
    return true;
}

static bool deliver_add_call(struct binding *b, void *args)
{
    struct empty_binding *self = (struct empty_binding *)b;
    struct empty__add_call *a = args;

    if (!self->rx_vtbl.add_call) {
        return false;
    }
    self->rx_vtbl.add_call(self, a->a, a->b);
    return true;
}

static bool deliver_add_response(struct binding *b, void *args)
{
    struct empty_binding *self = (struct empty_binding *)b;
    struct empty__add_response *a = args;

    if (!self->rx_vtbl.add_response) {
        return false;
    }
    self->rx_vtbl.add_response(self, a->sum);
    return true;
}

static bool serve_ping(struct binding *b, void *in, void *out)
{
    struct empty_binding *self = (struct empty_binding *)b;

    (void)in;
    (void)out;
    if (!self->ops || !self->ops->ping) {
        return false;
    }
    self->ops->ping(self);
    return true;
}

static struct direct_answer direct__ping(struct binding *b, struct direct_words *w)
{
    struct empty_binding *self = (struct empty_binding *)b;

    if (self->rx_vtbl.ping_call || !self->ops || !self->ops->ping) {
        return (struct direct_answer){ 0, 0 };
    }
    self->ops->ping(self);
    (void)w;
    return (struct direct_answer){ DIRECT_RESPONSE(EMPTY_MESSAGE_PING, 0), 0 };
}

static bool serve_fail(struct binding *b, void *in, void *out)
{
    struct empty_binding *self = (struct empty_binding *)b;
    struct empty__fail_response *r = out;

    (void)in;
    if (!self->ops || !self->ops->fail) {
        return false;
    }
    r->err = self->ops->fail(self);
    return true;
}

static struct direct_answer direct__fail(struct binding *b, struct direct_words *w)
{
    struct empty_binding *self = (struct empty_binding *)b;

    if (self->rx_vtbl.fail_call || !self->ops || !self->ops->fail) {
        return (struct direct_answer){ 0, 0 };
    }
    const err_t err = self->ops->fail(self);
    (void)w;
    return (struct direct_answer){ DIRECT_RESPONSE(EMPTY_MESSAGE_FAIL, 1), err.trail };
}

static bool serve_add(struct binding *b, void *in, void *out)
{
    struct empty_binding *self = (struct empty_binding *)b;
    struct empty__add_call *a = in;
    struct empty__add_response *r = out;

    if (!self->ops || !self->ops->add) {
        return false;
    }
    self->ops->add(self, a->a, a->b, &r->sum);
    return true;
}

static struct direct_answer direct__add(struct binding *b_, struct direct_words *w)
{
    struct empty_binding *self = (struct empty_binding *)b_;
    uint64_t sum = 0;

    if (self->rx_vtbl.add_call || !self->ops || !self->ops->add) {
        return (struct direct_answer){ 0, 0 };
    }
    self->ops->add(self, w->word[0], w->word[1], &sum);
    return (struct direct_answer){ DIRECT_RESPONSE(EMPTY_MESSAGE_ADD, 1), sum };
}

static const struct wire_message empty__messages[] = {
    { .number = EMPTY_MESSAGE_PING, .call = true, .flat = true, .words_min = 0, .words_max = 0,
      .deliver = deliver_ping_call, .serve = serve_ping },
    { .number = EMPTY_MESSAGE_FAIL, .call = true, .flat = true, .words_min = 0, .words_max = 0,
      .deliver = deliver_fail_call, .serve = serve_fail },
    { .number = EMPTY_MESSAGE_ADD, .fields = empty__add_call__fields, .field_count = 2,
      .args_bytes = sizeof(struct empty__add_call), .call = true, .flat = true, .words_min = 2, .words_max = 2,
      .deliver = deliver_add_call, .serve = serve_add },
};

static const struct wire_message empty__responses[] = {
    { .number = EMPTY_MESSAGE_PING, .response = true, .flat = true, .words_min = 0, .words_max = 0,
      .deliver = deliver_ping_response },
    { .number = EMPTY_MESSAGE_FAIL, .fields = empty__fail_response__fields, .field_count = 1,
      .args_bytes = sizeof(struct empty__fail_response), .response = true, .error = true, .flat = true,
      .words_min = 1, .words_max = 1, .deliver = deliver_fail_response },
    { .number = EMPTY_MESSAGE_ADD, .fields = empty__add_response__fields, .field_count = 1,
      .args_bytes = sizeof(struct empty__add_response), .response = true, .flat = true, .words_min = 1,
      .words_max = 1, .deliver = deliver_add_response },
};

static const struct direct_row empty__direct[] = {
    { .call = DIRECT_NONE },
    { direct__ping, DIRECT_CALL(EMPTY_MESSAGE_PING, 0) },
    { direct__fail, DIRECT_CALL(EMPTY_MESSAGE_FAIL, 0) },
    { direct__add, DIRECT_CALL(EMPTY_MESSAGE_ADD, 2) },
};

err_t empty_ping_call__tx(struct empty_binding *b, struct event_closure continuation)
{
    return binding_transmit(&b->common, &empty__messages[EMPTY_MESSAGE_PING - 1], continuation, NULL);
}

err_t empty_ping_response__tx(struct empty_binding *b, struct event_closure continuation)
{
    return binding_transmit(&b->common, &empty__responses[EMPTY_MESSAGE_PING - 1], continuation, NULL);
}

err_t empty_fail_call__tx(struct empty_binding *b, struct event_closure continuation)
{
    return binding_transmit(&b->common, &empty__messages[EMPTY_MESSAGE_FAIL - 1], continuation, NULL);
}

err_t empty_fail_response__tx(struct empty_binding *b, struct event_closure continuation, err_t err)
{
    struct empty__fail_response args = {
        .err = err,
    };

    return binding_transmit(&b->common, &empty__responses[EMPTY_MESSAGE_FAIL - 1], continuation, &args);
}

err_t empty_add_call__tx(struct empty_binding *b_, struct event_closure continuation, uint64_t a, uint64_t b)
{
    struct empty__add_call args = {
        .a = a,
        .b = b,
    };

    return binding_transmit(&b_->common, &empty__messages[EMPTY_MESSAGE_ADD - 1], continuation, &args);
}

err_t empty_add_response__tx(struct empty_binding *b_, struct event_closure continuation, uint64_t sum)
{
    struct empty__add_response args = {
        .sum = sum,
    };

    return binding_transmit(&b_->common, &empty__responses[EMPTY_MESSAGE_ADD - 1], continuation, &args);
}

err_t empty_rpc_ping_start(struct empty_binding *b, struct rpc_future *future)
{
    return binding_call_start(&b->common, future, &empty__messages[EMPTY_MESSAGE_PING - 1],
                              &empty__responses[EMPTY_MESSAGE_PING - 1], NULL);
}

err_t empty_rpc_ping_finish(struct rpc_future *future, uint64_t deadline)
{
    return binding_call_finish(future, deadline, NULL);
}

err_t empty_rpc_ping(struct empty_binding *b)
{
    struct direct_words w = { { 0 } };
    const struct direct_result result = direct_call(&b->common, DIRECT_CALL(EMPTY_MESSAGE_PING, 0),
                                                    DIRECT_RESPONSE(EMPTY_MESSAGE_PING, 0), &w);

    TRY(result.err);
    return OK;
}

err_t empty_rpc_fail_start(struct empty_binding *b, struct rpc_future *future)
{
    return binding_call_start(&b->common, future, &empty__messages[EMPTY_MESSAGE_FAIL - 1],
                              &empty__responses[EMPTY_MESSAGE_FAIL - 1], NULL);
}

err_t empty_rpc_fail_finish(struct rpc_future *future, uint64_t deadline)
{
    struct empty__fail_response args;

    TRY(binding_call_finish(future, deadline, &args));
    return OK;
}

err_t empty_rpc_fail(struct empty_binding *b)
{
    struct direct_words w = { { 0 } };
    const struct direct_result result = direct_call(&b->common, DIRECT_CALL(EMPTY_MESSAGE_FAIL, 0),
                                                    DIRECT_RESPONSE(EMPTY_MESSAGE_FAIL, 1), &w);

    return err_ok(result.err) ? (err_t){ result.first } : result.err;
}

err_t empty_rpc_add_start(struct empty_binding *b_, struct rpc_future *future, uint64_t a, uint64_t b)
{
    struct empty__add_call args = {
        .a = a,
        .b = b,
    };

    return binding_call_start(&b_->common, future, &empty__messages[EMPTY_MESSAGE_ADD - 1],
                              &empty__responses[EMPTY_MESSAGE_ADD - 1], &args);
}

err_t empty_rpc_add_finish(struct rpc_future *future, uint64_t deadline, uint64_t *sum)
{
    struct empty__add_response args;

    TRY(binding_call_finish(future, deadline, &args));
    *sum = args.sum;
    return OK;
}

err_t empty_rpc_add(struct empty_binding *b_, uint64_t a, uint64_t b, uint64_t *sum)
{
    struct direct_words w = { { a, b } };
    const struct direct_result result = direct_call(&b_->common, DIRECT_CALL(EMPTY_MESSAGE_ADD, 2),
                                                    DIRECT_RESPONSE(EMPTY_MESSAGE_ADD, 1), &w);

    TRY(result.err);
    *sum = w.word[0];
    return OK;
}

static bool empty__report(struct binding *b, err_t err)
{
    struct empty_binding *self = (struct empty_binding *)b;

    if (self->error_handler) {
        self->error_handler(self, err);
        return true;
    }
    return false;
}

static err_t empty__accepted(const struct binding_export *e, struct binding *b)
{
    struct empty_binding *self = (struct empty_binding *)b;

    self->ops = e->ops;
    return e->connect ? ((empty_connect_fn *)e->connect)(e->st, self) : OK;
}

static void empty__bound(void (*continuation)(void), void *st, err_t err, struct binding *b)
{
    ((empty_bind_continuation_fn *)continuation)(st, err, (struct empty_binding *)b);
}

const struct binding_interface empty_interface = {
    .name = "empty",
    .fingerprint = EMPTY_FINGERPRINT,
    .messages = empty__messages,
    .responses = empty__responses,
    .count = sizeof(empty__messages) / sizeof(empty__messages[0]),
    .direct = { empty__direct, sizeof(empty__direct) / sizeof(empty__direct[0]) },
    .bytes = sizeof(struct empty_binding),
    .report = empty__report,
    .accepted = empty__accepted,
    .bound = empty__bound,
};
