#include "out.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

static void append(struct out *o, const char *text, size_t bytes)
{
    if (bytes > o->room - o->bytes) {
        const char *old = o->text;
        o->room = 2 * (o->room + bytes) + 4096;
        o->text = arena_get(o->arena, o->room);
        if (o->bytes) {
            memcpy(o->text, old, o->bytes);
        }
    }
    for (size_t i = 0; i < bytes; i++) {
        o->text[o->bytes++] = text[i];
        o->column = text[i] == '\n' ? 0 : o->column + 1;
    }
}

static const char *format_v(struct arena *a, const char *format, va_list args)
{
    va_list again;

    va_copy(again, args);
    const int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *text = arena_get(a, (size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, args);
    return text;
}

void out(struct out *o, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    const char *text = format_v(o->arena, format, args);
    va_end(args);
    append(o, text, strlen(text));
}

void out_list(struct out *o, const char *head, const char *separator)
{
    out(o, "%s", head);
    o->list_column = o->column;
    o->list_first = true;
    o->list_separator = separator;
}

void out_item(struct out *o, const char *item)
{
    if (!o->list_first) {
        out(o, "%s", o->list_separator);
        /* room for the separator or for what ends the list after the item */
        if (o->column + 1 + strlen(item) + 4 > OUT_COLUMNS) {
            out(o, "\n%*s", (int)o->list_column, "");
        } else {
            out(o, " ");
        }
    }
    out(o, "%s", item);
    o->list_first = false;
}

void out_list_end(struct out *o, const char *tail)
{
    /* ", last);" may need a line of its own */
    if (tail[0] == ',' && o->column + strcspn(tail, "\n") > OUT_COLUMNS) {
        out(o, ",\n%*s%s", (int)o->list_column, "", tail + 2);
    } else {
        out(o, "%s", tail);
    }
}

struct out_comment out_comment(struct out *o, const char *indent)
{
    return (struct out_comment){ .out = o, .indent = indent };
}

/* What would end the comment, or begin one within it, is taken apart; control characters are left out. */
static void comment_text(struct out *o, const char *text)
{
    for (; *text; text++) {
        const unsigned char c = (unsigned char)*text;
        if ((c >= ' ' && c != 0x7f) || c == '\t') {
            append(o, text, 1);
        }
        if ((text[0] == '*' && text[1] == '/') || (text[0] == '/' && text[1] == '*')) {
            append(o, " ", 1);
        }
    }
}

static void comment_line(struct out_comment *c, const char *text)
{
    out(c->out, "%s%s%s", c->open ? "\n" : "", c->indent, c->open ? " *" : "/**");
    c->open = true;
    if (text[0]) {
        out(c->out, " ");
        comment_text(c->out, text);
    }
}

void out_comment_line(struct out_comment *c, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    comment_line(c, format_v(c->out->arena, format, args));
    va_end(args);
}

void out_comment_doc(struct out_comment *c, const struct doc *doc)
{
    for (; doc; doc = doc->next) {
        comment_line(c, doc->text);
    }
}

void out_comment_end(struct out_comment *c)
{
    if (c->open) {
        out(c->out, " */\n");
    }
}

static const char *write_beside(const struct out *o, const char *path)
{
    FILE *file = fopen(path, "wb");

    if (!file) {
        return strerror(errno);
    }
    const bool whole = fwrite(o->text, 1, o->bytes, file) == o->bytes;
    const int failed = whole ? 0 : errno;
    return fclose(file) != 0 ? strerror(errno) : whole ? NULL : strerror(failed);
}

const char *out_write(struct out *const outs[], const char *const paths[], size_t count)
{
    const char *why = NULL;
    size_t made = 0, named = 0;

    for (; made < count && !why; made++) {
        why = write_beside(outs[made], arena_format(outs[made]->arena, "%s.new", paths[made]));
    }
    for (; named < count && !why; named++) {
        if (rename(arena_format(outs[named]->arena, "%s.new", paths[named]), paths[named]) != 0) {
            why = strerror(errno);
        }
    }
    for (size_t i = 0; i < made && why; i++) {
        remove(arena_format(outs[i]->arena, "%s.new", paths[i]));
        if (i < named) {
            remove(paths[i]);                           /* one without the other would not fit together */
        }
    }
    return why;
}
