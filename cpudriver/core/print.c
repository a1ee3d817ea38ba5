/** @file print.c  See print.h. */
#include <core/kcb.h>
#include <core/lib.h>
#include <core/print.h>
#include <stdbool.h>
#include <stdint.h>

#define NUMBER_BYTES 21         /* 2^63 in decimal, with its sign */

void kputs_n(const char *s, size_t n)
{
    struct kcb *k = kcb_get();
    const bool visible = (!k->plat.console_given && !k->log_only) || k->panicking;
    for (size_t i = 0; i < n; i++) {
        k->log[k->log_head++ % KCB_LOG_BYTES] = s[i];
        if (visible && s[i] == '\n') {
            console_putc(&k->plat, '\r');
        }
        if (visible) {
            console_putc(&k->plat, s[i]);
        }
    }
}

/** One conversion as it was read from the format. */
struct conversion {
    bool prefix;            /* #: 0x before a hexadecimal number other than 0 */
    unsigned width;
    char fill;
    unsigned longs;         /* l: 1, ll and z: 2 */
    char letter;
};

/** Read what follows a '%'.  @return behind it */
static const char *read_conversion(const char *f, struct conversion *c)
{
    *c = (struct conversion){ .fill = ' ' };
    if (*f == '#') {
        c->prefix = true;
        f++;
    }
    if (*f == '0') {
        c->fill = '0';
        f++;
    }
    for (; *f >= '0' && *f <= '9' && c->width < 100; f++) {
        c->width = c->width * 10 + (unsigned)(*f - '0');
    }
    for (; (*f == 'l' || *f == 'z') && c->longs < 2; f++) {
        c->longs += *f == 'z' ? 2 : 1;
    }
    c->letter = *f;
    return *f == '\0' ? f : f + 1;
}

static void put_padded(const struct conversion *c, const char *s, size_t n)
{
    for (size_t i = n; i < c->width; i++) {
        kputs_n(&c->fill, 1);
    }
    kputs_n(s, n);
}

static void put_number(const struct conversion *c, uint64_t n, unsigned base, bool negative)
{
    char text[NUMBER_BYTES], *at = text + sizeof(text);
    const char *const sign = negative ? "-" : c->prefix && base == 16 && n != 0 ? "0x" : "";
    const size_t sign_bytes = strlen(sign);
    struct conversion rest = *c;
    do {
        *--at = "0123456789abcdef"[n % base];
        n /= base;
    } while (n > 0);
    if (c->fill == '0') {                   /* the sign stands before the zeros */
        kputs_n(sign, sign_bytes);
        rest.width = rest.width > sign_bytes ? rest.width - (unsigned)sign_bytes : 0;
    } else {
        at -= sign_bytes;
        memcpy(at, sign, sign_bytes);
    }
    put_padded(&rest, at, (size_t)(text + sizeof(text) - at));
}

static uint64_t next_number(const struct conversion *c, va_list *args)
{
    return c->longs ? va_arg(*args, uint64_t) : va_arg(*args, unsigned);
}

static void put_signed(const struct conversion *c, va_list *args)
{
    const int64_t n = c->longs ? va_arg(*args, int64_t) : va_arg(*args, int);
    put_number(c, n < 0 ? -(uint64_t)n : (uint64_t)n, 10, n < 0);
}

static void put_string(const struct conversion *c, const char *s)
{
    s = s ? s : "(null)";
    put_padded(c, s, strlen(s));
}

/** @return false: not a conversion that exists */
static bool put_conversion(const struct conversion *c, va_list *args)
{
    char letter;
    switch (c->letter) {
    case 's':
        put_string(c, va_arg(*args, const char *));
        return true;
    case 'c':
        letter = (char)va_arg(*args, int);
        put_padded(c, &letter, 1);
        return true;
    case 'd':
        put_signed(c, args);
        return true;
    case 'u':
        put_number(c, next_number(c, args), 10, false);
        return true;
    case 'x':
        put_number(c, next_number(c, args), 16, false);
        return true;
    case 'p':
        kputs_n("0x", 2);
        put_number(c, (uint64_t)va_arg(*args, void *), 16, false);
        return true;
    case '%':
        kputs_n("%", 1);
        return true;
    default:
        return false;
    }
}

void kvprintf(const char *format, va_list given)
{
    va_list args;
    va_copy(args, given);       /* a parameter of this type may be a pointer, of which &args would be another type */
    for (const char *f = format; *f != '\0';) {
        struct conversion c;
        const char *start = f;
        if (*f != '%') {
            while (*f != '\0' && *f != '%') {
                f++;
            }
            kputs_n(start, (size_t)(f - start));
            continue;
        }
        f = read_conversion(f + 1, &c);
        if (!put_conversion(&c, &args)) {
            kputs_n(start, (size_t)(f - start));
        }
    }
    va_end(args);
}

void klog(const char *format, ...)
{
    struct kcb *const k = kcb_get();
    va_list args;
    va_start(args, format);
    k->log_only = 1;
    kvprintf(format, args);
    k->log_only = 0;
    va_end(args);
}

void kprintf(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    kvprintf(format, args);
    va_end(args);
}
