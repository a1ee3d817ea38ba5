#include "emit.h"

#include <inttypes.h>
#include <string.h>

static void comment(struct out *o, const char *indent, const struct doc *doc)
{
    struct out_comment c = out_comment(o, indent);

    out_comment_doc(&c, doc);
    out_comment_end(&c);
}

static void emit_enum(struct unit *u, struct out *o, const struct type *t)
{
    out(o, "typedef enum {\n");
    for (const struct enumerator *e = t->values; e; e = e->next) {
        comment(o, "    ", e->doc);
        out(o, "    %s,\n", emit_value_name(u, t, e));
    }
    out(o, "} %s;\n", emit_type_name(u, t));
}

static void emit_struct(struct unit *u, struct out *o, const struct type *t)
{
    out(o, "typedef struct {\n");
    for (const struct field *f = t->fields; f; f = f->next) {
        comment(o, "    ", f->doc);
        if (!f->length.text) {
            out(o, "    %s;\n", emit_declaration(u, f->type.type, f->name.text));
            continue;
        }
        const char *pointer = arena_format(&u->arena, "*%s", f->name.text);
        out(o, "    %s;\n", emit_declaration(u, f->type.type, pointer));
        out(o, "    size_t %s;\n", f->length.text);
    }
    out(o, "} %s;\n", emit_type_name(u, t));
}

static void emit_type(struct unit *u, struct out *o, const struct type *t)
{
    comment(o, "", t->doc);
    switch (t->kind) {
    case TYPE_ENUM:
        emit_enum(u, o, t);
        break;
    case TYPE_STRUCT:
        emit_struct(u, o, t);
        break;
    case TYPE_ARRAY:
        out(o, "typedef %s[%" PRIu64 "];\n", emit_declaration(u, t->of.type, emit_type_name(u, t)), t->count.value);
        break;
    default:
        out(o, "typedef %s;\n", emit_declaration(u, t->of.type, emit_type_name(u, t)));
        break;
    }
    out(o, "\n");
}

static const char *guard_of(struct unit *u, const struct source *import)
{
    return emit_upper(&u->arena, arena_format(&u->arena, "STUBS_TYPES_%s", emit_prefix(u, import)));
}

void emit_types(struct unit *u, struct out *o)
{
    const struct source *open = NULL;

    for (const struct type *t = u->types; t; t = t->next) {
        const struct source *from = t->name.at.source;
        if (t->kind == TYPE_ALIAS) {
            continue;
        }
        if (open && open != from) {
            out(o, "#endif\n\n");
            open = NULL;
        }
        if (from->import && !open) {
            open = from;
            out(o, "/* Types of %s.if, which other interfaces may use too. */\n", from->stem);
            out(o, "#ifndef %s\n#define %s\n\n", guard_of(u, from), guard_of(u, from));
        }
        emit_type(u, o, t);
    }
    if (open) {
        out(o, "#endif\n\n");
    }
}
