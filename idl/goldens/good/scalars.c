/* Made by idlc from scalars.if: do not edit. */
#include <stubs/scalars.h>

void scalars_narrow_request(struct rpc_message *m, bool a, char b, int8_t c, int16_t d, uint8_t e, uint16_t f,
                            scalars_colour_t g, scalars_single_t h)
{
    *m = (struct rpc_message){
        .head = RPC_HEAD(SCALARS_MESSAGE_NARROW, 8),
        .word = { a, (unsigned char)b, (uint64_t)c, (uint64_t)d, e, f, g, h },
    };
}

err_t scalars_narrow_result(struct rpc_message *m, bool *p, char *q, int8_t *r, int16_t *s, uint8_t *t, uint16_t *u,
                            scalars_colour_t *v, scalars_single_t *w)
{
    TRY(rpc_result(m, SCALARS_MESSAGE_NARROW, 8, RPC_NO_CAP));
    TRY(rpc_in_range(m, m->word[0] <= 1 && m->word[1] <= UINT8_MAX && rpc_fits_signed(m->word[2], 8) &&
                        rpc_fits_signed(m->word[3], 16) && m->word[4] <= UINT8_MAX && m->word[5] <= UINT16_MAX &&
                        m->word[6] <= SCALARS_COLOUR_BLUE && m->word[7] <= SCALARS_SINGLE_ONLY));
    *p = m->word[0] != 0;
    *q = (char)m->word[1];
    *r = (int8_t)m->word[2];
    *s = (int16_t)m->word[3];
    *t = (uint8_t)m->word[4];
    *u = (uint16_t)m->word[5];
    *v = (scalars_colour_t)m->word[6];
    *w = (scalars_single_t)m->word[7];
    return OK;
}

err_t scalars_narrow(struct rpc_client *c_, bool a, char b, int8_t c, int16_t d, uint8_t e, uint16_t f,
                     scalars_colour_t g, scalars_single_t h, bool *p, char *q, int8_t *r, int16_t *s, uint8_t *t,
                     uint16_t *u, scalars_colour_t *v, scalars_single_t *w)
{
    struct rpc_message m;

    scalars_narrow_request(&m, a, b, c, d, e, f, g, h);
    TRY(rpc_call(c_, &m));
    return scalars_narrow_result(&m, p, q, r, s, t, u, v, w);
}

void scalars_wide_request(struct rpc_message *m, int a, int32_t b, int64_t c, uint32_t d, uint64_t e, intptr_t f,
                          uintptr_t g, size_t h)
{
    *m = (struct rpc_message){
        .head = RPC_HEAD(SCALARS_MESSAGE_WIDE, 8),
        .word = { (uint64_t)a, (uint64_t)b, (uint64_t)c, d, e, (uint64_t)f, g, h },
    };
}

err_t scalars_wide_result(struct rpc_message *m, int *p, int32_t *q, int64_t *r, uint32_t *s, uint64_t *t,
                          intptr_t *u, uintptr_t *v, size_t *w)
{
    TRY(rpc_result(m, SCALARS_MESSAGE_WIDE, 8, RPC_NO_CAP));
    TRY(rpc_in_range(m, rpc_fits_signed(m->word[0], 32) && rpc_fits_signed(m->word[1], 32) &&
                        m->word[3] <= UINT32_MAX));
    *p = (int)m->word[0];
    *q = (int32_t)m->word[1];
    *r = (int64_t)m->word[2];
    *s = (uint32_t)m->word[3];
    *t = m->word[4];
    *u = (intptr_t)m->word[5];
    *v = m->word[6];
    *w = m->word[7];
    return OK;
}

err_t scalars_wide(struct rpc_client *c_, int a, int32_t b, int64_t c, uint32_t d, uint64_t e, intptr_t f,
                   uintptr_t g, size_t h, int *p, int32_t *q, int64_t *r, uint32_t *s, uint64_t *t, intptr_t *u,
                   uintptr_t *v, size_t *w)
{
    struct rpc_message m;

    scalars_wide_request(&m, a, b, c, d, e, f, g, h);
    TRY(rpc_call(c_, &m));
    return scalars_wide_result(&m, p, q, r, s, t, u, v, w);
}

void scalars_named_request(struct rpc_message *m, scalars_hue_t a, scalars_pid_t b, uint64_t c, scalars_verdict_t d,
                           err_t e, iref_t f)
{
    *m = (struct rpc_message){
        .head = RPC_HEAD(SCALARS_MESSAGE_NAMED, 6),
        .word = { a, b, c, d.trail, e.trail, f },
    };
}

err_t scalars_named_result(struct rpc_message *m, scalars_hue_t *p, scalars_pid_t *q, uint64_t *r,
                           scalars_verdict_t *s, err_t *t, iref_t *u)
{
    TRY(rpc_result(m, SCALARS_MESSAGE_NAMED, 6, RPC_NO_CAP));
    TRY(rpc_in_range(m, m->word[0] <= SCALARS_COLOUR_BLUE && m->word[1] <= UINT32_MAX));
    *p = (scalars_hue_t)m->word[0];
    *q = (scalars_pid_t)m->word[1];
    *r = m->word[2];
    *s = (err_t){ m->word[3] };
    *t = (err_t){ m->word[4] };
    *u = m->word[5];
    return OK;
}

err_t scalars_named(struct rpc_client *c_, scalars_hue_t a, scalars_pid_t b, uint64_t c, scalars_verdict_t d,
                    err_t e, iref_t f, scalars_hue_t *p, scalars_pid_t *q, uint64_t *r, scalars_verdict_t *s,
                    err_t *t, iref_t *u)
{
    struct rpc_message m;

    scalars_named_request(&m, a, b, c, d, e, f);
    TRY(rpc_call(c_, &m));
    return scalars_named_result(&m, p, q, r, s, t, u);
}

void scalars_mixed_request(struct rpc_message *m, uint8_t a, int8_t b)
{
    *m = (struct rpc_message){
        .head = RPC_HEAD(SCALARS_MESSAGE_MIXED, 2),
        .word = { a, (uint64_t)b },
    };
}

err_t scalars_mixed_result(struct rpc_message *m, uint8_t *p, int8_t *q)
{
    TRY(rpc_result(m, SCALARS_MESSAGE_MIXED, 2, RPC_NO_CAP));
    TRY(rpc_in_range(m, m->word[0] <= UINT8_MAX && rpc_fits_signed(m->word[1], 8)));
    *p = (uint8_t)m->word[0];
    *q = (int8_t)m->word[1];
    return OK;
}

err_t scalars_mixed(struct rpc_client *c, uint8_t a, uint8_t *p, int8_t b, int8_t *q)
{
    struct rpc_message m;

    scalars_mixed_request(&m, a, b);
    TRY(rpc_call(c, &m));
    return scalars_mixed_result(&m, p, q);
}

static err_t serve_narrow(const struct scalars_ops *ops, void *session, struct rpc_message *m)
{
    bool p = false;
    char q = 0;
    int8_t r = 0;
    int16_t s = 0;
    uint8_t t = 0;
    uint16_t u = 0;
    scalars_colour_t v = 0;
    scalars_single_t w = 0;

    REQUIRE(ops->narrow, E_RPC_NUMBER);
    REQUIRE(rpc_fits(m, 8, RPC_NO_CAP) && m->word[0] <= 1 && m->word[1] <= UINT8_MAX &&
            rpc_fits_signed(m->word[2], 8) && rpc_fits_signed(m->word[3], 16) && m->word[4] <= UINT8_MAX &&
            m->word[5] <= UINT16_MAX && m->word[6] <= SCALARS_COLOUR_BLUE && m->word[7] <= SCALARS_SINGLE_ONLY,
            E_RPC_MALFORMED);
    TRY(ops->narrow(session, m->word[0] != 0, (char)m->word[1], (int8_t)m->word[2], (int16_t)m->word[3],
                    (uint8_t)m->word[4], (uint16_t)m->word[5], (scalars_colour_t)m->word[6],
                    (scalars_single_t)m->word[7], &p, &q, &r, &s, &t, &u, &v, &w));
    rpc_reply_to(m, SCALARS_MESSAGE_NARROW, 8);
    m->word[0] = p;
    m->word[1] = (unsigned char)q;
    m->word[2] = (uint64_t)r;
    m->word[3] = (uint64_t)s;
    m->word[4] = t;
    m->word[5] = u;
    m->word[6] = v;
    m->word[7] = w;
    return OK;
}

static err_t serve_wide(const struct scalars_ops *ops, void *session, struct rpc_message *m)
{
    int p = 0;
    int32_t q = 0;
    int64_t r = 0;
    uint32_t s = 0;
    uint64_t t = 0;
    intptr_t u = 0;
    uintptr_t v = 0;
    size_t w = 0;

    REQUIRE(ops->wide, E_RPC_NUMBER);
    REQUIRE(rpc_fits(m, 8, RPC_NO_CAP) && rpc_fits_signed(m->word[0], 32) && rpc_fits_signed(m->word[1], 32) &&
            m->word[3] <= UINT32_MAX, E_RPC_MALFORMED);
    TRY(ops->wide(session, (int)m->word[0], (int32_t)m->word[1], (int64_t)m->word[2], (uint32_t)m->word[3],
                  m->word[4], (intptr_t)m->word[5], m->word[6], m->word[7], &p, &q, &r, &s, &t, &u, &v, &w));
    rpc_reply_to(m, SCALARS_MESSAGE_WIDE, 8);
    m->word[0] = (uint64_t)p;
    m->word[1] = (uint64_t)q;
    m->word[2] = (uint64_t)r;
    m->word[3] = s;
    m->word[4] = t;
    m->word[5] = (uint64_t)u;
    m->word[6] = v;
    m->word[7] = w;
    return OK;
}

static err_t serve_named(const struct scalars_ops *ops, void *session, struct rpc_message *m)
{
    scalars_hue_t p = 0;
    scalars_pid_t q = 0;
    uint64_t r = 0;
    scalars_verdict_t s = OK;
    err_t t = OK;
    iref_t u = 0;

    REQUIRE(ops->named, E_RPC_NUMBER);
    REQUIRE(rpc_fits(m, 6, RPC_NO_CAP) && m->word[0] <= SCALARS_COLOUR_BLUE && m->word[1] <= UINT32_MAX,
            E_RPC_MALFORMED);
    ops->named(session, (scalars_hue_t)m->word[0], (scalars_pid_t)m->word[1], m->word[2], (err_t){ m->word[3] },
               (err_t){ m->word[4] }, m->word[5], &p, &q, &r, &s, &t, &u);
    rpc_reply_to(m, SCALARS_MESSAGE_NAMED, 6);
    m->word[0] = p;
    m->word[1] = q;
    m->word[2] = r;
    m->word[3] = s.trail;
    m->word[4] = t.trail;
    m->word[5] = u;
    return OK;
}

static err_t serve_mixed(const struct scalars_ops *ops, void *session, struct rpc_message *m)
{
    uint8_t p = 0;
    int8_t q = 0;

    REQUIRE(ops->mixed, E_RPC_NUMBER);
    REQUIRE(rpc_fits(m, 2, RPC_NO_CAP) && m->word[0] <= UINT8_MAX && rpc_fits_signed(m->word[1], 8), E_RPC_MALFORMED);
    TRY(ops->mixed(session, (uint8_t)m->word[0], &p, (int8_t)m->word[1], &q));
    rpc_reply_to(m, SCALARS_MESSAGE_MIXED, 2);
    m->word[0] = p;
    m->word[1] = (uint64_t)q;
    return OK;
}

void scalars_serve(const struct scalars_ops *ops, void *session, struct rpc_message *m)
{
    const cptr_t cap = m->cap;
    err_t err = ERR(E_RPC_NUMBER);

    switch (m->number) {
    case SCALARS_MESSAGE_NARROW:
        err = serve_narrow(ops, session, m);
        break;
    case SCALARS_MESSAGE_WIDE:
        err = serve_wide(ops, session, m);
        break;
    case SCALARS_MESSAGE_NAMED:
        err = serve_named(ops, session, m);
        break;
    case SCALARS_MESSAGE_MIXED:
        err = serve_mixed(ops, session, m);
        break;
    }
    if (err_root(err) == E_RPC_LATER) {
        rpc_later(m, cap);
    } else if (!err_ok(err)) {
        rpc_fail(m, err);
    }
}
