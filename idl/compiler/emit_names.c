#include "emit.h"

#include "names.h"

#include <string.h>

const char *emit_upper(struct arena *a, const char *name)
{
    char *upper = arena_text(a, name, strlen(name));

    for (char *c = upper; *c; c++) {
        if (*c >= 'a' && *c <= 'z') {
            *c = (char)(*c - 'a' + 'A');
        }
    }
    return upper;
}

/* Types of an import are called after its file, so that they have one name in all interfaces that use them. */
const char *emit_prefix(struct unit *u, const struct source *from)
{
    return from->import ? from->stem : u->interface->name.text;
}

const char *emit_type_name(struct unit *u, const struct type *t)
{
    while (t->kind == TYPE_ALIAS) {
        t = t->of.type;
    }
    return t->c ? t->c : arena_format(&u->arena, "%s_%s_t", emit_prefix(u, t->name.at.source), t->name.text);
}

const char *emit_value_name(struct unit *u, const struct type *t, const struct enumerator *e)
{
    const char *prefix = emit_prefix(u, t->name.at.source);

    return emit_upper(&u->arena, arena_format(&u->arena, "%s_%s_%s", prefix, t->name.text, e->name.text));
}

const char *emit_number_name(struct unit *u, const struct message *m)
{
    const char *name = arena_format(&u->arena, "%s_message_%s", u->interface->name.text, m->name.text);

    return emit_upper(&u->arena, name);
}

const char *emit_declaration(struct unit *u, const struct type *t, const char *name)
{
    const char *type = emit_type_name(u, t);
    const bool pointer = type[strlen(type) - 1] == '*';

    return arena_format(&u->arena, "%s%s%s", type, pointer ? "" : " ", name);
}

static void enter(struct unit *u, struct names *table, const char *c_name, struct span at)
{
    struct span *mine = ARENA_NEW(&u->arena, struct span);

    *mine = at;
    const struct span *first = names_add(table, c_name, mine);
    if (first) {
        diag_at(&u->diag, at, DIAG_NAME_C_CLASH, c_name);
        diag_at(&u->diag, *first, DIAG_NOTE_FIRST);
    }
}

/* An argument would hide what the stub means by the same name. */
static void check_argument(struct unit *u, const struct names *table, const struct name *name)
{
    const struct span *first = names_find(table, name->text);

    if (first) {
        diag_at(&u->diag, name->at, DIAG_NAME_C_CLASH, name->text);
        diag_at(&u->diag, *first, DIAG_NOTE_FIRST);
    }
}

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/* Whether names in C can begin with the stem of an import. */
static void check_import(struct unit *u, const struct type *first)
{
    const char *stem = first->name.at.source->stem;

    if (strspn(stem, LETTERS) == 0 || stem[strspn(stem, LETTERS "0123456789_")] != '\0') {
        diag_at(&u->diag, first->name.at, DIAG_NAME_IMPORT, stem);
    }
}

static void enter_types(struct unit *u, struct names *table)
{
    for (const struct type *t = u->types, *last = NULL; t; last = t, t = t->next) {
        if (t->name.at.source->import && (!last || last->name.at.source != t->name.at.source)) {
            check_import(u, t);
        }
        if (t->kind != TYPE_ALIAS) {
            enter(u, table, emit_type_name(u, t), t->name.at);
        }
        for (const struct enumerator *e = t->values; e; e = e->next) {
            enter(u, table, emit_value_name(u, t, e), e->name.at);
        }
    }
}

static void check_arguments(struct unit *u, const struct names *table)
{
    for (const struct message *m = u->interface->messages; m; m = m->next) {
        for (const struct field *f = m->fields; f; f = f->next) {
            check_argument(u, table, &f->name);
            if (f->length.text) {
                check_argument(u, table, &f->length);
            }
        }
    }
}

static void enter_interface(struct unit *u, struct names *table)
{
    const struct name *name = &u->interface->name;

    enter(u, table, emit_upper(&u->arena, arena_format(&u->arena, "%s_fingerprint", name->text)), name->at);
}

void emit_check_names(struct unit *u)
{
    struct names *table = names_new(&u->arena);
    const struct interface *i = u->interface;

    enter_interface(u, table);
    enter(u, table, arena_format(&u->arena, "%s_serve", i->name.text), i->name.at);
    enter_types(u, table);
    for (const struct message *m = i->messages; m; m = m->next) {
        enter(u, table, emit_number_name(u, m), m->name.at);
        enter(u, table, arena_format(&u->arena, "%s_%s", i->name.text, m->name.text), m->name.at);
        enter(u, table, arena_format(&u->arena, "%s_%s_request", i->name.text, m->name.text), m->name.at);
        enter(u, table, arena_format(&u->arena, "%s_%s_result", i->name.text, m->name.text), m->name.at);
    }
    check_arguments(u, table);
}

void emit_check_bind_names(struct unit *u)
{
    static const char *const own[] = { "accepted", "bind", "bound", "can_send", "change_waitset", "connect", "control",
                                       "export", "interface", "register_send", "report", "serve" };
    static const char *const of_rpc[] = { "%s_rpc_%s", "%s_rpc_%s_start", "%s_rpc_%s_finish", "%s_%s_call__tx",
                                          "%s_%s_response__tx" };
    struct names *table = names_new(&u->arena);
    const struct interface *i = u->interface;

    enter_interface(u, table);
    for (size_t k = 0; k < sizeof(own) / sizeof(own[0]); k++) {
        enter(u, table, arena_format(&u->arena, "%s_%s", i->name.text, own[k]), i->name.at);
    }
    enter_types(u, table);
    for (const struct message *m = i->messages; m; m = m->next) {
        enter(u, table, emit_number_name(u, m), m->name.at);
        if (!m->rpc) {
            enter(u, table, arena_format(&u->arena, "%s_%s__tx", i->name.text, m->name.text), m->name.at);
        }
        for (size_t k = 0; m->rpc && k < sizeof(of_rpc) / sizeof(of_rpc[0]); k++) {
            enter(u, table, arena_format(&u->arena, of_rpc[k], i->name.text, m->name.text), m->name.at);
        }
    }
    check_arguments(u, table);
}
