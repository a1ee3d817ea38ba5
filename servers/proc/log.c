/** @file log.c  What the process server says; contracts in proc.h.
 *
 * To the kernel's console through the monitor; from log_console() on, to the terminal driver.  That one is above us in
 * the order of who may wait for whom, so nobody waits: lines lie in a ring until the driver's answer to the one before.
 * What does not fit there is counted, and the count said.
 */
#include "proc.h"
#include <os/err.h>
#include <os/print.h>
#include <os/startup.h>
#include <os/string.h>
#include <stubs/monitor.h>
#include <stubs/serial.h>

#define RING_BYTES_LOG 16384u
#define PART_BYTES     56u

static struct {
    char ring[RING_BYTES_LOG];
    uint64_t put, taken;                    /* bytes so far */
    uint64_t lost;                          /* lines */
    struct rpc_seat *console;               /* NULL: none */
    bool busy;
} state;

static void to_kernel(const char *text, size_t bytes)
{
    for (size_t at = 0; at < bytes; at += PART_BYTES) {
        uint64_t w[7] = { 0 };
        const size_t part = bytes - at < PART_BYTES ? bytes - at : PART_BYTES;
        memcpy(w, text + at, part);
        err_ignore(monitor_log(os_monitor(), part, w[0], w[1], w[2], w[3], w[4], w[5], w[6]));  /* nobody to tell */
    }
}

/* The last words of a failed assertion. */
void print_sink(const char *text, size_t bytes)
{
    to_kernel(text, bytes);
}

/* Send the next part. */
static void go_on(void)
{
    uint64_t w[7] = { 0 };
    struct rpc_message m;

    if (!state.console || state.busy || state.put == state.taken) {
        return;
    }
    const uint64_t left = state.put - state.taken, part = left < PART_BYTES ? left : PART_BYTES;
    for (uint64_t i = 0; i < part; i++) {
        ((char *)w)[i] = state.ring[(state.taken + i) % RING_BYTES_LOG];
    }
    serial_write_request(&m, part, w[0], w[1], w[2], w[3], w[4], w[5], w[6]);
    state.taken += part;
    state.busy = err_ok(rpc_post(&state.console->rpc, &m));
}

static void answered(struct rpc_session *session, struct rpc_message *m)
{
    (void)session;
    err_ignore(serial_write_result(m));     /* a driver that does not take it: there is nobody to tell */
    state.busy = false;
    go_on();
    if (!state.busy) {
        processes_log_written();
    }
}

uint64_t log_end(void)
{
    return state.put;
}

bool log_written(uint64_t end)
{
    return !state.console || state.taken > end || (state.taken == end && !state.busy);
}

static void console_gone(struct rpc_session *session)
{
    (void)session;
    rpc_seat_close(&proc.seats, state.console);
    state.console = NULL;
    state.busy = false;
    proc.console = 0;
    processes_log_written();
}

err_t log_console(cptr_t output, cptr_t answers)
{
    struct rpc_seat *seat;

    TRY(rpc_seat_open(&proc.seats, &seat));
    err_t err = cap_move(CPTR_NULL, seat->rpc.end.send, CPTR_NULL, output);
    if (err_ok(err)) {
        err = rpc_seat_mint(seat, CPTR_NULL, answers);
    }
    if (!err_ok(err)) {
        rpc_seat_close(&proc.seats, seat);
        return err;
    }
    if (state.console) {
        console_gone(NULL);
    }
    seat->rpc.answered = answered;
    seat->rpc.closed = console_gone;
    state.console = seat;
    go_on();
    return OK;
}

static void put(const char *text, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        state.ring[state.put++ % RING_BYTES_LOG] = text[i];
    }
}

void log_line(const char *format, ...)
{
    char text[400], lost[64];
    va_list args;

    va_start(args, format);
    size_t bytes = format_text_v(text, sizeof(text), format, args);
    va_end(args);
    bytes = bytes < sizeof(text) ? bytes : sizeof(text) - 1;
    if (!state.console) {
        to_kernel(text, bytes);
        return;
    }
    const size_t note = state.lost ? format_text(lost, sizeof(lost), "proc: %lu lines lost\n", state.lost) : 0;
    if (state.put - state.taken + bytes + note > RING_BYTES_LOG) {
        state.lost++;
        return;
    }
    put(lost, note);
    state.lost = 0;
    put(text, bytes);
    go_on();
}
