/* Made by idlc from scalars.if: do not edit. */
#include <stubs/scalars.h>

#include <os/direct_call.h>
#include <os/string.h>

static const struct wire_type scalars__colour = WIRE_ENUM_TYPE(scalars_colour_t, 3);

static const struct wire_type scalars__single = WIRE_ENUM_TYPE(scalars_single_t, 1);

struct scalars__narrow_call {
    bool a;
    char b;
    int8_t c;
    int16_t d;
    uint8_t e;
    uint16_t f;
    scalars_colour_t g;
    scalars_single_t h;
};
static const struct wire_field scalars__narrow_call__fields[] = {
    WIRE_FIELD(struct scalars__narrow_call, a, &wire_bool),
    WIRE_FIELD(struct scalars__narrow_call, b, &wire_char),
    WIRE_FIELD(struct scalars__narrow_call, c, &wire_int8),
    WIRE_FIELD(struct scalars__narrow_call, d, &wire_int16),
    WIRE_FIELD(struct scalars__narrow_call, e, &wire_uint8),
    WIRE_FIELD(struct scalars__narrow_call, f, &wire_uint16),
    WIRE_FIELD(struct scalars__narrow_call, g, &scalars__colour),
    WIRE_FIELD(struct scalars__narrow_call, h, &scalars__single),
};

struct scalars__narrow_response {
    err_t err;
    bool p;
    char q;
    int8_t r;
    int16_t s;
    uint8_t t;
    uint16_t u;
    scalars_colour_t v;
    scalars_single_t w;
};
static const struct wire_field scalars__narrow_response__fields[] = {
    WIRE_FIELD(struct scalars__narrow_response, err, &wire_errval),
    WIRE_FIELD(struct scalars__narrow_response, p, &wire_bool),
    WIRE_FIELD(struct scalars__narrow_response, q, &wire_char),
    WIRE_FIELD(struct scalars__narrow_response, r, &wire_int8),
    WIRE_FIELD(struct scalars__narrow_response, s, &wire_int16),
    WIRE_FIELD(struct scalars__narrow_response, t, &wire_uint8),
    WIRE_FIELD(struct scalars__narrow_response, u, &wire_uint16),
    WIRE_FIELD(struct scalars__narrow_response, v, &scalars__colour),
    WIRE_FIELD(struct scalars__narrow_response, w, &scalars__single),
};

struct scalars__wide_call {
    int a;
    int32_t b;
    int64_t c;
    uint32_t d;
    uint64_t e;
    intptr_t f;
    uintptr_t g;
    size_t h;
};
static const struct wire_field scalars__wide_call__fields[] = {
    WIRE_FIELD(struct scalars__wide_call, a, &wire_int),
    WIRE_FIELD(struct scalars__wide_call, b, &wire_int32),
    WIRE_FIELD(struct scalars__wide_call, c, &wire_int64),
    WIRE_FIELD(struct scalars__wide_call, d, &wire_uint32),
    WIRE_FIELD(struct scalars__wide_call, e, &wire_uint64),
    WIRE_FIELD(struct scalars__wide_call, f, &wire_intptr),
    WIRE_FIELD(struct scalars__wide_call, g, &wire_uintptr),
    WIRE_FIELD(struct scalars__wide_call, h, &wire_size),
};

struct scalars__wide_response {
    err_t err;
    int p;
    int32_t q;
    int64_t r;
    uint32_t s;
    uint64_t t;
    intptr_t u;
    uintptr_t v;
    size_t w;
};
static const struct wire_field scalars__wide_response__fields[] = {
    WIRE_FIELD(struct scalars__wide_response, err, &wire_errval),
    WIRE_FIELD(struct scalars__wide_response, p, &wire_int),
    WIRE_FIELD(struct scalars__wide_response, q, &wire_int32),
    WIRE_FIELD(struct scalars__wide_response, r, &wire_int64),
    WIRE_FIELD(struct scalars__wide_response, s, &wire_uint32),
    WIRE_FIELD(struct scalars__wide_response, t, &wire_uint64),
    WIRE_FIELD(struct scalars__wide_response, u, &wire_intptr),
    WIRE_FIELD(struct scalars__wide_response, v, &wire_uintptr),
    WIRE_FIELD(struct scalars__wide_response, w, &wire_size),
};

struct scalars__named_call {
    scalars_hue_t a;
    scalars_pid_t b;
    uint64_t c;
    scalars_verdict_t d;
    err_t e;
    iref_t f;
};
static const struct wire_field scalars__named_call__fields[] = {
    WIRE_FIELD(struct scalars__named_call, a, &scalars__colour),
    WIRE_FIELD(struct scalars__named_call, b, &wire_uint32),
    WIRE_FIELD(struct scalars__named_call, c, &wire_uint64),
    WIRE_FIELD(struct scalars__named_call, d, &wire_errval),
    WIRE_FIELD(struct scalars__named_call, e, &wire_errval),
    WIRE_FIELD(struct scalars__named_call, f, &wire_iref),
};

struct scalars__named_response {
    scalars_hue_t p;
    scalars_pid_t q;
    uint64_t r;
    scalars_verdict_t s;
    err_t t;
    iref_t u;
};
static const struct wire_field scalars__named_response__fields[] = {
    WIRE_FIELD(struct scalars__named_response, p, &scalars__colour),
    WIRE_FIELD(struct scalars__named_response, q, &wire_uint32),
    WIRE_FIELD(struct scalars__named_response, r, &wire_uint64),
    WIRE_FIELD(struct scalars__named_response, s, &wire_errval),
    WIRE_FIELD(struct scalars__named_response, t, &wire_errval),
    WIRE_FIELD(struct scalars__named_response, u, &wire_iref),
};

struct scalars__mixed_call {
    uint8_t a;
    int8_t b;
};
static const struct wire_field scalars__mixed_call__fields[] = {
    WIRE_FIELD(struct scalars__mixed_call, a, &wire_uint8),
    WIRE_FIELD(struct scalars__mixed_call, b, &wire_int8),
};

struct scalars__mixed_response {
    scalars_verdict_t err;
    uint8_t p;
    int8_t q;
};
static const struct wire_field scalars__mixed_response__fields[] = {
    WIRE_FIELD(struct scalars__mixed_response, err, &wire_errval),
    WIRE_FIELD(struct scalars__mixed_response, p, &wire_uint8),
    WIRE_FIELD(struct scalars__mixed_response, q, &wire_int8),
};

static bool deliver_narrow_call(struct binding *b, void *args)
{
    struct scalars_binding *self = (struct scalars_binding *)b;
    struct scalars__narrow_call *a = args;

    if (!self->rx_vtbl.narrow_call) {
        return false;
    }
    self->rx_vtbl.narrow_call(self, a->a, a->b, a->c, a->d, a->e, a->f, a->g, a->h);
    return true;
}

static bool deliver_narrow_response(struct binding *b, void *args)
{
    struct scalars_binding *self = (struct scalars_binding *)b;
    struct scalars__narrow_response *a = args;

    if (!self->rx_vtbl.narrow_response) {
        return false;
    }
    self->rx_vtbl.narrow_response(self, a->err, a->p, a->q, a->r, a->s, a->t, a->u, a->v, a->w);
    return true;
}

static bool deliver_wide_call(struct binding *b, void *args)
{
    struct scalars_binding *self = (struct scalars_binding *)b;
    struct scalars__wide_call *a = args;

    if (!self->rx_vtbl.wide_call) {
        return false;
    }
    self->rx_vtbl.wide_call(self, a->a, a->b, a->c, a->d, a->e, a->f, a->g, a->h);
    return true;
}

static bool deliver_wide_response(struct binding *b, void *args)
{
    struct scalars_binding *self = (struct scalars_binding *)b;
    struct scalars__wide_response *a = args;

    if (!self->rx_vtbl.wide_response) {
        return false;
    }
    self->rx_vtbl.wide_response(self, a->err, a->p, a->q, a->r, a->s, a->t, a->u, a->v, a->w);
    return true;
}

static bool deliver_named_call(struct binding *b, void *args)
{
    struct scalars_binding *self = (struct scalars_binding *)b;
    struct scalars__named_call *a = args;

    if (!self->rx_vtbl.named_call) {
        return false;
    }
    self->rx_vtbl.named_call(self, a->a, a->b, a->c, a->d, a->e, a->f);
    return true;
}

static bool deliver_named_response(struct binding *b, void *args)
{
    struct scalars_binding *self = (struct scalars_binding *)b;
    struct scalars__named_response *a = args;

    if (!self->rx_vtbl.named_response) {
        return false;
    }
    self->rx_vtbl.named_response(self, a->p, a->q, a->r, a->s, a->t, a->u);
    return true;
}

static bool deliver_mixed_call(struct binding *b, void *args)
{
    struct scalars_binding *self = (struct scalars_binding *)b;
    struct scalars__mixed_call *a = args;

    if (!self->rx_vtbl.mixed_call) {
        return false;
    }
    self->rx_vtbl.mixed_call(self, a->a, a->b);
    return true;
}

static bool deliver_mixed_response(struct binding *b, void *args)
{
    struct scalars_binding *self = (struct scalars_binding *)b;
    struct scalars__mixed_response *a = args;

    if (!self->rx_vtbl.mixed_response) {
        return false;
    }
    self->rx_vtbl.mixed_response(self, a->err, a->p, a->q);
    return true;
}

static bool serve_narrow(struct binding *b, void *in, void *out)
{
    struct scalars_binding *self = (struct scalars_binding *)b;
    struct scalars__narrow_call *a = in;
    struct scalars__narrow_response *r = out;

    if (!self->ops || !self->ops->narrow) {
        return false;
    }
    r->err = self->ops->narrow(self, a->a, a->b, a->c, a->d, a->e, a->f, a->g, a->h, &r->p, &r->q, &r->r, &r->s,
                               &r->t, &r->u, &r->v, &r->w);
    return true;
}

static bool serve_wide(struct binding *b, void *in, void *out)
{
    struct scalars_binding *self = (struct scalars_binding *)b;
    struct scalars__wide_call *a = in;
    struct scalars__wide_response *r = out;

    if (!self->ops || !self->ops->wide) {
        return false;
    }
    r->err = self->ops->wide(self, a->a, a->b, a->c, a->d, a->e, a->f, a->g, a->h, &r->p, &r->q, &r->r, &r->s, &r->t,
                             &r->u, &r->v, &r->w);
    return true;
}

static bool serve_named(struct binding *b, void *in, void *out)
{
    struct scalars_binding *self = (struct scalars_binding *)b;
    struct scalars__named_call *a = in;
    struct scalars__named_response *r = out;

    if (!self->ops || !self->ops->named) {
        return false;
    }
    self->ops->named(self, a->a, a->b, a->c, a->d, a->e, a->f, &r->p, &r->q, &r->r, &r->s, &r->t, &r->u);
    return true;
}

static struct direct_answer direct__named(struct binding *b_, struct direct_words *w)
{
    struct scalars_binding *self = (struct scalars_binding *)b_;
    scalars_hue_t p = 0;
    scalars_pid_t q = 0;
    uint64_t r = 0;
    scalars_verdict_t s = OK;
    err_t t = OK;
    iref_t u = 0;

    if (self->rx_vtbl.named_call || !self->ops || !self->ops->named ||
        !(w->word[0] <= SCALARS_COLOUR_BLUE && w->word[1] <= UINT32_MAX)) {
        return (struct direct_answer){ 0, 0 };
    }
    self->ops->named(self, (scalars_hue_t)w->word[0], (scalars_pid_t)w->word[1], w->word[2], (err_t){ w->word[3] },
                     (err_t){ w->word[4] }, w->word[5], &p, &q, &r, &s, &t, &u);
    w->word[1] = q;
    w->word[2] = r;
    w->word[3] = s.trail;
    w->word[4] = t.trail;
    w->word[5] = u;
    return (struct direct_answer){ DIRECT_RESPONSE(SCALARS_MESSAGE_NAMED, 6), p };
}

static bool serve_mixed(struct binding *b, void *in, void *out)
{
    struct scalars_binding *self = (struct scalars_binding *)b;
    struct scalars__mixed_call *a = in;
    struct scalars__mixed_response *r = out;

    if (!self->ops || !self->ops->mixed) {
        return false;
    }
    r->err = self->ops->mixed(self, a->a, a->b, &r->p, &r->q);
    return true;
}

static struct direct_answer direct__mixed(struct binding *b_, struct direct_words *w)
{
    struct scalars_binding *self = (struct scalars_binding *)b_;
    uint8_t p = 0;
    int8_t q = 0;

    if (self->rx_vtbl.mixed_call || !self->ops || !self->ops->mixed ||
        !(w->word[0] <= UINT8_MAX && rpc_fits_signed(w->word[1], 8))) {
        return (struct direct_answer){ 0, 0 };
    }
    const err_t err = self->ops->mixed(self, (uint8_t)w->word[0], (int8_t)w->word[1], &p, &q);
    w->word[1] = err_ok(err) ? p : 0;
    w->word[2] = err_ok(err) ? (uint64_t)q : 0;
    return (struct direct_answer){ DIRECT_RESPONSE(SCALARS_MESSAGE_MIXED, 3), err.trail };
}

static const struct wire_message scalars__messages[] = {
    { .number = SCALARS_MESSAGE_NARROW, .fields = scalars__narrow_call__fields, .field_count = 8,
      .args_bytes = sizeof(struct scalars__narrow_call), .call = true, .flat = true, .words_min = 8, .words_max = 8,
      .deliver = deliver_narrow_call, .serve = serve_narrow },
    { .number = SCALARS_MESSAGE_WIDE, .fields = scalars__wide_call__fields, .field_count = 8,
      .args_bytes = sizeof(struct scalars__wide_call), .call = true, .flat = true, .words_min = 8, .words_max = 8,
      .deliver = deliver_wide_call, .serve = serve_wide },
    { .number = SCALARS_MESSAGE_NAMED, .fields = scalars__named_call__fields, .field_count = 6,
      .args_bytes = sizeof(struct scalars__named_call), .call = true, .flat = true, .words_min = 6, .words_max = 6,
      .deliver = deliver_named_call, .serve = serve_named },
    { .number = SCALARS_MESSAGE_MIXED, .fields = scalars__mixed_call__fields, .field_count = 2,
      .args_bytes = sizeof(struct scalars__mixed_call), .call = true, .flat = true, .words_min = 2, .words_max = 2,
      .deliver = deliver_mixed_call, .serve = serve_mixed },
};

static const struct wire_message scalars__responses[] = {
    { .number = SCALARS_MESSAGE_NARROW, .fields = scalars__narrow_response__fields, .field_count = 9,
      .args_bytes = sizeof(struct scalars__narrow_response), .response = true, .error = true, .flat = true,
      .words_min = 9, .words_max = 9, .deliver = deliver_narrow_response },
    { .number = SCALARS_MESSAGE_WIDE, .fields = scalars__wide_response__fields, .field_count = 9,
      .args_bytes = sizeof(struct scalars__wide_response), .response = true, .error = true, .flat = true,
      .words_min = 9, .words_max = 9, .deliver = deliver_wide_response },
    { .number = SCALARS_MESSAGE_NAMED, .fields = scalars__named_response__fields, .field_count = 6,
      .args_bytes = sizeof(struct scalars__named_response), .response = true, .flat = true, .words_min = 6,
      .words_max = 6, .deliver = deliver_named_response },
    { .number = SCALARS_MESSAGE_MIXED, .fields = scalars__mixed_response__fields, .field_count = 3,
      .args_bytes = sizeof(struct scalars__mixed_response), .response = true, .error = true, .flat = true,
      .words_min = 3, .words_max = 3, .deliver = deliver_mixed_response },
};

static const struct direct_row scalars__direct[] = {
    { .call = DIRECT_NONE },
    { .call = DIRECT_NONE },
    { .call = DIRECT_NONE },
    { direct__named, DIRECT_CALL(SCALARS_MESSAGE_NAMED, 6) },
    { direct__mixed, DIRECT_CALL(SCALARS_MESSAGE_MIXED, 2) },
};

err_t scalars_narrow_call__tx(struct scalars_binding *b_, struct event_closure continuation, bool a, char b,
                              int8_t c, int16_t d, uint8_t e, uint16_t f, scalars_colour_t g, scalars_single_t h)
{
    struct scalars__narrow_call args = {
        .a = a,
        .b = b,
        .c = c,
        .d = d,
        .e = e,
        .f = f,
        .g = g,
        .h = h,
    };

    return binding_transmit(&b_->common, &scalars__messages[SCALARS_MESSAGE_NARROW - 1], continuation, &args);
}

err_t scalars_narrow_response__tx(struct scalars_binding *b_, struct event_closure continuation, err_t err, bool p,
                                  char q, int8_t r, int16_t s, uint8_t t, uint16_t u, scalars_colour_t v,
                                  scalars_single_t w)
{
    struct scalars__narrow_response args = {
        .err = err,
        .p = p,
        .q = q,
        .r = r,
        .s = s,
        .t = t,
        .u = u,
        .v = v,
        .w = w,
    };

    return binding_transmit(&b_->common, &scalars__responses[SCALARS_MESSAGE_NARROW - 1], continuation, &args);
}

err_t scalars_wide_call__tx(struct scalars_binding *b_, struct event_closure continuation, int a, int32_t b,
                            int64_t c, uint32_t d, uint64_t e, intptr_t f, uintptr_t g, size_t h)
{
    struct scalars__wide_call args = {
        .a = a,
        .b = b,
        .c = c,
        .d = d,
        .e = e,
        .f = f,
        .g = g,
        .h = h,
    };

    return binding_transmit(&b_->common, &scalars__messages[SCALARS_MESSAGE_WIDE - 1], continuation, &args);
}

err_t scalars_wide_response__tx(struct scalars_binding *b_, struct event_closure continuation, err_t err, int p,
                                int32_t q, int64_t r, uint32_t s, uint64_t t, intptr_t u, uintptr_t v, size_t w)
{
    struct scalars__wide_response args = {
        .err = err,
        .p = p,
        .q = q,
        .r = r,
        .s = s,
        .t = t,
        .u = u,
        .v = v,
        .w = w,
    };

    return binding_transmit(&b_->common, &scalars__responses[SCALARS_MESSAGE_WIDE - 1], continuation, &args);
}

err_t scalars_named_call__tx(struct scalars_binding *b_, struct event_closure continuation, scalars_hue_t a,
                             scalars_pid_t b, uint64_t c, scalars_verdict_t d, err_t e, iref_t f)
{
    struct scalars__named_call args = {
        .a = a,
        .b = b,
        .c = c,
        .d = d,
        .e = e,
        .f = f,
    };

    return binding_transmit(&b_->common, &scalars__messages[SCALARS_MESSAGE_NAMED - 1], continuation, &args);
}

err_t scalars_named_response__tx(struct scalars_binding *b_, struct event_closure continuation, scalars_hue_t p,
                                 scalars_pid_t q, uint64_t r, scalars_verdict_t s, err_t t, iref_t u)
{
    struct scalars__named_response args = {
        .p = p,
        .q = q,
        .r = r,
        .s = s,
        .t = t,
        .u = u,
    };

    return binding_transmit(&b_->common, &scalars__responses[SCALARS_MESSAGE_NAMED - 1], continuation, &args);
}

err_t scalars_mixed_call__tx(struct scalars_binding *b_, struct event_closure continuation, uint8_t a, int8_t b)
{
    struct scalars__mixed_call args = {
        .a = a,
        .b = b,
    };

    return binding_transmit(&b_->common, &scalars__messages[SCALARS_MESSAGE_MIXED - 1], continuation, &args);
}

err_t scalars_mixed_response__tx(struct scalars_binding *b_, struct event_closure continuation,
                                 scalars_verdict_t err, uint8_t p, int8_t q)
{
    struct scalars__mixed_response args = {
        .err = err,
        .p = p,
        .q = q,
    };

    return binding_transmit(&b_->common, &scalars__responses[SCALARS_MESSAGE_MIXED - 1], continuation, &args);
}

err_t scalars_rpc_narrow_start(struct scalars_binding *b_, struct rpc_future *future, bool a, char b, int8_t c,
                               int16_t d, uint8_t e, uint16_t f, scalars_colour_t g, scalars_single_t h)
{
    struct scalars__narrow_call args = {
        .a = a,
        .b = b,
        .c = c,
        .d = d,
        .e = e,
        .f = f,
        .g = g,
        .h = h,
    };

    return binding_call_start(&b_->common, future, &scalars__messages[SCALARS_MESSAGE_NARROW - 1],
                              &scalars__responses[SCALARS_MESSAGE_NARROW - 1], &args);
}

err_t scalars_rpc_narrow_finish(struct rpc_future *future, uint64_t deadline, bool *p, char *q, int8_t *r,
                                int16_t *s, uint8_t *t, uint16_t *u, scalars_colour_t *v, scalars_single_t *w)
{
    struct scalars__narrow_response args;

    TRY(binding_call_finish(future, deadline, &args));
    *p = args.p;
    *q = args.q;
    *r = args.r;
    *s = args.s;
    *t = args.t;
    *u = args.u;
    *v = args.v;
    *w = args.w;
    return OK;
}

err_t scalars_rpc_narrow(struct scalars_binding *b_, bool a, char b, int8_t c, int16_t d, uint8_t e, uint16_t f,
                         scalars_colour_t g, scalars_single_t h, bool *p, char *q, int8_t *r, int16_t *s, uint8_t *t,
                         uint16_t *u, scalars_colour_t *v, scalars_single_t *w)
{
    struct rpc_future future;

    TRY(scalars_rpc_narrow_start(b_, &future, a, b, c, d, e, f, g, h));
    return scalars_rpc_narrow_finish(&future, binding_deadline(&b_->common), p, q, r, s, t, u, v, w);
}

err_t scalars_rpc_wide_start(struct scalars_binding *b_, struct rpc_future *future, int a, int32_t b, int64_t c,
                             uint32_t d, uint64_t e, intptr_t f, uintptr_t g, size_t h)
{
    struct scalars__wide_call args = {
        .a = a,
        .b = b,
        .c = c,
        .d = d,
        .e = e,
        .f = f,
        .g = g,
        .h = h,
    };

    return binding_call_start(&b_->common, future, &scalars__messages[SCALARS_MESSAGE_WIDE - 1],
                              &scalars__responses[SCALARS_MESSAGE_WIDE - 1], &args);
}

err_t scalars_rpc_wide_finish(struct rpc_future *future, uint64_t deadline, int *p, int32_t *q, int64_t *r,
                              uint32_t *s, uint64_t *t, intptr_t *u, uintptr_t *v, size_t *w)
{
    struct scalars__wide_response args;

    TRY(binding_call_finish(future, deadline, &args));
    *p = args.p;
    *q = args.q;
    *r = args.r;
    *s = args.s;
    *t = args.t;
    *u = args.u;
    *v = args.v;
    *w = args.w;
    return OK;
}

err_t scalars_rpc_wide(struct scalars_binding *b_, int a, int32_t b, int64_t c, uint32_t d, uint64_t e, intptr_t f,
                       uintptr_t g, size_t h, int *p, int32_t *q, int64_t *r, uint32_t *s, uint64_t *t, intptr_t *u,
                       uintptr_t *v, size_t *w)
{
    struct rpc_future future;

    TRY(scalars_rpc_wide_start(b_, &future, a, b, c, d, e, f, g, h));
    return scalars_rpc_wide_finish(&future, binding_deadline(&b_->common), p, q, r, s, t, u, v, w);
}

err_t scalars_rpc_named_start(struct scalars_binding *b_, struct rpc_future *future, scalars_hue_t a,
                              scalars_pid_t b, uint64_t c, scalars_verdict_t d, err_t e, iref_t f)
{
    struct scalars__named_call args = {
        .a = a,
        .b = b,
        .c = c,
        .d = d,
        .e = e,
        .f = f,
    };

    return binding_call_start(&b_->common, future, &scalars__messages[SCALARS_MESSAGE_NAMED - 1],
                              &scalars__responses[SCALARS_MESSAGE_NAMED - 1], &args);
}

err_t scalars_rpc_named_finish(struct rpc_future *future, uint64_t deadline, scalars_hue_t *p, scalars_pid_t *q,
                               uint64_t *r, scalars_verdict_t *s, err_t *t, iref_t *u)
{
    struct scalars__named_response args;

    TRY(binding_call_finish(future, deadline, &args));
    *p = args.p;
    *q = args.q;
    *r = args.r;
    *s = args.s;
    *t = args.t;
    *u = args.u;
    return OK;
}

err_t scalars_rpc_named(struct scalars_binding *b_, scalars_hue_t a, scalars_pid_t b, uint64_t c,
                        scalars_verdict_t d, err_t e, iref_t f, scalars_hue_t *p, scalars_pid_t *q, uint64_t *r,
                        scalars_verdict_t *s, err_t *t, iref_t *u)
{
    struct direct_words w = { { a, b, c, d.trail, e.trail, f } };
    const struct direct_result result = direct_call(&b_->common, DIRECT_CALL(SCALARS_MESSAGE_NAMED, 6),
                                                    DIRECT_RESPONSE(SCALARS_MESSAGE_NAMED, 6), &w);

    TRY(result.err);
    if (!(w.word[0] <= SCALARS_COLOUR_BLUE && w.word[1] <= UINT32_MAX)) {
        return binding_malformed(&b_->common);
    }
    *p = (scalars_hue_t)w.word[0];
    *q = (scalars_pid_t)w.word[1];
    *r = w.word[2];
    *s = (err_t){ w.word[3] };
    *t = (err_t){ w.word[4] };
    *u = w.word[5];
    return OK;
}

err_t scalars_rpc_mixed_start(struct scalars_binding *b_, struct rpc_future *future, uint8_t a, int8_t b)
{
    struct scalars__mixed_call args = {
        .a = a,
        .b = b,
    };

    return binding_call_start(&b_->common, future, &scalars__messages[SCALARS_MESSAGE_MIXED - 1],
                              &scalars__responses[SCALARS_MESSAGE_MIXED - 1], &args);
}

err_t scalars_rpc_mixed_finish(struct rpc_future *future, uint64_t deadline, uint8_t *p, int8_t *q)
{
    struct scalars__mixed_response args;

    TRY(binding_call_finish(future, deadline, &args));
    *p = args.p;
    *q = args.q;
    return OK;
}

err_t scalars_rpc_mixed(struct scalars_binding *b_, uint8_t a, int8_t b, uint8_t *p, int8_t *q)
{
    struct direct_words w = { { a, (uint64_t)b } };
    const struct direct_result result = direct_call(&b_->common, DIRECT_CALL(SCALARS_MESSAGE_MIXED, 2),
                                                    DIRECT_RESPONSE(SCALARS_MESSAGE_MIXED, 3), &w);

    TRY(result.err);
    if (!(w.word[1] <= UINT8_MAX && rpc_fits_signed(w.word[2], 8))) {
        return binding_malformed(&b_->common);
    }
    TRY((err_t){ result.first });
    *p = (uint8_t)w.word[1];
    *q = (int8_t)w.word[2];
    return OK;
}

static bool scalars__report(struct binding *b, err_t err)
{
    struct scalars_binding *self = (struct scalars_binding *)b;

    if (self->error_handler) {
        self->error_handler(self, err);
        return true;
    }
    return false;
}

static err_t scalars__accepted(const struct binding_export *e, struct binding *b)
{
    struct scalars_binding *self = (struct scalars_binding *)b;

    self->ops = e->ops;
    return e->connect ? ((scalars_connect_fn *)e->connect)(e->st, self) : OK;
}

static void scalars__bound(void (*continuation)(void), void *st, err_t err, struct binding *b)
{
    ((scalars_bind_continuation_fn *)continuation)(st, err, (struct scalars_binding *)b);
}

const struct binding_interface scalars_interface = {
    .name = "scalars",
    .fingerprint = SCALARS_FINGERPRINT,
    .messages = scalars__messages,
    .responses = scalars__responses,
    .count = sizeof(scalars__messages) / sizeof(scalars__messages[0]),
    .direct = { scalars__direct, sizeof(scalars__direct) / sizeof(scalars__direct[0]) },
    .bytes = sizeof(struct scalars_binding),
    .report = scalars__report,
    .accepted = scalars__accepted,
    .bound = scalars__bound,
};
