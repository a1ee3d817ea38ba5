/** @file source.h  Source texts, and places in them. */
#ifndef IDL_SOURCE_H
#define IDL_SOURCE_H

#include "arena.h"

#include <stdbool.h>

/** Interfaces are written by people: what is longer is no interface file. */
#define SOURCE_BYTES_MAX (1u << 20)

struct source {
    const char *path;       /**< as given on the command line                                                         */
    const char *stem;       /**< of the path's last part, up to its first dot                                         */
    const char *text;
    size_t bytes;
    bool import;
};

/** A piece of a source.  Line and column are counted only when somebody must be told. */
struct span {
    const struct source *source;
    size_t offset, bytes;
};

/** @p text is borrowed. */
struct source *source_make(struct arena *a, const char *path, const char *text, size_t bytes, bool import);

/** Read a file.  @return NULL, and then @p why says what went wrong */
struct source *source_read(struct arena *a, const char *path, bool import, const char **why);

#endif
