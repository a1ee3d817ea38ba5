/** @file ends.c  How conversations end. */
#include "bindtest.h"

/* A server that another client is served by afterwards. */
void still_serves(struct test *t, const struct server *s)
{
    struct talk_binding *b;
    struct seen seen;

    if (client_open(t, s, &seen, &b)) {
        call_works(t, b);
        client_close(t, b, &seen);
    }
}

/* --- properly --- */

static void client_teardown(struct test *t)
{
    struct talk_binding *b;
    struct server s;
    struct seen seen;
    struct rpc_future f;
    uint64_t twice;

    if (!server_start(t, &s)) {
        return;
    }
    for (unsigned i = 0; i < 20 && t->wrong == 0; i++) {
        if (!client_open(t, &s, &seen, &b)) {
            break;
        }
        if (i % 3 == 1) {
            call_works(t, b);
        } else if (i % 3 == 2) {                            /* with a call under way */
            EXPECT_OK(t, talk_rpc_later_start(b, &f, LATER_HELD));
            rpc_future_cancel(&f);
        }
        client_close(t, b, &seen);
    }
    if (client_open(t, &s, &seen, &b)) {
        EXPECT_OK(t, talk_rpc_later(b, 5, &twice));
        client_close(t, b, &seen);
    }
    server_stop(t, &s);
}

void ends_client_teardown(struct test *t)
{
    test_same_memory(t, client_teardown);
}

static void server_teardown(struct test *t)
{
    struct talk_binding *b;
    struct server s;
    struct seen seen;
    uint64_t sum;

    if (!server_start(t, &s)) {
        return;
    }
    for (unsigned i = 0; i < 10 && t->wrong == 0; i++) {
        if (!client_open(t, &s, &seen, &b)) {
            break;
        }
        EXPECT_OK(t, talk_say__tx(b, NOP_CONT, ORDER_TEARDOWN, TALK_VOICE_QUIET));
        if (i % 2) {
            EXPECT_ERR(t, talk_rpc_add(b, 1, 2, &sum), E_RPC_CLOSED);
        }
        serve_until(t, &seen, &seen.ended);
        EXPECT_ERR(t, seen.why, E_RPC_CLOSED);
        EXPECT_ERR(t, talk_rpc_add(b, 1, 2, &sum), E_RPC_CLOSED);
        CHECK_EQ(t, seen.ended, 1);
        client_close(t, b, &seen);
    }
    still_serves(t, &s);
    server_stop(t, &s);
}

void ends_server_teardown(struct test *t)
{
    test_same_memory(t, server_teardown);
}

/* --- by death --- */

static void server_dies(struct test *t, bool by_itself)
{
    struct talk_binding *b;
    struct rpc_future f;
    struct server s;
    struct seen seen;
    uint64_t twice;

    if (!server_start(t, &s) || !client_open(t, &s, &seen, &b)) {
        return;
    }
    EXPECT_OK(t, talk_rpc_later_start(b, &f, LATER_HELD));
    if (by_itself) {
        EXPECT_OK(t, talk_say__tx(b, NOP_CONT, ORDER_EXIT, TALK_VOICE_QUIET));
    } else {
        EXPECT_OK(t, process_kill(s.pid));
    }
    EXPECT_ERR(t, talk_rpc_later_finish(&f, events_now() + in_ms(5000), &twice), E_RPC_CLOSED);
    serve_until(t, &seen, &seen.ended);
    EXPECT_ERR(t, seen.why, E_RPC_CLOSED);
    client_close(t, b, &seen);
    run_ends(t, s.pid, by_itself ? EXIT_STATUS : STATUS_KILLED);
}

static void server_exits(struct test *t)
{
    server_dies(t, true);
}

static void server_killed(struct test *t)
{
    server_dies(t, false);
}

void ends_server_exits(struct test *t)
{
    test_same_memory(t, server_exits);
}

void ends_server_killed(struct test *t)
{
    test_same_memory(t, server_killed);
}

static err_t victim(const char *name, uint64_t kind)
{
    static uint8_t data[150000];
    struct talk_binding *b;
    uint8_t *copy;
    char *back;
    size_t copied;
    uint64_t twice;
    iref_t iref;

    TRY(binding_lookup(name, true, &iref));
    for (;;) {
        TRY(talk_connect(iref, NULL, &b));
        if (kind == 0) {
            TRY(talk_rpc_later(b, LATER_HELD, &twice));
        }
        for (unsigned i = 0; i < (kind & 1 ? ~0u : 2u); i++) {
            TRY(talk_rpc_echo(b, "victim", data, 20000, &back, &copy, &copied));
            heap_free(back);
            heap_free(copy);
            if (kind == 3) {
                TRY(talk_rpc_mirror(b, data, sizeof(data), &copy, &copied));
                heap_free(copy);
            }
        }
        TRY(talk_control(b, IDC_CONTROL_TEARDOWN));
    }
}

/* kind 0: waits for an answer that never comes; 1: makes long calls; 2: comes and goes; 3: makes longer ones. */
int role_victim(const char *name, uint64_t kind)
{
    err_print("bindtest victim", victim(name, kind));
    return 1;
}

static void client_killed(struct test *t)
{
    struct server s;
    uint64_t pid;

    if (!server_start(t, &s)) {
        return;
    }
    for (unsigned i = 0; i < 16 && t->wrong == 0; i++) {
        MUST(t, child("victim", s.name, i % 4, &pid));
        run_sleep(5000 + i * 1300);
        EXPECT_OK(t, process_kill(pid));
        run_ends(t, pid, STATUS_KILLED);
        still_serves(t, &s);
    }
    server_stop(t, &s);
}

void ends_client_killed(struct test *t)
{
    test_same_memory(t, client_killed);
}

/* --- hostile --- */

uint64_t wild_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static struct frame wild_frame(uint64_t *r, uint64_t at)
{
    struct frame f = { .head = (uint32_t)(wild_random(r) % 9), .words = (uint8_t)(wild_random(r) % 9) };

    if (at == 0 && wild_random(r) % 8) {
        return (struct frame){ .head = 0x4001, .words = 1, .word = { TALK_FINGERPRINT } };
    }
    if (wild_random(r) % 4 == 0) {
        f.head = (uint32_t)wild_random(r);
    } else if (wild_random(r) % 3 == 0) {
        f.head |= (uint32_t)(wild_random(r) % 3) << 14 | (uint32_t)(wild_random(r) % 64) << 16;
    }
    for (unsigned i = 0; i < f.words; i++) {
        f.word[i] = wild_random(r) % 3 ? wild_random(r) % 12 : wild_random(r);
    }
    if (wild_random(r) % 6 == 0) {
        f.cap = PSLOT_MEMORY;
    }
    return f;
}

static void wild_connection(struct transport *t, uint64_t *r)
{
    const uint64_t frames = 1 + wild_random(r) % 30;
    struct frame got;

    for (uint64_t i = 0; i < frames; i++) {
        const struct frame f = wild_frame(r, i);
        if (!err_ok(t->ops->send(t, &f))) {
            thread_yield();
            sys_yield();
        }
        while (wild_random(r) % 4 && err_ok(t->ops->receive(t, &got))) {
            if (got.cap != CPTR_NULL) {
                binding_drop_cap(got.cap);
            }
        }
    }
    t->ops->close(t);
}

int role_wild(const char *name, uint64_t seed)
{
    struct transport *t;
    uint64_t r = seed * 0x9e3779b97f4a7c15ull + 1;
    iref_t iref;

    if (!err_ok(binding_lookup(name, true, &iref))) {
        return 1;
    }
    for (unsigned i = 0; i < 60; i++) {
        if (!err_ok(binding_reach(iref, &t))) {
            return 2;
        }
        wild_connection(t, &r);
    }
    return 0;
}

static void hostile_client(struct test *t)
{
    struct server s;
    uint64_t pid;

    if (!server_start(t, &s)) {
        return;
    }
    for (uint64_t seed = 1; seed <= 4 && t->wrong == 0; seed++) {
        MUST(t, child("wild", s.name, seed, &pid));
        still_serves(t, &s);
        run_ends(t, pid, 0);
        still_serves(t, &s);
    }
    server_stop(t, &s);
}

void ends_hostile_client(struct test *t)
{
    test_same_memory(t, hostile_client);
}
