/* Made by idlc from caps.if: do not edit. */
#include <stubs/caps.h>

#include <os/string.h>

struct caps__copy_in_call {
    cptr_t a;
};
static const struct wire_field caps__copy_in_call__fields[] = {
    WIRE_FIELD(struct caps__copy_in_call, a, &wire_cap),
};

struct caps__copy_in_response {
    err_t err;
};
static const struct wire_field caps__copy_in_response__fields[] = {
    WIRE_FIELD(struct caps__copy_in_response, err, &wire_errval),
};

struct caps__give_in_call {
    uint32_t key;
    cptr_t a;
};
static const struct wire_field caps__give_in_call__fields[] = {
    WIRE_FIELD(struct caps__give_in_call, key, &wire_uint32),
    WIRE_FIELD(struct caps__give_in_call, a, &wire_give_away_cap),
};

struct caps__give_in_response {
    err_t err;
};
static const struct wire_field caps__give_in_response__fields[] = {
    WIRE_FIELD(struct caps__give_in_response, err, &wire_errval),
};

struct caps__copy_out_response {
    err_t err;
    caps_ram_t p;
};
static const struct wire_field caps__copy_out_response__fields[] = {
    WIRE_FIELD(struct caps__copy_out_response, err, &wire_errval),
    WIRE_FIELD(struct caps__copy_out_response, p, &wire_cap),
};

struct caps__give_out_call {
    bool last;
};
static const struct wire_field caps__give_out_call__fields[] = {
    WIRE_FIELD(struct caps__give_out_call, last, &wire_bool),
};

struct caps__give_out_response {
    err_t err;
    cptr_t p;
    uint8_t left;
};
static const struct wire_field caps__give_out_response__fields[] = {
    WIRE_FIELD(struct caps__give_out_response, err, &wire_errval),
    WIRE_FIELD(struct caps__give_out_response, p, &wire_give_away_cap),
    WIRE_FIELD(struct caps__give_out_response, left, &wire_uint8),
};

struct caps__both_call {
    cptr_t a;
};
static const struct wire_field caps__both_call__fields[] = {
    WIRE_FIELD(struct caps__both_call, a, &wire_cap),
};

struct caps__both_response {
    cptr_t p;
};
static const struct wire_field caps__both_response__fields[] = {
    WIRE_FIELD(struct caps__both_response, p, &wire_give_away_cap),
};

static bool deliver_copy_in_call(struct binding *b, void *args)
{
    struct caps_binding *self = (struct caps_binding *)b;
    struct caps__copy_in_call *a = args;

    if (!self->rx_vtbl.copy_in_call) {
        return false;
    }
    self->rx_vtbl.copy_in_call(self, a->a);
    return true;
}

static bool deliver_copy_in_response(struct binding *b, void *args)
{
    struct caps_binding *self = (struct caps_binding *)b;
    struct caps__copy_in_response *a = args;

    if (!self->rx_vtbl.copy_in_response) {
        return false;
    }
    self->rx_vtbl.copy_in_response(self, a->err);
    return true;
}

static bool deliver_give_in_call(struct binding *b, void *args)
{
    struct caps_binding *self = (struct caps_binding *)b;
    struct caps__give_in_call *a = args;

    if (!self->rx_vtbl.give_in_call) {
        return false;
    }
    self->rx_vtbl.give_in_call(self, a->key, a->a);
    return true;
}

static bool deliver_give_in_response(struct binding *b, void *args)
{
    struct caps_binding *self = (struct caps_binding *)b;
    struct caps__give_in_response *a = args;

    if (!self->rx_vtbl.give_in_response) {
        return false;
    }
    self->rx_vtbl.give_in_response(self, a->err);
    return true;
}

static bool deliver_copy_out_call(struct binding *b, void *args)
{
    struct caps_binding *self = (struct caps_binding *)b;

    (void)args;
    if (!self->rx_vtbl.copy_out_call) {
        return false;
    }
    self->rx_vtbl.copy_out_call(self);
    return true;
}

static bool deliver_copy_out_response(struct binding *b, void *args)
{
    struct caps_binding *self = (struct caps_binding *)b;
    struct caps__copy_out_response *a = args;

    if (!self->rx_vtbl.copy_out_response) {
        return false;
    }
    self->rx_vtbl.copy_out_response(self, a->err, a->p);
    return true;
}

static bool deliver_give_out_call(struct binding *b, void *args)
{
    struct caps_binding *self = (struct caps_binding *)b;
    struct caps__give_out_call *a = args;

    if (!self->rx_vtbl.give_out_call) {
        return false;
    }
    self->rx_vtbl.give_out_call(self, a->last);
    return true;
}

static bool deliver_give_out_response(struct binding *b, void *args)
{
    struct caps_binding *self = (struct caps_binding *)b;
    struct caps__give_out_response *a = args;

    if (!self->rx_vtbl.give_out_response) {
        return false;
    }
    self->rx_vtbl.give_out_response(self, a->err, a->p, a->left);
    return true;
}

static bool deliver_both_call(struct binding *b, void *args)
{
    struct caps_binding *self = (struct caps_binding *)b;
    struct caps__both_call *a = args;

    if (!self->rx_vtbl.both_call) {
        return false;
    }
    self->rx_vtbl.both_call(self, a->a);
    return true;
}

static bool deliver_both_response(struct binding *b, void *args)
{
    struct caps_binding *self = (struct caps_binding *)b;
    struct caps__both_response *a = args;

    if (!self->rx_vtbl.both_response) {
        return false;
    }
    self->rx_vtbl.both_response(self, a->p);
    return true;
}

static bool serve_copy_in(struct binding *b, void *in, void *out)
{
    struct caps_binding *self = (struct caps_binding *)b;
    struct caps__copy_in_call *a = in;
    struct caps__copy_in_response *r = out;

    if (!self->ops || !self->ops->copy_in) {
        return false;
    }
    r->err = self->ops->copy_in(self, a->a);
    return true;
}

static bool serve_give_in(struct binding *b, void *in, void *out)
{
    struct caps_binding *self = (struct caps_binding *)b;
    struct caps__give_in_call *a = in;
    struct caps__give_in_response *r = out;

    if (!self->ops || !self->ops->give_in) {
        return false;
    }
    r->err = self->ops->give_in(self, a->key, a->a);
    return true;
}

static bool serve_copy_out(struct binding *b, void *in, void *out)
{
    struct caps_binding *self = (struct caps_binding *)b;
    struct caps__copy_out_response *r = out;

    (void)in;
    if (!self->ops || !self->ops->copy_out) {
        return false;
    }
    r->err = self->ops->copy_out(self, &r->p);
    return true;
}

static bool serve_give_out(struct binding *b, void *in, void *out)
{
    struct caps_binding *self = (struct caps_binding *)b;
    struct caps__give_out_call *a = in;
    struct caps__give_out_response *r = out;

    if (!self->ops || !self->ops->give_out) {
        return false;
    }
    r->err = self->ops->give_out(self, a->last, &r->p, &r->left);
    return true;
}

static bool serve_both(struct binding *b, void *in, void *out)
{
    struct caps_binding *self = (struct caps_binding *)b;
    struct caps__both_call *a = in;
    struct caps__both_response *r = out;

    if (!self->ops || !self->ops->both) {
        return false;
    }
    self->ops->both(self, a->a, &r->p);
    return true;
}

static const struct wire_message caps__messages[] = {
    { .number = CAPS_MESSAGE_COPY_IN, .fields = caps__copy_in_call__fields, .field_count = 1,
      .args_bytes = sizeof(struct caps__copy_in_call), .call = true, .flat = true, .words_min = 0, .words_max = 0,
      .caps_max = 1, .deliver = deliver_copy_in_call, .serve = serve_copy_in },
    { .number = CAPS_MESSAGE_GIVE_IN, .fields = caps__give_in_call__fields, .field_count = 2,
      .args_bytes = sizeof(struct caps__give_in_call), .call = true, .flat = true, .words_min = 1, .words_max = 1,
      .caps_max = 1, .deliver = deliver_give_in_call, .serve = serve_give_in },
    { .number = CAPS_MESSAGE_COPY_OUT, .call = true, .flat = true, .words_min = 0, .words_max = 0,
      .deliver = deliver_copy_out_call, .serve = serve_copy_out },
    { .number = CAPS_MESSAGE_GIVE_OUT, .fields = caps__give_out_call__fields, .field_count = 1,
      .args_bytes = sizeof(struct caps__give_out_call), .call = true, .flat = true, .words_min = 1, .words_max = 1,
      .deliver = deliver_give_out_call, .serve = serve_give_out },
    { .number = CAPS_MESSAGE_BOTH, .fields = caps__both_call__fields, .field_count = 1,
      .args_bytes = sizeof(struct caps__both_call), .call = true, .flat = true, .words_min = 0, .words_max = 0,
      .caps_max = 1, .deliver = deliver_both_call, .serve = serve_both },
};

static const struct wire_message caps__responses[] = {
    { .number = CAPS_MESSAGE_COPY_IN, .fields = caps__copy_in_response__fields, .field_count = 1,
      .args_bytes = sizeof(struct caps__copy_in_response), .response = true, .error = true, .flat = true,
      .words_min = 1, .words_max = 1, .deliver = deliver_copy_in_response },
    { .number = CAPS_MESSAGE_GIVE_IN, .fields = caps__give_in_response__fields, .field_count = 1,
      .args_bytes = sizeof(struct caps__give_in_response), .response = true, .error = true, .flat = true,
      .words_min = 1, .words_max = 1, .deliver = deliver_give_in_response },
    { .number = CAPS_MESSAGE_COPY_OUT, .fields = caps__copy_out_response__fields, .field_count = 2,
      .args_bytes = sizeof(struct caps__copy_out_response), .response = true, .error = true, .flat = true,
      .words_min = 1, .words_max = 1, .caps_max = 1, .deliver = deliver_copy_out_response },
    { .number = CAPS_MESSAGE_GIVE_OUT, .fields = caps__give_out_response__fields, .field_count = 3,
      .args_bytes = sizeof(struct caps__give_out_response), .response = true, .error = true, .flat = true,
      .words_min = 2, .words_max = 2, .caps_max = 1, .deliver = deliver_give_out_response },
    { .number = CAPS_MESSAGE_BOTH, .fields = caps__both_response__fields, .field_count = 1,
      .args_bytes = sizeof(struct caps__both_response), .response = true, .flat = true, .words_min = 0,
      .words_max = 0, .caps_max = 1, .deliver = deliver_both_response },
};

err_t caps_copy_in_call__tx(struct caps_binding *b, struct event_closure continuation, cptr_t a)
{
    struct caps__copy_in_call args = {
        .a = a,
    };

    return binding_transmit(&b->common, &caps__messages[CAPS_MESSAGE_COPY_IN - 1], continuation, &args);
}

err_t caps_copy_in_response__tx(struct caps_binding *b, struct event_closure continuation, err_t err)
{
    struct caps__copy_in_response args = {
        .err = err,
    };

    return binding_transmit(&b->common, &caps__responses[CAPS_MESSAGE_COPY_IN - 1], continuation, &args);
}

err_t caps_give_in_call__tx(struct caps_binding *b, struct event_closure continuation, uint32_t key, cptr_t a)
{
    struct caps__give_in_call args = {
        .key = key,
        .a = a,
    };

    return binding_transmit(&b->common, &caps__messages[CAPS_MESSAGE_GIVE_IN - 1], continuation, &args);
}

err_t caps_give_in_response__tx(struct caps_binding *b, struct event_closure continuation, err_t err)
{
    struct caps__give_in_response args = {
        .err = err,
    };

    return binding_transmit(&b->common, &caps__responses[CAPS_MESSAGE_GIVE_IN - 1], continuation, &args);
}

err_t caps_copy_out_call__tx(struct caps_binding *b, struct event_closure continuation)
{
    return binding_transmit(&b->common, &caps__messages[CAPS_MESSAGE_COPY_OUT - 1], continuation, NULL);
}

err_t caps_copy_out_response__tx(struct caps_binding *b, struct event_closure continuation, err_t err, caps_ram_t p)
{
    struct caps__copy_out_response args = {
        .err = err,
        .p = p,
    };

    return binding_transmit(&b->common, &caps__responses[CAPS_MESSAGE_COPY_OUT - 1], continuation, &args);
}

err_t caps_give_out_call__tx(struct caps_binding *b, struct event_closure continuation, bool last)
{
    struct caps__give_out_call args = {
        .last = last,
    };

    return binding_transmit(&b->common, &caps__messages[CAPS_MESSAGE_GIVE_OUT - 1], continuation, &args);
}

err_t caps_give_out_response__tx(struct caps_binding *b, struct event_closure continuation, err_t err, cptr_t p,
                                 uint8_t left)
{
    struct caps__give_out_response args = {
        .err = err,
        .p = p,
        .left = left,
    };

    return binding_transmit(&b->common, &caps__responses[CAPS_MESSAGE_GIVE_OUT - 1], continuation, &args);
}

err_t caps_both_call__tx(struct caps_binding *b, struct event_closure continuation, cptr_t a)
{
    struct caps__both_call args = {
        .a = a,
    };

    return binding_transmit(&b->common, &caps__messages[CAPS_MESSAGE_BOTH - 1], continuation, &args);
}

err_t caps_both_response__tx(struct caps_binding *b, struct event_closure continuation, cptr_t p)
{
    struct caps__both_response args = {
        .p = p,
    };

    return binding_transmit(&b->common, &caps__responses[CAPS_MESSAGE_BOTH - 1], continuation, &args);
}

err_t caps_rpc_copy_in_start(struct caps_binding *b, struct rpc_future *future, cptr_t a)
{
    struct caps__copy_in_call args = {
        .a = a,
    };

    return binding_call_start(&b->common, future, &caps__messages[CAPS_MESSAGE_COPY_IN - 1],
                              &caps__responses[CAPS_MESSAGE_COPY_IN - 1], &args);
}

err_t caps_rpc_copy_in_finish(struct rpc_future *future, uint64_t deadline)
{
    struct caps__copy_in_response args;

    TRY(binding_call_finish(future, deadline, &args));
    return OK;
}

err_t caps_rpc_copy_in(struct caps_binding *b, cptr_t a)
{
    struct rpc_future future;

    TRY(caps_rpc_copy_in_start(b, &future, a));
    return caps_rpc_copy_in_finish(&future, binding_deadline(&b->common));
}

err_t caps_rpc_give_in_start(struct caps_binding *b, struct rpc_future *future, uint32_t key, cptr_t a)
{
    struct caps__give_in_call args = {
        .key = key,
        .a = a,
    };

    return binding_call_start(&b->common, future, &caps__messages[CAPS_MESSAGE_GIVE_IN - 1],
                              &caps__responses[CAPS_MESSAGE_GIVE_IN - 1], &args);
}

err_t caps_rpc_give_in_finish(struct rpc_future *future, uint64_t deadline)
{
    struct caps__give_in_response args;

    TRY(binding_call_finish(future, deadline, &args));
    return OK;
}

err_t caps_rpc_give_in(struct caps_binding *b, uint32_t key, cptr_t a)
{
    struct rpc_future future;

    TRY(caps_rpc_give_in_start(b, &future, key, a));
    return caps_rpc_give_in_finish(&future, binding_deadline(&b->common));
}

err_t caps_rpc_copy_out_start(struct caps_binding *b, struct rpc_future *future)
{
    return binding_call_start(&b->common, future, &caps__messages[CAPS_MESSAGE_COPY_OUT - 1],
                              &caps__responses[CAPS_MESSAGE_COPY_OUT - 1], NULL);
}

err_t caps_rpc_copy_out_finish(struct rpc_future *future, uint64_t deadline, caps_ram_t *p)
{
    struct caps__copy_out_response args;

    TRY(binding_call_finish(future, deadline, &args));
    *p = args.p;
    return OK;
}

err_t caps_rpc_copy_out(struct caps_binding *b, caps_ram_t *p)
{
    struct rpc_future future;

    TRY(caps_rpc_copy_out_start(b, &future));
    return caps_rpc_copy_out_finish(&future, binding_deadline(&b->common), p);
}

err_t caps_rpc_give_out_start(struct caps_binding *b, struct rpc_future *future, bool last)
{
    struct caps__give_out_call args = {
        .last = last,
    };

    return binding_call_start(&b->common, future, &caps__messages[CAPS_MESSAGE_GIVE_OUT - 1],
                              &caps__responses[CAPS_MESSAGE_GIVE_OUT - 1], &args);
}

err_t caps_rpc_give_out_finish(struct rpc_future *future, uint64_t deadline, cptr_t *p, uint8_t *left)
{
    struct caps__give_out_response args;

    TRY(binding_call_finish(future, deadline, &args));
    *p = args.p;
    *left = args.left;
    return OK;
}

err_t caps_rpc_give_out(struct caps_binding *b, bool last, cptr_t *p, uint8_t *left)
{
    struct rpc_future future;

    TRY(caps_rpc_give_out_start(b, &future, last));
    return caps_rpc_give_out_finish(&future, binding_deadline(&b->common), p, left);
}

err_t caps_rpc_both_start(struct caps_binding *b, struct rpc_future *future, cptr_t a)
{
    struct caps__both_call args = {
        .a = a,
    };

    return binding_call_start(&b->common, future, &caps__messages[CAPS_MESSAGE_BOTH - 1],
                              &caps__responses[CAPS_MESSAGE_BOTH - 1], &args);
}

err_t caps_rpc_both_finish(struct rpc_future *future, uint64_t deadline, cptr_t *p)
{
    struct caps__both_response args;

    TRY(binding_call_finish(future, deadline, &args));
    *p = args.p;
    return OK;
}

err_t caps_rpc_both(struct caps_binding *b, cptr_t a, cptr_t *p)
{
    struct rpc_future future;

    TRY(caps_rpc_both_start(b, &future, a));
    return caps_rpc_both_finish(&future, binding_deadline(&b->common), p);
}

static bool caps__report(struct binding *b, err_t err)
{
    struct caps_binding *self = (struct caps_binding *)b;

    if (self->error_handler) {
        self->error_handler(self, err);
        return true;
    }
    return false;
}

static err_t caps__accepted(const struct binding_export *e, struct binding *b)
{
    struct caps_binding *self = (struct caps_binding *)b;

    self->ops = e->ops;
    return e->connect ? ((caps_connect_fn *)e->connect)(e->st, self) : OK;
}

static void caps__bound(void (*continuation)(void), void *st, err_t err, struct binding *b)
{
    ((caps_bind_continuation_fn *)continuation)(st, err, (struct caps_binding *)b);
}

const struct binding_interface caps_interface = {
    .name = "caps",
    .fingerprint = CAPS_FINGERPRINT,
    .messages = caps__messages,
    .responses = caps__responses,
    .count = sizeof(caps__messages) / sizeof(caps__messages[0]),
    .bytes = sizeof(struct caps_binding),
    .report = caps__report,
    .accepted = caps__accepted,
    .bound = caps__bound,
};
