/* roundtrip_test.c  What a client sends is what the handler gets, and what the handler answers is what the client gets. */
#include "wire.h"

#include <stubs/caps.h>
#include <stubs/docs.h>
#include <stubs/empty.h>
#include <stubs/names.h>
#include <stubs/scalars.h>
#include <stubs/shared.h>
#include <stubs/shared2.h>

#define ROUNDS 2000

static uint64_t state;

static uint64_t any(void)
{
    return wire_random(&state);
}

static bool any_bool(void)
{
    return test_random(&state) & 1;
}

/* Make the seed's sequence start afresh: each test is then the same alone. */
static void restart(void)
{
    state = test_seed();
}

/* --- scalars --- */

static struct narrow {
    bool b;
    char c;
    int8_t i8;
    int16_t i16;
    uint8_t u8;
    uint16_t u16;
    scalars_colour_t colour;
    scalars_single_t single;
} narrow_in, narrow_out;

static struct narrow any_narrow(void)
{
    return (struct narrow){ any_bool(),    (char)any(),     (int8_t)any(),
                            (int16_t)any(), (uint8_t)any(), (uint16_t)any(),
                            (scalars_colour_t)(test_random(&state) % 3), SCALARS_SINGLE_ONLY };
}

static void expect_narrow(struct narrow got, struct narrow want, const char *what)
{
    EXPECT_EQ(got.b, want.b, "%s", what);
    EXPECT_EQ(got.c, want.c, "%s", what);
    EXPECT_EQ(got.i8, want.i8, "%s", what);
    EXPECT_EQ(got.i16, want.i16, "%s", what);
    EXPECT_EQ(got.u8, want.u8, "%s", what);
    EXPECT_EQ(got.u16, want.u16, "%s", what);
    EXPECT_EQ(got.colour, want.colour, "%s", what);
    EXPECT_EQ(got.single, want.single, "%s", what);
}

static err_t on_narrow(void *session, bool a, char b, int8_t c, int16_t d, uint8_t e, uint16_t f, scalars_colour_t g,
                       scalars_single_t h, bool *p, char *q, int8_t *r, int16_t *s, uint8_t *t, uint16_t *u,
                       scalars_colour_t *v, scalars_single_t *w)
{
    EXPECT(session == &state, "the session is handed through");
    narrow_in = (struct narrow){ a, b, c, d, e, f, g, h };
    *p = narrow_out.b;
    *q = narrow_out.c;
    *r = narrow_out.i8;
    *s = narrow_out.i16;
    *t = narrow_out.u8;
    *u = narrow_out.u16;
    *v = narrow_out.colour;
    *w = narrow_out.single;
    return OK;
}

static struct wide {
    int i;
    int32_t i32;
    int64_t i64;
    uint32_t u32;
    uint64_t u64;
    intptr_t ip;
    uintptr_t up;
    size_t size;
} wide_in, wide_out;

static struct wide any_wide(void)
{
    return (struct wide){ (int)any(), (int32_t)any(), (int64_t)any(), (uint32_t)any(), any(), (intptr_t)any(), any(),
                          any() };
}

static void expect_wide(struct wide got, struct wide want, const char *what)
{
    EXPECT_EQ(got.i, want.i, "%s", what);
    EXPECT_EQ(got.i32, want.i32, "%s", what);
    EXPECT_EQ(got.i64, want.i64, "%s", what);
    EXPECT_EQ(got.u32, want.u32, "%s", what);
    EXPECT_EQ(got.u64, want.u64, "%s", what);
    EXPECT_EQ(got.ip, want.ip, "%s", what);
    EXPECT_EQ(got.up, want.up, "%s", what);
    EXPECT_EQ(got.size, want.size, "%s", what);
}

static err_t on_wide(void *session, int a, int32_t b, int64_t c, uint32_t d, uint64_t e, intptr_t f, uintptr_t g,
                     size_t h, int *p, int32_t *q, int64_t *r, uint32_t *s, uint64_t *t, intptr_t *u, uintptr_t *v,
                     size_t *w)
{
    (void)session;
    wide_in = (struct wide){ a, b, c, d, e, f, g, h };
    *p = wide_out.i;
    *q = wide_out.i32;
    *r = wide_out.i64;
    *s = wide_out.u32;
    *t = wide_out.u64;
    *u = wide_out.ip;
    *v = wide_out.up;
    *w = wide_out.size;
    return OK;
}

static struct named {
    scalars_hue_t hue;
    scalars_pid_t pid;
    uint64_t bytes;
    scalars_verdict_t verdict;
    err_t err;
    iref_t iref;
} named_in, named_out;

static struct named any_named(void)
{
    return (struct named){ (scalars_hue_t)(test_random(&state) % 3), (scalars_pid_t)any(), any(), { any() }, { any() },
                           any() };
}

static void expect_named(struct named got, struct named want, const char *what)
{
    EXPECT_EQ(got.hue, want.hue, "%s", what);
    EXPECT_EQ(got.pid, want.pid, "%s", what);
    EXPECT_EQ(got.bytes, want.bytes, "%s", what);
    EXPECT_EQ(got.verdict.trail, want.verdict.trail, "%s", what);
    EXPECT_EQ(got.err.trail, want.err.trail, "%s", what);
    EXPECT_EQ(got.iref, want.iref, "%s", what);
}

static void on_named(void *session, scalars_hue_t a, scalars_pid_t b, uint64_t c, scalars_verdict_t d, err_t e,
                     iref_t f, scalars_hue_t *p, scalars_pid_t *q, uint64_t *r, scalars_verdict_t *s, err_t *t,
                     iref_t *u)
{
    (void)session;
    named_in = (struct named){ a, b, c, d, e, f };
    *p = named_out.hue;
    *q = named_out.pid;
    *r = named_out.bytes;
    *s = named_out.verdict;
    *t = named_out.err;
    *u = named_out.iref;
}

static err_t mixed_error;

static err_t on_mixed(void *session, uint8_t a, uint8_t *p, int8_t b, int8_t *q)
{
    (void)session;
    *p = (uint8_t)(a + 1);
    *q = (int8_t)(b / 2);
    return mixed_error;
}

static const struct scalars_ops scalars_ops = {
    .narrow = on_narrow, .wide = on_wide, .named = on_named, .mixed = on_mixed
};

static void serve_scalars(struct rpc_message *m)
{
    scalars_serve(&scalars_ops, &state, m);
}

TEST(roundtrip, narrow)
{
    struct rpc_client client = { .serve = serve_scalars };

    restart();
    for (int i = 0; i < ROUNDS; i++) {
        const struct narrow in = any_narrow();
        struct narrow out;
        narrow_out = any_narrow();
        const err_t err = scalars_narrow(&client, in.b, in.c, in.i8, in.i16, in.u8, in.u16, in.colour, in.single,
                                         &out.b, &out.c, &out.i8, &out.i16, &out.u8, &out.u16, &out.colour,
                                         &out.single);
        EXPECT_EQ(err.trail, 0, "round %d", i);
        expect_narrow(narrow_in, in, "in");
        expect_narrow(out, narrow_out, "out");
    }
}

TEST(roundtrip, wide)
{
    struct rpc_client client = { .serve = serve_scalars };

    restart();
    for (int i = 0; i < ROUNDS; i++) {
        const struct wide in = any_wide();
        struct wide out;
        wide_out = any_wide();
        const err_t err = scalars_wide(&client, in.i, in.i32, in.i64, in.u32, in.u64, in.ip, in.up, in.size, &out.i,
                                       &out.i32, &out.i64, &out.u32, &out.u64, &out.ip, &out.up, &out.size);
        EXPECT_EQ(err.trail, 0, "round %d", i);
        expect_wide(wide_in, in, "in");
        expect_wide(out, wide_out, "out");
    }
}

TEST(roundtrip, named_types)
{
    struct rpc_client client = { .serve = serve_scalars };

    restart();
    for (int i = 0; i < ROUNDS; i++) {
        const struct named in = any_named();
        struct named out;
        named_out = any_named();
        const err_t err = scalars_named(&client, in.hue, in.pid, in.bytes, in.verdict, in.err, in.iref, &out.hue,
                                        &out.pid, &out.bytes, &out.verdict, &out.err, &out.iref);
        EXPECT_EQ(err.trail, 0, "round %d", i);
        expect_named(named_in, in, "in");
        expect_named(out, named_out, "out");
    }
}

/* The error comes back whole, and then nothing else does. */
TEST(roundtrip, errors)
{
    struct rpc_client client = { .serve = serve_scalars };

    restart();
    for (int i = 0; i < ROUNDS; i++) {
        const uint8_t a = (uint8_t)any();
        const int8_t b = (int8_t)any();
        uint8_t p = 77;
        int8_t q = 78;
        mixed_error = any_bool() ? OK : (err_t){ any() };
        const err_t err = scalars_mixed(&client, a, &p, b, &q);
        EXPECT_EQ(err.trail, mixed_error.trail, "round %d", i);
        EXPECT_EQ(p, err_ok(err) ? (uint8_t)(a + 1) : 77, "round %d", i);
        EXPECT_EQ(q, err_ok(err) ? b / 2 : 78, "round %d", i);
        EXPECT_EQ(client.reply.length, err_ok(err) ? 2 : 1, "only what is needed travels");
    }
    client.fail = ERR(E_DEAD);
    uint8_t p = 77;
    int8_t q = 78;
    EXPECT_EQ(scalars_mixed(&client, 1, &p, 2, &q).trail, E_DEAD, "of the transport");
    EXPECT(p == 77 && q == 78, "untouched");
}

/* --- capabilities --- */

static cptr_t cap_in, cap_out;
static uint32_t key_in;
static err_t cap_error;

static err_t on_copy_in(void *session, cptr_t a)
{
    (void)session;
    cap_in = a;
    return cap_error;
}

static err_t on_give_in(void *session, uint32_t key, cptr_t a)
{
    (void)session;
    key_in = key;
    cap_in = a;
    return cap_error;
}

static err_t on_copy_out(void *session, cptr_t *p)
{
    (void)session;
    *p = cap_out;
    return cap_error;
}

static err_t on_give_out(void *session, bool last, cptr_t *p, uint8_t *left)
{
    (void)session;
    *p = cap_out;
    *left = last ? 0 : 200;
    return cap_error;
}

static void on_both(void *session, cptr_t a, cptr_t *p)
{
    (void)session;
    cap_in = a;
    *p = cap_out;
}

static const struct caps_ops caps_ops = {
    .copy_in = on_copy_in, .give_in = on_give_in, .copy_out = on_copy_out, .give_out = on_give_out, .both = on_both
};

static void serve_caps(struct rpc_message *m)
{
    caps_serve(&caps_ops, NULL, m);
}

TEST(roundtrip, capabilities_in)
{
    struct rpc_client client = { .serve = serve_caps };
    const unsigned before = wire_drops();

    cap_error = OK;
    const cptr_t copied = wire_new_cap(), given = wire_new_cap();
    EXPECT_EQ(caps_copy_in(&client, copied).trail, 0, "copy");
    EXPECT_EQ(cap_in, copied, "copy");
    EXPECT(!client.request.give && client.request.length == 0 && client.reply.length == 0, "copied, nothing else");
    EXPECT_EQ(caps_give_in(&client, 0x89abcdef, given).trail, 0, "give");
    EXPECT(cap_in == given && key_in == 0x89abcdef && client.request.give, "given, with its key");
    cap_error = ERR(E_CAP_TYPE);
    EXPECT_EQ(caps_give_in(&client, 1, given).trail, E_CAP_TYPE, "refused by the handler");
    EXPECT_EQ(client.reply.cap, CPTR_NULL, "an error brings nothing back");
    EXPECT_EQ(wire_drops(), before, "what a handler got is the handler's, also if it fails");
}

TEST(roundtrip, capabilities_out)
{
    struct rpc_client client = { .serve = serve_caps };
    cptr_t got = 77;
    uint8_t left = 78;

    cap_error = OK;
    cap_out = wire_new_cap();
    EXPECT_EQ(caps_copy_out(&client, &got).trail, 0, "copy");
    EXPECT(got == cap_out && !client.reply.give, "copied");
    EXPECT_EQ(caps_give_out(&client, false, &got, &left).trail, 0, "give");
    EXPECT(got == cap_out && left == 200 && client.reply.give, "given, with its word");
    const cptr_t sent = wire_new_cap();
    EXPECT_EQ(caps_both(&client, sent, &got).trail, 0, "both");
    EXPECT(cap_in == sent && got == cap_out && client.reply.give && !client.request.give, "one each way");

    cap_error = ERR(E_FULL);
    got = 77;
    EXPECT_EQ(caps_give_out(&client, true, &got, &left).trail, E_FULL, "refused by the handler");
    EXPECT(got == 77 && left == 200 && client.reply.cap == CPTR_NULL, "an error brings nothing else");
    cap_error = OK;
    cap_out = CPTR_NULL;
    EXPECT_EQ(caps_copy_out(&client, &got).trail, E_RPC_REPLY, "a server that forgot the capability");
    EXPECT_EQ(got, 77, "untouched");
}

/* --- the others --- */

static unsigned pings;

static void on_ping(void *session)
{
    (void)session;
    pings++;
}

static err_t on_fail(void *session)
{
    (void)session;
    return (err_t){ (uint64_t)E_POOL_RAM << 48 | (uint64_t)E_DEAD << 16 | E_FULL };
}

static void on_add(void *session, uint64_t a, uint64_t b, uint64_t *sum)
{
    (void)session;
    *sum = a + b;
}

static void serve_empty(struct rpc_message *m)
{
    empty_serve(&(const struct empty_ops){ .ping = on_ping, .fail = on_fail, .add = on_add }, NULL, m);
}

TEST(roundtrip, nothing_in_nothing_out)
{
    struct rpc_client client = { .serve = serve_empty };
    uint64_t sum = 0;

    pings = 0;
    EXPECT_EQ(empty_ping(&client).trail, 0, "ping");
    EXPECT_EQ(pings, 1, "ping");
    EXPECT(client.request.length == 0 && client.reply.length == 0, "no words");
    EXPECT_EQ(empty_fail(&client).trail, on_fail(NULL).trail, "a trail of three");
    EXPECT_EQ(empty_add(&client, 1ull << 63, 42, &sum).trail, 0, "add");
    EXPECT_EQ(sum, (1ull << 63) + 42, "add");
}

static uint64_t names_seen[4];

static err_t on_client(void *session, uint64_t c, uint64_t m, uint64_t c_, uint64_t *ops)
{
    (void)session;
    *ops = c + 10 * m + 100 * c_;
    return OK;
}

static void on_server(void *session_, uint64_t ops, uint64_t session, uint64_t err, uint64_t word, uint64_t *m,
                      uint64_t *m_)
{
    (void)session_;
    memcpy(names_seen, (uint64_t[]){ ops, session, err, word }, sizeof(names_seen));
    *m = 5;
    *m_ = 6;
}

static void serve_names(struct rpc_message *m)
{
    names_serve(&(const struct names_ops){ .client = on_client, .server = on_server }, NULL, m);
}

TEST(roundtrip, arguments_called_like_the_stubs_own)
{
    struct rpc_client client = { .serve = serve_names };
    uint64_t sum = 0, m = 0, m_ = 0;

    EXPECT_EQ(names_client(&client, 1, 2, 3, &sum).trail, 0, "client");
    EXPECT_EQ(sum, 321, "client");
    EXPECT_EQ(names_server(&client, 1, 2, 3, 4, &m, &m_).trail, 0, "server");
    EXPECT(m == 5 && m_ == 6 && names_seen[0] == 1 && names_seen[1] == 2 && names_seen[2] == 3 && names_seen[3] == 4,
           "server");
}

static err_t on_read(void *session, units_unit_t what, uint64_t skip, units_sample_t *value,
                     shared_unit_or_none_t *next)
{
    (void)session;
    *value = (units_sample_t)skip + 1;
    *next = what == UNITS_UNIT_SECONDS ? UNITS_UNIT_INSTRUCTIONS : UNITS_UNIT_SECONDS;
    return OK;
}

static units_sample_t written;

static err_t on_write(void *session, units_sample_t value, units_unit_t what)
{
    (void)session;
    REQUIRE(what == UNITS_UNIT_INSTRUCTIONS, E_ARG);
    written = value;
    return OK;
}

static void serve_shared(struct rpc_message *m)
{
    shared_serve(&(const struct shared_ops){ .read = on_read }, NULL, m);
}

static void serve_shared2(struct rpc_message *m)
{
    shared2_serve(&(const struct shared2_ops){ .write = on_write }, NULL, m);
}

/* What one interface gave out can be handed to the other: the types are the same. */
TEST(roundtrip, types_of_an_import)
{
    struct rpc_client reader = { .serve = serve_shared }, writer = { .serve = serve_shared2 };
    units_sample_t value = 0;
    units_unit_t next = UNITS_UNIT_SECONDS;

    EXPECT_EQ(shared_read(&reader, UNITS_UNIT_SECONDS, 6, &value, &next).trail, 0, "read");
    EXPECT_EQ(shared2_write(&writer, value, next).trail, 0, "write");
    EXPECT_EQ(written, 7, "through both");
}

TEST(roundtrip, fingerprints_differ)
{
    const uint64_t all[] = { CAPS_FINGERPRINT,    DOCS_FINGERPRINT,   EMPTY_FINGERPRINT,  NAMES_FINGERPRINT,
                             SCALARS_FINGERPRINT, SHARED_FINGERPRINT, SHARED2_FINGERPRINT };

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        for (size_t j = 0; j < i; j++) {
            EXPECT(all[i] != all[j], "%zu and %zu", i, j);
        }
    }
}
