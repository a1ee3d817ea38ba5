/** @file print.c  Whole lines to the kernel's console; contract in os/print.h. */
#include <os/caps.h>
#include <os/print.h>
#include <os/string.h>

#define LINE_MAX 200

static struct {
    cptr_t kernel;
    char text[LINE_MAX];
    size_t length;
} line;

void print_use(cptr_t kernel)
{
    line.kernel = kernel;
}

static void flush(void)
{
    for (size_t at = 0; at < line.length && line.kernel != CPTR_NULL; at += KERNEL_PRINT_BYTES) {
        const size_t left = line.length - at, part = left < KERNEL_PRINT_BYTES ? left : KERNEL_PRINT_BYTES;
        if (!err_ok(kernel_print(line.kernel, line.text + at, part))) {
            break;              /* there is nobody to tell */
        }
    }
    line.length = 0;
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
            flush();
        }
    }
}
