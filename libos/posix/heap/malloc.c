/** @file malloc.c  malloc and its family on the heap of libos (os/heap.h), in the place of picolibc's. */
#include <errno.h>
#include <malloc.h>
#include <os/heap.h>
#include <stdlib.h>
#include <string.h>

static void *given(void *block)
{
    if (!block) {
        errno = ENOMEM;
    }
    return block;
}

void *malloc(size_t bytes)
{
    return given(os_malloc(bytes));
}

void free(void *block)
{
    os_free(block);
}

void *calloc(size_t count, size_t bytes)
{
    size_t all;
    void *const block = __builtin_mul_overflow(count, bytes, &all) ? NULL : os_malloc(all);

    return given(block) ? memset(block, 0, all) : NULL;
}

void *realloc(void *block, size_t bytes)
{
    return given(os_realloc(block, bytes));
}

void *memalign(size_t align, size_t bytes)
{
    return given(os_aligned_alloc(align, bytes));
}

void *aligned_alloc(size_t align, size_t bytes)
{
    return memalign(align, bytes);
}

int posix_memalign(void **block, size_t align, size_t bytes)
{
    if (align < sizeof(void *) || (align & (align - 1)) != 0) {
        return EINVAL;
    }
    void *const got = os_aligned_alloc(align, bytes);
    if (!got) {
        return ENOMEM;
    }
    *block = got;
    return 0;
}

size_t malloc_usable_size(void *block)
{
    return block ? os_usable_size(block) : 0;
}
