/** @file prompt.c  Commands that a person types, or another program; contract in shell.h.
 *
 * One byte is read at a time, so that what is typed ahead is there for the program that reads next.
 */
#include "editor.h"
#include "shell.h"

#include <os/err.h>
#include <os/services.h>
#include <os/stream.h>
#include <stubs/serial.h>

#define PROMPT "shoal> "

/* What is read beside bytes. */
enum {
    END = -1,
    INTERRUPT = -2,                 /* Ctrl-C */
};

static struct editor editor;

static int read_byte(void)
{
    unsigned char byte;
    size_t count;

    if (terminal_gone()) {
        return END;
    }
    if (take_interrupt()) {
        return INTERRUPT;
    }
    const err_t err = stream_read(&byte, 1, &count);
    if (err_root(err) == E_STREAM_INTERRUPTED) {
        (void)take_interrupt();     /* posted before the read was answered */
        return INTERRUPT;
    }
    return err_ok(err) && count > 0 ? byte : END;
}

/* --- with a terminal --- */

static void write_terminal(void *state, const char *bytes, size_t count)
{
    (void)state;
    say_bytes(bytes, count);
}

static bool edit_line(void)
{
    enum editor_result result = EDITOR_MORE;

    editor_begin(&editor);
    while (result == EDITOR_MORE) {
        const int byte = read_byte();
        if (byte == INTERRUPT) {
            editor_interrupt(&editor);
        } else {
            result = byte == END ? EDITOR_END : editor_take(&editor, (unsigned char)byte);
        }
    }
    return result == EDITOR_LINE;
}

static void edit_lines(void)
{
    editor_init(&editor, PROMPT, &shell.history, programs_candidate, NULL, write_terminal, NULL);
    while (!shell.ending) {
        jobs_reap();
        if (!edit_line()) {
            return;
        }
        history_add(&shell.history, editor.line, editor.length);
        (void)run_text(editor.line, editor.length);
    }
}

/* --- without --- */

static void read_lines(void)
{
    static char line[EDITOR_LINE_BYTES];
    size_t used = 0;
    int byte = 0;

    while (!shell.ending && byte != END) {
        byte = read_byte();
        if (byte == '\n' || (byte == END && used > 0)) {
            if (used < sizeof(line)) {
                (void)run_text(line, used);
            } else {
                complain("shell: a line is too long\n");
                shell.status = STATUS_USAGE;
            }
            jobs_reap();
            used = 0;
        } else if (byte == INTERRUPT) {
            used = 0;
        } else if (byte != END && used < sizeof(line)) {
            line[used++] = (char)byte;
        }
    }
}

/* --- */

static bool has_terminal(void)
{
    struct rpc_client *input;
    bool terminal = false;

    if (err_ok(stream_binding(STREAM_IN, &input)) && err_ok(serial_about(input, &terminal)) && terminal &&
        err_ok(serial_mode(input, SERIAL_RAW))) {
        shell.terminal = input;
    }
    return shell.terminal != NULL;
}

void prompt_loop(void)
{
    if (has_terminal()) {
        edit_lines();
    } else {
        read_lines();
    }
}
