/** @file pipe.c  Contracts in os/pipe.h. */
#include <os/bug.h>
#include <os/caps.h>
#include <os/err.h>
#include <os/event.h>
#include <os/pipe.h>
#include <os/services.h>
#include <os/startup.h>
#include <os/stream.h>
#include <os/string.h>
#include <stubs/pipe.h>
#include <stubs/serial.h>

#define SERVICE "pipe"
#define WORDS   (STREAM_CALL_BYTES / 8)

/* --- ends --- */

static err_t maker(struct rpc_client **c)
{
    static struct rpc_client client;
    static bool bound;

    if (!bound) {
        TRY(service_bind_name(&client, SERVICE, true));
        bound = true;
    }
    *c = &client;
    return OK;
}

static err_t new_slot(cptr_t *slot)
{
    TRY(stock_refill(os_stock()));
    return slots_alloc(&os_stock()->slots, slot);
}

static err_t make(struct rpc_client *c, const cptr_t end[2])
{
    cptr_t got;

    rpc_receive_into(c, end[0]);
    TRY(pipe_make(c, &got));
    rpc_receive_into(c, end[1]);
    const err_t err = pipe_writer(c, &got);
    if (!err_ok(err)) {
        rpc_drop_cap(end[0]);
    }
    return err;
}

err_t pipe_new(cptr_t end[2])
{
    struct rpc_client *c;

    TRY(maker(&c));
    TRY(new_slot(&end[0]));
    err_t err = new_slot(&end[1]);
    if (err_ok(err)) {
        err = make(c, end);
        if (!err_ok(err)) {
            slots_free(&os_stock()->slots, end[1]);
        }
    }
    if (!err_ok(err)) {
        slots_free(&os_stock()->slots, end[0]);
    }
    return err;
}

void pipe_drop_end(cptr_t end)
{
    rpc_drop_cap(end);
    slots_free(&os_stock()->slots, end);
}

/* --- streams --- */

/* The server gets a copy, of which it makes sure that it does not last. */
static err_t show(struct rpc_client *c, cptr_t end)
{
    cptr_t copy;

    TRY(new_slot(&copy));
    err_t err = cap_copy(CPTR_NULL, copy, CPTR_NULL, end, RIGHT_READ | RIGHT_WRITE | RIGHT_GRANT);
    if (err_ok(err)) {
        err = pipe_open(c, copy);
        if (!err_ok(err)) {
            rpc_drop_cap(copy);         /* if it was not sent */
        }
    }
    slots_free(&os_stock()->slots, copy);
    return err;
}

err_t pipe_bind(struct rpc_client *c, cptr_t end)
{
    TRY(service_bind_name(c, SERVICE, true));
    return show(c, end);
}

err_t pipe_open_stream(struct pipe_stream *s, cptr_t end)
{
    *s = (struct pipe_stream){ .seat = NULL };
    TRY(service_bind_for(&s->client, SERVICE, &s->seat));
    const err_t err = show(&s->client, end);
    if (!err_ok(err)) {
        service_unbind(&s->client, s->seat);
    }
    return err;
}

err_t pipe_need_page(struct pipe_stream *s)
{
    struct rpc_client *const c = &s->client;
    cptr_t slot, got;

    if (s->frame != CPTR_NULL) {
        return OK;
    }
    TRY(new_slot(&slot));
    rpc_receive_into(c, slot);
    err_t err = serial_page(c, &got);
    if (err_ok(err)) {
        err = vspace_map(os_vspace(), slot, 0, SHOAL_PAGE_SIZE, MAP_READ | MAP_WRITE, &s->page);
        if (!err_ok(err)) {
            rpc_drop_cap(slot);
        }
    }
    if (!err_ok(err)) {
        slots_free(&os_stock()->slots, slot);
        return err;
    }
    s->frame = slot;
    return OK;
}

err_t pipe_read_stream(struct pipe_stream *s, void *bytes, size_t most, size_t *count)
{
    const bool page = s->frame != CPTR_NULL && most > STREAM_CALL_BYTES;
    const size_t limit = page ? PIPE_ATOMIC : STREAM_CALL_BYTES;
    uint64_t w[WORDS], got = 0;

    *count = 0;
    most = most < limit ? most : limit;
    TRY(page ? serial_read_page(&s->client, most, &got)
             : serial_read(&s->client, most, &got, &w[0], &w[1], &w[2], &w[3], &w[4], &w[5], &w[6]));
    REQUIRE(got <= most, E_RPC_REPLY);
    memcpy(bytes, page ? (const void *)s->page : w, got);
    *count = got;
    return OK;
}

static err_t write_part(struct pipe_stream *s, const void *bytes, size_t count)
{
    uint64_t w[WORDS] = { 0 };

    if (count > STREAM_CALL_BYTES) {
        memcpy((void *)s->page, bytes, count);
        return serial_write_page(&s->client, count);
    }
    memcpy(w, bytes, count);
    return serial_write(&s->client, count, w[0], w[1], w[2], w[3], w[4], w[5], w[6]);
}

err_t pipe_write_stream(struct pipe_stream *s, const void *bytes, size_t count, size_t *written)
{
    const size_t limit = s->frame != CPTR_NULL ? PIPE_ATOMIC : STREAM_CALL_BYTES;

    for (*written = 0; *written < count;) {
        const size_t left = count - *written, part = left < limit ? left : limit;
        TRY(write_part(s, (const char *)bytes + *written, part));
        *written += part;
    }
    return OK;
}

void pipe_close_stream(struct pipe_stream *s)
{
    if (s->frame != CPTR_NULL) {
        const err_t err = vspace_unmap(os_vspace(), s->page, SHOAL_PAGE_SIZE);
        OS_ASSERT(err_ok(err));
        pipe_drop_end(s->frame);
    }
    service_unbind(&s->client, s->seat);
}
