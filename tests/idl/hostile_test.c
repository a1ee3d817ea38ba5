/* hostile_test.c  Messages that no stub sends: no handler sees them, no result is taken from them, no capability leaks. */
#include "wire.h"

#include <stubs/caps.h>
#include <stubs/scalars.h>

#define ROUNDS 20000

/* What a message consists of, written down here once more, independently of the compiler. */
struct shape {
    uint16_t number;
    unsigned in, out;                       /* words */
    bool cap_in, cap_out;
    bool (*in_good)(const uint64_t w[8]), (*out_good)(const uint64_t w[8]);
};

static uint64_t state;
static unsigned calls;

static bool sign_extended(uint64_t word, unsigned bits)
{
    const uint64_t above = word >> (bits - 1);

    return above == 0 || above == UINT64_MAX >> (bits - 1);
}

static bool any_words(const uint64_t w[8])
{
    (void)w;
    return true;
}

static bool narrow_good(const uint64_t w[8])
{
    return w[0] < 2 && w[1] < 256 && sign_extended(w[2], 8) && sign_extended(w[3], 16) && w[4] < 256 &&
           w[5] < 65536 && w[6] < 3 && w[7] == 0;
}

static bool wide_good(const uint64_t w[8])
{
    return sign_extended(w[0], 32) && sign_extended(w[1], 32) && w[3] >> 32 == 0;
}

static bool named_good(const uint64_t w[8])
{
    return w[0] < 3 && w[1] >> 32 == 0;
}

static bool mixed_good(const uint64_t w[8])
{
    return w[0] < 256 && sign_extended(w[1], 8);
}

static bool u32_good(const uint64_t w[8])
{
    return w[0] >> 32 == 0;
}

static bool bool_good(const uint64_t w[8])
{
    return w[0] < 2;
}

static bool u8_good(const uint64_t w[8])
{
    return w[0] < 256;
}

static const struct shape shapes[] = {
    { SCALARS_MESSAGE_NARROW, 8, 8, false, false, narrow_good, narrow_good },
    { SCALARS_MESSAGE_WIDE, 8, 8, false, false, wide_good, wide_good },
    { SCALARS_MESSAGE_NAMED, 6, 6, false, false, named_good, named_good },
    { SCALARS_MESSAGE_MIXED, 2, 2, false, false, mixed_good, mixed_good },
};

static const struct shape cap_shapes[] = {
    { CAPS_MESSAGE_COPY_IN, 0, 0, true, false, any_words, any_words },
    { CAPS_MESSAGE_GIVE_IN, 1, 0, true, false, u32_good, any_words },
    { CAPS_MESSAGE_COPY_OUT, 0, 0, false, true, any_words, any_words },
    { CAPS_MESSAGE_GIVE_OUT, 1, 1, false, true, bool_good, u8_good },
    { CAPS_MESSAGE_BOTH, 0, 0, true, true, any_words, any_words },
};

/* --- requests --- */

static err_t on_narrow(void *session, bool a, char b, int8_t c, int16_t d, uint8_t e, uint16_t f, scalars_colour_t g,
                       scalars_single_t h, bool *p, char *q, int8_t *r, int16_t *s, uint8_t *t, uint16_t *u,
                       scalars_colour_t *v, scalars_single_t *w)
{
    (void)session, (void)a, (void)b, (void)c, (void)d, (void)e, (void)f, (void)g, (void)h;
    (void)p, (void)q, (void)r, (void)s, (void)t, (void)u, (void)v, (void)w;
    calls++;
    return OK;
}

static err_t on_wide(void *session, int a, int32_t b, int64_t c, uint32_t d, uint64_t e, intptr_t f, uintptr_t g,
                     size_t h, int *p, int32_t *q, int64_t *r, uint32_t *s, uint64_t *t, intptr_t *u, uintptr_t *v,
                     size_t *w)
{
    (void)session, (void)a, (void)b, (void)c, (void)d, (void)e, (void)f, (void)g, (void)h;
    (void)p, (void)q, (void)r, (void)s, (void)t, (void)u, (void)v, (void)w;
    calls++;
    return OK;
}

static void on_named(void *session, scalars_hue_t a, scalars_pid_t b, uint64_t c, scalars_verdict_t d, err_t e,
                     iref_t f, scalars_hue_t *p, scalars_pid_t *q, uint64_t *r, scalars_verdict_t *s, err_t *t,
                     iref_t *u)
{
    (void)session, (void)a, (void)b, (void)c, (void)d, (void)e, (void)f;
    (void)p, (void)q, (void)r, (void)s, (void)t, (void)u;
    calls++;
}

static err_t on_mixed(void *session, uint8_t a, uint8_t *p, int8_t b, int8_t *q)
{
    (void)session, (void)a, (void)b, (void)p, (void)q;
    calls++;
    return OK;
}

static const struct scalars_ops scalars_ops = {
    .narrow = on_narrow, .wide = on_wide, .named = on_named, .mixed = on_mixed
};

static cptr_t taken;                        /* what the last handler got */

static err_t on_cap_in(void *session, cptr_t a)
{
    (void)session;
    calls++;
    taken = a;
    return OK;
}

static err_t on_give_in(void *session, uint32_t key, cptr_t a)
{
    (void)key;
    return on_cap_in(session, a);
}

static err_t on_copy_out(void *session, cptr_t *p)
{
    (void)session;
    calls++;
    *p = 1;
    return OK;
}

static err_t on_give_out(void *session, bool last, cptr_t *p, uint8_t *left)
{
    (void)last, (void)left;
    return on_copy_out(session, p);
}

static void on_both(void *session, cptr_t a, cptr_t *p)
{
    (void)session;
    calls++;
    taken = a;
    *p = 1;
}

static const struct caps_ops caps_ops = {
    .copy_in = on_cap_in, .give_in = on_give_in, .copy_out = on_copy_out, .give_out = on_give_out, .both = on_both
};

/* A message that fits @p s, or nearly. */
static struct rpc_message any_request(const struct shape *s, const bool *wrong_number)
{
    struct rpc_message m = { .number = s->number, .length = (uint8_t)s->in };

    for (unsigned i = 0; i < RPC_WORDS; i++) {
        m.word[i] = test_random(&state) % 4 ? test_random(&state) % 2 : wire_random(&state);
    }
    m.word[7] %= test_random(&state) % 4 ? 1 : UINT64_MAX;          /* the enum of one value */
    if (test_random(&state) % 8 == 0) {
        m.length = (uint8_t)test_random(&state);
    }
    if (s->cap_in == (test_random(&state) % 8 != 0)) {
        m.cap = wire_new_cap();
    }
    if (*wrong_number) {
        m.number = (uint16_t)test_random(&state);
    }
    return m;
}

static void expect_error(const struct rpc_message *m, const struct rpc_message *request, enum err_code code)
{
    EXPECT_EQ(m->number, request->number | RPC_REPLY | RPC_ERROR, "an error");
    EXPECT_EQ(m->word[0], code, "which");
    EXPECT(m->length == 1 && m->cap == CPTR_NULL && !m->give, "and nothing else");
    EXPECT(request->cap == CPTR_NULL || wire_dropped(request->cap), "the capability is dropped");
}

static void try_request(const struct shape *s, bool caps, size_t count)
{
    const bool wrong_number = test_random(&state) % 16 == 0;
    const struct rpc_message request = any_request(s, &wrong_number);
    struct rpc_message m = request;
    const bool known = m.number >= 1 && m.number <= count;
    const bool good = m.number == s->number && m.length == s->in && (m.cap != CPTR_NULL) == s->cap_in &&
                      s->in_good(m.word);

    calls = 0;
    taken = CPTR_NULL;
    caps ? caps_serve(&caps_ops, NULL, &m) : scalars_serve(&scalars_ops, NULL, &m);
    if (!known) {
        EXPECT_EQ(calls, 0, "number %u", request.number);
        expect_error(&m, &request, E_RPC_NUMBER);
    } else if (m.number == (s->number | RPC_REPLY) || good) {
        EXPECT(good, "accepted: number %u length %u", request.number, request.length);
        EXPECT_EQ(calls, 1, "one call");
        EXPECT_EQ(taken, request.cap, "the handler has the capability");
        EXPECT(m.length == s->out && (m.cap != CPTR_NULL) == s->cap_out, "the reply fits");
    } else if (request.number == s->number) {
        EXPECT_EQ(calls, 0, "length %u", request.length);
        expect_error(&m, &request, E_RPC_MALFORMED);
    }
}

TEST(hostile, requests)
{
    unsigned good = 0;

    state = test_seed();
    for (int i = 0; i < ROUNDS; i++) {
        try_request(&shapes[i % 4], false, 4);
        good += calls;
        try_request(&cap_shapes[i % 5], true, 5);
        good += calls;
    }
    EXPECT(good > ROUNDS / 10 && good < 2 * ROUNDS - ROUNDS / 10, "%u of %u accepted: both happen", good, 2 * ROUNDS);
}

TEST(hostile, every_number)
{
    for (unsigned number = 0; number < 0x10000; number++) {
        struct rpc_message request = { .number = (uint16_t)number, .cap = number % 2 ? wire_new_cap() : CPTR_NULL };
        struct rpc_message m = request;
        calls = 0;
        scalars_serve(&scalars_ops, NULL, &m);
        EXPECT_EQ(calls, 0, "number %u", number);
        expect_error(&m, &request, number >= 1 && number <= 4 ? E_RPC_MALFORMED : E_RPC_NUMBER);
    }
}

TEST(hostile, no_handler)
{
    static const struct caps_ops none;

    for (unsigned i = 0; i < 5; i++) {
        const struct rpc_message request = {
            .number = cap_shapes[i].number,
            .length = (uint8_t)cap_shapes[i].in,
            .cap = cap_shapes[i].cap_in ? wire_new_cap() : CPTR_NULL,
        };
        struct rpc_message m = request;
        caps_serve(&none, NULL, &m);
        expect_error(&m, &request, E_RPC_NUMBER);
    }
}

/* --- replies --- */

static struct rpc_message reply_now;

static void say(struct rpc_message *m)
{
    *m = reply_now;
}

static void serve_nothing(struct rpc_message *m)
{
    m->cap = CPTR_NULL;
}

/* Call message @p s with results that must stay as they are when it fails.  @return its error, *touched if not */
static err_t call(const struct shape *s, bool caps, bool *touched)
{
    struct rpc_client client = { .serve = serve_nothing, .change_reply = say };
    uint8_t mark[256];
    memset(mark, 0x5a, sizeof(mark));
    uint64_t *w[8];
    err_t err = OK;

    for (unsigned i = 0; i < 8; i++) {
        w[i] = (uint64_t *)(void *)(mark + 16 * i);
    }
    if (caps) {
        switch (s->number) {
        case CAPS_MESSAGE_COPY_IN:
            err = caps_copy_in(&client, 1);
            break;
        case CAPS_MESSAGE_GIVE_IN:
            err = caps_give_in(&client, 1, 1);
            break;
        case CAPS_MESSAGE_COPY_OUT:
            err = caps_copy_out(&client, w[0]);
            break;
        case CAPS_MESSAGE_GIVE_OUT:
            err = caps_give_out(&client, true, w[0], (uint8_t *)w[1]);
            break;
        default:
            err = caps_both(&client, 1, w[0]);
            break;
        }
    } else if (s->number == SCALARS_MESSAGE_NARROW) {
        err = scalars_narrow(&client, false, 'x', 1, 2, 3, 4, SCALARS_COLOUR_RED, SCALARS_SINGLE_ONLY, (bool *)w[0],
                             (char *)w[1], (int8_t *)w[2], (int16_t *)w[3], (uint8_t *)w[4], (uint16_t *)w[5],
                             (scalars_colour_t *)w[6], (scalars_single_t *)w[7]);
    } else if (s->number == SCALARS_MESSAGE_WIDE) {
        err = scalars_wide(&client, 1, 2, 3, 4, 5, 6, 7, 8, (int *)w[0], (int32_t *)w[1], (int64_t *)w[2],
                           (uint32_t *)w[3], w[4], (intptr_t *)w[5], w[6], w[7]);
    } else if (s->number == SCALARS_MESSAGE_NAMED) {
        err = scalars_named(&client, SCALARS_COLOUR_RED, 1, 2, OK, OK, 3, (scalars_hue_t *)w[0],
                            (scalars_pid_t *)w[1], w[2], (scalars_verdict_t *)w[3], (err_t *)w[4], w[5]);
    } else {
        err = scalars_mixed(&client, 1, (uint8_t *)w[0], 2, (int8_t *)w[1]);
    }
    *touched = false;
    for (size_t i = 0; i < sizeof(mark); i++) {
        *touched |= mark[i] != 0x5a;
    }
    return err;
}

static struct rpc_message any_reply(const struct shape *s)
{
    struct rpc_message m = { .number = s->number | RPC_REPLY, .length = (uint8_t)s->out };

    for (unsigned i = 0; i < RPC_WORDS; i++) {
        m.word[i] = test_random(&state) % 4 ? test_random(&state) % 2 : wire_random(&state);
    }
    m.word[7] %= test_random(&state) % 4 ? 1 : UINT64_MAX;
    if (s->cap_out == (test_random(&state) % 8 != 0)) {
        m.cap = wire_new_cap();
    }
    switch (test_random(&state) % 8) {
    case 0:
        m.length = (uint8_t)test_random(&state);
        break;
    case 1:
        m.number = (uint16_t)test_random(&state);
        break;
    case 2:
        m.number |= RPC_ERROR;
        m.length = test_random(&state) % 4 ? 1 : (uint8_t)test_random(&state);
        m.cap = test_random(&state) % 4 ? CPTR_NULL : m.cap;
        break;
    case 3:
        m.number ^= (uint16_t)(1u << test_random(&state) % 16);
        break;
    }
    return m;
}

static void try_reply(const struct shape *s, bool caps, unsigned *good)
{
    const struct rpc_message m = reply_now = any_reply(s);
    const unsigned drops = wire_drops();
    const bool fits = m.number == (s->number | RPC_REPLY) && m.length == s->out &&
                      (m.cap != CPTR_NULL) == s->cap_out && s->out_good(m.word);
    const bool error = m.number == (s->number | RPC_REPLY | RPC_ERROR) && m.length == 1 && m.cap == CPTR_NULL &&
                       m.word[0] != 0;
    bool touched;

    const err_t err = call(s, caps, &touched);
    EXPECT_EQ(err.trail, fits ? 0 : error ? m.word[0] : E_RPC_REPLY, "number %#x length %u", m.number, m.length);
    EXPECT(touched == (fits && s->out + s->cap_out > 0), "results are written on success, and only then");
    EXPECT_EQ(wire_drops(), drops + (m.cap != CPTR_NULL && !fits), "what is not taken is dropped");
    *good += fits;
}

TEST(hostile, replies)
{
    unsigned good = 0;

    state = test_seed();
    for (int i = 0; i < ROUNDS; i++) {
        try_reply(&shapes[i % 4], false, &good);
        try_reply(&cap_shapes[i % 5], true, &good);
    }
    EXPECT(good > ROUNDS / 10 && good < 2 * ROUNDS - ROUNDS / 10, "%u of %u fit: both happen", good, 2 * ROUNDS);
}
