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

static void line_float(char *line, const char *text)
{
    char *end;
    uint32_t bits;

    errno = 0;
    const float value = strtof(text, &end);
    memcpy(&bits, &value, sizeof(bits));
    snprintf(line, LINE_BYTES, "%08x, %d characters, errno %s", bits, (int)(end - text), errno == ERANGE ? "ERANGE" : "0");
}

static void line_ulong(char *line, const char *text, int base)
{
    char *end;

    errno = 0;
    const unsigned long value = strtoul(text, &end, base);
    snprintf(line, LINE_BYTES, "%lu, %d characters, errno %s", value, (int)(end - text), errno == ERANGE ? "ERANGE" : "0");
}

/* ---- many numbers: the same ones on both machines (xorshift64*, Vigna 2016) ------------------------------------------ */

#define SWEEP_NUMBERS 20000

static uint64_t sweep_next(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545f4914f6cdd1du;
}

/* Every third of the magnitude that people use, every third an integer or nearly one, which is where rounding has ties. */
static double sweep_double(uint64_t *state)
{
    const uint64_t bits = sweep_next(state), kind = sweep_next(state) % 3;
    double value;

    if (kind == 0) {
        return (double)(int64_t)bits / 4294967296.0 / (double)(1 + sweep_next(state) % 100000);
    }
    if (kind == 1) {
        return (double)(int64_t)(bits >> 40) / 64;
    }
    memcpy(&value, &bits, sizeof(value));
    return isfinite(value) ? value : 1;
}

static uint64_t sweep_hash(uint64_t hash, const void *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        hash = (hash ^ ((const unsigned char *)bytes)[i]) * 0x100000001b3u;
    }
    return hash;
}

static void line_sweep(char *line, const char *format, char kind)
{
    uint64_t state = 88172645463325252u, hash = 0xcbf29ce484222325u;
    static char text[512];

    for (int n = 0; n < SWEEP_NUMBERS; n++) {
        const double value = sweep_double(&state);
        const uint64_t bits = sweep_next(&state) >> sweep_next(&state) % 64;
        int length;
        if (kind == 'd' || kind == 'n') {
            length = snprintf(text, sizeof(text), format, kind == 'n' && fabs(value) < DBL_MIN ? 1.0 : value);
        } else if (kind == 'i') {
            length = snprintf(text, sizeof(text), format, (int)bits);
        } else {
            length = snprintf(text, sizeof(text), format, (long)bits);
        }
        hash = sweep_hash(hash, text, (size_t)length + 1);
    }
    snprintf(line, LINE_BYTES, "%016llx", (unsigned long long)hash);
}

static void line_read(char *line, const char *format)
{
    uint64_t state = 88172645463325252u, hash = 0xcbf29ce484222325u;
    static char text[512];

    for (int n = 0; n < SWEEP_NUMBERS; n++) {
        snprintf(text, sizeof(text), format, sweep_double(&state));
        const double value = strtod(text, NULL);
        const float small = strtof(text, NULL);
        hash = sweep_hash(sweep_hash(hash, &value, sizeof(value)), &small, sizeof(small));
    }
    snprintf(line, LINE_BYTES, "%016llx", (unsigned long long)hash);
}

static void line_scan(char *line, const char *text, const char *format, char kind)
{
    char s[3][32] = { "", "", "" };
    double f[3] = { 0, 0, 0 };
    long l[3] = { 0, 0, 0 };
    int d[3] = { 0, 0, 0 };

    if (kind == 'l') {
        const int count = sscanf(text, format, &l[0], &l[1], &l[2]);
        snprintf(line, LINE_BYTES, "%d: %ld %ld %ld", count, l[0], l[1], l[2]);
    } else if (kind == 'd') {
        const int count = sscanf(text, format, &d[0], &d[1], &d[2]);
        snprintf(line, LINE_BYTES, "%d: %d %d %d", count, d[0], d[1], d[2]);
    } else if (kind == 'f') {
        const int count = sscanf(text, format, &f[0], &f[1], &f[2]);
        snprintf(line, LINE_BYTES, "%d: %g %g %g", count, f[0], f[1], f[2]);
    } else if (kind == 'e') {           /* every bit of two doubles and a float */
        float last = 0;
        const int count = sscanf(text, format, &f[0], &f[1], &last);
        snprintf(line, LINE_BYTES, "%d: %a %a %a", count, f[0], f[1], (double)last);
    } else if (kind == 'L') {
        long double x[3] = { 7, 7, 7 };
        const int count = sscanf(text, format, &x[0], &x[1], &x[2]);
        snprintf(line, LINE_BYTES, "%d: %.15Lg %.15Lg %.15Lg", count, x[0], x[1], x[2]);
    } else {
        const int count = sscanf(text, format, s[0], s[1], s[2]);
        snprintf(line, LINE_BYTES, "%d: %s %s %s", count, s[0], s[1], s[2]);
    }
}

#endif
