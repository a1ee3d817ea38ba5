/** @file format.c  Error trails as text; contracts in os/err.h. */
#include <os/err.h>
#include <os/print.h>

#define CODES 4     /* of a trail */

static size_t append(char *out, size_t size, size_t at, const char *text)
{
    for (; *text; text++, at++) {
        if (at + 1 < size) {
            out[at] = *text;
        }
    }
    if (size > 0) {
        out[at < size ? at : size - 1] = '\0';
    }
    return at;
}

size_t err_format(err_t err, char *out, size_t size)
{
    size_t at = append(out, size, 0, err_ok(err) ? err_text(E_OK) : "");

    for (unsigned i = CODES; i-- > 0;) {
        const enum err_code code = (enum err_code)(err.trail >> 16 * i & 0xffff);
        if (code != E_OK) {
            at = append(out, size, at, err_text(code));
            at = append(out, size, at, i > 0 ? ": " : "");
        }
    }
    return at;
}

void err_print(const char *what, err_t err)
{
    char text[256];

    err_format(err, text, sizeof(text));
    print("%s: %s\n", what, text);
}
