/* Made by idlc from language.if: do not edit. */
#include <stubs/language.h>

#include <os/string.h>

static const struct wire_type language__mac = WIRE_ARRAY_TYPE(language_mac_t, &wire_uint8, 6, 1);

static const struct wire_type language__level = WIRE_ENUM_TYPE(language_level_t, 2);

static const struct wire_field language__card__fields[] = {
    WIRE_FIELD(language_card_t, address, &language__mac),
    WIRE_FIELD(language_card_t, where, &language__level),
    WIRE_BOUNDED(language_card_t, name, &wire_string, 64),
    WIRE_FIELD(language_card_t, plain, &wire_string),
    WIRE_DYNAMIC(language_card_t, others, others_length, &wire_string, 8),
    WIRE_DYNAMIC(language_card_t, data, data_length, &wire_uint8, WIRE_NO_MAX),
};
static const struct wire_type language__card = WIRE_STRUCT_TYPE(language_card_t, language__card__fields, 6);

static const struct wire_type language__cards = WIRE_ARRAY_TYPE(language_cards_t, &language__card, 2, 12);

struct language__basic {
    uint32_t arg;
};
static const struct wire_field language__basic__fields[] = {
    WIRE_FIELD(struct language__basic, arg, &wire_uint32),
};

struct language__str {
    uint32_t arg;
    char *s;
};
static const struct wire_field language__str__fields[] = {
    WIRE_FIELD(struct language__str, arg, &wire_uint32),
    WIRE_FIELD(struct language__str, s, &wire_string),
};

struct language__caps {
    uint32_t arg;
    cptr_t cap1;
    cptr_t cap2;
};
static const struct wire_field language__caps__fields[] = {
    WIRE_FIELD(struct language__caps, arg, &wire_uint32),
    WIRE_FIELD(struct language__caps, cap1, &wire_cap),
    WIRE_FIELD(struct language__caps, cap2, &wire_give_away_cap),
};

struct language__buf {
    uint8_t *buf;
    size_t buflen;
};
static const struct wire_field language__buf__fields[] = {
    WIRE_DYNAMIC(struct language__buf, buf, buflen, &wire_uint8, WIRE_NO_MAX),
};

struct language__bounded {
    uint8_t *buf;
    size_t buflen;
    char *s;
    language_card_t *many;
    size_t many_length;
};
static const struct wire_field language__bounded__fields[] = {
    WIRE_DYNAMIC(struct language__bounded, buf, buflen, &wire_uint8, 4096),
    WIRE_BOUNDED(struct language__bounded, s, &wire_string, 255),
    WIRE_DYNAMIC(struct language__bounded, many, many_length, &language__card, 1073741824),
};

struct language__all {
    bool a;
    char b;
    int c;
    int8_t d;
    int16_t e;
    int32_t f;
    int64_t g;
    uint8_t h;
    uint16_t i;
    uint32_t j;
    uint64_t k;
    intptr_t l;
    uintptr_t m;
    size_t n;
    char *o;
    iref_t p;
    cptr_t q;
    cptr_t r;
    err_t s;
    language_board_t t;
};
static const struct wire_field language__all__fields[] = {
    WIRE_FIELD(struct language__all, a, &wire_bool),
    WIRE_FIELD(struct language__all, b, &wire_char),
    WIRE_FIELD(struct language__all, c, &wire_int),
    WIRE_FIELD(struct language__all, d, &wire_int8),
    WIRE_FIELD(struct language__all, e, &wire_int16),
    WIRE_FIELD(struct language__all, f, &wire_int32),
    WIRE_FIELD(struct language__all, g, &wire_int64),
    WIRE_FIELD(struct language__all, h, &wire_uint8),
    WIRE_FIELD(struct language__all, i, &wire_uint16),
    WIRE_FIELD(struct language__all, j, &wire_uint32),
    WIRE_FIELD(struct language__all, k, &wire_uint64),
    WIRE_FIELD(struct language__all, l, &wire_intptr),
    WIRE_FIELD(struct language__all, m, &wire_uintptr),
    WIRE_FIELD(struct language__all, n, &wire_size),
    WIRE_FIELD(struct language__all, o, &wire_string),
    WIRE_FIELD(struct language__all, p, &wire_iref),
    WIRE_FIELD(struct language__all, q, &wire_cap),
    WIRE_FIELD(struct language__all, r, &wire_give_away_cap),
    WIRE_FIELD(struct language__all, s, &wire_errval),
    WIRE_FIELD(struct language__all, t, &language__cards),
};

struct language__testrpc_call {
    char *s;
};
static const struct wire_field language__testrpc_call__fields[] = {
    WIRE_FIELD(struct language__testrpc_call, s, &wire_string),
};

struct language__testrpc_response {
    err_t reterr;
};
static const struct wire_field language__testrpc_response__fields[] = {
    WIRE_FIELD(struct language__testrpc_response, reterr, &wire_errval),
};

struct language__arrays_call {
    language_card_t one;
    language_card_t *many;
    size_t many_length;
};
static const struct wire_field language__arrays_call__fields[] = {
    WIRE_FIELD(struct language__arrays_call, one, &language__card),
    WIRE_DYNAMIC(struct language__arrays_call, many, many_length, &language__card, WIRE_NO_MAX),
};

struct language__arrays_response {
    char **names;
    size_t names_length;
    cptr_t *some;
    size_t some_length;
};
static const struct wire_field language__arrays_response__fields[] = {
    WIRE_DYNAMIC(struct language__arrays_response, names, names_length, &wire_string, 10),
    WIRE_DYNAMIC(struct language__arrays_response, some, some_length, &wire_cap, WIRE_NO_MAX),
};

static bool deliver_basic(struct binding *b, void *args)
{
    struct language_binding *self = (struct language_binding *)b;
    struct language__basic *a = args;

    if (!self->rx_vtbl.basic) {
        return false;
    }
    self->rx_vtbl.basic(self, a->arg);
    return true;
}

static bool deliver_str(struct binding *b, void *args)
{
    struct language_binding *self = (struct language_binding *)b;
    struct language__str *a = args;

    if (!self->rx_vtbl.str) {
        return false;
    }
    self->rx_vtbl.str(self, a->arg, a->s);
    return true;
}

static bool deliver_caps(struct binding *b, void *args)
{
    struct language_binding *self = (struct language_binding *)b;
    struct language__caps *a = args;

    if (!self->rx_vtbl.caps) {
        return false;
    }
    self->rx_vtbl.caps(self, a->arg, a->cap1, a->cap2);
    return true;
}

static bool deliver_buf(struct binding *b, void *args)
{
    struct language_binding *self = (struct language_binding *)b;
    struct language__buf *a = args;

    if (!self->rx_vtbl.buf) {
        return false;
    }
    self->rx_vtbl.buf(self, a->buf, a->buflen);
    return true;
}

static bool deliver_bounded(struct binding *b, void *args)
{
    struct language_binding *self = (struct language_binding *)b;
    struct language__bounded *a = args;

    if (!self->rx_vtbl.bounded) {
        return false;
    }
    self->rx_vtbl.bounded(self, a->buf, a->buflen, a->s, a->many, a->many_length);
    return true;
}

static bool deliver_all(struct binding *b, void *args)
{
    struct language_binding *self = (struct language_binding *)b;
    struct language__all *a = args;

    if (!self->rx_vtbl.all) {
        return false;
    }
    self->rx_vtbl.all(self, a->a, a->b, a->c, a->d, a->e, a->f, a->g, a->h, a->i, a->j, a->k, a->l, a->m, a->n, a->o,
                      a->p, a->q, a->r, a->s, a->t);
    return true;
}

static bool deliver_testrpc_call(struct binding *b, void *args)
{
    struct language_binding *self = (struct language_binding *)b;
    struct language__testrpc_call *a = args;

    if (!self->rx_vtbl.testrpc_call) {
        return false;
    }
    self->rx_vtbl.testrpc_call(self, a->s);
    return true;
}

static bool deliver_testrpc_response(struct binding *b, void *args)
{
    struct language_binding *self = (struct language_binding *)b;
    struct language__testrpc_response *a = args;

    if (!self->rx_vtbl.testrpc_response) {
        return false;
    }
    self->rx_vtbl.testrpc_response(self, a->reterr);
    return true;
}

static bool deliver_arrays_call(struct binding *b, void *args)
{
    struct language_binding *self = (struct language_binding *)b;
    struct language__arrays_call *a = args;

    if (!self->rx_vtbl.arrays_call) {
        return false;
    }
    self->rx_vtbl.arrays_call(self, a->one, a->many, a->many_length);
    return true;
}

static bool deliver_arrays_response(struct binding *b, void *args)
{
    struct language_binding *self = (struct language_binding *)b;
    struct language__arrays_response *a = args;

    if (!self->rx_vtbl.arrays_response) {
        return false;
    }
    self->rx_vtbl.arrays_response(self, a->names, a->names_length, a->some, a->some_length);
    return true;
}

static bool deliver_nothing(struct binding *b, void *args)
{
    struct language_binding *self = (struct language_binding *)b;

    (void)args;
    if (!self->rx_vtbl.nothing) {
        return false;
    }
    self->rx_vtbl.nothing(self);
    return true;
}

static bool serve_testrpc(struct binding *b, void *in, void *out)
{
    struct language_binding *self = (struct language_binding *)b;
    struct language__testrpc_call *a = in;
    struct language__testrpc_response *r = out;

    if (!self->ops || !self->ops->testrpc) {
        return false;
    }
    r->reterr = self->ops->testrpc(self, a->s);
    return true;
}

static bool serve_arrays(struct binding *b, void *in, void *out)
{
    struct language_binding *self = (struct language_binding *)b;
    struct language__arrays_call *a = in;
    struct language__arrays_response *r = out;

    if (!self->ops || !self->ops->arrays) {
        return false;
    }
    self->ops->arrays(self, a->one, a->many, a->many_length, &r->names, &r->names_length, &r->some, &r->some_length);
    return true;
}

static const struct wire_message language__messages[] = {
    { .number = LANGUAGE_MESSAGE_BASIC, .fields = language__basic__fields, .field_count = 1,
      .args_bytes = sizeof(struct language__basic), .flat = true, .words_min = 1, .words_max = 1,
      .deliver = deliver_basic },
    { .number = LANGUAGE_MESSAGE_STR, .fields = language__str__fields, .field_count = 2,
      .args_bytes = sizeof(struct language__str), .words_min = 3, .words_max = WIRE_NO_MAX, .deliver = deliver_str },
    { .number = LANGUAGE_MESSAGE_CAPS, .fields = language__caps__fields, .field_count = 3,
      .args_bytes = sizeof(struct language__caps), .words_min = 4, .words_max = 4, .caps_max = 2,
      .deliver = deliver_caps },
    { .number = LANGUAGE_MESSAGE_BUF, .fields = language__buf__fields, .field_count = 1,
      .args_bytes = sizeof(struct language__buf), .words_min = 2, .words_max = WIRE_NO_MAX, .deliver = deliver_buf },
    { .number = LANGUAGE_MESSAGE_BOUNDED, .fields = language__bounded__fields, .field_count = 3,
      .args_bytes = sizeof(struct language__bounded), .words_min = 4, .words_max = WIRE_NO_MAX,
      .deliver = deliver_bounded },
    { .number = LANGUAGE_MESSAGE_ALL, .fields = language__all__fields, .field_count = 20,
      .args_bytes = sizeof(struct language__all), .words_min = 32, .words_max = WIRE_NO_MAX, .caps_max = 2,
      .deliver = deliver_all },
    { .number = LANGUAGE_MESSAGE_TESTRPC, .fields = language__testrpc_call__fields, .field_count = 1,
      .args_bytes = sizeof(struct language__testrpc_call), .call = true, .words_min = 2, .words_max = WIRE_NO_MAX,
      .deliver = deliver_testrpc_call, .serve = serve_testrpc },
    { .number = LANGUAGE_MESSAGE_ARRAYS, .fields = language__arrays_call__fields, .field_count = 2,
      .args_bytes = sizeof(struct language__arrays_call), .call = true, .words_min = 8, .words_max = WIRE_NO_MAX,
      .deliver = deliver_arrays_call, .serve = serve_arrays },
    { .number = LANGUAGE_MESSAGE_NOTHING, .flat = true, .words_min = 0, .words_max = 0, .deliver = deliver_nothing },
};

static const struct wire_message language__responses[] = {
    { .number = 0 },
    { .number = 0 },
    { .number = 0 },
    { .number = 0 },
    { .number = 0 },
    { .number = 0 },
    { .number = LANGUAGE_MESSAGE_TESTRPC, .fields = language__testrpc_response__fields, .field_count = 1,
      .args_bytes = sizeof(struct language__testrpc_response), .response = true, .error = true, .flat = true,
      .words_min = 1, .words_max = 1, .deliver = deliver_testrpc_response },
    { .number = LANGUAGE_MESSAGE_ARRAYS, .fields = language__arrays_response__fields, .field_count = 2,
      .args_bytes = sizeof(struct language__arrays_response), .response = true, .words_min = 3,
      .words_max = WIRE_NO_MAX, .caps_max = WIRE_NO_MAX, .deliver = deliver_arrays_response },
    { .number = 0 },
};

err_t language_basic__tx(struct language_binding *b, struct event_closure continuation, uint32_t arg)
{
    struct language__basic args = {
        .arg = arg,
    };

    return binding_transmit(&b->common, &language__messages[LANGUAGE_MESSAGE_BASIC - 1], continuation, &args);
}

err_t language_str__tx(struct language_binding *b, struct event_closure continuation, uint32_t arg, const char *s)
{
    struct language__str args = {
        .arg = arg,
        .s = (char *)s,
    };

    return binding_transmit(&b->common, &language__messages[LANGUAGE_MESSAGE_STR - 1], continuation, &args);
}

err_t language_caps__tx(struct language_binding *b, struct event_closure continuation, uint32_t arg, cptr_t cap1,
                        cptr_t cap2)
{
    struct language__caps args = {
        .arg = arg,
        .cap1 = cap1,
        .cap2 = cap2,
    };

    return binding_transmit(&b->common, &language__messages[LANGUAGE_MESSAGE_CAPS - 1], continuation, &args);
}

err_t language_buf__tx(struct language_binding *b, struct event_closure continuation, const uint8_t *buf,
                       size_t buflen)
{
    struct language__buf args = {
        .buf = (uint8_t *)buf,
        .buflen = buflen,
    };

    return binding_transmit(&b->common, &language__messages[LANGUAGE_MESSAGE_BUF - 1], continuation, &args);
}

err_t language_bounded__tx(struct language_binding *b, struct event_closure continuation, const uint8_t *buf,
                           size_t buflen, const char *s, const language_card_t *many, size_t many_length)
{
    struct language__bounded args = {
        .buf = (uint8_t *)buf,
        .buflen = buflen,
        .s = (char *)s,
        .many = (language_card_t *)many,
        .many_length = many_length,
    };

    return binding_transmit(&b->common, &language__messages[LANGUAGE_MESSAGE_BOUNDED - 1], continuation, &args);
}

err_t language_all__tx(struct language_binding *b_, struct event_closure continuation, bool a, char b, int c,
                       int8_t d, int16_t e, int32_t f, int64_t g, uint8_t h, uint16_t i, uint32_t j, uint64_t k,
                       intptr_t l, uintptr_t m, size_t n, const char *o, iref_t p, cptr_t q, cptr_t r, err_t s,
                       language_board_t t)
{
    struct language__all args = {
        .a = a,
        .b = b,
        .c = c,
        .d = d,
        .e = e,
        .f = f,
        .g = g,
        .h = h,
        .i = i,
        .j = j,
        .k = k,
        .l = l,
        .m = m,
        .n = n,
        .o = (char *)o,
        .p = p,
        .q = q,
        .r = r,
        .s = s,
    };

    memcpy(args.t, t, sizeof(args.t));
    return binding_transmit(&b_->common, &language__messages[LANGUAGE_MESSAGE_ALL - 1], continuation, &args);
}

err_t language_testrpc_call__tx(struct language_binding *b, struct event_closure continuation, const char *s)
{
    struct language__testrpc_call args = {
        .s = (char *)s,
    };

    return binding_transmit(&b->common, &language__messages[LANGUAGE_MESSAGE_TESTRPC - 1], continuation, &args);
}

err_t language_testrpc_response__tx(struct language_binding *b, struct event_closure continuation, err_t reterr)
{
    struct language__testrpc_response args = {
        .reterr = reterr,
    };

    return binding_transmit(&b->common, &language__responses[LANGUAGE_MESSAGE_TESTRPC - 1], continuation, &args);
}

err_t language_arrays_call__tx(struct language_binding *b, struct event_closure continuation, language_card_t one,
                               const language_card_t *many, size_t many_length)
{
    struct language__arrays_call args = {
        .one = one,
        .many = (language_card_t *)many,
        .many_length = many_length,
    };

    return binding_transmit(&b->common, &language__messages[LANGUAGE_MESSAGE_ARRAYS - 1], continuation, &args);
}

err_t language_arrays_response__tx(struct language_binding *b, struct event_closure continuation, char *const *names,
                                   size_t names_length, const cptr_t *some, size_t some_length)
{
    struct language__arrays_response args = {
        .names = (char **)names,
        .names_length = names_length,
        .some = (cptr_t *)some,
        .some_length = some_length,
    };

    return binding_transmit(&b->common, &language__responses[LANGUAGE_MESSAGE_ARRAYS - 1], continuation, &args);
}

err_t language_nothing__tx(struct language_binding *b, struct event_closure continuation)
{
    return binding_transmit(&b->common, &language__messages[LANGUAGE_MESSAGE_NOTHING - 1], continuation, NULL);
}

err_t language_rpc_testrpc_start(struct language_binding *b, struct rpc_future *future, const char *s)
{
    struct language__testrpc_call args = {
        .s = (char *)s,
    };

    return binding_call_start(&b->common, future, &language__messages[LANGUAGE_MESSAGE_TESTRPC - 1],
                              &language__responses[LANGUAGE_MESSAGE_TESTRPC - 1], &args);
}

err_t language_rpc_testrpc_finish(struct rpc_future *future, uint64_t deadline)
{
    struct language__testrpc_response args;

    TRY(binding_call_finish(future, deadline, &args));
    return OK;
}

err_t language_rpc_testrpc(struct language_binding *b, const char *s)
{
    struct rpc_future future;

    TRY(language_rpc_testrpc_start(b, &future, s));
    return language_rpc_testrpc_finish(&future, binding_deadline(&b->common));
}

err_t language_rpc_arrays_start(struct language_binding *b, struct rpc_future *future, language_card_t one,
                                const language_card_t *many, size_t many_length)
{
    struct language__arrays_call args = {
        .one = one,
        .many = (language_card_t *)many,
        .many_length = many_length,
    };

    return binding_call_start(&b->common, future, &language__messages[LANGUAGE_MESSAGE_ARRAYS - 1],
                              &language__responses[LANGUAGE_MESSAGE_ARRAYS - 1], &args);
}

err_t language_rpc_arrays_finish(struct rpc_future *future, uint64_t deadline, char ***names, size_t *names_length,
                                 cptr_t **some, size_t *some_length)
{
    struct language__arrays_response args;

    TRY(binding_call_finish(future, deadline, &args));
    *names = args.names;
    *names_length = args.names_length;
    *some = args.some;
    *some_length = args.some_length;
    return OK;
}

err_t language_rpc_arrays(struct language_binding *b, language_card_t one, const language_card_t *many,
                          size_t many_length, char ***names, size_t *names_length, cptr_t **some,
                          size_t *some_length)
{
    struct rpc_future future;

    TRY(language_rpc_arrays_start(b, &future, one, many, many_length));
    return language_rpc_arrays_finish(&future, binding_deadline(&b->common), names, names_length, some, some_length);
}

static bool language__report(struct binding *b, err_t err)
{
    struct language_binding *self = (struct language_binding *)b;

    if (self->error_handler) {
        self->error_handler(self, err);
        return true;
    }
    return false;
}

static err_t language__accepted(const struct binding_export *e, struct binding *b)
{
    struct language_binding *self = (struct language_binding *)b;

    self->ops = e->ops;
    return e->connect ? ((language_connect_fn *)e->connect)(e->st, self) : OK;
}

static void language__bound(void (*continuation)(void), void *st, err_t err, struct binding *b)
{
    ((language_bind_continuation_fn *)continuation)(st, err, (struct language_binding *)b);
}

const struct binding_interface language_interface = {
    .name = "language",
    .fingerprint = LANGUAGE_FINGERPRINT,
    .messages = language__messages,
    .responses = language__responses,
    .count = sizeof(language__messages) / sizeof(language__messages[0]),
    .bytes = sizeof(struct language_binding),
    .report = language__report,
    .accepted = language__accepted,
    .bound = language__bound,
};
