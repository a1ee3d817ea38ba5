/* emit_bind_source.c  Tables that describe messages, and stubs that hand their arguments to the runtime with them. */
#include "bind_shape.h"
#include "names.h"

#include <inttypes.h>

/* --- types --- */

static const char *number(struct unit *u, uint64_t value)
{
    return value == WORDS_UNBOUNDED ? "WIRE_NO_MAX" : arena_format(&u->arena, "%" PRIu64, value);
}

/* One row of a table of fields; @p c is the struct they are members of. */
static void field(struct out *o, struct unit *u, const char *c, const struct field *f)
{
    const char *type = bind_type(u, f->type.type), *name = f->name.text;
    const char *max = f->max.given ? number(u, f->max.value) : "WIRE_NO_MAX";

    if (f->length.text) {
        out(o, "    WIRE_DYNAMIC(%s, %s, %s, &%s, %s),\n", c, name, f->length.text, type, max);
    } else if (f->max.given) {
        out(o, "    WIRE_BOUNDED(%s, %s, &%s, %s),\n", c, name, type, max);
    } else {
        out(o, "    WIRE_FIELD(%s, %s, &%s),\n", c, name, type);
    }
}

static void describe(struct out *o, struct unit *u, struct names *done, const struct type *t);

static void describe_struct(struct out *o, struct unit *u, struct names *done, const struct type *t)
{
    const char *name = bind_type(u, t), *c = emit_type_name(u, t);

    for (const struct field *f = t->fields; f; f = f->next) {
        describe(o, u, done, f->type.type);
    }
    out(o, "static const struct wire_field %s__fields[] = {\n", name);
    for (const struct field *f = t->fields; f; f = f->next) {
        field(o, u, c, f);
    }
    out(o, "};\nstatic const struct wire_type %s = WIRE_STRUCT_TYPE(%s, %s__fields, %" PRIu64 ");\n\n", name, c, name,
        bind_type_words(t).min);
}

/* A table for each type that messages use, inner ones first. */
static void describe(struct out *o, struct unit *u, struct names *done, const struct type *t)
{
    t = t->real;
    const char *name = bind_type(u, t), *c = emit_type_name(u, t);

    if (t->c || names_add(done, name, (void *)t)) {
        return;
    }
    switch (t->kind) {
    case TYPE_STRUCT:
        describe_struct(o, u, done, t);
        break;
    case TYPE_ARRAY:
        describe(o, u, done, t->of.type);
        out(o, "static const struct wire_type %s = WIRE_ARRAY_TYPE(%s, &%s, %" PRIu64 ", %" PRIu64 ");\n\n", name, c,
            bind_type(u, t->of.type), t->count.value, bind_type_words(t).min);
        break;
    default:
        out(o, "static const struct wire_type %s = WIRE_ENUM_TYPE(%s, %" PRIu64 ");\n\n", name, c, t->values_count);
        break;
    }
}

/* --- arguments --- */

static const char *args_struct(const struct half *h)
{
    return arena_format(&h->unit->arena, "struct %s__%s", h->unit->interface->name.text, bind_name(h));
}

static void arguments(struct out *o, const struct half *h)
{
    struct unit *u = h->unit;

    if (!bind_has_arguments(h)) {
        return;
    }
    out(o, "%s {\n", args_struct(h));
    FOR_ARGUMENTS(f, h) {
        const char *star = f->length.text ? "*" : "";
        out(o, "    %s;\n", emit_declaration(u, f->type.type, arena_format(&u->arena, "%s%s", star, f->name.text)));
        if (f->length.text) {
            out(o, "    size_t %s;\n", f->length.text);
        }
    }
    out(o, "};\nstatic const struct wire_field %s__%s__fields[] = {\n", u->interface->name.text, bind_name(h));
    FOR_ARGUMENTS(f, h) {
        field(o, u, args_struct(h), f);
    }
    out(o, "};\n\n");
}

/* --- receiving --- */

static void deliver(struct out *o, const struct half *h)
{
    struct unit *u = h->unit;
    const char *interface = u->interface->name.text, *name = bind_name(h);
    const bool any = bind_has_arguments(h);

    out(o, "static bool deliver_%s(struct binding *b, void *args)\n{\n", name);
    out(o, "    struct %s_binding *self = (struct %s_binding *)b;\n", interface, interface);
    if (any) {
        out(o, "    %s *a = args;\n\n", args_struct(h));
    } else {
        out(o, "\n    (void)args;\n");
    }
    out(o, "    if (!self->rx_vtbl.%s) {\n        return false;\n    }\n", name);
    out_list(o, arena_format(&u->arena, "    self->rx_vtbl.%s(", name), ",");
    out_item(o, "self");
    FOR_ARGUMENTS(f, h) {
        out_item(o, arena_format(&u->arena, "a->%s", f->name.text));
        if (f->length.text) {
            out_item(o, arena_format(&u->arena, "a->%s", f->length.text));
        }
    }
    out_list_end(o, ");\n    return true;\n}\n\n");
}

static void serve_results(struct out *o, const struct half *h)
{
    struct unit *u = h->unit;

    FOR_ARGUMENTS(f, h) {
        const bool array = bind_real(f)->kind == TYPE_ARRAY && !f->length.text;
        if (f == bind_error_of(h->message)) {
            continue;
        }
        out_item(o, arena_format(&u->arena, "%sr->%s", array ? "" : "&", f->name.text));
        if (f->length.text) {
            out_item(o, arena_format(&u->arena, "&r->%s", f->length.text));
        }
    }
}

static void serve(struct out *o, struct unit *u, const struct message *m)
{
    const struct half in = { u, m, DIRECTION_IN }, result = { u, m, DIRECTION_OUT };
    const char *interface = u->interface->name.text;
    const struct field *error = bind_error_of(m);

    out(o, "static bool serve_%s(struct binding *b, void *in, void *out)\n{\n", m->name.text);
    out(o, "    struct %s_binding *self = (struct %s_binding *)b;\n", interface, interface);
    if (bind_has_arguments(&in)) {
        out(o, "    %s *a = in;\n", args_struct(&in));
    }
    if (bind_has_arguments(&result)) {
        out(o, "    %s *r = out;\n", args_struct(&result));
    }
    out(o, "\n%s%s", bind_has_arguments(&in) ? "" : "    (void)in;\n", bind_has_arguments(&result) ? "" : "    (void)out;\n");
    out(o, "    if (!self->ops || !self->ops->%s) {\n        return false;\n    }\n", m->name.text);
    const char *to = error ? arena_format(&u->arena, "r->%s = ", error->name.text) : "";
    out_list(o, arena_format(&u->arena, "    %sself->ops->%s(", to, m->name.text), ",");
    out_item(o, "self");
    FOR_ARGUMENTS(f, &in) {
        out_item(o, arena_format(&u->arena, "a->%s", f->name.text));
        if (f->length.text) {
            out_item(o, arena_format(&u->arena, "a->%s", f->length.text));
        }
    }
    serve_results(o, &result);
    out_list_end(o, ");\n    return true;\n}\n\n");
}

/* --- tables --- */

static void row(struct out *o, const struct half *h)
{
    struct unit *u = h->unit;
    struct arena *a = &u->arena;
    const bool rpc = h->message->rpc, result = h->direction == DIRECTION_OUT;
    const struct words words = bind_words(h);
    const char *name = bind_name(h);
    unsigned count = 0;

    FOR_ARGUMENTS(f, h) {
        count++;
    }
    out_list(o, "    { ", ",");
    out_item(o, arena_format(a, ".number = %s", emit_number_name(u, h->message)));
    if (count) {
        out_item(o, arena_format(a, ".fields = %s__%s__fields", u->interface->name.text, name));
        out_item(o, arena_format(a, ".field_count = %u", count));
        out_item(o, arena_format(a, ".args_bytes = sizeof(%s)", args_struct(h)));
    }
    if (rpc) {
        out_item(o, result ? ".response = true" : ".call = true");
    }
    if (result && bind_error_of(h->message)) {
        out_item(o, ".error = true");
    }
    if (bind_is_flat(h)) {
        out_item(o, ".flat = true");
    }
    out_item(o, arena_format(a, ".words_min = %" PRIu64, words.min));
    out_item(o, arena_format(a, ".words_max = %s", number(u, words.max)));
    if (bind_caps(h)) {
        out_item(o, arena_format(a, ".caps_max = %s", number(u, bind_caps(h))));
    }
    out_item(o, arena_format(a, ".deliver = deliver_%s", name));
    if (rpc && !result) {
        out_item(o, arena_format(a, ".serve = serve_%s", h->message->name.text));
    }
    out_list_end(o, " },\n");
}

static void tables(struct unit *u, struct out *o, bool rpcs)
{
    const char *n = u->interface->name.text;

    out(o, "static const struct wire_message %s__messages[] = {\n", n);
    for (const struct message *m = u->interface->messages; m; m = m->next) {
        row(o, &(struct half){ u, m, DIRECTION_IN });
    }
    out(o, "};\n\n");
    if (!rpcs) {
        return;
    }
    out(o, "static const struct wire_message %s__responses[] = {\n", n);
    for (const struct message *m = u->interface->messages; m; m = m->next) {
        if (m->rpc) {
            row(o, &(struct half){ u, m, DIRECTION_OUT });
        } else {
            out(o, "    { .number = 0 },\n");
        }
    }
    out(o, "};\n\n");
}

/* --- sending --- */

static bool is_array(const struct field *f)
{
    return bind_real(f)->kind == TYPE_ARRAY && !f->length.text;
}

/* .a = a, in an initialiser */
static void fill_argument(struct out *o, struct unit *u, const struct field *f)
{
    const char *name = f->name.text;

    if (f->length.text) {
        out(o, "        .%s = (%s*)%s,\n", name, emit_declaration(u, f->type.type, ""), name);
        out(o, "        .%s = %s,\n", f->length.text, f->length.text);
    } else if (bind_real(f)->kind == TYPE_STRING) {
        out(o, "        .%s = (%s)%s,\n", name, emit_type_name(u, f->type.type), name);
    } else {
        out(o, "        .%s = %s,\n", name, name);
    }
}

/* The struct of the arguments as a local. */
static void fill_arguments(struct out *o, const struct half *h, const char *args)
{
    bool any = false;

    if (!bind_has_arguments(h)) {
        return;
    }
    FOR_ARGUMENTS(f, h) {
        any = any || !is_array(f);
    }
    out(o, "    %s %s%s\n", args_struct(h), args, any ? " = {" : ";");
    if (any) {
        FOR_ARGUMENTS(f, h) {
            if (!is_array(f)) {
                fill_argument(o, h->unit, f);
            }
        }
        out(o, "    };\n");
    }
    out(o, "\n");
    FOR_ARGUMENTS(f, h) {
        if (is_array(f)) {
            out(o, "    memcpy(%s.%s, %s, sizeof(%s.%s));\n", args, f->name.text, f->name.text, args, f->name.text);
        }
    }
}

static const char *description(const struct half *h)
{
    return arena_format(&h->unit->arena, "&%s__%s[%s - 1]", h->unit->interface->name.text,
                        h->direction == DIRECTION_OUT ? "responses" : "messages",
                        emit_number_name(h->unit, h->message));
}

static const char *address_of(const struct half *h, const char *args)
{
    return bind_has_arguments(h) ? arena_format(&h->unit->arena, "&%s", args) : "NULL";
}

static void send(struct out *o, const struct half *h)
{
    struct unit *u = h->unit;
    const char *args = bind_own(u, h->message, "args");

    bind_head_send(o, h);
    out_list_end(o, ")\n{\n");
    fill_arguments(o, h, args);
    out_list(o, "    return binding_transmit(", ",");
    out_item(o, arena_format(&u->arena, "&%s->common", bind_own(u, h->message, "b")));
    out_item(o, description(h));
    out_item(o, bind_own(u, h->message, "continuation"));
    out_item(o, address_of(h, args));
    out_list_end(o, ");\n}\n\n");
}

/* --- calls --- */

static void start(struct out *o, const struct half *in, const struct half *result)
{
    struct unit *u = in->unit;
    const struct message *m = in->message;
    const char *args = bind_own(u, m, "args");

    bind_head_start(o, u, m);
    out_list_end(o, ")\n{\n");
    fill_arguments(o, in, args);
    out_list(o, "    return binding_call_start(", ",");
    out_item(o, arena_format(&u->arena, "&%s->common", bind_own(u, m, "b")));
    out_item(o, bind_own(u, m, "future"));
    out_item(o, description(in));
    out_item(o, description(result));
    out_item(o, address_of(in, args));
    out_list_end(o, ");\n}\n\n");
}

static void finish(struct out *o, const struct half *result)
{
    struct unit *u = result->unit;
    const struct message *m = result->message;
    const char *args = bind_own(u, m, "args"), *future = bind_own(u, m, "future"), *deadline = bind_own(u, m, "deadline");

    bind_head_finish(o, u, m);
    out_list_end(o, ")\n{\n");
    if (!bind_has_arguments(result)) {
        out(o, "    return binding_call_finish(%s, %s, NULL);\n}\n\n", future, deadline);
        return;
    }
    out(o, "    %s %s;\n\n    TRY(binding_call_finish(%s, %s, &%s));\n", args_struct(result), args, future, deadline, args);
    FOR_ARGUMENTS(f, result) {
        if (f == bind_error_of(m)) {
            continue;
        }
        if (is_array(f)) {
            out(o, "    memcpy(%s, %s.%s, sizeof(%s.%s));\n", f->name.text, args, f->name.text, args, f->name.text);
        } else {
            out(o, "    *%s = %s.%s;\n", f->name.text, args, f->name.text);
        }
        if (f->length.text) {
            out(o, "    *%s = %s.%s;\n", f->length.text, args, f->length.text);
        }
    }
    out(o, "    return OK;\n}\n\n");
}

static void call(struct out *o, const struct half *in, const struct half *result)
{
    struct unit *u = in->unit;
    const struct message *m = in->message;
    const char *interface = u->interface->name.text, *b = bind_own(u, m, "b"), *future = bind_own(u, m, "future");

    bind_head_call(o, u, m);
    out_list_end(o, ")\n{\n");
    out(o, "    struct rpc_future %s;\n\n", future);
    out_list(o, arena_format(&u->arena, "    TRY(%s_rpc_%s_start(", interface, m->name.text), ",");
    out_item(o, b);
    out_item(o, arena_format(&u->arena, "&%s", future));
    FOR_ARGUMENTS(f, in) {
        out_item(o, f->name.text);
        if (f->length.text) {
            out_item(o, f->length.text);
        }
    }
    out_list_end(o, "));\n");
    out_list(o, arena_format(&u->arena, "    return %s_rpc_%s_finish(", interface, m->name.text), ",");
    out_item(o, arena_format(&u->arena, "&%s", future));
    out_item(o, arena_format(&u->arena, "binding_deadline(&%s->common)", b));
    FOR_ARGUMENTS(f, result) {
        if (f != bind_error_of(m)) {
            out_item(o, f->name.text);
            if (f->length.text) {
                out_item(o, f->length.text);
            }
        }
    }
    out_list_end(o, ");\n}\n\n");
}

/* --- the interface --- */

static void typed(struct unit *u, struct out *o, bool rpcs)
{
    const char *n = u->interface->name.text;

    out(o, "static bool %s__report(struct binding *b, err_t err)\n{\n", n);
    out(o, "    struct %s_binding *self = (struct %s_binding *)b;\n\n", n, n);
    out(o, "    if (self->error_handler) {\n        self->error_handler(self, err);\n        return true;\n    }\n");
    out(o, "    return false;\n}\n\n");
    out(o, "static err_t %s__accepted(const struct binding_export *e, struct binding *b)\n{\n", n);
    out(o, "    struct %s_binding *self = (struct %s_binding *)b;\n\n", n, n);
    out(o, "%s", rpcs ? "    self->ops = e->ops;\n" : "");
    out(o, "    return e->connect ? ((%s_connect_fn *)e->connect)(e->st, self) : OK;\n}\n\n", n);
    out(o, "static void %s__bound(void (*continuation)(void), void *st, err_t err, struct binding *b)\n{\n", n);
    out(o, "    ((%s_bind_continuation_fn *)continuation)(st, err, (struct %s_binding *)b);\n}\n\n", n, n);
    out(o, "const struct binding_interface %s_interface = {\n    .name = \"%s\",\n", n, n);
    out(o, "    .fingerprint = %s_FINGERPRINT,\n    .messages = %s__messages,\n", emit_upper(&u->arena, n), n);
    out(o, "%s", rpcs ? arena_format(&u->arena, "    .responses = %s__responses,\n", n) : "");
    out(o, "    .count = sizeof(%s__messages) / sizeof(%s__messages[0]),\n", n, n);
    if (bind_any_direct(u)) {
        out(o, "    .direct = { %s__direct, sizeof(%s__direct) / sizeof(%s__direct[0]) },\n", n, n, n);
    }
    out(o, "    .bytes = sizeof(struct %s_binding),\n    .report = %s__report,\n", n, n);
    out(o, "    .accepted = %s__accepted,\n    .bound = %s__bound,\n};\n", n, n);
}

void emit_bind_source(struct unit *u, const struct source *from, const char *header_name, struct out *o)
{
    struct names *done = names_new(&u->arena);
    bool rpcs = false;

    out(o, "/* Made by idlc from %s.if: do not edit. */\n#include <stubs/%s>\n\n%s#include <os/string.h>\n\n", from->stem,
        header_name, bind_any_direct(u) ? "#include <os/direct_call.h>\n" : "");
    for (const struct message *m = u->interface->messages; m; m = m->next) {
        rpcs = rpcs || m->rpc;
        for (const struct field *f = m->fields; f; f = f->next) {
            describe(o, u, done, f->type.type);
        }
    }
    bind_each_half(u, o, arguments);
    bind_each_half(u, o, deliver);
    for (const struct message *m = u->interface->messages; m; m = m->next) {
        if (m->rpc) {
            serve(o, u, m);
        }
        if (bind_is_direct(u, m)) {
            bind_direct_serve(o, u, m);
        }
    }
    tables(u, o, rpcs);
    if (bind_any_direct(u)) {
        bind_direct_table(o, u);
    }
    bind_each_half(u, o, send);
    for (const struct message *m = u->interface->messages; m; m = m->next) {
        const struct half in = { u, m, DIRECTION_IN }, result = { u, m, DIRECTION_OUT };
        if (m->rpc) {
            start(o, &in, &result);
            finish(o, &result);
            if (bind_is_direct(u, m)) {
                bind_direct_call(o, u, m);
            } else {
                call(o, &in, &result);
            }
        }
    }
    typed(u, o, rpcs);
}
