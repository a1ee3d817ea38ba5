/**
 * @file lib.c  See lib.h.  Eight bytes at a time where both addresses allow it; alignment is strict, as early boot
 * runs with the MMU off.  no_builtin: else the compiler turns the loop of memset into a call of memset.
 */
#include <core/lib.h>
#include <stdbool.h>
#include <stdint.h>

#define NO_BUILTIN __attribute__((no_builtin))

typedef uint64_t __attribute__((may_alias)) word_t;

static bool aligned(const void *a, const void *b)
{
    return (((uintptr_t)a | (uintptr_t)b) & 7) == 0;
}

/** Whether the two reach a multiple of eight together. */
static bool alike(const void *a, const void *b)
{
    return (((uintptr_t)a ^ (uintptr_t)b) & 7) == 0;
}

NO_BUILTIN static void copy_up(uint8_t *d, const uint8_t *s, size_t n)
{
    if (alike(d, s)) {
        for (; n > 0 && !aligned(d, s); n--) {
            *d++ = *s++;
        }
        for (; n >= 8; n -= 8, d += 8, s += 8) {
            *(word_t *)d = *(const word_t *)s;
        }
    }
    while (n-- > 0) {
        *d++ = *s++;
    }
}

NO_BUILTIN static void copy_down(uint8_t *d, const uint8_t *s, size_t n)
{
    d += n, s += n;
    if (alike(d, s)) {
        for (; n > 0 && !aligned(d, s); n--) {
            *--d = *--s;
        }
        for (; n >= 8; n -= 8) {
            d -= 8, s -= 8;
            *(word_t *)d = *(const word_t *)s;
        }
    }
    while (n-- > 0) {
        *--d = *--s;
    }
}

NO_BUILTIN void *memcpy(void *restrict dst, const void *restrict src, size_t n)
{
    copy_up(dst, src, n);
    return dst;
}

NO_BUILTIN void *memmove(void *dst, const void *src, size_t n)
{
    if ((uintptr_t)dst <= (uintptr_t)src) {
        copy_up(dst, src, n);
    } else {
        copy_down(dst, src, n);
    }
    return dst;
}

NO_BUILTIN void *memset(void *dst, int c, size_t n)
{
    uint8_t *d = dst;
    const word_t word = (uint8_t)c * 0x0101010101010101ull;
    for (; n > 0 && !aligned(d, d); n--) {
        *d++ = (uint8_t)c;
    }
    for (; n >= 8; n -= 8, d += 8) {
        *(word_t *)d = word;
    }
    while (n-- > 0) {
        *d++ = (uint8_t)c;
    }
    return dst;
}

NO_BUILTIN int memcmp(const void *a, const void *b, size_t n)
{
    const uint8_t *x = a, *y = b;
    for (; n > 0; n--, x++, y++) {
        if (*x != *y) {
            return *x - *y;
        }
    }
    return 0;
}

NO_BUILTIN void *memchr(const void *s, int c, size_t n)
{
    const uint8_t *p = s;
    for (; n > 0; n--, p++) {
        if (*p == (uint8_t)c) {
            return (void *)p;
        }
    }
    return NULL;
}

NO_BUILTIN size_t strlen(const char *s)
{
    size_t n = 0;
    while (s[n] != '\0') {
        n++;
    }
    return n;
}

NO_BUILTIN size_t strnlen(const char *s, size_t max)
{
    size_t n = 0;
    while (n < max && s[n] != '\0') {
        n++;
    }
    return n;
}

NO_BUILTIN int strcmp(const char *a, const char *b)
{
    for (; *a != '\0' && *a == *b; a++, b++) {
    }
    return (uint8_t)*a - (uint8_t)*b;
}

NO_BUILTIN int strncmp(const char *a, const char *b, size_t n)
{
    for (; n > 0 && *a != '\0' && *a == *b; n--, a++, b++) {
    }
    return n == 0 ? 0 : (uint8_t)*a - (uint8_t)*b;
}

NO_BUILTIN char *strchr(const char *s, int c)
{
    for (;; s++) {
        if (*s == (char)c) {
            return (char *)s;
        }
        if (*s == '\0') {
            return NULL;
        }
    }
}

NO_BUILTIN char *strrchr(const char *s, int c)
{
    const char *last = NULL;
    for (;; s++) {
        if (*s == (char)c) {
            last = s;
        }
        if (*s == '\0') {
            return (char *)last;
        }
    }
}

/** Of one digit; 99: none. */
static unsigned digit_value(char c)
{
    if (c >= '0' && c <= '9') {
        return (unsigned)(c - '0');
    }
    c |= 0x20;
    return c >= 'a' && c <= 'z' ? (unsigned)(c - 'a') + 10 : 99;
}

/** For libfdt, which reads unit addresses: no sign, no space in front; too large a number gives ULONG_MAX. */
unsigned long strtoul(const char *s, char **end, int base)
{
    const char *digits = s;
    if ((base == 0 || base == 16) && s[0] == '0' && (s[1] | 0x20) == 'x' && digit_value(s[2]) < 16) {
        digits = s + 2;
        base = 16;
    } else if (base == 0) {
        base = s[0] == '0' ? 8 : 10;
    }
    unsigned long n = 0;
    const char *p = digits;
    for (; digit_value(*p) < (unsigned)base; p++) {
        unsigned long more;
        if (__builtin_mul_overflow(n, (unsigned long)base, &more) ||
            __builtin_add_overflow(more, (unsigned long)digit_value(*p), &n)) {
            n = ~0ul;
        }
    }
    if (end) {
        *end = (char *)(p > digits ? p : s);
    }
    return n;
}
