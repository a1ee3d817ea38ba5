/** @file loop.c  Device and clients together; contracts in state.h. */
#include "state.h"
#include <os/print.h>

/* Lines of the server's own. */
static struct client own;

static void say(const char *text, size_t count)
{
    while (count > 0) {
        const unsigned part = count < STREAM_CALL_BYTES ? (unsigned)count : STREAM_CALL_BYTES;
        if (!terminal_write(&serial.terminal, &own, text, part)) {
            return;
        }
        text += part;
        count -= part;
    }
}

/* Every character that came, while there is room.  Ctrl-C counts when it comes, not when it is read. */
static bool receive(void)
{
    struct terminal *const t = &serial.terminal;
    bool any = false;
    int c;

    while (bytes_room(&t->in) > 0 && (c = pl011_receive(&serial.device)) >= 0) {
        if (c == CTRL('C') && sessions_interrupt()) {
            terminal_interrupt(t);
        } else {
            terminal_typed(t, (char)c);
        }
        any = true;
    }
    pl011_listen(&serial.device, bytes_room(&t->in) > 0);
    return any;
}

static void report_losses(void)
{
    struct pl011 *const p = &serial.device;
    char text[120];              /* two numbers of 20 digits fit */

    if ((p->lost || p->damaged) && terminal_room(&serial.terminal)) {
        const size_t count = format_text(text, sizeof(text), "serial: input lost: %lu overruns, %lu damaged characters\n",
                                         p->lost, p->damaged);
        say(text, count);
        p->lost = p->damaged = 0;
    }
}

/* A page for the rest of a line, while a reader could need one. */
static void keep_page(void)
{
    struct pool_page page;

    if (!serial.terminal.pages && err_ok(stock_refill(serial.stock)) &&
        err_ok(pool_take(&serial.stock->pool, &page))) {
        terminal_add_page(&serial.terminal, page.address);
    }
}

static bool serve_reader(void)
{
    struct client *const c = terminal_next(&serial.terminal);

    if (c) {
        keep_page();
        session_retry((struct session *)c);
    }
    return c != NULL;
}

void settle(void)
{
    bool more;

    do {
        more = receive();
        more |= serve_reader();
        pl011_send(&serial.device, &serial.terminal.out);
        more |= sessions_unblock();
    } while (more);
    report_losses();
    pl011_send(&serial.device, &serial.terminal.out);
}

void device_interrupt(struct rpc_session *session)
{
    (void)session;
    receive();
    pl011_send(&serial.device, &serial.terminal.out);
    /* The line was masked until here: the device has no reason left to interrupt, or is masked itself. */
    const err_t err = irq_ack(serial.irq);
    OS_ASSERT(err_ok(err));
}
