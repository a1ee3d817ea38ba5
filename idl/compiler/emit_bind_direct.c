/* emit_bind_direct.c  rpcs whose halves are a few scalars: stubs and servers that know the words (os/direct.h). */
#include "bind_shape.h"
#include "rpc_shape.h"

#include <inttypes.h>

#define DIRECT_WORDS 8u                 /* of a half */

static bool fits(const struct half *h)
{
    return bind_is_flat(h) && bind_caps(h) == 0 && bind_words(h).max <= DIRECT_WORDS;
}

bool bind_is_direct(struct unit *u, const struct message *m)
{
    return m->rpc && fits(&(struct half){ u, m, DIRECTION_IN }) && fits(&(struct half){ u, m, DIRECTION_OUT });
}

bool bind_any_direct(struct unit *u)
{
    for (const struct message *m = u->interface->messages; m; m = m->next) {
        if (bind_is_direct(u, m)) {
            return true;
        }
    }
    return false;
}

/* "DIRECT_CALL(ECHO_WORDS, 7)" */
static const char *code(const struct half *h)
{
    struct unit *u = h->unit;

    return arena_format(&u->arena, "DIRECT_%s(%s, %" PRIu64 ")", h->direction == DIRECTION_IN ? "CALL" : "RESPONSE",
                        emit_number_name(u, h->message), bind_words(h).max);
}

/* What must hold for the words of a half, joined by " &&".  NULL: nothing */
static const char *ranges(const struct half *h, const char *prefix)
{
    struct arena *a = &h->unit->arena;
    const char *all = NULL;
    unsigned index = 0;

    FOR_ARGUMENTS(f, h) {
        const char *one = rpc_range(h->unit, f, prefix, index++);
        if (one) {
            all = all ? arena_format(a, "%s && %s", all, one) : one;
        }
    }
    return all;
}

static void range_items(struct out *o, const struct half *h, const char *prefix)
{
    unsigned index = 0;

    FOR_ARGUMENTS(f, h) {
        const char *one = rpc_range(h->unit, f, prefix, index++);
        if (one) {
            out_item(o, one);
        }
    }
}

/* --- the client --- */

static void fill_words(struct out *o, const struct half *in, const char *w)
{
    struct unit *u = in->unit;

    if (!bind_has_arguments(in)) {
        out(o, "    struct direct_words %s = { { 0 } };\n", w);
        return;
    }
    out_list(o, arena_format(&u->arena, "    struct direct_words %s = { { ", w), ",");
    FOR_ARGUMENTS(f, in) {
        out_item(o, rpc_to_word(u, f));
    }
    out_list_end(o, " } };\n");
}

void bind_direct_call(struct out *o, struct unit *u, const struct message *m)
{
    const struct half in = { u, m, DIRECTION_IN }, result = { u, m, DIRECTION_OUT };
    const char *w = bind_own(u, m, "w"), *b = bind_own(u, m, "b"), *r = bind_own(u, m, "result");
    const char *prefix = arena_format(&u->arena, "%s.", w);
    const struct field *error = bind_error_of(m);
    unsigned index = 0;

    bind_head_call(o, u, m);
    out_list_end(o, ")\n{\n");
    fill_words(o, &in, w);
    out_list(o, arena_format(&u->arena, "    const struct direct_result %s = direct_call(", r), ",");
    out_item(o, arena_format(&u->arena, "&%s->common", b));
    out_item(o, code(&in));
    out_item(o, code(&result));
    out_item(o, arena_format(&u->arena, "&%s", w));
    out_list_end(o, ");\n\n");
    if (error && !bind_next(&result, error->next)) {
        out(o, "    return err_ok(%s.err) ? (err_t){ %s.first } : %s.err;\n}\n\n", r, r, r);
        return;
    }
    out(o, "    TRY(%s.err);\n", r);
    if (ranges(&result, prefix)) {
        out_list(o, "    if (!(", " &&");
        range_items(o, &result, prefix);
        out_list_end(o, arena_format(&u->arena, ")) {\n        return binding_malformed(&%s->common);\n    }\n", b));
    }
    if (error) {
        out(o, "    TRY((err_t){ %s.first });\n", r);
    }
    FOR_ARGUMENTS(f, &result) {
        if (f != error) {
            out(o, "    *%s = %s;\n", f->name.text, rpc_from_word(u, f, prefix, index));
        }
        index++;
    }
    out(o, "    return OK;\n}\n\n");
}

/* --- the server --- */

static const char *nothing(const struct field *f)
{
    switch (bind_real(f)->kind) {
    case TYPE_BOOL:
        return "false";
    case TYPE_ERROR:
        return "OK";
    default:
        return "0";
    }
}

/* Set to nothing, so that no handler can forget one and send what lay on the stack. */
static void result_locals(struct out *o, const struct half *result)
{
    FOR_ARGUMENTS(f, result) {
        if (f != bind_error_of(result->message)) {
            out(o, "    %s = %s;\n", emit_declaration(result->unit, f->type.type, f->name.text), nothing(f));
        }
    }
}

static void call_handler(struct out *o, const struct half *in, const struct half *result, const char *self,
                         const char *prefix)
{
    struct unit *u = in->unit;
    const struct message *m = in->message;
    const struct field *error = bind_error_of(m);
    unsigned index = 0;

    const char *to = error ? arena_format(&u->arena, "const err_t %s = ", error->name.text) : "";
    out_list(o, arena_format(&u->arena, "    %s%s->ops->%s(", to, self, m->name.text), ",");
    out_item(o, self);
    FOR_ARGUMENTS(f, in) {
        out_item(o, rpc_from_word(u, f, prefix, index++));
    }
    FOR_ARGUMENTS(f, result) {
        if (f != error) {
            out_item(o, arena_format(&u->arena, "&%s", f->name.text));
        }
    }
    out_list_end(o, ");\n");
}

/* All words but the first.  @return the first */
static const char *store_results(struct out *o, const struct half *result, const char *prefix)
{
    struct unit *u = result->unit;
    const struct field *error = bind_error_of(result->message);
    const char *first = "0";
    unsigned index = 0;

    FOR_ARGUMENTS(f, result) {
        const char *word = rpc_to_word(u, f);
        if (index == 0) {
            first = word;
        } else if (error) {
            out(o, "    %sword[%u] = err_ok(%s) ? %s : 0;\n", prefix, index, error->name.text, word);
        } else {
            out(o, "    %sword[%u] = %s;\n", prefix, index, word);
        }
        index++;
    }
    return first;
}

void bind_direct_serve(struct out *o, struct unit *u, const struct message *m)
{
    const struct half in = { u, m, DIRECTION_IN }, result = { u, m, DIRECTION_OUT };
    const char *w = bind_own(u, m, "w"), *b = bind_own(u, m, "b"), *self = bind_own(u, m, "self");
    const char *prefix = arena_format(&u->arena, "%s->", w), *name = m->name.text, *i = u->interface->name.text;

    out(o, "static struct direct_answer direct__%s(struct binding *%s, struct direct_words *%s)\n{\n", name, b, w);
    out(o, "    struct %s_binding *%s = (struct %s_binding *)%s;\n", i, self, i, b);
    result_locals(o, &result);
    out_list(o, "\n    if (", " ||");
    out_item(o, arena_format(&u->arena, "%s->rx_vtbl.%s_call", self, name));
    out_item(o, arena_format(&u->arena, "!%s->ops", self));
    out_item(o, arena_format(&u->arena, "!%s->ops->%s", self, name));
    if (ranges(&in, prefix)) {
        out_item(o, arena_format(&u->arena, "!(%s)", ranges(&in, prefix)));
    }
    out_list_end(o, ") {\n        return (struct direct_answer){ 0, 0 };\n    }\n");
    call_handler(o, &in, &result, self, prefix);
    const char *first = store_results(o, &result, prefix);
    if (!bind_has_arguments(&in) && bind_words(&result).max <= 1) {
        out(o, "    (void)%s;\n", w);
    }
    out(o, "    return (struct direct_answer){ %s, %s };\n}\n\n", code(&result), first);
}

static void row(struct out *o, struct unit *u, const struct message *m)
{
    if (!bind_is_direct(u, m)) {
        out(o, "    { .call = DIRECT_NONE },\n");
        return;
    }
    out_list(o, "    { ", ",");
    out_item(o, arena_format(&u->arena, "direct__%s", m->name.text));
    out_item(o, code(&(struct half){ u, m, DIRECTION_IN }));
    out_list_end(o, " },\n");
}

void bind_direct_table(struct out *o, struct unit *u)
{
    out(o, "static const struct direct_row %s__direct[] = {\n    { .call = DIRECT_NONE },\n", u->interface->name.text);
    for (const struct message *m = u->interface->messages; m; m = m->next) {
        row(o, u, m);
    }
    out(o, "};\n\n");
}
