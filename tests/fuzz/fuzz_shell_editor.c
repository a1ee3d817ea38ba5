/* fuzz_shell_editor.c  Any bytes as keys: after each the line is printable UTF-8 and the terminal shows it. */
#include "editor.h"
#include "shell_terminal.h"

#include <stdlib.h>
#include <string.h>

static const char *candidate(void *state, bool command, unsigned index)
{
    static const char *const words[] = {
        "hello", "help", "history", "echo", "exit", "mem", "memtest", "\xc3\xa4", "a b", "",
    };

    (void)state;
    index += command ? 0 : 4;
    return index < sizeof(words) / sizeof(words[0]) ? words[index] : NULL;
}

static void must(int cond)
{
    if (!cond) {
        abort();
    }
}

static void check(const struct editor *e, const struct terminal *t)
{
    must(e->length <= EDITOR_LINE_BYTES && e->cursor <= e->length && e->first <= e->cursor);
    for (size_t i = 0; i < e->length; i++) {
        must((unsigned char)e->line[i] >= ' ' && e->line[i] != 0x7f);
    }
    must(e->cursor == e->length || (e->line[e->cursor] & 0xc0) != 0x80);
    must(!t->broken && t->more == 0 && t->state == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    static struct editor e;
    static struct history h;
    static struct terminal t;

    memset(&e, 0, sizeof(e));
    memset(&t, 0, sizeof(t));
    h.used = h.count = h.dropped = 0;
    editor_init(&e, "> ", &h, candidate, NULL, terminal_write, &t);
    editor_begin(&e);
    for (size_t i = 0; i < bytes; i++) {
        const enum editor_result result = editor_take(&e, data[i]);
        check(&e, &t);
        must(result != EDITOR_MORE || !terminal_check(&t, "> ", e.line, e.length, e.cursor));
        if (result == EDITOR_LINE) {
            history_add(&h, e.line, e.length);
        }
        if (result != EDITOR_MORE) {
            must(t.column == 0);
            editor_begin(&e);
        }
    }
    return 0;
}
