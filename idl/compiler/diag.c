#include "diag.h"

#include <stdarg.h>
#include <string.h>

enum severity { SEVERITY_ERROR, SEVERITY_NOTE };

static const struct {
    enum severity severity;
    const char *text;
} messages[DIAG_COUNT] = {
#define DIAG(id, severity, text) [DIAG_##id] = { SEVERITY_##severity, text },
#include "diag.def"
#undef DIAG
};

struct place {
    size_t line, column;            /* from 1; a column is a byte */
    const char *text;               /* of the line */
    size_t bytes;
};

static struct place place_of(struct span at)
{
    const struct source *s = at.source;
    struct place p = { .line = 1, .text = s->text };

    for (size_t i = 0; i < at.offset; i++) {
        if (s->text[i] == '\n') {
            p.line++;
            p.text = s->text + i + 1;
        }
    }
    p.column = (size_t)(s->text + at.offset - p.text) + 1;
    const size_t rest = s->bytes - (size_t)(p.text - s->text);
    const char *end = rest ? memchr(p.text, '\n', rest) : NULL;
    p.bytes = end ? (size_t)(end - p.text) : rest;
    return p;
}

/* Control characters of a source must not reach a terminal; tabs stay, so that the mark stands below the place. */
static void put_source(FILE *to, const char *text, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        const unsigned char c = (unsigned char)text[i];
        fputc((c < ' ' && c != '\t') || c == 0x7f ? '?' : c, to);
    }
}

static void put_text(FILE *to, const char *text, va_list args)
{
    for (; *text; text++) {
        if (text[0] == '%' && text[1] == 's') {
            const char *argument = va_arg(args, const char *);
            put_source(to, argument, strlen(argument));
            text++;
        } else {
            fputc(*text, to);
        }
    }
}

static void put_line(FILE *to, const struct place *p, size_t marked)
{
    fprintf(to, "%5zu | ", p->line);
    put_source(to, p->text, p->bytes);
    fputs("\n      | ", to);
    for (size_t i = 0; i + 1 < p->column; i++) {
        fputc(i < p->bytes && p->text[i] == '\t' ? '\t' : ' ', to);
    }
    fputc('^', to);
    const size_t left = p->column <= p->bytes ? p->bytes - p->column : 0;   /* a span may go on below the line */
    for (size_t i = 1; i < marked && i <= left; i++) {
        fputc('~', to);
    }
    fputc('\n', to);
}

static void put(struct diag *d, struct span at, enum diag_id id, va_list args)
{
    const struct place p = place_of(at);

    fprintf(d->to, "%s:%zu:%zu: %s: ", at.source->path, p.line, p.column,
            messages[id].severity == SEVERITY_ERROR ? "error" : "note");
    put_text(d->to, messages[id].text, args);
    fputc('\n', d->to);
    put_line(d->to, &p, at.bytes);
}

void diag_at(struct diag *d, struct span at, enum diag_id id, ...)
{
    va_list args;

    if (messages[id].severity == SEVERITY_ERROR) {
        d->errors++;
        if (d->errors == DIAG_ERRORS_MAX + 1) {
            va_start(args, id);
            put(d, at, DIAG_TOO_MANY, args);
            va_end(args);
        }
        d->muted = d->errors > DIAG_ERRORS_MAX;
    }
    if (!d->muted) {
        va_start(args, id);
        put(d, at, id, args);
        va_end(args);
    }
}
