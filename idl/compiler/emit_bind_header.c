/* emit_bind_header.c  The typed binding of an interface: what its users include. */
#include "bind_shape.h"

static bool has_rpcs(const struct unit *u)
{
    for (const struct message *m = u->interface->messages; m; m = m->next) {
        if (m->rpc) {
            return true;
        }
    }
    return false;
}

/* "first line", the others below it. */
static void labelled(struct out_comment *c, const char *label, const struct doc *doc)
{
    for (const struct doc *line = doc; line; line = line->next) {
        out_comment_line(c, "%s%s", line == doc ? label : "        ", line->text);
    }
}

static void comment(struct unit *u, struct out *o, const struct message *m, const struct half *only)
{
    struct out_comment c = out_comment(o, "");

    out_comment_doc(&c, m->doc);
    for (const struct field *f = m->fields; f; f = f->next) {
        if ((!only || f->direction == only->direction) && f != bind_error_of(m)) {
            labelled(&c, arena_format(&u->arena, "@param %s  ", f->name.text), f->doc);
        }
    }
    if (bind_error_of(m) && !only) {
        labelled(&c, "@return ", bind_error_of(m)->doc);
    }
    out_comment_end(&c);
}

/* --- handlers --- */

static void handler_type(struct out *o, const struct half *h)
{
    struct unit *u = h->unit;
    const char *interface = u->interface->name.text;

    out_list(o, arena_format(&u->arena, "typedef void %s_%s__rx_method_fn(", interface, bind_name(h)), ",");
    out_item(o, arena_format(&u->arena, "struct %s_binding *%s", interface, bind_own(u, h->message, "b")));
    bind_parameters(o, h, FORM_RECEIVE);
    out_list_end(o, ");\n");
}

static void handler_member(struct out *o, const struct half *h)
{
    out(o, "    %s_%s__rx_method_fn *%s;\n", h->unit->interface->name.text, bind_name(h), bind_name(h));
}

static void handlers(struct unit *u, struct out *o)
{
    out(o, "/* --- Handlers.  Strings and dynamic arrays (heap_free()) and capabilities that come in are the handler's; structs\n"
           " * and fixed arrays are there until it returns. --- */\n\n");
    bind_each_half(u, o, handler_type);
    out(o, "\nstruct %s_rx_vtbl {\n", u->interface->name.text);
    bind_each_half(u, o, handler_member);
    out(o, "};\n\n");
}

static void ops(struct unit *u, struct out *o)
{
    const char *interface = u->interface->name.text;

    out(o, "/** Handlers of calls that answer at once.  What comes in is freed when they return, capabilities excepted, which\n");
    out(o, " *  are theirs; what goes out is freed when it is sent, and ignored if they fail. */\n");
    out(o, "struct %s_ops {\n", interface);
    for (const struct message *m = u->interface->messages; m; m = m->next) {
        if (m->rpc) {
            out_list(o, arena_format(&u->arena, "    %s (*%s)(", bind_error_of(m) ? "err_t" : "void", m->name.text), ",");
            out_item(o, arena_format(&u->arena, "struct %s_binding *%s", interface, bind_own(u, m, "b")));
            bind_parameters(o, &(struct half){ u, m, DIRECTION_IN }, FORM_SEND);
            bind_parameters(o, &(struct half){ u, m, DIRECTION_OUT }, FORM_RESULT);
            out_list_end(o, ");\n");
        }
    }
    out(o, "};\n\n");
}

/* --- the binding --- */

static void binding(struct unit *u, struct out *o)
{
    const char *n = u->interface->name.text;

    out(o, "typedef void %s_error_handler_fn(struct %s_binding *b, err_t err);\n\n", n, n);
    out(o, "struct %s_binding {\n    union {\n        struct {\n", n);
    out(o, "            /** the user's */\n            void *st;\n");
    out(o, "            /** where handlers run; %s_change_waitset() */\n            struct waitset *waitset;\n", n);
    out(o, "        };\n        struct binding common;\n    };\n");
    out(o, "    /** called once, when the binding has ended */\n    %s_error_handler_fn *error_handler;\n", n);
    out(o, "    struct %s_rx_vtbl rx_vtbl;\n", n);
    if (has_rpcs(u)) {
        out(o, "    /** for calls that rx_vtbl has no handler for; NULL: none */\n    const struct %s_ops *ops;\n", n);
    }
    out(o, "};\n\n");
    out(o, "extern const struct binding_interface %s_interface;\n\n", n);
}

/* A function of the header: @p parameters end with NULL. */
static void inline_function(struct unit *u, struct out *o, const char *name, const char *const parameters[],
                            const char *body)
{
    out_list(o, arena_format(&u->arena, "static inline %s(", name), ",");
    for (; *parameters; parameters++) {
        out_item(o, *parameters);
    }
    out_list_end(o, ")\n");
    out(o, "{\n%s}\n\n", body);
}

static void exporting(struct unit *u, struct out *o)
{
    const char *n = u->interface->name.text;
    struct arena *a = &u->arena;

    inline_function(u, o, arena_format(a, "err_t %s_export", n),
                    (const char *const[]){ "void *st", "idc_export_callback_fn *callback",
                                           arena_format(a, "%s_connect_fn *connect", n), "struct waitset *ws", NULL },
                    arena_format(a, "    return binding_export_async(&%s_interface, st, callback, (void (*)(void))connect, "
                                    "ws);\n", n));
    if (has_rpcs(u)) {
        out(o, "/** Export: @p ops answer all clients, and @p st is the st of their bindings. */\n");
        inline_function(u, o, arena_format(a, "err_t %s_serve", n),
                        (const char *const[]){ arena_format(a, "const struct %s_ops *ops", n), "void *st",
                                               "struct waitset *ws", "iref_t *iref", NULL },
                        arena_format(a, "    return binding_serve(&%s_interface, ops, st, ws, iref);\n", n));
    }
}

static void binding_to(struct unit *u, struct out *o)
{
    const char *n = u->interface->name.text;
    struct arena *a = &u->arena;

    inline_function(u, o, arena_format(a, "err_t %s_bind", n),
                    (const char *const[]){ "iref_t iref", arena_format(a, "%s_bind_continuation_fn *continuation", n),
                                           "void *st", "struct waitset *ws", NULL },
                    arena_format(a, "    struct transport *t;\n\n    TRY(binding_reach(iref, &t));\n"
                                    "    return binding_bind(&%s_interface, t, ws, (void (*)(void))continuation, st);\n", n));
    out(o, "/** Bind and wait for it. */\n");
    inline_function(u, o, arena_format(a, "err_t %s_connect", n),
                    (const char *const[]){ "iref_t iref", "struct waitset *ws", arena_format(a, "struct %s_binding **b", n),
                                           NULL },
                    arena_format(a, "    struct transport *t;\n    struct binding *common;\n\n"
                                    "    TRY(binding_reach(iref, &t));\n"
                                    "    TRY(binding_connect(&%s_interface, t, ws, 0, &common));\n"
                                    "    *b = (struct %s_binding *)common;\n    return OK;\n", n, n));
}

static void connecting(struct unit *u, struct out *o)
{
    const char *n = u->interface->name.text;

    out(o, "/* --- Export and bind: os/binding.h has the errors. --- */\n\n");
    out(o, "typedef err_t %s_connect_fn(void *st, struct %s_binding *b);\n", n, n);
    out(o, "typedef void %s_bind_continuation_fn(void *st, err_t err, struct %s_binding *b);\n\n", n, n);
    exporting(u, o);
    binding_to(u, o);
}

/* A control function that hands on what it gets. */
static void control_function(struct unit *u, struct out *o, const char *type, const char *name,
                             const char *const more[], const char *arguments)
{
    struct arena *a = &u->arena;
    const char *parameters[4] = { arena_format(a, "struct %s_binding *b", u->interface->name.text) };

    for (size_t i = 0; more[i]; i++) {
        parameters[i + 1] = more[i];
    }
    inline_function(u, o, arena_format(a, "%s %s_%s", type, u->interface->name.text, name), parameters,
                    arena_format(a, "    return binding_%s(&b->common%s);\n", name, arguments));
}

static void control(struct unit *u, struct out *o)
{
    control_function(u, o, "bool", "can_send", (const char *const[]){ NULL }, "");
    control_function(u, o, "err_t", "register_send",
                     (const char *const[]){ "struct waitset *ws", "struct event_closure closure", NULL }, ", ws, closure");
    control_function(u, o, "err_t", "change_waitset", (const char *const[]){ "struct waitset *ws", NULL }, ", ws");
    control_function(u, o, "err_t", "control", (const char *const[]){ "enum idc_control control", NULL }, ", control");
}

/* --- messages and calls --- */

static void send(struct out *o, const struct half *h)
{
    comment(h->unit, o, h->message, h);
    bind_head_send(o, h);
    out_list_end(o, ");\n\n");
}

static void calls(struct unit *u, struct out *o)
{
    out(o, "/* --- Calls.  They return the server's error or why there is no answer; what they write is the caller's.  _start\n"
           " * does not wait for the answer, _finish does, until a deadline of events_now(). --- */\n\n");
    for (const struct message *m = u->interface->messages; m; m = m->next) {
        if (m->rpc) {
            comment(u, o, m, NULL);
            bind_head_call(o, u, m);
            out_list_end(o, ");\n");
            bind_head_start(o, u, m);
            out_list_end(o, ");\n");
            bind_head_finish(o, u, m);
            out_list_end(o, ");\n\n");
        }
    }
}

void emit_bind_header(struct unit *u, const struct source *from, struct out *o)
{
    emit_head(u, from, "os/binding.h", o);
    out(o, "struct %s_binding;\n\n", u->interface->name.text);
    handlers(u, o);
    if (has_rpcs(u)) {
        ops(u, o);
    }
    binding(u, o);
    connecting(u, o);
    control(u, o);
    out(o, "/* --- Send.  What goes out is only read, and may be changed when the function returns; slots of capabilities when\n"
           " * the continuation runs. --- */\n\n");
    bind_each_half(u, o, send);
    if (has_rpcs(u)) {
        calls(u, o);
    }
    out(o, "#endif\n");
}
