#include "lex.h"

#include "comment.h"

#include <string.h>

struct lexer {
    struct unit *unit;
    const struct source *source;
    size_t at, line, line_start;
    struct token *tokens;
    size_t count, room;
    struct comments comments;
};

static const struct {
    const char *text, *shown;
} spelling[] = {
    [TOKEN_END] = { "", "the end of the file" },
    [TOKEN_NAME] = { "", "a name" },
    [TOKEN_NUMBER] = { "", "a number" },
    [TOKEN_STRING] = { "", "a string" },
#define MARK(id, text) [TOKEN_##id] = { text, "'" text "'" },
#define WORD(id, text) [TOKEN_##id] = { text, "'" text "'" },
#include "tokens.def"
#undef MARK
#undef WORD
};

const char *token_kind_text(enum token_kind kind)
{
    return spelling[kind].shown;
}

bool token_is_word(enum token_kind kind)
{
    return kind >= TOKEN_ALIAS;
}

bool token_is_mark(enum token_kind kind)
{
    return kind >= TOKEN_BRACE_OPEN && kind < TOKEN_ALIAS;
}

static int peek(const struct lexer *l, size_t ahead)
{
    return l->at + ahead < l->source->bytes ? (unsigned char)l->source->text[l->at + ahead] : -1;
}

/* Pass @p bytes, none of them a newline. */
static struct span take(struct lexer *l, size_t bytes)
{
    const struct span at = { l->source, l->at, bytes };

    l->at += bytes;
    return at;
}

static void newline(struct lexer *l)
{
    l->at++;
    l->line++;
    l->line_start = l->at;
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool is_name(int c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_space(int c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct token *add(struct lexer *l, enum token_kind kind, struct span at)
{
    if (l->count == l->room) {
        const struct token *old = l->tokens;
        l->room = l->room ? 2 * l->room : 256;
        l->tokens = arena_get(&l->unit->arena, l->room * sizeof(*l->tokens));
        if (l->count) {
            memcpy(l->tokens, old, l->count * sizeof(*old));
        }
    }
    struct token *t = &l->tokens[l->count++];
    *t = (struct token){
        .kind = kind,
        .at = at,
        .before = comments_before(&l->comments, l->line),
        .first_on_line = l->comments.token_line != l->line,
    };
    return t;
}

static void report_character(struct lexer *l, struct span at)
{
    const int c = (unsigned char)l->source->text[at.offset];
    const bool printable = c > ' ' && c < 0x7f;

    diag_at(&l->unit->diag, at, DIAG_LEX_CHARACTER,
            arena_format(&l->unit->arena, printable ? "'%c'" : "of code 0x%02x", c));
}

/* A letter beyond ASCII in a name is reported and kept: without it the rest of the name would be reported as well. */
static void lex_name(struct lexer *l)
{
    size_t bytes = 0;

    while (is_name(peek(l, bytes)) || peek(l, bytes) >= 0x80) {
        size_t wrong = 0;
        while (peek(l, bytes + wrong) >= 0x80) {
            wrong++;
        }
        if (wrong) {
            report_character(l, (struct span){ l->source, l->at + bytes, wrong });
        }
        bytes += wrong ? wrong : 1;
    }
    const struct span at = take(l, bytes);
    struct token *t = add(l, TOKEN_NAME, at);
    t->text = arena_text(&l->unit->arena, at.source->text + at.offset, bytes);
    for (enum token_kind kind = TOKEN_ALIAS; kind < sizeof(spelling) / sizeof(spelling[0]); kind++) {
        if (strcmp(spelling[kind].text, t->text) == 0) {
            t->kind = kind;
        }
    }
    if (bytes > NAME_CHARACTERS_MAX) {
        diag_at(&l->unit->diag, at, DIAG_LEX_LONG, arena_format(&l->unit->arena, "%u", NAME_CHARACTERS_MAX));
    }
}

static int digit_value(int c)
{
    return is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : 99;
}

/* A number takes all letters and digits that follow, so that 12ab is one wrong number and not two tokens. */
static void lex_number(struct lexer *l)
{
    size_t bytes = 1;

    while (is_name(peek(l, bytes))) {
        bytes++;
    }
    const struct span at = take(l, bytes);
    const char *text = at.source->text + at.offset;
    const bool hex = bytes > 1 && text[0] == '0' && text[1] == 'x';
    const int base = hex ? 16 : 10;
    struct token *t = add(l, TOKEN_NUMBER, at);
    bool wrong = hex && bytes == 2, large = false;
    for (size_t i = hex ? 2 : 0; i < bytes; i++) {
        const int digit = digit_value(text[i]);
        wrong |= digit >= base;
        large |= __builtin_mul_overflow(t->value, (uint64_t)base, &t->value) ||
                 __builtin_add_overflow(t->value, (uint64_t)digit, &t->value);
    }
    if (wrong) {
        diag_at(&l->unit->diag, at, DIAG_LEX_DIGITS, arena_text(&l->unit->arena, text, bytes));
    } else if (large) {
        diag_at(&l->unit->diag, at, DIAG_LEX_NUMBER);
    }
}

static void lex_string(struct lexer *l)
{
    size_t bytes = 1;

    while (peek(l, bytes) >= 0 && peek(l, bytes) != '"' && peek(l, bytes) != '\n') {
        bytes++;
    }
    const bool ends = peek(l, bytes) == '"';
    const struct span at = take(l, bytes + (ends ? 1 : 0));
    struct token *t = add(l, TOKEN_STRING, at);
    t->text = arena_text(&l->unit->arena, at.source->text + at.offset + 1, bytes - 1);
    if (!ends) {
        diag_at(&l->unit->diag, at, DIAG_LEX_STRING);
    }
}

static void lex_mark(struct lexer *l)
{
    for (enum token_kind kind = TOKEN_BRACE_OPEN; kind < TOKEN_ALIAS; kind++) {
        if (spelling[kind].text[0] == peek(l, 0)) {
            add(l, kind, take(l, 1));
            return;
        }
    }
    report_character(l, take(l, 1));
}

static void lex_comment(struct lexer *l)
{
    const size_t start = l->at, line = l->line, column = l->at - l->line_start;
    const bool block = peek(l, 1) == '*';
    bool ends = !block;

    l->at += 2;
    while (peek(l, 0) >= 0 && !(block ? peek(l, 0) == '*' && peek(l, 1) == '/' : peek(l, 0) == '\n')) {
        if (peek(l, 0) == '\n') {
            newline(l);
        } else {
            l->at++;
        }
    }
    const size_t text_end = l->at;
    if (block && peek(l, 0) >= 0) {
        l->at += 2;
        ends = true;
    }
    if (!ends) {
        diag_at(&l->unit->diag, (struct span){ l->source, start, 2 }, DIAG_LEX_COMMENT);
    }
    comments_add(&l->comments, &(struct comment){
        .text = l->source->text + start,
        .bytes = text_end - start,
        .column = column,
        .first_line = line,
        .last_line = l->line,
    }, l->count ? &l->tokens[l->count - 1].after : NULL);
}

static void lex_token(struct lexer *l, int c)
{
    if (c == '"') {
        lex_string(l);
    } else if (is_digit(c)) {
        lex_number(l);
    } else if (is_name(c) || c >= 0x80) {
        lex_name(l);
    } else {
        lex_mark(l);
    }
}

struct token *lex(struct unit *u, const struct source *source)
{
    struct lexer l = { .unit = u, .source = source, .line = 1, .comments = { .arena = &u->arena } };

    while (peek(&l, 0) >= 0) {
        const int c = peek(&l, 0);
        if (c == '\n') {
            newline(&l);
        } else if (is_space(c)) {
            l.at++;
        } else if (c == '/' && (peek(&l, 1) == '/' || peek(&l, 1) == '*')) {
            lex_comment(&l);
        } else {
            lex_token(&l, c);
            comments_token(&l.comments, l.line);
        }
    }
    add(&l, TOKEN_END, (struct span){ source, source->bytes, 0 });
    return l.tokens;
}
