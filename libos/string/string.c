/** @file string.c  Memory and string functions; built with -mgeneral-regs-only, and with -ffreestanding, or the
 *  compiler would turn each loop back into a call of itself. */
#include <os/string.h>
#include <stdint.h>

void *memcpy(void *restrict dst, const void *restrict src, size_t bytes)
{
    unsigned char *d = dst;
    const unsigned char *s = src;

    if (((uintptr_t)d | (uintptr_t)s) % 8 == 0) {
        for (; bytes >= 64; bytes -= 64, d += 64, s += 64) {    /* four pairs */
            uint64_t word[8];
            __builtin_memcpy(word, s, 64);
            __builtin_memcpy(d, word, 64);
        }
        for (; bytes >= 8; bytes -= 8, d += 8, s += 8) {
            uint64_t word;
            __builtin_memcpy(&word, s, 8);
            __builtin_memcpy(d, &word, 8);
        }
    }
    for (; bytes > 0; bytes--) {
        *d++ = *s++;
    }
    return dst;
}

void *memmove(void *dst, const void *src, size_t bytes)
{
    unsigned char *d = dst;
    const unsigned char *s = src;

    if ((uintptr_t)d - (uintptr_t)s >= bytes) {     /* wraps to a large number where dst lies before src */
        return memcpy(dst, src, bytes);
    }
    while (bytes-- > 0) {
        d[bytes] = s[bytes];
    }
    return dst;
}

void *memset(void *dst, int value, size_t bytes)
{
    unsigned char *d = dst;
    const uint64_t word = (unsigned char)value * 0x0101010101010101ull;

    for (; bytes > 0 && (uintptr_t)d % 8 != 0; bytes--) {
        *d++ = (unsigned char)value;
    }
    for (; bytes >= 32; bytes -= 32, d += 32) {         /* two store-pairs */
        __builtin_memcpy(d, &word, 8);
        __builtin_memcpy(d + 8, &word, 8);
        __builtin_memcpy(d + 16, &word, 8);
        __builtin_memcpy(d + 24, &word, 8);
    }
    for (; bytes >= 8; bytes -= 8, d += 8) {
        __builtin_memcpy(d, &word, 8);
    }
    for (; bytes > 0; bytes--) {
        *d++ = (unsigned char)value;
    }
    return dst;
}

int memcmp(const void *a, const void *b, size_t bytes)
{
    const unsigned char *x = a, *y = b;

    for (; bytes > 0; bytes--, x++, y++) {
        if (*x != *y) {
            return *x < *y ? -1 : 1;
        }
    }
    return 0;
}

void *memchr(const void *s, int c, size_t bytes)
{
    for (const unsigned char *at = s; bytes > 0; bytes--, at++) {
        if (*at == (unsigned char)c) {
            return (void *)(uintptr_t)at;
        }
    }
    return NULL;
}

size_t strlen(const char *s)
{
    size_t n = 0;
    while (s[n]) {
        n++;
    }
    return n;
}

size_t strnlen(const char *s, size_t max)
{
    size_t n = 0;
    while (n < max && s[n]) {
        n++;
    }
    return n;
}

int strncmp(const char *a, const char *b, size_t max)
{
    for (; max > 0; max--, a++, b++) {
        if (*a != *b || !*a) {
            return (unsigned char)*a - (unsigned char)*b;
        }
    }
    return 0;
}

int strcmp(const char *a, const char *b)
{
    return strncmp(a, b, SIZE_MAX);
}

char *strchr(const char *s, int c)
{
    for (;; s++) {
        if (*s == (char)c) {
            return (char *)(uintptr_t)s;
        }
        if (!*s) {
            return NULL;
        }
    }
}

char *strrchr(const char *s, int c)
{
    const char *last = NULL;

    do {
        if (*s == (char)c) {
            last = s;
        }
    } while (*s++);
    return (char *)(uintptr_t)last;
}
