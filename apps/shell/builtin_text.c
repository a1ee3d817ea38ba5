/** @file builtin_text.c  Builtins about text, and about the shell itself. */
#include "builtins.h"
#include "numbers.h"

#include <os/string.h>

int builtin_clear(const struct command *c)
{
    (void)c;
    say("\033[H\033[2J");
    return 0;
}

int builtin_echo(const struct command *c)
{
    for (unsigned i = 1; i < c->argc; i++) {
        const char *const word = c->argv[i];
        if (i > 1) {
            say_bytes(" ", 1);
        }
        if (strcmp(word, "$?") == 0) {
            say("%d", shell.status);
        } else {
            say_bytes(word, strlen(word));
        }
    }
    say_bytes("\n", 1);
    return 0;
}

int builtin_exit(const struct command *c)
{
    uint64_t status = 0;

    if (c->argc == 2 && !read_number(c->argv[1], STATUS_MOST, &status)) {
        return usage(c);
    }
    shell.ending = true;
    return (int)status;
}

int builtin_false(const struct command *c)
{
    (void)c;
    return STATUS_FAILED;
}

int builtin_history(const struct command *c)
{
    const struct history *const h = &shell.history;
    size_t bytes;

    (void)c;
    for (unsigned i = 0; i < h->count && !was_interrupted(); i++) {
        const char *const line = history_line(h, h->count - 1 - i, &bytes);
        say("%5u  ", h->dropped + i + 1);
        say_bytes(line, bytes);
        say_bytes("\n", 1);
    }
    return 0;
}

int builtin_true(const struct command *c)
{
    (void)c;
    return 0;
}
