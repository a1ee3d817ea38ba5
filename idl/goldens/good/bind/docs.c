/* Made by idlc from docs.if: do not edit. */
#include <stubs/docs.h>

#include <os/direct_call.h>
#include <os/string.h>

static const struct wire_type docs__colour = WIRE_ENUM_TYPE(docs_colour_t, 3);

struct docs__paint_call {
    docs_colour_t shade;
    uint64_t litres;
};
static const struct wire_field docs__paint_call__fields[] = {
    WIRE_FIELD(struct docs__paint_call, shade, &docs__colour),
    WIRE_FIELD(struct docs__paint_call, litres, &wire_uint64),
};

struct docs__paint_response {
    err_t err;
    uint64_t left;
};
static const struct wire_field docs__paint_response__fields[] = {
    WIRE_FIELD(struct docs__paint_response, err, &wire_errval),
    WIRE_FIELD(struct docs__paint_response, left, &wire_uint64),
};

struct docs__peek_response {
    uint64_t left;
};
static const struct wire_field docs__peek_response__fields[] = {
    WIRE_FIELD(struct docs__peek_response, left, &wire_uint64),
};

static bool deliver_paint_call(struct binding *b, void *args)
{
    struct docs_binding *self = (struct docs_binding *)b;
    struct docs__paint_call *a = args;

    if (!self->rx_vtbl.paint_call) {
        return false;
    }
    self->rx_vtbl.paint_call(self, a->shade, a->litres);
    return true;
}

static bool deliver_paint_response(struct binding *b, void *args)
{
    struct docs_binding *self = (struct docs_binding *)b;
    struct docs__paint_response *a = args;

    if (!self->rx_vtbl.paint_response) {
        return false;
    }
    self->rx_vtbl.paint_response(self, a->err, a->left);
    return true;
}

static bool deliver_peek_call(struct binding *b, void *args)
{
    struct docs_binding *self = (struct docs_binding *)b;

    (void)args;
    if (!self->rx_vtbl.peek_call) {
        return false;
    }
    self->rx_vtbl.peek_call(self);
    return true;
}

static bool deliver_peek_response(struct binding *b, void *args)
{
    struct docs_binding *self = (struct docs_binding *)b;
    struct docs__peek_response *a = args;

    if (!self->rx_vtbl.peek_response) {
        return false;
    }
    self->rx_vtbl.peek_response(self, a->left);
    return true;
}

static bool deliver_stop_call(struct binding *b, void *args)
{
    struct docs_binding *self = (struct docs_binding *)b;

    (void)args;
    if (!self->rx_vtbl.stop_call) {
        return false;
    }
    self->rx_vtbl.stop_call(self);
    return true;
}

static bool deliver_stop_response(struct binding *b, void *args)
{
    struct docs_binding *self = (struct docs_binding *)b;

    (void)args;
    if (!self->rx_vtbl.stop_response) {
        return false;
    }
    self->rx_vtbl.stop_response(self);
    return true;
}

static bool serve_paint(struct binding *b, void *in, void *out)
{
    struct docs_binding *self = (struct docs_binding *)b;
    struct docs__paint_call *a = in;
    struct docs__paint_response *r = out;

    if (!self->ops || !self->ops->paint) {
        return false;
    }
    r->err = self->ops->paint(self, a->shade, a->litres, &r->left);
    return true;
}

static struct direct_answer direct__paint(struct binding *b, struct direct_words *w)
{
    struct docs_binding *self = (struct docs_binding *)b;
    uint64_t left = 0;

    if (self->rx_vtbl.paint_call || !self->ops || !self->ops->paint || !(w->word[0] <= DOCS_COLOUR_BLUE)) {
        return (struct direct_answer){ 0, 0 };
    }
    const err_t err = self->ops->paint(self, (docs_colour_t)w->word[0], w->word[1], &left);
    w->word[1] = err_ok(err) ? left : 0;
    return (struct direct_answer){ DIRECT_RESPONSE(DOCS_MESSAGE_PAINT, 2), err.trail };
}

static bool serve_peek(struct binding *b, void *in, void *out)
{
    struct docs_binding *self = (struct docs_binding *)b;
    struct docs__peek_response *r = out;

    (void)in;
    if (!self->ops || !self->ops->peek) {
        return false;
    }
    self->ops->peek(self, &r->left);
    return true;
}

static struct direct_answer direct__peek(struct binding *b, struct direct_words *w)
{
    struct docs_binding *self = (struct docs_binding *)b;
    uint64_t left = 0;

    if (self->rx_vtbl.peek_call || !self->ops || !self->ops->peek) {
        return (struct direct_answer){ 0, 0 };
    }
    self->ops->peek(self, &left);
    (void)w;
    return (struct direct_answer){ DIRECT_RESPONSE(DOCS_MESSAGE_PEEK, 1), left };
}

static bool serve_stop(struct binding *b, void *in, void *out)
{
    struct docs_binding *self = (struct docs_binding *)b;

    (void)in;
    (void)out;
    if (!self->ops || !self->ops->stop) {
        return false;
    }
    self->ops->stop(self);
    return true;
}

static struct direct_answer direct__stop(struct binding *b, struct direct_words *w)
{
    struct docs_binding *self = (struct docs_binding *)b;

    if (self->rx_vtbl.stop_call || !self->ops || !self->ops->stop) {
        return (struct direct_answer){ 0, 0 };
    }
    self->ops->stop(self);
    (void)w;
    return (struct direct_answer){ DIRECT_RESPONSE(DOCS_MESSAGE_STOP, 0), 0 };
}

static const struct wire_message docs__messages[] = {
    { .number = DOCS_MESSAGE_PAINT, .fields = docs__paint_call__fields, .field_count = 2,
      .args_bytes = sizeof(struct docs__paint_call), .call = true, .flat = true, .words_min = 2, .words_max = 2,
      .deliver = deliver_paint_call, .serve = serve_paint },
    { .number = DOCS_MESSAGE_PEEK, .call = true, .flat = true, .words_min = 0, .words_max = 0,
      .deliver = deliver_peek_call, .serve = serve_peek },
    { .number = DOCS_MESSAGE_STOP, .call = true, .flat = true, .words_min = 0, .words_max = 0,
      .deliver = deliver_stop_call, .serve = serve_stop },
};

static const struct wire_message docs__responses[] = {
    { .number = DOCS_MESSAGE_PAINT, .fields = docs__paint_response__fields, .field_count = 2,
      .args_bytes = sizeof(struct docs__paint_response), .response = true, .error = true, .flat = true,
      .words_min = 2, .words_max = 2, .deliver = deliver_paint_response },
    { .number = DOCS_MESSAGE_PEEK, .fields = docs__peek_response__fields, .field_count = 1,
      .args_bytes = sizeof(struct docs__peek_response), .response = true, .flat = true, .words_min = 1,
      .words_max = 1, .deliver = deliver_peek_response },
    { .number = DOCS_MESSAGE_STOP, .response = true, .flat = true, .words_min = 0, .words_max = 0,
      .deliver = deliver_stop_response },
};

static const struct direct_row docs__direct[] = {
    { .call = DIRECT_NONE },
    { direct__paint, DIRECT_CALL(DOCS_MESSAGE_PAINT, 2) },
    { direct__peek, DIRECT_CALL(DOCS_MESSAGE_PEEK, 0) },
    { direct__stop, DIRECT_CALL(DOCS_MESSAGE_STOP, 0) },
};

err_t docs_paint_call__tx(struct docs_binding *b, struct event_closure continuation, docs_colour_t shade,
                          uint64_t litres)
{
    struct docs__paint_call args = {
        .shade = shade,
        .litres = litres,
    };

    return binding_transmit(&b->common, &docs__messages[DOCS_MESSAGE_PAINT - 1], continuation, &args);
}

err_t docs_paint_response__tx(struct docs_binding *b, struct event_closure continuation, err_t err, uint64_t left)
{
    struct docs__paint_response args = {
        .err = err,
        .left = left,
    };

    return binding_transmit(&b->common, &docs__responses[DOCS_MESSAGE_PAINT - 1], continuation, &args);
}

err_t docs_peek_call__tx(struct docs_binding *b, struct event_closure continuation)
{
    return binding_transmit(&b->common, &docs__messages[DOCS_MESSAGE_PEEK - 1], continuation, NULL);
}

err_t docs_peek_response__tx(struct docs_binding *b, struct event_closure continuation, uint64_t left)
{
    struct docs__peek_response args = {
        .left = left,
    };

    return binding_transmit(&b->common, &docs__responses[DOCS_MESSAGE_PEEK - 1], continuation, &args);
}

err_t docs_stop_call__tx(struct docs_binding *b, struct event_closure continuation)
{
    return binding_transmit(&b->common, &docs__messages[DOCS_MESSAGE_STOP - 1], continuation, NULL);
}

err_t docs_stop_response__tx(struct docs_binding *b, struct event_closure continuation)
{
    return binding_transmit(&b->common, &docs__responses[DOCS_MESSAGE_STOP - 1], continuation, NULL);
}

err_t docs_rpc_paint_start(struct docs_binding *b, struct rpc_future *future, docs_colour_t shade, uint64_t litres)
{
    struct docs__paint_call args = {
        .shade = shade,
        .litres = litres,
    };

    return binding_call_start(&b->common, future, &docs__messages[DOCS_MESSAGE_PAINT - 1],
                              &docs__responses[DOCS_MESSAGE_PAINT - 1], &args);
}

err_t docs_rpc_paint_finish(struct rpc_future *future, uint64_t deadline, uint64_t *left)
{
    struct docs__paint_response args;

    TRY(binding_call_finish(future, deadline, &args));
    *left = args.left;
    return OK;
}

err_t docs_rpc_paint(struct docs_binding *b, docs_colour_t shade, uint64_t litres, uint64_t *left)
{
    struct direct_words w = { { shade, litres } };
    const struct direct_result result = direct_call(&b->common, DIRECT_CALL(DOCS_MESSAGE_PAINT, 2),
                                                    DIRECT_RESPONSE(DOCS_MESSAGE_PAINT, 2), &w);

    TRY(result.err);
    TRY((err_t){ result.first });
    *left = w.word[1];
    return OK;
}

err_t docs_rpc_peek_start(struct docs_binding *b, struct rpc_future *future)
{
    return binding_call_start(&b->common, future, &docs__messages[DOCS_MESSAGE_PEEK - 1],
                              &docs__responses[DOCS_MESSAGE_PEEK - 1], NULL);
}

err_t docs_rpc_peek_finish(struct rpc_future *future, uint64_t deadline, uint64_t *left)
{
    struct docs__peek_response args;

    TRY(binding_call_finish(future, deadline, &args));
    *left = args.left;
    return OK;
}

err_t docs_rpc_peek(struct docs_binding *b, uint64_t *left)
{
    struct direct_words w = { { 0 } };
    const struct direct_result result = direct_call(&b->common, DIRECT_CALL(DOCS_MESSAGE_PEEK, 0),
                                                    DIRECT_RESPONSE(DOCS_MESSAGE_PEEK, 1), &w);

    TRY(result.err);
    *left = w.word[0];
    return OK;
}

err_t docs_rpc_stop_start(struct docs_binding *b, struct rpc_future *future)
{
    return binding_call_start(&b->common, future, &docs__messages[DOCS_MESSAGE_STOP - 1],
                              &docs__responses[DOCS_MESSAGE_STOP - 1], NULL);
}

err_t docs_rpc_stop_finish(struct rpc_future *future, uint64_t deadline)
{
    return binding_call_finish(future, deadline, NULL);
}

err_t docs_rpc_stop(struct docs_binding *b)
{
    struct direct_words w = { { 0 } };
    const struct direct_result result = direct_call(&b->common, DIRECT_CALL(DOCS_MESSAGE_STOP, 0),
                                                    DIRECT_RESPONSE(DOCS_MESSAGE_STOP, 0), &w);

    TRY(result.err);
    return OK;
}

static bool docs__report(struct binding *b, err_t err)
{
    struct docs_binding *self = (struct docs_binding *)b;

    if (self->error_handler) {
        self->error_handler(self, err);
        return true;
    }
    return false;
}

static err_t docs__accepted(const struct binding_export *e, struct binding *b)
{
    struct docs_binding *self = (struct docs_binding *)b;

    self->ops = e->ops;
    return e->connect ? ((docs_connect_fn *)e->connect)(e->st, self) : OK;
}

static void docs__bound(void (*continuation)(void), void *st, err_t err, struct binding *b)
{
    ((docs_bind_continuation_fn *)continuation)(st, err, (struct docs_binding *)b);
}

const struct binding_interface docs_interface = {
    .name = "docs",
    .fingerprint = DOCS_FINGERPRINT,
    .messages = docs__messages,
    .responses = docs__responses,
    .count = sizeof(docs__messages) / sizeof(docs__messages[0]),
    .direct = { docs__direct, sizeof(docs__direct) / sizeof(docs__direct[0]) },
    .bytes = sizeof(struct docs_binding),
    .report = docs__report,
    .accepted = docs__accepted,
    .bound = docs__bound,
};
