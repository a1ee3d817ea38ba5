/** @file formats.c  printf, strtod, strtol, scanf against the build machine's answers (cases.def). */
#include "cases.h"
#include "libctest.h"

static const char *const answer[] = {
#include "answers.inc"
};

void test_formats(void)
{
    char line[LINE_BYTES];
    unsigned i = 0;

#define COMPARE(what)            check_text(strcmp(line, answer[i]) == 0, what, line, answer[i]); i++;
#define PRINT(...)               snprintf(line, LINE_BYTES, __VA_ARGS__); COMPARE(#__VA_ARGS__)
#define DOUBLE(text)             line_double(line, text); COMPARE("strtod " #text)
#define LONG(text, base)         line_long(line, text, base); COMPARE("strtol " #text)
#define FLOAT(text)              line_float(line, text); COMPARE("strtof " #text)
#define ULONG(text, base)        line_ulong(line, text, base); COMPARE("strtoul " #text)
#define SWEEP(format, kind)      line_sweep(line, format, #kind[0]); COMPARE("sweep " format)
#define READ(format)             line_read(line, format); COMPARE("read " format)
#define SCAN(text, format, kind) line_scan(line, text, format, #kind[0]); COMPARE("sscanf " #text)
#include "cases.def"
    CHECK(i == sizeof(answer) / sizeof(answer[0]));
    CHECK(snprintf(NULL, 0, "%d", 12345) == 5);
    CHECK(snprintf(line, 4, "%s", "abcdef") == 6 && strcmp(line, "abc") == 0);
}
