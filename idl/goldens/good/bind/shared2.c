/* Made by idlc from shared2.if: do not edit. */
#include <stubs/shared2.h>

#include <os/direct_call.h>
#include <os/string.h>

static const struct wire_type units__unit = WIRE_ENUM_TYPE(units_unit_t, 2);

struct shared2__write_call {
    units_sample_t value;
    units_unit_t what;
};
static const struct wire_field shared2__write_call__fields[] = {
    WIRE_FIELD(struct shared2__write_call, value, &wire_uint32),
    WIRE_FIELD(struct shared2__write_call, what, &units__unit),
};

struct shared2__write_response {
    err_t err;
};
static const struct wire_field shared2__write_response__fields[] = {
    WIRE_FIELD(struct shared2__write_response, err, &wire_errval),
};

static bool deliver_write_call(struct binding *b, void *args)
{
    struct shared2_binding *self = (struct shared2_binding *)b;
    struct shared2__write_call *a = args;

    if (!self->rx_vtbl.write_call) {
        return false;
    }
    self->rx_vtbl.write_call(self, a->value, a->what);
    return true;
}

static bool deliver_write_response(struct binding *b, void *args)
{
    struct shared2_binding *self = (struct shared2_binding *)b;
    struct shared2__write_response *a = args;

    if (!self->rx_vtbl.write_response) {
        return false;
    }
    self->rx_vtbl.write_response(self, a->err);
    return true;
}

static bool serve_write(struct binding *b, void *in, void *out)
{
    struct shared2_binding *self = (struct shared2_binding *)b;
    struct shared2__write_call *a = in;
    struct shared2__write_response *r = out;

    if (!self->ops || !self->ops->write) {
        return false;
    }
    r->err = self->ops->write(self, a->value, a->what);
    return true;
}

static struct direct_answer direct__write(struct binding *b, struct direct_words *w)
{
    struct shared2_binding *self = (struct shared2_binding *)b;

    if (self->rx_vtbl.write_call || !self->ops || !self->ops->write ||
        !(w->word[0] <= UINT32_MAX && w->word[1] <= UNITS_UNIT_INSTRUCTIONS)) {
        return (struct direct_answer){ 0, 0 };
    }
    const err_t err = self->ops->write(self, (units_sample_t)w->word[0], (units_unit_t)w->word[1]);
    return (struct direct_answer){ DIRECT_RESPONSE(SHARED2_MESSAGE_WRITE, 1), err.trail };
}

static const struct wire_message shared2__messages[] = {
    { .number = SHARED2_MESSAGE_WRITE, .fields = shared2__write_call__fields, .field_count = 2,
      .args_bytes = sizeof(struct shared2__write_call), .call = true, .flat = true, .words_min = 2, .words_max = 2,
      .deliver = deliver_write_call, .serve = serve_write },
};

static const struct wire_message shared2__responses[] = {
    { .number = SHARED2_MESSAGE_WRITE, .fields = shared2__write_response__fields, .field_count = 1,
      .args_bytes = sizeof(struct shared2__write_response), .response = true, .error = true, .flat = true,
      .words_min = 1, .words_max = 1, .deliver = deliver_write_response },
};

static const struct direct_row shared2__direct[] = {
    { .call = DIRECT_NONE },
    { direct__write, DIRECT_CALL(SHARED2_MESSAGE_WRITE, 2) },
};

err_t shared2_write_call__tx(struct shared2_binding *b, struct event_closure continuation, units_sample_t value,
                             units_unit_t what)
{
    struct shared2__write_call args = {
        .value = value,
        .what = what,
    };

    return binding_transmit(&b->common, &shared2__messages[SHARED2_MESSAGE_WRITE - 1], continuation, &args);
}

err_t shared2_write_response__tx(struct shared2_binding *b, struct event_closure continuation, err_t err)
{
    struct shared2__write_response args = {
        .err = err,
    };

    return binding_transmit(&b->common, &shared2__responses[SHARED2_MESSAGE_WRITE - 1], continuation, &args);
}

err_t shared2_rpc_write_start(struct shared2_binding *b, struct rpc_future *future, units_sample_t value,
                              units_unit_t what)
{
    struct shared2__write_call args = {
        .value = value,
        .what = what,
    };

    return binding_call_start(&b->common, future, &shared2__messages[SHARED2_MESSAGE_WRITE - 1],
                              &shared2__responses[SHARED2_MESSAGE_WRITE - 1], &args);
}

err_t shared2_rpc_write_finish(struct rpc_future *future, uint64_t deadline)
{
    struct shared2__write_response args;

    TRY(binding_call_finish(future, deadline, &args));
    return OK;
}

err_t shared2_rpc_write(struct shared2_binding *b, units_sample_t value, units_unit_t what)
{
    struct direct_words w = { { value, what } };
    const struct direct_result result = direct_call(&b->common, DIRECT_CALL(SHARED2_MESSAGE_WRITE, 2),
                                                    DIRECT_RESPONSE(SHARED2_MESSAGE_WRITE, 1), &w);

    return err_ok(result.err) ? (err_t){ result.first } : result.err;
}

static bool shared2__report(struct binding *b, err_t err)
{
    struct shared2_binding *self = (struct shared2_binding *)b;

    if (self->error_handler) {
        self->error_handler(self, err);
        return true;
    }
    return false;
}

static err_t shared2__accepted(const struct binding_export *e, struct binding *b)
{
    struct shared2_binding *self = (struct shared2_binding *)b;

    self->ops = e->ops;
    return e->connect ? ((shared2_connect_fn *)e->connect)(e->st, self) : OK;
}

static void shared2__bound(void (*continuation)(void), void *st, err_t err, struct binding *b)
{
    ((shared2_bind_continuation_fn *)continuation)(st, err, (struct shared2_binding *)b);
}

const struct binding_interface shared2_interface = {
    .name = "shared2",
    .fingerprint = SHARED2_FINGERPRINT,
    .messages = shared2__messages,
    .responses = shared2__responses,
    .count = sizeof(shared2__messages) / sizeof(shared2__messages[0]),
    .direct = { shared2__direct, sizeof(shared2__direct) / sizeof(shared2__direct[0]) },
    .bytes = sizeof(struct shared2_binding),
    .report = shared2__report,
    .accepted = shared2__accepted,
    .bound = shared2__bound,
};
