/** @file services.c  Calls to monitor, memory server and process server from several threads at once, most of which bring a
 * capability. */
#include "bindtest.h"

#include <os/startup.h>
#include <os/stream.h>
#include <stubs/mem.h>
#include <stubs/proc.h>

#define THREADS 7u
#define STACK   16384u
#define ROUNDS  40u

_Alignas(16) static char stack[THREADS][STACK];

struct caller {
    const struct server *server;
    uint64_t number, event, random;
    unsigned done, wrong;
};

static bool is_of(cptr_t cap, enum cap_type type, uint64_t bytes)
{
    struct cap_info info;

    return err_ok(cap_identify(CPTR_NULL, cap, &info)) && info.type == type && (bytes == 0 || info.bytes == bytes);
}

/* Each thread wants another size, so that it sees whether it gets another one's. */
static bool take_memory(const struct caller *c)
{
    const uint64_t bytes = (1 + c->number) * SHOAL_PAGE_SIZE;
    cptr_t ram;

    if (!err_ok(ram_request(bytes, &ram))) {
        return false;
    }
    const bool right = is_of(ram, CAP_RAM, bytes);
    return err_ok(ram_give_back(ram)) && right;
}

static bool take_archive(const struct caller *c)
{
    uint64_t offset, bytes;
    cptr_t slot, frame;

    (void)c;
    if (!err_ok(binding_new_slot(&slot))) {
        return false;
    }
    rpc_receive_into(os_proc(), slot);
    const bool right = err_ok(proc_archive(os_proc(), &frame, &offset, &bytes)) && frame == slot &&
                       is_of(frame, CAP_FRAME, 0);
    binding_drop_cap(slot);
    return right;
}

static bool connect(const struct caller *c)
{
    struct talk_binding *b;
    uint64_t sum = 0;

    if (!err_ok(talk_connect(c->server->iref, NULL, &b))) {
        return false;
    }
    const bool right = err_ok(talk_rpc_add(b, c->number, 1, &sum)) && sum == c->number + 1;
    return err_ok(talk_control(b, IDC_CONTROL_TEARDOWN)) && right;
}

/* Calls that bring words only, in between. */
static bool ask(const struct caller *c)
{
    uint64_t limit, committed, granted;
    iref_t iref = 0;

    return err_ok(mem_usage(os_mem(), &limit, &committed, &granted)) &&
           err_ok(binding_lookup(c->server->name, false, &iref)) && iref == c->server->iref;
}

/* Servers answer at once, so nothing would happen between two instructions of a caller but for others that are more
 * urgent and wake up then. */
static void nap(struct caller *c)
{
    c->random = c->random * 6364136223846793005ull + 1442695040888963407ull;
    thread_sleep_until(events_now() + (c->random >> 33) % (time_hz() / 5000));
}

static uint64_t run_caller(void *arg)
{
    static bool (*const what[THREADS])(const struct caller *c) = { take_memory, take_memory, take_archive, take_archive,
                                                                   connect, connect, ask };
    struct caller *const c = arg;
    struct rpc_client *out;

    nap(c);
    /* All of them want this binding first: it is made once. */
    c->wrong += !err_ok(stream_binding(STREAM_OUT, &out)) || !err_ok(stream_flush(STREAM_OUT));
    c->event = out->end.event;
    for (; c->done < ROUNDS; c->done++) {
        c->wrong += !what[c->number](c);
        nap(c);
    }
    return 0;
}

/* @return how much was wrong, or was not done */
static unsigned all_at_once(const struct server *s, uint64_t seed)
{
    struct caller caller[THREADS];
    struct thread *thread[THREADS];
    unsigned wrong = 0;

    for (unsigned i = 0; i < THREADS; i++) {
        const struct thread_options options = { .stack = stack[i], .stack_bytes = STACK, .priority = 10 + i * 5 % THREADS };
        caller[i] = (struct caller){ .server = s, .number = i, .random = seed * THREADS + i };
        if (!err_ok(thread_create(&thread[i], run_caller, &caller[i], &options))) {
            return ~0u;
        }
    }
    for (unsigned i = 0; i < THREADS; i++) {
        wrong += !err_ok(thread_join(thread[i], NULL)) + caller[i].wrong + (ROUNDS - caller[i].done);
        wrong += caller[i].event != caller[0].event;
        if (caller[i].wrong) {
            print("thread %u: %u of %u wrong\n", i, caller[i].wrong, ROUNDS);
        }
    }
    return wrong;
}

/* A process whose threads are all the first that want its bindings. */
int role_rush(const char *name, uint64_t seed)
{
    struct server s = { .pid = 0 };

    (void)format_text(s.name, sizeof(s.name), "%s", name);
    return err_ok(binding_lookup(name, true, &s.iref)) && all_at_once(&s, seed) == 0 ? 0 : 1;
}

static void of_threads(struct test *t)
{
    struct server s;
    uint64_t pid;

    if (!server_start(t, &s)) {
        return;
    }
    CHECK_EQ(t, all_at_once(&s, 1), 0);
    for (uint64_t seed = 1; seed <= 5 && t->wrong == 0; seed++) {
        if (EXPECT_OK(t, child("rush", s.name, seed, &pid))) {
            run_ends(t, pid, 0);
        }
    }
    server_stop(t, &s);
}

void services_of_threads(struct test *t)
{
    test_same_memory(t, of_threads);
}
