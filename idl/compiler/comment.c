#include "comment.h"

#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* One line without the signs that make it a comment, and without blanks at its ends. */
static struct doc *line_new(struct arena *a, const char *text, size_t bytes, bool first, bool block)
{
    struct doc *line = ARENA_NEW(a, struct doc);

    if (first) {
        text += 2;
        bytes -= 2;
    } else {
        while (bytes && is_blank(*text)) {
            text++;
            bytes--;
        }
    }
    while (bytes && (first || block) && *text == (block ? '*' : '/')) {
        text++;
        bytes--;
    }
    while (bytes && is_blank(*text)) {
        text++;
        bytes--;
    }
    while (bytes && is_blank(text[bytes - 1])) {
        bytes--;
    }
    line->text = arena_text(a, text, bytes);
    return line;
}

/* The lines of a comment, but for empty ones at both ends. */
static struct doc *lines_of(struct arena *a, const struct comment *c)
{
    const bool block = c->text[1] == '*';
    struct doc *first = NULL, **end = &first, **keep = &first;
    const char *at = c->text;
    size_t left = c->bytes;

    for (bool start = true; start || left; start = false) {
        const char *stop = memchr(at, '\n', left);
        const size_t bytes = stop ? (size_t)(stop - at) : left, used = stop ? bytes + 1 : bytes;
        *end = line_new(a, at, bytes, start, block);
        if ((*end)->text[0]) {
            keep = &(*end)->next;
        } else if (!first->text[0]) {
            *end = NULL;                                /* still nothing but empty lines */
        }
        if (*end) {
            end = &(*end)->next;
        }
        at += used;
        left -= used;
    }
    *keep = NULL;
    return first;
}

static bool continues_last(const struct comments *c, const struct comment *comment)
{
    return c->after_line && comment->first_line == c->after_line + 1 && comment->column == c->after_column;
}

/* @return the new end */
static struct doc **append(struct doc **end, struct doc *lines)
{
    *end = lines;
    while (*end) {
        end = &(*end)->next;
    }
    return end;
}

void comments_add(struct comments *c, const struct comment *comment, struct doc **after)
{
    struct doc *lines = lines_of(c->arena, comment);

    if (after && (comment->first_line == c->token_line || continues_last(c, comment))) {
        c->after_end = append(*after ? c->after_end : after, lines);
        c->after_line = comment->last_line;
        c->after_column = comment->column;
        return;
    }
    if (!c->pending || comment->first_line > c->pending_line + 1) {
        c->pending = NULL;
        c->pending_end = &c->pending;
    }
    c->pending_end = append(c->pending_end, lines);
    c->pending_line = comment->last_line;
}

struct doc *comments_before(struct comments *c, size_t line)
{
    struct doc *lines = line > c->pending_line + 1 ? NULL : c->pending;

    c->pending = NULL;
    return lines;
}

void comments_token(struct comments *c, size_t line)
{
    c->token_line = line;
    c->after_line = 0;
}
