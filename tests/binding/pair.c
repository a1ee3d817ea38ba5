#include "pair.h"

struct pair pair;
uint64_t got_number;

/* --- handlers --- */

void note_of(uint64_t n, char text[201], uint8_t data[3000], size_t *bytes)
{
    const size_t length = n * 37 % 201;

    memset(text, 'a' + (char)(n % 26), length);
    text[length] = '\0';
    *bytes = n * 977 % 3001;
    memset(data, (int)n, *bytes);
}

static void on_say(struct talk_binding *b, uint64_t number, talk_voice_t how)
{
    (void)b;
    EXPECT_EQ(number, got_number + 1, "in order");
    EXPECT_EQ(how, number % 3, "how");
    got_number = number;
}

static void on_note(struct talk_binding *b, uint64_t number, char *text, uint8_t *data, size_t bytes)
{
    static char want_text[201];
    static uint8_t want[3000];
    size_t want_bytes;

    (void)b;
    EXPECT_EQ(number, got_number + 1, "in order");
    note_of(number, want_text, want, &want_bytes);
    EXPECT(strcmp(text, want_text) == 0, "text");
    EXPECT(bytes == want_bytes && (bytes == 0 || memcmp(data, want, bytes) == 0), "data");
    heap_free(text);
    heap_free(data);
    got_number = number;
}

static void on_hand(struct talk_binding *b, uint64_t number, cptr_t what, cptr_t *also, size_t count)
{
    (void)b;
    EXPECT_EQ(number, got_number + 1, "in order");
    EXPECT_EQ(host_cap_what(what), number, "what");
    EXPECT_EQ(count, number % 4, "count");
    for (size_t i = 0; i < count; i++) {
        EXPECT_EQ(host_cap_what(also[i]), number + i, "also");
        rpc_drop_cap(also[i]);
    }
    rpc_drop_cap(what);
    heap_free(also);
    got_number = number;
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
    if (*back) {
        strcpy(*back, text);
    }
    *copy = heap_alloc(bytes);
    if (*copy) {
        memcpy(*copy, data, bytes);
        *copied = bytes;
    }
}

void blob_of(uint64_t n, uint8_t *data, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        data[i] = (uint8_t)(n + i * 7 + i / 256);
    }
}

bool blob_is(uint64_t n, const uint8_t *data, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        if (data[i] != (uint8_t)(n + i * 7 + i / 256)) {
            return false;
        }
    }
    return true;
}

static err_t op_mirror(struct talk_binding *b, const uint8_t *data, size_t bytes, uint8_t **copy, size_t *copied)
{
    (void)b;
    *copy = bytes ? heap_take(bytes) : NULL;
    REQUIRE(*copy || !bytes, E_HEAP);
    *copied = bytes;
    if (bytes) {
        memcpy(*copy, data, bytes);
    }
    return OK;
}

static void op_swap(struct talk_binding *b, cptr_t old, cptr_t *new)
{
    (void)b;
    *new = host_cap(host_cap_what(old) + 1);
    if (old != CPTR_NULL) {                     /* a client need not send one */
        rpc_drop_cap(old);
    }
}

const struct talk_rx_vtbl checking_rx = { .say = on_say, .note = on_note, .hand = on_hand };
const struct talk_ops checking_ops = { .add = op_add, .echo = op_echo, .swap = op_swap, .mirror = op_mirror };

/* --- both sides --- */

static const struct talk_rx_vtbl *server_rx;
static const struct talk_ops *server_ops;

static void client_end(struct talk_binding *b, err_t err)
{
    EXPECT(b == pair.client, "which");
    pair.client_ended++;
    pair.client_why = err;
}

static void server_end(struct talk_binding *b, err_t err)
{
    EXPECT(b == pair.server, "which");
    pair.server_ended++;
    pair.server_why = err;
    pair.server = NULL;
    EXPECT(err_ok(talk_control(b, IDC_CONTROL_TEARDOWN)), "the rest of it");
}

static err_t connected(void *st, struct talk_binding *b)
{
    EXPECT(st == &pair.iref, "the export's state");
    pair.server = b;
    b->error_handler = server_end;
    b->rx_vtbl = *server_rx;
    b->ops = server_ops;
    return OK;
}

static void exported(void *st, err_t err, iref_t iref)
{
    EXPECT(err_ok(err), "export");
    *(iref_t *)st = iref;
}

static void bound(void *st, err_t err, struct talk_binding *b)
{
    EXPECT(st == &pair, "the bind's state");
    pair.bind_err = err;
    pair.client = b;
    if (b) {
        b->error_handler = client_end;
        binding_set_timeout(&b->common, 1000000);       /* one thread: nobody else would make room */
    }
}

bool pair_open(const struct channel_kind *kind, const struct talk_rx_vtbl *rx, const struct talk_ops *ops)
{
    struct transport *end[2];

    memset(&pair, 0, sizeof(pair));
    got_number = 0;
    server_rx = rx;
    server_ops = ops;
    pair.kind = kind;
    waitset_init(&pair.client_ws);
    waitset_init(&pair.server_ws);
    if (!err_ok(talk_export(&pair.iref, exported, connected, &pair.server_ws)) ||
        !err_ok(event_dispatch_non_block(&pair.server_ws)) || !kind->make(end)) {
        return false;
    }
    if (!err_ok(binding_accept(pair.iref, end[1]))) {
        end[0]->ops->close(end[0]);
        return false;
    }
    if (!err_ok(binding_bind(&talk_interface, end[0], &pair.client_ws, (void (*)(void))bound, &pair))) {
        return false;
    }
    pair_run();
    return pair.client && pair.server;
}

bool pair_step(void)
{
    const bool events = pair.kind->events && pair.kind->events();
    const bool c = err_ok(event_dispatch_non_block(&pair.client_ws));
    const bool s = err_ok(event_dispatch_non_block(&pair.server_ws));

    return events || c || s;
}

void pair_run(void)
{
    while (pair_step()) {
    }
}

void pair_close(void)
{
    struct talk_binding *const client = pair.client;

    if (client) {
        EXPECT(err_ok(talk_control(client, IDC_CONTROL_TEARDOWN)), "teardown");
        pair.client = NULL;
    }
    pair_run();
    EXPECT(!pair.server, "the server's side has ended, too");
    if (pair.iref) {
        EXPECT(err_ok(binding_unexport(pair.iref)), "unexport");
    }
    EXPECT(err_ok(waitset_destroy(&pair.client_ws)) && err_ok(waitset_destroy(&pair.server_ws)), "waitsets");
    EXPECT_EQ(host_blocks(), 0, "%s: blocks left over", pair.kind->name);
    EXPECT_EQ(host_caps(), 0, "%s: capabilities left over", pair.kind->name);
    EXPECT_EQ(host_shares(), 0, "%s: mappings left over", pair.kind->name);
}
