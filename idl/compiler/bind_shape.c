#include "bind_shape.h"

#include <string.h>

#define BYTES_MAX 8192u                 /* of a half's arguments by value: they stand on stacks */

/* --- halves --- */

const struct type *bind_real(const struct field *f)
{
    return f->type.type->real;
}

const struct field *bind_next(const struct half *h, const struct field *f)
{
    while (f && f->direction != h->direction) {
        f = f->next;
    }
    return f;
}

bool bind_has_arguments(const struct half *h)
{
    return bind_next(h, h->message->fields) != NULL;
}

const char *bind_name(const struct half *h)
{
    const char *suffix = !h->message->rpc ? "" : h->direction == DIRECTION_IN ? "_call" : "_response";

    return arena_format(&h->unit->arena, "%s%s", h->message->name.text, suffix);
}

void bind_each_half(struct unit *u, struct out *o, void (*each)(struct out *o, const struct half *h))
{
    for (const struct message *m = u->interface->messages; m; m = m->next) {
        each(o, &(struct half){ u, m, DIRECTION_IN });
        if (m->rpc) {
            each(o, &(struct half){ u, m, DIRECTION_OUT });
        }
    }
}

const struct field *bind_error_of(const struct message *m)
{
    for (const struct field *f = m->fields; f; f = f->next) {
        if (f->direction == DIRECTION_OUT) {
            return bind_real(f)->kind == TYPE_ERROR && !f->length.text ? f : NULL;
        }
    }
    return NULL;
}

/* --- sizes --- */

static uint64_t add_bounded(uint64_t a, uint64_t b)
{
    return a == WORDS_UNBOUNDED || b == WORDS_UNBOUNDED ? WORDS_UNBOUNDED
         : a + b < WORDS_UNBOUNDED                      ? a + b
                                                        : WORDS_UNBOUNDED - 1;
}

/* Both below 2^32, so the product fits. */
static uint64_t times_bounded(uint64_t a, uint64_t count)
{
    return a == WORDS_UNBOUNDED ? a : a * count < WORDS_UNBOUNDED ? a * count : WORDS_UNBOUNDED - 1;
}

static uint64_t words_of_bytes(uint64_t bytes)
{
    return (bytes + 7) / 8;
}

/* @p count elements of @p t, side by side. */
static struct words elements(const struct type *t, uint64_t count)
{
    const struct words one = bind_type_words(t);

    if (type_is_scalar(t)) {
        return (struct words){ words_of_bytes(count * t->bytes), words_of_bytes(count * t->bytes) };
    }
    return (struct words){ one.min * count, times_bounded(one.max, count) };
}

static struct words field_words(const struct field *f)
{
    const struct type *t = bind_real(f);

    if (f->length.text) {
        return (struct words){ 1, f->max.given ? add_bounded(1, elements(t, f->max.value).max) : WORDS_UNBOUNDED };
    }
    if (t->kind == TYPE_STRING && f->max.given) {
        return (struct words){ 1, 1 + words_of_bytes(f->max.value) };
    }
    return bind_type_words(t);
}

struct words bind_type_words(const struct type *t)
{
    struct words sum = { 0, 0 };

    switch (t->kind) {
    case TYPE_STRING:
        return (struct words){ 1, WORDS_UNBOUNDED };
    case TYPE_STRUCT:
        for (const struct field *f = t->fields; f; f = f->next) {
            const struct words one = field_words(f);
            sum.min += one.min;
            sum.max = add_bounded(sum.max, one.max);
        }
        return sum;
    case TYPE_ARRAY:
        return elements(t->of.type->real, t->count.value);
    default:
        return (struct words){ 1, 1 };
    }
}

bool bind_is_flat(const struct half *h)
{
    unsigned caps = 0;

    FOR_ARGUMENTS(f, h) {
        const bool cap = type_is_cap(bind_real(f));
        if (f->length.text || (!cap && !type_is_scalar(bind_real(f)))) {
            return false;
        }
        caps += cap;
    }
    return caps <= 1;
}

struct words bind_words(const struct half *h)
{
    const bool flat = bind_is_flat(h);
    struct words sum = { !flat, !flat };                    /* word 0 says how long the others are */

    FOR_ARGUMENTS(f, h) {
        const struct words one = field_words(f);
        if (flat && type_is_cap(bind_real(f))) {
            continue;                                       /* whether it is there needs no word */
        }
        sum.min += one.min;
        sum.max = add_bounded(sum.max, one.max);
    }
    return sum;
}

uint64_t bind_caps(const struct half *h)
{
    uint64_t sum = 0;

    FOR_ARGUMENTS(f, h) {
        if (type_is_cap(bind_real(f))) {
            sum = add_bounded(sum, !f->length.text ? 1 : f->max.given ? f->max.value : WORDS_UNBOUNDED);
        }
    }
    return sum;
}

static void check_half(struct out *o, const struct half *h)
{
    struct unit *u = h->unit;
    uint64_t bytes = 0;

    (void)o;
    FOR_ARGUMENTS(f, h) {
        bytes += f->length.text ? 16 : bind_real(f)->bytes;
        if (bytes > BYTES_MAX) {
            diag_at(&u->diag, f->name.at, DIAG_BIND_BYTES, h->message->name.text,
                    arena_format(&u->arena, "%u", BYTES_MAX));
            return;
        }
    }
}

void emit_bind_check(struct unit *u)
{
    emit_check_bind_names(u);
    bind_each_half(u, NULL, check_half);
}

/* --- pieces of C --- */

const char *bind_type(struct unit *u, const struct type *t)
{
    t = t->real;
    return t->c ? arena_format(&u->arena, "wire_%s", t->name.text)
                : arena_format(&u->arena, "%s__%s", emit_prefix(u, t->name.at.source), t->name.text);
}

const char *bind_own(struct unit *u, const struct message *m, const char *name)
{
    for (const struct field *f = m->fields; f; f = f->next) {
        if (strcmp(f->name.text, name) == 0 || (f->length.text && strcmp(f->length.text, name) == 0)) {
            return bind_own(u, m, arena_format(&u->arena, "%s_", name));
        }
    }
    return name;
}

static void parameter(struct out *o, struct unit *u, const struct field *f, enum parameter_form form)
{
    const struct type *t = f->type.type, *real = bind_real(f);
    const bool array = real->kind == TYPE_ARRAY && !f->length.text;     /* C passes where it is, whatever we say */
    const bool reference = f->length.text || real->kind == TYPE_STRING;
    const char *stars = form == FORM_RESULT && !array ? (f->length.text ? "**" : "*") : f->length.text ? "*" : "";
    const char *name = arena_format(&u->arena, "%s%s", stars, f->name.text);

    if (form != FORM_SEND || !reference) {
        out_item(o, emit_declaration(u, t, name));
    } else if (f->length.text) {
        const char *type = emit_type_name(u, t);
        const bool pointer = type[strlen(type) - 1] == '*';
        out_item(o, pointer ? arena_format(&u->arena, "%sconst *%s", type, f->name.text)
                            : arena_format(&u->arena, "const %s *%s", type, f->name.text));
    } else {
        out_item(o, arena_format(&u->arena, "const char *%s", f->name.text));
    }
    if (f->length.text) {
        out_item(o, arena_format(&u->arena, "size_t %s%s", form == FORM_RESULT ? "*" : "", f->length.text));
    }
}

void bind_parameters(struct out *o, const struct half *h, enum parameter_form form)
{
    FOR_ARGUMENTS(f, h) {
        if (form != FORM_RESULT || f != bind_error_of(h->message)) {
            parameter(o, h->unit, f, form);
        }
    }
}

static void head(struct out *o, struct unit *u, const struct message *m, const char *name)
{
    out_list(o, arena_format(&u->arena, "err_t %s_%s(", u->interface->name.text, name), ",");
    out_item(o, arena_format(&u->arena, "struct %s_binding *%s", u->interface->name.text, bind_own(u, m, "b")));
}

void bind_head_send(struct out *o, const struct half *h)
{
    struct unit *u = h->unit;

    head(o, u, h->message, arena_format(&u->arena, "%s__tx", bind_name(h)));
    out_item(o, arena_format(&u->arena, "struct event_closure %s", bind_own(u, h->message, "continuation")));
    bind_parameters(o, h, FORM_SEND);
}

void bind_head_call(struct out *o, struct unit *u, const struct message *m)
{
    head(o, u, m, arena_format(&u->arena, "rpc_%s", m->name.text));
    bind_parameters(o, &(struct half){ u, m, DIRECTION_IN }, FORM_SEND);
    bind_parameters(o, &(struct half){ u, m, DIRECTION_OUT }, FORM_RESULT);
}

void bind_head_start(struct out *o, struct unit *u, const struct message *m)
{
    head(o, u, m, arena_format(&u->arena, "rpc_%s_start", m->name.text));
    out_item(o, arena_format(&u->arena, "struct rpc_future *%s", bind_own(u, m, "future")));
    bind_parameters(o, &(struct half){ u, m, DIRECTION_IN }, FORM_SEND);
}

void bind_head_finish(struct out *o, struct unit *u, const struct message *m)
{
    out_list(o, arena_format(&u->arena, "err_t %s_rpc_%s_finish(", u->interface->name.text, m->name.text), ",");
    out_item(o, arena_format(&u->arena, "struct rpc_future *%s", bind_own(u, m, "future")));
    out_item(o, arena_format(&u->arena, "uint64_t %s", bind_own(u, m, "deadline")));
    bind_parameters(o, &(struct half){ u, m, DIRECTION_OUT }, FORM_RESULT);
}
