/* emit_rpc.c  Stubs that need neither heap nor waitset: each scalar is one word, a capability goes beside them. */
#include "emit.h"

#include <inttypes.h>
#include <string.h>

#define RPC_WORDS 8u                    /* of a message (os/rpc.h) */

/* --- what a message consists of --- */

static bool is_out(const struct field *f)
{
    return f->direction == DIRECTION_OUT;
}

static const struct type *real(const struct field *f)
{
    return f->type.type->real;
}

/* The first out argument, if it is an error: it is what the function returns, and travels only if there is one. */
static const struct field *result_of(const struct message *m)
{
    for (const struct field *f = m->fields; f; f = f->next) {
        if (is_out(f)) {
            return real(f)->kind == TYPE_ERROR ? f : NULL;
        }
    }
    return NULL;
}

static bool is_word(const struct message *m, const struct field *f)
{
    return type_is_scalar(real(f)) && f != result_of(m);
}

static unsigned words(const struct message *m, enum direction direction)
{
    unsigned count = 0;

    for (const struct field *f = m->fields; f; f = f->next) {
        count += f->direction == direction && is_word(m, f);
    }
    return count;
}

static const struct field *cap_of(const struct message *m, enum direction direction)
{
    for (const struct field *f = m->fields; f; f = f->next) {
        if (f->direction == direction && type_is_cap(real(f))) {
            return f;
        }
    }
    return NULL;
}

static void check_message(struct unit *u, const struct message *m)
{
    const struct field *caps[2] = { cap_of(m, DIRECTION_IN), cap_of(m, DIRECTION_OUT) };
    unsigned count[2] = { 0, 0 };

    if (!m->rpc) {
        diag_at(&u->diag, m->name.at, DIAG_RPC_MESSAGE, m->name.text);
        return;
    }
    for (const struct field *f = m->fields; f; f = f->next) {
        const bool cap = type_is_cap(real(f)) && !f->length.text;
        if (!cap && (f->length.text || !type_is_scalar(real(f)))) {
            diag_at(&u->diag, f->name.at, DIAG_RPC_TYPE, m->name.text, f->name.text);
        } else if (cap && f != caps[f->direction]) {
            diag_at(&u->diag, f->name.at, DIAG_RPC_CAPS, m->name.text);
        } else if (is_word(m, f) && ++count[f->direction] == RPC_WORDS + 1) {
            diag_at(&u->diag, f->name.at, DIAG_RPC_WORDS, m->name.text, arena_format(&u->arena, "%u", RPC_WORDS));
        }
    }
}

void emit_rpc_check(struct unit *u)
{
    for (const struct message *m = u->interface->messages; m; m = m->next) {
        check_message(u, m);
    }
}

/* --- pieces of C --- */

/* A name for something of the stub's own: no argument of @p m is called so. */
static const char *own(struct unit *u, const struct message *m, const char *name)
{
    for (const struct field *f = m->fields; f; f = f->next) {
        if (strcmp(f->name.text, name) == 0) {
            return own(u, m, arena_format(&u->arena, "%s_", name));
        }
    }
    return name;
}

/* The argument @p f as a word. */
static const char *to_word(struct unit *u, const struct field *f)
{
    switch (real(f)->kind) {
    case TYPE_CHAR:
        return arena_format(&u->arena, "(unsigned char)%s", f->name.text);
    case TYPE_SIGNED:
        return arena_format(&u->arena, "(uint64_t)%s", f->name.text);
    case TYPE_ERROR:
        return arena_format(&u->arena, "%s.trail", f->name.text);
    default:
        return f->name.text;
    }
}

/* Word @p index of the message @p m as a value of the type of @p f. */
static const char *from_word(struct unit *u, const struct field *f, const char *m, unsigned index)
{
    switch (real(f)->kind) {
    case TYPE_BOOL:
        return arena_format(&u->arena, "%sword[%u] != 0", m, index);
    case TYPE_ERROR:
        return arena_format(&u->arena, "(err_t){ %sword[%u] }", m, index);
    case TYPE_UNSIGNED:
        if (real(f)->bits == 64) {
            return arena_format(&u->arena, "%sword[%u]", m, index);
        }
        /* fall through */
    default:
        return arena_format(&u->arena, "(%s)%sword[%u]", emit_type_name(u, f->type.type), m, index);
    }
}

/* The condition under which word @p index is a value of the type of @p f; NULL: always. */
static const char *in_range(struct unit *u, const struct field *f, const char *m, unsigned index)
{
    const struct type *t = real(f);

    switch (t->kind) {
    case TYPE_BOOL:
        return arena_format(&u->arena, "%sword[%u] <= 1", m, index);
    case TYPE_CHAR:
    case TYPE_UNSIGNED:
        return t->bits == 64 ? NULL : arena_format(&u->arena, "%sword[%u] <= UINT%u_MAX", m, index, t->bits);
    case TYPE_SIGNED:
        return t->bits == 64 ? NULL : arena_format(&u->arena, "rpc_fits_signed(%sword[%u], %u)", m, index, t->bits);
    case TYPE_ENUM: {
        const struct enumerator *last = t->values;
        while (last->next) {
            last = last->next;
        }
        return arena_format(&u->arena, "%sword[%u] <= %s", m, index, emit_value_name(u, t, last));
    }
    default:
        return NULL;
    }
}

/* All conditions of one direction, joined to @p condition ("" if there is none yet). */
static const char *ranges(struct unit *u, const struct message *m, enum direction direction, const char *message,
                          const char *condition)
{
    unsigned index = 0;

    for (const struct field *f = m->fields; f; f = f->next) {
        if (f->direction != direction || !is_word(m, f)) {
            continue;
        }
        const char *more = in_range(u, f, message, index++);
        if (more) {
            condition = condition[0] ? arena_format(&u->arena, "%s &&\n            %s", condition, more) : more;
        }
    }
    return condition;
}

static void parameters(struct unit *u, struct out *o, const struct message *m)
{
    for (const struct field *f = m->fields; f; f = f->next) {
        if (f == result_of(m)) {
            continue;
        }
        const char *name = is_out(f) ? arena_format(&u->arena, "*%s", f->name.text) : f->name.text;
        out_item(o, emit_declaration(u, f->type.type, name));
    }
}

/* Head of the client's function, up to its ")". */
static void client_head(struct unit *u, struct out *o, const struct message *m)
{
    out_list(o, arena_format(&u->arena, "err_t %s_%s(", u->interface->name.text, m->name.text));
    out_item(o, arena_format(&u->arena, "struct rpc_client *%s", own(u, m, "c")));
    parameters(u, o, m);
}

/* --- header --- */

/* "first line", the others below it. */
static void labelled(struct out_comment *c, const char *label, const struct doc *doc)
{
    for (const struct doc *line = doc; line; line = line->next) {
        out_comment_line(c, "%s%s", line == doc ? label : "        ", line->text);
    }
}

static void function_comment(struct unit *u, struct out *o, const char *indent, const struct message *m)
{
    struct out_comment c = out_comment(o, indent);

    out_comment_doc(&c, m->doc);
    for (const struct field *f = m->fields; f; f = f->next) {
        labelled(&c, f == result_of(m) ? "@return " : arena_format(&u->arena, "@param %s  ", f->name.text), f->doc);
    }
    out_comment_end(&c);
}

static void header_numbers(struct unit *u, struct out *o)
{
    const struct interface *i = u->interface;

    out(o, "/** Two sides with the same fingerprint mean the same by every message. */\n");
    out(o, "#define %s_FINGERPRINT 0x%016" PRIx64 "ull\n\n", emit_upper(o->arena, i->name.text), i->fingerprint);
    out(o, "enum %s_message {\n", i->name.text);
    for (const struct message *m = i->messages; m; m = m->next) {
        out(o, "    %s = %u,\n", emit_number_name(u, m), m->number);
    }
    out(o, "};\n\n");
}

static void header_client(struct unit *u, struct out *o)
{
    out(o, "/* --- Client: each call sends, waits, and returns the server's error or one of the transport. --- */\n\n");
    for (const struct message *m = u->interface->messages; m; m = m->next) {
        function_comment(u, o, "", m);
        client_head(u, o, m);
        out_list_end(o, ");\n\n");
    }
}

static void header_server(struct unit *u, struct out *o)
{
    const char *name = u->interface->name.text;

    out(o, "/* --- Server --- */\n\n");
    out(o, "/** Handlers; one that is NULL refuses its call.  A capability that comes in is the handler's, also when it\n");
    out(o, " *  fails; what goes out counts only when it succeeds. */\n");
    out(o, "struct %s_ops {\n", name);
    for (const struct message *m = u->interface->messages; m; m = m->next) {
        out_list(o, arena_format(&u->arena, "    %s (*%s)(", result_of(m) ? "err_t" : "void", m->name.text));
        out_item(o, arena_format(&u->arena, "void *%s", own(u, m, "session")));
        parameters(u, o, m);
        out_list_end(o, ");\n");
    }
    out(o, "};\n\n");
    out(o, "/** Check the request @p m, which nobody else can write to, call its handler, and make @p m the reply.  Requests\n");
    out(o, " *  that do not fit the interface reach no handler: E_RPC_MALFORMED, E_RPC_NUMBER. */\n");
    out(o, "void %s_serve(const struct %s_ops *ops, void *session, struct rpc_message *m);\n\n", name, name);
}

void emit_rpc_header(struct unit *u, const struct source *from, struct out *o)
{
    const struct interface *i = u->interface;
    const char *guard = emit_upper(&u->arena, i->name.text);
    struct out_comment c = out_comment(o, "");

    out(o, "/* Made by idlc from %s.if: do not edit. */\n", from->stem);
    out_comment_line(&c, "@file %s.h%s%s", from->stem, i->description[0] ? "  " : "", i->description);
    out_comment_doc(&c, i->doc);
    out_comment_end(&c);
    out(o, "#ifndef STUBS_%s_H\n#define STUBS_%s_H\n\n#include <os/rpc.h>\n\n", guard, guard);
    header_numbers(u, o);
    emit_types(u, o);
    header_client(u, o);
    header_server(u, o);
    out(o, "#endif\n");
}

/* --- client --- */

static void client_request(struct unit *u, struct out *o, const struct message *m)
{
    const struct field *cap = cap_of(m, DIRECTION_IN);
    const unsigned length = words(m, DIRECTION_IN);

    out(o, "    struct rpc_message %s = {\n        .number = %s,\n", own(u, m, "m"), emit_number_name(u, m));
    if (cap) {
        out(o, "        .give = %s,\n", real(cap)->kind == TYPE_GIVE_CAP ? "true" : "false");
        out(o, "        .cap = %s,\n", cap->name.text);
    }
    if (length) {
        out(o, "        .length = %u,\n", length);
        out_list(o, "        .word = { ");
        for (const struct field *f = m->fields; f; f = f->next) {
            if (!is_out(f) && is_word(m, f)) {
                out_item(o, to_word(u, f));
            }
        }
        out_list_end(o, " },\n");
    }
    out(o, "    };\n\n");
}

static void client_function(struct unit *u, struct out *o, const struct message *m)
{
    const char *own_m = own(u, m, "m"), *prefix = arena_format(&u->arena, "%s.", own_m);
    const struct field *cap = cap_of(m, DIRECTION_OUT);
    unsigned index = 0;

    client_head(u, o, m);
    out_list_end(o, ")\n{\n");
    client_request(u, o, m);
    out(o, "    TRY(rpc_call(%s, &%s));\n", own(u, m, "c"), own_m);
    const char *result = arena_format(&u->arena, "rpc_result(&%s, %s, %u, %s)", own_m, emit_number_name(u, m),
                                      words(m, DIRECTION_OUT), cap ? "RPC_CAP" : "RPC_NO_CAP");
    if (!cap && words(m, DIRECTION_OUT) == 0) {
        out(o, "    return %s;\n}\n\n", result);
        return;
    }
    out(o, "    TRY(%s);\n", result);
    const char *condition = ranges(u, m, DIRECTION_OUT, prefix, "");
    if (condition[0]) {
        out(o, "    TRY(rpc_in_range(&%s, %s));\n", own_m, condition);
    }
    for (const struct field *f = m->fields; f; f = f->next) {
        if (is_out(f) && is_word(m, f)) {
            out(o, "    *%s = %s;\n", f->name.text, from_word(u, f, prefix, index++));
        }
    }
    if (cap) {
        out(o, "    *%s = %scap;\n", cap->name.text, prefix);
    }
    out(o, "    return OK;\n}\n\n");
}

/* --- server --- */

static const char *nothing(const struct field *f)
{
    switch (real(f)->kind) {
    case TYPE_BOOL:
        return "false";
    case TYPE_ERROR:
        return "OK";
    case TYPE_CAP:
    case TYPE_GIVE_CAP:
        return "CPTR_NULL";
    default:
        return "0";
    }
}

/* Locals for what goes out: set to nothing, so that no handler can forget one and send what lay on the stack. */
static void server_locals(struct unit *u, struct out *o, const struct message *m)
{
    bool any = false;

    for (const struct field *f = m->fields; f; f = f->next) {
        if (is_out(f) && f != result_of(m)) {
            out(o, "    %s = %s;\n", emit_declaration(u, f->type.type, f->name.text), nothing(f));
            any = true;
        }
    }
    out(o, "%s", any ? "\n" : "");
}

static void server_call(struct unit *u, struct out *o, const struct message *m, const char *prefix)
{
    const bool result = result_of(m) != NULL;
    unsigned index = 0;

    out_list(o, arena_format(&u->arena, "    %s%s->%s(", result ? "TRY(" : "", own(u, m, "ops"), m->name.text));
    out_item(o, own(u, m, "session"));
    for (const struct field *f = m->fields; f; f = f->next) {
        if (f == result_of(m)) {
            continue;
        }
        if (is_out(f)) {
            out_item(o, arena_format(&u->arena, "&%s", f->name.text));
        } else if (type_is_cap(real(f))) {
            out_item(o, arena_format(&u->arena, "rpc_take_cap(%s)", own(u, m, "m")));
        } else {
            out_item(o, from_word(u, f, prefix, index++));
        }
    }
    out_list_end(o, result ? "));\n" : ");\n");
}

static void server_reply(struct unit *u, struct out *o, const struct message *m, const char *prefix)
{
    const struct field *cap = cap_of(m, DIRECTION_OUT);
    unsigned index = 0;

    out(o, "    rpc_reply(%s, %u);\n", own(u, m, "m"), words(m, DIRECTION_OUT));
    for (const struct field *f = m->fields; f; f = f->next) {
        if (is_out(f) && is_word(m, f)) {
            out(o, "    %sword[%u] = %s;\n", prefix, index++, to_word(u, f));
        }
    }
    if (cap) {
        out(o, "    %scap = %s;\n", prefix, cap->name.text);
        out(o, "    %sgive = %s;\n", prefix, real(cap)->kind == TYPE_GIVE_CAP ? "true" : "false");
    }
}

static void server_function(struct unit *u, struct out *o, const struct message *m)
{
    const char *name = u->interface->name.text, *own_m = own(u, m, "m"), *own_ops = own(u, m, "ops");
    const char *prefix = arena_format(&u->arena, "%s->", own_m);
    const char *fits = arena_format(&u->arena, "rpc_fits(%s, %u, %s)", own_m, words(m, DIRECTION_IN),
                                    cap_of(m, DIRECTION_IN) ? "RPC_CAP" : "RPC_NO_CAP");

    out_list(o, arena_format(&u->arena, "static err_t serve_%s(", m->name.text));
    out_item(o, arena_format(&u->arena, "const struct %s_ops *%s", name, own_ops));
    out_item(o, arena_format(&u->arena, "void *%s", own(u, m, "session")));
    out_item(o, arena_format(&u->arena, "struct rpc_message *%s", own_m));
    out_list_end(o, ")\n{\n");
    server_locals(u, o, m);
    out(o, "    REQUIRE(%s->%s, E_RPC_NUMBER);\n", own_ops, m->name.text);
    out(o, "    REQUIRE(%s, E_RPC_MALFORMED);\n", ranges(u, m, DIRECTION_IN, prefix, fits));
    server_call(u, o, m, prefix);
    server_reply(u, o, m, prefix);
    out(o, "    return OK;\n}\n\n");
}

static void server_switch(struct unit *u, struct out *o)
{
    const char *name = u->interface->name.text;

    out(o, "void %s_serve(const struct %s_ops *ops, void *session, struct rpc_message *m)\n{\n", name, name);
    out(o, "    err_t err = ERR(E_RPC_NUMBER);\n\n");
    out(o, "    switch (m->number) {\n");
    for (const struct message *m = u->interface->messages; m; m = m->next) {
        out(o, "    case %s:\n", emit_number_name(u, m));
        out(o, "        err = serve_%s(ops, session, m);\n        break;\n", m->name.text);
    }
    out(o, "    }\n    if (!err_ok(err)) {\n        rpc_fail(m, err);\n    }\n}\n");
}

void emit_rpc_source(struct unit *u, const struct source *from, const char *header_name, struct out *o)
{
    out(o, "/* Made by idlc from %s.if: do not edit. */\n#include <stubs/%s>\n\n", from->stem, header_name);
    for (const struct message *m = u->interface->messages; m; m = m->next) {
        client_function(u, o, m);
    }
    for (const struct message *m = u->interface->messages; m; m = m->next) {
        server_function(u, o, m);
    }
    server_switch(u, o);
}
