/** @file print.c  Whole lines for the program's sink; contract in os/print.h. */
#include <os/print.h>

#define LINE_MAX 200

static struct {
    char text[LINE_MAX];
    size_t length;
} line;

void print_flush(void)
{
    const size_t length = line.length;

    line.length = 0;
    if (length > 0) {
        print_sink(line.text, length);
    }
}

void print(const char *format, ...)
{
    char text[512];
    va_list args;

    va_start(args, format);
    size_t length = format_text_v(text, sizeof(text), format, args);
    va_end(args);
    length = length < sizeof(text) ? length : sizeof(text) - 1;
    for (size_t i = 0; i < length; i++) {
        line.text[line.length++] = text[i];
        if (text[i] == '\n' || line.length == LINE_MAX) {
            print_flush();
        }
    }
}
