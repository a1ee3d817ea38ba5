/** @file rpc.c  Bindings over LMP, with the memory of the client and that of the server running out. */
#include "oom.h"

#include <os/binding_lmp.h>
#include <stubs/talk.h>

#define SERVER  "oomserv"
#define HERE    "oomhere"
#define SECONDS 20u                     /* after which a call hangs */

static uint64_t patience(void)
{
    return time_hz() * SECONDS;
}

/* ---- the server ---------------------------------------------------------------------------------------------------- */

static struct waitset served;
static unsigned open;                   /* connections */

static void on_end(struct talk_binding *b, err_t err)
{
    (void)err;
    open--;
    err_ignore(talk_control(b, IDC_CONTROL_TEARDOWN));
}

static err_t op_add(struct talk_binding *b, uint64_t x, uint64_t y, uint64_t *sum)
{
    (void)b;
    *sum = x + y;
    return OK;
}

static void op_echo(struct talk_binding *b, const char *text, const uint8_t *data, size_t bytes, char **back,
                    uint8_t **copy, size_t *copied)
{
    (void)b;
    *back = heap_alloc(strlen(text) + 1);
    *copy = heap_alloc(bytes);
    if (*back) {
        memcpy(*back, text, strlen(text) + 1);
    }
    if (*copy) {
        memcpy(*copy, data, bytes);
        *copied = bytes;
    }
}

/* The capability comes back. */
static void op_swap(struct talk_binding *b, cptr_t old, cptr_t *new)
{
    (void)b;
    *new = old;
}

static err_t connected(void *st, struct talk_binding *b)
{
    static const struct talk_ops ops = { .add = op_add, .echo = op_echo, .swap = op_swap };

    (void)st;
    open++;
    b->error_handler = on_end;
    b->ops = &ops;
    return OK;
}

static iref_t exported_as;

static void exported(void *st, err_t err, iref_t iref)
{
    (void)st;
    CHECK_OK(err);
    exported_as = iref;
}

static err_t offer(const char *name)
{
    waitset_init(&served);
    TRY(talk_export(NULL, exported, connected, &served));
    TRY(event_dispatch(&served));
    return binding_publish(&exported_as, name);
}

static err_t start_bindings(void)
{
    TRY(thread_start_library());
    return binding_lmp_start();
}

int role_server(const char *name)
{
    if (!err_ok(start_bindings()) || !err_ok(offer(name))) {
        return 1;
    }
    for (;;) {
        CHECK_OK(event_dispatch(&served));
    }
}

/* ---- the client ---------------------------------------------------------------------------------------------------- */

static struct waitset ours;
static cptr_t gift;
static uint64_t server;
static iref_t iref;
static struct talk_binding *binding;

static err_t child(const char *role, const char *name, uint64_t *pid)
{
    const char *const words[] = { "oom", "-child", role, name };

    return process_spawn(4, words, NULL, pid);
}

static void client_end(struct talk_binding *b, err_t err)
{
    (void)b;
    (void)err;
}

static err_t open_binding(const char *name, struct talk_binding **b)
{
    if (!iref) {
        TRY(binding_lookup(name, true, &iref));
    }
    TRY(talk_connect(iref, &ours, b));
    (*b)->error_handler = client_end;
    binding_set_timeout(&(*b)->common, patience());
    return OK;
}

static err_t add(struct talk_binding *b)
{
    uint64_t sum = 0;

    TRY(talk_rpc_add(b, 20, 22, &sum));
    CHECK(sum == 42, "20 + 22 is %lu", sum);
    return OK;
}

/* What our server had no place for arrives as if it were empty. */
static err_t echo(struct talk_binding *b, size_t letters, size_t bytes)
{
    static char text[2001];
    static uint8_t data[20000];
    uint8_t *copy = NULL;
    char *back = NULL;
    size_t copied = 0;

    memset(text, 'x', letters);
    text[letters] = '\0';
    memset(data, 7, bytes);
    const err_t err = talk_rpc_echo(b, text, data, bytes, &back, &copy, &copied);
    if (err_ok(err)) {
        CHECK(!back || !*back || strcmp(back, text) == 0, "a string of %lu came back changed", letters);
        CHECK(copied == 0 || (copied == bytes && memcmp(copy, data, bytes) == 0), "%lu bytes came back changed", bytes);
    }
    heap_free(back);
    heap_free(copy);
    return err;
}

static err_t swap(struct talk_binding *b)
{
    cptr_t got = CPTR_NULL;

    TRY(talk_rpc_swap(b, gift, &got));
    if (got != CPTR_NULL) {
        binding_drop_cap(got);
    }
    return OK;
}

static err_t talk(struct talk_binding *b)
{
    TRY(add(b));
    TRY(echo(b, 10, 40));
    TRY(swap(b));
    TRY(echo(b, 2000, 20000));
    TRY(swap(b));
    return add(b);
}

static err_t client_set_up(void)
{
    uint64_t event;

    TRY(start_bindings());
    waitset_init(&ours);
    TRY(notify_new(&gift, &event));
    return child("-server", SERVER, &server);
}

static void client_tear_down(void)
{
    uint64_t pid;
    unsigned status;

    CHECK_OK(process_kill(server));
    CHECK_OK(process_wait(server, &pid, &status));
}

/* Connect, talk, and end it. */
static err_t connect(void)
{
    struct talk_binding *b;

    TRY(open_binding(SERVER, &b));
    const err_t err = talk(b);
    GIVE(talk_control(b, IDC_CONTROL_TEARDOWN));
    GIVE(stock_trim(os_stock()));
    return err;
}

const struct scenario connect_scenario = { "connect", client_set_up, connect, client_tear_down };

/* A call that fails leaves the binding as good as it was, unless it is closed: then it must say so, and another does. */
static err_t call(void)
{
    const err_t err = binding ? talk(binding) : open_binding(SERVER, &binding);

    if (binding && binding->common.state == BINDING_CLOSED) {
        GIVE(talk_control(binding, IDC_CONTROL_TEARDOWN));
        binding = NULL;
    }
    return err;
}

static err_t call_set_up(void)
{
    TRY(client_set_up());
    return open_binding(SERVER, &binding);
}

const struct scenario call_scenario = { "call", call_set_up, call, client_tear_down };

/* ---- the server's memory runs out ---------------------------------------------------------------------------------- */

#define CLIENT_SHORT 1                  /* status of a client that was told of it */

int role_client(const char *name)
{
    struct talk_binding *b;
    uint64_t event;

    CHECK_OK(start_bindings());
    waitset_init(&ours);
    CHECK_OK(notify_new(&gift, &event));
    err_t err = open_binding(name, &b);
    if (err_ok(err)) {
        err = talk(b);
        err_ignore(talk_control(b, IDC_CONTROL_TEARDOWN));
    }
    CHECK(err_root(err) != E_TIMEOUT, "a call hung");
    return went_wrong() ? 2 : err_ok(err) ? 0 : CLIENT_SHORT;
}

static uint64_t serves(void *arg)
{
    for (;;) {
        CHECK_OK(event_dispatch(arg));
    }
}

static err_t serve_set_up(void)
{
    TRY(start_bindings());
    TRY(offer(HERE));
    return thread_create(NULL, serves, &served, &(struct thread_options){ .flags = THREAD_DAEMON | THREAD_DETACHED });
}

/* A process comes as client; the connection is gone when this returns. */
static err_t serve(void)
{
    uint64_t pid, ended;
    unsigned status = 2;

    TRY(child("-client", HERE, &pid));
    GIVE(process_wait(pid, &ended, &status));
    CHECK(status <= CLIENT_SHORT, "the client ended with status %u", status);
    for (const uint64_t end = time_now() + patience(); open && time_now() < end;) {
        thread_sleep_until(time_now() + time_hz() / 1000);
    }
    CHECK(!open, "%u connections stay open", open);
    return status ? ERR(E_HEAP) : OK;
}

const struct scenario serve_scenario = { "serve", serve_set_up, serve, NULL };
