/** @file unit.c  One interface: UNIT is its name, driver.c what random_gen.py wrote for it. */
#include "bindrandom.h"

#define PASTE_(a, b)  a##b
#define PASTE(a, b)   PASTE_(a, b)
#define TEXT_(a)      #a
#define TEXT(a)       TEXT_(a)
#define OF_UNIT(name) PASTE(UNIT, name)
#define BINDING       OF_UNIT(_binding)
#include STUBS

#define EXPECT(right, ...)  world_check((right), TEXT(UNIT), __LINE__, __VA_ARGS__)
#define EXPECT_EQ(a, b, ...) world_check((a) == (b), TEXT(UNIT), __LINE__, __VA_ARGS__)
#define new_cap             world_cap
#define cap_what            world_cap_what
#define expected_seed       world_expected()
#define received            world.received

/* Of each half from each side, and of calls of each rpc. */
#define ROUNDS 3u

#include "random_values.h"

/* --- what the driver uses --- */

#define KEPT 256u
static cptr_t kept[KEPT];
static unsigned kept_count;

static void count_sent(void *arg)
{
    (void)arg;
    world.sent++;
}

/* What an answer copies goes when the answer has been sent. */
UNUSED static void keep(cptr_t cap)
{
    EXPECT(kept_count < KEPT, "too many capabilities");
    if (cap != CPTR_NULL && kept_count < KEPT) {
        kept[kept_count++] = cap;
    }
}

static void drop_kept(void)
{
    while (kept_count) {
        binding_drop_cap(kept[--kept_count]);
    }
}

static bool refused(err_t err)
{
    EXPECT(err_ok(err), "sent: %s", err_name(err_root(err)));
    return !err_ok(err);
}

UNUSED static bool closed(err_t err)
{
    EXPECT(err_root(err) != E_RPC_CLOSED, "the other side is gone");
    return err_root(err) == E_RPC_CLOSED;
}

/* The server is a process of its own. */
UNUSED static void run_server(struct rpc_future *future)
{
    (void)future;
}

#include "driver.c"

/* --- both sides --- */

static bool send(struct BINDING *b, err_t (*half)(struct BINDING *b, uint64_t seed), void (*done)(void),
                 struct waitset *ws)
{
    const uint64_t before = world.sent;

    if (refused(half(b, world_next())) || !world_until(ws, &world.sent, before + 1)) {
        return false;
    }
    done();
    return true;
}

/* Each side that may send a half does.  Of one that the other side sends this side gets one more. */
static bool messages(struct BINDING *b, struct waitset *ws)
{
    uint64_t want = received;

    for (unsigned i = 0; i < ROUNDS * HALVES; i++) {
        const struct half *const h = &halves[i % HALVES];
        if (world.server) {
            if (!world_until(ws, &received, ++want) ||
                (h->answer && !send(b, h->answer, h->answer_done, ws)) || (h->both && !send(b, h->send, h->done, ws))) {
                return false;
            }
        } else {
            want += h->both || h->answer;
            if (!send(b, h->send, h->done, ws) || !world_until(ws, &received, want)) {
                return false;
            }
        }
    }
    return true;
}

/* --- client --- */

static bool with_connection(iref_t iref, bool (*what)(struct BINDING *b, struct waitset *ws))
{
    struct BINDING *b;
    struct waitset ws;

    waitset_init(&ws);
    const err_t err = OF_UNIT(_connect)(iref, &ws, &b);
    EXPECT(err_ok(err), "connect: %s", err_name(err_root(err)));
    if (!err_ok(err)) {
        return false;
    }
    b->rx_vtbl = handlers;
    const bool done = what(b, &ws);
    EXPECT(err_ok(OF_UNIT(_control)(b, IDC_CONTROL_TEARDOWN)), "teardown");
    EXPECT(err_ok(waitset_destroy(&ws)), "waitset");
    return done;
}

static bool all_calls(struct BINDING *b, struct waitset *ws)
{
    (void)b, (void)ws;
#if RPCS
    for (unsigned i = 0; i < ROUNDS * RPCS; i++) {
        calls[i % RPCS](b, world_next());
    }
#endif
    return true;
}

static bool talk(iref_t iref)
{
    return with_connection(iref, messages) && with_connection(iref, all_calls) && world.wrong == 0;
}

/* --- server --- */

static struct waitset ws;
static struct BINDING *client;
static uint64_t connections, ended;
static iref_t exported_as;

static void on_end(struct BINDING *b, err_t err)
{
    EXPECT(err_root(err) == E_RPC_CLOSED, "why it ended: %s", err_name(err_root(err)));
    EXPECT(err_ok(OF_UNIT(_control)(b, IDC_CONTROL_TEARDOWN)), "the rest of it");
    ended++;
}

static err_t connected(void *st, struct BINDING *b)
{
    (void)st;
    client = b;
    b->error_handler = on_end;
    b->rx_vtbl = handlers;
#if RPCS
    if (connections) {
        b->rx_vtbl = without_calls;
        b->ops = &ops;
    }
#endif
    connections++;
    return OK;
}

static void exported(void *st, err_t err, iref_t iref)
{
    (void)st;
    EXPECT(err_ok(err), "export");
    exported_as = iref;
}

static bool answer_all(void)
{
    uint64_t want = received;

    for (unsigned i = 0; i < ROUNDS * RPCS; i++) {
        if (!world_until(&ws, &received, ++want)) {
            return false;
        }
        while (ended < 2 && !binding_can_send(&client->common)) {
            err_ignore(event_dispatch_until(&ws, events_now() + time_hz() / 1000));
        }
        drop_kept();
    }
    return true;
}

static bool serve(const char *service)
{
    waitset_init(&ws);
    if (!err_ok(OF_UNIT(_export)(NULL, exported, connected, &ws)) || !err_ok(event_dispatch(&ws)) ||
        !err_ok(binding_publish(&exported_as, service))) {
        EXPECT(false, "nobody can find us");
        return false;
    }
    return world_until(&ws, &connections, 1) && messages(client, &ws) && world_until(&ws, &ended, 1) &&
           world_until(&ws, &connections, 2) && answer_all() && world_until(&ws, &ended, 2) && world.wrong == 0;
}

const struct unit PASTE(unit_, AS) = { TEXT(AS), HALVES, RPCS, serve, talk };
