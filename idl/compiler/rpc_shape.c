#include "rpc_shape.h"

#include <string.h>

#define RPC_WORDS 8u                    /* of a message (os/rpc.h) */

/* --- what a message consists of --- */

bool rpc_is_out(const struct field *f)
{
    return f->direction == DIRECTION_OUT;
}

const struct type *rpc_real(const struct field *f)
{
    return f->type.type->real;
}

const struct field *rpc_error_of(const struct message *m)
{
    for (const struct field *f = m->fields; f; f = f->next) {
        if (rpc_is_out(f)) {
            return rpc_real(f)->kind == TYPE_ERROR ? f : NULL;
        }
    }
    return NULL;
}

bool rpc_is_word(const struct message *m, const struct field *f)
{
    return type_is_scalar(rpc_real(f)) && f != rpc_error_of(m);
}

unsigned rpc_words(const struct message *m, enum direction direction)
{
    unsigned count = 0;

    for (const struct field *f = m->fields; f; f = f->next) {
        count += f->direction == direction && rpc_is_word(m, f);
    }
    return count;
}

const struct field *rpc_cap_of(const struct message *m, enum direction direction)
{
    for (const struct field *f = m->fields; f; f = f->next) {
        if (f->direction == direction && type_is_cap(rpc_real(f))) {
            return f;
        }
    }
    return NULL;
}

static void check_message(struct unit *u, const struct message *m)
{
    const struct field *caps[2] = { rpc_cap_of(m, DIRECTION_IN), rpc_cap_of(m, DIRECTION_OUT) };
    unsigned count[2] = { 0, 0 };

    if (!m->rpc) {
        diag_at(&u->diag, m->name.at, DIAG_RPC_MESSAGE, m->name.text);
        return;
    }
    for (const struct field *f = m->fields; f; f = f->next) {
        const bool cap = type_is_cap(rpc_real(f)) && !f->length.text;
        if (!cap && (f->length.text || !type_is_scalar(rpc_real(f)))) {
            diag_at(&u->diag, f->name.at, DIAG_RPC_TYPE, m->name.text, f->name.text);
        } else if (cap && f != caps[f->direction]) {
            diag_at(&u->diag, f->name.at, DIAG_RPC_CAPS, m->name.text);
        } else if (rpc_is_word(m, f) && ++count[f->direction] == RPC_WORDS + 1) {
            diag_at(&u->diag, f->name.at, DIAG_RPC_WORDS, m->name.text, arena_format(&u->arena, "%u", RPC_WORDS));
            return;
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

const char *rpc_own(struct unit *u, const struct message *m, const char *name)
{
    for (const struct field *f = m->fields; f; f = f->next) {
        if (strcmp(f->name.text, name) == 0) {
            return rpc_own(u, m, arena_format(&u->arena, "%s_", name));
        }
    }
    return name;
}

const char *rpc_to_word(struct unit *u, const struct field *f)
{
    switch (rpc_real(f)->kind) {
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

const char *rpc_from_word(struct unit *u, const struct field *f, const char *prefix, unsigned index)
{
    switch (rpc_real(f)->kind) {
    case TYPE_BOOL:
        return arena_format(&u->arena, "%sword[%u] != 0", prefix, index);
    case TYPE_ERROR:
        return arena_format(&u->arena, "(err_t){ %sword[%u] }", prefix, index);
    case TYPE_UNSIGNED:
        if (rpc_real(f)->bits == 64) {
            return arena_format(&u->arena, "%sword[%u]", prefix, index);
        }
        /* fall through */
    default:
        return arena_format(&u->arena, "(%s)%sword[%u]", emit_type_name(u, f->type.type), prefix, index);
    }
}

const char *rpc_range(struct unit *u, const struct field *f, const char *prefix, unsigned index)
{
    const struct type *t = rpc_real(f);

    switch (t->kind) {
    case TYPE_BOOL:
        return arena_format(&u->arena, "%sword[%u] <= 1", prefix, index);
    case TYPE_CHAR:
    case TYPE_UNSIGNED:
        return t->bits == 64 ? NULL : arena_format(&u->arena, "%sword[%u] <= UINT%u_MAX", prefix, index, t->bits);
    case TYPE_SIGNED:
        return t->bits == 64 ? NULL
                             : arena_format(&u->arena, "rpc_fits_signed(%sword[%u], %u)", prefix, index, t->bits);
    case TYPE_ENUM: {
        const struct enumerator *last = t->values;
        while (last->next) {
            last = last->next;
        }
        return arena_format(&u->arena, "%sword[%u] <= %s", prefix, index, emit_value_name(u, t, last));
    }
    default:
        return NULL;
    }
}
