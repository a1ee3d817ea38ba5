/**
 * @file ump.c  Benches of UMP (os/ump_ring.h, os/rpc_ump.h).  What a message costs on either side is measured in one
 * process, which has both ends: over 1024 messages, with the acknowledgements in them.  The call is between two
 * processes of this core.
 */
#include "bench.h"
#include <os/rpc_ump.h>
#include <os/string.h>

#define PAGE     SHOAL_PAGE_SIZE
#define MESSAGES 1024u
#define BATCH    4u             /* sent, then received */
#define EVENT    8u

struct pair {
    struct ump_end end[2];
    uint64_t sent, received;    /* instructions */
};

static void *zeroed_page(struct test *t, cptr_t *frame)
{
    *frame = test_make(t, CAP_FRAME, PAGE, 1);
    void *const va = test_map(t, *frame, 0, PAGE, MAP_READ | MAP_WRITE, NULL);

    if (va) {
        memset(va, 0, PAGE);
    }
    return va;
}

static bool make_pair(struct test *t, struct pair *p)
{
    cptr_t frame;
    struct ump_seat seat = { .frame = zeroed_page(t, &frame), .slots = UMP_RPC_SLOTS };

    *p = (struct pair){ 0 };
    if (!seat.frame) {
        return false;
    }
    ump_end_init(&p->end[0], &seat, false);
    seat.side = 1;
    ump_end_init(&p->end[1], &seat, false);
    return true;
}

/* One way: nothing comes back but acknowledgements. */
static bool ring_messages(struct test *t, struct pair *p, unsigned words)
{
    uint64_t word[UMP_WORDS] = { 0 };
    const uint64_t none = overhead();
    bool good = make_pair(t, p);

    for (unsigned i = 0; good && i < MESSAGES; i += BATCH) {
        for (unsigned k = 0; k < BATCH; k++) {
            const uint64_t begin = clock_now();
            const err_t err = ump_ring_send(&p->end[0].ring, k, word, words);
            p->sent += clock_now() - begin - none;
            good = err_ok(err) && good;
        }
        for (unsigned k = 0; k < BATCH; k++) {
            uint32_t head;
            unsigned got;
            const uint64_t begin = clock_now();
            const err_t err = ump_ring_receive(&p->end[1].ring, &head, word, &got);
            p->received += clock_now() - begin - none;
            good = err_ok(err) && got == words && head == k && good;
        }
    }
    CHECK(t, good, "a message was lost");
    return good;
}

static bool send_line(struct test *t, uint64_t *value)
{
    static struct pair p;
    const bool good = ring_messages(t, &p, 1);

    *value = p.sent / MESSAGES;
    return good;
}

static bool send_7_line(struct test *t, uint64_t *value)
{
    static struct pair p;
    const bool good = ring_messages(t, &p, UMP_WORDS);

    *value = p.sent / MESSAGES;
    return good;
}

static bool receive_line(struct test *t, uint64_t *value)
{
    static struct pair p;
    const bool good = ring_messages(t, &p, 1);

    *value = p.received / MESSAGES;
    return good;
}

static bool receive_7_line(struct test *t, uint64_t *value)
{
    static struct pair p;
    const bool good = ring_messages(t, &p, UMP_WORDS);

    *value = p.received / MESSAGES;
    return good;
}

/* A request there and a reply back, each as a stub's transport sends and receives it, without any waiting. */
static bool rpc_messages(struct test *t, uint64_t *value)
{
    static struct pair p;
    const uint64_t none = overhead();
    bool good = make_pair(t, &p);
    uint64_t sum = 0;

    for (unsigned i = 0; good && i < MESSAGES; i++) {
        struct rpc_message m = { .number = 3, .length = 1 };
        uint32_t token = i & UMP_TOKEN_MASK;
        const uint64_t begin = clock_now();
        for (unsigned k = 0; k < 2; k++) {
            good = err_ok(ump_send(&p.end[k], token, &m)) && good;
            good = err_ok(ump_receive(&p.end[!k], &token, &m)) && good;
        }
        sum += clock_now() - begin - none;
    }
    CHECK(t, good, "a message was lost");
    *value = sum / MESSAGES;
    return good;
}

/* ---- two processes of this core ---- */

static struct ump_seat child_seat(const volatile struct shared *page, unsigned side)
{
    return (struct ump_seat){ .frame = (void *)page->arg[0], .side = side, .slots = UMP_RPC_SLOTS, .event = EVENT,
                              .wake = page->arg[1] };
}

static void echo(struct rpc_session *session, struct rpc_message *m)
{
    (void)session;
    rpc_reply(m, m->length);
}

static void gone(struct rpc_session *session)
{
    (void)session;
}

static void child_echo(volatile struct shared *page)
{
    struct rpc_session *table[EVENT + 1] = { 0 };
    struct rpc_server server = { .session = table, .events = EVENT + 1 };
    struct rpc_session session = { .serve = echo, .closed = gone };
    struct rpc_pending pending = { 0 };
    struct ump_session ump = { 0 };
    const struct ump_seat seat = child_seat(page, 1);

    rpc_session_init_ump(&server, &session, &ump, &seat);
    while (table[EVENT]) {
        rpc_server_step(&server, &pending);
    }
    child_exit();
}

static void child_calls(volatile struct shared *page)
{
    struct rpc_client client = { 0 };
    struct ump_client ump;
    const struct ump_seat seat = child_seat(page, 0);

    rpc_client_init_ump(&client, &ump, &seat);
    for (unsigned i = 0; i < SAMPLES; i++) {
        struct rpc_message m = { .number = 3, .length = 1 };
        const uint64_t begin = clock_now();
        const err_t err = rpc_call_alone(&client, &m);
        page->result[i] = clock_now() - begin;
        page->more[0] = err_ok(err) ? page->more[0] : err.trail;
    }
    rpc_client_close_ump(&client);
    child_exit();
}

static bool call_line(struct test *t, uint64_t *value)
{
    static struct proc client, server;
    struct proc *const side[2] = { &client, &server };
    uint64_t sample[SAMPLES];
    cptr_t frame, notify[2];

    if (!zeroed_page(t, &frame) || !proc_make(t, &client, child_calls) || !proc_make(t, &server, child_echo)) {
        return false;
    }
    for (unsigned i = 0; i < 2; i++) {
        notify[i] = test_make(t, CAP_NOTIFY, 0, 1);
        EXPECT_OK(t, notify_bind(notify[i], side[i]->disp, EVENT));
        side[i]->page->arg[0] = proc_map(side[i], frame, 0, PAGE, MAP_READ | MAP_WRITE);
        side[!i]->page->arg[1] = proc_give(side[!i], notify[i], RIGHT_WRITE);
    }
    EXPECT_OK(t, dispatcher_start(server.disp));
    EXPECT_OK(t, dispatcher_start(client.disp));
    const bool good = proc_finish(&client) && proc_finish(&server);
    CHECK_EQ(t, client.page->more[0], 0);
    for (unsigned i = 0; i < SAMPLES; i++) {
        sample[i] = client.page->result[i];
    }
    *value = median(sample, SAMPLES) - overhead();
    return good;
}

const struct bench_line bench_ump[] = {
    { "ump-send", 60, send_line },
    { "ump-receive", 60, receive_line },
    { "ump-send-7-words", 60, send_7_line },
    { "ump-receive-7-words", 60, receive_7_line },
    { "ump-rpc-messages", 0, rpc_messages },
    { "ump-call-one-core", 0, call_line },
    { 0 },
};
