/**
 * @file main.c  idlc, the interface compiler, a program of the build machine.  docs/idl.md: the language, the output.
 * Exit status: 0; 1 the interface has errors; 2 wrong usage, or a file cannot be read or written.
 */
#include "check.h"
#include "emit.h"
#include "fingerprint.h"
#include "parse.h"

#include <inttypes.h>
#include <string.h>

static const char usage[] =
    "usage: idlc [-i IMPORT]... INTERFACE [OPTION FILE]...\n"
    "  -i FILE, --import=FILE  read types from FILE first\n"
    "  --rpc-h FILE            header of stubs that need neither heap nor waitset: scalars and one capability\n"
    "  --rpc-c FILE            source of these stubs; it includes <stubs/HEADER>\n"
    "  --h FILE                header of bindings: any messages, over any transport\n"
    "  --c FILE                source of these bindings; it includes <stubs/HEADER>\n"
    "  --fingerprint           print the interface's fingerprint\n"
    "Without options for output the interface is only checked.\n";

struct options {
    const char **imports;           /* as many as there are arguments at most */
    size_t import_count;
    const char *interface, *rpc_h, *rpc_c, *h, *c;
    bool fingerprint;
};

static bool read_option(struct options *o, const char *name, const char *value)
{
    if (strcmp(name, "-i") == 0 || strcmp(name, "--import") == 0) {
        o->imports[o->import_count++] = value;
    } else if (strcmp(name, "--rpc-h") == 0 && !o->rpc_h) {
        o->rpc_h = value;
    } else if (strcmp(name, "--rpc-c") == 0 && !o->rpc_c) {
        o->rpc_c = value;
    } else if (strcmp(name, "--h") == 0 && !o->h) {
        o->h = value;
    } else if (strcmp(name, "--c") == 0 && !o->c) {
        o->c = value;
    } else {
        return false;
    }
    return true;
}

static bool read_options(struct arena *a, struct options *o, int argc, char **argv)
{
    o->imports = arena_get(a, (size_t)argc * sizeof(*o->imports));
    for (int i = 1; i < argc; i++) {
        const char *equals = strncmp(argv[i], "--", 2) == 0 ? strchr(argv[i], '=') : NULL;
        if (argv[i][0] != '-') {
            if (o->interface) {
                return false;
            }
            o->interface = argv[i];
        } else if (strcmp(argv[i], "--fingerprint") == 0) {
            o->fingerprint = true;
        } else if (equals) {
            if (!read_option(o, arena_text(a, argv[i], (size_t)(equals - argv[i])), equals + 1)) {
                return false;
            }
        } else if (i + 1 == argc || !read_option(o, argv[i], argv[i + 1])) {
            return false;
        } else {
            i++;
        }
    }
    return o->interface && (!o->rpc_c || o->rpc_h) && (!o->c || o->h);
}

static const struct source *load(struct unit *u, const char *path, bool import)
{
    const char *why;
    const struct source *s = source_read(&u->arena, path, import, &why);

    if (!s) {
        fprintf(u->diag.to, "idlc: %s: %s\n", path, why);
        return NULL;
    }
    parse(u, s);
    return s;
}

/* Each phase may rely on what the one before it has found right. */
static bool compile(struct unit *u, const struct options *o)
{
    if (u->diag.errors == 0) {
        check(u);
    }
    if (u->diag.errors == 0) {
        fingerprint(u);
        if (!o->h || o->rpc_h) {
            emit_check_names(u);
        }
    }
    if (u->diag.errors == 0 && o->rpc_h) {
        emit_rpc_check(u);
    }
    if (u->diag.errors == 0 && o->h) {
        emit_bind_check(u);
    }
    return u->diag.errors == 0;
}

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

struct files {
    struct out text[4];
    struct out *out[4];
    const char *path[4];
    size_t count;
};

static struct out *add_file(struct unit *u, struct files *f, const char *path)
{
    const size_t i = f->count++;

    f->text[i] = (struct out){ .arena = &u->arena };
    f->out[i] = &f->text[i];
    f->path[i] = path;
    return f->out[i];
}

static const char *write_stubs(struct unit *u, const struct options *o, const struct source *from)
{
    struct files f = { .count = 0 };

    if (o->rpc_h) {
        emit_rpc_header(u, from, add_file(u, &f, o->rpc_h));
    }
    if (o->rpc_c) {
        emit_rpc_source(u, from, base_of(o->rpc_h), add_file(u, &f, o->rpc_c));
    }
    if (o->h) {
        emit_bind_header(u, from, add_file(u, &f, o->h));
    }
    if (o->c) {
        emit_bind_source(u, from, base_of(o->h), add_file(u, &f, o->c));
    }
    return out_write(f.out, f.path, f.count);
}

static int run(struct unit *u, int argc, char **argv)
{
    struct options o = { 0 };

    if (!read_options(&u->arena, &o, argc, argv)) {
        fputs(usage, u->diag.to);
        return 2;
    }
    for (size_t i = 0; i < o.import_count; i++) {
        if (!load(u, o.imports[i], true)) {
            return 2;
        }
    }
    const struct source *from = load(u, o.interface, false);
    if (!from) {
        return 2;
    }
    if (!compile(u, &o)) {
        return 1;
    }
    const char *why = write_stubs(u, &o, from);
    if (why) {
        fprintf(u->diag.to, "idlc: the stubs of %s cannot be written: %s\n", o.interface, why);
        return 2;
    }
    if (o.fingerprint) {
        printf("0x%016" PRIx64 "\n", u->interface->fingerprint);
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct unit u;

    setvbuf(stderr, NULL, _IOLBF, BUFSIZ);              /* messages are put together from pieces */
    unit_init(&u, stderr);
    const int status = run(&u, argc, argv);
    arena_free(&u.arena);
    return status;
}
