#include "source.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct source *source_make(struct arena *a, const char *path, const char *text, size_t bytes, bool import)
{
    struct source *s = ARENA_NEW(a, struct source);
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

    *s = (struct source){
        .path = path,
        .stem = arena_text(a, name, strcspn(name, ".")),
        .text = text,
        .bytes = bytes,
        .import = import,
    };
    return s;
}

struct source *source_read(struct arena *a, const char *path, bool import, const char **why)
{
    FILE *file = fopen(path, "rb");

    if (!file) {
        *why = strerror(errno);
        return NULL;
    }
    char *text = arena_get(a, SOURCE_BYTES_MAX + 1);
    const size_t bytes = fread(text, 1, SOURCE_BYTES_MAX + 1, file);
    const int failed = ferror(file) ? errno : 0;
    fclose(file);
    if (failed) {
        *why = strerror(failed);
        return NULL;
    }
    if (bytes > SOURCE_BYTES_MAX) {
        *why = "larger than 1 MiB: this is no interface file";
        return NULL;
    }
    return source_make(a, path, text, bytes, import);
}
