/**
 * @file heap.h  Blocks of memory for what sits above the heap: bindings, and the strings and arrays they hand out.
 */
#ifndef OS_HEAP_H
#define OS_HEAP_H

#include <stddef.h>

/** @return @p bytes of zeroes, aligned for any type; NULL: no room, or @p bytes is 0.  free with heap_free() */
void *heap_alloc(size_t bytes);

/** Give a block back; NULL is none. */
void heap_free(void *block);

#endif
