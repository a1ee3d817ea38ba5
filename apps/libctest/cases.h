/**
 * @file cases.h  How one case of cases.def becomes a line of text, the same way on both machines.
 */
#ifndef CASES_H
#define CASES_H

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES 256

static void line_double(char *line, const char *text)
{
    char *end;
    uint64_t bits;

    errno = 0;
    double value = strtod(text, &end);
    if (isnan(value)) {
        value = 0;                      /* whatever its sign and payload */
    }
    memcpy(&bits, &value, sizeof(bits));
    snprintf(line, LINE_BYTES, "%016llx, %d characters, errno %s", (unsigned long long)bits, (int)(end - text),
             errno == ERANGE ? "ERANGE" : errno ? "other" : "0");
}

static void line_long(char *line, const char *text, int base)
{
    char *end;

    errno = 0;
    const long value = strtol(text, &end, base);
    snprintf(line, LINE_BYTES, "%ld, %d characters, errno %s", value, (int)(end - text), errno == ERANGE ? "ERANGE" : "0");
}

static void line_scan(char *line, const char *text, const char *format, char kind)
{
    char s[3][32] = { "", "", "" };
    double f[3] = { 0, 0, 0 };
    int d[3] = { 0, 0, 0 };

    if (kind == 'd') {
        const int count = sscanf(text, format, &d[0], &d[1], &d[2]);
        snprintf(line, LINE_BYTES, "%d: %d %d %d", count, d[0], d[1], d[2]);
    } else if (kind == 'f') {
        const int count = sscanf(text, format, &f[0], &f[1], &f[2]);
        snprintf(line, LINE_BYTES, "%d: %g %g %g", count, f[0], f[1], f[2]);
    } else {
        const int count = sscanf(text, format, s[0], s[1], s[2]);
        snprintf(line, LINE_BYTES, "%d: %s %s %s", count, s[0], s[1], s[2]);
    }
}

#endif
