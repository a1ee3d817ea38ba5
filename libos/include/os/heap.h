/**
 * @file heap.h  malloc and what belongs to it, for all threads of a program.
 *
 * Small blocks (up to 112 KiB) come from spans of one size each, larger ones have a lazy region of their own, which goes
 * back to the memory server when they are freed.  All of it is committed before it is handed out (os_commit()): a block
 * that was given can be written.  The first call starts paging (os/fault.h); a lock that nobody else holds costs no
 * system call.  Blocks are aligned to 16 bytes.  Not to be called disabled or under a low lock.
 *
 * A block that is freed twice, or was never given out, ends the process with a sentence where that is seen.
 */
#ifndef OS_HEAP_H
#define OS_HEAP_H

#include <stddef.h>

/** @return @p bytes, content undefined; 0 bytes is one that can be freed; NULL: no memory.
 *  Cost: O(1), and a page fault for each page that was never used */
void *os_malloc(size_t bytes);

/** NULL is none. */
void os_free(void *block);

/** As much of the content as fits.  NULL is none yet.  @return NULL: no memory, and @p block is as before */
void *os_realloc(void *block, size_t bytes);

/** @p align: a power of two.  @return NULL: it is none, or no memory */
void *os_aligned_alloc(size_t align, size_t bytes);

/** How much of @p block can be used: at least what was asked for. */
size_t os_usable_size(const void *block);

/** Give back what is kept for the next blocks: spans without any in use. */
void os_heap_trim(void);

struct heap_status {
    size_t used;                /**< bytes of blocks that are in use, rounded up to their sizes                       */
    size_t committed;           /**< bytes promised for them and for what is kept                                     */
};
struct heap_status os_heap_status(void);

/** os_malloc(), and all of it is zero. */
void *os_zalloc(size_t bytes);

/* --- for what must run without threads and pager, too: bindings, and the strings and arrays they hand out.  A heap of its
 * own, mapped before it is used (libos/heap/simple.c); its blocks and those above are not each other's. --- */

/** @return @p bytes of zeroes, aligned for any type; NULL: no room, or @p bytes is 0.  free with heap_free() */
void *heap_alloc(size_t bytes);

/** The same, content undefined: for whoever writes all of it at once. */
void *heap_take(size_t bytes);

/** Give a block back; NULL is none. */
void heap_free(void *block);

#endif
