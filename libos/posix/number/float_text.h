/** @file float_text.h  Conversions of printf, and those of floating-point numbers among them; private to libos/posix/number. */
#ifndef NUMBER_FLOAT_TEXT_H
#define NUMBER_FLOAT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/** Where characters go. */
struct out {
    FILE *file;
    size_t count;
    bool failed;
};

static inline void out_char(struct out *o, char c)
{
    o->failed |= putc(c, o->file) == EOF;
    o->count++;
}

/** One conversion, read. */
struct spec {
    bool left, zero, alternative;
    const char *sign;                   /* in front of what is not negative: "", " " or "+" */
    int width, precision;               /* -1: none */
    int size;
    char conversion;
};

/** @p prefix and the @p body characters that @p emit writes, filled up to the width. */
void out_field(struct out *o, const struct spec *s, const char *prefix, long body, void (*emit)(struct out *, void *), void *arg);

void float_double(struct out *o, struct spec *s, double value);
void float_long_double(struct out *o, struct spec *s, long double value);

#endif
