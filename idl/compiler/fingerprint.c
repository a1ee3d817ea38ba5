#include "fingerprint.h"

/* FNV-1a over the parts.  Texts end with a zero byte and numbers have eight bytes, so no two sequences of parts are the
 * same bytes; a list ends with END, which no part begins with. */
#define START 14695981039346656037ull
#define PRIME 1099511628211ull
enum part { PART_END = 0xff, PART_MESSAGE = 1, PART_RPC, PART_FIELD, PART_DYNAMIC };

static void add_byte(uint64_t *hash, unsigned byte)
{
    *hash = (*hash ^ (byte & 0xff)) * PRIME;
}

static void add_text(uint64_t *hash, const char *text)
{
    for (; *text; text++) {
        add_byte(hash, (unsigned char)*text);
    }
    add_byte(hash, 0);
}

static void add_number(uint64_t *hash, uint64_t number)
{
    for (unsigned shift = 0; shift < 64; shift += 8) {
        add_byte(hash, (unsigned)(number >> shift));
    }
}

static void add_fields(uint64_t *hash, const struct field *fields)
{
    for (const struct field *f = fields; f; f = f->next) {
        add_byte(hash, f->length.text ? PART_DYNAMIC : PART_FIELD);
        add_byte(hash, f->direction);
        add_text(hash, f->name.text);
        add_number(hash, f->type.type->fingerprint);
        add_number(hash, f->max.given ? f->max.value : 0);
        if (f->length.text) {
            add_text(hash, f->length.text);
        }
    }
    add_byte(hash, PART_END);
}

/* Types are used after their definition only, so those inside are done already: no type is visited twice. */
static uint64_t of_type(const struct type *t)
{
    uint64_t hash = START;

    if (t->real != t) {
        return t->real->fingerprint;
    }
    add_byte(&hash, t->kind);
    switch (t->kind) {
    case TYPE_STRUCT:
        add_fields(&hash, t->fields);
        break;
    case TYPE_ARRAY:
        add_number(&hash, t->of.type->fingerprint);
        add_number(&hash, t->count.value);
        break;
    case TYPE_ENUM:
        for (const struct enumerator *e = t->values; e; e = e->next) {
            add_text(&hash, e->name.text);
        }
        break;
    default:
        add_text(&hash, t->name.text);              /* builtin */
        break;
    }
    return hash;
}

void fingerprint(struct unit *u)
{
    struct interface *i = u->interface;
    uint64_t hash = START;

    for (struct type *t = u->builtins; t; t = t->next) {
        t->fingerprint = of_type(t);
    }
    for (struct type *t = u->types; t; t = t->next) {
        t->fingerprint = of_type(t);
    }
    add_text(&hash, i->name.text);
    for (const struct message *m = i->messages; m; m = m->next) {
        add_byte(&hash, m->rpc ? PART_RPC : PART_MESSAGE);
        add_text(&hash, m->name.text);
        add_fields(&hash, m->fields);
    }
    i->fingerprint = hash;
}
