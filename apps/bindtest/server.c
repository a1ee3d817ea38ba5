/** @file server.c  The server of the tests; what it does is in bindtest.h. */
#include "bindtest.h"

static struct waitset ws;
static talk_add_call__rx_method_fn on_add;
static struct talk_binding *held;           /* whose call is to be answered later */

static void on_end(struct talk_binding *b, err_t err)
{
    (void)err;
    if (held == b) {
        held = NULL;
    }
    err_ignore(talk_control(b, IDC_CONTROL_TEARDOWN));
}

static void on_say(struct talk_binding *b, uint64_t number, talk_voice_t how)
{
    switch (number) {
    case ORDER_ANSWER_LATER:
        if (held) {
            err_ignore(talk_later_response__tx(held, NOP_CONT, 2 * LATER_HELD));
            held = NULL;
        }
        return;
    case ORDER_TEARDOWN:
        err_ignore(talk_control(b, IDC_CONTROL_TEARDOWN));
        return;
    case ORDER_EXIT:
        os_exit(EXIT_STATUS);
    default:
        err_ignore(talk_say__tx(b, NOP_CONT, number, how));
    }
}

static void on_note(struct talk_binding *b, uint64_t number, char *text, uint8_t *data, size_t bytes)
{
    err_ignore(talk_note__tx(b, NOP_CONT, number, text, data, bytes));
    heap_free(text);
    heap_free(data);
}

static void on_blob(struct talk_binding *b, uint64_t number, uint8_t *data, size_t bytes)
{
    err_ignore(talk_blob__tx(b, NOP_CONT, number, data, bytes));
    heap_free(data);
}

/* Copies that were sent on, and can go when they were. */
struct copies {
    size_t count;
    cptr_t cap[8];
};

static void drop_copies(void *arg)
{
    struct copies *const c = arg;

    for (size_t i = 0; i < c->count; i++) {
        if (c->cap[i] != CPTR_NULL) {
            binding_drop_cap(c->cap[i]);
        }
    }
    heap_free(c);
}

static void on_hand(struct talk_binding *b, uint64_t number, cptr_t what, cptr_t *also, size_t count)
{
    struct copies *const c = heap_alloc(sizeof(*c));

    if (!c) {
        os_exit(1);
    }
    c->count = count;
    for (size_t i = 0; i < count; i++) {
        c->cap[i] = also[i];
    }
    if (!err_ok(talk_hand__tx(b, MKCONT(drop_copies, c), number, what, also, count))) {
        drop_copies(c);
        if (what != CPTR_NULL) {
            binding_drop_cap(what);
        }
    }
    heap_free(also);
}

static void on_later(struct talk_binding *b, uint64_t a)
{
    if (a == LATER_HELD) {
        held = b;
    } else {
        err_ignore(talk_later_response__tx(b, NOP_CONT, 2 * a));
    }
}

static uint64_t ticks, lookups;

static err_t op_add(struct talk_binding *b, uint64_t x, uint64_t y, uint64_t *sum)
{
    *sum = x + y;
    switch (x) {
    case ADD_FAIL:
        return ERR(E_ARG);
    case ADD_SLEEP:
        run_sleep(5000);
        return OK;
    case ADD_SAY:
        return talk_say__tx(b, NOP_CONT, y, TALK_VOICE_QUIET);
    case ADD_TEARDOWN:
        return talk_control(b, IDC_CONTROL_TEARDOWN);
    case ADD_EXIT:
        os_exit(EXIT_STATUS);
    case ADD_TICKS:
        *sum = ticks;
        return OK;
    case ADD_LOOKUPS:
        *sum = lookups;
        return OK;
    case ADD_HANDLER:                       /* from the next one on they are on_add()'s */
        b->rx_vtbl.add_call = on_add;
        return OK;
    default:
        return OK;
    }
}

static void on_add(struct talk_binding *b, uint64_t x, uint64_t y)
{
    if (x == ADD_HANDLER) {
        b->rx_vtbl.add_call = NULL;
    }
    err_ignore(talk_add_response__tx(b, NOP_CONT, OK, x + y));
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

static err_t op_mirror(struct talk_binding *b, const uint8_t *data, size_t bytes, uint8_t **copy, size_t *copied)
{
    (void)b;
    *copy = heap_take(bytes);
    REQUIRE(*copy || !bytes, E_HEAP);
    *copied = bytes;
    if (bytes) {
        memcpy(*copy, data, bytes);
    }
    return OK;
}

static const struct talk_ops ops = { .add = op_add, .echo = op_echo, .swap = op_swap, .mirror = op_mirror };

static err_t connected(void *st, struct talk_binding *b)
{
    (void)st;
    b->error_handler = on_end;
    b->rx_vtbl = (struct talk_rx_vtbl){ .say = on_say, .note = on_note, .hand = on_hand, .later_call = on_later,
                                        .blob = on_blob };
    b->ops = &ops;
    return OK;
}

static iref_t exported_as;

static void exported(void *st, err_t err, iref_t iref)
{
    (void)st;
    if (!err_ok(err)) {
        os_exit(1);
    }
    exported_as = iref;
}

/* --- what goes on besides --- */

static struct deferred_event timer;

static void tick(void *arg)
{
    (void)arg;
    ticks++;
    err_ignore(deferred_event_set(&timer, &ws, events_now() + in_ms(2), MKCONT(tick, NULL)));
}

/* Answers to this thread come while the other one waits for any message. */
static uint64_t look_up(void *name)
{
    iref_t iref;

    for (;;) {
        run_sleep(500);
        if (err_ok(binding_lookup(name, false, &iref))) {
            lookups++;
        }
    }
}

static uint64_t serve_too(void *arg)
{
    (void)arg;
    return !err_ok(event_serve(&ws));
}

static err_t begin(const char *name, enum server_kind kind)
{
    _Alignas(16) static char stack[16384];
    const struct thread_options options = { .stack = stack, .stack_bytes = sizeof(stack) };

    if (kind == SERVER_BUSY) {
        tick(NULL);
        return thread_create(NULL, look_up, (void *)name, &options);
    }
    return kind == SERVER_TWO ? thread_create(NULL, serve_too, NULL, &options) : OK;
}

static err_t serve(const char *name, enum server_kind kind)
{
    waitset_init(&ws);
    TRY(talk_export(NULL, exported, connected, &ws));
    TRY(event_dispatch(&ws));
    TRY(binding_publish(&exported_as, name));
    TRY(begin(name, kind));
    while (kind == SERVER_DISPATCH) {
        TRY(event_dispatch(&ws));
    }
    return event_serve(&ws);
}

int role_server(const char *name, uint64_t kind)
{
    err_print("bindtest server", serve(name, (enum server_kind)kind));
    return 1;
}
