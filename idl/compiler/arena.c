#include "arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES 65536u

struct arena_block {
    struct arena_block *next;
    size_t used, bytes;
    alignas(max_align_t) char data[];
};

static struct arena_block *block_new(struct arena *a, size_t bytes)
{
    struct arena_block *block = calloc(1, sizeof(*block) + bytes);

    if (!block) {
        fputs("idlc: out of memory\n", stderr);
        exit(2);
    }
    block->bytes = bytes;
    block->next = a->blocks;
    a->blocks = block;
    return block;
}

void *arena_get(struct arena *a, size_t bytes)
{
    const size_t align = alignof(max_align_t);
    struct arena_block *block = a->blocks;

    bytes = (bytes + align - 1) / align * align;
    if (!block || bytes > block->bytes - block->used) {
        block = block_new(a, bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES);
    }
    void *got = block->data + block->used;
    block->used += bytes;
    return got;
}

char *arena_text(struct arena *a, const char *text, size_t bytes)
{
    char *copy = arena_get(a, bytes + 1);

    if (bytes) {
        memcpy(copy, text, bytes);
    }
    return copy;
}

char *arena_format(struct arena *a, const char *format, ...)
{
    va_list args, again;

    va_start(args, format);
    va_copy(again, args);
    const int length = vsnprintf(NULL, 0, format, args);
    char *text = arena_get(a, (size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    va_end(args);
    return text;
}

void arena_free(struct arena *a)
{
    while (a->blocks) {
        struct arena_block *next = a->blocks->next;
        free(a->blocks);
        a->blocks = next;
    }
}
