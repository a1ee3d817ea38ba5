/** @file stream.c  Contracts in os/stream.h. */
#include <os/err.h>
#include <os/pipe.h>
#include <os/services.h>
#include <os/startup.h>
#include <os/stream.h>
#include <os/string.h>
#include <stubs/serial.h>

#define WORDS (STREAM_CALL_BYTES / 8)

/* Streams to the same service share the binding of the first of them. */
static struct {
    struct rpc_client client;
    bool bound;
} binding[STREAMS];

/* For reads alone, if somebody wanted that. */
static struct {
    struct rpc_client client;
    bool bound;
} input;
static err_t bind(unsigned stream)
{
    struct rpc_client *const c = &binding[stream].client;
    const iref_t iref = os_startup()->stream[stream];

    return STREAM_IS_CAP(iref) ? pipe_bind(c, STREAM_SLOT(iref)) : service_bind(c, iref);
}

/* By whichever thread wants it first. */
static err_t bind_once(unsigned stream)
{
    bool *const bound = &binding[stream].bound;
    err_t err = OK;

    if (__atomic_load_n(bound, __ATOMIC_ACQUIRE)) {
        return OK;
    }
    services_lock();
    if (!*bound) {
        err = bind(stream);
        __atomic_store_n(bound, err_ok(err), __ATOMIC_RELEASE);
    }
    services_unlock();
    return err;
}

err_t stream_binding(enum stream stream, struct rpc_client **client)
{
    const uint64_t *const service = os_startup()->stream;
    unsigned first = 0;

    REQUIRE(stream < STREAMS && service[stream] != 0, E_STREAM_NONE);
    while (service[first] != service[stream]) {
        first++;
    }
    TRY(bind_once(first));
    *client = &binding[first].client;
    return OK;
}

static err_t write_part(struct rpc_client *c, const char *text, size_t bytes)
{
    uint64_t w[WORDS] = { 0 };

    memcpy(w, text, bytes);
    return serial_write(c, bytes, w[0], w[1], w[2], w[3], w[4], w[5], w[6]);
}

err_t stream_write(enum stream stream, const void *bytes, size_t count)
{
    const char *at = bytes;
    struct rpc_client *c;

    TRY(stream_binding(stream, &c));
    while (count > 0) {
        const size_t part = count < STREAM_CALL_BYTES ? count : STREAM_CALL_BYTES;
        TRY(write_part(c, at, part));
        at += part;
        count -= part;
    }
    return OK;
}

err_t stream_flush(enum stream stream)
{
    struct rpc_client *c;

    TRY(stream_binding(stream, &c));
    return write_part(c, NULL, 0);
}

err_t stream_read_apart(void)
{
    const uint64_t *const service = os_startup()->stream;
    const bool shared = service[STREAM_IN] == service[STREAM_OUT] || service[STREAM_IN] == service[STREAM_ERR];

    REQUIRE(service[STREAM_IN] != 0, E_STREAM_NONE);
    if (shared && !input.bound) {
        TRY(service_bind(&input.client, service[STREAM_IN]));
        input.bound = true;
    }
    return OK;
}

/* The terminal brings out what this reader wrote; others' output it does not know for ours. */
static err_t reader(struct rpc_client **c)
{
    const uint64_t *const service = os_startup()->stream;

    if (!input.bound) {
        return stream_binding(STREAM_IN, c);
    }
    for (unsigned s = STREAM_OUT; s <= STREAM_ERR; s++) {
        if (service[s] == service[STREAM_IN]) {
            TRY(stream_flush((enum stream)s));
            break;                          /* one binding for both */
        }
    }
    *c = &input.client;
    return OK;
}

err_t stream_read(void *bytes, size_t most, size_t *count)
{
    uint64_t w[WORDS], got = 0;
    struct rpc_client *c;

    *count = 0;
    TRY(reader(&c));
    if (most == 0) {
        return OK;
    }
    most = most < STREAM_CALL_BYTES ? most : STREAM_CALL_BYTES;
    TRY(serial_read(c, most, &got, &w[0], &w[1], &w[2], &w[3], &w[4], &w[5], &w[6]));
    REQUIRE(got <= most, E_RPC_REPLY);
    memcpy(bytes, w, got);
    *count = got;
    return OK;
}

err_t stream_on_interrupt(uint64_t *event)
{
    static cptr_t notify;
    static uint64_t posted;
    struct rpc_client *c;

    TRY(stream_binding(STREAM_IN, &c));
    if (posted == 0) {
        TRY(notify_new(&notify, &posted));
    }
    *event = posted;
    return serial_on_interrupt(c, notify);
}
