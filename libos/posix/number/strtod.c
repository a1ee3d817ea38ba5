/**
 * @file strtod.c  strtod() and strtof(), correctly rounded, however many digits there are; picolibc's look at seventeen.
 */
#include "decimal.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DIGITS_KEPT 800         /* 767 decide about a double; one more, not zero, stands for all behind */
#define POINT       40          /* words before the point: ten to the 310th has 35 */
#define WORDS       300         /* 130 from POINT on for digits, and one per nine bits shifted out */
#define TOP_MOST    310         /* powers of ten beyond which a number is infinite, or zero, in any case */
#define TOP_LEAST   (-400)

struct format {
    int bits, least, most;      /* of the significand; exponents of the normal numbers with their first bit before the point */
};

static const struct format double_format = { 53, -1022, 1023 };
static const struct format float_format = { 24, -126, 127 };

/* The bits of (m + x) 2^e, sign apart; x: above 0 if @p rest.  2^63 <= m. */
static uint64_t round_to(const struct format *f, uint64_t m, int e, bool rest)
{
    const int power = e + 63, missing = power < f->least ? f->least - power : 0, kept = f->bits - missing;
    const uint64_t infinite = (uint64_t)(f->most + 1 - f->least + 1) << (f->bits - 1);

    if (power > f->most || kept < 0) {
        errno = ERANGE;
        return kept < 0 ? 0 : infinite;
    }
    const int dropped = 64 - kept;                  /* 11 to 64 */
    const uint64_t above = dropped == 64 ? 0 : m >> dropped, below = dropped == 64 ? m : m & ((1ull << dropped) - 1);
    const uint64_t half = 1ull << (dropped - 1);
    const bool up = below > half || (below == half && (rest || above & 1));
    /* A carry out of the significand makes the exponent one larger, as it should. */
    const uint64_t bits = ((uint64_t)(missing ? 0 : power - f->least) << (f->bits - 1)) + above + up;
    if (bits >= infinite || (bits < 1ull << (f->bits - 1) && (below || rest))) {
        errno = ERANGE;
    }
    return bits;
}

/* Behind a number's digits: "e" or "p", a sign, digits.  @return where it ends, or @p s; the exponent within a million */
static const char *read_exponent(const char *s, char letter, long *exponent)
{
    const char *at = s;
    long value = 0;

    *exponent = 0;
    if (tolower((unsigned char)*at) != letter) {
        return s;
    }
    at++;
    const bool minus = *at == '-';
    at += *at == '-' || *at == '+';
    if (!isdigit((unsigned char)*at)) {
        return s;
    }
    for (; isdigit((unsigned char)*at); at++) {
        value = value < 1000000 ? value * 10 + (*at - '0') : value;
    }
    *exponent = minus ? -value : value;
    return at;
}

static unsigned hex_digit(char c)
{
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)(tolower((unsigned char)c) - 'a' + 10);
}

/* Behind "0x".  @return where it ends, or NULL: there is no digit */
static const char *read_hex(const struct format *f, const char *s, uint64_t *bits)
{
    uint64_t m = 0;
    long e = 0, exponent;
    bool point = false, rest = false, any = false;

    for (; isxdigit((unsigned char)*s) || (*s == '.' && !point); s++) {
        if (*s == '.') {
            point = true;
            continue;
        }
        any = true;
        if (m >> 60 == 0) {
            m = m << 4 | hex_digit(*s);
            e -= point ? 4 : 0;
        } else {
            rest |= *s != '0';
            e += point ? 0 : 4;
        }
    }
    if (!any) {
        return NULL;
    }
    s = read_exponent(s, 'p', &exponent);
    if (m == 0) {
        *bits = 0;
        return s;
    }
    e += exponent;
    while (m >> 63 == 0) {
        m <<= 1;
        e--;
    }
    *bits = round_to(f, m, e < -100000 ? -100000 : e > 100000 ? 100000 : (int)e, rest);
    return s;
}

/* Powers of ten that a double has exactly: a number of 15 digits times or by one of them is rounded once. */
static bool easy(const uint8_t *digits, int count, long scale, double *value)
{
    static const double power[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
    uint64_t m = 0;

    if (count > 15 || scale < -22 || scale > 22) {
        return false;
    }
    for (int i = 0; i < count; i++) {
        m = m * 10 + digits[i];
    }
    *value = scale < 0 ? (double)m / power[-scale] : (double)m * power[scale];
    return true;
}

static uint64_t from_digits(const struct format *f, const uint8_t *digits, int count, long top)
{
    uint32_t words[WORDS];
    struct decimal d;
    double value;
    uint64_t bits;
    bool rest;
    int e;

    if (count == 0) {
        return 0;
    }
    if (f == &double_format && easy(digits, count, top - count + 1, &value)) {
        memcpy(&bits, &value, sizeof(bits));
        return bits;
    }
    if (top > TOP_MOST || top < TOP_LEAST) {
        return round_to(f, 1ull << 63, top > 0 ? 100000 : -100000, true);
    }
    decimal_from_digits(&d, words, WORDS, POINT, digits, count, (int)top);
    const uint64_t m = decimal_to_binary(&d, &e, &rest);
    return round_to(f, m, e, rest);
}

/* @return where it ends, or NULL: there is no digit */
static const char *read_decimal(const struct format *f, const char *s, uint64_t *bits)
{
    uint8_t digits[DIGITS_KEPT];
    long top = -1, exponent;
    bool point = false, any = false;
    int count = 0;

    for (; isdigit((unsigned char)*s) || (*s == '.' && !point); s++) {
        if (*s == '.') {
            point = true;
            continue;
        }
        any = true;
        if (count == 0 && *s == '0') {
            top -= point;
            continue;
        }
        top += !point;
        if (count < DIGITS_KEPT) {
            digits[count++] = (uint8_t)(*s - '0');
        } else if (*s != '0') {
            digits[DIGITS_KEPT - 1] = 1;
        }
    }
    if (!any) {
        return NULL;
    }
    s = read_exponent(s, 'e', &exponent);
    while (count > 0 && digits[count - 1] == 0) {
        count--;
    }
    *bits = from_digits(f, digits, count, top + exponent);
    return s;
}

/* "inf", "infinity", "nan", "nan(characters)".  @return where it ends, or NULL */
static const char *read_word(const struct format *f, const char *s, uint64_t *bits)
{
    const uint64_t infinite = (uint64_t)(f->most + 1 - f->least + 1) << (f->bits - 1);

    if (strncasecmp(s, "inf", 3) == 0) {
        *bits = infinite;
        return s + (strncasecmp(s, "infinity", 8) == 0 ? 8 : 3);
    }
    if (strncasecmp(s, "nan", 3) != 0) {
        return NULL;
    }
    *bits = infinite | infinite >> 1;
    s += 3;
    if (*s == '(') {
        size_t length = 1;
        while (isalnum((unsigned char)s[length]) || s[length] == '_') {
            length++;
        }
        return s[length] == ')' ? s + length + 1 : s;
    }
    return s;
}

static uint64_t read_number(const struct format *f, const char *text, char **end, bool *minus)
{
    const char *s = text, *behind = NULL;
    uint64_t bits = 0;

    while (isspace((unsigned char)*s)) {
        s++;
    }
    *minus = *s == '-';
    s += *s == '-' || *s == '+';
    if (s[0] == '0' && tolower((unsigned char)s[1]) == 'x') {
        behind = read_hex(f, s + 2, &bits);
    }
    behind = behind ? behind : read_decimal(f, s, &bits);
    behind = behind ? behind : read_word(f, s, &bits);
    *minus = behind && *minus;
    if (end) {
        *end = (char *)(uintptr_t)(behind ? behind : text);
    }
    return bits;
}

double strtod(const char *restrict text, char **restrict end)
{
    bool minus;
    const uint64_t bits = read_number(&double_format, text, end, &minus) | (uint64_t)minus << 63;
    double value;

    memcpy(&value, &bits, sizeof(value));
    return value;
}

float strtof(const char *restrict text, char **restrict end)
{
    bool minus;
    const uint32_t bits = (uint32_t)read_number(&float_format, text, end, &minus) | (uint32_t)minus << 31;
    float value;

    memcpy(&value, &bits, sizeof(value));
    return value;
}
