/**
 * @file vfprintf.c  The printf family's heart.  picolibc's has at most seventeen right digits, rounds ties away from zero, and
 * cannot print a long double; this one is exact.  It also holds the stream's lock for the whole call, so that lines of
 * several threads do not mix.
 *
 * Of C17 all but %n$ of POSIX and the multibyte side of %lc and %ls (the locale is "C"; a wide character is one byte).
 */
#include "float_text.h"
#include "../lock.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio-bufio.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

enum size { SIZE_CHAR, SIZE_SHORT, SIZE_INT, SIZE_LONG, SIZE_LONG_DOUBLE };

static void pad(struct out *o, char c, long count)
{
    for (; count > 0; count--) {
        out_char(o, c);
    }
}

static void text(struct out *o, const char *s, size_t bytes)
{
    for (; bytes > 0; bytes--) {
        out_char(o, *s++);
    }
}

void out_field(struct out *o, const struct spec *s, const char *prefix, long body, void (*emit)(struct out *, void *), void *arg)
{
    const long length = body + (long)strlen(prefix), blank = s->width > length ? s->width - length : 0;
    const bool zeroes = s->zero && !s->left;

    pad(o, ' ', s->left || zeroes ? 0 : blank);
    text(o, prefix, strlen(prefix));
    pad(o, '0', zeroes ? blank : 0);
    emit(o, arg);
    pad(o, ' ', s->left ? blank : 0);
}

struct run {
    const char *s;
    size_t bytes;
    long zeroes;                        /* in front */
};

static void emit_run(struct out *o, void *arg)
{
    const struct run *const r = arg;

    pad(o, '0', r->zeroes);
    text(o, r->s, r->bytes);
}

static void emit_wide(struct out *o, void *arg)
{
    const struct run *const r = arg;

    for (size_t i = 0; i < r->bytes; i++) {
        out_char(o, (char)((const wchar_t *)(const void *)r->s)[i]);
    }
}

static void integer(struct out *o, struct spec *s, uint64_t value, const char *prefix)
{
    const unsigned base = s->conversion == 'o' ? 8 : strchr("xXp", s->conversion) ? 16 : 10;
    const char *const digit = s->conversion == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    char digits[24], *at = digits + sizeof(digits);

    for (uint64_t left = value; left > 0; left /= base) {
        *--at = digit[left % base];
    }
    struct run run = { at, (size_t)(digits + sizeof(digits) - at), 0 };
    const long least = s->precision < 0 ? 1 : s->precision;
    run.zeroes = least > (long)run.bytes ? least - (long)run.bytes : 0;
    if (s->alternative && s->conversion == 'o' && run.zeroes == 0) {
        run.zeroes = 1;
    }
    s->zero &= s->precision < 0;
    out_field(o, s, prefix, run.zeroes + (long)run.bytes, emit_run, &run);
}

static void signed_integer(struct out *o, struct spec *s, va_list *args)
{
    int64_t value = s->size >= SIZE_LONG ? va_arg(*args, int64_t) : va_arg(*args, int);

    value = s->size == SIZE_CHAR ? (signed char)value : s->size == SIZE_SHORT ? (short)value : value;
    integer(o, s, value < 0 ? -(uint64_t)value : (uint64_t)value, value < 0 ? "-" : s->sign);
}

static void unsigned_integer(struct out *o, struct spec *s, va_list *args)
{
    uint64_t value = s->size >= SIZE_LONG ? va_arg(*args, uint64_t) : va_arg(*args, unsigned);

    value = s->size == SIZE_CHAR ? (unsigned char)value : s->size == SIZE_SHORT ? (unsigned short)value : value;
    const bool prefix = s->alternative && value != 0;
    integer(o, s, value, prefix && s->conversion == 'x' ? "0x" : prefix && s->conversion == 'X' ? "0X" : "");
}

static void string(struct out *o, struct spec *s, va_list *args)
{
    const bool wide = s->size == SIZE_LONG;
    const size_t most = s->precision < 0 ? SIZE_MAX / sizeof(wchar_t) : (size_t)s->precision;
    const void *const words = va_arg(*args, const void *);
    struct run run = { words ? words : wide ? (const char *)L"(null)" : "(null)", 0, 0 };

    while (run.bytes < most && (wide ? ((const wchar_t *)(const void *)run.s)[run.bytes] : run.s[run.bytes]) != 0) {
        run.bytes++;
    }
    s->zero = false;
    out_field(o, s, "", (long)run.bytes, wide ? emit_wide : emit_run, &run);
}

static void store_count(const struct out *o, const struct spec *s, va_list *args)
{
    void *const to = va_arg(*args, void *);

    switch (s->size) {
    case SIZE_CHAR: *(signed char *)to = (signed char)o->count; break;
    case SIZE_SHORT: *(short *)to = (short)o->count; break;
    case SIZE_LONG: *(long *)to = (long)o->count; break;
    default: *(int *)to = (int)o->count; break;
    }
}

static bool convert(struct out *o, struct spec *s, va_list *args)
{
    char c;
    struct run run = { &c, 1, 0 };

    switch (s->conversion) {
    case 'd':
    case 'i': signed_integer(o, s, args); return true;
    case 'o':
    case 'u':
    case 'x':
    case 'X': unsigned_integer(o, s, args); return true;
    case 'p': integer(o, s, (uint64_t)va_arg(*args, void *), "0x"); return true;
    case 's': string(o, s, args); return true;
    case 'n': store_count(o, s, args); return true;
    case 'c':
    case '%':
        c = s->conversion == '%' ? '%' : (char)va_arg(*args, int);
        s->zero = false;
        out_field(o, s, "", 1, emit_run, &run);
        return true;
    case 'a':
    case 'A':
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
        if (s->size == SIZE_LONG_DOUBLE) {
            float_long_double(o, s, va_arg(*args, long double));
        } else {
            float_double(o, s, va_arg(*args, double));
        }
        return true;
    default: return false;
    }
}

/* ---- the format ---------------------------------------------------------------------------------------------------- */

static const char *read_flags(const char *f, struct spec *s)
{
    for (;; f++) {
        switch (*f) {
        case '-': s->left = true; break;
        case '+': s->sign = "+"; break;
        case ' ': s->sign = *s->sign ? s->sign : " "; break;
        case '#': s->alternative = true; break;
        case '0': s->zero = true; break;
        default: return f;
        }
    }
}

static const char *read_number(const char *f, int *number, va_list *args)
{
    if (*f == '*') {
        *number = va_arg(*args, int);
        return f + 1;
    }
    for (*number = 0; isdigit((unsigned char)*f); f++) {
        *number = *number < 100000000 ? *number * 10 + (*f - '0') : *number;
    }
    return f;
}

static const char *read_size(const char *f, struct spec *s)
{
    s->size = SIZE_INT;
    switch (*f) {
    case 'h':
        s->size = f[1] == 'h' ? SIZE_CHAR : SIZE_SHORT;
        return f + (f[1] == 'h' ? 2 : 1);
    case 'l':
        s->size = SIZE_LONG;
        return f + (f[1] == 'l' ? 2 : 1);
    case 'j':
    case 'z':
    case 't': s->size = SIZE_LONG; return f + 1;
    case 'L': s->size = SIZE_LONG_DOUBLE; return f + 1;
    default: return f;
    }
}

static const char *read_spec(const char *f, struct spec *s, va_list *args)
{
    *s = (struct spec){ .sign = "", .precision = -1 };
    f = read_flags(f, s);
    f = read_number(f, &s->width, args);
    if (s->width < 0) {
        s->left = true;
        s->width = s->width == INT_MIN ? INT_MAX : -s->width;
    }
    if (*f == '.') {
        f = read_number(f + 1, &s->precision, args);
        s->precision = s->precision < 0 ? -1 : s->precision;
    }
    f = read_size(f, s);
    s->conversion = *f;
    return *f ? f + 1 : f;
}

static void print_all(struct out *o, const char *format, va_list *args)
{
    while (*format) {
        struct spec s;
        if (*format != '%') {
            out_char(o, *format++);
            continue;
        }
        const char *const behind = read_spec(format + 1, &s, args);
        if (!convert(o, &s, args)) {            /* no conversion: as it stands */
            text(o, format, (size_t)(behind - format));
        }
        format = behind;
    }
}

int vfprintf(FILE *restrict file, const char *restrict format, va_list given)
{
    struct __lock *const lock = file->flags & __SBUF ? ((struct __file_bufio *)file)->lock : NULL;
    struct out o = { .file = file };
    va_list args;

    if (!(file->flags & __SWR)) {
        errno = EBADF;
        return EOF;
    }
    va_copy(args, given);
    if (lock) {
        lock_take(lock);
    }
    print_all(&o, format, &args);
    if (lock) {
        lock_release(lock);
    }
    va_end(args);
    if (o.count > INT_MAX) {
        errno = EOVERFLOW;
        return EOF;
    }
    return o.failed ? EOF : (int)o.count;
}
