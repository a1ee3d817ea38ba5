#include "tree.h"

static const struct type builtin[] = {
#define BUILTIN(name_, kind_, bits_, c_)                                                                               \
    {                                                                                                                  \
        .kind = TYPE_##kind_,                                                                                          \
        .name = { .text = #name_ },                                                                                    \
        .bits = (bits_),                                                                                               \
        .c = (c_),                                                                                                     \
        .bytes = (bits_) ? (bits_) / 8 : 8,                                                                            \
    },
#include "builtin.def"
#undef BUILTIN
};

void unit_init(struct unit *u, FILE *diagnostics)
{
    struct type **end;

    *u = (struct unit){ .diag = { .to = diagnostics } };
    end = &u->builtins;
    for (size_t i = 0; i < sizeof(builtin) / sizeof(builtin[0]); i++) {
        struct type *t = ARENA_NEW(&u->arena, struct type);
        *t = builtin[i];
        t->real = t;
        *end = t;
        end = &t->next;
    }
    u->types_end = &u->types;
}

bool type_is_scalar(const struct type *t)
{
    switch (t->kind) {
    case TYPE_BOOL:
    case TYPE_CHAR:
    case TYPE_UNSIGNED:
    case TYPE_SIGNED:
    case TYPE_ERROR:
    case TYPE_ENUM:
        return true;
    default:
        return false;
    }
}

bool type_is_cap(const struct type *t)
{
    return t->kind == TYPE_CAP || t->kind == TYPE_GIVE_CAP;
}
