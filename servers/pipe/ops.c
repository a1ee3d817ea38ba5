/** @file ops.c  The calls of pipe.if and serial.if, and of service.if by the monitor.  What a client sends is checked here. */
#include "state.h"
#include <os/err.h>
#include <os/names.h>
#include <os/stream.h>
#include <os/string.h>
#include <stubs/pipe.h>
#include <stubs/serial.h>
#include <stubs/service.h>

#define WORDS (STREAM_CALL_BYTES / 8)

/* --- streams --- */

static err_t result(enum pipe_result r)
{
    switch (r) {
    case PIPE_DONE:
        return OK;
    case PIPE_LATER:
        return ERR(E_RPC_LATER);
    case PIPE_NO_READER:
        return ERR(E_PIPE_END);
    case PIPE_WRONG_END:
        break;
    }
    return ERR(E_PIPE_WAY);
}

static err_t put(struct session *s, const char *from, uint64_t bytes)
{
    REQUIRE(s->waiter.pipe, s->waiter.end == PIPE_WRITE ? E_PIPE_END : E_PIPE_NONE);
    return result(pipe_write(&s->waiter, from, (uint32_t)bytes));
}

static err_t get(struct session *s, char *to, uint64_t most, uint32_t *count)
{
    REQUIRE(s->waiter.pipe, E_PIPE_NONE);
    return result(pipe_read(&s->waiter, to, (uint32_t)most, count));
}

static err_t do_write(void *session, uint64_t bytes, uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3, uint64_t w4,
                      uint64_t w5, uint64_t w6)
{
    const uint64_t word[WORDS] = { w0, w1, w2, w3, w4, w5, w6 };

    REQUIRE(bytes <= STREAM_CALL_BYTES, E_STREAM_SIZE);
    return put(session, (const char *)word, bytes);
}

static err_t do_read(void *session, uint64_t most, uint64_t *bytes, uint64_t *w0, uint64_t *w1, uint64_t *w2,
                     uint64_t *w3, uint64_t *w4, uint64_t *w5, uint64_t *w6)
{
    uint64_t word[WORDS] = { 0 };
    uint32_t count;

    REQUIRE(most >= 1 && most <= STREAM_CALL_BYTES, E_STREAM_SIZE);
    TRY(get(session, (char *)word, most, &count));
    *bytes = count;
    *w0 = word[0], *w1 = word[1], *w2 = word[2], *w3 = word[3], *w4 = word[4], *w5 = word[5], *w6 = word[6];
    return OK;
}

static err_t do_mode(void *session, uint64_t mode)
{
    (void)session;
    REQUIRE(mode == SERIAL_LINES || mode == SERIAL_RAW, E_STREAM_MODE);
    return OK;                                      /* bytes come as they are in both */
}

static err_t do_on_interrupt(void *session, cptr_t notify)
{
    (void)session;
    rpc_drop_cap(notify);
    return ERR(E_STREAM_NOTIFY);                    /* there is no keyboard */
}

static err_t do_about(void *session, bool *terminal)
{
    (void)session;
    *terminal = false;
    return OK;
}

static err_t do_page(void *session, cptr_t *frame)
{
    return session_page(session, frame);
}

static err_t do_write_page(void *session, uint64_t bytes)
{
    struct session *const s = session;

    REQUIRE(s->frame != CPTR_NULL, E_STREAM_PAGE);
    REQUIRE(bytes >= 1 && bytes <= PIPE_PAGE, E_STREAM_SIZE);
    return put(s, (const char *)s->page, bytes);
}

static err_t do_read_page(void *session, uint64_t most, uint64_t *bytes)
{
    struct session *const s = session;
    uint32_t count;

    REQUIRE(s->frame != CPTR_NULL, E_STREAM_PAGE);
    REQUIRE(most >= 1 && most <= PIPE_PAGE, E_STREAM_SIZE);
    TRY(get(s, (char *)s->page, most, &count));
    *bytes = count;
    return OK;
}

static const struct serial_ops stream_ops = {
    .write = do_write, .read = do_read, .mode = do_mode, .on_interrupt = do_on_interrupt, .about = do_about,
    .page = do_page, .write_page = do_write_page, .read_page = do_read_page,
};

void stream_request(struct rpc_session *rpc, struct rpc_message *message)
{
    struct session *const s = rpc->state;

    if (!s->again) {                        /* a new request: the one that was kept is not waited for any more */
        pipe_stop_waiting(&s->waiter);
    }
    s->again = false;
    serial_serve(&stream_ops, s, message);
}

/* --- making and opening --- */

static err_t do_make(void *session, cptr_t *reader)
{
    return session_make(session, reader);
}

static err_t do_writer(void *session, cptr_t *writer)
{
    return session_writer(session, writer);
}

static err_t do_open(void *session, cptr_t end)
{
    const err_t err = session_stream(session, end);

    rpc_drop_cap(end);                      /* held by the client, not by us */
    return err;
}

static const struct pipe_ops pipe_ops = { .make = do_make, .writer = do_writer, .open = do_open };

void pipe_request(struct rpc_session *rpc, struct rpc_message *message)
{
    pipe_serve(&pipe_ops, rpc->state, message);
}

static err_t do_connect(void *session, uint64_t pid, cptr_t reply, cptr_t *binding)
{
    (void)session;
    const err_t err = session_open(pid, reply, binding);
    if (!err_ok(err)) {
        rpc_drop_cap(reply);
    }
    return err;
}

static const struct service_ops service_ops = { .connect = do_connect, .renew = name_renew };

void service_request(struct rpc_session *rpc, struct rpc_message *message)
{
    service_serve(&service_ops, rpc->state, message);
}
