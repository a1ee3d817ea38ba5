/** @file format.c  printf into memory; contract in os/print.h. */
#include <os/print.h>
#include <os/string.h>
#include <stdbool.h>
#include <stdint.h>

struct sink {
    char *out;
    size_t size, length;
};

struct spec {
    bool left, zero, prefix;
    size_t width, precision;
    unsigned longs;             /* 0: int, 1: long and size_t, 2: long long */
};

static void put(struct sink *s, char c)
{
    if (s->length + 1 < s->size) {
        s->out[s->length] = c;
    }
    s->length++;
}

static void put_padded(struct sink *s, const struct spec *spec, const char *text, size_t length)
{
    const size_t pad = spec->width > length ? spec->width - length : 0;

    if (!spec->left) {
        for (size_t i = 0; i < pad; i++) {
            put(s, spec->zero ? '0' : ' ');
        }
    }
    for (size_t i = 0; i < length; i++) {
        put(s, text[i]);
    }
    if (spec->left) {
        for (size_t i = 0; i < pad; i++) {
            put(s, ' ');
        }
    }
}

static void put_number(struct sink *s, struct spec *spec, uint64_t value, unsigned base, bool negative, bool upper)
{
    char digits[24];
    size_t at = sizeof(digits);

    do {
        const unsigned digit = (unsigned)(value % base);
        digits[--at] = (char)(digit < 10 ? '0' + digit : (upper ? 'A' : 'a') + digit - 10);
        value /= base;
    } while (value);
    if (negative && spec->zero && spec->width > 0) {
        put(s, '-');
        spec->width--;
    } else if (negative) {
        digits[--at] = '-';
    }
    put_padded(s, spec, digits + at, sizeof(digits) - at);
}

static const char *read_spec(const char *f, struct spec *spec, va_list *args)
{
    *spec = (struct spec){ .precision = SIZE_MAX };
    for (;; f++) {
        if (*f == '-') {
            spec->left = true;
        } else if (*f == '0') {
            spec->zero = true;
        } else if (*f == '#') {
            spec->prefix = true;
        } else {
            break;
        }
    }
    if (*f == '*') {
        const int width = va_arg(*args, int);
        spec->left |= width < 0;
        spec->width = (size_t)(width < 0 ? -(long)width : width);
        f++;
    }
    for (; *f >= '0' && *f <= '9'; f++) {
        spec->width = spec->width * 10 + (size_t)(*f - '0');
    }
    if (*f == '.') {
        spec->precision = 0;
        f++;
        if (*f == '*') {
            const int precision = va_arg(*args, int);
            spec->precision = precision < 0 ? SIZE_MAX : (size_t)precision;
            f++;
        }
        for (; *f >= '0' && *f <= '9'; f++) {
            spec->precision = spec->precision * 10 + (size_t)(*f - '0');
        }
    }
    for (; *f == 'l' || *f == 'z'; f++) {
        spec->longs++;
    }
    return f;
}

size_t format_text_v(char *out, size_t size, const char *format, va_list args_)
{
    struct sink s = { out, size, 0 };
    va_list args;
    va_copy(args, args_);

    for (const char *f = format; *f; f++) {
        if (*f != '%') {
            put(&s, *f);
            continue;
        }
        const char *start = f;
        struct spec spec;
        f = read_spec(f + 1, &spec, &args);
        switch (*f) {
        case 'd':
        case 'i': {
            const int64_t v = spec.longs ? va_arg(args, long) : va_arg(args, int);
            put_number(&s, &spec, v < 0 ? -(uint64_t)v : (uint64_t)v, 10, v < 0, false);
            break;
        }
        case 'u':
        case 'x':
        case 'X': {
            const uint64_t v = spec.longs ? va_arg(args, unsigned long) : va_arg(args, unsigned);
            if (spec.prefix && *f != 'u') {
                put(&s, '0');
                put(&s, *f);
            }
            put_number(&s, &spec, v, *f == 'u' ? 10 : 16, false, *f == 'X');
            break;
        }
        case 'p':
            put(&s, '0');
            put(&s, 'x');
            put_number(&s, &spec, (uint64_t)va_arg(args, void *), 16, false, false);
            break;
        case 'c': {
            const char c = (char)va_arg(args, int);
            put_padded(&s, &spec, &c, 1);
            break;
        }
        case 's': {
            const char *text = va_arg(args, const char *);
            text = text ? text : "(null)";
            put_padded(&s, &spec, text, strnlen(text, spec.precision));
            break;
        }
        case '%':
            put(&s, '%');
            break;
        default:
            for (; start < f; start++) {
                put(&s, *start);
            }
            f -= *f == 0;       /* the loop's step must not leave the format behind */
            if (f >= start) {
                put(&s, *f);
            }
            break;
        }
    }
    va_end(args);
    if (size > 0) {
        out[s.length < size ? s.length : size - 1] = 0;
    }
    return s.length;
}

size_t format_text(char *out, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const size_t length = format_text_v(out, size, format, args);
    va_end(args);
    return length;
}
