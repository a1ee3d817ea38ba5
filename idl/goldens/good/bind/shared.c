/* Made by idlc from shared.if: do not edit. */
#include <stubs/shared.h>

#include <os/direct_call.h>
#include <os/string.h>

static const struct wire_type units__unit = WIRE_ENUM_TYPE(units_unit_t, 2);

struct shared__read_call {
    units_unit_t what;
    uint64_t skip;
};
static const struct wire_field shared__read_call__fields[] = {
    WIRE_FIELD(struct shared__read_call, what, &units__unit),
    WIRE_FIELD(struct shared__read_call, skip, &wire_uint64),
};

struct shared__read_response {
    err_t err;
    units_sample_t value;
    shared_unit_or_none_t next;
};
static const struct wire_field shared__read_response__fields[] = {
    WIRE_FIELD(struct shared__read_response, err, &wire_errval),
    WIRE_FIELD(struct shared__read_response, value, &wire_uint32),
    WIRE_FIELD(struct shared__read_response, next, &units__unit),
};

static bool deliver_read_call(struct binding *b, void *args)
{
    struct shared_binding *self = (struct shared_binding *)b;
    struct shared__read_call *a = args;

    if (!self->rx_vtbl.read_call) {
        return false;
    }
    self->rx_vtbl.read_call(self, a->what, a->skip);
    return true;
}

static bool deliver_read_response(struct binding *b, void *args)
{
    struct shared_binding *self = (struct shared_binding *)b;
    struct shared__read_response *a = args;

    if (!self->rx_vtbl.read_response) {
        return false;
    }
    self->rx_vtbl.read_response(self, a->err, a->value, a->next);
    return true;
}

static bool serve_read(struct binding *b, void *in, void *out)
{
    struct shared_binding *self = (struct shared_binding *)b;
    struct shared__read_call *a = in;
    struct shared__read_response *r = out;

    if (!self->ops || !self->ops->read) {
        return false;
    }
    r->err = self->ops->read(self, a->what, a->skip, &r->value, &r->next);
    return true;
}

static struct direct_answer direct__read(struct binding *b, struct direct_words *w)
{
    struct shared_binding *self = (struct shared_binding *)b;
    units_sample_t value = 0;
    shared_unit_or_none_t next = 0;

    if (self->rx_vtbl.read_call || !self->ops || !self->ops->read || !(w->word[0] <= UNITS_UNIT_INSTRUCTIONS)) {
        return (struct direct_answer){ 0, 0 };
    }
    const err_t err = self->ops->read(self, (units_unit_t)w->word[0], w->word[1], &value, &next);
    w->word[1] = err_ok(err) ? value : 0;
    w->word[2] = err_ok(err) ? next : 0;
    return (struct direct_answer){ DIRECT_RESPONSE(SHARED_MESSAGE_READ, 3), err.trail };
}

static const struct wire_message shared__messages[] = {
    { .number = SHARED_MESSAGE_READ, .fields = shared__read_call__fields, .field_count = 2,
      .args_bytes = sizeof(struct shared__read_call), .call = true, .flat = true, .words_min = 2, .words_max = 2,
      .deliver = deliver_read_call, .serve = serve_read },
};

static const struct wire_message shared__responses[] = {
    { .number = SHARED_MESSAGE_READ, .fields = shared__read_response__fields, .field_count = 3,
      .args_bytes = sizeof(struct shared__read_response), .response = true, .error = true, .flat = true,
      .words_min = 3, .words_max = 3, .deliver = deliver_read_response },
};

static const struct direct_row shared__direct[] = {
    { .call = DIRECT_NONE },
    { direct__read, DIRECT_CALL(SHARED_MESSAGE_READ, 2) },
};

err_t shared_read_call__tx(struct shared_binding *b, struct event_closure continuation, units_unit_t what,
                           uint64_t skip)
{
    struct shared__read_call args = {
        .what = what,
        .skip = skip,
    };

    return binding_transmit(&b->common, &shared__messages[SHARED_MESSAGE_READ - 1], continuation, &args);
}

err_t shared_read_response__tx(struct shared_binding *b, struct event_closure continuation, err_t err,
                               units_sample_t value, shared_unit_or_none_t next)
{
    struct shared__read_response args = {
        .err = err,
        .value = value,
        .next = next,
    };

    return binding_transmit(&b->common, &shared__responses[SHARED_MESSAGE_READ - 1], continuation, &args);
}

err_t shared_rpc_read_start(struct shared_binding *b, struct rpc_future *future, units_unit_t what, uint64_t skip)
{
    struct shared__read_call args = {
        .what = what,
        .skip = skip,
    };

    return binding_call_start(&b->common, future, &shared__messages[SHARED_MESSAGE_READ - 1],
                              &shared__responses[SHARED_MESSAGE_READ - 1], &args);
}

err_t shared_rpc_read_finish(struct rpc_future *future, uint64_t deadline, units_sample_t *value,
                             shared_unit_or_none_t *next)
{
    struct shared__read_response args;

    TRY(binding_call_finish(future, deadline, &args));
    *value = args.value;
    *next = args.next;
    return OK;
}

err_t shared_rpc_read(struct shared_binding *b, units_unit_t what, uint64_t skip, units_sample_t *value,
                      shared_unit_or_none_t *next)
{
    struct direct_words w = { { what, skip } };
    const struct direct_result result = direct_call(&b->common, DIRECT_CALL(SHARED_MESSAGE_READ, 2),
                                                    DIRECT_RESPONSE(SHARED_MESSAGE_READ, 3), &w);

    TRY(result.err);
    if (!(w.word[1] <= UINT32_MAX && w.word[2] <= UNITS_UNIT_INSTRUCTIONS)) {
        return binding_malformed(&b->common);
    }
    TRY((err_t){ result.first });
    *value = (units_sample_t)w.word[1];
    *next = (shared_unit_or_none_t)w.word[2];
    return OK;
}

static bool shared__report(struct binding *b, err_t err)
{
    struct shared_binding *self = (struct shared_binding *)b;

    if (self->error_handler) {
        self->error_handler(self, err);
        return true;
    }
    return false;
}

static err_t shared__accepted(const struct binding_export *e, struct binding *b)
{
    struct shared_binding *self = (struct shared_binding *)b;

    self->ops = e->ops;
    return e->connect ? ((shared_connect_fn *)e->connect)(e->st, self) : OK;
}

static void shared__bound(void (*continuation)(void), void *st, err_t err, struct binding *b)
{
    ((shared_bind_continuation_fn *)continuation)(st, err, (struct shared_binding *)b);
}

const struct binding_interface shared_interface = {
    .name = "shared",
    .fingerprint = SHARED_FINGERPRINT,
    .messages = shared__messages,
    .responses = shared__responses,
    .count = sizeof(shared__messages) / sizeof(shared__messages[0]),
    .direct = { shared__direct, sizeof(shared__direct) / sizeof(shared__direct[0]) },
    .bytes = sizeof(struct shared_binding),
    .report = shared__report,
    .accepted = shared__accepted,
    .bound = shared__bound,
};
