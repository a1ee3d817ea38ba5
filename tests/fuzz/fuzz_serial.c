/**
 * fuzz_serial.c  Any keys, readers and writers at the terminal of servers/serial: its queues stay sound, nothing is
 * written beyond what was asked for, whoever is named can be served, and the screen has no NL without a CR.
 *
 * The first byte of each pair says what happens, the second with whom or which key.
 */
#include "terminal.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CLIENTS 4u

static struct terminal terminal;
static struct client client[CLIENTS];
static char page[2][TERMINAL_PAGE];

static void must(int cond)
{
    if (!cond) {
        abort();
    }
}

static void check(void)
{
    const struct client *last = NULL;
    unsigned readers = 0, reading = 0;

    must(terminal.line.length <= LINE_BYTES && terminal.line.taken <= terminal.line.length);
    must(terminal.line.done || terminal.line.taken == 0);
    must(!terminal.line.erasing || (!terminal.line.done && terminal.line.erase_to < terminal.line.length));
    must(!terminal.holder || terminal.line.done);
    for (const struct client *c = terminal.first; c; c = c->next) {
        must(c->reading && readers++ < CLIENTS);
        last = c;
    }
    must(!last || last == terminal.last);
    for (unsigned i = 0; i < CLIENTS; i++) {
        reading += client[i].reading;
        must(client[i].line.used < OUTPUT_LINE);
        must(!client[i].rest || client[i].rest_at < client[i].rest_end);
    }
    must(reading == readers);
}

static enum terminal_read read_some(struct client *c, unsigned most)
{
    char text[STREAM_CALL_BYTES + 1];
    unsigned count = 0;

    text[most] = '#';
    const enum terminal_read result = terminal_read(&terminal, c, text, most, &count);
    must(text[most] == '#' && count <= most);
    return result;
}

static void serve(void)
{
    for (struct client *c = terminal_next(&terminal); c; c = terminal_next(&terminal)) {
        const enum terminal_read result = read_some(c, STREAM_CALL_BYTES);
        must(result == TERMINAL_READ || result == TERMINAL_INTERRUPTED);
    }
}

static void look(void)
{
    static char last;

    while (terminal.out.used > 0) {
        const char c = (char)bytes_get(&terminal.out);
        must(c != '\n' || last == '\r');
        last = c;
    }
}

static void event(uint8_t what, uint8_t argument)
{
    struct client *const c = &client[argument % CLIENTS];
    char text[STREAM_CALL_BYTES];

    if (what % 10 >= 2 && what % 10 <= 5) {         /* a client that asks for something new does not wait any more */
        terminal_leave(&terminal, c);
    }
    switch (what % 10) {
    case 0:
    case 1:
        for (unsigned n = what / 10; n > 0 && bytes_room(&terminal.in) > 0; n--) {
            terminal_typed(&terminal, (char)argument);
        }
        break;
    case 2:
    case 3:
        (void)read_some(c, 1 + argument % STREAM_CALL_BYTES);
        break;
    case 4:
        c->mode = what & 16 ? SERIAL_RAW : SERIAL_LINES;
        break;
    case 5:
        memset(text, what, sizeof(text));
        (void)terminal_write(&terminal, c, text, argument % STREAM_CALL_BYTES);
        break;
    case 6:
        terminal_leave(&terminal, c);
        break;
    case 7:
        if (terminal_close(&terminal, c)) {
            memset(c, 0, sizeof(*c));
        }
        break;
    case 8:
        terminal_interrupt(&terminal);
        break;
    case 9:
        look();
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    terminal_init(&terminal);
    terminal_add_page(&terminal, page[0]);
    terminal_add_page(&terminal, page[1]);
    memset(client, 0, sizeof(client));
    for (size_t i = 0; i + 1 < bytes; i += 2) {
        event(data[i], data[i + 1]);
        check();
        if (data[i] & 128) {
            serve();
            check();
        }
    }
    return 0;
}
