/** @file answers.c  Runs on the build machine: writes what its C library says to cases.def, as lines of a C array. */
#include "cases.h"

static void write_line(const char *line)
{
    putchar('"');
    for (; *line; line++) {
        if (*line == '"' || *line == '\\') {
            putchar('\\');
        }
        putchar(*line);
    }
    puts("\",");
}

int main(void)
{
    char line[LINE_BYTES];

#define PRINT(...)               snprintf(line, LINE_BYTES, __VA_ARGS__); write_line(line);
#define DOUBLE(text)             line_double(line, text); write_line(line);
#define LONG(text, base)         line_long(line, text, base); write_line(line);
#define FLOAT(text)              line_float(line, text); write_line(line);
#define ULONG(text, base)        line_ulong(line, text, base); write_line(line);
#define SWEEP(format, kind)      line_sweep(line, format, #kind[0]); write_line(line);
#define READ(format)             line_read(line, format); write_line(line);
#define SCAN(text, format, kind) line_scan(line, text, format, #kind[0]); write_line(line);
#include "cases.def"
    return 0;
}
