/** @file float_text.c  %a, %e, %f, %g; contracts in float_text.h. */
#include "float_text.h"
#include "decimal.h"

#include <string.h>

/* A number taken apart: m times 2 to the e; or neither. */
struct parts {
    bool minus, infinite, nan;
    uint128_t m;
    int e, bits;                        /* of the significand */
};

static void take_apart(struct parts *p, uint128_t fraction, int exponent, int most, int bits, bool minus)
{
    const int bias = most / 2;

    *p = (struct parts){ .minus = minus, .bits = bits };
    p->infinite = exponent == most && fraction == 0;
    p->nan = exponent == most && fraction != 0;
    p->m = exponent ? fraction | (uint128_t)1 << (bits - 1) : fraction;
    p->e = (exponent ? exponent : 1) - bias - (bits - 1);
}

static bool upper(const struct spec *s)
{
    return s->conversion < 'a';
}

static const char *sign_of(const struct parts *p, const struct spec *s)
{
    return p->minus ? "-" : s->sign;
}

static void emit_text(struct out *o, void *arg)
{
    for (const char *c = arg; *c; c++) {
        out_char(o, *c);
    }
}

static void no_number(struct out *o, struct spec *s, const struct parts *p)
{
    s->zero = false;
    out_field(o, s, sign_of(p, s), 3, emit_text, p->nan ? (upper(s) ? "NAN" : "nan") : (upper(s) ? "INF" : "inf"));
}

/* ---- decimal ------------------------------------------------------------------------------------------------------- */

struct decimal_text {
    const struct decimal *d;
    int top, last;                      /* powers of ten of the first digit and of the last one */
    int point;                          /* power of ten of the digit before the point */
    bool dot;
    char exponent[8];                   /* or "" */
};

static void emit_decimal(struct out *o, void *arg)
{
    const struct decimal_text *const t = arg;

    for (int power = t->top; power >= t->last; power--) {
        out_char(o, (char)('0' + decimal_digit(t->d, power)));
        if (power == t->point && t->dot) {
            out_char(o, '.');
        }
    }
    emit_text(o, (void *)(uintptr_t)t->exponent);
}

static void write_exponent(char *to, char letter, int exponent, int least)
{
    char digits[6];
    int count = 0;

    *to++ = letter;
    *to++ = exponent < 0 ? '-' : '+';
    for (int left = exponent < 0 ? -exponent : exponent; left > 0 || count < least; left /= 10) {
        digits[count++] = (char)('0' + left % 10);
    }
    while (count > 0) {
        *to++ = digits[--count];
    }
    *to = '\0';
}

static int lowest_digit(const struct decimal *d, int from, int to)
{
    while (from < to && decimal_digit(d, from) == 0) {
        from++;
    }
    return from;
}

/* %e with @p precision digits behind the point. */
static void scientific(struct decimal_text *t, const struct spec *s, int top, int precision)
{
    t->top = t->point = top;
    t->last = top - precision;
    write_exponent(t->exponent, upper(s) ? 'E' : 'e', top, 2);
}

static void plain(struct decimal_text *t, int top, int precision)
{
    t->top = top > 0 ? top : 0;
    t->point = 0;
    t->last = -precision;
}

static int top_of(const struct decimal *d)
{
    return decimal_zero(d) ? 0 : decimal_top(d);
}

/* Round first: that may make the number one digit longer. */
static void general(struct decimal_text *t, struct decimal *d, const struct spec *s, int precision)
{
    const int digits = precision > 0 ? precision : 1;

    decimal_round(d, top_of(d) - digits + 1);
    const int top = top_of(d);
    if (top < -4 || top >= digits) {
        scientific(t, s, top, digits - 1);
    } else {
        plain(t, top, digits - 1 - top);
    }
    if (!s->alternative) {
        t->last = lowest_digit(d, t->last, t->point);
    }
}

static void decimal_text(struct out *o, const struct spec *s, const struct parts *p, uint32_t *words, int capacity)
{
    const int precision = s->precision < 0 ? 6 : s->precision;
    const char kind = s->conversion | 0x20;
    struct decimal_text t = { .exponent = "" };
    struct decimal d;

    decimal_set(&d, words, capacity, p->m, p->e);
    t.d = &d;
    if (kind == 'f') {
        decimal_round(&d, -precision);
        plain(&t, top_of(&d), precision);
    } else if (kind == 'e') {
        decimal_round(&d, top_of(&d) - precision);
        scientific(&t, s, top_of(&d), precision);
    } else {
        general(&t, &d, s, precision);
    }
    t.dot = t.last < t.point || s->alternative;
    const long length = (long)t.top - t.last + 1 + t.dot + (long)strlen(t.exponent);
    out_field(o, s, sign_of(p, s), length, emit_decimal, &t);
}

/* ---- hexadecimal --------------------------------------------------------------------------------------------------- */

struct hex_text {
    uint128_t m;                        /* one digit, then `digits` behind the point */
    int digits, zeroes;                 /* zeroes behind them */
    bool dot, upper;
    char exponent[8];
};

static void emit_hex(struct out *o, void *arg)
{
    const struct hex_text *const t = arg;

    for (int i = t->digits; i >= 0; i--) {
        out_char(o, (t->upper ? "0123456789ABCDEF" : "0123456789abcdef")[(unsigned)(t->m >> 4 * i) & 15]);
        if (i == t->digits && t->dot) {
            out_char(o, '.');
        }
    }
    for (int i = 0; i < t->zeroes; i++) {
        out_char(o, '0');
    }
    emit_text(o, (void *)(uintptr_t)t->exponent);
}

static uint128_t round_hex(uint128_t m, int dropped)
{
    const uint128_t below = m & (((uint128_t)1 << dropped) - 1), half = (uint128_t)1 << (dropped - 1), above = m >> dropped;

    return above + (below > half || (below == half && above & 1));
}

static void hexadecimal(struct out *o, const struct spec *s, const struct parts *p)
{
    struct hex_text t = { .m = p->m, .digits = (p->bits - 1) / 4, .upper = upper(s) };
    char prefix[4];
    int e = p->e + p->bits - 1;

    for (; t.m && t.m >> (p->bits - 1) == 0; e--) {
        t.m <<= 1;
    }
    if (s->precision >= 0 && s->precision < t.digits) {
        t.m = round_hex(t.m, 4 * (t.digits - s->precision));
        t.digits = s->precision;
    }
    while (s->precision < 0 && t.digits > 0 && (t.m & 15) == 0) {
        t.m >>= 4;
        t.digits--;
    }
    t.zeroes = s->precision > t.digits ? s->precision - t.digits : 0;
    t.dot = t.digits > 0 || t.zeroes > 0 || s->alternative;
    write_exponent(t.exponent, upper(s) ? 'P' : 'p', p->m ? e : 0, 1);
    strcpy(prefix, sign_of(p, s));
    strcat(prefix, upper(s) ? "0X" : "0x");
    out_field(o, s, prefix, 1L + t.dot + t.digits + t.zeroes + (long)strlen(t.exponent), emit_hex, &t);
}

/* ---- both widths --------------------------------------------------------------------------------------------------- */

static bool special(struct out *o, struct spec *s, const struct parts *p)
{
    if (p->infinite || p->nan) {
        no_number(o, s, p);
        return true;
    }
    if ((s->conversion | 0x20) == 'a') {
        hexadecimal(o, s, p);
        return true;
    }
    return false;
}

void float_double(struct out *o, struct spec *s, double value)
{
    uint32_t words[DECIMAL_DOUBLE_WORDS];
    struct parts p;
    uint64_t bits;

    memcpy(&bits, &value, sizeof(bits));
    take_apart(&p, bits & ((1ull << 52) - 1), (int)(bits >> 52 & 0x7ff), 0x7ff, 53, bits >> 63);
    if (!special(o, s, &p)) {
        decimal_text(o, s, &p, words, DECIMAL_DOUBLE_WORDS);
    }
}

/* Apart, for its 7 KiB of stack. */
__attribute__((noinline)) static void long_decimal(struct out *o, const struct spec *s, const struct parts *p)
{
    uint32_t words[DECIMAL_LONG_DOUBLE_WORDS];

    decimal_text(o, s, p, words, DECIMAL_LONG_DOUBLE_WORDS);
}

void float_long_double(struct out *o, struct spec *s, long double value)
{
    struct parts p;
    uint128_t bits;

    _Static_assert(sizeof(value) == sizeof(bits), "binary128");
    memcpy(&bits, &value, sizeof(bits));
    take_apart(&p, bits & (((uint128_t)1 << 112) - 1), (int)(bits >> 112) & 0x7fff, 0x7fff, 113, bits >> 127);
    if (!special(o, s, &p)) {
        long_decimal(o, s, &p);
    }
}
