/* fuzz_idl.c  Any bytes as an interface: the compiler says what is wrong, or its output keeps what out.h and emit.h
 * promise.  Bytes before a form feed are an imported file. */
#include "../check.h"
#include "../emit.h"
#include "../fingerprint.h"
#include "../parse.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void must(bool holds)
{
    if (!holds) {
        abort();
    }
}

static FILE *nowhere(void)
{
    static FILE *file;

    if (!file) {
        file = fopen("/dev/null", "w");
        must(file != NULL);
    }
    return file;
}

static void read_all(struct unit *u, const uint8_t *data, size_t bytes)
{
    const char *text = (const char *)data, *feed = bytes ? memchr(data, '\f', bytes) : NULL;
    const size_t import = feed ? (size_t)(feed - text) : 0;

    if (feed) {
        parse(u, source_make(&u->arena, "import/types.if", arena_text(&u->arena, text, import), import, true));
        text = feed + 1;
        bytes -= import + 1;
    }
    parse(u, source_make(&u->arena, "fuzz.if", arena_text(&u->arena, text, bytes), bytes, false));
}

/* What check() promises to the back ends. */
static void check_tree(const struct unit *u)
{
    must(u->interface && u->interface->messages && u->interface->name.text);
    for (const struct type *t = u->types; t; t = t->next) {
        must(t->real && t->real->real == t->real && t->bytes > 0 && t->bytes <= TYPE_BYTES_MAX);
        must(t->real->kind != TYPE_RENAMED && t->real->kind != TYPE_ALIAS);
        must(t->kind != TYPE_ENUM || t->values_count > 0);
    }
    for (const struct message *m = u->interface->messages; m; m = m->next) {
        must(m->number >= 1 && m->number <= MESSAGES_MAX && (!m->next || m->next->number == m->number + 1));
        for (const struct field *f = m->fields; f; f = f->next) {
            must(f->type.type && f->type.type->real && (!f->max.given || f->max.value <= LENGTH_MAX));
        }
    }
}

/* Comments end where they should, and nothing but text comes out. */
static void check_text(const struct out *o)
{
    bool comment = false;

    must(o->bytes > 0 && o->text[o->bytes - 1] == '\n');
    for (size_t i = 0; i + 1 < o->bytes; i++) {
        const char *t = o->text + i;
        must(t[0] == '\n' || t[0] == '\t' || (unsigned char)t[0] >= ' ');
        if (t[0] == '/' && t[1] == '*') {
            must(!comment);
            comment = true;
            i++;
        } else if (t[0] == '*' && t[1] == '/') {
            must(comment);
            comment = false;
            i++;
        }
    }
    must(!comment);
}

static void emit(struct unit *u)
{
    struct out header = { .arena = &u->arena }, source = { .arena = &u->arena };
    const struct source *from = u->interface->name.at.source;

    emit_rpc_header(u, from, &header);
    emit_rpc_source(u, from, "fuzz.h", &source);
    check_text(&header);
    check_text(&source);
}

static void emit_bind(struct unit *u)
{
    struct out header = { .arena = &u->arena }, source = { .arena = &u->arena };
    const struct source *from = u->interface->name.at.source;

    emit_bind_header(u, from, &header);
    emit_bind_source(u, from, "fuzz.h", &source);
    check_text(&header);
    check_text(&source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct unit u;

    unit_init(&u, nowhere());
    read_all(&u, data, bytes);
    if (u.diag.errors == 0) {
        check(&u);
    }
    if (u.diag.errors == 0) {
        check_tree(&u);
        fingerprint(&u);
        emit_bind_check(&u);
    }
    if (u.diag.errors == 0) {
        emit_bind(&u);
        emit_check_names(&u);
    }
    if (u.diag.errors == 0) {
        emit_rpc_check(&u);
    }
    if (u.diag.errors == 0) {
        emit(&u);
    }
    arena_free(&u.arena);
    return 0;
}
