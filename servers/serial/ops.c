/** @file ops.c  The calls of serial.if, and of service.if by the monitor.  What a client sends is checked here. */
#include "state.h"
#include <os/err.h>
#include <os/names.h>
#include <os/string.h>
#include <stubs/serial.h>
#include <stubs/service.h>

_Static_assert(STREAM_CALL_BYTES <= OUTPUT_WRITE, "one call is one write");

#define WORDS (STREAM_CALL_BYTES / 8)

static err_t do_write(void *session, uint64_t bytes, uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3, uint64_t w4,
                      uint64_t w5, uint64_t w6)
{
    const uint64_t word[WORDS] = { w0, w1, w2, w3, w4, w5, w6 };
    struct session *const s = session;
    char text[STREAM_CALL_BYTES];

    REQUIRE(bytes <= STREAM_CALL_BYTES, E_STREAM_SIZE);
    memcpy(text, word, sizeof(text));
    if (!terminal_write(&serial.terminal, &s->client, text, (unsigned)bytes)) {
        session_block(s);
        return ERR(E_RPC_LATER);
    }
    return OK;
}

static err_t read_text(struct session *s, uint64_t most, char *text, unsigned *count)
{
    REQUIRE(most >= 1 && most <= STREAM_CALL_BYTES, E_STREAM_SIZE);
    switch (terminal_read(&serial.terminal, &s->client, text, (unsigned)most, count)) {
    case TERMINAL_READ:
        return OK;
    case TERMINAL_INTERRUPTED:
        return ERR(E_STREAM_INTERRUPTED);
    case TERMINAL_NO_ROOM:
        session_block(s);
        break;
    case TERMINAL_LATER:
        break;
    }
    return ERR(E_RPC_LATER);
}

static err_t do_read(void *session, uint64_t most, uint64_t *bytes, uint64_t *w0, uint64_t *w1, uint64_t *w2,
                     uint64_t *w3, uint64_t *w4, uint64_t *w5, uint64_t *w6)
{
    uint64_t word[WORDS] = { 0 };
    char text[STREAM_CALL_BYTES];
    unsigned count;

    TRY(read_text(session, most, text, &count));
    memcpy(word, text, count);
    *bytes = count;
    *w0 = word[0], *w1 = word[1], *w2 = word[2], *w3 = word[3], *w4 = word[4], *w5 = word[5], *w6 = word[6];
    return OK;
}

static err_t do_mode(void *session, uint64_t mode)
{
    struct session *const s = session;

    REQUIRE(mode == SERIAL_LINES || mode == SERIAL_RAW, E_STREAM_MODE);
    s->client.mode = (enum serial_mode)mode;
    return OK;
}

static err_t do_on_interrupt(void *session, cptr_t notify)
{
    const err_t err = session_on_interrupt(session, notify);

    if (!err_ok(err)) {
        rpc_drop_cap(notify);
    }
    return err;
}

static err_t do_about(void *session, bool *terminal)
{
    (void)session;
    *terminal = true;
    return OK;
}

static err_t no_page(void *session, cptr_t *frame)
{
    (void)session, (void)frame;
    return ERR(E_STREAM_PAGE);
}

static err_t no_write_page(void *session, uint64_t bytes)
{
    (void)session, (void)bytes;
    return ERR(E_STREAM_PAGE);
}

static err_t no_read_page(void *session, uint64_t most, uint64_t *bytes)
{
    (void)session, (void)most, (void)bytes;
    return ERR(E_STREAM_PAGE);
}

static const struct serial_ops serial_ops = {
    .write = do_write, .read = do_read, .mode = do_mode, .on_interrupt = do_on_interrupt, .about = do_about,
    .page = no_page, .write_page = no_write_page, .read_page = no_read_page,
};

void serial_request(struct rpc_session *rpc, struct rpc_message *message)
{
    struct session *const s = rpc->state;
    const bool again = s->again;

    s->again = false;
    if (!again) {                           /* a new request: the one that was kept is not waited for any more */
        terminal_leave(&serial.terminal, &s->client);
        session_unblock(s);
    }
    serial_serve(&serial_ops, s, message);
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

static err_t do_open(void *session, uint64_t connection, uint64_t pid, uint64_t flags, cptr_t page)
{
    (void)session, (void)flags;
    const err_t err = session_open_remote(connection, pid, page);
    if (!err_ok(err)) {
        rpc_drop_cap(page);
    }
    return err;
}

static err_t do_deliver(void *session, uint64_t connection, cptr_t sent)
{
    (void)session;
    return remote_seats_deliver(&serial.remote, connection, sent);
}

static err_t do_wake(void *session, uint64_t connection, cptr_t client, cptr_t *server)
{
    (void)session;
    return remote_seats_wake(&serial.remote, connection, client, server);
}

static const struct service_ops service_ops = {
    .connect = do_connect, .open = do_open, .wake = do_wake, .deliver = do_deliver, .renew = name_renew,
};

void service_request(struct rpc_session *rpc, struct rpc_message *message)
{
    service_serve(&service_ops, rpc->state, message);
}
