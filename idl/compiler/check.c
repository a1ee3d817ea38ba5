#include "check.h"

#include "names.h"
#include "near.h"
#include "reserved.h"

#include <string.h>

struct checker {
    struct unit *unit;
    struct names *declared;         /* all types of the unit: to tell "unknown" from "not yet" */
    struct names *defined;          /* builtin types, and those above the place that is checked */
};

static const char *decimal(struct checker *c, uint64_t value)
{
    return arena_format(&c->unit->arena, "%llu", (unsigned long long)value);
}

/* --- names --- */

/* @p bare: it stands in the generated C as it is, without a prefix. */
static void check_name(struct checker *c, const struct name *name, bool bare)
{
    if (reserved_in_c(name->text)) {
        diag_at(&c->unit->diag, name->at, DIAG_NAME_C_WORD, name->text);
    } else if (bare && reserved_by_stubs(name->text)) {
        diag_at(&c->unit->diag, name->at, DIAG_NAME_C_USED, name->text);
    }
}

/* Enter a name that must be the first of its kind.  @p what: "a message", "an argument". */
static void enter(struct checker *c, struct names *table, struct name *name, const char *what, bool bare)
{
    const struct name *first = names_add(table, name->text, name);

    if (first) {
        diag_at(&c->unit->diag, name->at, DIAG_NAME_DUPLICATE, what, name->text);
        diag_at(&c->unit->diag, first->at, DIAG_NOTE_FIRST);
    }
    check_name(c, name, bare);
}

/* --- references to types --- */

static void report_unknown(struct checker *c, const struct name *name)
{
    const struct type *later = names_find(c->declared, name->text);
    struct near near = near_start(name->text);

    if (later) {
        diag_at(&c->unit->diag, name->at, DIAG_TYPE_EARLY, name->text);
        diag_at(&c->unit->diag, later->name.at, DIAG_NOTE_DEFINED);
        return;
    }
    if (c->unit->diag.errors >= DIAG_ERRORS_MAX) {      /* it will not be printed: spare the search */
        diag_at(&c->unit->diag, name->at, DIAG_TYPE_UNKNOWN, name->text);
        return;
    }
    for (const struct type *t = c->unit->builtins; t; t = t->next) {
        near_try(&near, t->name.text);
    }
    for (const struct type *t = c->unit->types; t; t = t->next) {
        if (names_find(c->defined, t->name.text)) {
            near_try(&near, t->name.text);
        }
    }
    if (near.best) {
        diag_at(&c->unit->diag, name->at, DIAG_TYPE_UNKNOWN_NEAR, name->text, near.best);
    } else {
        diag_at(&c->unit->diag, name->at, DIAG_TYPE_UNKNOWN, name->text);
    }
}

/* Resolve a reference within @p inside, the type that is being defined, or NULL. */
static void resolve(struct checker *c, struct type_ref *ref, const struct type *inside)
{
    if (inside && inside->name.text && strcmp(ref->name.text, inside->name.text) == 0 &&
        !names_find(c->defined, ref->name.text)) {
        diag_at(&c->unit->diag, ref->name.at, DIAG_TYPE_RECURSIVE, ref->name.text);
        return;
    }
    ref->type = names_find(c->defined, ref->name.text);
    if (!ref->type) {
        report_unknown(c, &ref->name);
    }
}

static const struct type *real_of(const struct type_ref *ref)
{
    return ref->type ? ref->type->real : NULL;
}

static bool check_limit(struct checker *c, const struct number *n, uint64_t most)
{
    if (n->value == 0) {
        diag_at(&c->unit->diag, n->at, DIAG_TYPE_ZERO);
        return false;
    }
    if (n->value > most) {
        diag_at(&c->unit->diag, n->at, DIAG_TYPE_LENGTH, decimal(c, most));
        return false;
    }
    return true;
}

/* --- fields --- */

/* @return whether it can be used */
static bool check_field(struct checker *c, struct names *table, struct field *f, const struct type *inside,
                        const char *what)
{
    const unsigned before = c->unit->diag.errors;

    resolve(c, &f->type, inside);
    enter(c, table, &f->name, what, true);
    if (f->length.text) {
        enter(c, table, &f->length, what, true);
    }
    const struct type *real = real_of(&f->type);
    if (f->max.given && real && real->kind != TYPE_STRING && !f->length.text) {
        diag_at(&c->unit->diag, f->max.at, DIAG_TYPE_STRING_BOUND, decimal(c, f->max.value));
    } else if (f->max.given) {
        check_limit(c, &f->max, LENGTH_MAX);
    }
    if (inside && real && type_is_cap(real)) {
        diag_at(&c->unit->diag, f->type.name.at, DIAG_TYPE_CAP_INSIDE, "a struct");
    }
    return real && c->unit->diag.errors == before;
}

/* --- types --- */

static bool add_bytes(struct checker *c, struct type *t, uint64_t bytes)
{
    t->bytes += bytes;                              /* at most 2^30 so far, and 2^60 now */
    if (t->bytes > TYPE_BYTES_MAX) {
        diag_at(&c->unit->diag, t->name.at, DIAG_TYPE_SIZE, t->name.text, decimal(c, TYPE_BYTES_MAX));
        return false;
    }
    return true;
}

static bool check_struct(struct checker *c, struct type *t)
{
    struct names *members = names_new(&c->unit->arena);
    bool good = t->fields != NULL;

    if (!t->fields) {
        diag_at(&c->unit->diag, t->name.at, DIAG_TYPE_EMPTY, "a struct", "member");
    }
    for (struct field *f = t->fields; f; f = f->next) {
        good = check_field(c, members, f, t, "a member") && good;
        /* a dynamic array is its address and its length */
        good = good && add_bytes(c, t, f->length.text ? 16 : f->type.type->real->bytes);
    }
    return good;
}

static bool check_array(struct checker *c, struct type *t)
{
    resolve(c, &t->of, t);
    const struct type *real = real_of(&t->of);
    if (!check_limit(c, &t->count, LENGTH_MAX) || !real) {
        return false;
    }
    if (type_is_cap(real)) {
        diag_at(&c->unit->diag, t->of.name.at, DIAG_TYPE_CAP_INSIDE, "an array of fixed length");
        return false;
    }
    return add_bytes(c, t, real->bytes * t->count.value);       /* 2^30 times 2^30 at most */
}

static bool check_enum(struct checker *c, struct type *t)
{
    struct names *values = names_new(&c->unit->arena);

    if (!t->values) {
        diag_at(&c->unit->diag, t->name.at, DIAG_TYPE_EMPTY, "an enum", "value");
        return false;
    }
    for (struct enumerator *e = t->values; e; e = e->next) {
        enter(c, values, &e->name, "a value", false);
        t->values_count++;
    }
    t->bytes = 4;
    return true;
}

static bool check_renamed(struct checker *c, struct type *t)
{
    /* typedef uint32 pid; as in C */
    if (names_find(c->defined, t->name.text) && !names_find(c->declared, t->of.name.text) &&
        !names_find(c->defined, t->of.name.text)) {
        const struct name meant = t->of.name;
        diag_at(&c->unit->diag, t->name.at, DIAG_TYPE_ORDER, meant.text, t->name.text);
        t->of.name = t->name;
        t->name = meant;
        return false;
    }
    resolve(c, &t->of, t);
    if (!real_of(&t->of)) {
        return false;
    }
    t->bytes = t->of.type->real->bytes;
    return true;
}

static bool check_alias(struct checker *c, struct type *t)
{
    resolve(c, &t->of, t);
    if (!real_of(&t->of)) {
        return false;
    }
    const enum type_kind kind = t->of.type->kind;
    if (kind >= TYPE_STRUCT && kind != TYPE_ALIAS) {
        diag_at(&c->unit->diag, t->of.name.at, DIAG_TYPE_ALIAS, t->of.name.text, t->name.text, t->of.name.text);
        return false;
    }
    t->bytes = t->of.type->real->bytes;
    return true;
}

static bool check_type_by_kind(struct checker *c, struct type *t)
{
    switch (t->kind) {
    case TYPE_STRUCT:
        return check_struct(c, t);
    case TYPE_ARRAY:
        return check_array(c, t);
    case TYPE_ENUM:
        return check_enum(c, t);
    case TYPE_ALIAS:
        return check_alias(c, t);
    default:
        return check_renamed(c, t);
    }
}

/* Also of what is broken, so that its uses are not reported as unknown. */
static void define(struct checker *c, struct type *t)
{
    const struct type *first = names_add(c->defined, t->name.text, t);

    if (!first) {
        check_name(c, &t->name, false);
        return;
    }
    if (!first->name.at.source) {
        diag_at(&c->unit->diag, t->name.at, DIAG_NAME_BUILTIN, t->name.text);
    } else {
        diag_at(&c->unit->diag, t->name.at, DIAG_NAME_DUPLICATE, "a type", t->name.text);
        diag_at(&c->unit->diag, first->name.at, DIAG_NOTE_FIRST);
    }
}

static void check_type(struct checker *c, struct type *t)
{
    if (check_type_by_kind(c, t)) {
        t->real = t->kind == TYPE_RENAMED || t->kind == TYPE_ALIAS ? t->of.type->real : t;
    }
    define(c, t);
}

/* --- the interface --- */

static void check_contexts(struct checker *c, struct context *contexts)
{
    for (struct context *x = contexts; x; x = x->next) {
        struct names *seen = names_new(&c->unit->arena);
        for (struct parameter *q = x->parameters; q; q = q->next) {
            const struct name *first = names_add(seen, q->name.text, &q->name);
            if (first) {
                diag_at(&c->unit->diag, q->name.at, DIAG_CONTEXT_TWICE, q->name.text);
                diag_at(&c->unit->diag, first->at, DIAG_NOTE_FIRST);
            }
        }
    }
}

static void check_message(struct checker *c, struct names *messages, struct message *m)
{
    struct names *arguments = names_new(&c->unit->arena);

    enter(c, messages, &m->name, "a message", true);
    check_contexts(c, m->contexts);
    for (struct field *f = m->fields; f; f = f->next) {
        check_field(c, arguments, f, NULL, "an argument");
    }
}

static void check_interface(struct checker *c, struct interface *i)
{
    struct names *messages = names_new(&c->unit->arena);
    unsigned number = 0;

    check_name(c, &i->name, false);
    check_contexts(c, i->contexts);
    if (!i->messages) {
        diag_at(&c->unit->diag, i->name.at, DIAG_MESSAGE_NONE, i->name.text);
    }
    for (struct message *m = i->messages; m; m = m->next) {
        m->number = ++number;
        if (number == MESSAGES_MAX + 1) {
            diag_at(&c->unit->diag, m->name.at, DIAG_MESSAGE_COUNT, decimal(c, MESSAGES_MAX));
        }
        check_message(c, messages, m);
    }
}

void check(struct unit *u)
{
    struct checker c = { u, names_new(&u->arena), names_new(&u->arena) };

    for (struct type *t = u->builtins; t; t = t->next) {
        names_add(c.defined, t->name.text, t);
    }
    for (struct type *t = u->types; t; t = t->next) {
        names_add(c.declared, t->name.text, t);
    }
    for (struct type *t = u->types; t; t = t->next) {
        check_type(&c, t);
    }
    check_interface(&c, u->interface);
}
