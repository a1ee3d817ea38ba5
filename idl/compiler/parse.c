#include "parse.h"

#include "lex.h"

#include <string.h>

struct parser {
    struct unit *unit;
    struct token *token;            /* the next one */
    struct interface *interface;    /* NULL in an import */
    struct message **messages_end;
};

/* --- tokens --- */

static bool at(const struct parser *p, enum token_kind kind)
{
    return p->token->kind == kind;
}

static struct token *next(struct parser *p)
{
    return at(p, TOKEN_END) ? p->token : p->token++;
}

static const char *shown(struct parser *p)
{
    const struct token *t = p->token;
    const char *text = t->at.source->text + t->at.offset;

    return t->kind == TOKEN_END || t->at.bytes > 2 * NAME_CHARACTERS_MAX
               ? token_kind_text(t->kind)
               : arena_format(&p->unit->arena, "'%.*s'", (int)t->at.bytes, text);
}

static void expected(struct parser *p, const char *what)
{
    diag_at(&p->unit->diag, p->token->at, DIAG_PARSE_EXPECTED, what, shown(p));
}

static bool expect(struct parser *p, enum token_kind kind)
{
    if (!at(p, kind)) {
        expected(p, token_kind_text(kind));
        return false;
    }
    next(p);
    return true;
}

static bool expect_name(struct parser *p, const char *what, struct name *name)
{
    if (token_is_word(p->token->kind)) {
        diag_at(&p->unit->diag, p->token->at, DIAG_PARSE_RESERVED, what, p->token->text);
        if (!token_is_mark(p->token[1].kind)) {
            return false;
        }
        /* what follows can follow a name: it was meant as one */
    } else if (!at(p, TOKEN_NAME)) {
        expected(p, what);
        return false;
    }
    const struct token *t = next(p);
    *name = (struct name){ t->text, t->at };
    return true;
}

static bool expect_number(struct parser *p, const char *what, struct number *number)
{
    if (!at(p, TOKEN_NUMBER)) {
        expected(p, what);
        return false;
    }
    const struct token *t = next(p);
    *number = (struct number){ t->value, t->at, true };
    return true;
}

/* --- comments --- */

static void doc_append(struct doc **doc, struct doc *more)
{
    while (*doc) {
        doc = &(*doc)->next;
    }
    *doc = more;
}

/* To be called right after the last token of a thing: the comments behind that token are the thing's, or those behind
 * the comma or semicolon that follows. */
static void doc_after(struct parser *p, struct doc **doc)
{
    doc_append(doc, p->token[-1].after);
    p->token[-1].after = NULL;
    if (at(p, TOKEN_COMMA) || at(p, TOKEN_SEMICOLON)) {
        doc_append(doc, p->token->after);
        p->token->after = NULL;
    }
}

/* --- contexts --- */

static bool parse_parameter(struct parser *p, struct parameter **out)
{
    struct parameter *q = ARENA_NEW(&p->unit->arena, struct parameter);

    if (!expect_name(p, "the name of a parameter", &q->name) || !expect(p, TOKEN_EQUALS)) {
        return false;
    }
    if (!at(p, TOKEN_NAME) && !at(p, TOKEN_NUMBER) && !at(p, TOKEN_STRING)) {
        expected(p, "a name, a number or a string");
        return false;
    }
    const struct token *t = next(p);
    q->value = (struct name){ arena_text(&p->unit->arena, t->at.source->text + t->at.offset, t->at.bytes), t->at };
    *out = q;
    return true;
}

static bool parse_context(struct parser *p, struct context **out)
{
    struct context *c = ARENA_NEW(&p->unit->arena, struct context);
    struct parameter **end = &c->parameters;

    if (!expect(p, TOKEN_AT) || !expect_name(p, "the name of a context", &c->name) || !expect(p, TOKEN_PAREN_OPEN)) {
        return false;
    }
    do {
        if (!parse_parameter(p, end)) {
            return false;
        }
        end = &(*end)->next;
    } while (at(p, TOKEN_COMMA) && next(p));
    *out = c;
    return expect(p, TOKEN_PAREN_CLOSE);
}

static bool parse_contexts(struct parser *p, struct context **list)
{
    while (at(p, TOKEN_AT)) {
        if (!parse_context(p, list)) {
            return false;
        }
        list = &(*list)->next;
    }
    return true;
}

/* --- fields: members of structs and arguments --- */

/* [length], [length, MAX]; for a string also [MAX] */
static bool parse_bounds(struct parser *p, struct field *f)
{
    if (!expect(p, TOKEN_BRACKET_OPEN)) {
        return false;
    }
    if (at(p, TOKEN_NUMBER)) {
        return expect_number(p, "a number", &f->max) && expect(p, TOKEN_BRACKET_CLOSE);
    }
    if (!expect_name(p, "a name for the length", &f->length)) {
        return false;
    }
    if (at(p, TOKEN_COMMA)) {
        next(p);
        if (!expect_number(p, "the greatest length, a number", &f->max)) {
            return false;
        }
    }
    return expect(p, TOKEN_BRACKET_CLOSE);
}

static bool parse_field(struct parser *p, struct field *f)
{
    if (!expect_name(p, "a type", &f->type.name) || !expect_name(p, "a name", &f->name)) {
        return false;
    }
    return !at(p, TOKEN_BRACKET_OPEN) || parse_bounds(p, f);
}

/* --- types --- */

static bool parse_struct(struct parser *p, struct type *t)
{
    struct field **end = &t->fields;

    t->kind = TYPE_STRUCT;
    if (!expect(p, TOKEN_STRUCT) || !expect(p, TOKEN_BRACE_OPEN)) {
        return false;
    }
    while (!at(p, TOKEN_BRACE_CLOSE)) {
        struct field *f = ARENA_NEW(&p->unit->arena, struct field);
        f->doc = p->token->before;
        if (!parse_field(p, f)) {
            return false;
        }
        doc_after(p, &f->doc);
        if (!expect(p, TOKEN_SEMICOLON)) {
            return false;
        }
        *end = f;
        end = &f->next;
    }
    next(p);
    return expect_name(p, "a name for the struct", &t->name);
}

static bool parse_enum(struct parser *p, struct type *t)
{
    struct enumerator **end = &t->values;

    t->kind = TYPE_ENUM;
    if (!expect(p, TOKEN_ENUM) || !expect(p, TOKEN_BRACE_OPEN)) {
        return false;
    }
    while (!at(p, TOKEN_BRACE_CLOSE)) {
        struct enumerator *e = ARENA_NEW(&p->unit->arena, struct enumerator);
        e->doc = p->token->before;
        if (!expect_name(p, "the name of a value", &e->name)) {
            return false;
        }
        doc_after(p, &e->doc);
        *end = e;
        end = &e->next;
        if (!at(p, TOKEN_BRACE_CLOSE) && !expect(p, TOKEN_COMMA)) {
            return false;
        }
    }
    next(p);
    return expect_name(p, "a name for the enum", &t->name);
}

/* "typedef element name[count];" or "typedef new old;" */
static bool parse_array_or_renamed(struct parser *p, struct type *t)
{
    struct name first, second;

    if (!expect_name(p, "'struct', 'enum' or a name", &first) || !expect_name(p, "a name", &second)) {
        return false;
    }
    if (!at(p, TOKEN_BRACKET_OPEN)) {
        t->kind = TYPE_RENAMED;
        t->name = first;
        t->of.name = second;
        return true;
    }
    next(p);
    t->kind = TYPE_ARRAY;
    t->name = second;
    t->of.name = first;
    return expect_number(p, "the number of elements", &t->count) && expect(p, TOKEN_BRACKET_CLOSE);
}

static bool parse_alias(struct parser *p, struct type *t)
{
    t->kind = TYPE_ALIAS;
    return expect(p, TOKEN_ALIAS) && expect_name(p, "a name for the alias", &t->name) &&
           expect_name(p, "a builtin type", &t->of.name);
}

static bool parse_typedef(struct parser *p, struct type *t)
{
    return expect(p, TOKEN_TYPEDEF) && (at(p, TOKEN_STRUCT) ? parse_struct(p, t)
                                        : at(p, TOKEN_ENUM) ? parse_enum(p, t)
                                                            : parse_array_or_renamed(p, t));
}

static bool parse_type(struct parser *p)
{
    struct type *t = ARENA_NEW(&p->unit->arena, struct type);

    t->doc = p->token->before;
    if (!(at(p, TOKEN_ALIAS) ? parse_alias(p, t) : parse_typedef(p, t))) {
        return false;
    }
    doc_after(p, &t->doc);
    if (!expect(p, TOKEN_SEMICOLON)) {
        return false;
    }
    *p->unit->types_end = t;
    p->unit->types_end = &t->next;
    return true;
}

/* --- messages --- */

static bool parse_direction(struct parser *p, const struct message *m, struct field *f)
{
    const bool given = at(p, TOKEN_IN) || at(p, TOKEN_OUT);

    if (given != m->rpc) {
        diag_at(&p->unit->diag, p->token->at, m->rpc ? DIAG_PARSE_DIRECTION : DIAG_PARSE_NO_RPC,
                m->rpc ? shown(p) : p->token->text);
        return false;
    }
    if (given) {
        f->direction = next(p)->kind == TOKEN_OUT ? DIRECTION_OUT : DIRECTION_IN;
    }
    return true;
}

static bool parse_arguments(struct parser *p, struct message *m)
{
    struct field **end = &m->fields;

    if (!expect(p, TOKEN_PAREN_OPEN)) {
        return false;
    }
    if (at(p, TOKEN_PAREN_CLOSE)) {
        return next(p);
    }
    do {
        struct field *f = ARENA_NEW(&p->unit->arena, struct field);
        f->doc = p->token->before;
        if (!parse_direction(p, m, f) || !parse_field(p, f)) {
            return false;
        }
        doc_after(p, &f->doc);
        *end = f;
        end = &f->next;
    } while (at(p, TOKEN_COMMA) && next(p));
    return expect(p, TOKEN_PAREN_CLOSE);
}

static bool is_message(enum token_kind kind)
{
    return kind == TOKEN_MESSAGE || kind == TOKEN_CALL || kind == TOKEN_RESPONSE || kind == TOKEN_RPC;
}

static bool is_type(enum token_kind kind)
{
    return kind == TOKEN_ALIAS || kind == TOKEN_TYPEDEF;
}

/* Whether the last argument begins on a later line than the message: what stands behind the end is then about it. */
static bool one_per_line(const struct message *m, const struct field *last)
{
    const struct span from = m->name.at, to = last->name.at;

    return memchr(from.source->text + from.offset, '\n', to.offset - from.offset) != NULL;
}

/* The comments behind a message. */
static void message_doc_after(struct parser *p, struct message *m)
{
    struct field *last = m->fields;

    while (last && last->next) {
        last = last->next;
    }
    doc_after(p, last && one_per_line(m, last) ? &last->doc : &m->doc);
}

static bool parse_message(struct parser *p)
{
    struct message *m = ARENA_NEW(&p->unit->arena, struct message);

    m->doc = p->token->before;
    if (!parse_contexts(p, &m->contexts)) {
        return false;
    }
    if (is_type(p->token->kind)) {
        diag_at(&p->unit->diag, p->token->at, DIAG_PARSE_CONTEXT);
        return false;
    }
    if (!is_message(p->token->kind)) {
        expected(p, "'message', 'call', 'response' or 'rpc'");
        return false;
    }
    if (m->contexts) {
        doc_append(&m->doc, p->token->before);
    }
    m->rpc = next(p)->kind == TOKEN_RPC;
    if (!expect_name(p, "a name", &m->name) || !parse_arguments(p, m)) {
        return false;
    }
    message_doc_after(p, m);
    if (!expect(p, TOKEN_SEMICOLON)) {
        return false;
    }
    *p->messages_end = m;
    p->messages_end = &m->next;
    return true;
}

/* --- files --- */

/* The "}" that ends the interface. */
static bool at_last_brace(const struct parser *p)
{
    const struct token *t = p->token;

    return p->interface && t[0].kind == TOKEN_BRACE_CLOSE &&
           (t[1].kind == TOKEN_END || (t[1].kind == TOKEN_SEMICOLON && t[2].kind == TOKEN_END));
}

/* A word that begins a declaration, where one may well begin. */
static bool at_declaration(const struct parser *p)
{
    return (at(p, TOKEN_AT) || is_message(p->token->kind) || is_type(p->token->kind)) &&
           (p->token->first_on_line || p->token[-1].kind == TOKEN_SEMICOLON);
}

/* After an error in a declaration that began at @p start: go on at the next one.  What was wrong may be that it begins
 * too early. */
static void skip_declaration(struct parser *p, const struct token *start)
{
    if (p->token == start && !at_last_brace(p)) {
        next(p);
    }
    while (!at(p, TOKEN_END) && !at_declaration(p) && !at_last_brace(p)) {
        next(p);
    }
}

static void parse_declaration(struct parser *p)
{
    const struct token *start = p->token;
    bool good = false;

    if (is_type(start->kind)) {
        if (p->interface && p->interface->messages) {
            diag_at(&p->unit->diag, start->at, DIAG_PARSE_ORDER);
        } else {
            good = parse_type(p);
        }
    } else if (p->interface && (is_message(start->kind) || at(p, TOKEN_AT))) {
        good = parse_message(p);
    } else if (!p->interface && (is_message(start->kind) || at(p, TOKEN_AT) || at(p, TOKEN_INTERFACE))) {
        diag_at(&p->unit->diag, start->at, DIAG_PARSE_IMPORT);
        while (!at(p, TOKEN_END)) {
            next(p);
        }
    } else {
        expected(p, !p->interface ? "'alias' or 'typedef'"
                    : p->interface->messages ? "a message, an rpc or '}'"
                                             : "a type, a message, an rpc or '}'");
    }
    if (!good) {
        skip_declaration(p, start);
    }
}

static bool parse_interface_head(struct parser *p)
{
    struct interface *i = p->interface;

    i->doc = p->token->before;
    i->description = "";
    if (!parse_contexts(p, &i->contexts)) {
        return false;
    }
    if (i->contexts && at(p, TOKEN_INTERFACE)) {
        doc_append(&i->doc, p->token->before);
    }
    if (!expect(p, TOKEN_INTERFACE) || !expect_name(p, "a name for the interface", &i->name)) {
        return false;
    }
    if (at(p, TOKEN_STRING)) {
        i->description = next(p)->text;
    }
    return expect(p, TOKEN_BRACE_OPEN);
}

static void parse_interface(struct parser *p)
{
    const struct token *start = p->token;

    if (!parse_interface_head(p)) {
        skip_declaration(p, start);
    }
    while (!at(p, TOKEN_END) && !at(p, TOKEN_BRACE_CLOSE)) {
        parse_declaration(p);
    }
    if (at(p, TOKEN_END) && p->unit->diag.errors) {
        return;                                         /* lost on the way, after an error that was reported */
    }
    if (!expect(p, TOKEN_BRACE_CLOSE)) {
        return;
    }
    if (at(p, TOKEN_SEMICOLON)) {
        next(p);
    }
    if (!at(p, TOKEN_END)) {
        diag_at(&p->unit->diag, p->token->at, DIAG_PARSE_END, shown(p));
    }
}

void parse(struct unit *u, const struct source *source)
{
    struct parser p = { .unit = u, .token = lex(u, source) };

    if (source->import) {
        while (!at(&p, TOKEN_END)) {
            parse_declaration(&p);
        }
        return;
    }
    p.interface = u->interface = ARENA_NEW(&u->arena, struct interface);
    p.messages_end = &p.interface->messages;
    parse_interface(&p);
}
