/** @file parser.c  Contract in parser.h. */
#include "parser.h"

#include <os/string.h>

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Bytes before the first of `;`, `&`, a line's end, a comment, or the text's end. */
static size_t command_bytes(const char *text, size_t bytes)
{
    bool in_word = false;
    char quote = 0;

    for (size_t i = 0; i < bytes; i++) {
        const char c = text[i];
        if (c == '\n' || (!quote && (c == ';' || c == '&' || (c == '#' && !in_word)))) {
            return i;
        }
        in_word = quote || !blank(c);
        if ((c == '"' || c == '\'') && (!quote || quote == c)) {
            quote ^= c;
        }
        i += c == '\\' && quote != '\'' && i + 1 < bytes && text[i + 1] != '\n';
    }
    return bytes;
}

static size_t line_bytes(const char *text, size_t bytes)
{
    const char *end = memchr(text, '\n', bytes);

    return end ? (size_t)(end - text) : bytes;
}

static bool name_character(char c, bool first)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (!first && c >= '0' && c <= '9');
}

static bool is_variable(const char *word)
{
    const char *c = word;

    while (name_character(*c, c == word)) {
        c++;
    }
    return c > word && *c == '=';
}

static const char *check(struct parsed *p, char end, bool end_twice)
{
    while (p->variables < p->words.count && is_variable(p->words.word[p->variables])) {
        p->variables++;
    }
    if (p->variables > 0 && p->variables == p->words.count) {
        return "no command follows the variables";
    }
    p->background = end == '&';
    if (p->background && end_twice) {
        return "there is no &&, only ; and &";
    }
    return p->background && p->words.count == 0 ? "no command stands before &" : NULL;
}

const char *parse_command(const char *text, size_t bytes, struct parsed *p, size_t *used)
{
    const size_t length = command_bytes(text, bytes);
    const char end = length < bytes ? text[length] : '\n';
    const bool end_twice = length + 1 < bytes && text[length + 1] == end;
    const char *rest;

    p->variables = 0;
    p->background = false;
    const char *wrong = split_words(text, length, &p->words, &rest);
    if (!wrong) {
        wrong = check(p, end, end_twice);
    }
    if (wrong) {
        p->words.count = p->variables = 0;
        p->words.word[0] = NULL;
        p->background = false;
    }
    *used = wrong || end == '#' ? line_bytes(text, bytes) : length;
    *used += *used < bytes;                     /* with what ended it */
    return wrong;
}
