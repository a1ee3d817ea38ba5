/* emit_rpc.c  Stubs that need neither heap nor waitset: each scalar is one word, a capability goes beside them. */
#include "rpc_shape.h"

#include <inttypes.h>

/* Items of a list: what must hold for the words of one direction. */
static void ranges(struct unit *u, struct out *o, const struct message *m, enum direction direction, const char *prefix)
{
    unsigned index = 0;

    for (const struct field *f = m->fields; f; f = f->next) {
        if (f->direction == direction && rpc_is_word(m, f)) {
            const char *condition = rpc_range(u, f, prefix, index++);
            if (condition) {
                out_item(o, condition);
            }
        }
    }
}

static bool any_range(struct unit *u, const struct message *m, enum direction direction)
{
    for (const struct field *f = m->fields; f; f = f->next) {
        if (f->direction == direction && rpc_is_word(m, f) && rpc_range(u, f, "", 0)) {
            return true;
        }
    }
    return false;
}

static void parameters(struct unit *u, struct out *o, const struct message *m)
{
    for (const struct field *f = m->fields; f; f = f->next) {
        if (f == rpc_error_of(m)) {
            continue;
        }
        const char *name = rpc_is_out(f) ? arena_format(&u->arena, "*%s", f->name.text) : f->name.text;
        out_item(o, emit_declaration(u, f->type.type, name));
    }
}

/* Head of the client's function, up to its ")". */
static void client_head(struct unit *u, struct out *o, const struct message *m)
{
    out_list(o, arena_format(&u->arena, "err_t %s_%s(", u->interface->name.text, m->name.text), ",");
    out_item(o, arena_format(&u->arena, "struct rpc_client *%s", rpc_own(u, m, "c")));
    parameters(u, o, m);
}

/* Head of one half of a call, up to its ")": what makes the request, or what reads the reply. */
static void half_head(struct unit *u, struct out *o, const struct message *m, bool result)
{
    out_list(o, arena_format(&u->arena, "%s %s_%s_%s(", result ? "err_t" : "void", u->interface->name.text,
                             m->name.text, result ? "result" : "request"), ",");
    out_item(o, arena_format(&u->arena, "struct rpc_message *%s", rpc_own(u, m, "m")));
    for (const struct field *f = m->fields; f; f = f->next) {
        if (f != rpc_error_of(m) && rpc_is_out(f) == result) {
            const char *name = result ? arena_format(&u->arena, "*%s", f->name.text) : f->name.text;
            out_item(o, emit_declaration(u, f->type.type, name));
        }
    }
}

/* --- header --- */

/* "first line", the others below it. */
static void labelled(struct out_comment *c, const char *label, const struct doc *doc)
{
    for (const struct doc *line = doc; line; line = line->next) {
        out_comment_line(c, "%s%s", line == doc ? label : "        ", line->text);
    }
}

static void function_comment(struct unit *u, struct out *o, const struct message *m)
{
    struct out_comment c = out_comment(o, "");

    out_comment_doc(&c, m->doc);
    for (const struct field *f = m->fields; f; f = f->next) {
        if (f != rpc_error_of(m)) {
            labelled(&c, arena_format(&u->arena, "@param %s  ", f->name.text), f->doc);
        }
    }
    if (rpc_error_of(m)) {
        labelled(&c, "@return ", rpc_error_of(m)->doc);
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
    out(o, "/* --- Client: a call sends, waits, and returns the server's error or one of the transport. --- */\n\n");
    for (const struct message *m = u->interface->messages; m; m = m->next) {
        function_comment(u, o, m);
        client_head(u, o, m);
        out_list_end(o, ");\n\n");
    }
    out(o, "/* --- The halves of a call, for clients that do not wait in between (rpc_post() of os/rpc_lmp.h). --- */\n\n");
    for (const struct message *m = u->interface->messages; m; m = m->next) {
        half_head(u, o, m, false);
        out_list_end(o, ");\n");
        half_head(u, o, m, true);
        out_list_end(o, ");\n");
    }
    out(o, "\n");
}

static void header_server(struct unit *u, struct out *o)
{
    const char *name = u->interface->name.text;

    out(o, "/* --- Server --- */\n\n");
    out(o, "/** Handlers; one that is NULL refuses its call.  A capability that comes in is the handler's, also when\n");
    out(o, " *  it fails, but not when it returns E_RPC_LATER, to be asked again; what goes out counts only when it\n");
    out(o, " *  succeeds. */\n");
    out(o, "struct %s_ops {\n", name);
    for (const struct message *m = u->interface->messages; m; m = m->next) {
        out_list(o, arena_format(&u->arena, "    %s (*%s)(", rpc_error_of(m) ? "err_t" : "void", m->name.text), ",");
        out_item(o, arena_format(&u->arena, "void *%s", rpc_own(u, m, "session")));
        parameters(u, o, m);
        out_list_end(o, ");\n");
    }
    out(o, "};\n\n");
    out(o, "/** Check the request @p m, which nobody else can write to, call its handler, and make @p m the reply.\n");
    out(o, " *  Requests that do not fit the interface reach no handler: E_RPC_MALFORMED, E_RPC_NUMBER. */\n");
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
    const struct field *cap = rpc_cap_of(m, DIRECTION_IN);
    const unsigned length = rpc_words(m, DIRECTION_IN);

    const bool give = cap && rpc_real(cap)->kind == TYPE_GIVE_CAP;
    out(o, "    *%s = (struct rpc_message){\n        .head = RPC_HEAD(%s, %u)%s,\n", rpc_own(u, m, "m"),
        emit_number_name(u, m), length, give ? " | RPC_GIVE" : "");
    if (cap) {
        out(o, "        .cap = %s,\n", cap->name.text);
    }
    if (length) {
        out_list(o, "        .word = { ", ",");
        for (const struct field *f = m->fields; f; f = f->next) {
            if (!rpc_is_out(f) && rpc_is_word(m, f)) {
                out_item(o, rpc_to_word(u, f));
            }
        }
        out_list_end(o, " },\n");
    }
    out(o, "    };\n}\n\n");
}

static void client_result(struct unit *u, struct out *o, const struct message *m, const char *prefix)
{
    const struct field *cap = rpc_cap_of(m, DIRECTION_OUT);
    const char *own_m = rpc_own(u, m, "m");
    unsigned index = 0;

    const char *result = arena_format(&u->arena, "rpc_result(%s, %s, %u, %s)", own_m, emit_number_name(u, m),
                                      rpc_words(m, DIRECTION_OUT), cap ? "RPC_CAP" : "RPC_NO_CAP");
    if (!cap && rpc_words(m, DIRECTION_OUT) == 0) {
        out(o, "    return %s;\n}\n\n", result);
        return;
    }
    out(o, "    TRY(%s);\n", result);
    if (any_range(u, m, DIRECTION_OUT)) {
        out_list(o, arena_format(&u->arena, "    TRY(rpc_in_range(%s, ", own_m), " &&");
        ranges(u, o, m, DIRECTION_OUT, prefix);
        out_list_end(o, "));\n");
    }
    for (const struct field *f = m->fields; f; f = f->next) {
        if (rpc_is_out(f) && rpc_is_word(m, f)) {
            out(o, "    *%s = %s;\n", f->name.text, rpc_from_word(u, f, prefix, index++));
        }
    }
    if (cap) {
        out(o, "    *%s = %scap;\n", cap->name.text, prefix);
    }
    out(o, "    return OK;\n}\n\n");
}

/* Names of the arguments of one direction, as the halves take them. */
static void pass_arguments(struct out *o, const struct message *m, bool going_out)
{
    for (const struct field *f = m->fields; f; f = f->next) {
        if (f != rpc_error_of(m) && rpc_is_out(f) == going_out) {
            out_item(o, f->name.text);
        }
    }
}

/* The two halves, and the call that waits in between. */
static void client_function(struct unit *u, struct out *o, const struct message *m)
{
    const char *own_m = rpc_own(u, m, "m"), *name = u->interface->name.text;

    half_head(u, o, m, false);
    out_list_end(o, ")\n{\n");
    client_request(u, o, m);
    half_head(u, o, m, true);
    out_list_end(o, ")\n{\n");
    client_result(u, o, m, arena_format(&u->arena, "%s->", own_m));
    client_head(u, o, m);
    out_list_end(o, ")\n{\n");
    out(o, "    struct rpc_message %s;\n\n", own_m);
    out_list(o, arena_format(&u->arena, "    %s_%s_request(", name, m->name.text), ",");
    out_item(o, arena_format(&u->arena, "&%s", own_m));
    pass_arguments(o, m, false);
    out_list_end(o, ");\n");
    out(o, "    TRY(rpc_call(%s, &%s));\n", rpc_own(u, m, "c"), own_m);
    out_list(o, arena_format(&u->arena, "    return %s_%s_result(", name, m->name.text), ",");
    out_item(o, arena_format(&u->arena, "&%s", own_m));
    pass_arguments(o, m, true);
    out_list_end(o, ");\n}\n\n");
}

/* --- server --- */

static const char *nothing(const struct field *f)
{
    switch (rpc_real(f)->kind) {
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
        if (rpc_is_out(f) && f != rpc_error_of(m)) {
            out(o, "    %s = %s;\n", emit_declaration(u, f->type.type, f->name.text), nothing(f));
            any = true;
        }
    }
    out(o, "%s", any ? "\n" : "");
}

static void server_call(struct unit *u, struct out *o, const struct message *m, const char *prefix)
{
    const bool result = rpc_error_of(m) != NULL;
    const char *ops = rpc_own(u, m, "ops");
    unsigned index = 0;

    out_list(o, arena_format(&u->arena, "    %s%s->%s(", result ? "TRY(" : "", ops, m->name.text), ",");
    out_item(o, rpc_own(u, m, "session"));
    for (const struct field *f = m->fields; f; f = f->next) {
        if (f == rpc_error_of(m)) {
            continue;
        }
        if (rpc_is_out(f)) {
            out_item(o, arena_format(&u->arena, "&%s", f->name.text));
        } else if (type_is_cap(rpc_real(f))) {
            out_item(o, arena_format(&u->arena, "rpc_take_cap(%s)", rpc_own(u, m, "m")));
        } else {
            out_item(o, rpc_from_word(u, f, prefix, index++));
        }
    }
    out_list_end(o, result ? "));\n" : ");\n");
}

static void server_reply(struct unit *u, struct out *o, const struct message *m, const char *prefix)
{
    const struct field *cap = rpc_cap_of(m, DIRECTION_OUT);
    unsigned index = 0;

    out(o, "    rpc_reply_to(%s, %s, %u);\n", rpc_own(u, m, "m"), emit_number_name(u, m), rpc_words(m, DIRECTION_OUT));
    for (const struct field *f = m->fields; f; f = f->next) {
        if (rpc_is_out(f) && rpc_is_word(m, f)) {
            out(o, "    %sword[%u] = %s;\n", prefix, index++, rpc_to_word(u, f));
        }
    }
    if (cap) {
        out(o, "    %scap = %s;\n", prefix, cap->name.text);
        if (rpc_real(cap)->kind == TYPE_GIVE_CAP) {
            out(o, "    %sgive = true;\n", prefix);
        }
    }
}

static void server_function(struct unit *u, struct out *o, const struct message *m)
{
    const char *name = u->interface->name.text, *own_m = rpc_own(u, m, "m"), *own_ops = rpc_own(u, m, "ops");
    const char *prefix = arena_format(&u->arena, "%s->", own_m);

    out_list(o, arena_format(&u->arena, "static err_t serve_%s(", m->name.text), ",");
    out_item(o, arena_format(&u->arena, "const struct %s_ops *%s", name, own_ops));
    out_item(o, arena_format(&u->arena, "void *%s", rpc_own(u, m, "session")));
    out_item(o, arena_format(&u->arena, "struct rpc_message *%s", own_m));
    out_list_end(o, ")\n{\n");
    server_locals(u, o, m);
    out(o, "    REQUIRE(%s->%s, E_RPC_NUMBER);\n", own_ops, m->name.text);
    out_list(o, "    REQUIRE(", " &&");
    out_item(o, arena_format(&u->arena, "rpc_fits(%s, %u, %s)", own_m, rpc_words(m, DIRECTION_IN),
                             rpc_cap_of(m, DIRECTION_IN) ? "RPC_CAP" : "RPC_NO_CAP"));
    ranges(u, o, m, DIRECTION_IN, prefix);
    out_list_end(o, ", E_RPC_MALFORMED);\n");
    server_call(u, o, m, prefix);
    server_reply(u, o, m, prefix);
    out(o, "    return OK;\n}\n\n");
}

static void server_switch(struct unit *u, struct out *o)
{
    const char *name = u->interface->name.text;

    out(o, "void %s_serve(const struct %s_ops *ops, void *session, struct rpc_message *m)\n{\n", name, name);
    out(o, "    const cptr_t cap = m->cap;\n    err_t err = ERR(E_RPC_NUMBER);\n\n");
    out(o, "    switch (m->number) {\n");
    for (const struct message *m = u->interface->messages; m; m = m->next) {
        out(o, "    case %s:\n", emit_number_name(u, m));
        out(o, "        err = serve_%s(ops, session, m);\n        break;\n", m->name.text);
    }
    out(o, "    }\n    if (err_root(err) == E_RPC_LATER) {\n        rpc_later(m, cap);\n");
    out(o, "    } else if (!err_ok(err)) {\n        rpc_fail(m, err);\n    }\n}\n");
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
