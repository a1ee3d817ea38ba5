/** @file server.c  The server of the tests; what it does is in bindtest.h. */
#include "bindtest.h"

static struct waitset ws;
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

static err_t op_add(struct talk_binding *b, uint64_t x, uint64_t y, uint64_t *sum)
{
    (void)b;
    REQUIRE(x != 13, E_ARG);
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

static err_t serve(const char *name)
{
    waitset_init(&ws);
    TRY(talk_export(NULL, exported, connected, &ws));
    TRY(event_dispatch(&ws));
    TRY(binding_publish(&exported_as, name));
    for (;;) {
        TRY(event_dispatch(&ws));
    }
}

int role_server(const char *name)
{
    err_print("bindtest server", serve(name));
    return 1;
}
