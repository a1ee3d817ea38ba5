/** @file say.c  Contracts in shell.h. */
#include "shell.h"

#include <os/err.h>
#include <os/print.h>
#include <os/stream.h>
#include <os/string.h>

#define TEXT_BYTES 512u

static void put(enum stream stream, const char *format, va_list args)
{
    static const char cut[] = "...\n";
    char text[TEXT_BYTES];
    size_t length = format_text_v(text, sizeof(text), format, args);

    if (length >= sizeof(text)) {
        length = sizeof(text);
        memcpy(text + length - (sizeof(cut) - 1), cut, sizeof(cut) - 1);
    }
    err_ignore(stream_write(stream, text, length));     /* whom to tell? */
}

void say(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put(STREAM_OUT, format, args);
    va_end(args);
}

void complain(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put(STREAM_ERR, format, args);
    va_end(args);
}

void say_bytes(const char *bytes, size_t count)
{
    err_ignore(stream_write(STREAM_OUT, bytes, count));
}

int complain_err(const char *name, const char *what, err_t err)
{
    char text[256];

    (void)err_format(err, text, sizeof(text));
    complain("%s: %s%s%s\n", name, what ? what : "", what ? ": " : "", text);
    return STATUS_FAILED;
}
