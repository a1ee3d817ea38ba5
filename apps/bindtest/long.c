/** @file long.c  Long messages, which go through Frames that both sides share; and Frames that go while they are read. */
#include "bindtest.h"

#include <os/binding_share.h>
#include <os/fault.h>

#define MOST 1048000u                       /* of blob and mirror */

enum { NOTE = 2, BLOB = 8 };                /* numbers of messages */

void blob_of(uint64_t number, uint8_t *data, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        data[i] = (uint8_t)(number + i * 7 + i / 256);
    }
}

bool blob_is(uint64_t number, const uint8_t *data, size_t bytes)
{
    size_t i = 0;

    while (i < bytes && data[i] == (uint8_t)(number + i * 7 + i / 256)) {
        i++;
    }
    return i == bytes;
}

static uint8_t *blob_new(struct test *t, uint64_t number, size_t bytes)
{
    uint8_t *const data = heap_take(bytes);

    CHECK(t, data, "no memory for %lu bytes", bytes);
    if (data) {
        blob_of(number, data, bytes);
    }
    return data;
}

/* --- of any length --- */

static void mirror(struct test *t, struct talk_binding *b, size_t bytes)
{
    uint8_t *const data = blob_new(t, bytes, bytes), *copy;
    size_t copied;

    if (data && EXPECT_OK(t, talk_rpc_mirror(b, data, bytes, &copy, &copied))) {
        CHECK(t, copied == bytes && blob_is(bytes, copy, bytes), "%lu bytes came back changed", bytes);
        heap_free(copy);
    }
    heap_free(data);
}

/* There and back as messages, with short ones between them. */
static void pass(struct test *t, struct talk_binding *b, struct seen *seen, uint64_t number, size_t bytes)
{
    uint8_t *const data = blob_new(t, number, bytes);

    if (!data) {
        return;
    }
    seen->noted = 0;
    EXPECT_OK(t, talk_blob__tx(b, NOP_CONT, number, data, bytes));
    call_works(t, b);
    serve_until(t, seen, &seen->noted);
    CHECK(t, seen->number == number && seen->bytes == bytes && seen->same, "blob %lu of %lu came back changed", number,
          bytes);
    heap_free(data);
}

static void of_any_length(struct test *t)
{
    static const size_t lengths[] = { 100, 191, 192, 193, 300, 5000, 16000, 16384, 40000, 70000, 200000, MOST, 500 };
    struct talk_binding *b;
    struct server s;
    struct seen seen;

    if (!server_start(t, &s)) {
        return;
    }
    if (client_open(t, &s, &seen, &b)) {
        for (unsigned i = 0; i < sizeof(lengths) / sizeof(lengths[0]) && t->wrong == 0; i++) {
            mirror(t, b, lengths[i]);
            pass(t, b, &seen, i, lengths[i]);
        }
        for (unsigned i = 0; i < 100 && t->wrong == 0; i++) {
            mirror(t, b, i * 37 + 1);
        }
        client_close(t, b, &seen);
    }
    server_stop(t, &s);
}

void calls_of_any_length(struct test *t)
{
    test_same_memory(t, of_any_length);
}

/* --- teardown gives back, on both sides --- */

static uint64_t granted(struct test *t, uint64_t pid)
{
    struct process_info info = { .pid = 0 };

    EXPECT_OK(t, process_next(pid - 1, &info));
    CHECK_EQ(t, info.pid, pid);
    return info.granted;
}

static void given_back(struct test *t)
{
    uint64_t server_has = 0, we_have = 0, slots = 0;
    struct talk_binding *b;
    struct server s;
    struct seen seen;

    if (!server_start(t, &s)) {
        return;
    }
    for (unsigned i = 0; i < 40 && t->wrong == 0 && client_open(t, &s, &seen, &b); i++) {
        mirror(t, b, 1000 + i % 5 * 90000);
        client_close(t, b, &seen);
        still_serves(t, &s);                       /* the server has heard of the end, too */
        if (i == 19) {
            server_has = granted(t, s.pid);
            we_have = granted(t, os_startup()->pid);
            slots = os_stock()->slots.used;
        }
    }
    CHECK_EQ(t, granted(t, s.pid), server_has);
    CHECK_EQ(t, granted(t, os_startup()->pid), we_have);
    CHECK(t, os_stock()->slots.used <= slots, "%lu slots were in use, now %lu", slots, os_stock()->slots.used);
    server_stop(t, &s);
}

void ends_give_back(struct test *t)
{
    test_same_memory(t, given_back);
}

/* --- threads: each packet waits for its turn in the Frame --- */

#define THREADS 4u
#define STACK   16384u

_Alignas(16) static char stack[THREADS][STACK];

struct caller {
    struct talk_binding *b;
    uint64_t number, wrong;
};

static uint64_t call_often(void *arg)
{
    struct caller *const c = arg;

    for (uint64_t i = 0; i < 60; i++) {
        const size_t bytes = (c->number * 1000 + i * 331) % 3000 + 1;
        uint8_t *const data = heap_take(bytes), *copy;
        size_t copied;
        blob_of(i, data, bytes);
        if (err_ok(talk_rpc_mirror(c->b, data, bytes, &copy, &copied))) {
            c->wrong += copied != bytes || !blob_is(i, copy, bytes);
            heap_free(copy);
        } else {
            c->wrong++;
        }
        heap_free(data);
    }
    return 0;
}

static void of_threads(struct test *t)
{
    struct caller caller[THREADS];
    struct thread *thread[THREADS];
    struct talk_binding *b;
    struct server s;
    struct seen seen;

    if (!server_start(t, &s)) {
        return;
    }
    if (client_open(t, &s, &seen, &b)) {
        for (unsigned i = 0; i < THREADS; i++) {
            const struct thread_options options = { .stack = stack[i], .stack_bytes = STACK };
            caller[i] = (struct caller){ b, i + 1, 0 };
            MUST(t, thread_create(&thread[i], call_often, &caller[i], &options));
        }
        for (unsigned i = 0; i < THREADS; i++) {
            EXPECT_OK(t, thread_join(thread[i], NULL));
            CHECK_EQ(t, caller[i].wrong, 0);
        }
        client_close(t, b, &seen);
    }
    server_stop(t, &s);
}

void calls_long_of_threads(struct test *t)
{
    test_same_memory(t, of_threads);
}

/* --- memory that goes --- */

/* In one process: what its maker has ended cannot be read any more, and whoever reads hears that. */
static bool reads_what_is_there(uint64_t bytes)
{
    static uint8_t copy[5000];
    struct binding_share ours, theirs;
    cptr_t cap;
    bool right = true;

    if (!err_ok(binding_share_make(&ours, bytes, &cap))) {
        return false;
    }
    if (!err_ok(binding_share_map(&theirs, cap))) {
        binding_drop_cap(cap);
        binding_share_end(&ours);
        return false;
    }
    blob_of(bytes, (uint8_t *)ours.at, bytes);
    for (size_t part = 0; part < sizeof(copy); part = part * 2 + 1) {
        right &= binding_share_fetch(copy + part % 7, (uint8_t *)theirs.at + part % 5, part * 4990 / sizeof(copy));
    }
    right &= binding_share_fetch(copy, theirs.at, sizeof(copy)) && blob_is(bytes, copy, sizeof(copy));
    binding_share_end(&ours);
    for (size_t part = 1; part < sizeof(copy); part = part * 2 + 1) {
        right &= !binding_share_fetch(copy, theirs.at, part);
    }
    binding_share_end(&theirs);
    return right;
}

/* With a pager, if @p paging. */
int role_reader(const char *name, uint64_t paging)
{
    (void)name;
    if (paging && !err_ok(os_paging_start())) {
        return 2;
    }
    return !reads_what_is_there(8192) || !reads_what_is_there(BINDING_SHARE_MAX);
}

static void memory_goes(struct test *t)
{
    uint64_t pid;

    for (uint64_t paging = 0; paging < 2; paging++) {
        MUST(t, child("reader", "-", paging, &pid));
        run_ends(t, pid, 0);
    }
    CHECK(t, reads_what_is_there(12288), "memory that goes while it is read");
}

void ends_memory_goes(struct test *t)
{
    test_same_memory(t, memory_goes);
}

/* A client that sends something long and has gone, with its Frame, before the server looks. */
int role_leaver(const char *name, uint64_t count)
{
    static uint8_t data[60000];
    struct talk_binding *b;
    iref_t iref;

    if (!err_ok(binding_lookup(name, true, &iref))) {
        return 1;
    }
    for (uint64_t i = 0; i < count; i++) {
        if (!err_ok(talk_connect(iref, NULL, &b)) ||
            !err_ok(talk_blob__tx(b, NOP_CONT, i, data, 1000 + i * 1234 % sizeof(data))) ||
            !err_ok(talk_control(b, IDC_CONTROL_TEARDOWN))) {
            return 2;
        }
    }
    return 0;
}

/* What may be a note or a blob, or not. */
static void write_anything(const struct binding_share *s, uint64_t words, bool blob, uint64_t *r)
{
    for (uint64_t at = 1; at < words; at++) {
        s->at[at] = wild_random(r) % 200;
    }
    if (blob) {
        s->at[2] = (words - 3) * 8;
    }
}

/* Say what lies in @p s, change it, and take it away some time. */
static void lie(struct transport *t, struct binding_share *s, uint64_t *r)
{
    for (unsigned i = 0; i < 5; i++) {
        const uint64_t words = 26 + wild_random(r) % 400;
        const struct frame announcement = { .head = FRAME_SHARED, .words = 2,
                                            .word = { i % 2 ? NOTE : BLOB, words - 1 + (i == 4) * 200 } };
        write_anything(s, words, i % 2 == 0, r);
        err_ignore(t->ops->send(t, &announcement));         /* it may be over */
        if (wild_random(r) % 3) {
            sys_yield();
        }
        s->at[2] = wild_random(r);
        if (wild_random(r) % 6 == 0) {
            break;
        }
    }
    binding_share_end(s);
    sys_yield();
}

static err_t lie_once(iref_t iref, uint64_t bytes, uint64_t *r)
{
    const struct frame hello = { .head = 0x4001, .words = 1, .word = { TALK_FINGERPRINT } };
    struct frame offer = { .head = FRAME_OFFER, .give = true };
    struct binding_share share;
    struct transport *t;

    TRY(binding_reach(iref, &t));
    TRY(binding_share_make(&share, bytes, &offer.cap));
    err_t err = t->ops->send(t, &hello);
    if (err_ok(err)) {
        err = t->ops->send(t, &offer);
    }
    lie(t, &share, r);
    t->ops->close(t);
    return err;
}

int role_liar(const char *name, uint64_t seed)
{
    uint64_t r = seed * 0x9e3779b97f4a7c15ull + 1;
    iref_t iref;

    if (!err_ok(binding_lookup(name, true, &iref))) {
        return 1;
    }
    for (unsigned i = 0; i < 40; i++) {
        const err_t err = lie_once(iref, 4096u << i % 3, &r);
        if (!err_ok(err)) {
            err_print("bindtest liar", err);
            return 2;
        }
    }
    return 0;
}

static void peers(struct test *t)
{
    struct server s;
    uint64_t pid;

    if (!server_start(t, &s)) {
        return;
    }
    MUST(t, child("leaver", s.name, 30, &pid));
    run_ends(t, pid, 0);
    still_serves(t, &s);
    for (uint64_t seed = 1; seed <= 2; seed++) {
        MUST(t, child("liar", s.name, seed, &pid));
        run_ends(t, pid, 0);
        still_serves(t, &s);
    }
    server_stop(t, &s);
}

void ends_peers_memory(struct test *t)
{
    test_same_memory(t, peers);
}

/* --- a server that is killed while it answers at length --- */

struct killer {
    uint64_t pid, after;
};

static uint64_t kill_later(void *arg)
{
    const struct killer *const k = arg;

    run_sleep(k->after);
    return err_ok(process_kill(k->pid));
}

static void killed_at_length(struct test *t, uint64_t after)
{
    const struct thread_options options = { .stack = stack[0], .stack_bytes = STACK };
    static uint8_t data[100000];
    struct talk_binding *b;
    struct thread *thread;
    struct server s;
    struct seen seen;
    uint8_t *copy;
    size_t copied;
    uint64_t killed = 0;
    err_t err;

    if (!server_start(t, &s) || !client_open(t, &s, &seen, &b)) {
        return;
    }
    struct killer k = { s.pid, after };
    MUST(t, thread_create(&thread, kill_later, &k, &options));
    do {
        err = talk_rpc_mirror(b, data, sizeof(data), &copy, &copied);
        if (err_ok(err)) {
            heap_free(copy);
        }
    } while (err_ok(err));
    EXPECT_ERR(t, err, E_RPC_CLOSED);
    EXPECT_OK(t, thread_join(thread, &killed));
    CHECK_EQ(t, killed, 1);
    client_close(t, b, &seen);
    run_ends(t, s.pid, STATUS_KILLED);
}

static void long_server_killed(struct test *t)
{
    for (uint64_t i = 0; i < 8 && t->wrong == 0; i++) {
        killed_at_length(t, 3000 + i * 731);
    }
}

void ends_server_killed_at_length(struct test *t)
{
    test_same_memory(t, long_server_killed);
}
