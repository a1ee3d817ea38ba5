/**
 * @file arena.h  Memory of one run: everything the compiler makes lives until arena_free(), nothing is freed before.
 * Out of memory ends the program: there is nobody who could go on without.
 */
#ifndef IDL_ARENA_H
#define IDL_ARENA_H

#include <stddef.h>

struct arena {
    struct arena_block *blocks;
};

/** Zeroed, aligned for any object. */
void *arena_get(struct arena *a, size_t bytes);

/** A copy of @p bytes of @p text, terminated. */
char *arena_text(struct arena *a, const char *text, size_t bytes);

/** printf into the arena. */
char *arena_format(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

void arena_free(struct arena *a);

#define ARENA_NEW(arena, type) ((type *)arena_get((arena), sizeof(type)))

#endif
