/**
 * @file vfscanf.c  The scanf family's heart.  picolibc's stores no long double, looks at 17 digits of others, and
 * lets lines of several threads mix; this one collects a number's characters and gives them to strtod() and the like.
 *
 * Of C17 all but the multibyte side of %lc, %ls and %l[ (the locale is "C"; a wide character is one byte).  Where a
 * number breaks off ("1e+"), what was right of it counts, as with glibc.
 */
#include "../lock.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio-bufio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

enum size { SIZE_CHAR, SIZE_SHORT, SIZE_INT, SIZE_LONG, SIZE_LONG_DOUBLE };
enum outcome { STORED, NO_MATCH, NO_INPUT };

/* The input; and the characters of one number, with a NUL behind, in a piece of the heap if there are many. */
struct in {
    FILE *file;
    long count;
    int left;                           /* of the width */
    size_t used, most;
    char *text, few[64];
};

struct spec {
    bool quiet;                         /* '*': not stored */
    int width;                          /* 0: none */
    enum size size;
    char conversion;
    uint64_t set[4];                    /* of %[ */
};

static int look(struct in *in)
{
    const int c = in->left > 0 ? getc(in->file) : EOF;

    if (c != EOF) {
        (void)ungetc(c, in->file);
    }
    return c;
}

/* What look() saw. */
static void skip(struct in *in)
{
    (void)getc(in->file);
    in->count++;
    in->left--;
}

static bool skip_space(struct in *in)
{
    int c;

    in->left = INT_MAX;
    while ((c = look(in)) != EOF && isspace(c)) {
        skip(in);
    }
    return c != EOF;
}

/* ---- the characters of a number ---------------------------------------------------------------------------------- */

static bool keep(struct in *in, int c)
{
    if (in->used + 1 == in->most) {
        char *const more = realloc(in->text == in->few ? NULL : in->text, in->most * 2);
        if (!more) {
            return false;
        }
        if (in->text == in->few) {
            memcpy(more, in->few, in->used);
        }
        in->text = more;
        in->most *= 2;
    }
    in->text[in->used++] = (char)c;
    in->text[in->used] = '\0';
    skip(in);
    return true;
}

/* One of @p set, if it comes next. */
static bool take(struct in *in, const char *set)
{
    const int c = look(in);

    return c > 0 && strchr(set, c) && keep(in, c);
}

static size_t take_all(struct in *in, const char *set)
{
    const size_t before = in->used;

    while (take(in, set)) {
    }
    return in->used - before;
}

static bool take_word(struct in *in, const char *word)
{
    for (; *word; word++) {
        const char both[] = { *word, (char)toupper((unsigned char)*word), '\0' };
        if (!take(in, both)) {
            return false;
        }
    }
    return true;
}

static bool take_integer(struct in *in, int *base)
{
    (void)take(in, "+-");
    bool any = false;
    if ((*base == 0 || *base == 16) && take(in, "0")) {
        any = true;
        if (take(in, "xX")) {
            *base = 16;
        } else if (*base == 0) {
            *base = 8;
        }
    }
    *base = *base ? *base : 10;
    return take_all(in, *base == 16 ? "0123456789abcdefABCDEF" : *base == 8 ? "01234567" : "0123456789") > 0 || any;
}

static bool take_float(struct in *in)
{
    const char *digits = "0123456789";
    bool hexadecimal = false;

    (void)take(in, "+-");
    if (look(in) == 'i' || look(in) == 'I') {
        return take_word(in, "inf") && ((look(in) != 'i' && look(in) != 'I') || take_word(in, "inity"));
    }
    if (look(in) == 'n' || look(in) == 'N') {
        return take_word(in, "nan");
    }
    size_t count = take(in, "0");
    if (count > 0 && take(in, "xX")) {
        hexadecimal = true;
        digits = "0123456789abcdefABCDEF";
        count = 0;
    }
    count += take_all(in, digits);
    if (take(in, ".")) {
        count += take_all(in, digits);
    }
    if (count > 0 && take(in, hexadecimal ? "pP" : "eE")) {
        (void)take(in, "+-");
        (void)take_all(in, "0123456789");
    }
    return count > 0;
}

/* ---- conversions ------------------------------------------------------------------------------------------------- */

static void store_integer(void *to, enum size size, uint64_t value)
{
    switch (size) {
    case SIZE_CHAR: *(unsigned char *)to = (unsigned char)value; break;
    case SIZE_SHORT: *(unsigned short *)to = (unsigned short)value; break;
    case SIZE_INT: *(unsigned *)to = (unsigned)value; break;
    default: *(uint64_t *)to = value; break;
    }
}

static enum outcome integer(struct in *in, struct spec *s, va_list *args)
{
    const bool has_sign = s->conversion == 'd' || s->conversion == 'i';
    int base = s->conversion == 'i' ? 0 : s->conversion == 'o' ? 8 : has_sign || s->conversion == 'u' ? 10 : 16;

    if (!take_integer(in, &base)) {
        return NO_MATCH;
    }
    const uint64_t value = has_sign ? (uint64_t)strtoll(in->text, NULL, base) : strtoull(in->text, NULL, base);
    if (!s->quiet) {
        store_integer(va_arg(*args, void *), s->conversion == 'p' ? SIZE_LONG : s->size, value);
    }
    return STORED;
}

static enum outcome floating(struct in *in, const struct spec *s, va_list *args)
{
    if (!take_float(in)) {
        return NO_MATCH;
    }
    if (s->quiet) {
        return STORED;
    }
    void *const to = va_arg(*args, void *);
    switch (s->size) {
    case SIZE_LONG_DOUBLE: *(long double *)to = strtold(in->text, NULL); break;
    case SIZE_LONG: *(double *)to = strtod(in->text, NULL); break;
    default: *(float *)to = strtof(in->text, NULL); break;
    }
    return STORED;
}

static bool in_set(const struct spec *s, int c)
{
    switch (s->conversion) {
    case 'c': return true;
    case 's': return !isspace(c);
    default: return s->set[c / 64] >> c % 64 & 1;
    }
}

static enum outcome characters(struct in *in, const struct spec *s, va_list *args)
{
    void *const to = s->quiet ? NULL : va_arg(*args, void *);
    const bool wide = s->size == SIZE_LONG;
    size_t used = 0;
    int c;

    while ((c = look(in)) != EOF && in_set(s, c)) {
        if (to && wide) {
            ((wchar_t *)to)[used] = (wchar_t)c;
        } else if (to) {
            ((char *)to)[used] = (char)c;
        }
        used++;
        skip(in);
    }
    if (used == 0 || (s->conversion == 'c' && in->left > 0)) {
        return NO_MATCH;
    }
    if (to && s->conversion != 'c') {
        if (wide) {
            ((wchar_t *)to)[used] = 0;
        } else {
            ((char *)to)[used] = '\0';
        }
    }
    return STORED;
}

static enum outcome convert(struct in *in, struct spec *s, va_list *args)
{
    const bool spaces = s->conversion != 'c' && s->conversion != '[';

    if (spaces ? !skip_space(in) : (in->left = INT_MAX, look(in) == EOF)) {
        return NO_INPUT;
    }
    in->left = s->width ? s->width : s->conversion == 'c' ? 1 : INT_MAX;
    in->used = 0;
    in->text[0] = '\0';
    if (strchr("duioxXp", s->conversion)) {
        return integer(in, s, args);
    }
    if (strchr("aAeEfFgG", s->conversion)) {
        return floating(in, s, args);
    }
    if (strchr("cs[", s->conversion)) {
        return characters(in, s, args);
    }
    if (s->conversion == '%' && look(in) == '%') {
        skip(in);
        return STORED;
    }
    return NO_MATCH;
}

/* ---- the format -------------------------------------------------------------------------------------------------- */

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

/* From behind the '['.  @return behind the ']' */
static const char *read_set(const char *f, struct spec *s)
{
    const bool not = *f == '^';
    const char *const first = f += not;

    for (; *f && (*f != ']' || f == first); f++) {
        unsigned char c = (unsigned char)*f;
        const bool range = f[1] == '-' && f[2] && f[2] != ']' && (unsigned char)f[2] >= c;
        const unsigned char last = range ? (unsigned char)f[2] : c;
        for (unsigned at = c; at <= last; at++) {
            s->set[at / 64] |= 1ull << at % 64;
        }
        f += range ? 2 : 0;
    }
    for (unsigned i = 0; not && i < 4; i++) {
        s->set[i] = ~s->set[i];
    }
    return *f ? f + 1 : f;
}

static const char *read_spec(const char *f, struct spec *s)
{
    *s = (struct spec){ .quiet = *f == '*' };
    f += s->quiet;
    for (; isdigit((unsigned char)*f); f++) {
        s->width = s->width < 100000000 ? s->width * 10 + (*f - '0') : s->width;
    }
    f = read_size(f, s);
    s->conversion = *f ? *f++ : '?';
    return s->conversion == '[' ? read_set(f, s) : f;
}

/* @return how many were stored, or EOF */
static int scan_all(struct in *in, const char *f, va_list *args)
{
    int stored = 0;
    bool converted = false;

    while (*f) {
        struct spec s;
        if (isspace((unsigned char)*f)) {
            (void)skip_space(in);
            f++;
            continue;
        }
        in->left = INT_MAX;
        if (*f != '%') {
            const int c = look(in);
            if (c != (unsigned char)*f) {
                return c == EOF && !converted ? EOF : stored;
            }
            skip(in);
            f++;
            continue;
        }
        f = read_spec(f + 1, &s);
        if (s.conversion == 'n') {
            if (!s.quiet) {
                store_integer(va_arg(*args, void *), s.size, (uint64_t)in->count);
            }
            continue;
        }
        const enum outcome outcome = convert(in, &s, args);
        if (outcome != STORED) {
            return outcome == NO_INPUT && !converted ? EOF : stored;
        }
        converted |= s.conversion != '%';
        stored += !s.quiet && s.conversion != '%';
    }
    return stored;
}

int vfscanf(FILE *restrict file, const char *restrict format, va_list given)
{
    struct __lock *const lock = file->flags & __SBUF ? ((struct __file_bufio *)file)->lock : NULL;
    struct in in = { .file = file, .text = in.few, .most = sizeof(in.few) };
    va_list args;

    if (!(file->flags & __SRD)) {
        errno = EBADF;
        return EOF;
    }
    va_copy(args, given);
    if (lock) {
        lock_take(lock);
    }
    const int stored = scan_all(&in, format, &args);
    if (lock) {
        lock_release(lock);
    }
    va_end(args);
    if (in.text != in.few) {
        free(in.text);
    }
    return stored;
}
